"""What handlers return, and how their values go through several handlers and tracers."""
import pytest

import pyccolo_native as pyc


def tracer_of(*handlers, event=pyc.after_int):
    body = {f"handle_{index}": event(handler) for index, handler in enumerate(handlers)}
    return type(pyc.BaseTracer)("Tracer", (pyc.BaseTracer,), body)


def evaluated(source, *tracers, env=None):
    with pyc.multi_context([tracer.instance() for tracer in tracers]):
        return pyc.eval(source, env or {}, {})


def test_none_leaves_the_value():
    assert evaluated("7", tracer_of(lambda self, ret, *_, **__: None)) == 7


def test_a_value_replaces_it():
    assert evaluated("7", tracer_of(lambda self, ret, *_, **__: "other")) == "other"


@pytest.mark.parametrize("falsy", [0, False, "", [], 0.0])
def test_falsy_values_replace_too(falsy):
    assert evaluated("7", tracer_of(lambda self, ret, *_, **__: falsy)) is falsy


def test_null_replaces_with_none():
    assert evaluated("7", tracer_of(lambda self, ret, *_, **__: pyc.Null)) is None


def test_each_handler_gets_what_the_last_returned():
    tracer = tracer_of(
        lambda self, ret, *_, **__: ret + 1, lambda self, ret, *_, **__: None, lambda self, ret, *_, **__: ret * 10
    )
    assert evaluated("7", tracer) == 80


def test_after_null_the_next_handler_gets_none():
    seen = []
    tracer = tracer_of(lambda self, ret, *_, **__: pyc.Null, lambda self, ret, *_, **__: seen.append(ret))
    assert evaluated("7", tracer) is None
    assert seen == [None]


def test_a_handler_may_turn_none_back_into_a_value():
    tracer = tracer_of(lambda self, ret, *_, **__: pyc.Null, lambda self, ret, *_, **__: "value")
    assert evaluated("7", tracer) == "value"


def test_skip_ends_the_handlers_of_this_tracer():
    one = tracer_of(lambda self, ret, *_, **__: pyc.Skip, lambda self, ret, *_, **__: 1 / 0)
    two = tracer_of(lambda self, ret, *_, **__: ret + 1)
    assert evaluated("7", one, two) == 8


def test_skip_keeps_what_was_reached():
    one = tracer_of(lambda self, ret, *_, **__: ret + 1, lambda self, ret, *_, **__: pyc.Skip)
    assert evaluated("7", one) == 8


def test_skip_all_ends_the_tracers_too():
    one = tracer_of(
        lambda self, ret, *_, **__: ret + 1, lambda self, ret, *_, **__: pyc.SkipAll, lambda self, ret, *_, **__: 0
    )
    two = tracer_of(lambda self, ret, *_, **__: "not reached")
    assert evaluated("7", one, two) == 8


def test_a_tuple_that_is_no_skip_all_is_a_value():
    one = tracer_of(lambda self, ret, *_, **__: (ret, ret))
    assert evaluated("7", one) == (7, 7)


def test_the_value_goes_from_tracer_to_tracer():
    one = tracer_of(lambda self, ret, *_, **__: ret + 1)
    two = tracer_of(lambda self, ret, *_, **__: ret * 10)
    assert evaluated("7", one, two) == 80
    assert evaluated("7", two, one) == 71


def test_an_event_only_some_tracers_listen_to():
    one = tracer_of(lambda self, ret, *_, **__: ret + 1)
    two = tracer_of(lambda self, ret, *_, **__: ret.upper(), event=pyc.after_string)
    assert evaluated("(1, 'a')", one, two) == (2, "A")


def test_sentinels_have_names_and_identities():
    import copy
    import pickle

    for name in ("Null", "Pass", "Skip", "SkipAll"):
        sentinel = getattr(pyc, name)
        assert name in repr(sentinel)
        assert pickle.loads(pickle.dumps(sentinel)) is sentinel
        assert copy.deepcopy(sentinel) is sentinel
    assert len({pyc.Null, pyc.Pass, pyc.Skip, pyc.SkipAll}) == 4


def test_attribute_handlers_replace_the_object():
    class Tracer(pyc.BaseTracer):
        @pyc.before_attribute_load
        def handle(self, ret, *_, attr_or_subscript, **__):
            return ret.lower() if attr_or_subscript == "title" else None

    assert Tracer.instance().eval("'ABC'.title()") == "Abc"


def test_a_call_is_overridden_before_and_after():
    class Tracer(pyc.BaseTracer):
        @pyc.before_call
        def before(self, ret, *_, **__):
            return (lambda x: x * 2) if ret is len else None

        @pyc.after_call
        def after(self, ret, *_, **__):
            return ret + "!"

    assert Tracer.instance().eval("len('ab')") == "abab!"


def test_subscripts_are_overridden():
    class Tracer(pyc.BaseTracer):
        @pyc.before_subscript_load
        def load(self, ret, *_, attr_or_subscript, **__):
            return {attr_or_subscript: "found"}

        @pyc.after_subscript_slice
        def key(self, ret, *_, **__):
            return ret + 1

    assert Tracer.instance().eval("[0, 0][1]") == "found"


def test_handlers_may_be_generators_of_side_effects_only():
    calls = []
    tracer = tracer_of(lambda self, ret, *_, **__: calls.append(ret))
    with tracer.instance():
        pyc.exec("for i in range(3):\n    x = 7", local_env={})
    assert calls == [3, 7, 7, 7]


def test_after_stmt_sees_the_value_of_a_modules_expression_statement():
    seen = []

    class Tracer(pyc.BaseTracer):
        @pyc.after_stmt
        def handle(self, ret, node, *_, **__):
            seen.append((type(node).__name__, ret))

    Tracer.instance().exec("x = 1\nx + 41", local_env={})
    assert seen == [("Assign", None), ("Expr", 42)]


def test_module_events_come_first_and_last():
    seen = []

    class Tracer(pyc.BaseTracer):
        @pyc.register_handler((pyc.init_module, pyc.before_stmt, pyc.exit_module))
        def handle(self, ret, node, frame, event, *_, **__):
            seen.append((event.name, type(node).__name__))

    Tracer.instance().exec("x = 1", local_env={})
    assert seen == [("init_module", "Module"), ("before_stmt", "Assign"), ("exit_module", "Module")]


def test_a_filter_that_rejects_an_event_gives_the_value_back():
    class Tracer(pyc.BaseTracer):
        def file_passes_filter_for_event(self, evt, filename):
            return evt != "before_subscript_load"

        @pyc.before_subscript_load
        def handle(self, ret, *_, **__):
            raise AssertionError

    assert Tracer.instance().eval("[5, 6][1]") == 6


def test_code_keeps_running_without_events_after_its_tracer_left():
    tracer = tracer_of(lambda self, ret, *_, **__: ret + 1)
    with tracer.instance():
        f = pyc.exec("def f():\n    return [x + 1 for x in (1, 2)]", local_env={})["f"]
        assert f() == [4, 5]
    assert f() == [2, 3]
    with tracer.instance():
        assert f() == [4, 5]
