"""Code as a list and as a set of attributes, and what it is assembled to."""
import dis
import sys
import types

import pytest

from pyccolo_native.bytecode import (
    BytecodeError,
    CellVar,
    Code,
    FreeVar,
    Instr,
    Label,
    Name,
    SetLineno,
    TryBegin,
    TryEnd,
    ops,
)

VERSION = sys.version_info[:2]


def code_of(source, name="f"):
    namespace = {}
    exec(compile(source, "<test>", "exec"), namespace)
    return namespace[name].__code__


def plain(a, b):
    c = a + b
    return c


def with_handler(x):
    try:
        return 1 / x
    except ZeroDivisionError as error:
        return str(error)


def index_of(code, name, arg=None):
    return next(i for i, item in enumerate(code) if item.name == name and arg in (None, item.arg))


# ---- the list


def test_it_is_a_mutable_sequence():
    code = Code.from_function(plain)
    items = list(code)
    assert len(code) == len(items) and code[0] is items[0] and code[-1] is items[-1]
    assert code[1:3] == items[1:3] and isinstance(code[1:3], list)
    nop = Instr("NOP")
    code.append(nop)
    assert code[-1] is nop and nop in code and code.index(nop) == len(items)
    assert code.pop() is nop
    code.insert(0, nop)
    code.remove(nop)
    code.extend([nop, nop])
    del code[-2:]
    code += [nop]
    del code[-1]
    assert list(code) == items
    code.reverse()
    assert list(code) == items[::-1]
    assert list(reversed(code)) == items
    code[::2] = [nop] * len(items[::2])
    assert code.count(nop) == len(items[::2])
    code.clear()
    assert len(code) == 0


def test_every_item_has_a_name_and_an_operand():
    label = Label()
    begin = TryBegin(label)
    assert [(item.name, item.arg, item.oparg) for item in (label, begin, TryEnd(begin), SetLineno(3))] == [(None,) * 3] * 4


def test_only_items_go_into_it():
    code = Code.from_function(plain)
    for wrong in (1, None, "NOP", ("LOAD_FAST", "a")):
        with pytest.raises(TypeError, match="a Code is made of Instr"):
            code.append(wrong)
        with pytest.raises(TypeError):
            code[0] = wrong
        with pytest.raises(TypeError):
            code[0:0] = [wrong]
    with pytest.raises(IndexError):
        code[1000]
    with pytest.raises(ValueError):
        code[::2] = [Instr("NOP")]


def test_items_keep_their_identity_and_can_be_changed_in_place():
    code = Code.from_function(plain)
    assert all(a is b for a, b in zip(code, code))
    for instr in code:
        if instr.arg == "c":
            instr.arg = "d"
    function = code.to_function(plain)
    assert function(2, 3) == 5 and function.__code__.co_varnames[-1] == "d"


def test_nothing_is_read_until_it_is_asked_for():
    code = Code.from_function(plain)
    assert not code.is_read and code.to_code() is plain.__code__ and not code.is_read
    assert code.name == "plain" and not code.is_read
    assert len(code) and code.is_read


def test_unchanged_code_is_the_same_object_and_everything_derived_anew_is_equal():
    for function in (plain, with_handler):
        code = Code.from_function(function)
        list(code)
        assert code.to_code() is function.__code__
        anew = code.to_code(reuse=False)
        assert anew is not function.__code__ and anew == function.__code__
        assert list(anew.co_positions()) == list(function.__code__.co_positions())
        assert anew.co_exceptiontable == function.__code__.co_exceptiontable


# ---- attributes


def signature(a, b=1, /, c=2, *args, d, e=4, **kwargs):
    """What it does."""
    local = a
    return local


