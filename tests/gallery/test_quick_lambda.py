"""QuickLambdaTracer: what its macros make, and which placeholders are theirs."""
import builtins
from functools import reduce

import pyccolo_native as pyc
import pytest
from pyccolo_native.examples import PipelineTracer, Quasiquoter, QuickLambdaTracer


@pytest.fixture
def evaluate(fresh):
    def run(source, **variables):
        with fresh(QuickLambdaTracer):
            return pyc.eval(source, variables, {})

    return run


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f[_ + _](3, 4)", 7),
        ("f[_ + f[_ * _](3, 4)](1)", 13),
        ("f[f[_ + 1](_)](41)", 42),
        ("f[len](['a'])", 1),
        ("f[_.upper() + n](s)", "ABn"),
        ("f[_ if _ else _](1, 2, 3)", 1),
        ("f[[_ for _ in range(_)]](3)", [0, 1, 2]),
        ("f[[(_, x) for x in range(_)]](5, 1)", [(5, 0)]),
        ("f[(lambda _: _ + 1)(_)](2)", 3),
        ("f[lambda x=_: x](2)()", 2),
        ("f[(y := _) + y](2)", 4),
        ("'abc'[f[1:_](3)]", "bc"),
        ("f[_, *_](1, (2, 3))", (1, 2, 3)),
        ("f[f'{_}-{_!r}']('a', 'b')", "a-'b'"),
        ("map[_ + 1]([1, 2])", [2, 3]),
        ("tuple(map[_ + 1]((1, 2)))", (2, 3)),
        ("map[str]([1, 2])", ["1", "2"]),
        ("list(map(str, (1, 2)))", ["1", "2"]),
        ("list(imap[_ + 1]([1, 2]))", [2, 3]),
        ("filter[_ % 2]([1, 2, 3])", [1, 3]),
        ("list(ifilter[_ % 2]([1, 2, 3]))", [1, 3]),
        ("list(filter(None, (0, 1)))", [1]),
        ("reduce[_ * _]([2, 3, 4])", 24),
        ("reduce[_ * _]([2, 3, 4], 10)", 240),
        ("reduce(f[_ + _], [1, 2])", 3),
        ("map[map[_ + 1](_)]([[1], [2]])", [[2], [3]]),
        ("[g(1) for g in [f[_ + i] for i in range(3)]]", [1, 2, 3]),
        ("{'f': f[_ + 'ö']}['f']('ä')", "äö"),
    ],
)
def test_lambdas(evaluate, source, expected):
    assert evaluate(source, s="ab", n="n") == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f[$ + $](1, 2)", 3),
        ("f[$x + $x + $y](1, 2)", 4),
        ("f[$x - $y](y=1, x=5)", 4),
        ("f[max($, min($, 3))](1, 2)", 2),
        ("f[$ |> $ + 1](2)", 3),
        ("f[_ |> $ + 1](2)", 3),
        ("f[1 |> $ - _](2)", -1),
        ("[1, 2] |> map[_ + 1 |> str]", ["2", "3"]),
        ("[[1, 2], [3, 4]] |> map[f[$ + $](*$)]", [3, 7]),
        ("reduce[$ + $ |> 2 * $] <| [1, 2, 3]", 18),
        ("'a b' |> $.split() |> map[$.upper()]", ["A", "B"]),
    ],
)
def test_with_pipelines(fresh, source, expected):
    with fresh(PipelineTracer), fresh(QuickLambdaTracer):
        assert pyc.eval(source, {}, {}) == expected


def test_functions_and_classes(fresh):
    with fresh(QuickLambdaTracer):
        env = pyc.exec(
            """
            def outer(n):
                g = f[_ + n]
                n += 1
                def inner():
                    return f[_ + n]
                return g(0), inner()(0), [f[_ + n + i](0) for i in range(2)]
            class Class:
                base = 2
                plus = f[_ + base](1)
                def method(self):
                    return f[_.base + __class__.plus](self)
            made = outer(1), Class.plus, Class().method()
            global_n = 0
            def late():
                return f[_ + later]
            """,
            {"later": 1},
        )
        assert env["made"] == ((1, 2, [2, 3]), 3, 5)
        add = env["late"]()
        add.__globals__["later"] = 5
        assert add(1) == 6


def test_private_names(fresh):
    with fresh(PipelineTracer), fresh(QuickLambdaTracer):
        env = pyc.exec(
            """
            class _Class:
                __own = 1
                def __init__(self):
                    self.__x = 2
                def get(self):
                    __local = 3
                    return [self] |> map[_.__x + __local] |> list, f[f[_.__x](_)](self), self |> $.__x, self |> $.__init__
                plus = f[_ + __own](1)
            got, plus = _Class().get(), _Class.plus
            """
        )
    assert env["got"][:3] == ([5], 2, 2) and env["plus"] == 2


def test_recursion_of_a_global_one(module, fresh):
    path = module("lambdas", "fac = f[1 if _ < 2 else times(fac, _)]\ndef times(fac, n): return n\nfib = map[fac]\n")

    class Lambdas(fresh(QuickLambdaTracer)):
        def should_instrument_file(self, filename):
            return filename == str(path)

    with Lambdas:
        import lambdas

        assert lambdas.fac(1, 5) == 1 and lambdas.fac(3, 5) == 5 and lambdas.fac.__code__.co_filename == str(path)


def test_variables_of_the_program_hide_macros(evaluate):
    assert evaluate("f[0], map[0]", f=[10], map={0: 20}) == (10, 20)
    assert evaluate("(lambda f: f[0])([30])") == 30
    assert evaluate("reduce[_ + _]([1, 2]), map[_ + 1]([1])", reduce=reduce, map=map) == (3, [2])


def test_quotes_still_quote(evaluate):
    assert evaluate("q[1 + u[f[_ + 1](1)]]").right.value == 2
    assert issubclass(QuickLambdaTracer, Quasiquoter)


def test_builtins_are_as_before(fresh):
    before = dict(vars(builtins))
    with fresh(QuickLambdaTracer):
        assert repr(builtins.f) == "f[...]" and builtins.reduce is reduce and builtins.imap is map
    assert vars(builtins) == before


def test_each_evaluation_makes_a_function(evaluate):
    first, second = evaluate("[f[_ + 1] for _ in range(2)]")
    assert first is not second and first.__code__ is second.__code__ and first.__name__ == "<lambda>"


def test_what_cannot_be_in_a_lambda_is_an_error(evaluate):
    with pytest.raises(SyntaxError, match="await"):
        evaluate("f[await _]")
    with pytest.raises(ZeroDivisionError):
        evaluate("f[_ / 0](1)")
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        evaluate("f[_ + _](1)")


def test_handlers_of_other_tracers_see_the_lambda(fresh):
    class Names(fresh(pyc.BaseTracer)):
        seen = []

        @pyc.load_name
        def note(self, node):
            self.seen.append(node.id)

        @pyc.before_subscript_slice
        @pyc.before_subscript_load
        def any_place(self, ret):
            pass

    with fresh(QuickLambdaTracer), Names:
        assert pyc.eval("[f[_ + n](1), (0, 1)[n], x[0][0]]", {"n": 1, "x": [[7]]}, {}) == [2, 1, 7]
    assert [name for name in Names.seen if not name.startswith("_")] == ["f", "n", "n", "x"]
