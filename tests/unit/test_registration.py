"""Handlers are registered by decorators, for one event or several, and inherited."""
import ast

import pytest

import pyccolo_native as pyc


def events(tracer_class):
    return {event.name for event in tracer_class.instance().events_with_registered_handlers}


def test_a_class_without_handlers_has_no_events():
    class Tracer(pyc.BaseTracer):
        pass

    assert events(Tracer) == set()


def test_a_plain_decorator():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            return ret + 1

    assert events(Tracer) == {"after_int"}
    assert Tracer.instance().eval("41") == 42


def test_a_decorator_with_empty_parentheses():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int()
        def handle(self, ret, *_, **__):
            return ret + 1

    assert Tracer.instance().eval("41") == 42


def test_a_decorator_with_arguments():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int(when=lambda node: node.value == 41)
        def handle(self, ret, *_, **__):
            return ret + 1

    assert Tracer.instance().eval("(41, 7)") == (42, 7)


def test_arguments_beside_a_handler_are_refused():
    with pytest.raises(ValueError):
        pyc.after_int(lambda self, ret: ret, reentrant=True)


def test_the_handler_itself_stays_a_method():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            return ret + 1

    assert Tracer.instance().handle(3) == 4


def test_several_events_for_one_handler():
    class Tracer(pyc.BaseTracer):
        seen = []

        @pyc.register_handler((pyc.after_int, pyc.after_string))
        def handle(self, ret, _node, _frame, event, *_, **__):
            self.seen.append((event.name, ret))

    Tracer.instance().eval("(1, 'a')")
    assert Tracer.seen == [("after_int", 1), ("after_string", "a")]


def test_events_and_ast_classes_mixed():
    class Tracer(pyc.BaseTracer):
        @pyc.register_handler((ast.BinOp, pyc.after_int))
        def handle(self, ret, *_, **__):
            return ret + 1

    assert Tracer.instance().eval("1 + 2") == 6


def test_stacked_decorators_register_each():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        @pyc.after_float
        def handle(self, ret, *_, **__):
            return ret + 1

    assert Tracer.instance().eval("(1, 1.5)") == (2, 2.5)


def test_handlers_run_in_the_order_of_definition():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def first(self, ret, *_, **__):
            return ret + 1

        @pyc.after_int
        def second(self, ret, *_, **__):
            return ret * 10

    assert Tracer.instance().eval("4") == 50


def test_handlers_are_inherited_base_class_first():
    class Base(pyc.BaseTracer):
        @pyc.after_int
        def first(self, ret, *_, **__):
            return ret + 1

    class Derived(Base):
        @pyc.after_int
        def second(self, ret, *_, **__):
            return ret * 10

    assert Derived.instance().eval("4") == 50
    Derived.clear_instance()
    assert Base.instance().eval("4") == 5


def test_handlers_of_two_base_classes():
    class One(pyc.BaseTracer):
        @pyc.after_int
        def one(self, ret, *_, **__):
            return ret + 1

    class Two(pyc.BaseTracer):
        @pyc.after_string
        def two(self, ret, *_, **__):
            return ret.upper()

    class Both(One, Two):
        pass

    assert Both.instance().eval("(1, 'a')") == (2, "A")


def test_raw_handlers_get_node_ids():
    class Tracer(pyc.BaseTracer):
        nodes = []

        @pyc.register_raw_handler(pyc.after_int)
        def raw(self, ret, node_id, *_, **__):
            self.nodes.append(node_id)

        @pyc.after_int
        def cooked(self, ret, node, *_, **__):
            self.nodes.append(node)

    Tracer.instance().eval("7")
    node_id, node = Tracer.nodes
    assert node_id == id(node) and isinstance(node, ast.Constant)


def test_register_handler_takes_use_raw_node_id_too():
    class Tracer(pyc.BaseTracer):
        nodes = []

        @pyc.after_int(use_raw_node_id=True)
        def raw(self, ret, node_id, *_, **__):
            self.nodes.append(type(node_id))

    Tracer.instance().eval("7")
    assert Tracer.nodes == [int]


