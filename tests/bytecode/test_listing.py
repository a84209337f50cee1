"""Listings of code, and all fields of it."""
import io
import re
from pathlib import Path

import pytest

from pyccolo_native import bytecode
from pyccolo_native.bytecode import Code, Instr, Label, SetLineno, TryBegin, TryEnd, display, emit, ops, printcodelist
from pyccolo_native.bytecode.foreign import read_pyc
from pyccolo_native.bytecode.versions import RUNNING_MINOR

FIXTURES = Path(__file__).resolve().parent / "fixtures"


def listed(code, **options):
    text = io.StringIO()
    printcodelist(code, text, **options)
    return text.getvalue()


def rows(text):
    """The words of each line that is not empty."""
    return [line.split() for line in text.splitlines() if line.strip()]


def compared(a):
    if a < 3:
        b = a
    return b


def guarded(a):
    try:
        a()
    except ValueError:
        return 1


def closing(a):
    def inner():
        return a

    return inner


class TestItems:
    def test_columns(self):
        label = Label()
        items = [
            SetLineno(2),
            ops.LOAD_FAST("a"),
            ops.LOAD_CONST(3),
            ops.COMPARE_OP("<"),
            *emit.jump_if_false(label),
            SetLineno(3),
            ops.LOAD_FAST("a"),
            ops.STORE_FAST("b"),
            label,
            ops.LOAD_CONST(None),
            ops.RETURN_VALUE(),
        ]
        lines = listed(items).splitlines()
        target = items.index(label) + 1
        assert lines[0].split() == ["2", "1", "LOAD_FAST", "a"]
        assert lines[1] == "             2 LOAD_CONST               3"
        assert lines[2].split() == ["3", "COMPARE_OP", "<"]
        assert [line for line in lines if "POP_JUMP" in line][0].split()[-2:] == ["to", str(target)]
        assert "" in lines and lines[lines.index("") + 1].split()[0] == "3"
        assert [line for line in lines if ">>" in line] == [f"       >> {target:4} LOAD_CONST               None"]

    def test_line_is_said_when_it_changes(self):
        items = [ops.NOP(location=7), ops.NOP(location=7), ops.NOP(location=None), ops.NOP(location=7), ops.NOP(location=9)]
        assert rows(listed(items)) == [["7", "0", "NOP"], ["1", "NOP"], ["2", "NOP"], ["3", "NOP"], ["9", "4", "NOP"]]

    def test_operands(self):
        items = [
            ops.LOAD_CONST("text"),
            ops.LOAD_GLOBAL(bytecode.Name("print", 1)),
            ops.LOAD_DEREF(bytecode.CellVar("c")),
            ops.LOAD_DEREF(bytecode.FreeVar("f")),
            ops.BINARY_OP("+="),
            ops.BUILD_TUPLE(2),
            ops.POP_TOP(),
        ]
        assert [" ".join(row[2:]) for row in rows(listed(items))] == ["'text'", "print + NULL", "c (cell)", "f (free)", "+=", "2", ""]

    @pytest.mark.skipif(RUNNING_MINOR < 13, reason="there are no pairs before 3.13")
    def test_pairs(self):
        assert rows(listed([ops.LOAD_FAST_LOAD_FAST(("a", "b"))])) == [["0", "LOAD_FAST_LOAD_FAST", "a,", "b"]]

    @pytest.mark.skipif(RUNNING_MINOR < 12, reason="3.11 has an instruction of its own for methods")
    def test_methods(self):
        assert rows(listed([ops.LOAD_ATTR(bytecode.Name("x", 1))])) == [["0", "LOAD_ATTR", "x", "+", "method"]]

    def test_ranges(self):
        outer, inner = Label(), Label()
        begin, nested = TryBegin(outer), TryBegin(inner, True, depth=2)
        items = [begin, ops.NOP(), nested, ops.NOP(), TryEnd(), TryEnd(begin), inner, ops.NOP(), outer, ops.NOP()]
        assert rows(listed(items)) == [
            ["0", "try", "to", "9"],
            ["1", "NOP"],
            ["2", "try", "to", "7,", "lasti,", "depth", "2"],
            ["3", "NOP"],
            ["4", "end", "of", "try", "2"],
            ["5", "end", "of", "try", "0"],
            [">>", "7", "NOP"],
            [">>", "9", "NOP"],
        ]
        assert rows(listed(items, exceptions=False)) == [["1", "NOP"], ["3", "NOP"], [">>", "7", "NOP"], [">>", "9", "NOP"]]

    def test_what_is_incomplete_can_be_listed(self):
        items = [ops.JUMP_FORWARD(Label()), TryEnd(), TryBegin(Label())]
        assert rows(listed(items)) == [["0", "JUMP_FORWARD", "to", "?"], ["1", "end", "of", "try", "?"], ["2", "try", "to", "?"]]
        assert listed([]) == "\n"

    def test_label_behind_the_last_instruction(self):
        label = Label()
        assert rows(listed([ops.JUMP_FORWARD(label), label])) == [["0", "JUMP_FORWARD", "to", "2"]]

    def test_label_that_nothing_goes_to(self):
        assert ">>" not in listed([Label(), ops.NOP()])


