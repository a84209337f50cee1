"""pyc.count: what is counted by what, for whom, and what becomes of it."""
import ast
import gc
import pickle
import sys
import threading
import weakref
from collections.abc import Mapping

import pytest

import pyccolo_native as pyc
from pyccolo_native import _native
from pyccolo_native.counting import Counts, Line, Place

FILE = "<sandbox-counted>"
SOURCE = """\
def f(n):
    return n + len('é') + n
for i in range(3):
    f(i); f(i)
"""


def run(tracer, source=SOURCE):
    with tracer:
        return pyc.exec(source, {}, {}, filename=FILE)


def tracer_of(*events, **options):
    class Tracer(pyc.BaseTracer):
        hits = pyc.count(*events, **options)

    return Tracer()


def test_by_event_is_the_default():
    tracer = tracer_of(pyc.before_call, pyc.after_binop, pyc.after_string)
    run(tracer)
    assert tracer.hits == {pyc.before_call: 1 + 6 + 6, pyc.after_binop: 12, pyc.after_string: 6}
    assert tracer.hits.by == "event"
    assert list(tracer.hits) == sorted(tracer.hits, key=list(pyc.TraceEvent).index)


def test_by_line_counts_the_lines_that_nodes_begin_in():
    tracer = tracer_of(pyc.before_call, pyc.before_stmt, by="line")
    run(tracer)
    calls_and_statements = {(FILE, 1): 1, (FILE, 2): 6 + 6, (FILE, 3): 1 + 1, (FILE, 4): 6 + 6}
    assert tracer.hits == calls_and_statements
    assert all(type(line) is Line and line.filename == FILE for line in tracer.hits)
    assert tracer.hits[FILE, 4] == 12


def test_by_site_counts_exact_places():
    tracer = tracer_of(pyc.before_call, ast.BinOp, by="site")
    run(tracer)
    assert tracer.hits == {
        Place(FILE, 3, 9, 3, 17): 1,
        Place(FILE, 4, 4, 4, 8): 3,
        Place(FILE, 4, 10, 4, 14): 3,
        Place(FILE, 2, 15, 2, 24): 6,
        Place(FILE, 2, 11, 2, 24): 6,
        Place(FILE, 2, 11, 2, 28): 6,
    }
    place = next(iter(tracer.hits))
    assert (place.lineno, place.col_offset, place.end_lineno, place.end_col_offset) == (3, 9, 3, 17)


def test_by_code_counts_the_code_that_runs():
    tracer = tracer_of(pyc.load_name, by="code")
    f = run(tracer, "def f(n):\n    g = lambda: n\n    return [g() for _ in (n, n)]\nf(1)")["f"]
    names = {code.co_name: number for code, number in tracer.hits.items()}
    assert names["<lambda>"] == 2
    assert f.__code__ in tracer.hits
    assert sum(names.values()) == tracer.hits.total()


def test_nodes_without_a_place_have_that_of_their_children(importable):
    class Tracer(pyc.BaseTracer):
        hits = pyc.count(pyc.init_module, pyc.exit_module, by="site")
        instrument_all_files = True

    tracer = Tracer()
    importable("woven_module", "\nx = 1\ny = [\n2]\n")
    importable("woven_nothing", "")
    with tracer:
        import woven_module
        import woven_nothing
    assert tracer.hits == {Place(woven_module.__file__, 2, 0, 4, 2): 2, Place(woven_nothing.__file__, 1, 0, 1, 0): 2}


SHAPES = [
    (pyc.after_int, "1", 1),
    (pyc.before_call, "int()", 1),
    (pyc.before_call, "[int() for _ in (1, 2, 3)]", 3),
    (pyc.before_binop, "2 + 3 * 4", 2),
    (pyc.before_compare, "1 < 2 < 3", 1),
    (pyc.before_compare, "1 == 2", 1),
    (pyc.before_subscript_load, "[[1], [2]][0][0]", 2),
    (pyc.before_subscript_slice, "[[1], [2]][0][0]", 2),
    (pyc.after_subscript_slice, "[[1], [2]][0][0]", 2),
    (pyc.after_subscript_load, "[[1], [2]][0][0]", 2),
    (pyc.before_attribute_load, "(1).real.real", 2),
    (pyc.after_argument, "max(1, 2)", 2),
    (pyc.before_argument, "max(1, 2)", 2),
    (pyc.before_lambda_body, "(lambda: 5)()", 1),
    (pyc.load_name, "int, str", 2),
    (pyc.after_list_literal, "[[], []]", 3),
    (pyc.before_fstring, "f'{1}{2}'", 1),
    (pyc.after_comprehension_if, "[x for x in (1, 2) if x]", 2),
]


