"""What is gone leaves nothing behind that could be taken for what comes after it."""
import os
import subprocess
import sys
import threading

import pytest

import pyccolo_native as pyc

from .streams import ROOT
from .tracers import make, program

needs_monitoring = pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring")


def test_a_hook_that_cannot_be_is_told_where_it_is_asked_for(hook):
    """Also inside a handler, where settling is put off: the handler gets the error, and the tracers go on."""
    told, heard = [], []

    class Wrong(pyc.BaseTracer):
        sys_events = "nonsense"

        @pyc.line
        def line(self, ret):
            pass

    wrong = Wrong()

    def handle(self, ret, frame):
        heard.append(frame.f_code.co_name)
        try:
            wrong.tracing_enabled().__enter__()
        except ValueError as error:
            told.append(str(error))

    names = program("def f():\n    return 1\n")
    with make(hook, ("call", handle)).tracing_enabled():
        assert names["f"]() == 1
        assert names["f"]() == 1
    assert heard == ["f", "f"]
    assert len(told) == 2 and all("nonsense" in text for text in told)
    assert wrong not in pyc._native.TRACER_STACK


def test_frames_whose_ends_went_by_unseen_are_over(hook):
    """A thread ends a frame while nobody listens. What then runs in its place is not taken for it."""
    seen = []

    def handle(self, ret, frame):
        seen.append(frame.f_code.co_name)

    tracer = make(hook, ("exception", handle), ("line", handle), multiple_threads_allowed=True)
    names = program("def followed(wait):\n    wait()\n")
    other = {}
    exec(compile("def rejected(wait):\n    try:\n        raise KeyError\n    except KeyError:\n        wait()\n", "<other>", "exec"), other)
    steps = [threading.Event() for _ in range(4)]

    def step(reached, go_on):
        steps[reached].set()
        assert steps[go_on].wait(30)

    def work():
        for function, numbers in ((names["followed"], (0, 1)), (other["rejected"], (2, 3))):
            function(lambda: step(*numbers))

    thread = threading.Thread(target=work)
    with tracer.tracing_enabled():
        thread.start()
        assert steps[0].wait(30)
    seen.clear()
    with make(hook, ("call", lambda self, ret: None)).tracing_enabled():
        pass
    steps[1].set()
    with tracer.tracing_enabled():
        assert steps[2].wait(30)
        steps[3].set()
        thread.join(30)
    assert "rejected" not in seen


@needs_monitoring
def test_a_tool_that_takes_the_id_next_misses_nothing():
    events = sys.monitoring.events
    names = program("def loop(values):\n    for _ in values: _\n\ndef values():\n    yield 1\n    yield 2\n")

    def heard():
        told = []
        sys.monitoring.use_tool_id(3, "next")
        try:
            for event in (events.JUMP, events.STOP_ITERATION):
                sys.monitoring.register_callback(3, event, lambda code, *_: told.append(code.co_name))
            sys.monitoring.set_events(3, events.JUMP | events.STOP_ITERATION)
            names["loop"](names["values"]())
        finally:
            sys.monitoring.set_events(3, 0)
            for event in (events.JUMP, events.STOP_ITERATION):
                sys.monitoring.register_callback(3, event, None)
            sys.monitoring.free_tool_id(3)
        return told

    before = heard()
    assert "loop" in before
    handlers = ("exception", lambda self, ret: None), ("line", lambda self, ret: None)
    with make("monitoring", *handlers, instrument_all_files=True).tracing_enabled():
        names["loop"](names["values"]())
    assert heard() == before


def test_a_tracer_switched_off_by_another_thread_leaves_this_one(hook):
    names = program("def f():\n    return 1\n")
    tracer = make(hook, ("call", lambda self, ret: None))
    before = sys.gettrace(), sys.settrace
    context = tracer.tracing_enabled()
    context.__enter__()
    with make(hook, ("call", lambda self, ret: None)).tracing_enabled():
        thread = threading.Thread(target=context.close)
        thread.start()
        thread.join()
        names["f"]()
    names["f"]()
    assert (sys.gettrace(), sys.settrace) == before


COUNTING = """
import sys, threading
import pyccolo_native as pyc

class Counts(pyc.BaseTracer):
    multiple_threads_allowed = instrument_all_files = True
    calls = pyc.count(pyc.call, pyc.return_, by="code")

def spin(n):
    return n and spin(n - 1)

def work():
    while True:
        spin(20)

started = threading.Event()
def begin():
    started.set()
    work()

Counts.instance().enable_tracing()
for _ in range(3):
    threading.Thread(target=begin, daemon=True).start()
started.wait()
for _ in range(2000):
    spin(5)
print(Counts.instance().calls[spin.__code__] > 0)
"""


def test_threads_may_end_in_frames_that_are_counted():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", COUNTING], capture_output=True, text=True, env=environment, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


def test_errors_thrown_into_generators_that_are_counted():
    names = program("def values():\n    try:\n        yield 1\n    except KeyError as error:\n        yield error.args\n")
    tracer = make("settrace", calls=pyc.count(pyc.call, pyc.return_))
    with tracer.tracing_enabled():
        for _ in range(2):
            tracer.calls.clear()
            values = names["values"]()
            assert (next(values), values.throw(KeyError("k"))) == (1, ("k",))
            values.close()
            assert tracer.calls[pyc.call] == tracer.calls[pyc.return_] >= 2
