"""Which hook serves a tracer, which files and events it is asked for, and what is left behind: nothing."""

import gc
import os
import subprocess
import sys
import weakref

import pytest

import pyccolo_native as pyc

from .streams import HOOKS, ROOT
from .tracers import FILE, lines_of, make, observer, program

needs_monitoring = pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring")
PROGRAM = "def f(x):\n    y = x + 1\n    return y\n"


@pytest.fixture
def take_ids():
    """Takes ids of sys.monitoring for other tools."""
    taken = []

    def take(*ids):
        for number in ids:
            sys.monitoring.use_tool_id(number, f"tool {number}")
            taken.append(number)

    yield take
    for number in taken:
        sys.monitoring.set_events(number, 0)
        sys.monitoring.free_tool_id(number)


def tools():
    return [sys.monitoring.get_tool(number) for number in range(6)]


# ---- the choice


def test_the_hook_and_why(hook):
    tracer = make(hook, ("call", lambda self: None))
    assert tracer.sys_hook is None
    with tracer.tracing_enabled():
        assert tracer.sys_hook == (hook, f'sys_events is "{hook}"')
        assert (tracer.sys_hook.name, tracer.sys_hook.reason) == tracer._sys_hook


def test_settrace_is_the_default(names):
    class Tracer(pyc.BaseTracer):
        @pyc.call
        def begins(self):
            pass

    with Tracer:
        assert Tracer.instance().sys_hook.name == "settrace"


def test_a_tracer_of_woven_events_has_none():
    class Tracer(pyc.BaseTracer):
        @pyc.load_name
        def note(self):
            pass

    with Tracer:
        assert Tracer.instance().sys_hook is None
        assert sys.gettrace() is None


def test_auto_takes_monitoring_where_it_is():
    tracer = make("auto", ("call", lambda self: None))
    with tracer.tracing_enabled():
        if sys.version_info < (3, 12):
            assert tracer.sys_hook.name == "settrace" and "no sys.monitoring" in tracer.sys_hook.reason
        else:
            assert tracer.sys_hook.name == "monitoring" and "free tool id" in tracer.sys_hook.reason


@pytest.mark.parametrize("bad", ["trace", "", None, 3, "Settrace"])
def test_a_choice_that_is_none(bad):
    tracer = make(bad, ("call", lambda self: None))
    with pytest.raises(ValueError, match="Tracer.sys_events is " + (repr(bad) or "")):
        tracer.enable_tracing()
    assert list(pyc._native.TRACER_STACK) == [] and not tracer.is_tracing_enabled
    assert sys.gettrace() is None
    with make("settrace", ("call", lambda self: None)).tracing_enabled():
        pass


def test_a_choice_that_nobody_asks_for_matters_not():
    with make("trace", ("load_name", lambda self: None)).tracing_enabled() as _:
        pass


def test_the_choice_is_made_whenever_it_is_enabled():
    tracer = make("settrace", ("call", lambda self: None))
    with tracer.tracing_enabled():
        assert tracer.sys_hook.name == "settrace"
    tracer.sys_events = "auto"
    with tracer.tracing_enabled():
        assert tracer.sys_hook.name == ("monitoring" if sys.version_info >= (3, 12) else "settrace")


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="has sys.monitoring")
def test_monitoring_where_there_is_none():
    tracer = make("monitoring", ("call", lambda self: None))
    with pytest.raises(RuntimeError, match="Tracer.sys_events is .monitoring., but this Python has no sys.monitoring"):
        tracer.enable_tracing()
    assert list(pyc._native.TRACER_STACK) == []


@needs_monitoring
def test_all_tool_ids_are_taken(take_ids, names):
    take_ids(*(number for number, tool in enumerate(tools()) if tool is None))
    tracer = make("monitoring", ("call", lambda self: None))
    with pytest.raises(RuntimeError, match="all tool ids of sys.monitoring are taken, by .*tool 0.*tool 3.*tool 5"):
        tracer.enable_tracing()
    assert list(pyc._native.TRACER_STACK) == [] and not tracer.is_tracing_enabled
    seen = []
    tracer = lines_of(seen, "auto")
    with tracer.tracing_enabled():
        names["f"](1)
        assert tracer.sys_hook.name == "settrace" and "tool 4" in tracer.sys_hook.reason
    assert seen == [2, 3]


# ---- what is taken is given back


