"""Woven code as bytes and back: the same events of the same nodes, which are read from the source when they are wanted."""
import ast
import builtins
import gc
import importlib.util
import random
import threading
import sys
import warnings
import weakref
from pathlib import Path

import pytest

import pyccolo_native as pyc
from pyccolo_native import _native
from pyccolo_native.sandbox import compile_with_rewrite

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("programs_of_tests", ROOT / "tests" / "transparency" / "corpus.py")
corpus = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(corpus)
PROGRAMS = corpus.programs()
EVENTS = tuple(
    pyc.TraceEvent[name]
    for name, _, origin, _, _, _ in _native.event_table()
    if origin == "Ast" and not name.startswith("_")
)


class Everything(pyc.BaseTracer):
    instrument_all_files = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.seen = []

    @pyc.register_handler(EVENTS)
    def note(self, ret, node, frame, event, guard, **keywords):
        self.seen.append((event.name, described(node), sorted((k, plain(self, k, v)) for k, v in keywords.items())))


class Values(pyc.BaseTracer):
    """Has no use for nodes."""

    instrument_all_files = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.seen = []

    @pyc.load_name
    @pyc.after_binop
    @pyc.before_compare
    def value(self, ret):
        self.seen.append(ret if isinstance(ret, (int, float, str)) else type(ret).__name__)


class Quiet(pyc.BaseTracer):
    instrument_all_files = True

    @pyc.before_stmt
    def statement(self, ret):
        pass

    @pyc.after_function_execution
    def left(self, ret):
        pass


