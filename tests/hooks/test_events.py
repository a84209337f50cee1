"""What handlers of interpreter events are given, what they may answer, and which frames they hear of; by either hook."""

import ast
import sys
import threading

import pytest

import pyccolo_native as pyc

from .streams import HOOKS
from .tracers import FILE, lines_of, make, observer, program

PROGRAM = """
def f(x):
    y = x + 1
    return y


def twice():
    f(1)
    f(2)


def fails():
    try:
        raise KeyError("k")
    except KeyError:
        return "caught"


def loop(n):
    for i in range(n):
        yield i
"""


@pytest.fixture
def unraisable(monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: seen.append((report.exc_type, str(report.exc_value))))
    return seen


# ---- arguments


@pytest.mark.parametrize(
    "event, function, value",
    [("call", "f", None), ("line", "f", None), ("return_", "f", 2), ("opcode", "f", None), ("c_call", "g", len), ("c_return", "g", len)],
)
def test_arguments(hook, event, function, value):
    seen = []

    def handle(self, ret, node, frame, event, guard, /, **keywords):
        seen.append((self, ret, node, frame.f_code.co_name, frame.f_code.co_filename, event, guard, keywords))

    names = program("def f(x):\n    return x + 1\ndef g():\n    return len('ab')")
    tracer = make(hook, (event, handle))
    if hook == "settrace" and event == "opcode":
        with tracer.tracing_enabled():
            names["f"](1)  # from 3.12 on these begin with the second frame, as for sys.settrace
        seen.clear()
    with tracer.tracing_enabled():
        names[function](*([1] if function == "f" else []))
    assert seen[0] == (tracer, value, None, function, FILE, getattr(pyc.TraceEvent, event), None, {})


def test_an_exception_comes_as_for_trace_functions(hook, names):
    seen = []
    tracer = make(hook, ("exception", lambda self, ret, frame: seen.append((ret, frame.f_lineno))))
    with tracer.tracing_enabled():
        assert names["fails"]() == "caught"
    [((kind, value, traceback), line)] = seen
    assert kind is KeyError and isinstance(value, KeyError)
    assert traceback.tb_frame.f_code.co_name == "fails" and traceback.tb_lineno == line == 14


def test_a_frame_goes_on_when_a_generator_expression_cannot_iterate(hook):
    names = program("def f():\n    try:\n        (x for x in 5)\n    except TypeError:\n        done = 1\n    return done")
    seen = []
    wanted = "call", "line", "exception", "return_"
    tracer = make(hook, *((event, lambda self, ret, event, frame: seen.append((event.value, frame.f_lineno))) for event in wanted))
    with tracer.tracing_enabled():
        assert names["f"]() == 1
    lines = [("line", number) for number in (2, 3)], [("line", number) for number in (4, 5, 6)]
    assert seen == [("call", 1), *lines[0], ("exception", 3), *lines[1], ("return", 6)]


def test_a_c_function_that_raises(hook):
    seen = []
    tracer = make(hook, *((event, lambda self, ret, event: seen.append((event.value, ret))) for event in ("c_call", "c_return", "c_exception")))
    names = program("def f():\n    try:\n        len(5)\n    except TypeError:\n        pass")
    with tracer.tracing_enabled():
        names["f"]()
    assert seen == [("c_call", len), ("c_exception", len)]


@pytest.mark.parametrize("event", ["call", "line", "return_", "exception", "c_call"])
def test_handlers_may_name_what_they_want(hook, event):
    seen = []

    def by_frame(self, frame):
        seen.append(frame.f_code.co_name)

    def by_event(self, event, *, ret):
        seen.append((event.value, ret is None))

    def nothing(self):
        seen.append("nothing")

    names = program("def f():\n    try:\n        len()\n    except TypeError: return 1")
    with make(hook, (event, by_frame), (event, by_event), (event, nothing)).tracing_enabled():
        names["f"]()
    value = getattr(pyc.TraceEvent, event).value
    assert seen[:3] == ["f", (value, event in ("call", "line")), "nothing"]


def test_a_second_handler_gets_what_the_first_got(hook, names):
    seen = []
    first = ("return_", lambda self, ret: 5)
    tracer = make(hook, first, ("return_", lambda self, ret: seen.append(ret)))
    with tracer.tracing_enabled():
        assert names["f"](1) == 2
    assert seen in ([5], [2])