def test_attributes_of_a_function():
    code = Code.from_function(signature)
    assert code.args == ("a", "b", "c", "d", "e", "args", "kwargs")
    assert (code.argcount, code.posonly, code.kwonly, code.varargs, code.varkwargs) == (3, 2, 2, True, True)
    assert code.newlocals and code.docstring == "What it does."
    assert (code.name, code.qualname, code.filename) == ("signature", "signature", __file__)
    assert code.firstlineno == signature.__code__.co_firstlineno and code.flags == signature.__code__.co_flags
    assert code.varnames[-1] == "local" and code.freevars == () and code.cellvars == ()
    assert code.version == VERSION and code.origin is signature.__code__
    module = Code.from_code(compile("'doc'\nx = 1", "m.py", "exec"))
    assert not module.newlocals and module.docstring is None and module.args == ()


def test_attributes_can_be_set():
    code = Code.from_function(plain)
    code.name, code.qualname, code.filename, code.firstlineno = "n", "q.n", "other.py", 70
    code.args = ("b", "a")
    made = code.to_code()
    assert (made.co_name, made.co_qualname, made.co_filename, made.co_firstlineno) == ("n", "q.n", "other.py", 70)
    assert made.co_varnames == ("b", "a", "c")
    assert code.to_function(plain)(1, 2) == 3
    code.args = ("a", "b", "rest")
    code.varargs = True
    assert code.argcount == 3  # as numbers go, names and flags are said apart
    code.args = ("a", "b", "rest")
    assert code.argcount == 2
    assert code.to_function(plain)(1, 2, 3, 4) == 3


def test_numbers_of_arguments_must_fit():
    code = Code.from_function(plain)
    code.kwonly = 2
    with pytest.raises(BytecodeError, match="plain: 4 arguments, but args has 3 names"):
        code.to_code()
    code.kwonly, code.posonly = 0, 3
    with pytest.raises(BytecodeError, match="3 arguments are positional-only, of 2"):
        code.to_code(compact=True)
    for name in ("argcount", "kwonly"):
        setattr(code, name, 2**31 - 1)
    with pytest.raises(BytecodeError, match="4294967294 arguments"):
        code.problems()


def test_positions_are_kept_when_the_first_line_moves():
    code = Code.from_function(plain)
    lines = [item.lineno for item in code if isinstance(item, Instr)]
    code.firstlineno = 1
    again = Code.from_code(code.to_code())
    assert [item.lineno for item in again if isinstance(item, Instr)] == lines


@pytest.mark.parametrize("wrong", [("args", ("a", "a")), ("args", "ab"), ("name", 3), ("firstlineno", -1), ("posonly", "x")])
def test_attributes_that_cannot_be(wrong):
    with pytest.raises((TypeError, ValueError)):
        setattr(Code.from_function(plain), *wrong)


def test_docstrings():
    code = Code.from_function(plain)
    assert code.docstring is None
    code.docstring = "Adds."
    made = code.to_function(plain)
    assert types.FunctionType(made.__code__, {}).__doc__ == "Adds." and made(1, 2) == 3
    code = Code.from_function(signature)
    code.docstring = None
    made = code.to_code()
    assert types.FunctionType(made, {}).__doc__ is None
    code.docstring = "Other."
    assert types.FunctionType(code.to_code(), {}).__doc__ == "Other."


def test_metadata_and_items_make_the_same_code():
    for function in (plain, signature, with_handler):
        code = Code.from_function(function)
        again = Code(list(code), **code.metadata())
        assert again == code and again.to_code(reuse=False) == function.__code__
        copied = code.copy()
        assert copied == code and copied[0] is not code[0]


def test_compact_leaves_out_what_is_not_used():
    code = Code.from_code(code_of("def f(a, unused):\n    x = 'one'\n    y = 'two'\n    return a.attr"))
    del code[index_of(code, "LOAD_CONST", "one") if VERSION < (3, 14) else 0 : 0]
    start = next(i for i, item in enumerate(code) if item.arg in ("one", "two"))
    end = next(i for i, item in enumerate(code) if item.arg in ("y", ("y", "a")))
    del code[start:end]
    code[start : start + 1] = [ops.LOAD_FAST("a")] if isinstance(code[start].arg, tuple) else []
    made = code.to_code(compact=True)
    assert made.co_varnames == ("a", "unused") and "one" not in made.co_consts and "two" not in made.co_consts
    assert made.co_names == ("attr",)
    assert "one" in code.to_code().co_consts


