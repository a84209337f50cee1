"""BraceSubscriptTracer: which braces are subscripts."""
import ast

import pyccolo_native as pyc
import pytest
from pyccolo_native.examples import BraceSubscriptTracer, QuickLambdaTracer


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f{_ + _}(3, 4)", 7),
        ("f{\n    _\n    + _\n}(3, 4)", 7),
        ("f{f{_ + 1}(_)}(41)", 42),
        ("map{{_: 1}}([2])", [{2: 1}]),
        ("map{ {_, 'é'} }(['é'])", [{"é"}]),
        ("d{'k'}, d['k'], {'k'}, {'k': d{'k'}}", (1, 1, {"k"}, {"k": 1})),
        ("f'{d}', '{d}', f'{d[\"k\"]}'", ("{'k': 1}", "{d}", "1")),
        ("(lambda: {1})()", {1}),
        ("[x for x in {1} if x in{1}]", [1]),
    ],
)
def test_braces(fresh, source, expected):
    with fresh(QuickLambdaTracer), fresh(BraceSubscriptTracer):
        assert pyc.eval(source, {"d": {"k": 1}}, {}) == expected


def test_subscripts_in_braces_are_marked(fresh):
    with fresh(BraceSubscriptTracer) as _:
        tree = pyc.parse("a{b[c{d}]}; {e}", instrument=False)
        spec = BraceSubscriptTracer.brace_subscript_spec
        marked = [ast.unparse(node) for node in ast.walk(tree) if spec in pyc.BaseTracer.get_augmentations(node)]
        assert marked == ["a[b[c[d]]]", "c[d]"]
        assert pyc.untransform(tree) == "a{b[c{d}]}\n{e}"


def test_names_may_be_restricted(fresh):
    class Only(fresh(pyc.BaseTracer)):
        spec = BraceSubscriptTracer.brace_subscript_spec._replace(name_pattern="d|e.*")

    with Only:
        assert pyc.transform("d{1}; e1{2}") == "d[1]; e1[2]"
        assert pyc.transform("c{1}") == "c{1}"