def test_skip_when_tracing_disabled():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        @pyc.skip_when_tracing_disabled
        def handle(self, ret, *_, **__):
            return ret + 1

    tracer = Tracer.instance()
    assert tracer.handle(1) is None
    with tracer:
        assert tracer.handle(1) == 2
        assert pyc.eval("1") == 2
    assert Tracer.handle.__name__ == "handle"


def test_a_tuple_with_an_assert_event_keeps_the_other_events():
    class Tracer(pyc.BaseTracer):
        seen = []

        @pyc.register_handler((pyc.before_assert, pyc.after_int))
        def handle(self, ret, node, frame, event, *_, **__):
            self.seen.append((event.name, type(node).__name__))

    Tracer.instance().exec("assert 1\nx = 2")
    assert Tracer.seen == [("before_stmt", "Assert"), ("after_int", "Constant"), ("after_int", "Constant")]


def test_assert_events_fire_for_asserts_only():
    class Tracer(pyc.BaseTracer):
        seen = []

        @pyc.register_handler((pyc.before_assert, pyc.after_assert))
        def handle(self, ret, node, frame, event, *_, **__):
            self.seen.append((event, type(node)))

    Tracer.instance().exec("pass\nassert True\npass")
    assert Tracer.seen == [(pyc.before_stmt, ast.Assert), (pyc.after_stmt, ast.Assert)]


def test_assert_events_heed_a_condition_as_well():
    class Tracer(pyc.BaseTracer):
        seen = []

        @pyc.before_assert(when=lambda node: node.lineno == 2)
        def handle(self, ret, node, *_, **__):
            self.seen.append(node.lineno)

    Tracer.instance().exec("assert 1\nassert 2\nassert 3")
    assert Tracer.seen == [2]


def test_every_event_at_once():
    from pyccolo_native.tracer import register_universal_handler

    class Tracer(pyc.BaseTracer):
        seen = []

        @register_universal_handler
        def handle(self, ret, node, frame, event, *_, **__):
            self.seen.append(event.name)

    with Tracer.instance().tracing_disabled():
        pass
    assert pyc.before_stmt in Tracer.instance().events_with_registered_handlers


def test_handlers_that_are_added_by_hand_are_noticed(forget_trees):
    from pyccolo_native import _native

    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            return ret + 1

    tracer = Tracer.instance()
    with tracer:
        code = compile(pyc.parse("1", mode="eval"), "<sandbox>", "eval")
        assert eval(code) == 2
        tracer._event_handlers[pyc.after_int].clear()
        _native.invalidate()
        assert eval(code) == 1


def test_replacing_the_set_of_events_governs_rewriting():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def integer(self, ret, *_, **__):
            return ret + 1

        @pyc.after_string
        def string(self, ret, *_, **__):
            return ret.upper()

    tracer = Tracer.instance()
    tracer.events_with_registered_handlers = frozenset([pyc.after_string])
    assert tracer.eval("(1, 'a')") == (1, "A")


def test_overriding_emit_event_sees_every_event():
    class Tracer(pyc.BaseTracer):
        seen = []

        @pyc.register_handler((pyc.after_int, pyc.load_name))
        def handle(self, ret, *_, **__):
            return ret

        def _emit_event(self, evt, node_id, frame, **kwargs):
            self.seen.append((str(evt), type(node_id).__name__, kwargs["ret"]))
            return super()._emit_event(evt, node_id, frame, **kwargs)

    x = 5
    assert Tracer.instance().eval("x + 1") == 6
    assert Tracer.seen == [("load_name", "int", 5), ("after_int", "int", 1)]


def test_replacing_emit_event_on_a_live_class(forget_trees):
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            return ret + 1

    with Tracer.instance():
        code = compile(pyc.parse("1", mode="eval"), "<sandbox>", "eval")
        assert eval(code) == 2
        Tracer._emit_event = lambda self, evt, node_id, frame, **kwargs: "replaced"
        assert eval(code) == "replaced"
        del Tracer._emit_event
        assert eval(code) == 2