# ---- locations


def test_new_instructions_inherit_a_location():
    code = Code.from_function(plain)
    at = index_of(code, "BINARY_OP")
    before, replaced = code[at - 1].location, code[at].location
    code.insert(at, Instr("NOP"))
    assert code[at].location == before
    code[at + 1] = Instr("BINARY_OP", "-")
    assert code[at + 1].location == replaced
    code[at : at + 1] = [Instr("NOP", None, 99), Instr("NOP"), Instr("NOP", None, None)]
    assert [item.lineno for item in code[at : at + 3]] == [99, 99, None]
    assert code.to_function(plain)(3, 2) == 1


def test_locations_of_hand_made_code():
    code = Code([Instr("RESUME", 0), SetLineno(7), Instr("NOP"), Instr("LOAD_CONST", 5, location=9), Instr("RETURN_VALUE")], firstlineno=3)
    lines = [line for *_, line in code.to_code().co_lines()]
    assert list(dict.fromkeys(lines)) == [3, 7, 9]
    assert dis.Positions(9, 9, None, None) in [dis.Positions(*each) for each in code.to_code().co_positions()]


@pytest.mark.parametrize("location", [(1, 2), "x", (3, 2, 0, 0), (-1, 1, 0, 0), (1, 1, -5, 0)])
def test_locations_that_cannot_be(location):
    with pytest.raises((TypeError, ValueError)):
        Instr("NOP", None, location)


def test_instructions_without_positions():
    made = plain.__code__.replace(co_linetable=b"")
    code = Code.from_code(made)
    assert {item.location for item in code} == {None}
    assert code.to_code() is made
    assert [each for each in code.to_code(reuse=False).co_positions() if each != (None,) * 4] == []


# ---- instructions


def test_instr():
    instr = Instr("LOAD_CONST", 5, (1, 2, 3, 4))
    assert (instr.name, instr.arg, instr.oparg, instr.lineno, instr.offset) == ("LOAD_CONST", 5, 5, 1, None)
    assert instr.opcode == dis.opmap["LOAD_CONST"] and repr(instr.opcode) == "LOAD_CONST"
    assert instr.location == dis.Positions(1, 2, 3, 4) and instr.version == VERSION
    assert instr == Instr(instr.opcode, 5, (1, 2, 3, 4)) == instr.copy()
    assert instr != Instr("LOAD_CONST", 5.0, (1, 2, 3, 4)) and instr != Instr("LOAD_CONST", 5)
    assert Instr("LOAD_CONST", 0.0) != Instr("LOAD_CONST", -0.0)
    assert Instr("LOAD_CONST", (1,)) != Instr("LOAD_CONST", (True,))
    assert instr.stack_effect() == 1 and instr.pops_pushes() == (0, 1)
    assert repr(instr) == "Instr('LOAD_CONST', 5)"
    with pytest.raises(TypeError):
        hash(instr)
    instr.lineno = 8
    assert instr.location == dis.Positions(8, 8, None, None)
    instr.location = None
    assert instr.location is None and instr.lineno is None
    instr.name = "RETURN_VALUE"
    assert instr.arg is None and instr.is_return and instr.is_terminator and not instr.has_arg


def test_what_instructions_do():
    label = Label()
    jump = Instr("JUMP_FORWARD", label)
    assert jump.is_jump and jump.is_uncond_jump and jump.is_terminator and not jump.is_cond_jump
    loop = Instr("FOR_ITER", label)
    assert loop.is_cond_jump and loop.may_raise and loop.stack_effect(jump=False) == 1
    assert not Instr("NOP").may_raise and Instr("BINARY_OP", "+").may_raise
    assert Instr("BUILD_LIST", 4).stack_effect() == -3


