"""PipelineTracer: operators, placeholders, and where they see their variables."""
import builtins
import gc
import traceback

import pyccolo_native as pyc
import pytest
from pyccolo_native.examples import PipelineTracer
from pyccolo_native.examples.pipeline_tracer import ExtractNames, allow_pipelines_in_loops_and_calls


@pytest.fixture
def evaluate(fresh):
    def run(source, **variables):
        with fresh(PipelineTracer):
            return pyc.eval(source, variables, {})

    return run


@pytest.fixture
def execute(fresh):
    def run(source, **variables):
        with fresh(PipelineTracer):
            return pyc.exec(source, variables, {})

    return run


def pair(*args, **kwargs):
    return args, kwargs


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("(1, 2) |> list", [1, 2]),
        ("(1, 2) *|> pair", ((1, 2), {})),
        ("{'k': 1} **|> pair", ((), {"k": 1})),
        ("pair <| 1", ((1,), {})),
        ("pair <|* (1, 2)", ((1, 2), {})),
        ("pair <|** {'k': 1}", ((), {"k": 1})),
        ("(1 $> pair)(2, k=3)", ((1, 2), {"k": 3})),
        ("((1, 2) *$> pair)(3)", ((1, 2, 3), {})),
        ("({'k': 1} **$> pair)(2)", ((2,), {"k": 1})),
        ("(pair <$ 1)(2)", ((1, 2), {})),
        ("(pair <$* (1, 2))(3)", ((1, 2, 3), {})),
        ("(pair <$** {'k': 1})(2)", ((2,), {"k": 1})),
        ("(str . len)('abc')", "3"),
        ("(pair .* reversed)((1, 2))", ((2, 1), {})),
        ("(pair .** dict)(k=1)", ((), {"k": 1})),
        ("5 $> pair <| 6", ((5, 6), {})),
        ("-1 |> abs |> str |> len", 1),
        ("(3 |>> x) + x", 6),
        ("1 | 2 |> str", "3"),
        ("'é' |> 'ü'.__add__ |> str.upper", "ÜÉ"),
        ("f'{(1, 2) |> sum}{3 |> $ + 1!r:>3}'", "3  4"),
    ],
)
def test_operators(evaluate, source, expected):
    assert evaluate(source, pair=pair) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("2 |> $ + 1", 3),
        ("2 |> [$, n]", [2, 10]),
        ("(5, 3) *|> $ - $", 2),
        ("(5, 3) *|> $a - $b + $a", 7),
        ("(5, 3) *|> $b - $a", 2),
        ("(5, 3) *|> ($a, $b) *|> $b - $a", -2),
        ("(5, 3) *|> ($a, $b) *|> ($b, $a) *|> $a - $b", -2),
        ("(5, 3) *|> ($a, $) *|> pair", ((3, 5), {})),
        ("True |> ('yes' if $ else 'no')", "yes"),
        ("(1, 2, 3) *|> ($ if $ else $)", 1),
        ("pair($, 1)(0)", ((0, 1), {})),
        ("pair($b, x=$a, y=$b)(1, 2)", ((1,), {"x": 2, "y": 1})),
        ("pair(*$, **$)((1,), {'k': 2})", ((1,), {"k": 2})),
        ("sorted($, reverse=True)([2, 3])", [3, 2]),
        ("sorted($, key=$)([2, -3], abs)", [2, -3]),
        ("list(map(pair($, n), (1, 2)))", [((1, 10), {}), ((2, 10), {})]),
        ("$.upper()('a')", "A"),
        ("(1, 2) |> pair($, n)[0][0]", (1, 2)),
        ("[3, 1] |> sorted($).index(3)", 1),
        ("($ |> $ + 1 |> str)(2)", "3"),
        ("($ + $ |> str)(2, 3)", "5"),
        ("(($, $) *|> $ * $ <|* (2, 3))", 6),
        ("$ + 1 <| 3", 4),
        ("(($ + 1) . ($ * 2))(5)", 11),
        ("[1, 2] |> [v + 1 for v in $] |> sum($, n)", 15),
        ("2 |> (lambda x: x + $)(1)", 3),
        ("1 |> (2 |> [$, 3]).append |> [$]", [None]),
        ("'ä' |> $ + 'ö' |> $.upper()", "ÄÖ"),
        ("(1, 2) *|> $1 - $2", -1),
        ("0 |> $\n", 0),
    ],
)
def test_placeholders(evaluate, source, expected):
    assert evaluate(f"({source})", pair=pair, n=10) == expected


