"""Opcodes: names and sets, what they do to the stack, Instrs made by name, and versions that are not known."""
import copy
import dis
import io
import pickle
import subprocess
import sys
import textwrap

import pytest

from pyccolo_native import bytecode
from pyccolo_native.bytecode import Code, Instr, Label, Name, Opcode, SetLineno, TryBegin, TryEnd, getse, isopcode, ops
from pyccolo_native.bytecode.versions import RUNNING_MINOR, is_known, require_known

KNOWN_MINORS = range(11, 16)
ARGS = (*range(12), 255, 256, 257)


def by_dis(name):
    """A set of dis, as names of instructions that the version has."""
    return {opcode.name for opcode in bytecode.opcodes if opcode in getattr(dis, name)}


def names(opcodes):
    return {opcode.name for opcode in opcodes}


class TestOpcode:
    def test_is_a_number_with_a_name(self):
        opcode = bytecode.opmap["LOAD_CONST"]
        assert opcode == dis.opmap["LOAD_CONST"] and isinstance(opcode, int)
        assert repr(opcode) == str(opcode) == f"{opcode}" == opcode.name == "LOAD_CONST"
        assert f"{opcode:d}" == str(dis.opmap["LOAD_CONST"])

    def test_is_found_by_its_number(self):
        assert Opcode(dis.opmap["SWAP"]).name == "SWAP"

    def test_of_another_version(self):
        opcode = Opcode(7, "ROT_TWO")
        assert (int(opcode), opcode.name, repr(opcode)) == (7, "ROT_TWO", "ROT_TWO")

    def test_number_without_instruction(self):
        with pytest.raises(ValueError, match=rf"CPython 3\.{RUNNING_MINOR} has no instruction 299"):
            Opcode(299)

    @pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda opcode: pickle.loads(pickle.dumps(opcode))])
    def test_copies_keep_the_name(self, again):
        for opcode in (bytecode.opmap["NOP"], Opcode(7, "ROT_TWO")):
            assert (again(opcode), again(opcode).name) == (opcode, opcode.name)


class TestTables:
    def test_maps_agree_with_dis(self):
        assert bytecode.opcodes == set(bytecode.opmap.values())
        for name, opcode in bytecode.opmap.items():
            assert dis.opmap[name] == opcode and opcode.name == name
            assert bytecode.opname[opcode] == bytecode.opname[int(opcode)] == name

    def test_only_what_a_code_object_may_hold(self):
        for name in ("EXTENDED_ARG", "CACHE", "ENTER_EXECUTOR", "RESERVED"):
            assert name not in bytecode.opmap
        assert not [name for name in bytecode.opmap if name.startswith("INSTRUMENTED_")]
        assert all(0 <= opcode < 256 for opcode in bytecode.opcodes)

    @pytest.mark.parametrize("which", ["hasname", "hascompare", "hasjabs"])
    def test_sets_of_dis(self, which):
        assert names(getattr(bytecode, which)) == by_dis(which)

    def test_sets_that_tell_more_than_those_of_dis(self):
        assert names(bytecode.hasconst) - by_dis("hasconst") <= {"KW_NAMES"}
        assert by_dis("hasconst") - names(bytecode.hasconst) <= {"LOAD_SMALL_INT"}
        assert names(bytecode.haslocal) >= by_dis("haslocal") - {"LOAD_DEREF"}  # so do dis of 3.14 and 3.15
        assert names(bytecode.hasfree) == by_dis("hasfree") | {"LOAD_DEREF"}
        assert names(bytecode.hasjrel) == by_dis("hasjrel") == names(bytecode.hasjump)

    def test_some_members(self):
        assert bytecode.opmap["LOAD_GLOBAL"] in bytecode.hasflagbits & bytecode.hasname & bytecode.hascache
        assert bytecode.opmap["MAKE_FUNCTION"] in bytecode.hascode
        assert bytecode.opmap["PUSH_EXC_INFO"] in bytecode.hasexc
        assert bytecode.opmap["NOP"] not in bytecode.hasarg
        for name in ("RETURN_VALUE", "RERAISE", "RAISE_VARARGS", "FOR_ITER", "JUMP_BACKWARD", "SEND", "RETURN_GENERATOR"):
            assert bytecode.opmap[name] in bytecode.hasflow
        assert bytecode.opmap["END_ASYNC_FOR"] not in bytecode.hasflow  # 3.14 writes a jump, and does not do it
        assert (bytecode.opmap.get("LOAD_FAST_LOAD_FAST") in bytecode.haspair) == (RUNNING_MINOR >= 13)
        assert bytecode.cmp_op[0] == "<"

    @pytest.mark.parametrize("minor", KNOWN_MINORS)
    def test_tables_of_other_versions(self, minor):
        table = bytecode.opcode_table(minor)
        assert table.opname[table.opmap["LOAD_CONST"]] == "LOAD_CONST"
        assert table.operand_of("LOAD_CONST") == "Const"
        assert ("PRECALL" in table.opmap) == (minor == 11)
        assert ("LOAD_FAST_BORROW" in table.opmap) == (minor >= 14)
        with pytest.raises(ValueError, match=rf"CPython 3\.{minor} has no instruction 'PRINT_ITEM'"):
            table.name_of("PRINT_ITEM")

    def test_all_names_can_be_imported(self):
        namespace = {}
        exec("from pyccolo_native.bytecode.names import *", namespace)
        assert namespace["LOAD_CONST"] is bytecode.opmap["LOAD_CONST"]
        assert {name for name in namespace if name.isupper()} >= {*bytecode.opmap}

    def test_all_that_is_promised_is_there(self):
        assert not [name for name in bytecode.__all__ if not hasattr(bytecode, name)]
        assert len(bytecode.__all__) == len({*bytecode.__all__})


