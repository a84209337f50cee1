"""Source before and after: what is replaced, what is left alone, where everything is afterwards."""
import ast
import codecs
import textwrap

import pytest

import pyccolo_native as pyc

from .conftest import Kind, Spec, marked

OPTIONAL = Spec(Kind.dot_suffix, "?.", ".")
PIPE = Spec(Kind.binop, "|>", "|")
ASSIGN = Spec(Kind.binop, "|>>", "|")
TUPLE_PIPE = Spec(Kind.binop, "*|>", "|")
COMPOSE = Spec(Kind.binop, ". ", "| ")
DOLLAR = Spec(Kind.dot_prefix, "$", "_")
NULLISH = Spec(Kind.boolop, "??", " or ")
PLUS = Spec(Kind.binop, "++", "+")
BRACES = Spec(Kind.subscript, "{", "[", "}", "]")
BLOCK = Spec(Kind.subscript, "{", "[", "}", "]", "do", "__wrap__")

UNCHANGED = [
    "x = 'a ?. b' # ?.",
    "# ends with ?.",
    "# of f'{ ?. }'",
    "x = '''\n?.\n'''",
    "x = rb'?.' + b'?.'",
    "x = f'?. {{?.}} {a}'",
    "x = f'{a:?.}'",
    "x = '\\'?.'",
    'x = "\\\n?."',
    "",
    "\n",
    "x = 1",
]


@pytest.mark.parametrize("source", UNCHANGED)
def test_literals_and_comments_are_left_alone(tracer_with, source):
    tracer = tracer_with(OPTIONAL)
    assert tracer.transform(source, tracers=[tracer]) == source


CHANGED = [
    ([OPTIONAL], "a?.b ?.c", "a.b .c"),
    ([OPTIONAL], "f'{a?.b}' f'''{\na?.b}'''", "f'{a.b}' f'''{\na.b}'''"),
    ([OPTIONAL], "f'{f\"{a?.b}\"}{{a?.b}}'", "f'{f\"{a.b}\"}{{a?.b}}'"),
    ([OPTIONAL], "f'{a!r:{b?.c}?.}'", "f'{a!r:{b.c}?.}'"),
    ([OPTIONAL], "rf'\\{a?.b}'", "rf'\\{a.b}'"),
    ([OPTIONAL], "f'\\N{BULLET}{a?.b}'", "f'\\N{BULLET}{a.b}'"),
    ([OPTIONAL], "'é' ; é?.ü # ?.", "'é' ; é.ü # ?."),
    ([PIPE], "a |> b |>c|>d", "a | b |c|d"),
    ([PIPE], "a |>= b; a ||> b", "a |>= b; a || b"),
    ([PIPE, ASSIGN], "a |>> b |> c", "a | b | c"),
    ([ASSIGN, TUPLE_PIPE, PIPE], "a *|> b |>> c **|> d", "a | b | c **| d"),
    ([COMPOSE], "f . g; x = 5. + 1; y[... ]; (f .\tg)", "f | g; x = 5. + 1; y[... ]; (f | g)"),
    ([COMPOSE], "from . import a\nfrom .. import b", "from . import a\nfrom .. import b"),
    ([DOLLAR], "$ + $x", "_ + _x"),
    ([NULLISH], "a ?? b", "a  or  b"),
    ([NULLISH], "a \\\n?? b", "a \\\n or  b"),
    ([PLUS], "1 ++ 2; x+++y", "1 + 2; x++y"),
    ([Spec(Kind.binop, "→", "|")], "é→b '→'", "é|b '→'"),
    ([Spec(Kind.binop, "and_then", "|")], "a and_then b; x_and_then; and_then_x", "a | b; x_and_then; and_then_x"),
    ([Spec(Kind.prefix, "`", "")], "`a + '`'", "a + '`'"),
    ([BRACES], "f{ {1: 2} } + g{h{x}} - {3}", "f[ {1: 2} ] + g[h[x]] - {3}"),
    ([BRACES], "def g():\n  return{1}\nf'{x}'; f'{f{1}}'", "def g():\n  return{1}\nf'{x}'; f'{f[1]}'"),
    ([BRACES], "1{2}; x {3}; '}'; f{'}'}", "1{2}; x {3}; '}'; f['}']"),
    ([BRACES], "f{a", "f{a"),
    ([BLOCK], "do{ x = 'a'\n}; f{1}", "do[__wrap__(\" x = 'a'\\n\", globals(), locals()\n)]; f{1}"),
    ([BLOCK], "do{do{1}}", "do[__wrap__('do{1}', globals(), locals())]"),
    ([Spec(Kind.subscript, "{|", "[", "|}", "]")], "f{|a, {1}|}", "f[a, {1}]"),
]