@needs_monitoring
def test_the_tool_id_is_given_back(names):
    before = tools()
    tracer = observer([], "monitoring", "call", "line", "return_", "exception", "opcode", "c_call")
    for _ in range(2):
        with tracer.tracing_enabled():
            names["f"](1)
            number = tools().index("pyccolo_native")
            assert number in (3, 4)
            assert sys.monitoring.get_local_events(number, names["f"].__code__) != 0
        assert tools() == before
        sys.monitoring.use_tool_id(number, "look")
        try:
            assert sys.monitoring.get_local_events(number, names["f"].__code__) == 0
            assert sys.monitoring.get_events(number) == 0
        finally:
            sys.monitoring.free_tool_id(number)


@needs_monitoring
def test_ids_of_others_are_left_alone(take_ids, names):
    take_ids(3)
    with observer([], "monitoring", "call").tracing_enabled():
        assert tools()[3:5] == ["tool 3", "pyccolo_native"]
    assert tools()[3:5] == ["tool 3", None]


@needs_monitoring
def test_one_id_serves_all_tracers(names):
    seen = []
    tracers = [observer(seen, "monitoring", event) for event in ("call", "return_")]
    with tracers[0].tracing_enabled():
        with tracers[1].tracing_enabled():
            assert tools().count("pyccolo_native") == 1
            names["f"](1)
        assert tools().count("pyccolo_native") == 1
        names["f"](1)
    assert seen == [("call", "f"), ("return", "f"), ("call", "f")]


@needs_monitoring
def test_events_of_other_tools_go_on(take_ids, names):
    take_ids(2)
    events, told, seen = sys.monitoring.events, [], []
    sys.monitoring.register_callback(2, events.LINE, lambda code, line: told.append(line))
    sys.monitoring.set_local_events(2, names["f"].__code__, events.LINE)
    names["f"](1)
    with lines_of(seen, "monitoring").tracing_enabled():
        names["f"](1)
        assert sys.monitoring.get_local_events(2, names["f"].__code__) == events.LINE
    names["f"](1)
    assert told == [2, 3] * 3 and seen == [2, 3]
    sys.monitoring.set_local_events(2, names["f"].__code__, 0)


def test_trace_functions_are_given_back(names):
    def foreign(frame, event, value):
        return None

    sys.settrace(foreign)
    sys.setprofile(foreign)
    try:
        with observer([], "settrace", "call", "c_call").tracing_enabled():
            names["f"](1)
            assert sys.gettrace() is foreign and sys.getprofile() is foreign
        assert sys.gettrace() is foreign and sys.getprofile() is foreign
    finally:
        sys.settrace(None)
        sys.setprofile(None)
    assert sys.settrace.__module__ == "sys" and sys.gettrace() is None


def test_code_is_not_kept_alive(hook):
    names = program(PROGRAM)
    code = weakref.ref(names["f"].__code__)
    with lines_of([], hook).tracing_enabled():
        names["f"](1)
        del names["f"]
        gc.collect()
        assert code() is None


def test_a_tracer_goes_when_nobody_has_it(hook, names):
    tracer = lines_of([], hook)
    with tracer.tracing_enabled():
        names["f"](1)
    gone = weakref.ref(tracer)
    del tracer
    pyc.BaseTracer.clear_instance()
    gc.collect()
    assert gone() is None


def test_a_frames_own_flags_are_left_as_they_were():
    names = program("def f(run):\n    run()\n    x = 1\n    run()")
    frames = []
    with observer([], "settrace", "call", "opcode").tracing_enabled():
        names["f"](lambda: frames.append(sys._getframe(1)))
    assert [(frame.f_trace_lines, frame.f_trace_opcodes, frame.f_trace) for frame in frames] == [(True, False, None)] * 2


FIRST = """
import pyccolo_native as pyc

class Calls(pyc.BaseTracer):
    @pyc.call
    def begins(self): pass

class Opcodes(pyc.BaseTracer):
    @pyc.opcode
    def runs(self, frame):
        if frame.f_code.co_name == "f":
            told.append(frame.f_lasti)

def f():
    return 1

told = []
{before}
with Opcodes:
    f()
    f()
print(len(told))
"""


