"""Which node is marked for a token, for each kind of augmentation."""
import ast
import gc
import weakref

import pytest

import pyccolo_native as pyc

from .conftest import Kind, Spec, marked

PREFIX = Spec(Kind.prefix, "$", "")
SUFFIX = Spec(Kind.suffix, "$$", "")
DOT_PREFIX = Spec(Kind.dot_prefix, "@@", "")
DOT_SUFFIX = Spec(Kind.dot_suffix, "?.", ".")
BINOP = Spec(Kind.binop, "|>", "|")
BOOLOP = Spec(Kind.boolop, "??", " or ")
CALL = Spec(Kind.call, "!(", "(")
SUBSCRIPT = Spec(Kind.subscript, "?[", "[")

CASES = [
    (PREFIX, "x = $a", ["a"]),
    (PREFIX, "x = b.$a.c", ["b.a"]),
    (PREFIX, "x = (b .\n   $a)", ["b.a"]),
    (PREFIX, "def $f(): pass", ["FunctionDef f"]),
    (PREFIX, "def   $f(): pass", ["FunctionDef f"]),
    (PREFIX, "@d\nasync  def \\\n $f(): pass", ["AsyncFunctionDef f"]),
    (PREFIX, "class $C: pass", ["ClassDef C"]),
    (PREFIX, "def f($a, b, *$c, k=1): pass", ["a", "c"]),
    (PREFIX, "f($k=1)", ["k=1"]),
    (PREFIX, "import $a", ["import a", "a"]),
    (PREFIX, "from  m  import a, $b", ["b"]),
    (PREFIX, "from m import a as $b", ["from m import a as b", "a as b"]),
    (PREFIX, "ä = 'ö'; x = $a; ü = $é", ["a", "é"]),
    (SUFFIX, "x = a$$", ["a"]),
    (SUFFIX, "x = b.a$$.c", ["b.a"]),
    (SUFFIX, "def f$$(): pass", ["FunctionDef f"]),
    (SUFFIX, "class   C$$(B): pass", ["ClassDef C"]),
    (SUFFIX, "def f(a$$: int): pass", ["a: int"]),
    (SUFFIX, "from m import a$$ as b", []),
    (SUFFIX, "from m import a as b$$", ["from m import a as b", "a as b"]),
    (SUFFIX, "größe$$ + é.ü$$", ["größe", "é.ü"]),
    (DOT_PREFIX, "x = @@a.b", ["a.b", "a"]),
    (DOT_PREFIX, "x = @@a", ["a"]),
    (DOT_PREFIX, "x = @@a[0]", ["a[0]", "a"]),
    (DOT_SUFFIX, "x = a?.b", ["a.b", "a"]),
    (DOT_SUFFIX, "x = a.b?.c.d", ["a.b.c"]),
    (DOT_SUFFIX, "x = (a + b)?.c", ["(a + b).c"]),
    (DOT_SUFFIX, "x = f(a)?.b", ["f(a).b"]),
    (DOT_SUFFIX, "x = (f(\n  a)\n  ?.b)", ["f(a).b"]),
    (DOT_SUFFIX, "x = 'é'; y = é?.b", ["é.b", "é"]),
    (DOT_SUFFIX, "x = '''a\né'''?.b", ["'a\\né'.b"]),
    (DOT_SUFFIX, "x = f'''a\né{b?.c}'''?.d", ["f'a\\né{b.c}'.d", "b.c", "b"]),
    (DOT_SUFFIX, "e\u0301 = e\u0301t\u0301?.b", ["\xe9t\u0301.b", "\xe9t\u0301"]),
    (BINOP, "x = a |> b", ["a | b"]),
    (BINOP, "x = a |> b | c |> d", ["a | b | c | d", "a | b"]),
    (BINOP, "x = a |> (b |> c)", ["a | (b | c)", "b | c"]),
    (BINOP, "x = (a) |> (b)", ["a | b"]),
    (BINOP, "x = (a\n  |> b)", ["a | b"]),
    (BINOP, "x = é |> é", ["é | é"]),
    (BOOLOP, "x = a ?? b", ["a"]),
    (BOOLOP, "x = a ?? b ?? c or d", ["a", "b"]),
    (BOOLOP, "x = f(a ?? b) or c", ["a"]),
    (BOOLOP, "x = (a) ?? b", ["a"]),
    (CALL, "f!(x)", ["f(x)"]),
    (CALL, "f(x)!(y)", ["f(x)(y)"]),
    (CALL, "(f)!(x)", ["f(x)"]),
    (CALL, "f!()", ["f()"]),
    (CALL, "f()!()", ["f()()"]),
    (CALL, "f()!()()", ["f()()"]),
    (CALL, "f!(k=1)", ["f(k=1)"]),
    (CALL, "f!(x for x in y)", ["f((x for x in y))"]),
    (SUBSCRIPT, "a?[0]", ["a[0]"]),
    (SUBSCRIPT, "a[0]?[1:2]", ["a[0][1:2]"]),
    (SUBSCRIPT, "(a)?[b?[0], 1]", ["a[b[0], 1]", "b[0]"]),
]


