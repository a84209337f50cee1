"""when=: which nodes a handler wants."""
import ast

import pytest

import pyccolo_native as pyc
from pyccolo_native.predicate import CompositePredicate, Predicate


def seen_by(when, source="x = (1, 2, 3)", event=pyc.after_int, **options):
    seen = []

    class Tracer(pyc.BaseTracer):
        @event(when=when, **options)
        def handle(self, ret, *_, **__):
            seen.append(ret)

    Tracer.instance().exec(source, local_env={})
    return seen


def test_a_callable():
    assert seen_by(lambda node: node.value > 1) == [2, 3]


def test_a_predicate():
    assert seen_by(Predicate(lambda node: node.value < 3)) == [1, 2]


@pytest.mark.parametrize("static", [True, False])
def test_static_and_dynamic_agree(static):
    assert seen_by(Predicate(lambda node: node.value != 2, static=static)) == [1, 3]
    assert seen_by(lambda node: node.value != 2, static=static) == [1, 3]


def calls_of(static):
    calls = []

    def condition(node):
        calls.append(node.value)
        return True

    seen_by(condition, "for i in range(3): x = 7", static=static)
    return calls.count(7)


def test_a_static_predicate_is_asked_only_when_code_is_rewritten():
    assert calls_of(static=True) >= 1
    once = calls_of(static=True)

    calls = []

    class Tracer(pyc.BaseTracer):
        @pyc.after_int(when=lambda node: calls.append(node.value) or True, static=True)
        def handle(self, ret, *_, **__):
            pass

    with Tracer.instance():
        f = pyc.exec("def f():\n    return 7", local_env={})["f"]
        after_rewriting = len(calls)
        f(), f(), f()
        assert len(calls) == after_rewriting
    assert once >= 1


def test_a_dynamic_predicate_is_asked_at_every_event():
    assert calls_of(static=False) >= 3


def test_a_dynamic_predicate_that_changes_its_mind():
    wanted = [True]
    seen = []

    class Tracer(pyc.BaseTracer):
        @pyc.after_int(when=lambda node: wanted[0])
        def handle(self, ret, *_, **__):
            seen.append(ret)

    with Tracer.instance():
        f = pyc.exec("def f():\n    return 7", local_env={})["f"]
        f()
        wanted[0] = False
        f()
        wanted[0] = True
        f()
    assert seen == [7, 7]


def test_a_raw_predicate_gets_ids():
    ids = []
    assert seen_by(Predicate(lambda node_id: ids.append(node_id) or True, use_raw_node_id=True)) == [1, 2, 3]
    assert ids and {type(node_id) for node_id in ids} <= {int, ast.Constant}


def test_a_method_of_the_tracer_is_a_condition():
    class Tracer(pyc.BaseTracer):
        limit = 2
        seen = []

        def is_small(self, node):
            return node.value <= self.limit

        @pyc.after_int(when=is_small)
        def handle(self, ret, *_, **__):
            self.seen.append(ret)

    Tracer.instance().exec("(1, 2, 3)", local_env={})
    assert Tracer.seen == [1, 2]


def test_no_handler_wants_it_so_nothing_is_woven(forget_trees):
    class Tracer(pyc.BaseTracer):
        @pyc.after_int(when=lambda node: False, static=True)
        def handle(self, ret, *_, **__):
            raise AssertionError

    with Tracer.instance():
        tree = pyc.parse("x = 1\n", mode="exec")
    assert "EMIT" not in ast.dump(tree)


def test_two_handlers_with_different_conditions():
    seen = []

    class Tracer(pyc.BaseTracer):
        @pyc.after_int(when=lambda node: node.value == 1)
        def one(self, ret, *_, **__):
            seen.append(("one", ret))

        @pyc.after_int(when=lambda node: node.value == 2)
        def two(self, ret, *_, **__):
            seen.append(("two", ret))

    Tracer.instance().eval("(1, 2, 3)")
    assert seen == [("one", 1), ("two", 2)]