def test_operands_are_checked_at_once():
    for wrong in (
        lambda: Instr("NOP", 1),
        lambda: Instr("LOAD_FAST", 1),
        lambda: Instr("LOAD_FAST"),
        lambda: Instr("JUMP_FORWARD", 3),
        lambda: Instr("BUILD_LIST", -1),
        lambda: Instr("BUILD_LIST", "1"),
        lambda: Instr("BUILD_LIST", 2**33),
        lambda: Instr("COMPARE_OP", "<>"),
        lambda: Instr("COMPARE_OP", 99),
        lambda: Instr("LOAD_GLOBAL", 3),
        lambda: Instr("LOAD_GLOBAL", Name("x", 2)),
        lambda: Instr(3.0),
    ):
        with pytest.raises((TypeError, ValueError)) as caught:
            wrong()
        assert str(caught.value)
    with pytest.raises(ValueError, match=f"CPython 3.{VERSION[1]} has no instruction NOT_THERE"):
        Instr("NOT_THERE")
    with pytest.raises(ValueError, match="has no instruction 255"):
        Instr(255)
    for gone in ("EXTENDED_ARG", "CACHE"):
        with pytest.raises(ValueError):
            Instr(gone)


def test_names_keep_their_bits_when_the_name_changes():
    code = Code.from_code(code_of("def f(x):\n    return len(x)"))
    call = code[index_of(code, "LOAD_GLOBAL")]
    assert call.arg == "len" and call.arg.flags == 1
    call.arg = "sum"
    assert call.arg == "sum" and call.arg.flags == 1
    assert types.FunctionType(code.to_code(), {"sum": sum})([1, 2]) == 3


def test_comparisons():
    code = Code.from_code(code_of("def f(a, b):\n    return a < b"))
    compare = code[index_of(code, "COMPARE_OP")]
    assert str(compare.arg) == "<"
    compare.arg = ">="
    assert types.FunctionType(code.to_code(), {})(2, 2) is True
    made = Code.from_code(code.to_code(reuse=False))
    assert str(made[index_of(made, "COMPARE_OP")].arg) == ">="
    expected = code_of("def f(a, b):\n    return a >= b")
    assert code.to_code().co_code == expected.co_code


# ---- constants


def test_constants_are_apart_by_type_and_sign():
    code = Code([Instr("RESUME", 0), *(Instr("LOAD_CONST", c) for c in (0, 0.0, -0.0, False, (0,), (False,), 0, -0.0)), Instr("BUILD_TUPLE", 8), Instr("RETURN_VALUE")])
    made = code.to_code()
    assert len(made.co_consts) == 6
    result = types.FunctionType(made, {})()
    assert repr(result) == "(0, 0.0, -0.0, False, (0,), (False,), 0, -0.0)"


def test_constants_of_any_kind():
    shared = []
    other = []
    code = Code([Instr("RESUME", 0), Instr("LOAD_CONST", shared), Instr("LOAD_CONST", shared), Instr("LOAD_CONST", other), Instr("BUILD_TUPLE", 3), Instr("RETURN_VALUE")])
    made = code.to_code()
    first, second, third = types.FunctionType(made, {})()
    assert first is second is shared and third is other
    again = Code.from_code(made)
    assert list(again) and again.to_code() is made


# ---- nested code


def outer(x):
    def inner(y):
        return x + y

    return inner


def test_nested_code_is_a_code():
    code = Code.from_function(outer)
    (inner,) = code.children()
    assert inner.name == "inner" and inner.freevars == ("x",) and code.cellvars == ("x",)
    assert [each.name for each in code.walk()] == ["outer", "inner"]
    inner[index_of(inner, "BINARY_OP")].arg = "*"
    made = code.to_code()
    assert made is not outer.__code__ and made.co_consts.index(next(c for c in made.co_consts if isinstance(c, types.CodeType))) >= 0
    assert len(made.co_consts) == len(outer.__code__.co_consts)
    assert types.FunctionType(made, {})(6)(7) == 42
    assert outer(6)(7) == 13