@pytest.mark.parametrize("before", ["", "Calls.instance().enable_tracing()", "import sys; sys.settrace(lambda *_: None)"])
def test_the_first_opcodes_of_a_process(before):
    code = FIRST.format(before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.stderr == ""
    assert int(done.stdout) in (2, 4)


# ---- filters


def test_the_file_filter_is_asked_once_for_a_code_object(hook, names):
    asked = []

    def should(self, filename):
        if filename == FILE:
            asked.append(filename)
        return filename == FILE

    with lines_of([], hook, should_instrument_file=should).tracing_enabled():
        for _ in range(20):
            names["f"](1)
        assert len(asked) == 1


def test_the_filter_of_events_is_asked_once_for_a_code_object(hook, names):
    asked, seen = [], []

    def passes(self, event, filename):
        if filename == FILE:
            asked.append(event)
        return event != "line"

    tracer = observer(seen, hook, "call", "line", "return_", file_passes_filter_for_event=passes)
    with tracer.tracing_enabled():
        for _ in range(5):
            names["f"](1)
    assert seen == [("call", "f"), ("return", "f")] * 5
    assert all(asked.count(event) == 1 for event in ("call", "line", "return"))


def test_a_call_that_is_filtered_out_leaves_the_rest(hook, names):
    seen = []
    passes = lambda self, event, filename: event != "call"  # noqa: E731
    with observer(seen, hook, "call", "return_", file_passes_filter_for_event=passes).tracing_enabled():
        names["f"](1)
    assert seen == [("return", "f")]


def test_a_filter_that_is_replaced_is_asked_anew(hook, names):
    seen = []
    tracer = observer(seen, hook, "call", should_instrument_file=lambda self, filename: False)
    with tracer.tracing_enabled():
        names["f"](1)
        assert seen == []
        type(tracer).should_instrument_file = lambda self, filename: filename == FILE
        names["f"](1)
        assert seen == [("call", "f")]
        type(tracer).should_instrument_file = lambda self, filename: False
        names["f"](1)
    assert seen == [("call", "f")]


def test_a_filter_that_is_replaced_between_contexts_is_asked_anew(hook, names):
    seen = []
    tracer = observer(seen, hook, "call", should_instrument_file=lambda self, filename: False)
    with tracer.tracing_enabled():
        names["f"](1)
    type(tracer).should_instrument_file = lambda self, filename: filename == FILE
    with tracer.tracing_enabled():
        names["f"](1)
    assert seen == [("call", "f")]


def test_instrument_all_files_of_an_instance(hook, names):
    seen = []
    tracer = observer(seen, hook, "call", should_instrument_file=lambda self, filename: False)
    with tracer.tracing_enabled():
        names["f"](1)
        tracer.instrument_all_files = True
        names["f"](1)
    assert seen.count(("call", "f")) == 1


def test_files_that_a_context_adds(hook, names):
    seen = []
    tracer = observer(seen, hook, "call", should_instrument_file=lambda self, filename: False)
    with tracer.tracing_enabled():
        names["f"](1)
        with tracer.tracing_enabled(tracing_enabled_file=FILE):
            names["f"](1)
        names["f"](1)
    assert seen == [("call", "f")]


def test_the_file_of_the_tracer_is_traced(hook):
    seen = []

    class Tracer(pyc.BaseTracer):
        sys_events = hook

        @pyc.call
        def begins(self, frame):
            seen.append(frame.f_code.co_name)

    def here():
        pass

    with Tracer.instance():
        here()
    assert "here" in seen


def test_filters_of_tracers_are_apart(hook, names):
    ones, others = [], []
    tracers = [
        observer(ones, hook, "call", should_instrument_file=lambda self, filename: filename == "<one>"),
        observer(others, hook, "call", should_instrument_file=lambda self, filename: filename == "<other>"),
    ]
    one, other = program("def one(): pass", "<one>"), program("def other(): pass", "<other>")
    with tracers[0].tracing_enabled(), tracers[1].tracing_enabled():
        one["one"]()
        other["other"]()
        names["f"](1)
    assert (ones, others) == ([("call", "one")], [("call", "other")])


def test_a_filter_that_raises_is_told_of_once_and_is_a_no(hook, names, monkeypatch):
    told, seen = [], []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: told.append(report.exc_type))

    def should(self, filename):
        raise ValueError("filter")

    with observer(seen, hook, "call", should_instrument_file=should).tracing_enabled():
        for _ in range(3):
            names["f"](1)
    assert seen == [] and told == [ValueError]


def test_a_tracer_that_comes_later_has_a_filter_of_its_own(hook, names):
    rejected, seen = [], []
    first = observer(rejected, hook, "call", should_instrument_file=lambda self, filename: False)
    second = observer(seen, hook, "call")
    with first.tracing_enabled():
        names["f"](1)
        with second.tracing_enabled():
            names["f"](1)
        names["f"](1)
    names["f"](1)
    with first.tracing_enabled():
        names["f"](1)
    with second.tracing_enabled():
        names["f"](1)
    assert (rejected, seen) == ([], [("call", "f")] * 2)


def test_too_many_tracers_are_told_so(hook):
    tracers = [pyc.NoopTracer() for _ in range(64)]
    last = observer([], hook, "call")
    with pyc.multi_context([tracer.tracing_enabled() for tracer in tracers]):
        with pytest.raises(RuntimeError, match="64 tracers are active before it"):
            last.tracing_enabled().__enter__()
    with last.tracing_enabled():
        pass