def test_over_several_lines(execute):
    env = execute(
        """
        add = (
            $
            |> $ + 1  # one
            |> $ + 2
        )
        three = 0 |> add
        """
    )
    assert env["three"] == 3


def test_everywhere(execute):
    env = execute(
        """
        import asyncio

        def function(n):
            inner = 1 |> $ + n
            return inner, [x |> $ + n for x in (1, 2)], (lambda y: y |> $ * n)(5), {k: k |> $ + n for k in "12" |> map(int, $)}

        def generator(n):
            for i in range(2):
                n += 10
                got = yield i |> $ + n
                yield got |> [$, n]

        async def main():
            async def give(x):
                await asyncio.sleep(0)
                return x
            async def numbers():
                yield 1 |> $ + 1
            return await give(1) |> $ + 1, [x async for x in numbers()], [await give(x) |> $ + 1 for x in (1, 2)]

        class Class:
            base = 3
            plus = 1 |> $ + base
            def method(self):
                return self |> $.plus |> $ + __class__.base

        for i in range(3):
            total = i |> $ + 1

        values = function(3)
        made = generator(1)
        sent = [next(made), made.send("x"), next(made)]
        method = Class().method()
        awaited = asyncio.run(main())
        """
    )
    assert env["values"] == (4, [4, 5], 15, {1: 4, 2: 5})
    assert env["sent"] == [11, ["x", 11], 22]
    assert env["awaited"] == (2, [2], [2, 3])
    assert (env["Class"].plus, env["method"], env["total"]) == (4, 7, 3)


def test_lambdas_keep_the_variables_of_their_function(execute):
    env = execute(
        """
        def adders():
            made = [pow($, n) for n in (1, 2)]
            for n in (3, 4):
                made.append(pow($, n))
            return [f(2) for f in made]
        made = adders()
        """
    )
    assert env["made"] == [2, 4, 8, 16]


def test_lambdas_see_global_variables_as_they_are_when_called(module, fresh):
    path = module("pipes", "n = 1\nadd = max($, n)\nn = 5\nfive = add(0)\ncube = [x |> $ ** n for x in (2,)]\n")

    class Pipes(fresh(PipelineTracer)):
        def should_instrument_file(self, filename):
            return filename == str(path)

    with Pipes:
        import pipes
    assert (pipes.five, pipes.cube) == (5, [32])


def test_operands_are_evaluated_once_from_left_to_right(execute):
    env = execute(
        """
        told = []
        def tell(x):
            told.append(x)
            return x
        tell(1) |> tell(str)
        tell(2) |> [$, tell(3)]
        pair = tell(print) and max($, tell(4))
        pair(tell(5))
        (n := 6) |> [$, tell(n)]
        """
    )
    assert env["told"] == [1, str, 2, 3, print, 5, 4, 6]


def test_assignment(execute):
    env = execute(
        """
        1 |>> a |> [$, a] |>> b
        def function():
            own = 0
            def closure():
                return own
            5 |>> own
            6 |>> shared
            return own, closure()
        owned = function()
        got = a, b, shared
        """,
        a=0,
        b=0,
    )
    assert (env["owned"], env["got"]) == ((5, 5), (1, [1, 1], 6))


@pytest.mark.parametrize("source", ["1 |>> 2", "1 |>> a.b", "1 |>> a[0]", "1 |>> $"])
def test_assigning_to_anything_else(execute, source):
    with pytest.raises(SyntaxError, match="line 1: |>> assigns to a name"):
        execute(source)