def test_variables_say_what_they_are():
    code = Code.from_function(outer)
    kinds = {type(item.arg) for item in code if item.arg == "x"}
    assert kinds == {CellVar}
    inner = code.children()[0]
    assert {type(item.arg) for item in inner if item.arg == "x"} == {FreeVar}
    inner[index_of(inner, "LOAD_DEREF")].arg = "x"
    assert types.FunctionType(code.to_code(), {})(1)(2) == 3
    inner[index_of(inner, "LOAD_DEREF")].arg = "nowhere"
    with pytest.raises(BytecodeError, match="no cell and no free variable"):
        code.to_code()


@pytest.mark.skipif(VERSION < (3, 12), reason="type parameters are new in 3.12")
def test_names_that_are_local_and_cell_and_free():
    source = "class A:\n    def f[T](self, x=lambda T: (T, lambda: T)):\n        class T:\n            t = T\n            def g(self, T=1): return lambda: (T, self)\n        return T"
    for code in Code.from_code(compile(source, "<test>", "exec")).walk():
        assert code.to_code(reuse=False) == code.origin


# ---- limits


def test_more_instructions_than_a_short_number_holds():
    items = [Instr("RESUME", 0), Instr("LOAD_CONST", 1)]
    end, back = Label(), Label()
    items += [Instr("JUMP_FORWARD", end), back, Instr("RETURN_VALUE"), end]
    items += [Instr("NOP") for _ in range(70_000)]
    code = Code([*items, Instr("JUMP_BACKWARD", back)])
    made = code.to_code()
    assert types.FunctionType(made, {})() == 1
    assert [i.name for i in Code.from_code(made)] == [i.name for i in code]
    jump = Code.from_code(made)
    assert jump[2].name == "JUMP_FORWARD" and jump.to_code(reuse=False) == made


def test_many_blocks():
    items = [Instr("RESUME", 0)]
    test = "POP_JUMP_FORWARD_IF_TRUE" if VERSION < (3, 12) else "POP_JUMP_IF_TRUE"
    for _ in range(10_000):
        label = Label()
        items += [Instr("LOAD_CONST", True), Instr(test, label), Instr("NOP"), label]
    code = Code([*items, Instr("LOAD_CONST", 3), Instr("RETURN_VALUE")])
    assert types.FunctionType(code.to_code(), {})() == 3
    assert code.stacksize() == 1


def test_many_constants_and_names():
    items = [Instr("RESUME", 0)]
    for i in range(70_000):
        items += [Instr("LOAD_CONST", i), Instr("STORE_FAST", f"x{i}")]
    code = Code([*items, Instr("LOAD_FAST", "x69999"), Instr("RETURN_VALUE")])
    assert types.FunctionType(code.to_code(), {})() == 69_999


def test_pairs_of_variables_with_great_slots():
    if VERSION < (3, 13):
        pytest.skip("LOAD_FAST_LOAD_FAST is new in 3.13")
    items = [Instr("RESUME", 0)]
    for i in range(20):
        items += [Instr("LOAD_CONST", i), Instr("STORE_FAST", f"x{i}")]
    items += [Instr("LOAD_CONST", 100), Instr("LOAD_CONST", 200), Instr("STORE_FAST_STORE_FAST", ("x16", "x17"))]
    items += [Instr("LOAD_FAST_LOAD_FAST", ("x15", "x16")), Instr("LOAD_FAST_LOAD_FAST", ("x17", "x3"))]
    items += [Instr("LOAD_CONST", 5), Instr("STORE_FAST_LOAD_FAST", ("x18", "x18"))]
    code = Code([*items, Instr("BUILD_TUPLE", 5), Instr("RETURN_VALUE")])
    assert types.FunctionType(code.to_code(), {})() == (15, 200, 100, 3, 5)


# ---- exception ranges


