"""Programs with new syntax, by hand and drawn, with the plain programs that they stand for."""

import ast
import sys
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

from .programs import programs

sys.path.insert(1, str(Path(__file__).resolve().parents[1]))
from syntax import sugar  # noqa: E402


class Augmented(NamedTuple):
    tracers: tuple
    """For each tracer the names of its specs in syntax_recorder.py."""
    source: str
    plain: str
    mode: str = "exec"


AUGMENTED = {
    # dot_suffix
    "an attribute": Augmented((["?."],), "x = thing?.value", "x = thing.value"),
    "a chain": Augmented((["?."],), "x = thing.inner?.inner?.items[0]", "x = thing.inner.inner.items[0]"),
    "attributes of calls and items": Augmented(
        (["?."],), "same(thing)?.value\nthing.items[a]?.real\nthing.itself(thing?.value)?.inner", "same(thing).value\nthing.items[a].real\nthing.itself(thing.value).inner"
    ),
    "an attribute that is stored": Augmented((["?."],), "thing?.value = 3\ndel thing?.value", "thing.value = 3\ndel thing.value"),
    # dot_prefix, prefix, suffix
    "a prefix of values": Augmented((["$_"],), "x = $a.real\ny = $xs[0]\nz = $", "x = _a.real\ny = _xs[0]\nz = _"),
    "a prefix of names": Augmented((["$"],), "x = $a + thing.$value", "x = a + thing.value"),
    "a prefix of definitions": Augmented(
        (["$"],), "def $f(): return $a\nclass $C: pass\nasync def $g(): pass\n$f()", "def f(): return a\nclass C: pass\nasync def g(): pass\nf()"
    ),
    "a suffix of names": Augmented((["$$"],), "x = a$$ + thing.value$$", "x = a + thing.value"),
    "a suffix of definitions": Augmented((["$$"],), "def f$$(): return a$$\nclass C$$: pass\nf$$()", "def f(): return a\nclass C: pass\nf()"),
    "a name that is made": Augmented((["$_"],), "x = $a + $", "x = _a + _"),
    # binop
    "a pipe": Augmented((["|>"],), "x = a |> b | c |> 7", "x = a | b | c | 7"),
    "a pipe in parentheses": Augmented((["|>"],), "x = a |> (b |> c)", "x = a | (b | c)"),
    "a token that is part of another": Augmented((["|>>", "|>"],), "x = a |>> b |> c", "x = a | b | c"),
    "a sum": Augmented((["++"],), "x = 1 ++ 2 + a ++ b", "x = 1 + 2 + a + b"),
    "a token with blanks": Augmented(([" . "],), "x = a . b . c", "x = a | b | c"),
    # boolop
    "a choice": Augmented((["or else"],), "x = nothing ?? a", "x = nothing or a"),
    "a choice that grows": Augmented((["??"],), "x = nothing?? a", "x = nothing or  a"),
    "a choice of three": Augmented((["or else"],), "x = nothing ?? 0 ?? a", "x = nothing or 0 or a"),
    # call, subscript
    "a call": Augmented((["!("],), "x = same!(a)\nfunction!()\nthing.method!(1, k=same!(2))", "x = same(a)\nfunction()\nthing.method(1, k=same(2))"),
    "a subscript": Augmented((["?["],), "x = xs?[0]\ny = thing?[a]?[b]", "x = xs[0]\ny = thing[a][b]"),
    # pairs
    "a pair": Augmented((["{}"],), "x = xs{0} + xs{a}\ny = {1: 2}", "x = xs[0] + xs[a]\ny = {1: 2}"),
    "pairs inside each other": Augmented((["{}"],), "x = table{'k'}\ny = xs{xs{0} - 3}", "x = table['k']\ny = xs[xs[0] - 3]"),
    "a pair behind certain names": Augmented((["table{}"],), "x = table{'k'} + xs{0}", "x = table['k'] + xs[0]"),
    "a pair whose body is wrapped": Augmented(
        (["do{}"],), "x = thing{ y = 'z' }", "x = thing[same(\" y = 'z' \", globals(), locals())]"
    ),
    # custom
    "a custom rewrite": Augmented((["!!"],), "x = !!a\nif !!nothing: y = !!x", "x = negate(a)\nif negate(nothing): y = negate(x)"),
    "a custom rewrite before tokens": Augmented(
        (["!!", "?.", "|>"],), "x = !!a |> thing?.value |> !!b", "x = negate(a) | thing.value | negate(b)"
    ),
    # all of them
    "one tracer with many": Augmented(
        (["?.", "|>", "or else", "$_", "++"],),
        "x = thing?.value |> $a |> 1 ++ 2\ny = nothing ?? thing?.inner?.value",
        "x = thing.value | _a | 1 + 2\ny = nothing or thing.inner.value",
    ),
    "two tracers": Augmented((["?."], ["|>"]), "x = thing?.value |> a |> thing.inner?.value", "x = thing.value | a | thing.inner.value"),
    "two tracers, the other way round": Augmented((["|>"], ["?."]), "x = thing?.value |> a |> thing.inner?.value", "x = thing.value | a | thing.inner.value"),
    "three tracers": Augmented(
        (["or else", "$_"], ["?."], ["|>", "{}"]),
        "x = $a |> xs{0} |> thing?.value\ny = nothing ?? thing?.items[0]",
        "x = _a | xs[0] | thing.value\ny = nothing or thing.items[0]",
    ),
    "several lines": Augmented(
        (["?.", "|>"],),
        "def f(x):\n    y = x?.value |> a\n    # ?. and |> stay\n    return y\nz = f(thing)\nfor i in xs:\n    z |= i |> 8\n",
        "def f(x):\n    y = x.value | a\n    # ?. and |> stay\n    return y\nz = f(thing)\nfor i in xs:\n    z |= i | 8\n",
    ),
    "inside of everything": Augmented(
        (["?."],),
        "[t?.value for t in [thing]]\n(lambda t: t?.inner)(thing)\n{thing?.value: thing?.inner}\na if thing?.value else b\nwith managed(thing?.value) as thing?.value: pass",
        "[t.value for t in [thing]]\n(lambda t: t.inner)(thing)\n{thing.value: thing.inner}\na if thing.value else b\nwith managed(thing.value) as thing.value: pass",
    ),
    "a string that has the token": Augmented((["?."],), "x = 'a ?. b', thing?.value, b'?.'", "x = 'a ?. b', thing.value, b'?.'"),
    "an error": Augmented((["?."],), "thing?.missing", "thing.missing"),
    "an expression": Augmented((["?.", "|>"],), "thing?.value |> 2", "thing.value | 2", "eval"),
}

