"""Code as if all versions wrote the same."""
import types
from pathlib import Path

import pytest

from pyccolo_native.bytecode import Code, Instr, Label, Name, TryBegin, asm, canonical, diff, opmap, ops, semantic_arg, semantic_name
from pyccolo_native.bytecode.canonical_form import parts
from pyccolo_native.bytecode.versions import RUNNING_MINOR

UNDONE = {
    *("LOAD_FAST_LOAD_FAST", "STORE_FAST_LOAD_FAST", "STORE_FAST_STORE_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_BORROW_LOAD_FAST_BORROW"),
    *("LOAD_SMALL_INT", "RETURN_CONST", "NOT_TAKEN"),
}


def names(code):
    return [item.name for item in code if isinstance(item, Instr)]


def meanings(code):
    return [semantic_name(item) for item in canonical(code) if isinstance(item, Instr)]


def arithmetic(a, b):
    c, d = a + b, 1
    if c > d:
        return None
    for x in range(a):
        c = c * x - 1 if x else d
    try:
        return c / b
    except ZeroDivisionError:
        pass
    return "zero"


def generator(n):
    while n:
        n -= 1
        yield n, -n


def closing(a):
    b = 1

    def inner():
        return a, b

    return inner


def without(a):
    if a:
        b = 1
    return b


class TestCanonical:
    @pytest.mark.parametrize("args", [(1, 0), (3, 4), (5, 0), (0, 1)])
    def test_does_the_same(self, args):
        assert canonical(arithmetic).to_function(arithmetic)(*args) == arithmetic(*args)

    def test_generators_and_closures(self):
        assert list(canonical(generator).to_function(generator)(5)) == list(generator(5))
        assert canonical(closing).to_function(closing)(3)() == (3, 1)

    @pytest.mark.parametrize("function", [arithmetic, generator, closing])
    def test_nothing_is_left(self, function):
        assert not UNDONE & {*names(canonical(function))}
        assert canonical(function).verify() == []

    @pytest.mark.parametrize("function", [arithmetic, generator, closing])
    def test_of_what_is_canonical_it_is_the_same(self, function):
        once = canonical(function)
        assert canonical(once) == once
        assert diff(canonical(once), once) == []

    def test_all_that_the_language_has(self):
        source = (Path(__file__).resolve().parent / "fixtures" / "rich.py").read_bytes()
        for code in Code.from_code(compile(source, "<test>", "exec")).walk():
            made = canonical(code)
            made.to_code()
            assert not UNDONE & {*names(made)}

    def test_is_a_copy(self):
        code = Code.from_code(arithmetic.__code__)
        made = canonical(code)
        assert code == Code.from_code(arithmetic.__code__)
        labels = {id(item) for item in made if isinstance(item, Label)}
        assert labels and not labels & {id(item) for item in code if isinstance(item, Label)}
        for item in made:
            if isinstance(item, TryBegin):
                assert id(item.target) in labels
            elif isinstance(item, Instr) and item.is_jump:
                assert id(item.arg) in labels

    def test_locations_stay(self):
        lines = {item.lineno for item in Code.from_code(arithmetic.__code__) if isinstance(item, Instr)}
        assert {item.lineno for item in canonical(arithmetic) if isinstance(item, Instr)} == lines

    def test_metadata(self):
        made = canonical(arithmetic).to_code()
        for field in ("co_name", "co_qualname", "co_filename", "co_firstlineno", "co_flags", "co_varnames", "co_argcount"):
            assert getattr(made, field) == getattr(arithmetic.__code__, field)

    def test_variable_without_a_value(self):
        function = canonical(without).to_function(without)
        assert function(True) == 1
        with pytest.raises(UnboundLocalError):
            function(False)

    def test_nop(self):
        code = Code([ops.NOP(location=1), ops.NOP(location=2), ops.NOP(location=3), ops.LOAD_CONST(1, location=3), ops.NOP(location=None)])
        assert [(item.name, item.lineno) for item in canonical(code)] == [("NOP", 1), ("NOP", 2), ("LOAD_CONST", 3)]

    def test_same_on_all_versions(self):
        def one(a, b):
            return a.first(b[0], a > b, x=3)

        def two(a):
            b = a
            if b is None:
                return "none"
            c = b, 5
            return c

        method = ["LOAD_FAST", "LOAD_METHOD", "LOAD_FAST", "LOAD_CONST", "BINARY_SUBSCR", "LOAD_FAST", "LOAD_FAST", "COMPARE_OP"]
        found = [name for name in meanings(one) if name not in ("KW_NAMES", "PRECALL")]
        # Before 3.13 the names of arguments are part of the call.
        names_of_arguments = ["LOAD_CONST"] * (RUNNING_MINOR >= 13)
        assert found == ["RESUME", *method, "LOAD_CONST", *names_of_arguments, "CALL", "RETURN_VALUE"]
        assert meanings(two) == [
            *("RESUME", "LOAD_FAST", "STORE_FAST", "LOAD_FAST", "POP_JUMP_IF_NOT_NONE", "LOAD_CONST", "RETURN_VALUE"),
            *("LOAD_FAST", "LOAD_CONST", "BUILD_TUPLE", "STORE_FAST", "LOAD_FAST", "RETURN_VALUE"),
        ]

    def test_other_objects(self):
        with pytest.raises(TypeError):
            canonical(3)


