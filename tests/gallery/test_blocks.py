"""BlockLambdaTracer and FuncBlockTracer: blocks of statements in expressions."""
import builtins
import textwrap
import traceback

import pyccolo_native as pyc
import pytest
from pyccolo_native.examples import BlockLambdaTracer, FuncBlockTracer, OptionalChainer, PipelineTracer, QuickLambdaTracer

SUM = """
    total = 0
    for i in range({}):
        total += i
    total
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("do{" + SUM.format(5) + "}", 10),
        ("fn{" + SUM.format(5) + "}()", 10),
        ("do{ 2 + 3 }", 5),
        ("do{}", None),
        ("do{ x = 1 }", None),
        ("do{ return 7 }", 7),
        ("do{\n# only a comment\n}", None),
        ("do{ m = n; m += 1; m }", 4),
        ("list(gen{ yield 1; yield n })", [1, 3]),
        ("list(map{\n  for i in range(n):\n    yield i\n})", [0, 1, 2]),
        ("list(map(str, (1, 2)))", ["1", "2"]),
        ("do{\n    inner = list(gen{\n        for i in range(n):\n            yield i\n    })\n    sum(inner)\n}", 3),
        ("do{\n    text = '''a\n  b'''\n    text\n}", "a\n  b"),
        ("do{ '}' + \"{\" }  # }", "}{"),
        ("do{\n    'ö' + do{ 'ä' }\n}", "öä"),
        ("[do{ i * 2 } for i in range(3)]", [0, 2, 4]),
        ("{'a': 1, 'b': {2}}", {"a": 1, "b": {2}}),
    ],
)
def test_block_lambdas(fresh, source, expected):
    with fresh(BlockLambdaTracer):
        assert pyc.eval(source, {}, {"n": 3}) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("run{" + SUM.format("n") + "}", 3),
        ("thunk{" + SUM.format("n") + "}()", 3),
        ("run{ a = run{ n }; a + 1 }", 4),
        ("run{ k = 1; run{ m = n; run{ m + k + n } } }", 7),
        ("[run{ n = 7; run{ n } }, n]", [7, 3]),
        ("run{\n    def f(x):\n        return x + n\n    f(1)\n}", 4),
        ("{1, 2}", {1, 2}),
    ],
)
def test_func_blocks(fresh, source, expected):
    with fresh(FuncBlockTracer):
        assert pyc.eval(source, {}, {"n": 3}) == expected


def test_variables(fresh):
    with fresh(BlockLambdaTracer):
        env = pyc.exec(
            """
            def function(n):
                made = []
                for i in range(3):
                    made.append(fn{
                        m = n + i
                        m
                    })
                n = 100
                return [f() for f in made]
            def shared():
                do{
                    global counter
                    counter += 1
                }
                return counter
            made = function(10)
            counted = [shared(), shared()]
            """,
            {"counter": 0},
        )
    assert env["made"] == [10, 11, 12] and env["counted"] == [1, 2]


def test_a_block_is_compiled_once(fresh):
    with fresh(BlockLambdaTracer):
        codes = pyc.eval("[fn{ x = 1; x }.__code__ for _ in range(3)]")
    assert codes[0] is codes[1] is codes[2]


def test_other_syntax_and_events_in_blocks(fresh):
    class Ints(fresh(pyc.BaseTracer)):
        seen = []

        @pyc.after_int
        def note(self, ret):
            self.seen.append(ret)

    with fresh(FuncBlockTracer), fresh(PipelineTracer), fresh(QuickLambdaTracer), fresh(OptionalChainer), Ints:
        env = pyc.exec(
            """
            x = run{
                values = [1, None] |> map[_ ?? 5]
                values |> $ + [7]
            }
            """,
            {},
            {},
        )
    assert env["x"] == [1, 5, 7] and Ints.seen == [1, 5, 7]


def test_lines_are_those_of_the_file(module, fresh):
    path = module(
        "blocks",
        textwrap.dedent(
            """\
            def function(d):
                x = do{
                    y = 1
                    y / d
                }
                return x / 0
            """
        ),
    )

    class Blocks(fresh(BlockLambdaTracer)):
        def should_instrument_file(self, filename):
            return filename == str(path)

    def lines(d):
        with pytest.raises(ZeroDivisionError) as raised:
            blocks.function(d)
        return [frame.lineno for frame in traceback.extract_tb(raised.tb) if frame.filename == str(path)]

    with Blocks:
        import blocks

        assert lines(0) == [2, 4]
        assert lines(1) == [6]


def test_other_names(fresh):
    class Later(fresh(BlockLambdaTracer)):
        block_macros = ("later", "gen")

    with Later:
        assert pyc.eval("later{ list(gen{ yield 1 }) }()") == [1]
        assert pyc.transform("do{1}; map{2}") == "do{1}; map{2}"


def test_errors_in_blocks(fresh):
    with fresh(FuncBlockTracer):
        with pytest.raises(SyntaxError):
            pyc.eval("run{ for }")
        with pytest.raises(NameError, match="missing"):
            pyc.eval("run{ missing }")


def test_builtins_are_as_before(fresh):
    before = dict(vars(builtins))
    with fresh(FuncBlockTracer), fresh(BlockLambdaTracer):
        assert repr(builtins.run) == "run{...}" and builtins.map is map
    assert vars(builtins) == before