def test_edits_within_an_exception_range():
    code = Code.from_function(with_handler)
    at = index_of(code, "BINARY_OP")
    code[at:at] = [Instr("NOP"), Instr("LOAD_CONST", "spare"), Instr("POP_TOP")]
    changed = code.to_function(with_handler)
    assert changed(2) == 0.5 and changed(0) == with_handler(0)


def test_values_below_a_range_are_kept():
    """A range says how many values its handler drops, so values that are put below it change nothing else."""
    code = Code.from_function(with_handler)
    resume = index_of(code, "RESUME")
    code[resume + 1 : resume + 1] = [Instr("LOAD_CONST", "below")]
    for i in reversed([i for i, item in enumerate(code) if getattr(item, "is_return", False)]):
        if code[i].name == "RETURN_CONST":
            code[i : i + 1] = [Instr("LOAD_CONST", code[i].arg), Instr("RETURN_VALUE")]
            i += 1
        code[i:i] = [Instr("SWAP", 2), Instr("POP_TOP")]
    changed = code.to_function(with_handler)
    assert changed(2) == 0.5 and changed(0) == with_handler(0)


def handled(*, begin, end, lasti=False):
    """1 / 0 within a range; the handler gives "handled"."""
    handler = Label()
    items = [Instr("RESUME", 0)]
    items += [TryBegin(handler, lasti)] * begin
    items += [Instr("LOAD_CONST", 1), Instr("LOAD_CONST", 0), Instr("BINARY_OP", "/")]
    items += [TryEnd()] * end
    items += [Instr("RETURN_VALUE"), handler, Instr("PUSH_EXC_INFO"), Instr("POP_TOP"), Instr("POP_EXCEPT")]
    items += [Instr("POP_TOP")] * lasti
    return [*items, Instr("LOAD_CONST", "handled"), Instr("RETURN_VALUE")]


@pytest.mark.parametrize("lasti", [False, True])
def test_ranges_by_hand(lasti):
    assert types.FunctionType(Code(handled(begin=1, end=1, lasti=lasti)).to_code(), {})() == "handled"


def test_ranges_nest():
    outside, inside = Label(), Label()
    items = [Instr("RESUME", 0), TryBegin(outside), Instr("LOAD_CONST", 7), TryBegin(inside), Instr("LOAD_GLOBAL", "missing")]
    items += [TryEnd(), Instr("POP_TOP"), Instr("LOAD_GLOBAL", "gone"), Instr("POP_TOP"), TryEnd(), Instr("RETURN_VALUE")]
    items += [inside, Instr("PUSH_EXC_INFO"), Instr("POP_TOP"), Instr("POP_EXCEPT"), Instr("LOAD_CONST", "inside"), Instr("SWAP", 2)]
    items += [Instr("BUILD_TUPLE", 2), Instr("RETURN_VALUE")]
    items += [outside, Instr("PUSH_EXC_INFO"), Instr("POP_TOP"), Instr("POP_EXCEPT"), Instr("LOAD_CONST", "outside"), Instr("RETURN_VALUE")]
    code = Code(items)
    assert types.FunctionType(code.to_code(), {})() == ("inside", 7)
    assert types.FunctionType(code.to_code(), {"missing": 0})() == "outside"
    assert types.FunctionType(code.to_code(), {"missing": 0, "gone": 0})() == 7
    assert len([i for i in Code.from_code(code.to_code()) if isinstance(i, TryBegin)]) == 3


@pytest.mark.parametrize(
    "items, message",
    [
        (handled(begin=1, end=0), "1 TryBegin without a TryEnd"),
        (handled(begin=0, end=1), "TryEnd without a TryBegin"),
        (handled(begin=2, end=2), "this TryBegin is open already"),
        ([Instr("RESUME", 0), Instr("JUMP_FORWARD", Label())], "its Label is not in the code"),
        ([Instr("RESUME", 0), Instr("POP_TOP"), Instr("LOAD_CONST", 1), Instr("RETURN_VALUE")], r"item 1 \(POP_TOP\): POP_TOP takes 1"),
        ([Instr("RESUME", 0), Instr("LOAD_CONST", 1)], "control runs off the end"),
        ([], "there are no instructions"),
    ],
)
def test_items_that_do_not_fit_together(items, message):
    with pytest.raises(BytecodeError, match=message):
        Code(items).to_code()


