"""Code as text: what dump() writes is what asm() reads, and what asm() says of mistakes."""
import json.decoder
import math
import textwrap
import types
from pathlib import Path

import pytest

from pyccolo_native.bytecode import BytecodeError, Code, Label, Name, SetLineno, TryBegin, TryEnd, VerifyError, asm, diff, dump, emit, ops
from pyccolo_native.bytecode.constants import same_constant
from pyccolo_native.bytecode.literals import read, write
from pyccolo_native.bytecode.versions import RUNNING_MINOR

RICH = Path(__file__).resolve().parent / "fixtures" / "rich.py"  # all that the language has


def run(text, *args, **bind):
    """What the code of a text returns."""
    return types.FunctionType(asm(textwrap.dedent(text), **bind).to_code(), {"__builtins__": __builtins__})(*args)


def numbers(a, *rest, b=0.0, **named):
    """The docstring."""
    total = -0.0
    for x in rest:
        if x in {1, 2, 3}:
            continue
        total += x
    try:
        with open(named["path"]) as file:
            return [y for y in file if y == (1, 2.5, None, ..., b"\0", 1j)]
    except (KeyError, OSError) as error:
        raise ValueError(f"{error!r:>{a}}") from error
    finally:
        del named


async def waiting(a):
    async with a as b:
        async for c in b:
            yield c.x.y(1, z=2)
    a[1:2] = lambda: (a, c)


class Kind:
    value = 1

    def method(self, /):
        global somewhere
        somewhere = super().method(**{"a": 1}, **self)
        match self:
            case {"a": 1, **rest}:
                return rest
            case [1, *others]:
                return others


class TestRoundTrip:
    @pytest.mark.parametrize("function", [numbers, waiting, Kind.method, json.decoder.JSONDecoder.raw_decode, json.decoder.py_scanstring])
    def test_functions(self, function):
        made = asm(dump(function))
        assert diff(made, function) == []
        assert made.to_code() == function.__code__
        assert made == Code.from_code(function.__code__)

    @pytest.mark.parametrize("file", [json.decoder.__file__, RICH])
    def test_modules(self, file):
        code = compile(Path(file).read_bytes(), "<test>", "exec")
        made = asm(dump(code))
        assert diff(made, code) == []
        assert made == Code.from_code(code)

    def test_changed_code(self):
        code, nested = Code.from_code(numbers.__code__), Code.from_code(waiting.__code__)
        for changed, constant in ((code, ("new", 1)), (nested.children()[0], "inside")):
            at = next(at for at, item in enumerate(changed) if getattr(item, "name", "") == "RESUME") + 1
            changed[at:at] = emit.load(constant) + emit.pop()
        for changed in (code, nested):
            assert diff(asm(dump(changed)), changed.to_code()) == []
        assert "inside" in dump(nested)

    def test_text_of_text(self):
        assert dump(asm(dump(numbers))) == dump(numbers)

    def test_objects(self):
        code = Code([ops.RESUME(0), ops.LOAD_CONST((1, print)), ops.LOAD_CONST([]), ops.BUILD_TUPLE(2), ops.RETURN_VALUE()])
        with pytest.raises(BytecodeError, match=r"\{print\} stands for an object, which asm\(\) is to be given as print=\.\.\.; none is given"):
            asm(dump(code))
        binds = {}
        text = dump(code, binds)
        assert binds == {"print": print, "list": []}
        assert "LOAD_CONST               {list}  # []" in text
        function = types.FunctionType(asm(text, **binds).to_code(), {})
        assert function() == ((1, print), []) and function()[1] is binds["list"]

    def test_objects_of_one_name(self):
        one, two = [1], [2]
        code = Code([ops.LOAD_CONST(one), ops.LOAD_CONST(two), ops.LOAD_CONST(one), ops.LOAD_CONST(lambda: 1)])
        binds = {}
        dump(code, binds)
        assert (binds["list"], binds["list_2"], len(binds)) == ([1], [2], 3)
        assert "function" in binds  # the name of a lambda is none

    def test_items_that_are_no_instructions(self):
        handler, top = Label(), Label()
        begin = TryBegin(handler, True, depth=3)
        code = Code(
            [top, SetLineno(4), begin, TryBegin(handler, drop=1), ops.NOP(), TryEnd(), TryEnd(begin), handler, ops.JUMP_BACKWARD(top)]
        )
        made = asm(dump(code))
        assert made == code
        assert [type(item) for item in made] == [type(item) for item in code]

    def test_one_code_used_twice(self):
        inner = Code([ops.RESUME(0), *emit.return_value(5)])
        code = Code([ops.RESUME(0), ops.LOAD_CONST(inner), ops.LOAD_CONST(inner), ops.BUILD_TUPLE(2), ops.RETURN_VALUE()])
        text = dump(code)
        assert text.count("\ncode ") == 2
        one, other = types.FunctionType(asm(text).to_code(), {})()
        assert one is other and eval(one) == 5