@pytest.mark.parametrize("event, source, number", SHAPES)
@pytest.mark.parametrize("by", ["event", "site", "line", "code"])
def test_expressions_of_every_shape(event, source, number, by):
    tracer = tracer_of(event, by=by)
    with tracer:
        assert pyc.eval(source, {}, {}) == eval(source, {}, {})
    assert tracer.hits.total() == number


@pytest.mark.parametrize(
    "event, number",
    [
        (pyc.before_stmt, 10),
        (pyc.after_stmt, 10),
        (pyc.before_function_body, 2),
        (pyc.after_function_execution, 2),
        (pyc.before_for_loop_body, 2),
        (pyc.after_for_loop_iter, 2),
        (pyc.before_return, 2),
        (pyc.after_return, 2),
        (pyc.after_if_test, 2),
        (pyc.after_assign_rhs, 2),
        (pyc.exception_handler_type, 1),
        (pyc.before_assert, 1),
        (pyc.after_expr_stmt, 2),
        (pyc.after_module_stmt, 3),
    ],
)
def test_statements_of_every_shape(event, number):
    source = """
    def f(n):
        if n:
            m = n
        return n
    for i in range(2):
        f(i)
    try:
        assert False
    except AssertionError:
        x = 5
    """
    tracer = tracer_of(event)
    found = run(tracer, source)
    assert found["x"] == 5
    if event in (pyc.before_stmt, pyc.after_stmt, pyc.after_module_stmt):
        number = handled(event, source)  # in the function that runs the source, its last return too
    assert tracer.hits.total() == number


def handled(event, source):
    """How often a handler of the event is called."""

    class Tracer(pyc.BaseTracer):
        calls = 0

        @pyc.register_handler(event)
        def handle(self, *_, **__):
            self.calls += 1

    tracer = Tracer()
    run(tracer, source)
    return tracer.calls


def test_every_event_is_counted_as_often_as_handled():
    source = """
    class C:
        a: int = 1
        def __getitem__(self, i): return i
    def g():
        x = yield 1
        while x:
            x -= 1
        return {**{'a': 1}, 'b': (2, 3.0, 1j, None, ..., b'c', {4})}
    c = C()
    c.b = c[1:2], c.a, c[c.a], f'{c.a!r}', not c.a, c.a < 2 < 3, -c.a
    c.b, c.d = 1, [i for i in range(3) if i % 2]
    del c.d
    it = g(); next(it)
    try:
        it.send(2)
    except StopIteration as e:
        assert e.value
    lam = (lambda z: z)(True)
    if lam and c.b:
        pass
    """
    events = [event for event in pyc.TraceEvent if _origin[event.name] == "Ast"]

    class Both(pyc.BaseTracer):
        hits = pyc.count(*(event for event in events if event not in (pyc.before_assert, pyc.after_assert)))

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.seen = {}

        @pyc.register_universal_handler
        def see(self, ret, node, frame, event, *_, **__):
            if event in events:
                self.seen[event] = self.seen.get(event, 0) + 1

    both = Both()
    run(both, source)
    assert both.hits == both.seen
    assert len(both.seen) > 60
    alone = tracer_of(*(event for event in events if event not in (pyc.before_assert, pyc.after_assert)))
    run(alone, source)
    assert alone.hits == both.seen


_origin = {row[0]: row[2] for row in _native.event_table()}


def test_an_alias_of_some_statements_counts_those():
    tracer = tracer_of(pyc.before_assert, by="line")
    run(tracer, "x = 1\nassert x\nassert x\n")
    assert tracer.hits == {(FILE, 2): 1, (FILE, 3): 1}


def test_predicates_decide():
    class Tracer(pyc.BaseTracer):
        static = pyc.count(pyc.load_name, when=lambda node: node.id == "a", static=True)
        dynamic = pyc.count(pyc.load_name, when=lambda node: node.id in "ab", by="line")

    tracer = Tracer()
    run(tracer, "a = b = c = 1\n[a, b, c, a]")
    assert tracer.static == {pyc.load_name: 3}  # as with handlers: b was woven for the other count
    assert tracer.dynamic == {(FILE, 2): 3}


def test_a_predicate_that_raises_counts_nothing_and_is_told_of(monkeypatch):
    def fails_later(node):
        asked.append(node)
        return len(asked) == 1 or node.gone

    asked = []
    tracer = tracer_of(pyc.after_int, when=fails_later)
    told = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    run(tracer, "for _ in 'ab': 1")
    assert tracer.hits.total() == 0
    assert [type(its.exc_value) for its in told] == [AttributeError] and told[0].object is type(tracer).hits
    told.clear()


