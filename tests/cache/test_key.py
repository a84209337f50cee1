"""What an entry is found by: all that shapes the code, and nothing that does not."""
import ast
import functools
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pyccolo_native as pyc
from pyccolo_native.ast_rewriter import AstRewriter
from pyccolo_native.cache import shape
from pyccolo_native.cache.shape import NotCached, Shapes
from pyccolo_native.predicate import CompositePredicate, Predicate

OUTSIDE = 3
NAMES = ("a", "b")
MUTABLE = ["a"]


def tracer(**members):
    """A tracer whose handlers are given as event=(options)."""
    events = {name: options for name, options in members.items() if hasattr(pyc, name) and isinstance(options, dict)}
    for name, options in events.items():
        pyc.register_handler(getattr(pyc, name), **options)(lambda self, ret: None)
    rest = {name: value for name, value in members.items() if name not in events}
    return type(pyc.BaseTracer)("Made", (pyc.BaseTracer,), {"instrument_all_files": True, **rest})()


def text_of(*tracers, path="a.py"):
    return Shapes().of(tracers[-1].make_ast_rewriter(path, tracers=list(tracers)))


def reason_of(*tracers):
    with pytest.raises(NotCached) as caught:
        text_of(*tracers)
    assert str(caught.value) in shape.reasons(tracers[-1].make_ast_rewriter("a.py", tracers=list(tracers)))
    return str(caught.value)


def is_keyed(condition, **options):
    try:
        return text_of(tracer(load_name={"when": condition, **options}))
    except NotCached:
        return None


def test_handlers_may_change():
    class One(pyc.BaseTracer):
        instrument_all_files = True

        @pyc.load_name
        def handler(self, ret):
            return None

    class Other(pyc.BaseTracer):
        instrument_all_files = True

        @pyc.load_name
        def something_else(self, ret, node, frame, event, guard, **kwargs):
            return 5

    assert text_of(One()) == text_of(Other())


@pytest.mark.parametrize(
    "members",
    [
        {"load_name": {}, "before_call": {}},
        {"before_call": {}},
        {"load_name": {}, "global_guards_enabled": False},
        {"load_name": {"when": lambda node: node.id == "a"}},
        {"load_name": {"when": lambda node: node.id == "b"}},
        {"load_name": {"when": lambda node: node.id in NAMES}},
        {"load_name": {"when": lambda node: True}},
        {"load_name": {"exempt_from_guards": True}},
        {"load_name": {"when": lambda node: node.id == "a", "cache_version": 1}},
        {"load_name": {"when": lambda node: node.id == "a", "cache_version": 2}},
        {"load_name": {"when": lambda node: node.id == "a", "cache_version": "2"}},
    ],
    ids=str,
)
def test_what_shapes_the_code_is_in_the_text(members):
    plain = tracer(load_name={})
    assert text_of(tracer(**members)) != text_of(plain)
    assert text_of(tracer(**members), plain) != text_of(plain)
    assert text_of(tracer(**members)) == text_of(tracer(**members))


def test_the_order_of_registration_does_not_matter():
    assert text_of(tracer(load_name={}, before_call={})) == text_of(tracer(before_call={}, load_name={}))


def test_tracers_that_do_not_instrument_the_file_count_for_guards_only():
    plain = tracer(load_name={})
    elsewhere = tracer(before_call={}, instrument_all_files=False)
    assert text_of(plain, elsewhere) == text_of(plain, tracer(before_stmt={}, instrument_all_files=False))
    assert "before_call" not in text_of(plain, elsewhere)


def test_events_chosen_on_the_instance():
    its = tracer(load_name={}, before_call={})
    before = text_of(its)
    its.events_with_registered_handlers = frozenset({pyc.TraceEvent.load_name})
    assert text_of(its) != before


# ---- Predicates


def holds_for_a(node):
    return isinstance(node, ast.Name) and node.id.startswith("a") and node.lineno > OUTSIDE


def through_another(node):
    return holds_for_a(node)


def again(node, depth=0):
    return depth < 3 and again(node, depth + 1)


def closing_over(value):
    return lambda node: node.id == value


@pytest.mark.parametrize(
    "condition",
    [
        holds_for_a,
        through_another,
        again,
        closing_over("a"),
        lambda node: any(isinstance(child, ast.Call) for child in ast.walk(node)),
        lambda node: len([n for n in ast.iter_child_nodes(node) if type(n) is ast.Name]) > OUTSIDE,
        lambda node: node.id.upper() in ("A", "B") or node.id == f"{5}" if False else True,
    ][:-1],
)
def test_conditions_that_depend_on_the_node_alone(condition):
    assert is_keyed(condition)
    assert is_keyed(condition, static=True)


def asks_its_tracer(self, node):
    return self.names


def ignores_its_tracer(self, node):
    return node.lineno > 1