# ---- what a handler may answer


def test_null_at_a_call_leaves_the_frame_only(hook, names):
    seen = []

    def at_call(self, frame):
        seen.append(("call", frame.f_code.co_name))
        return pyc.Null if frame.f_code.co_name == "twice" else None

    tracer = make(hook, ("call", at_call), ("return_", lambda self, frame: seen.append(("return", frame.f_code.co_name))))
    with tracer.tracing_enabled():
        names["twice"]()
    assert seen == [("call", "twice"), ("call", "f"), ("return", "f"), ("call", "f"), ("return", "f")]


@pytest.mark.parametrize("event", ["line", "exception"])
def test_null_leaves_a_frame_that_runs(hook, names, event):
    seen = []

    def leave(self, event, frame):
        seen.append((event.value, frame.f_lineno))
        return pyc.Null

    other = []
    tracers = [lines_of(other, hook), make(hook, (event, leave), ("return_", leave))]
    with tracers[0].tracing_enabled(), tracers[1].tracing_enabled():
        names["fails"]()
    assert seen == [(event, 13 if event == "line" else 14)]
    assert other == [13, 14, 15, 16]


def test_null_is_for_one_run_of_a_generator(hook, names):
    seen = []

    def at_call(self):
        seen.append("call")
        return pyc.Null if len(seen) == 1 else None

    with make(hook, ("call", at_call), ("return_", lambda self, ret: seen.append(ret))).tracing_enabled():
        assert list(names["loop"](2)) == [0, 1]
    assert seen == ["call", "call", 1, "call", None]


def test_a_callable_is_the_local_trace_function_of_the_frame(hook, names):
    seen = []

    def local(frame, event, value):
        seen.append((event, frame.f_lineno, value))

    tracer = make(hook, ("call", lambda self: local), ("line", lambda self: seen.append("line")), ("return_", lambda self: seen.append("return")))
    with tracer.tracing_enabled():
        names["f"](1)
    assert seen == [("line", 3, None), ("line", 4, None), ("return", 4, 2)]


def test_a_local_trace_function_may_give_another(hook, names):
    seen = []

    def second(frame, event, value):
        seen.append(("second", event))

    def first(frame, event, value):
        seen.append(("first", event))
        return second

    with make(hook, ("line", lambda self: first)).tracing_enabled():
        names["fails"]()
    assert seen == [("first", "line"), ("second", "exception"), ("second", "line"), ("second", "line"), ("second", "return")]


def test_a_local_trace_function_that_raises_is_told_of_and_left(hook, names, unraisable):
    seen = []

    def local(frame, event, value):
        seen.append(event)
        raise ValueError("local")

    with make(hook, ("call", lambda self: local)).tracing_enabled():
        assert names["f"](1) == 2
    assert seen == ["line"]
    assert unraisable == [(ValueError, "local")]


def test_what_is_no_answer_is_told_of(hook, names, unraisable):
    seen = []
    tracer = make(hook, ("call", lambda self: 5), ("line", lambda self, frame: seen.append(frame.f_lineno)))
    with tracer.tracing_enabled():
        assert names["f"](1) == 2
    [(kind, message)] = unraisable
    assert kind is TypeError and "returned 5" in message and "call" in message
    assert seen == [3, 4]


def test_answers_to_a_return_change_nothing(hook, names):
    with make(hook, ("return_", lambda self: 5)).tracing_enabled():
        assert names["f"](1) == 2
    with make(hook, ("return_", lambda self: pyc.Null)).tracing_enabled():
        assert names["f"](1) == 2


@pytest.mark.parametrize("event", ["call", "line", "return_", "exception", "c_call"])
def test_skip_ends_the_handlers_of_the_tracer(hook, event):
    seen = []

    def skip(self):
        seen.append("first")
        return pyc.Skip

    names = program("def f():\n    try: len()\n    except TypeError: return 1")
    inner = make(hook, (event, skip), (event, lambda self: seen.append("second")))
    outer = make(hook, (event, lambda self: seen.append("outer")))
    with outer.tracing_enabled(), inner.tracing_enabled():
        names["f"]()
    assert seen[:2] == ["first", "outer"] and "second" not in seen