@pytest.mark.parametrize("specs, source, expected", CHANGED, ids=[repr(case[1]) for case in CHANGED])
def test_what_is_replaced(tracer_with, specs, source, expected):
    tracer = tracer_with(*specs)
    assert tracer.transform(source, tracers=[tracer]) == expected


def test_a_token_that_is_part_of_another_is_looked_for_last(tracer_with):
    tracer = tracer_with(PIPE, ASSIGN)  # the other way round than in CHANGED
    assert [tokens for _, tokens in marked(tracer, "a |>> b |> c")] == [["|>"], ["|>>"]]


LINE_ENDS = [
    ("x = a?.b\r\ny = '''\r\n'''; z = a?.b\r\n", [(1, 5), (3, 10)]),
    ("x = 1\ry = a?.b", [(2, 5)]),
    ("x = 1\f\n\fy = a?.b", [(2, 6)]),
    ("if x:\n\ty = a?.b\n", [(2, 6)]),
    ("x = (a\n  # ?.\n  ?.b)", [(1, 6)]),
]


@pytest.mark.parametrize("source, ends", LINE_ENDS, ids=[repr(case[0]) for case in LINE_ENDS])
def test_line_ends_and_blanks(tracer_with, source, ends):
    tracer = tracer_with(OPTIONAL)
    tree = tracer.parse(source, instrument=False, tracers=[tracer])
    found = [node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute) and tracer.get_augmentations(node)]
    assert [(node.end_lineno, node.end_col_offset) for node in found] == ends


def test_a_very_long_line(tracer_with):
    tracer = tracer_with(PIPE)
    source = "x = " + " |> ".join(["é"] * 900)
    tree = tracer.parse(source, instrument=False, tracers=[tracer])
    assert len(tracer.augmented_node_ids_by_spec[PIPE]) == len(list(ast.walk(tree.body[0].value.left))) // 4 + 1 == 899
    assert tracer.transform("y" * 100_000 + " |> z", tracers=[tracer]).endswith("y | z")


def test_tracers_one_after_the_other(tracer_with):
    first, second = tracer_with(OPTIONAL, NULLISH), tracer_with(PIPE, DOLLAR)
    source = "é?.a |> $é ?? b?.c |> f'{x?.y |> $}'"
    tree = first.parse(source, instrument=False, tracers=[first, second])
    assert ast.unparse(tree).replace('"', "'") == "é.a | _é or b.c | f'{x.y | _}'"
    tokens = sorted(spec.token for node in ast.walk(tree) for spec in first.get_augmentations(node))
    assert tokens == sorted(["?.", "?."] * 3 + ["??"] + ["|>"] * 3 + ["$"] * 2)


def test_positions_move_along(tracer_with):
    tracer = tracer_with(PLUS, OPTIONAL, NULLISH, BRACES)
    source = "x = 21 ++ é?.a ?? 3\ny = f{ 1 ++ 2 }\n"
    places = [(1, 0), (1, 10), (1, 13), (1, 18), (2, 7), (2, 12), (2, 14)]
    code, found = tracer.transform(source, tracers=[tracer], positions=places)
    assert code == "x = 21 + é.a  or  3\ny = f[ 1 + 2 ]\n"
    at = lambda text, line, col: text.splitlines()[line - 1][col]  # noqa: E731
    assert [at(code, *place) for place in found] == list("xéa312]")
    assert all(isinstance(place, pyc.Position) for place in found)


ROUND_TRIPS = [
    "x = 21 ++ 21 ++ 3",
    "y = a?.b?.c",
    "y = (a + b)?.c",
    "w = $foo + $",
    "z = a??b??c",
    "r = f{_ + _}",
    "r = map{a{b}} | {1: 2}",
    "r = do{ x = 1; y = 'x' }",
    "ü = 'é' + é?.ä |> $ö",
    "a |> (b |> c)",
    "def f(a, b=c?.d):\n    return a?.b",
    "y = f'{a?.b} {{c}} {d |> e!r}'",
    "async def f():\n    async with a?.b as c:\n        await c?.d",
]


@pytest.mark.parametrize("source", ROUND_TRIPS)
def test_there_and_back(tracer_with, source):
    tracer = tracer_with(PLUS, OPTIONAL, NULLISH, PIPE, DOLLAR, BLOCK, BRACES)
    with tracer:
        tree = pyc.parse(source, instrument=False)
        assert pyc.untransform(tree).replace('"', "'") == source.replace('"', "'")
        plain = ast.parse(pyc.transform(source))
        assert pyc.untransform(plain) == ast.unparse(plain)


def test_positions_on_the_way_back(tracer_with):
    tracer = tracer_with(OPTIONAL)
    tree = tracer.parse("é = a?.b?.c", instrument=False, tracers=[tracer])
    code, found = tracer.untransform(tree, tracers=[tracer], positions=[(1, 0), (1, 6), (1, 8)])
    assert (code, found) == ("é = a?.b?.c", [(1, 0), (1, 7), (1, 10)])


