"""Quasiquoter: what quotes give, and what they leave alone."""
import ast
import builtins

import pyccolo_native as pyc
import pytest
from pyccolo_native.examples import Quasiquoter
from pyccolo_native.examples.quasiquote import is_macro


@pytest.fixture
def quotes(fresh):
    def run(source, **variables):
        with fresh(Quasiquoter):
            return pyc.eval(source, {}, variables)

    return run


def dumped(source):
    return ast.dump(ast.parse(source, mode="eval").body)


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("q[a + b]", "a + b"),
        ("q[a + u[x]]", "a + 3"),
        ("q[u[x - 4] * u[[1, -x, (x, 2.5), {'k': {x}}, None, ..., b'', 1j]]]", "-1 * [1, -3, (3, 2.5), {'k': {3}}, None, ..., b'', 1j]"),
        ("q[name['z'](name[n].attribute)]", "z(y.attribute)"),
        ("q[ast_literal[t] ** ast_list[t, q[c]]]", "(p - 1) ** [p - 1, c]"),
        ("q[lambda a: u[x] + a[0]]", "lambda a: 3 + a[0]"),
        ("[q[u[i]] for i in range(3)][2]", "2"),
        ("q[q[a + u[b]] + c[u[x]]]", "q[a + u[b]] + c[3]"),
        ("u[x]", "3"),
        ("q[u[str(1)]]", "'1'"),
        ("q[1 + u[q[2].value + q[u[x]].value]]", "1 + 5"),
    ],
)
def test_quotes(quotes, quote, expected):
    tree = quotes(quote, x=3, n="y", t=ast.parse("p - 1", mode="eval").body)
    assert ast.dump(tree) == dumped(expected)


def test_slices_are_quoted_as_such(quotes):
    assert ast.dump(quotes("q[1:x]")) == ast.dump(ast.parse("_[1:x]", mode="eval").body.slice)


def test_trees_can_be_compiled_and_are_new_each_time(quotes):
    trees = quotes("[q[base + u[i] + len(ast_list[q[base], q[1]])] for i in range(2)]")
    values = [eval(compile(ast.Expression(tree), "made", "eval"), {"base": 10}) for tree in trees]
    assert values == [12, 13]
    assert trees[0].left.left is not trees[1].left.left


def test_trees_in_functions_see_their_variables(fresh):
    with fresh(Quasiquoter):
        env = pyc.exec(
            """
            def adder(n):
                return lambda m: q[x + u[n + m]]
            tree = adder(1)(2)
            """
        )
    assert ast.dump(env["tree"]) == dumped("x + 3")


def test_variables_of_the_program_hide_macros(quotes):
    assert quotes("q[0]", q=["own"]) == "own"
    assert ast.dump(quotes("q[name['a'] + 1]", name="own")) == dumped("name['a'] + 1")


@pytest.mark.parametrize(
    ("quote", "message"),
    [
        ("q[u[object()]]", "u.* takes constants"),
        ("q[u[q[a]]]", "trees go into ast_literal"),
        ("q[name[1]]", "takes an identifier, not 1"),
        ("q[ast_literal[1]]", "the tree of an expression, not 1"),
        ("q[ast_list[[1]]]", "the tree of an expression, not 1"),
    ],
)
def test_what_does_not_fit_is_an_error(quotes, quote, message):
    with pytest.raises(TypeError, match=message):
        quotes(quote)


def test_errors_of_what_is_put_in_are_those_of_the_program(quotes):
    with pytest.raises(ZeroDivisionError):
        quotes("q[u[1 / 0]]")
    with pytest.raises(NameError, match="missing"):
        quotes("q[u[missing]]")


def test_names_are_in_builtins_while_the_tracer_is_active(fresh, monkeypatch):
    monkeypatch.setattr(builtins, "u", "somebody's", raising=False)
    with fresh(Quasiquoter) as _:
        assert repr(builtins.q) == "q[...]" and builtins.u == "somebody's"
    assert not hasattr(builtins, "q") and builtins.u == "somebody's"


def test_a_quote_in_plain_code_says_what_is_wrong():
    from pyccolo_native.examples.quasiquote import q, u

    assert ast.dump(u[1]) == dumped("1")
    with pytest.raises(TypeError, match="in code that Quasiquoter instruments"):
        q[1 + 2]


def test_imported_macros_in_instrumented_code(fresh):
    with fresh(Quasiquoter):
        env = pyc.exec("from pyccolo_native.examples.quasiquote import q as q, u\ntree = q[a + u[1]]", {}, {})
    assert ast.dump(env["tree"]) == dumped("a + 1")


def test_is_macro():
    node = ast.parse("u[1]", mode="eval").body
    assert is_macro("u")(node) and is_macro(("q", "u"))(node)
    assert not is_macro("q")(node) and not is_macro("u")(node.slice)