class TestLiterals:
    VALUES = [
        None, True, 1, -1, 10**5000, -(10**5000), 0.0, -0.0, 1e100, math.inf, -math.inf, math.nan, -math.nan, 1j, complex(-0.0, 2),
        complex(1, -0.0), complex(math.nan, math.inf), "", "\n'\"\\\0\udc80\u2028#{x}", b"\xff'", ..., (), (1,), (1, (2, "a")),
        frozenset(), frozenset({1, "a", (2, 3.0)}),
    ]  # fmt: skip

    @pytest.mark.parametrize("value", VALUES, ids=[str(at) for at in range(len(VALUES))])
    def test_come_back(self, value):
        text = write(value, None)
        assert "\n" not in text and len(text) < 5000
        assert same_constant(read(text, None, None), value)
        assert same_constant(asm(f"LOAD_CONST {text}  # comment")[0].arg, value)

    @pytest.mark.skipif(RUNNING_MINOR < 14, reason="slices are constants since 3.14")
    def test_slices(self):
        assert same_constant(read(write(slice(1, None, -0.0), None), None, None), slice(1, None, -0.0))

    @pytest.mark.parametrize("text, value", [("[1, {2: 3}]", [1, {2: 3}]), ("{1, 2}", {1, 2}), ("1 - 2j", 1 - 2j), ("'a' 'b'", "ab")])
    def test_others_that_python_writes(self, text, value):
        assert asm(f"LOAD_CONST {text}")[0].arg == value

    @pytest.mark.parametrize("text", ["x", "print()", "1 + 1", "-'a'", "f'{x}'", "[*a]", "frozenset(1)", "slice(1)", "1 if 2 else 3", "{**a}"])
    def test_no_constants(self, text):
        with pytest.raises(BytecodeError, match="line 1: .* is no constant; objects are written as"):
            asm(f"LOAD_CONST {text}")

    def test_no_expression(self):
        with pytest.raises(BytecodeError, match=r"line 1: '\(' cannot be read"):
            asm("LOAD_CONST (")

    def test_set_of_what_is_not_hashable(self):
        with pytest.raises(BytecodeError, match="line 1: unhashable type|line 1: cannot use"):
            asm("LOAD_CONST frozenset({[]})")