def test_only_marked_tokens_come_back(tracer_with):
    tracer = tracer_with(PIPE)
    tree = tracer.parse("a | b |> c | d", instrument=False, tracers=[tracer])
    assert tracer.untransform(tree, tracers=[tracer]) == "a | b |> c | d"
    assert tracer.untransform(tree, tracers=[]) == "a | b | c | d"


# ---- Bad input


@pytest.mark.parametrize(
    "source, line, column, text",
    [
        ("x = 1\ny = a ?? b ++ )", 2, 15, "y = a ?? b ++ )"),
        ("y = a ?? ?? b", 1, 10, "y = a ?? ?? b"),
        ("x = a ?? b; y = f{ 1 + ", 1, 18, "x = a ?? b; y = f{ 1 + "),
        ("é = a ?? 'abc", 1, 10, "é = a ?? 'abc"),
        ("x = a ?? b\nif x:\ny = 1", 3, 1, "y = 1"),
    ],
)
def test_errors_point_into_the_users_source(tracer_with, source, line, column, text):
    tracer = tracer_with(NULLISH, BRACES, PLUS)
    with pytest.raises(SyntaxError) as caught, tracer:
        tracer.parse(source, filename="its.py")
    error = caught.value
    assert (error.filename, error.lineno, error.offset, error.text.rstrip("\n")) == ("its.py", line, column, text)
    assert error.args[1][:4] == (error.filename, error.lineno, error.offset, error.text)


def test_a_replacement_that_does_not_parse(tracer_with):
    tracer = tracer_with(Spec(Kind.binop, "<>>", " @ @ "))
    with pytest.raises(SyntaxError) as caught:
        tracer.parse("x = 1\nyyy = abc <>> d", tracers=[tracer])
    assert (caught.value.lineno, caught.value.offset, caught.value.text) == (2, 11, "yyy = abc <>> d")
    assert "syntax of its own" in caught.value.__notes__[0]


def test_ambiguous_tokens(tracer_with):
    tracer = tracer_with(PIPE, Spec(Kind.binop, "|>", "+"))
    with pytest.raises(ValueError, match=r"ambiguous: the token '\|>'"):
        tracer.transform("a |> b", tracers=[tracer])


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        (("binop", "a", "b"), TypeError, "aug_type is an AugmentationType"),
        ((Kind.binop, 1, "b"), TypeError, "token of an augmentation is a str"),
        ((Kind.binop, "a", None), TypeError, "replacement of an augmentation is a str"),
        ((Kind.binop, "", "b"), ValueError, "empty or blank"),
        ((Kind.binop, "a\n", "b"), ValueError, "end of a line"),
        ((Kind.custom, "a", "b"), ValueError, "CustomRewrite"),
        ((Kind.subscript, "|", "[", "|", "]"), ValueError, "cannot be the same"),
        ((Kind.subscript, "{", "[", "}", "]", "("), ValueError, "no regular expression"),
    ],
)
def test_bad_specs(arguments, error, message):
    with pytest.raises(error, match=message):
        Spec(*arguments)


def test_a_custom_rewrite_that_gives_nonsense(tracer_with):
    class Rewrite(pyc.CustomRewrite):
        def rewrite(self, code, register):
            return code

    tracer = tracer_with(Spec(Kind.custom, "x", "y", custom=Rewrite()))
    with pytest.raises(TypeError, match=r"gives \(code, edits\)"):
        tracer.transform("x", tracers=[tracer])


# ---- All the ways in which source comes


def test_exec_and_eval(tracer_with):
    tracer = tracer_with(OPTIONAL, PLUS)
    with tracer:
        assert pyc.eval("1 ++ 2") == 3
        assert pyc.exec("class C: x = 1\ny = C?.x")["y"] == 1
        assert tracer.exec_fragment("z = 1 ++ 1", {}, {})["z"] == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_imports(tracer_with, tmp_path, monkeypatch, encoding):
    body = f"# coding: {encoding}\nclass C:\n    é = 'ü ?.'\ny = C?.é\n"
    (tmp_path / "with_syntax.py").write_bytes(body.encode(encoding))
    monkeypatch.syspath_prepend(tmp_path)
    seen = []
    tracer = tracer_with(
        OPTIONAL,
        should_instrument_file=lambda self, name: name.endswith("with_syntax.py"),
        attributes=pyc.after_attribute_load(lambda self, ret, node: seen.append((ret, self.get_augmentations(node)))),
    )
    import sys

    with tracer:
        import with_syntax
    del sys.modules["with_syntax"]
    assert with_syntax.y == "ü ?."
    assert seen == [("ü ?.", {OPTIONAL})]


