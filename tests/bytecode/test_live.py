"""Code that runs: specialized, traced, in other threads; and what is left of Code objects when they go."""
import gc
import sys
import threading
import weakref

import pytest

from pyccolo_native.bytecode import Code, Instr, Label, TryBegin


def busy(n):
    total = 0
    for i in range(n):
        total += i * 2 if i % 3 else len(str(i))
    return total


def fresh():
    return Code.from_code(compile(FRESH, "<busy>", "exec")).children()[0]


FRESH = "def busy(n):\n    total = 0\n    for i in range(n):\n        total += i * 2 if i % 3 else len(str(i))\n    return total\n"


def run_of_busy():
    namespace = {}
    exec(compile(FRESH, "<busy>", "exec"), namespace)
    return namespace["busy"]


def test_specialized_code_is_read_as_it_was_compiled():
    function = run_of_busy()
    for _ in range(50):
        function(50)
    assert Code.from_function(function) == fresh()
    assert Code.from_function(function).to_code(reuse=False) == fresh().to_code(reuse=False)


def test_traced_code_is_read_as_it_was_compiled():
    function = run_of_busy()
    found = []

    def trace(frame, event, arg):
        frame.f_trace_opcodes = True
        if event == "line" and not found:
            found.append(Code.from_code(frame.f_code) == fresh())
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(5)
    finally:
        sys.settrace(before)
    assert found == [True]


@pytest.mark.skipif(not hasattr(sys, "monitoring"), reason="sys.monitoring is new in 3.12")
def test_monitored_code_is_read_as_it_was_compiled():
    function = run_of_busy()
    monitoring = sys.monitoring
    tool = next(i for i in range(6) if monitoring.get_tool(i) is None)
    monitoring.use_tool_id(tool, "test")
    events = monitoring.events
    try:
        for event in (events.LINE, events.INSTRUCTION, events.PY_START, events.JUMP):
            monitoring.register_callback(tool, event, lambda *_: None)
        monitoring.set_local_events(tool, function.__code__, events.LINE | events.INSTRUCTION | events.PY_START | events.JUMP)
        function(5)
        assert Code.from_function(function) == fresh()
    finally:
        monitoring.set_local_events(tool, function.__code__, 0)
        monitoring.free_tool_id(tool)


def test_a_running_function_gets_other_code():
    def generator():
        yield 1
        yield 2

    code = Code.from_function(generator)
    running = generator()
    next(running)
    for item in code:
        if isinstance(item, Instr) and item.arg == 2:
            item.name, item.arg = "LOAD_CONST", 3
    generator.__code__ = code.to_code()
    assert list(running) == [2] and list(generator()) == [1, 3]


def test_several_threads_read_the_same_code():
    code = Code.from_function(busy)
    read = []
    barrier = threading.Barrier(4)

    def look():
        barrier.wait()
        read.append([code[i] for i in range(len(code))])

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(all(a is b for a, b in zip(read[0], other)) for other in read[1:])


def test_nothing_is_left_behind():
    def there_and_back():
        code = Code.from_function(busy)
        code.insert(2, Instr("NOP"))
        code.append(Label())
        handler = Label()
        code += [TryBegin(handler), Instr("LOAD_CONST", [code]), Instr("RETURN_VALUE")]
        with pytest.raises(ValueError):
            code.to_code()
        for each in Code.from_code(compile(FRESH, "<busy>", "exec")).walk():
            each.to_code(reuse=False)
            each.stack_depths()
            each.copy().metadata()
        return code

    for _ in range(3):
        there_and_back()
    gc.collect()
    before = sys.getallocatedblocks()
    rounds = 1000
    for _ in range(rounds):
        there_and_back()
    gc.collect()
    assert sys.getallocatedblocks() - before < rounds


def test_cycles_through_operands_are_collected():
    class Owner:
        pass

    owner = Owner()
    owner.code = Code([Instr("LOAD_CONST", owner)])
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None