@pytest.mark.parametrize(
    "condition, what",
    [
        (lambda node: node.id in MUTABLE, "MUTABLE"),
        (lambda node: node.parent is None, ".parent"),
        (lambda node: getattr(node, "parent", None), "getattr"),
        (lambda node: id(node) % 2, "id"),
        (lambda node: open("/etc/passwd"), "open"),
        (lambda node: __import__("time").time() > 5, "__import__"),
        (lambda node: sys.argv, "sys"),
        (lambda node: f"{node}" == "a", "FORMAT"),
        (lambda node: "%s" % node == "a", "%"),
        (lambda node: undefined_name, "undefined_name"),  # noqa: F821
        (functools.partial(lambda a, node: True, 1), "partial"),
        (str.isidentifier, "isidentifier"),
        (closing_over(["a"]), "value"),
        (closing_over(object()), "value"),
        (lambda node, seen=[]: seen.append(node), "default"),
    ],
)
def test_conditions_that_may_answer_otherwise_another_time(condition, what):
    reason = reason_of(tracer(load_name={"when": condition}))
    assert what in reason and "cache_version" in reason and "load_name" in reason
    assert is_keyed(condition, cache_version=1)


def test_imports_in_a_condition():
    def condition(node):
        import random

        return random.random() > 0.5

    assert "IMPORT" in reason_of(tracer(load_name={"when": condition}))


def test_conditions_that_write():
    def condition(node):
        global OUTSIDE
        OUTSIDE = node.lineno
        return True

    assert "STORE_GLOBAL" in reason_of(tracer(load_name={"when": condition}))


def test_methods():
    class Asking(pyc.BaseTracer):
        instrument_all_files = True
        names = ()

        def wanted(self, node):
            return node.id in self.names

        @pyc.register_handler(pyc.load_name, when=wanted)
        def handler(self, ret):
            pass

    class Looking(pyc.BaseTracer):
        instrument_all_files = True

        def wanted(self, node):
            return node.id == "a"

        @pyc.register_handler(pyc.load_name, when=wanted)
        def handler(self, ret):
            pass

    assert "wanted" in reason_of(Asking())
    assert text_of(Looking())


def test_conditions_by_id_need_a_version():
    assert "ids of nodes" in reason_of(tracer(load_name={"when": lambda node: True, "use_raw_node_id": True}))


def test_a_version_on_the_condition_itself():
    def condition(node):
        return sys.argv

    condition.cache_version = 1
    one = is_keyed(condition)
    condition.cache_version = 2
    assert one and is_keyed(condition) and is_keyed(condition) != one
    condition.cache_version = 1.5
    assert "not a str or an int" in reason_of(tracer(load_name={"when": condition}))


def test_composed_predicates():
    def composed(how, *conditions):
        return text_of(tracer(load_name={"when": how([Predicate(its) for its in conditions])}))

    a, b = closing_over("a"), closing_over("b")
    texts = {composed(CompositePredicate.any, a, b), composed(CompositePredicate.all, a, b), composed(CompositePredicate.any, a)}
    assert len(texts) == 3
    assert composed(CompositePredicate.any, a, b) == composed(CompositePredicate.any, a, b)
    odd = CompositePredicate([Predicate(a)], reducer=lambda answers: True)
    assert "decides for a predicate" in reason_of(tracer(load_name={"when": odd}))


def test_predicates_of_another_kind():
    class Own(Predicate):
        pass

    assert "Own" in reason_of(tracer(load_name={"when": Own(holds_for_a)}))


def test_a_text_is_made_anew_when_a_global_changes(monkeypatch):
    shapes = Shapes()
    its = tracer(load_name={"when": holds_for_a})
    rewriter = its.make_ast_rewriter("a.py", tracers=[its])
    first = shapes.of(rewriter)
    assert shapes.of(rewriter) == first
    monkeypatch.setitem(globals(), "OUTSIDE", 4)
    second = shapes.of(rewriter)
    assert second != first
    monkeypatch.setitem(globals(), "isinstance", lambda *_: True)
    assert shapes.of(rewriter) not in (first, second)


def test_a_text_is_made_anew_when_a_closure_or_a_condition_changes():
    value = "a"

    def condition(node):
        return node.id == value

    shapes = Shapes()
    its = tracer(load_name={"when": condition})
    rewriter = its.make_ast_rewriter("a.py", tracers=[its])
    texts = [shapes.of(rewriter)]
    value = "b"
    texts.append(shapes.of(rewriter))
    condition.__code__ = (lambda node: node.id != value).__code__
    texts.append(shapes.of(rewriter))
    assert len(set(texts)) == 3