# ---- The mapping


def test_it_is_a_mapping():
    tracer = tracer_of(pyc.after_int, by="line")
    run(tracer, "x = 1\nfor i in (2, 3):\n    4\n")
    hits = tracer.hits
    assert isinstance(hits, Mapping) and isinstance(hits, Counts)
    assert dict(hits) == {(FILE, 1): 1, (FILE, 2): 2, (FILE, 3): 2}
    assert list(hits.keys()) == list(hits) and sum(hits.values()) == hits.total() == 5
    assert len(hits) == 3 and (FILE, 3) in hits and (FILE, 4) not in hits
    assert hits[FILE, 4] == 0 and hits.get((FILE, 4)) is None and hits.get((FILE, 1)) == 1
    assert hits == {(FILE, 1): 1, (FILE, 2): 2, (FILE, 3): 2} and hits != {}
    assert hits == tracer.hits
    assert hits.most_common(1) == [((FILE, 2), 2)]
    assert hits.most_common()[-1] == ((FILE, 1), 1)
    assert hits.most_common(0) == [] == hits.most_common(-1)
    assert repr(hits).endswith(f"hits by line: {dict(hits.most_common())!r}>")
    with pytest.raises(TypeError):
        hash(hits)


def test_it_goes_on_counting_and_can_be_cleared():
    tracer = tracer_of(pyc.after_int, by="site")
    hits = tracer.hits
    assert hits == {} and not hits
    run(tracer, "1")
    assert hits.total() == 1
    hits.clear()
    assert hits == {} and hits.total() == 0
    run(tracer, "1; 2")
    assert tracer.hits.total() == hits.total() == 2


def test_it_can_be_cleared_while_it_counts():
    class Tracer(pyc.BaseTracer):
        hits = pyc.count(pyc.after_int, by="line")

        @pyc.before_call
        def handle(self):
            self.hits.clear()

    tracer = Tracer()
    run(tracer, "1\nint()\n2\n")
    assert tracer.hits == {(FILE, 3): 1}


def test_on_the_class_it_is_the_description():
    class Tracer(pyc.BaseTracer):
        calls = pyc.count(pyc.before_call, by="code")

    assert Tracer.calls.__name__ == "calls" and Tracer.calls.by == "code"
    assert Tracer.calls.__qualname__.endswith("Tracer.calls") and Tracer.calls.__module__ == __name__
    assert repr(Tracer.calls).endswith("Tracer.calls by code>")
    with pytest.raises(AttributeError, match="calls of Tracer counts events"):
        Tracer().calls = 3


def test_many_places_are_told_apart():
    tracer = tracer_of(pyc.after_int, by="line")
    run(tracer, "\n".join(f"x = {i}" for i in range(3000)))
    assert len(tracer.hits) == 3000 and set(tracer.hits.values()) == {1}
    assert list(tracer.hits)[-1] == (FILE, 3000)


# ---- Whose counts


def test_each_instance_has_its_own():
    class Tracer(pyc.BaseTracer):
        hits = pyc.count(pyc.after_int)

    one, two = Tracer(), Tracer()
    run(one, "1")
    with one, two:
        pyc.exec("1; 2", {}, {})
    assert one.hits == {pyc.after_int: 3} and two.hits == {pyc.after_int: 2}


def test_subclasses_count_too():
    class Base(pyc.BaseTracer):
        hits = pyc.count(pyc.after_int)

    class Derived(Base):
        more = pyc.count(pyc.after_int, pyc.after_string)

    class Renamed(Base):
        hits = None

    derived, renamed = Derived(), Renamed()
    run(derived, "1; 'a'")
    run(renamed, "1")
    assert derived.hits == {pyc.after_int: 1}
    assert derived.more == {pyc.after_int: 1, pyc.after_string: 1}
    assert renamed.hits is None and Base.hits.__get__(renamed) == {pyc.after_int: 1}


def test_two_names_of_one_count():
    class Tracer(pyc.BaseTracer):
        one = two = pyc.count(pyc.after_int)

    tracer = Tracer()
    run(tracer, "1")
    assert tracer.one == tracer.two == {pyc.after_int: 1}
    assert Tracer.two.__name__ == "one"