def test_tracebacks_show_the_line_of_the_file(tracer_with, tmp_path):
    file = tmp_path / "raises.py"
    file.write_text("x = None\ny = x?.missing\n")
    tracer = tracer_with(OPTIONAL, instrument_all_files=True)
    code = pyc.compile_source(file.read_text(), str(file), tracers=[tracer])
    with pytest.raises(AttributeError) as caught:
        exec(code, {})
    assert caught.traceback[-1].lineno == 1


def test_bytes_that_cannot_be_decoded(tracer_with):
    tracer = tracer_with(OPTIONAL)
    with pytest.raises(SyntaxError):
        pyc.compile_source(codecs.BOM_UTF8 + b"# coding: nonsense\n", "its.py", tracers=[tracer])


def test_instrumented_functions_keep_their_syntax(tracer_with):
    seen = []
    tracer = tracer_with(
        PLUS, added=pyc.after_binop(lambda self, ret, node: seen.append(self.get_augmentations(node)))
    )
    with tracer:
        f = pyc.exec("def f(a):\n    return a ++ 1")["f"]
    assert tracer.instrumented(f)(2) == 3
    assert seen == [{PLUS}]


def test_textwrap_is_done_before(tracer_with):
    tracer = tracer_with(PLUS)
    assert tracer.exec(textwrap.indent("x = 1 ++ 1\n", "    "), local_env={})["x"] == 2


def test_functions_of_a_file_with_syntax(tracer_with, tmp_path, monkeypatch):
    """The syntax is that of a tracer without handlers, so that nothing in the code tells of it."""
    (tmp_path / "plainly.py").write_text("def f(a):\n    return a ++ 1\n\n\ng = lambda a: a ++ 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    syntax = tracer_with(PLUS, should_instrument_file=lambda self, name: name.endswith("plainly.py"))
    seen = []
    handling = tracer_with(
        instrument_lambdas=True,
        added=pyc.after_binop(lambda self, ret, node: seen.append((ret, self.get_augmentations(node)))),
    )
    import sys

    with syntax:
        import plainly

        del sys.modules["plainly"]
        assert [handling.instrumented(plainly.f)(1), handling.instrumented(plainly.g)(1)] == [2, 3]
    assert seen == [(2, {PLUS}), (3, {PLUS})]


@pytest.mark.parametrize("mode", ["cold", "warm"])
def test_columns_are_those_of_the_file(tracer_with, tmp_path, monkeypatch, mode):
    """Of nodes, and of what tracebacks underline."""
    import traceback

    from pyccolo_native.cache import woven_code

    monkeypatch.setenv("PYCCOLO_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    source = "é = 'é' ?? 'x' ; b = 0\nc = b?.real ?? b?.imag ?? (é ++ missing)  # é ?? é\n"
    seen = []
    tracer = tracer_with(
        OPTIONAL,
        NULLISH,
        PLUS,
        instrument_all_files=True,
        loaded=pyc.load_name(lambda self, ret, node: seen.append((node.id, node.lineno, node.col_offset))),
    )
    file = tmp_path / "its.py"
    file.write_text(source)
    if mode == "warm":
        woven_code(file.read_bytes(), str(file), [tracer])
    code = woven_code(file.read_bytes(), str(file), [tracer])
    with pytest.raises(NameError) as caught, tracer:
        exec(code, {})
    lines = source.encode().splitlines()
    assert [(name, lines[line - 1][column:].decode()[: len(name)]) for name, line, column in seen] == [
        (name, name) for name in ("b", "b", "é")
    ]
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert lines[frame.lineno - 1][frame.colno : frame.end_colno] == b"missing"


def test_what_this_library_imports_is_no_event(tmp_path):
    """It imports its parts when they are first needed: within what is traced."""
    import os
    import subprocess
    import sys
    from pathlib import Path

    program = tmp_path / "program.py"
    program.write_text(
        "import pyccolo_native as pyc\n"
        "class Imports(pyc.BaseTracer):\n"
        "    seen = []\n"
        "    plus = pyc.AugmentationSpec(pyc.AugmentationType.binop, '++', '+')\n"
        "    @pyc.before_import\n"
        "    def note(self, ret, qualified_module_name):\n"
        "        self.seen.append(qualified_module_name)\n"
        "with Imports:\n"
        "    pyc.exec('import colorsys; x = 1 ++ 2')\n"
        "    pyc.untransform(pyc.parse('1 ++ 2', instrument=False))\n"
        "print(sorted({name for name in Imports.seen if 'pyccolo' in name or name == 'colorsys'}))\n"
    )
    root = Path(pyc.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    told = subprocess.run([sys.executable, program], cwd=root, env=environment, capture_output=True, text=True)
    assert (told.stdout, told.stderr) == ("['colorsys']\n", "")