def test_a_text_is_made_anew_when_a_composed_predicate_changes():
    shapes = Shapes()
    predicate = CompositePredicate.any([Predicate(closing_over("a")), Predicate(closing_over("b"))])
    its = tracer(load_name={"when": predicate})
    rewriter = its.make_ast_rewriter("a.py", tracers=[its])
    first = shapes.of(rewriter)
    its._event_handlers[pyc.TraceEvent.load_name][0].predicate.base_predicates.append(Predicate(closing_over("c")))
    assert shapes.of(rewriter) != first


# ---- Tracers


@pytest.mark.parametrize(
    "members, what",
    [
        ({"bytecode_caching_allowed": False}, "bytecode_caching_allowed = False"),
        ({"preprocess": lambda self, code, rewriter, positions=None: code}, "preprocess"),
        ({"static_init_module": lambda self, node: None}, "static_init_module"),
        ({"make_syntax_augmenter": lambda self, rewriter: None}, "make_syntax_augmenter"),
        ({"syntax_augmentation_specs": classmethod(lambda cls: [])}, "syntax_augmentation_specs"),
        ({"ast_rewriter_cls": type("Own", (AstRewriter,), {})}, "Own rewrites in a way of its own"),
        ({"load_name": {"guard": lambda node: "g"}}, "guard="),
    ],
    ids=str,
)
def test_tracers_whose_work_cannot_be_kept(members, what):
    assert what in reason_of(tracer(**members))


def test_hooks_replaced_on_an_instance():
    its = tracer(load_name={})
    its.static_init_module = lambda node: None
    assert "static_init_module" in reason_of(its)


def test_any_active_tracer_may_refuse():
    assert "bytecode_caching_allowed" in reason_of(tracer(bytecode_caching_allowed=False, instrument_all_files=False), tracer(load_name={}))


def test_a_local_guard_counts_though_its_tracer_does_not_instrument_the_file(cache_folder, tmp_path):
    from pyccolo_native import cache

    path = tmp_path / "a.py"
    path.write_text("a")
    elsewhere = tracer(load_name={"guard": lambda node: "g"}, instrument_all_files=False)
    tracers = [elsewhere, tracer(load_name={})]
    assert "guard=" in reason_of(*tracers)
    found = cache.explain(tracers, str(path))
    assert not found["cached"] and "guard=" in found["reasons"][0]


def test_sources_of_the_library_that_cannot_be_read(cache_folder, entries, fresh_import, monkeypatch):
    from pyccolo_native import cache

    class Loader:
        def get_data(self, path):
            raise FileNotFoundError(path)

    monkeypatch.setattr(shape, "__loader__", Loader())
    monkeypatch.setattr(cache, "_cache", cache._Cache())
    its = tracer(load_name={})
    assert fresh_import(its, "a = 1\nb = a").b == 1
    assert entries() == []
    assert "own sources cannot be read" in cache.explain([its])["reasons"][0]


# ---- A stale entry is never used


CONDITIONS = [None, lambda node: node.lineno > 1, lambda node: node.lineno > 2, lambda node: isinstance(node, ast.Name)]
SOURCES = ["a = 1\nb = a\nc = a + b\n", "a = 1\nb = a\nc = a - b\n", "a = 1\nb = a\n\nc = a + b\n", "a = 1\nfor b in (a, 2):\n    c = b\n"]
EVENTS = [pyc.load_name, pyc.before_stmt, pyc.after_int, pyc.after_for_loop_iter, pyc.before_binop]

tracers = st.fixed_dictionaries(
    {
        "events": st.lists(st.tuples(st.sampled_from(EVENTS), st.sampled_from(CONDITIONS)), min_size=1, max_size=3),
        "guards": st.booleans(),
        "whole": st.booleans(),
    }
)


def build(description):
    """A class with one name, whatever it does."""

    def note(self, ret, node, frame, event, guard, **keywords):
        self.seen.append((event.name, type(node).__name__, node.lineno, node.col_offset))

    for event, condition in description["events"]:
        pyc.register_handler(event, when=condition, static=True)(note)
    members = {
        "instrument_all_files": description["whole"],
        "should_instrument_file": lambda self, filename: "woven_" in filename,
        "global_guards_enabled": description["guards"],
        "seen": [],
    }
    return type(pyc.BaseTracer)("OneName", (pyc.BaseTracer,), members)()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(tracers, st.sampled_from(SOURCES)), min_size=2, max_size=5))
def test_whatever_is_edited_the_events_are_those_of_now(cache_folder, fresh_import, monkeypatch, runs):
    """Each run imports the same module under a class of the same name: with the cache and without it."""
    for description, source in runs:
        seen = []
        for folder in (str(cache_folder), ""):
            monkeypatch.setenv("PYCCOLO_CACHE_DIR", folder)
            its = build(description)
            its.seen.clear()
            module = fresh_import(its, source)
            seen.append((list(its.seen), module.c))
        assert seen[0] == seen[1]