def test_counts_of_one_tracer_are_apart():
    class Tracer(pyc.BaseTracer):
        ints = pyc.count(pyc.after_int)
        lines = pyc.count(pyc.after_int, by="line")

        @pyc.after_int
        def handle(self, ret):
            return ret + 1

    tracer = Tracer()
    assert run(tracer, "x = 1")["x"] == 2
    assert tracer.ints == {pyc.after_int: 1} and tracer.lines == {(FILE, 1): 1}


def test_reset_leaves_counts():
    tracer = tracer_of(pyc.after_int)
    run(tracer, "1")
    tracer.reset()
    assert tracer.hits.total() == 1


# ---- When nothing is counted


def test_not_before_and_after():
    tracer = tracer_of(pyc.after_int)
    f = run(tracer, "def f(): return 1")["f"]
    f()
    assert tracer.hits.total() == 0
    with tracer:
        f()
        with tracer.tracing_disabled():
            f()
        f()
    assert tracer.hits.total() == 2


def test_region_guards_hold():
    class Tracer(pyc.BaseTracer):
        hits = pyc.count(pyc.after_int)

        @pyc.after_for_loop_iter
        def enough(self, guard):
            self.activate_guard(guard)

    class Exempt(Tracer):
        hits = pyc.count(pyc.after_int, exempt_from_guards=True)

    for kind, number in [(Tracer, 1), (Exempt, 3)]:
        tracer = kind()
        run(tracer, "for _ in 'abc':\n    1\n")
        assert tracer.hits.total() == number


def nested(by, **options):
    class Tracer(pyc.BaseTracer):
        allow_reentrant_events = True
        hits = pyc.count(pyc.after_int, by=by, **options)

        @pyc.before_call
        def handle(self):
            self.inner()

        def inner(self):
            pass

    return Tracer()


@pytest.mark.parametrize("options, number", [({}, 1), ({"reentrant": True}, 2)])
@pytest.mark.parametrize("by", ["event", "line"])
def test_inside_handlers_only_what_is_reentrant(options, number, by):
    tracer = nested(by, **options)
    with tracer:
        inner = pyc.exec("def inner(): return 1", {}, {})["inner"]
        tracer.inner = inner
        pyc.exec("int(); 2", {}, {})
    assert tracer.hits.total() == number


def test_inside_handlers_within_allow_reentrant_event_handling():
    class Tracer(pyc.BaseTracer):
        hits = pyc.count(pyc.after_int)

        @pyc.before_call
        def handle(self):
            with pyc.allow_reentrant_event_handling():
                self.inner()

    tracer = Tracer()
    with tracer:
        tracer.inner = pyc.exec("def inner(): return 1", {}, {})["inner"]
        pyc.exec("int()", {}, {})
    assert tracer.hits.total() == 1


def test_filters_are_honoured(importable):
    importable("woven_counted", "x = 1\ny = 2\n")

    class One(pyc.BaseTracer):
        hits = pyc.count(pyc.after_int)

        def should_instrument_file(self, filename):
            return "woven_counted" in filename

    class Other(pyc.BaseTracer):
        hits = pyc.count(pyc.after_int)

    class Choosy(One):
        def file_passes_filter_for_event(self, evt, filename):
            return evt != "after_int"

    one, other, choosy = One(), Other(), Choosy()
    with one, other, choosy:
        import woven_counted  # noqa: F401
    assert one.hits.total() == 2 and other.hits.total() == 0 and choosy.hits.total() == 0


def test_threads():
    class Tracer(pyc.BaseTracer):
        hits = pyc.count(pyc.after_int)

    class Threaded(Tracer):
        multiple_threads_allowed = True

    one, both = Tracer(), Threaded()
    with one, both:
        f = pyc.exec("def f():\n    for _ in range(1000): 1\n", {}, {})["f"]
        one.hits.clear(), both.hits.clear()
        threads = [threading.Thread(target=f) for _ in range(4)]
        for thread in threads:
            thread.start()
        f()
        for thread in threads:
            thread.join()
    assert one.hits.total() == 1001
    assert both.hits.total() == 5 * 1001


def test_a_tracer_that_overrides_emit_event_still_counts():
    class Tracer(pyc.BaseTracer):
        hits = pyc.count(pyc.after_int, by="site")
        passed = 0

        def _emit_event(self, *args, **kwargs):
            self.passed += 1
            return super()._emit_event(*args, **kwargs)

    tracer = Tracer()
    run(tracer, "x = 1\nfor _ in 'ab':  x = 2")
    assert tracer.hits == {Place(FILE, 1, 4, 1, 5): 1, Place(FILE, 2, 20, 2, 21): 2}
    assert tracer.passed == 3