@pytest.mark.parametrize("spec, source, expected", CASES, ids=[case[1] for case in CASES])
def test_what_is_marked(tracer_with, spec, source, expected):
    tracer = tracer_with(spec)
    assert [text for text, _ in marked(tracer, source)] == expected


FIELDS = [
    ('f"{a?.b}"', ["a.b", "a"]),
    ('f"a.b {x} {a?.b}"', ["a.b", "a"]),
    ('f"{a.b} {a?.b!r:>{c?.d}}"', ["a.b", "a", "c.d", "c"]),
    ("x = 'é', f'é {a.b} {é?.b}'", ["é.b", "é"]),
    ("f'''\n{a.b} {\n a?.b}'''", ["a.b", "a"]),
    ("'{a?.b}' f'{{a?.b}}' f\"{ a?.b }\"", ["a.b", "a"]),
    ("f'{f\"{a?.b}\"}'", ["a.b", "a"]),
    ("f'{x!r}{a?.b=}'", ["a.b", "a"]),
    ("f'\\\\N{a?.b}'", ["a.b", "a"]),
    ("f'\\\\{a?.b}'", ["a.b", "a"]),
    ("f'{d[\"}\"]}{a?.b}'", ["a.b", "a"]),
]


@pytest.mark.parametrize("source, expected", FIELDS, ids=[case[0] for case in FIELDS])
def test_expressions_in_fstrings(tracer_with, source, expected):
    tracer = tracer_with(DOT_SUFFIX)
    assert sorted(text for text, _ in marked(tracer, source)) == sorted(expected)


def test_marks_go_with_their_nodes(tracer_with):
    tracer = tracer_with(BINOP)
    ids = tracer.augmented_node_ids_by_spec[BINOP]
    tree = tracer.parse("a |> b", instrument=False, tracers=[tracer], filename="<sandbox-gone>")
    assert len(ids) == 1
    gone = weakref.ref(tree)
    del tree
    pyc.BaseTracer.reset_bookkeeping()
    gc.collect()
    assert gone() is None and not ids


def test_marks_of_copies(tracer_with):
    from pyccolo_native.stmt_mapper import StatementMapper

    tracer = tracer_with(BINOP)
    tree = tracer.parse("a |> b", instrument=False, tracers=[tracer])
    with tracer:
        copy = StatementMapper.bookkeeping_propagating_copy(tree)
        mapping = StatementMapper([tracer])(tree)
    node = copy.body[0].value
    assert node is not tree.body[0].value and ast.dump(copy, include_attributes=True) == ast.dump(
        tree, include_attributes=True
    )
    assert tracer.get_augmentations(node) == tracer.get_augmentations(id(node)) == {BINOP}
    assert tracer.get_augmentations(mapping[id(tree.body[0].value)]) == {BINOP}
    old = id(node)
    del copy, node
    gc.collect()
    assert old not in tracer.augmented_node_ids_by_spec[BINOP]


def test_additional_tables_are_kept_in_step(tracer_with):
    from pyccolo_native.stmt_mapper import StatementMapper

    tracer = tracer_with(BINOP)
    with tracer.register_additional_ast_bookkeeping():
        tracer.notes, tracer.chosen = {}, set()
    try:
        with tracer:
            tree = tracer.parse("a |> b", instrument=False)
            node = tree.body[0].value
            tracer.notes[id(node)] = "note"
            tracer.chosen.add(id(node))
            copy = StatementMapper.bookkeeping_propagating_copy(node)
            assert tracer.notes[id(copy)] == "note" and id(copy) in tracer.chosen
            del copy
            gc.collect()
            assert list(tracer.notes) == list(tracer.chosen) == [id(node)]
        del tree, node
        pyc.BaseTracer.reset_bookkeeping()
        gc.collect()
        assert not tracer.notes and not tracer.chosen
    finally:
        for name in ("notes", "chosen"):
            pyc.BaseTracer.additional_ast_bookkeeping.pop(name)


def test_calling_a_thunk_takes_no_marks_away(tracer_with):
    """Its code is woven for itself, from the same nodes."""
    seen = []

    def operand(self, ret, node):
        ret()
        seen.append((node.id, self.get_augmentations(node) == {BOOLOP}))
        return ret

    tracer = tracer_with(BOOLOP, operand=pyc.before_boolop_arg(operand))
    with tracer.register_additional_ast_bookkeeping():
        tracer.notes = {}
    try:
        for _ in range(2):
            assert tracer.eval("a ?? b", {"a": 0, "b": 1}, {}) == 1
        assert seen == [("a", True), ("b", False)] * 2
    finally:
        pyc.BaseTracer.additional_ast_bookkeeping.pop("notes")


def test_an_attribute_may_come_and_go(tracer_with):
    tracer = tracer_with()
    cls = type(tracer)
    assert tracer.syntax_augmentation_specs() == []
    cls.late = BINOP
    assert tracer.syntax_augmentation_specs() == [BINOP]
    assert tracer.transform("a |> b", tracers=[tracer]) == "a | b"
    del cls.late
    assert tracer.syntax_augmentation_specs() == []


def test_the_specs_of_bases_come_after(tracer_with):
    base = type(tracer_with(BINOP))
    assert type("Sub", (base,), {"its": BOOLOP}).syntax_augmentation_specs() == [BOOLOP, BINOP]