def described(node):
    if node is None:
        return None
    return type(node).__name__, *(getattr(node, name, None) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"))


def plain(tracer, name, value):
    if name == "guard":
        return value is None
    return described(tracer.ast_node_by_id[value]) if name.endswith("_node_id") and value is not None else value


def woven(tracer, source, path="<a file>"):
    """(code, Rewrite) fresh, and the same stored and restored."""
    source = source if isinstance(source, bytes) else source.encode()
    with tracer:
        code, rewrite = compile_with_rewrite(source, path, tracer.make_ast_rewriter(path))
    return (code, rewrite), _native.restore(_native.store(rewrite, code), source, path, True)


def same_code(one, other, guards):
    """Do they differ in nothing but the names of guards and the sites?"""
    for name in dir(one):
        if not name.startswith("co_") or name in ("co_consts", "co_names", "co_lnotab"):
            continue
        its, others = getattr(one, name), getattr(other, name)
        assert list(its()) == list(others()) if callable(its) else its == others, name
    assert [guards.get(name, name) for name in one.co_names] == list(other.co_names)
    for left, right in zip(one.co_consts, other.co_consts, strict=True):
        if hasattr(left, "co_code"):
            same_code(left, right, guards)
        elif type(left).__name__ == "Site":
            assert repr(left) == repr(right)
        else:
            assert left == right and type(left) is type(right)


def guards_of(tree):
    return {id(node): pyc.make_guard_name(node) for node in ast.walk(tree)}


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_everything_known_of_every_site_is_there_again(path):
    tracer = Everything()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fresh, restored = woven(tracer, path.read_bytes(), str(path))
    except ValueError as refusal:
        assert "could not be woven" in str(refusal)  # too many blocks, which is warned of each time
        return
    assert not restored[1].has_nodes and fresh[1].has_nodes
    rows = [
        [(event, described(node), {k: plain(tracer, k, v) for k, v in keywords.items()}) for _, event, node, keywords in its.sites()]
        for its in (fresh[1], restored[1])
    ]
    assert rows[0] == rows[1] and len(rows[0]) == fresh[1].site_count == restored[1].site_count
    assert restored[1].has_nodes
    assert [described(node) for node in fresh[1].nodes()] == [described(node) for node in restored[1].nodes()]
    names = [list(guards_of(its.tree).values()) for its in (fresh[1], restored[1])]
    same_code(fresh[0], restored[0], dict(zip(*names)))


SOURCE = '''
"""A module."""
import math

def area(r, *, scale=1):
    total = 0
    for i in range(3):
        total += math.pi * r ** 2 if 0 < r < 100 else -1
    return total * scale

class Shape:
    sides = [n for n in (3, 4)]
    def name(self, x):
        return (lambda y: f"{x}{y}")(self.sides[0])

result = area(2), area(3, scale=2), Shape().name("a")
'''


def run(code, tracer):
    tracer.seen.clear()
    namespace = {"__name__": "somewhere"}
    with tracer:
        exec(code, namespace)
    return namespace["result"], list(tracer.seen)


def test_the_same_events_with_the_same_nodes_fire():
    tracer = Everything()
    fresh, restored = woven(tracer, SOURCE)
    assert run(restored[0], tracer) == run(fresh[0], tracer)
    assert tracer.seen


def test_no_node_is_made_for_handlers_that_want_none():
    tracer = Values()
    fresh, restored = woven(tracer, SOURCE)
    assert run(restored[0], tracer) == run(fresh[0], tracer)
    assert tracer.seen and not restored[1].has_nodes


def test_nodes_are_made_once():
    tracer = Everything()
    _, (code, rewrite) = woven(tracer, SOURCE)
    tree = rewrite.tree
    assert tree is rewrite.tree and rewrite.has_nodes
    assert all(tracer.ast_node_by_id[id(node)] is node for node in rewrite.nodes())
    assert rewrite.module_id == id(tree)


def test_tables_are_filled_when_somebody_looks():
    tracer = Quiet()
    _, (code, rewrite) = woven(tracer, SOURCE)
    assert not rewrite.has_nodes
    statements = [node for node in tracer.ast_node_by_id.values() if isinstance(node, ast.FunctionDef)]
    assert rewrite.has_nodes
    assert "area" in [node.name for node in statements]


def test_guards_of_a_restored_rewrite_are_its_own():
    class Guarding(Quiet):
        count = 0

        @pyc.before_stmt
        def statement(self, ret, node):
            self.count += 1

        @pyc.after_function_execution
        def left(self, ret, node, frame, event, guard, **_):
            assert guard == pyc.make_guard_name(node) == pyc.make_guard_name(id(node))
            self.activate_guard(node)

    tracer = Guarding()
    before_all = dir(builtins)
    source = "def f():\n    a = 1\n    return a\nresult = [f() for _ in range(4)]"
    fresh, restored = woven(tracer, source)
    counts = []
    for code, rewrite in (fresh, restored):
        before = tracer.count
        with tracer:
            namespace = {}
            exec(code, namespace)
        assert namespace["result"] == [1] * 4
        counts.append(tracer.count - before)
    assert counts[0] == counts[1] == 4  # once in f, then its guard is on
    del fresh, restored, code, rewrite, namespace
    gc.collect()
    assert dir(builtins) == before_all


def test_two_restored_from_the_same_bytes_do_not_share_guards():
    tracer = Quiet()
    (code, rewrite), first = woven(tracer, "def f():\n    return 1\nresult = f()")
    second = _native.restore(_native.store(rewrite, code), b"def f():\n    return 1\nresult = f()", "<a file>", True)
    names = [{name for const in its.co_consts if hasattr(const, "co_names") for name in const.co_names} for its, _ in (first, second)]
    guards = [{name for name in found if "GUARD" in name} for found in names]
    assert guards[0] and guards[1] and not guards[0] & guards[1]


def test_thunks_of_restored_code_can_be_called():
    class Calling(pyc.BaseTracer):
        instrument_all_files = True

        @pyc.before_return
        def returned(self, ret):
            value = ret()
            return lambda: value * 10

    tracer = Calling()
    (code, _), (again, rewrite) = woven(tracer, "def f(x):\n    return sum(y + x for y in range(3))\nresult = f(1)")
    results = []
    for its in (code, again):
        namespace = {}
        with tracer:
            exec(its, namespace)
        results.append(namespace["result"])
    assert results == [60, 60]
    assert rewrite.has_nodes


def test_warnings_about_the_source_are_not_repeated(recwarn):
    tracer = Everything()
    (_, _), (_, rewrite) = woven(tracer, "result = 'a\\d'")
    before = len(recwarn)
    assert before  # of the first compilation
    rewrite.tree
    assert len(recwarn) == before
    with pytest.warns(UserWarning):
        warnings.warn("filters are as they were")


def test_source_with_a_cookie():
    tracer = Everything()
    source = "# -*- coding: latin-1 -*-\nresult = 'é', 1 + 2".encode("latin-1")
    fresh, restored = woven(tracer, source)
    assert run(restored[0], tracer) == run(fresh[0], tracer)
    assert tracer.seen


def test_restored_code_keeps_its_rewrite_alive_and_no_longer():
    tracer = Quiet()
    _, (code, rewrite) = woven(tracer, SOURCE)
    before = _native.live_objects()
    del rewrite
    assert _native.live_objects() == before
    del code
    assert _native.live_objects()["sites"] < before["sites"]


def test_local_guards_are_not_stored():
    class Local(pyc.BaseTracer):
        instrument_all_files = True

        @pyc.register_handler(pyc.load_name, guard=lambda node: "some_guard")
        def name(self, ret):
            pass

    with pytest.raises(ValueError, match="local guard"):
        woven(Local(), "a = 1\na")


def test_code_of_another_rewrite_is_refused():
    tracer = Quiet()
    (code, rewrite), _ = woven(tracer, SOURCE)
    (other_code, other), _ = woven(tracer, "a = 1")
    with pytest.raises(ValueError, match="another rewrite"):
        _native.store(rewrite, other_code)
    assert [type(const).__name__ for const in other_code.co_consts].count("Site") == 1  # all are back in their place


def test_arguments_are_checked():
    tracer = Quiet()
    (code, rewrite), _ = woven(tracer, "a = 1")
    stored = _native.store(rewrite, code)
    for wrong in ((), (code, rewrite), (rewrite, "code"), (rewrite,)):
        with pytest.raises(TypeError):
            _native.store(*wrong)
    for wrong in ((stored,), (stored, "a = 1", "path", True), (stored, b"a = 1", 3, True), ("text", b"", "path", True)):
        with pytest.raises(TypeError):
            _native.restore(*wrong)


def test_numbers_that_cannot_be_are_refused():
    """The numbers before the code are checked one by one, whatever else protects them."""
    tracer = Everything()
    (code, rewrite), _ = woven(tracer, SOURCE)
    stored = _native.store(rewrite, code)
    marshalled = len(__import__("marshal").dumps(code.replace(co_consts=())))  # at least
    draw = random.Random(5)
    refused = 0
    for _ in range(400):
        damaged = bytearray(stored)
        damaged[draw.randrange(0, 32)] ^= 1 << draw.randrange(8)  # the counts
        try:
            _native.restore(bytes(damaged), SOURCE.encode(), "<a file>", True)
        except (ValueError, EOFError, TypeError, MemoryError):
            refused += 1
    assert refused > 300 and marshalled
    for length in (0, 10, 31, 32, 100):
        with pytest.raises((ValueError, EOFError)):
            _native.restore(stored[:length], SOURCE.encode(), "<a file>", True)


def test_a_source_that_is_not_that_of_the_code():
    tracer = Everything()
    (code, rewrite), _ = woven(tracer, SOURCE)
    _, other = _native.restore(_native.store(rewrite, code), b"a = 1", "<a file>", True)
    with pytest.raises(RuntimeError, match="do not fit its source"):
        other.tree
    assert not other.has_nodes


def test_a_restored_rewrite_is_collected_with_its_tree():
    tracer = Everything()
    _, (code, rewrite) = woven(tracer, "a = 1")
    tree = weakref.ref(rewrite.tree)
    del code, rewrite
    assert tree() is None


def test_threads_that_need_the_nodes_at_once():
    """While one thread has the source parsed, by code in Python where it has new syntax, another may be done with it."""
    tracer = Everything()
    (code, rewrite), _ = woven(tracer, SOURCE)
    trees = []

    def parsed():
        if not trees:
            trees.append(None)
            faster = threading.Thread(target=lambda: trees.append(restored.tree))
            faster.start()
            faster.join()
        return ast.parse(SOURCE)

    _, restored = _native.restore(_native.store(rewrite, code), parsed, "<a file>", False)
    assert restored.tree is trees[1] is not None