SUGARS = {"attribute": "?.", "pipe": "|>", "or": "or else", "call": "!(", "subscript": "?[", "name": "$"}
"""Kinds of sugar.py: names of specs."""


def comparable_places(source):
    """Where Pyccolo marks the same nodes: on one line, in ASCII, right behind a value, and at no `or` around another."""
    alone = set(operands_alone(ast.parse(source)))
    lines = source.splitlines()
    for place in sugar.places(source) if source.isascii() else ():
        node = place.nodes[0]
        if place.kind not in SUGARS or node.lineno != node.end_lineno:
            continue
        if place.kind == "or":
            comparable = (node.lineno, node.col_offset) in alone
        elif place.kind in ("attribute", "call", "subscript"):
            value = node.func if place.kind == "call" else node.value
            comparable = lines[value.end_lineno - 1].startswith(sugar.KINDS[place.kind][2], value.end_col_offset)
        else:
            comparable = True
        if comparable:
            yield place


def operands_alone(tree):
    """Where the operands of each `and` and `or` begin that is neither in another nor around one."""
    operations = [node for node in ast.walk(tree) if isinstance(node, ast.BoolOp)]
    nested = {(outer, inner) for outer in operations for inner in ast.walk(outer) if inner in operations and inner is not outer}
    crossed = {node for pair in nested for node in pair}
    return [(value.lineno, value.col_offset) for node in operations if node not in crossed for value in node.values]


@st.composite
def augmented_programs(draw, most=3):
    """A program with tokens at some of the places that can be compared, and its tracers."""
    plain = draw(programs(most=most))
    places = list(comparable_places(plain))
    chosen = [place for place in places if draw(st.booleans())]
    kinds = draw(st.permutations(list(SUGARS)))
    cut = draw(st.integers(0, len(kinds)))
    tracers = tuple([SUGARS[kind] for kind in part] for part in (kinds[:cut], kinds[cut:]) if part)
    return Augmented(tracers, sugar.sugared(plain, chosen), plain)