@pytest.mark.parametrize("event", ["call", "line", "return_", "exception", "c_call"])
def test_skip_all_keeps_the_event_from_earlier_tracers(hook, event):
    seen = []

    def skip(self):
        seen.append("inner")
        return pyc.SkipAll

    names = program("def f():\n    try: len()\n    except TypeError: return 1")
    outer, inner = make(hook, (event, lambda self: seen.append("outer"))), make(hook, (event, skip))
    with outer.tracing_enabled():
        with inner.tracing_enabled():
            names["f"]()
        assert set(seen) == {"inner"}
        names["f"]()
    assert seen[-1] == "outer"


def test_the_tracer_enabled_last_is_served_first(hook, names):
    seen = []
    tracers = [make(hook, ("call", lambda self, number=number: seen.append(number))) for number in range(3)]
    with tracers[0].tracing_enabled(), tracers[1].tracing_enabled(), tracers[2].tracing_enabled():
        names["f"](1)
    assert seen == [2, 1, 0]


# ---- which frames


def test_frames_that_run_already_are_not_followed(hook):
    seen = []
    tracer = observer(seen, hook, "call", "line", "return_", "exception")
    names = program("def f(): pass\ndef run(enter):\n    enter()\n    f()\n    return 1")
    context = tracer.tracing_enabled()
    names["run"](context.__enter__)
    context.__exit__(None, None, None)
    assert {name for _, name in seen} == {"f"}


def test_nothing_comes_after_the_context(hook):
    seen = []
    tracer = observer(seen, hook, "call", "line", "return_", "exception", "c_call")
    names = program("def run(leave):\n    leave(None, None, None)\n    len('a')\n    return 1")
    context = tracer.tracing_enabled()
    context.__enter__()
    names["run"](context.__exit__)
    assert seen[:2] == [("call", "run"), ("line", "run")] and len(seen) <= 3
    assert sys.gettrace() is None and sys.getprofile() is None


def test_disabled_and_nested_contexts(hook, names):
    seen = []
    tracer = observer(seen, hook, "call")
    with tracer.tracing_enabled():
        with tracer.tracing_disabled():
            names["f"](1)
            with tracer.tracing_enabled():
                names["twice"]()
            names["f"](1)
        names["fails"]()
        with tracer.tracing_enabled():
            names["loop"](1)
    names["f"](1)
    assert seen[:3] == [("call", "twice"), ("call", "f"), ("call", "f")]
    assert seen[3] == ("call", "fails")
    with tracer.tracing_disabled():
        names["f"](1)
    assert ("call", "loop") in seen or len(seen) == 4


def test_a_frame_stays_followed_through_a_disabled_part(hook):
    seen = []
    tracer = lines_of(seen, hook)
    names = program(
        """
        def run(tracer):
            a = 1
            with tracer.tracing_disabled():
                b = 2
            c = 3
        """
    )
    with tracer.tracing_enabled():
        names["run"](tracer)
    assert 3 in seen and 6 in seen and 5 not in seen


def test_a_handler_may_switch_its_tracer_off(hook, names):
    seen = []

    def off(self, frame):
        seen.append(frame.f_lineno)
        self._disable_tracing()

    with make(hook, ("line", off)).tracing_enabled():
        assert names["f"](1) == 2
        names["f"](1)
    assert seen == [3]


def test_a_handler_may_switch_its_tracer_on_again(hook, names):
    seen = []

    def off_and_on(self, frame):
        seen.append(frame.f_code.co_name)
        self._disable_tracing()
        self._enable_tracing()

    with make(hook, ("call", off_and_on)).tracing_enabled():
        names["twice"]()
    assert seen == ["twice", "f", "f"]


def test_other_threads_are_heard_of_on_demand(hook, names):
    for everywhere in (False, True):
        seen = []
        with observer(seen, hook, "call", multiple_threads_allowed=everywhere).tracing_enabled():
            thread = threading.Thread(target=names["f"], args=(1,))
            thread.start()
            thread.join()
        assert seen == [("call", "f")] * everywhere