def test_a_placeholder_that_belongs_nowhere(execute):
    with pytest.raises(NameError):
        execute("x = [$]")
    with pytest.raises(NameError, match="line 1: the placeholder .x stands in no call"):
        execute("y = [$x]", _x=1)


def test_errors_are_those_of_the_program(execute):
    env = execute(
        """
        def fail(*_):
            raise KeyError("fail")
        caught = []
        for i in range(3):
            for run in (lambda: 1 |> fail, lambda: fail() |> str, lambda: 1 |> fail($), lambda: max(fail($), 1)(2), lambda: ($ |> fail)(1)):
                try:
                    run()
                except (KeyError, TypeError) as error:
                    caught.append(type(error).__name__)
            caught.append(i |> $ + 1)
        """
    )
    assert env["caught"] == [x for i in range(3) for x in (*["KeyError"] * 3, "TypeError", "KeyError", i + 1)]
    with pytest.raises(TypeError, match="'int' object is not callable"):
        execute("1 |> 2")


def test_tracebacks_show_the_line(module, fresh):
    path = module("failing", "def divide(x):\n    return (\n        x\n        |> 1 / $\n    )\n")

    class Pipes(fresh(PipelineTracer)):
        def should_instrument_file(self, filename):
            return filename == str(path)

    with Pipes:
        import failing

        with pytest.raises(ZeroDivisionError) as raised:
            failing.divide(0)
    frames = [(frame.name, frame.lineno) for frame in traceback.extract_tb(raised.tb) if frame.filename == str(path)]
    assert frames == [("divide", 3), ("<lambda>", 4)]


def test_other_tracers_see_what_is_in_lambdas(fresh):
    class Ints(fresh(pyc.BaseTracer)):
        seen = []

        @pyc.after_int
        def note(self, ret):
            self.seen.append(ret)

        @pyc.before_left_binop_arg
        @pyc.before_right_binop_arg
        @pyc.before_load_complex_symbol
        @pyc.load_name
        @pyc.before_binop
        def any_place(self, ret):
            pass

    with fresh(PipelineTracer), Ints:
        env = pyc.exec("for i in range(2):\n    x = i |> $ + 10\ny = max(_, 7) + len('')", {"_": 3}, {})
    assert (env["x"], env["y"], Ints.seen) == (11, 7, [2, 10, 10, 7])


def test_python_operators_are_left_alone(execute):
    assert execute("x = 1 | 2; y = {1} | {2}; z = x.real")["y"] == {1, 2}


def test_allow_pipelines(fresh):
    with fresh(PipelineTracer):
        env = pyc.exec(
            """
            with allow_pipelines_in_loops_and_calls():
                for i in range(3):
                    x = i |> str
            @allow_pipelines_in_loops_and_calls
            def function(y):
                return y |> str
            z = function(1)
            """
        )
    assert (env["x"], env["z"]) == ("2", "1")
    assert not hasattr(builtins, allow_pipelines_in_loops_and_calls.__name__)


def test_what_is_made_goes_with_its_code(fresh):
    with fresh(PipelineTracer):
        tracer = PipelineTracer.instance()
        for _ in range(3):
            pyc.exec("x = 1 |> $ + 1 |> max($, 2)")
        pyc.exec("pass")  # a tracer knows the module that was woven last
        pyc.BaseTracer.reset_bookkeeping()
        gc.collect()
        assert not tracer._operations and not tracer._expansions._of_nodes


def test_code_runs_on_when_the_tables_of_nodes_are_emptied(fresh):
    with fresh(PipelineTracer):
        env = pyc.exec("def f(x):\n    return x |> str |> $ + '!'\nf(1)")
        pyc.BaseTracer.reset_bookkeeping()
        assert env["f"](2) == "2!"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a + b.c[d]", "abd"),
        ("lambda x, y=a: x + b", "ab"),
        ("[x + a for x in b if c]", "abc"),
        ("{x: y for x in x for y in a}", "ax"),
    ],
)
def test_names_that_an_expression_takes_from_around_it(source, expected):
    import ast

    assert ExtractNames.extract_names(ast.parse(source, mode="eval").body) == set(expected)