class TestIsOpcode:
    def test_instructions_are(self):
        assert isopcode(ops.NOP()) and isopcode(bytecode.opmap["NOP"])

    def test_other_items_are_not(self):
        label = Label()
        begin = TryBegin(label)
        for item in (label, begin, TryEnd(begin), SetLineno(3), SetLineno, Label, None, 9, "NOP"):
            assert not isopcode(item)


class TestStackEffect:
    @pytest.mark.parametrize(
        "op, arg, effect",
        [
            ("NOP", None, (0, 0)),
            ("POP_TOP", None, (1, 0)),
            ("LOAD_CONST", "any", (0, 1)),
            ("LOAD_CONST", 300, (0, 1)),
            ("LOAD_CONST", None, (0, 1)),
            ("LOAD_FAST", "a", (0, 1)),
            ("STORE_SUBSCR", None, (3, 0)),
            ("BUILD_TUPLE", 0, (0, 1)),
            ("BUILD_TUPLE", 3, (3, 1)),
            ("BUILD_MAP", 2, (4, 1)),
            ("UNPACK_SEQUENCE", 3, (1, 3)),
            ("UNPACK_EX", 1 + (2 << 8), (1, 4)),
            ("BINARY_OP", "+", (2, 1)),
            ("COMPARE_OP", "<", (2, 1)),
            ("LOAD_GLOBAL", "print", (0, 1)),
            ("LOAD_GLOBAL", Name("print", 1), (0, 2)),
            ("LOAD_GLOBAL", 5, (0, 2)),
            ("COPY", 2, (2, 3)),
            ("SWAP", 3, (3, 3)),
        ],
    )
    def test_getse(self, op, arg, effect):
        assert getse(op, arg) == getse(bytecode.opmap[op], arg) == getse(int(bytecode.opmap[op]), arg) == effect
        assert bytecode.stack_effect(op, arg) == effect[1] - effect[0]

    def test_of_an_instruction(self):
        assert getse(ops.BUILD_LIST(4)) == (4, 1)
        assert getse(ops.LOAD_GLOBAL(Name("len", 1))) == (0, 2)
        assert getse(ops.BUILD_LIST, 4) == (4, 1)
        assert bytecode.stack_effect(ops.FOR_ITER(Label()), jump=False) == 1

    def test_flow_is_asked_for(self):
        for name in ("RETURN_VALUE", "FOR_ITER", "JUMP_FORWARD"):
            with pytest.raises(ValueError, match=f"{name} does not simply go on"):
                getse(name)
        assert getse("JUMP_FORWARD", jump=True) == (0, 0)
        assert getse("RETURN_VALUE", jump=False)[0] == 1
        assert bytecode.stack_effect("RETURN_VALUE") in (-1, 0)

    @pytest.mark.parametrize("op", ["BUILD_TUPLE", "UNPACK_SEQUENCE", "LOAD_GLOBAL", "COPY", "BUILD_SLICE"])
    def test_operand_that_is_needed(self, op):
        for ask in (getse, bytecode.stack_effect):
            with pytest.raises(ValueError, match=f"the effect of {op} depends on its operand"):
                ask(op)

    def test_operand_that_does_not_matter(self):
        assert getse("CONTAINS_OP") == getse("COMPARE_OP") == getse("BINARY_OP") == (2, 1)
        assert getse("STORE_FAST") == (1, 0)

    def test_mistakes(self):
        with pytest.raises(ValueError, match="has no instruction 'PRINT_ITEM'"):
            getse("PRINT_ITEM")
        with pytest.raises(ValueError, match="has no instruction 299"):
            getse(299)
        with pytest.raises(ValueError, match="BINARY_OP takes a BinaryOp, and '<>' is none"):
            getse("BINARY_OP", "<>")

    def test_agrees_with_dis(self):
        # dis says of it what the caller's frame sees, or nothing.
        for opcode in bytecode.opcodes - {bytecode.opmap["RETURN_GENERATOR"]}:
            for arg in ARGS if opcode in bytecode.hasarg else (None,):
                for jump in (None, False, True):
                    try:
                        expected = dis.stack_effect(opcode, arg, jump=jump)
                    except (ValueError, RuntimeError):
                        continue
                    assert bytecode.stack_effect(opcode, arg, jump=jump) == expected, (opcode, arg, jump)