def test_no_events_from_inside_handlers(hook, names):
    seen = []

    def calls(self, frame, event):
        seen.append((event.value, frame.f_code.co_name))
        if frame.f_code.co_name == "twice":
            names["f"](1)

    events = [(event, calls) for event in ("call", "return_", "c_call")]
    with make(hook, *events).tracing_enabled():
        names["twice"]()
    assert seen == [("call", "twice"), ("call", "f"), ("return", "f"), ("call", "f"), ("return", "f"), ("return", "twice")]


def test_reentrant_events_on_demand(hook, names):
    seen = []

    def calls(self, frame):
        seen.append(frame.f_code.co_name)
        if frame.f_code.co_name == "fails":
            names["f"](1)

    with make(hook, ("call", calls), allow_reentrant_events=True).tracing_enabled():
        names["fails"]()
    # A trace function is not called inside of one; that is the interpreter's doing, for sys.monitoring as well.
    assert seen in (["fails"], ["fails", "f"])


def test_interpreter_events_inside_a_handler_of_woven_code(hook, names):
    for reentrant in (False, True):
        seen = []

        class Tracer(pyc.BaseTracer):
            sys_events = hook
            allow_reentrant_events = reentrant
            should_patch_meta_path = False

            def should_instrument_file(self, filename):
                return filename == FILE

            @pyc.before_call
            def woven(self):
                names["f"](1)

            @pyc.register_handler(pyc.call, reentrant=True)
            def begins(self, frame):
                seen.append(frame.f_code.co_name)

        Tracer.instance().exec("len('a')", {}, {})
        assert seen.count("f") == int(reentrant)


# ---- woven code and interpreter events together


def test_one_tracer_of_both_kinds(hook):
    seen = []

    class Tracer(pyc.BaseTracer):
        sys_events = hook

        @pyc.before_stmt
        def statement(self, node, frame):
            seen.append(("statement", node.lineno))

        @pyc.call
        def begins(self, frame):
            seen.append(("call", frame.f_code.co_name))

        @pyc.return_
        def ends(self, ret, frame):
            seen.append(("return", frame.f_code.co_name, ret))

    Tracer.instance().exec("def f():\n    return 5\nf()", {}, {})
    assert [its for its in seen if its[1] != "note"] == [("statement", 1), ("statement", 3), ("call", "f"), ("statement", 2), ("return", "f", 5)]


def test_the_frame_that_exec_runs_source_in_is_not_followed(hook):
    seen = []
    observer(seen, hook, "call", "line", "return_").exec("def f(): pass\nf()\nx = [f() for _ in 'ab']", {}, {})
    assert {name for _, name in seen} <= {"f", "<listcomp>"}
    assert seen.count(("call", "f")) == 3


def test_tracers_with_different_hooks():
    seen = []
    tracers = [observer(seen, hook, "call", "return_") for hook in HOOKS]
    names = program(PROGRAM)
    for tracer in tracers:
        tracer.enable_tracing()
    names["f"](1)
    for tracer in reversed(tracers):
        tracer.disable_tracing()
    assert sorted(seen) == [("call", "f")] * len(HOOKS) + [("return", "f")] * len(HOOKS)
    names["f"](1)
    assert len(seen) == 2 * len(HOOKS)


def test_two_tracers_of_one_hook_have_answers_of_their_own(hook, names):
    seen = []
    tracers = lines_of(seen, hook), make(hook, ("call", lambda self: pyc.Null))
    with tracers[0].tracing_enabled(), tracers[1].tracing_enabled():
        names["f"](1)
    assert seen == [3, 4]


# ---- errors


def test_an_exception_in_a_handler_is_told_of_once(hook, names, unraisable):
    seen = []

    def fail(self, frame):
        seen.append(frame.f_lineno)
        raise ValueError("handler")

    with make(hook, ("line", fail)).tracing_enabled():
        assert names["f"](1) == 2
    assert seen == [3, 4]
    assert unraisable == [(ValueError, "handler")]