class TestAsm:
    def test_bare_instructions(self):
        assert run("RESUME 0\nLOAD_CONST 'Hello World!'\nRETURN_VALUE") == "Hello World!"

    def test_arguments_and_jumps(self):
        jump = "POP_JUMP_FORWARD_IF_FALSE" if RUNNING_MINOR == 11 else "POP_JUMP_IF_FALSE"
        text = f"""
            # the greater
            name = 'greater'
            args = ('a', 'b')       # two
                    RESUME 0
            3       LOAD_FAST a
                    LOAD_FAST b
                    COMPARE_OP >
                    {"TO_BOOL" if RUNNING_MINOR >= 13 else ""}
            3:4-3:9 {jump} to less  # no
            4       LOAD_FAST a
                    RETURN_VALUE
            less:
            -       LOAD_FAST b
                    RETURN_VALUE
        """
        assert run(text, 1, 2) == run(text, 2, 1) == 2
        code = asm(textwrap.dedent(text))
        assert code.name == "greater"
        assert [(item.lineno, item.name) for item in code if getattr(item, "name", "") == "LOAD_FAST"] == [
            (3, "LOAD_FAST"),
            (3, "LOAD_FAST"),
            (4, "LOAD_FAST"),
            (None, "LOAD_FAST"),
        ]
        assert tuple(next(item for item in code if getattr(item, "name", "") == jump).location) == (3, 3, 4, 9)

    def test_objects_given(self):
        text = f"""
            RESUME 0
            {"" if RUNNING_MINOR >= 13 else "PUSH_NULL"}
            LOAD_CONST {{function}}
            {"PUSH_NULL" if RUNNING_MINOR >= 13 else ""}
            LOAD_CONST ({{value}}, 1)
            {"PRECALL 1" if RUNNING_MINOR == 11 else ""}
            CALL 1
            RETURN_VALUE
        """
        assert run(text, function=repr, value=list) == repr((list, 1))
        assert run(text, function=lambda pair: pair[0], value=run) is run

    def test_names(self):
        code = asm("LOAD_GLOBAL print + NULL\nLOAD_NAME 'a b'\nLOAD_DEREF cell c\nLOAD_DEREF free f\nSTORE_FAST .0\nSTORE_FAST cell")
        assert [repr(item.arg) for item in code] == [
            "Name('print', flags=1)", "'a b'", "CellVar('c')", "FreeVar('f')", "'.0'", "'cell'",
        ]  # fmt: skip

    @pytest.mark.skipif(RUNNING_MINOR < 13, reason="there are no pairs before 3.13")
    def test_pairs(self):
        assert asm("LOAD_FAST_LOAD_FAST a, cell b")[0].arg == ("a", "b")
        assert asm("SET_FUNCTION_ATTRIBUTE defaults|closure")[0].arg == 9
        with pytest.raises(BytecodeError, match="LOAD_FAST_LOAD_FAST takes a variable"):
            asm("LOAD_FAST_LOAD_FAST a")

    @pytest.mark.skipif(RUNNING_MINOR < 12, reason="names have these bits since 3.12")
    def test_bits_of_names(self):
        assert asm("LOAD_ATTR x + method")[0].arg.flags == 1
        assert asm("LOAD_SUPER_ATTR x + method + two")[0].arg.flags == 3
        assert asm("LOAD_SUPER_ATTR x + 2")[0].arg.flags == 2
        assert not isinstance(asm("LOAD_ATTR x")[0].arg, Name)

    def test_numbers(self):
        assert [item.arg for item in asm("BINARY_OP +=\nCOMPARE_OP <=\nBINARY_OP 5\nCOPY 0x10\nSWAP 2")] == [13, 1, 5, 16, 2]

    def test_ranges(self):
        text = """
            RESUME 0
            try 1 -> handler
            try -> handler lasti depth=0
            NOP
            end
            LOAD_CONST 1
            LOAD_CONST None
            BINARY_OP +
            end 1
            RETURN_VALUE
            handler:
            PUSH_EXC_INFO
            POP_TOP
            POP_EXCEPT
            LOAD_CONST 'caught'
            RETURN_VALUE
        """
        begins = [item for item in asm(textwrap.dedent(text)) if isinstance(item, TryBegin)]
        assert [(begin.lasti, begin.depth) for begin in begins] == [(False, None), (True, 0)]
        assert begins[0].target is begins[1].target
        assert run(text.replace("try -> handler lasti depth=0", "try -> handler depth=0")) == "caught"

    def test_lines(self):
        code = asm("line 7\nNOP")
        assert isinstance(code[0], SetLineno) and code[0].lineno == 7

    def test_nested_code(self):
        text = """
            code 0:
                RESUME 0
                LOAD_CONST code(7)
                RETURN_VALUE
            code 7:
                name = 'inner'
                RESUME 0
                LOAD_CONST (code(2), 1)
                RETURN_VALUE
            code 2:
                RESUME 0
                LOAD_CONST 'innermost'
                RETURN_VALUE
        """
        inner = run(text)
        assert inner.co_name == "inner"
        assert eval(eval(inner)[0]) == "innermost"
        assert [code.name for code in asm(textwrap.dedent(text)).walk()] == ["<code>", "inner"]

    def test_code_given(self):
        text = "RESUME 0\nLOAD_CONST {inner}\nRETURN_VALUE"
        inner = Code([ops.RESUME(0), *emit.return_value(5)])
        for given in (inner, inner.to_code()):
            assert eval(run(text, inner=given)) == 5
            assert len(asm(text, inner=given).children()) == 1

    def test_comments(self):
        code = asm("  # one\nLOAD_CONST '#' # two\nLOAD_NAME '#' # three\nNOP#four\n\nlabel: # five")
        assert [item.arg for item in code] == ["#", "#", None, None]

    def test_version(self):
        assert len(asm(f"version = (3, {RUNNING_MINOR})\nNOP")) == 1
        with pytest.raises(BytecodeError, match=rf"line 1: this is for CPython 3\.9, and 3\.{RUNNING_MINOR} runs"):
            asm("version = (3, 9)\nNOP")