def test_true_and_false():
    assert Predicate.TRUE(None) and Predicate.TRUE.dynamic_call(None)
    assert not Predicate.FALSE(None) and not Predicate.FALSE.dynamic_call(None)
    assert seen_by(Predicate.TRUE) == [1, 2, 3]
    assert seen_by(Predicate.FALSE) == []


def test_the_defaults_of_a_predicate():
    predicate = Predicate(bool)
    assert (predicate.condition, predicate.use_raw_node_id, predicate.static) == (bool, False, False)
    clone = predicate.clone()
    assert clone is not predicate and clone.condition is bool


def test_a_raw_predicate_turns_nodes_into_ids():
    node = ast.Pass()
    assert Predicate(lambda given: given == id(node), use_raw_node_id=True)(node)


def constant(value, **options):
    return Predicate(lambda *_: value, **options)


def test_composites_fold_what_is_known():
    some = constant(True)
    assert CompositePredicate.any([Predicate.TRUE, some]) is Predicate.TRUE
    assert CompositePredicate.any([]) is Predicate.TRUE
    assert CompositePredicate.any([Predicate.FALSE, Predicate.FALSE]) is Predicate.FALSE
    assert CompositePredicate.any([Predicate.FALSE, some]) is not Predicate.FALSE
    assert CompositePredicate.all([Predicate.FALSE, some]) is Predicate.FALSE
    assert CompositePredicate.all([]) is Predicate.TRUE
    assert CompositePredicate.all([Predicate.TRUE, Predicate.TRUE]) is Predicate.TRUE
    assert CompositePredicate.all([Predicate.TRUE, some]) is not Predicate.TRUE


def test_composites_decide():
    yes, no = constant(True), constant(False)
    assert CompositePredicate.any([yes, no])(None)
    assert not CompositePredicate.any([no, no])(None)
    assert CompositePredicate.all([yes, yes])(None)
    assert not CompositePredicate.all([yes, no])(None)


def test_composites_are_static_if_all_their_parts_are():
    static, dynamic = constant(False, static=True), constant(False)
    only_static = CompositePredicate.any([static, static])
    assert only_static.static and only_static.dynamic_call(None) and not only_static(None)
    mixed = CompositePredicate.any([static, dynamic])
    assert not mixed.static and not mixed.dynamic_call(None)


def test_a_composite_as_a_condition():
    odd = Predicate(lambda node: node.value % 2 == 1, static=True)
    large = Predicate(lambda node: node.value > 1)
    assert seen_by(CompositePredicate.all([odd, large])) == [3]


def test_at_run_time_only_the_dynamic_parts_of_a_composite_decide():
    odd = Predicate(lambda node: node.value % 2 == 1, static=True)
    large = Predicate(lambda node: node.value > 1)
    assert seen_by(CompositePredicate.any([odd, large])) == [2, 3]


def test_a_composite_is_cloned_with_its_parts():
    parts = [constant(True), constant(False)]
    clone = CompositePredicate(parts, reducer=all).clone()
    assert isinstance(clone, CompositePredicate) and clone.base_predicates == parts and not clone(None)


def test_tables_of_nodes_are_there_when_code_is_woven():
    def is_right_of_sum(node):
        parent = pyc.BaseTracer.containing_ast_by_id.get(id(node))
        return isinstance(parent, ast.BinOp) and parent.right is node and pyc.is_outer_stmt(node)

    source = "x = 1 + 2 + 3\nfor y in (4,):\n    z = 5 + 6"
    assert seen_by(is_right_of_sum, source, static=True) == [2, 3]
    assert seen_by(is_right_of_sum, source) == [2, 3]


def test_a_predicate_that_raises_leaves_no_rows():
    before = len(pyc.BaseTracer.ast_node_by_id)

    def fails(node):
        assert id(node) in pyc.BaseTracer.ast_node_by_id
        raise KeyError("no")

    with pytest.raises(KeyError):
        seen_by(fails, static=True)
    assert len(pyc.BaseTracer.ast_node_by_id) == before