def test_errors_name_the_item():
    label = Label()
    items = [Instr("RESUME", 0), label, Instr("NOP"), label, Instr("LOAD_CONST", 1), Instr("RETURN_VALUE")]
    with pytest.raises(BytecodeError, match="item 3, <Label .*>: this Label is placed twice") as caught:
        Code(items, name="named").to_code()
    assert caught.value.index == 3 and str(caught.value).startswith("named, ")
    end = Label()
    items = [Instr("RESUME", 0), Instr("JUMP_FORWARD", end), end]
    with pytest.raises(BytecodeError, match="no instruction behind it"):
        Code(items).to_code()


def test_ranges_that_overlap():
    handler = Label()
    first, second = TryBegin(handler), TryBegin(handler)
    items = [Instr("RESUME", 0), first, Instr("NOP"), second, Instr("NOP"), TryEnd(first), TryEnd(second), handler, Instr("LOAD_CONST", 1)]
    with pytest.raises(BytecodeError, match="ranges nest, they do not overlap"):
        Code([*items, Instr("RETURN_VALUE")]).to_code()


def test_two_depths_at_one_place():
    label = Label()
    test = "POP_JUMP_FORWARD_IF_TRUE" if VERSION < (3, 12) else "POP_JUMP_IF_TRUE"
    items = [Instr("RESUME", 0), Instr("LOAD_CONST", True), Instr(test, label), Instr("LOAD_CONST", 1), label, Instr("LOAD_CONST", 2), Instr("RETURN_VALUE")]
    with pytest.raises(BytecodeError, match="is reached with"):
        Code(items).to_code()


# ---- the stack


def test_depths_and_stacksize():
    code = Code.from_function(plain)
    depths = code.stack_depths()
    assert len(depths) == len(code)
    at = index_of(code, "BINARY_OP")
    assert depths[at] == 2 and depths[0] == 0 and code.stacksize() == 2
    code.insert(at, Instr("NOP"))
    assert code.to_code().co_stacksize == 2
    assert code.to_code(stacksize=9).co_stacksize == 9
    with pytest.raises(BytecodeError, match="needs a size of 2, not 1"):
        code.to_code(stacksize=1)


def test_depths_of_what_is_never_reached():
    code = Code([Instr("RESUME", 0), Instr("LOAD_CONST", 1), Instr("RETURN_VALUE"), Instr("POP_TOP"), Label(), Instr("NOP"), Instr("LOAD_CONST", 1), Instr("RETURN_VALUE")])
    assert code.stack_depths() == [0, 0, 1, None, None, None, None, None]
    assert types.FunctionType(code.to_code(), {})() == 1


# ---- functions


def test_from_and_to_function():
    class A:
        def method(self, x: int = 3, *, y=4) -> int:
            "doc"
            return x + y

    A.method.mark = 1
    code = Code.from_function(A().method)
    code.insert(index_of(code, "RESUME") + 1, Instr("NOP"))
    made = code.to_function(A.method)
    assert made(None) == 7 and made.__doc__ == "doc" and made.mark == 1 and made.__annotations__ == {"x": int, "return": int}
    assert made.__qualname__ == A.method.__qualname__ and made.__module__ == __name__
    with pytest.raises(TypeError):
        Code.from_function(len)
    with pytest.raises(TypeError):
        code.to_function()
    inner = outer(5)
    code = Code.from_function(inner)
    assert code.to_function(inner)(1) == 6
    assert code.to_function(globals={}, closure=[10])(1) == 11
    with pytest.raises(ValueError, match="no cell for the free variable x"):
        code.to_function(globals={})


# ---- equality