class TestMistakes:
    @pytest.mark.parametrize(
        "line, reason",
        [
            ("NOPE", r"CPython 3\.\d+ has no instruction NOPE; there is NOP"),
            ("NOP 1", "NOP has no operand"),
            ("LOAD_CONST", "LOAD_CONST needs a constant"),
            ("LOAD_CONST # 1", "LOAD_CONST needs a constant"),
            ("LOAD_FAST", "LOAD_FAST needs an operand"),
            ("LOAD_FAST a b", "LOAD_FAST takes a variable"),
            ("LOAD_FAST (", "'\\(' cannot be read"),
            ("LOAD_NAME a + NULL", "LOAD_NAME takes a name, not"),
            ("LOAD_GLOBAL a + NIL", r"LOAD_GLOBAL takes a name \(\+ NULL\), not"),
            ("LOAD_GLOBAL a NULL", "LOAD_GLOBAL takes a name"),
            ("LOAD_GLOBAL a + 8", "LOAD_GLOBAL has no flags 8"),
            ("SWAP two", "SWAP takes a number, not 'two'"),
            ("BINARY_OP =+", "BINARY_OP takes a BinaryOp such as .*, not '=\\+'"),
            ("JUMP_FORWARD a b", "JUMP_FORWARD takes a label, not 'a b'"),
            ("JUMP_FORWARD nowhere", "there is no label nowhere"),
            ("9:3-8:4 NOP", "a location ends at line 8"),
            ("try -> nowhere", "there is no label nowhere"),
            ("try -> a now", "'now' is nothing that a range has"),
            ("end 3", "there is no try 3 before"),
            ("there: NOP", "'there: NOP' is nothing that is known"),
            ("!", "'!' is nothing that is known"),
            ("LOAD_CONST code(5)", "there is no code 5; there are 0"),
            ("LOAD_CONST code(0)", "code 0 contains itself"),
            ("LOAD_CONST {x}", r"\{x\} stands for an object, .*; given are y"),
            ("nam = 1", "nam is no argument of Code\\(\\); name is"),
            ("xyzzy = 1", "xyzzy is no argument of Code\\(\\)$"),
            ("name = 'x'", "name stands behind instructions"),
        ],
    )
    def test_line_is_named(self, line, reason):
        with pytest.raises(BytecodeError, match=f"^line 3: {reason}"):
            asm(f"\nNOP\n{line}\nNOP", y=1)

    @pytest.mark.parametrize(
        "text, reason",
        [
            ("", "line 1: there is no code in the text"),
            ("# nothing\n", "line 2: there is no code in the text"),
            ("name = 3\nNOP", "line 1: a str is wanted"),
            ("name = 'a'\nname = 'b'", "line 2: name is there already, in line 1"),
            ("name = (", "line 1: '\\(' cannot be read"),
            ("a:\nNOP\na:", "line 3: the label a is there already, in line 1"),
            ("code 1:\nNOP\ncode 1:", "line 3: code 1 is there already, from line 1 on"),
            ("x:\ntry 1 -> x\ntry 1 -> x", "line 3: try 1 is there already"),
            ("consts = ({a},)\nNOP", r"line 1: \{a\} stands for an object"),
        ],
    )
    def test_whole(self, text, reason):
        with pytest.raises(BytecodeError, match=f"^{reason}"):
            asm(text)

    def test_label_of_other_code(self):
        with pytest.raises(BytecodeError, match="line 4: there is no label a"):
            asm("a:\nLOAD_CONST code(1)\ncode 1:\nJUMP_FORWARD a")

    def test_nested_code_that_makes_no_sense(self):
        with pytest.raises(BytecodeError) as caught:
            asm("LOAD_CONST code(1)\n\ncode 1:\nPOP_TOP\nRETURN_VALUE")
        assert caught.value.__notes__ == ["in code 1, which begins at line 3"]

    def test_code_that_would_do_harm(self):
        with pytest.raises((VerifyError, BytecodeError)):
            asm("RESUME 0\nLOAD_CONST 1\nPOP_EXCEPT\nLOAD_CONST 1\nRETURN_VALUE").to_code()