# ---- Imports


class Imports(pyc.BaseTracer):
    hits = pyc.count(pyc.after_int, pyc.before_stmt, by="site")
    lines = pyc.count(pyc.after_int, by="line")
    imports = pyc.count(pyc.before_import, pyc.init_module, pyc.after_import)
    codes = pyc.count(pyc.before_import, by="code")
    places = pyc.count(pyc.after_import, by="line")

    def should_instrument_file(self, filename):
        return "woven_" in filename


def test_imports_are_counted(importable):
    importable("woven_numbers", "x = 41\n\ny = [1,\n 2]\n")
    tracer = Imports()
    with tracer:
        import woven_numbers
    file = woven_numbers.__file__
    assert tracer.lines == {(file, 1): 1, (file, 3): 1, (file, 4): 1}
    assert Place(file, 3, 0, 4, 3) in tracer.hits and Place(file, 4, 1, 4, 2) in tracer.hits
    asked = tracer.imports[pyc.before_import]  # finding and loading both ask for the path
    assert tracer.imports == {pyc.before_import: asked, pyc.init_module: 1, pyc.after_import: 1}
    assert tracer.codes.total() == asked and tracer.places.total() == 1


def test_events_without_a_frame_are_counted_by_event_only():
    tracer = Imports()
    tracer._emit_event(pyc.before_import, None, None, ret="path")
    assert tracer.imports == {pyc.before_import: 1} and tracer.codes == {}


# ---- Lifetime


def test_nothing_outlives_the_tracer():
    class Tracer(pyc.BaseTracer):
        hits = pyc.count(pyc.after_int, by="site")
        codes = pyc.count(pyc.after_int, by="code")

    gc.collect()
    before = _native.live_objects()
    tracer = Tracer()
    run(tracer, "def f(): return 1\nf()")
    gc.collect()
    assert _native.live_objects() != before, "places are held while they are counted"
    assert [place.lineno for place in tracer.hits] == [1]
    died = weakref.ref(tracer)
    del tracer
    gc.collect()
    assert died() is None and _native.live_objects() == before


def test_nothing_outlives_clear():
    tracer = tracer_of(pyc.after_int, by="line")
    before = _native.live_objects()
    for _ in range(10):
        run(tracer, "1")
    assert len(tracer.hits) == 1 and tracer.hits.total() == 10
    tracer.hits.clear()
    gc.collect()
    assert _native.live_objects() == before


def test_counts_may_outlive_their_tracer():
    tracer = tracer_of(pyc.after_int)
    run(tracer, "1")
    hits = tracer.hits
    del tracer
    gc.collect()
    assert hits == {pyc.after_int: 1}


def test_a_tracer_class_with_counts_dies():
    tracer = tracer_of(pyc.after_int, by="code")
    run(tracer, "1")
    died = weakref.ref(type(tracer))
    del tracer
    gc.collect()
    assert died() is None


# ---- Bad input


@pytest.mark.parametrize(
    "make, error, told",
    [
        (lambda: pyc.count(), TypeError, r"count\(\) takes the events to count: count\(pyc.before_call"),
        (lambda: pyc.count(by="line"), TypeError, "takes the events"),
        (lambda: pyc.count(pyc.after_int, by="lines"), ValueError, "by='event', 'site', 'code' or 'line', not by='lines'"),
        (lambda: pyc.count(pyc.after_int, by=None), TypeError, "not by=None"),
        (lambda: pyc.count("after_in"), TypeError, "did you mean pyc.after_int"),
        (lambda: pyc.count(ast.Calls if hasattr(ast, "Calls") else ast.Await), TypeError, "no event is registered by"),
        (lambda: pyc.count(pyc.after_int, when=3), TypeError, "when= takes a function"),
        (lambda: pyc.count((pyc.after_int,)), TypeError, "is not an event"),
    ],
)
def test_bad_input_is_an_error_at_once(make, error, told):
    with pytest.raises(error, match=told):
        make()


def test_a_count_needs_a_name():
    with pytest.raises(TypeError, match="a count of Tracer has no name"):

        class Tracer(pyc.BaseTracer):
            pyc.count(pyc.after_int)


def test_it_is_read_from_tracers():
    count = tracer_of(pyc.after_int).__class__.hits
    with pytest.raises(TypeError, match="is read from a tracer, not from 3"):
        count.__get__(3)
    with pytest.raises(TypeError):
        type(count.counter(tracer_of(pyc.after_int)))()
    with pytest.raises(TypeError):
        pickle.dumps(count.counter(tracer_of(pyc.after_int)))