@pytest.mark.parametrize("event", ["call", "line", "return_", "exception", "c_call", "c_return", "c_exception", "opcode"])
def test_an_exception_in_a_handler_may_reach_the_program(hook, event):
    def fail(self, frame):
        if frame.f_code.co_name == "f":
            raise ValueError("handler")

    tracer = make(hook, (event, fail), should_propagate_handler_exception=lambda self, event, error: True)
    names = program(
        """
        def f():
            try:
                len()
            except TypeError:
                len('a')

        def run():
            try:
                f()
            except ValueError as error:
                return str(error)
        """
    )
    with tracer.tracing_enabled():
        assert names["run"]() in ("handler", *([None] if event == "opcode" else []))
        assert names["run"]() == "handler", "it goes on"
    assert names["run"]() is None


def test_a_keyboard_interrupt_switches_the_tracer_off(hook, names):
    seen = []

    def interrupt(self):
        seen.append(1)
        raise KeyboardInterrupt

    with make(hook, ("line", interrupt)).tracing_enabled():
        with pytest.raises(KeyboardInterrupt):
            names["f"](1)
        assert names["f"](1) == 2
    assert seen == [1]


# ---- what a tracer may replace


def test_an_emit_event_of_its_own_is_called(hook, names):
    seen = []

    def emit(self, evt, node_id, frame, reentrant_handlers_only=False, **keywords):
        seen.append((evt, node_id, frame.f_code.co_name, keywords["ret"]))
        return pyc.BaseTracer._emit_event(self, evt, node_id, frame, reentrant_handlers_only=reentrant_handlers_only, **keywords)

    told = []
    tracer = make(hook, ("call", lambda self: told.append("call")), ("return_", lambda self, ret: told.append(ret)), _emit_event=emit)
    with tracer.tracing_enabled():
        names["f"](1)
    assert seen == [("call", None, "f", None), ("return", None, "f", 2)]
    assert told == ["call", 2]


def test_an_emit_event_of_its_own_may_leave_the_frame(hook, names):
    seen = []

    def emit(self, evt, node_id, frame, reentrant_handlers_only=False, **keywords):
        seen.append(evt)
        return pyc.Null

    tracer = make(hook, *((event, lambda self: None) for event in ("call", "line", "return_")), _emit_event=emit)
    with tracer.tracing_enabled():
        names["f"](1)
    assert seen == ["call"]


def test_events_with_registered_handlers_of_an_instance(hook, names):
    seen = []
    tracer = observer(seen, hook, "call", "return_")
    assert tracer.has_sys_trace_events
    tracer.events_with_registered_handlers = frozenset()
    assert not tracer.has_sys_trace_events
    with tracer.tracing_enabled():
        names["f"](1)
        assert seen == []
        tracer.events_with_registered_handlers = frozenset({pyc.TraceEvent.call, pyc.TraceEvent.return_})
        names["f"](1)
    assert seen == [("call", "f"), ("return", "f")]


def test_predicates_of_handlers(hook, names):
    seen = []
    handler = pyc.register_handler(pyc.TraceEvent.call, when=lambda node: bool(seen.append(node)))(lambda self: seen.append("handler"))
    tracer = make(hook, handle=handler)
    with tracer.tracing_enabled():
        names["f"](1)
    assert seen == [None]


@pytest.mark.parametrize("rest", ["x = 2", "x = 2\n    for _ in [5]: pass"])
def test_a_frame_is_followed_again_when_handlers_switch_tracing_off_and_on(rest):
    class Switching(pyc.BaseTracer):
        seen = []

        @pyc.after_int
        def number(self, ret, node, *_, **__):
            if ret == 1:
                self._disable_tracing()

        @pyc.before_stmt
        def statement(self, ret, node, *_, **__):
            if isinstance(node, ast.Return):
                self._enable_tracing(check_disabled=False)

        @pyc.call
        @pyc.return_
        def told(self, ret, node, frame, event, *_, **__):
            if frame.f_code.co_name in ("f", "g"):
                self.seen.append((event.name, frame.f_code.co_name))

    tracer = Switching.instance()
    try:
        with tracer:
            names = pyc.exec(f"def g(): pass\ndef f():\n    x = 1\n    g()\n    {rest}\n    return g()")
            names["f"].__globals__["g"] = names["g"]
            names["f"]()
    finally:
        globals().pop("g", None)
        Switching.clear_instance()
    assert tracer.seen == [("call", "f"), ("call", "g"), ("return_", "g"), ("return_", "f")]