class TestOps:
    def test_makes_instructions(self):
        instr = ops.LOAD_CONST("Hello World!", location=3)
        assert isinstance(instr, Instr)
        assert (instr.name, instr.oparg, instr.lineno) == ("LOAD_CONST", "Hello World!", 3)
        assert ops.POP_TOP() == Instr("POP_TOP")

    def test_knows_opcodes(self):
        assert ops.LOAD_CONST.opcode is bytecode.opmap["LOAD_CONST"]
        assert ops.LOAD_CONST.name == "LOAD_CONST"
        assert repr(ops.LOAD_CONST) == "ops.LOAD_CONST"

    def test_lists_them(self):
        assert dir(ops) == sorted(bytecode.opmap)
        assert f"3.{RUNNING_MINOR}" in repr(ops)

    def test_names_what_is_meant(self):
        with pytest.raises(AttributeError, match=rf"CPython 3\.{RUNNING_MINOR} has no instruction LOAD_FATS; there is LOAD_FAST"):
            ops.LOAD_FATS
        with pytest.raises(AttributeError, match="has no instruction pop_top; there is POP_TOP"):
            ops.pop_top
        with pytest.raises(AttributeError, match="has no instruction xyzzy$"):
            ops.xyzzy

    def test_code_from_scratch(self, capsys):
        call = [ops.PRECALL(1)] if RUNNING_MINOR == 11 else []
        code = Code(
            [
                ops.RESUME(0),
                ops.LOAD_GLOBAL(Name("print", 1)),
                ops.LOAD_CONST("Hello World!"),
                *call,
                ops.CALL(1),
                ops.RETURN_VALUE(),
            ]
        )
        eval(code.to_code())
        assert capsys.readouterr().out == "Hello World!\n"


def greet():
    return "Hello World!"


def test_operands_changed_in_place():
    code = Code.from_code(greet.__code__)
    for instr in code:
        if isopcode(instr) and instr.oparg == "Hello World!":
            instr.oparg = "Goodbye World!"
    assert code.to_function(greet)() == "Goodbye World!"


class TestUnknownVersion:
    def test_is_named(self):
        assert not is_known(99) and is_known()
        with pytest.raises(NotImplementedError, match=r"CPython 3\.99 is not known .*3\.11 to 3\.15.*listed, not edited"):
            require_known(99)
        require_known()

    def test_table_by_dis(self):
        table = bytecode.opcode_table(99)
        assert table.opmap["LOAD_CONST"] in table.hasconst
        assert "EXTENDED_ARG" not in table.opmap
        with pytest.raises(NotImplementedError, match=r"CPython 3\.99"):
            table.operand_of("LOAD_CONST")

    def test_listings_are_those_of_dis(self):
        text = io.StringIO()
        bytecode.printcodelist(greet, text, minor=99)
        expected = io.StringIO()
        dis.dis(greet, file=expected)
        assert text.getvalue() == expected.getvalue()
        assert bytecode.dump(greet, minor=99) in expected.getvalue()
        text = io.StringIO()
        bytecode.display(greet, text, minor=99)
        assert "co_stacksize" in text.getvalue() and expected.getvalue() in text.getvalue()

    def test_lists_of_items_are_refused(self):
        with pytest.raises(NotImplementedError, match="a list of items cannot be listed"):
            bytecode.printcodelist([ops.NOP()], minor=99)

    def test_package_can_be_imported(self):
        program = """
            import sys
            import pyccolo_native
            sys.version_info = (3, 99, 0, "final", 0)
            from pyccolo_native import bytecode
            def f(): return 1
            bytecode.printcodelist(f)
            assert bytecode.dump(f).strip()
            for edit in (lambda: bytecode.getse("NOP"), lambda: bytecode.asm("NOP"), lambda: bytecode.emit.pop()):
                try:
                    edit()
                except NotImplementedError as error:
                    assert "3.99" in str(error)
                else:
                    assert False
        """
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "RESUME" in done.stdout