def test_equality_compares_labels_as_a_graph():
    source = "def f(a):\n    for x in a:\n        if x: return x\n    return 0"
    first, second = Code.from_code(code_of(source)), Code.from_code(code_of(source))
    assert first == second and not first != second
    second[index_of(second, "FOR_ITER")].arg = next(i for i in second if isinstance(i, Label) and i is not second[index_of(second, "FOR_ITER")].arg)
    assert first != second
    assert Code.from_function(plain) != Code.from_function(signature)
    assert (Code.from_function(plain) == plain.__code__) is False


# ---- other kinds of functions

SOURCES = {
    "generator": ("def f():\n    try:\n        x = yield 1\n        yield x\n    finally:\n        yield 3", lambda f: list(f()), [1, None, 3]),
    "yield from": ("def f():\n    r = yield from (1, 2)\n    yield r", lambda f: list(f()), [1, 2, None]),
    "with": (
        "import contextlib\ndef f():\n    with contextlib.suppress(ZeroDivisionError):\n        1 / 0\n    return 5",
        lambda f: f(),
        5,
    ),
    "match": ("def f(x):\n    match x:\n        case {'a': [1, *r]}: return r\n        case int(y): return y", lambda f: (f({"a": [1, 2]}), f(4)), ([2], 4)),
    "async": (
        "import asyncio\nasync def f():\n    async def g():\n        for i in range(3):\n            yield i\n            await asyncio.sleep(0)\n"
        "    return [i async for i in g()]",
        lambda f: __import__("asyncio").run(f()),
        [0, 1, 2],
    ),
    "except*": ("def f():\n    try:\n        raise ExceptionGroup('g', [ValueError(1)])\n    except* ValueError as e:\n        return_ = e.exceptions\n    return len(return_)", lambda f: f(), 1),
    "class": ("def f():\n    class A:\n        def g(self): return __class__\n    return A().g().__name__", lambda f: f(), "A"),
    "comprehensions": ("def f(n):\n    return [[x * y for x in range(y)] for y in range(n)], {k: k for k in 'ab'}, {1 for _ in 'x'}", lambda f: f(3), ([[], [0], [0, 2]], {"a": "a", "b": "b"}, {1})),
    "unpacking": ("def f(*a, **k):\n    x, *y = a\n    return dict(**k, x=x), print(*y, sep='', end='')", lambda f: f(1, b=2), ({"b": 2, "x": 1}, None)),
    "f-strings": ("def f(x):\n    return f'{x!r:>5}{x:.1f}{x}'", lambda f: f(1.5), "  1.51.51.5"),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_kinds_of_functions_with_a_nop_before_every_instruction(kind):
    source, run, expected = SOURCES[kind]
    namespace = {}
    exec(compile(source, "<test>", "exec"), namespace)
    function = namespace["f"]
    assert run(function) == expected
    code = Code.from_function(function)
    for each in code.walk():
        # What belongs together stays together: a CALL and what is before it, a suspension, what is before it and where it goes on.
        fixed = {"PRECALL", "CALL", "RESUME", "KW_NAMES", "END_FOR", "END_SEND", "POP_TOP", "POP_ITER", "YIELD_VALUE"}
        for i in reversed(range(len(each))):
            if isinstance(each[i], Instr) and each[i].name not in fixed:
                each.insert(i, Instr("NOP"))
    function.__code__ = code.to_code()
    assert run(function) == expected


@pytest.mark.skipif(VERSION < (3, 14), reason="LOAD_FAST_BORROW is new in 3.14")
def test_borrowed_references():
    code = Code.from_code(code_of("def f(x):\n    return g(x)"))
    at = next(i for i, item in enumerate(code) if item.name in ("LOAD_FAST_BORROW", "LOAD_FAST_BORROW_LOAD_FAST_BORROW"))
    code[at + 1 : at + 1] = [Instr("LOAD_CONST", None), Instr("STORE_FAST", "x")]
    with pytest.raises(BytecodeError, match="borrow"):
        code.to_code()
    code.demote_borrows()
    assert types.FunctionType(code.to_code(), {"g": lambda x: x})(5) == 5