class TestPairs:
    @pytest.mark.skipif(RUNNING_MINOR < 13, reason="there are no pairs before 3.13")
    def test_order(self):
        text = """
            args = ('a', 'b', 'c', 'd')
            RESUME 0
            LOAD_FAST_LOAD_FAST a, b
            STORE_FAST_STORE_FAST c, d
            LOAD_FAST d
            STORE_FAST_LOAD_FAST a, c
            LOAD_FAST a
            BUILD_TUPLE 2
            RETURN_VALUE
        """
        code = asm(text)
        made = canonical(code)
        assert not UNDONE & {*names(made)}
        assert types.FunctionType(made.to_code(), {})(1, 2, 3, 4) == types.FunctionType(code.to_code(), {})(1, 2, 3, 4) == (2, 1)

    @pytest.mark.skipif(RUNNING_MINOR < 13, reason="there are no pairs before 3.13")
    def test_parts(self):
        instr = ops.LOAD_FAST_LOAD_FAST(("a", "b"))
        assert [(part.name, part.arg) for part in parts(instr)] == [("LOAD_FAST", "a"), ("LOAD_FAST", "b")]

    @pytest.mark.skipif("RETURN_CONST" not in opmap, reason="only 3.12 and 3.13 have it")
    def test_return_of_a_constant(self):
        assert [(part.name, part.arg) for part in parts(ops.RETURN_CONST(1))] == [("LOAD_CONST", 1), ("RETURN_VALUE", None)]

    def test_others_are_themselves(self):
        instr = ops.LOAD_CONST(1)
        assert parts(instr) == [instr]


class TestSemanticName:
    CASES = [
        ("LOAD_FAST", "x", "LOAD_FAST", "x"),
        ("LOAD_FAST_CHECK", "x", "LOAD_FAST", "x"),
        ("LOAD_FAST_BORROW", "x", "LOAD_FAST", "x"),
        ("LOAD_CONST", 1, "LOAD_CONST", 1),
        ("LOAD_SMALL_INT", 1, "LOAD_CONST", 1),
        ("LOAD_COMMON_CONSTANT", "AssertionError", "LOAD_COMMON_CONSTANT", 0),
        ("LOAD_ASSERTION_ERROR", None, "LOAD_COMMON_CONSTANT", 0),
        ("LOAD_GLOBAL", Name("x", 1), "LOAD_GLOBAL", "x"),
        ("LOAD_METHOD", "x", "LOAD_METHOD", "x"),
        ("BINARY_OP", "+", "BINARY_OP", 0),
        ("BINARY_SUBSCR", None, "BINARY_SUBSCR", None),
        ("COMPARE_OP", "<", "COMPARE_OP", 0),
        ("POP_JUMP_IF_TRUE", Label(), "POP_JUMP_IF_TRUE", ...),
        ("POP_JUMP_FORWARD_IF_FALSE", Label(), "POP_JUMP_IF_FALSE", ...),
        ("POP_JUMP_BACKWARD_IF_NOT_NONE", Label(), "POP_JUMP_IF_NOT_NONE", ...),
        ("JUMP_FORWARD", Label(), "JUMP", ...),
        ("JUMP_BACKWARD", Label(), "JUMP", ...),
        ("CALL", 2, "CALL", 2),
        ("CALL_KW", 2, "CALL", 2),
        ("RETURN_CONST", 2, "RETURN_VALUE", None),
        ("CALL_INTRINSIC_1", "PRINT", "PRINT_EXPR", None),
        ("PRINT_EXPR", None, "PRINT_EXPR", None),
        ("CALL_INTRINSIC_2", "PREP_RERAISE_STAR", "PREP_RERAISE_STAR", None),
    ]

    @pytest.mark.parametrize("name, arg, meaning, operand", [case for case in CASES if case[0] in opmap])
    def test_names(self, name, arg, meaning, operand):
        instr = Instr(name, arg)
        assert semantic_name(instr) == meaning
        assert operand is ... or semantic_arg(instr) == operand

    @pytest.mark.skipif(RUNNING_MINOR < 12, reason="3.11 has an instruction of its own for methods")
    def test_methods(self):
        assert semantic_name(ops.LOAD_ATTR(Name("x", 1))) == "LOAD_METHOD"
        assert semantic_name(ops.LOAD_ATTR("x")) == "LOAD_ATTR"

    @pytest.mark.skipif(RUNNING_MINOR < 14, reason="3.14 has made it an operator")
    def test_subscripts(self):
        assert semantic_name(ops.BINARY_OP("[]")) == "BINARY_SUBSCR"

    @pytest.mark.skipif(RUNNING_MINOR < 15, reason="3.15 has made them common constants")
    @pytest.mark.parametrize("symbol, value", [("None", None), ("''", ""), ("True", True), ("False", False), ("-1", -1)])
    def test_common_constants(self, symbol, value):
        instr = ops.LOAD_COMMON_CONSTANT(symbol)
        assert (semantic_name(instr), semantic_arg(instr)) == ("LOAD_CONST", value)

    @pytest.mark.skipif(RUNNING_MINOR < 13, reason="comparisons are cast since 3.13")
    def test_casts(self):
        assert semantic_arg(ops.COMPARE_OP("bool(>)")).symbol == ">"

    def test_every_instruction_has_one(self):
        operands = {"Const": 1, "Fast": "x", "Deref": "x", "FastPair": ("x", "y"), "JumpForward": Label(), "JumpBackward": Label(), "None": None}
        from pyccolo_native.bytecode import opcode_table

        for name, kind in opcode_table().operands.items():
            instr = Instr(name, "x" if kind.startswith("Name") else operands.get(kind, 1))
            assert semantic_name(instr).isidentifier()
            semantic_arg(instr)