class TestCode:
    def test_jumps_lead_to_marked_instructions(self):
        code = Code.from_code(compared.__code__)
        found = rows(listed(code))
        to = next(int(row[-1]) for row in found if row[-2:-1] == ["to"])
        assert isinstance(code[to], Instr)
        marked = [row[row.index(">>") + 1] for row in found if ">>" in row]
        assert str(to) in marked

    def test_functions_and_code_objects(self):
        assert listed(compared) == listed(compared.__code__) == listed(Code.from_code(compared.__code__))
        with pytest.raises(TypeError, match="int"):
            printcodelist(3)

    def test_str(self):
        code = Code.from_code(compared.__code__)
        assert f"{code}\n" == listed(code)

    def test_standard_output(self, capsys):
        printcodelist(compared)
        assert capsys.readouterr().out == listed(compared)

    def test_handler(self):
        text = listed(guarded)
        handler = re.search(r"(\d+) PUSH_EXC_INFO", text)[1]
        assert re.search(rf"try +to {handler}\n", text)
        assert re.search(r"try +to \d+, lasti", text)
        assert "try" not in listed(guarded, exceptions=False)

    def test_positions(self):
        line = compared.__code__.co_firstlineno + 1
        assert re.search(rf"{line}:7-{line}:12 +COMPARE_OP", listed(compared, positions=True))

    def test_offsets(self):
        code = Code.from_code(compared.__code__)
        code.insert(0, ops.NOP())
        found = listed(code, offsets=True)
        assert re.search(r"^ +\d+ +0 +NOP$", found, re.M)  # the index, and no offset: it is new
        resume = next(item for item in code if isinstance(item, Instr) and item.name == "RESUME")
        assert re.search(rf" {resume.offset} RESUME", found)

    def test_nested_code(self):
        assert "LOAD_DEREF               a (free)" not in listed(closing)
        text = listed(closing, recursive=True)
        assert re.search(r"\n\ncode closing\.<locals>\.inner, file .*, line \d+:\n", text)
        assert "LOAD_DEREF               a (free)" in text


class TestDisplay:
    def test_code_object(self, capsys):
        display(compared.__code__)
        text = capsys.readouterr().out
        assert text.startswith("code compared, file ")
        assert re.search(r"^    co_varnames +\('a', 'b'\)$", text, re.M)
        assert re.search(r"^    co_flags +0x\d+ .*OPTIMIZED", text, re.M)
        assert re.search(r"^    co_code +\d+ bytes$", text, re.M)
        assert "RETURN" in text

    def test_code(self):
        text = io.StringIO()
        code = Code.from_code(compared.__code__)
        display(code, text)
        assert re.search(r"^    args +\('a',\)$", text.getvalue(), re.M)
        assert re.search(rf"^    stacksize +{code.stacksize()}$", text.getvalue(), re.M)

    def test_code_that_makes_no_sense(self):
        text = io.StringIO()
        display(Code([ops.POP_TOP()]), text)
        assert re.search(r"^    stacksize +unknown: .*POP_TOP", text.getvalue(), re.M)

    @pytest.mark.parametrize("subject", [closing, Code.from_code(closing.__code__)])
    def test_nested_code(self, subject):
        text = io.StringIO()
        display(subject, text, recursive=True)
        assert len(re.findall(r"^code closing", text.getvalue(), re.M)) == 2

    def test_other_objects(self):
        with pytest.raises(TypeError):
            display("text")


@pytest.mark.parametrize("minor", range(11, 16))
class TestOtherVersions:
    @pytest.fixture
    def code(self, minor):
        return Code.from_raw(read_pyc(FIXTURES / f"rich-3.{minor}.bytes").code)

    def test_listing(self, code, minor):
        text = listed(code, recursive=True, positions=True, offsets=True)
        assert len(re.findall("^code ", text, re.M)) == len([*code.walk()]) - 1
        assert ("PRECALL" in text, "LOAD_FAST_BORROW" in text) == (minor == 11, minor >= 14)
        assert "?" not in "".join(row for row in re.findall(" to (.*)$", text, re.M))

    def test_display(self, code, minor):
        text = io.StringIO()
        display(code, text, recursive=True)
        assert text.getvalue().count("stacksize ") == len([*code.walk()])

    def test_text(self, code, minor):
        text = bytecode.dump(code)
        assert text.startswith(f"version = (3, {minor})\n")
        assert text.count("\ncode ") == len([*code.walk()])
        if minor != RUNNING_MINOR:
            with pytest.raises(bytecode.BytecodeError, match=rf"line 1: this is for CPython 3\.{minor}, and"):
                bytecode.asm(text)

    def test_search(self, code, minor):
        found = [match for each in code.walk() for match in bytecode.find(each, bytecode.patterns.op("LOAD_FAST", "self"))]
        assert found

    def test_canonical_code_is_made_of_that_which_runs(self, code, minor):
        if minor == RUNNING_MINOR:
            assert bytecode.canonical(code).verify() == []
        else:
            with pytest.raises(ValueError, match=rf"this is code of CPython 3\.{minor}, and 3\.{RUNNING_MINOR} runs"):
                bytecode.canonical(code)
