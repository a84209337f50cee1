"""Code as if all versions of CPython wrote the same: what is found in it is found on each."""
from __future__ import annotations

from typing import NamedTuple

from .code import Code
from .core import Instr, Label, TryBegin, TryEnd
from .operands import BinaryOp, CellVar, CommonConstant, Compare, FreeVar, Intrinsic1, Intrinsic2
from .subjects import code_of, label_of, operand_kind
from .versions import RUNNING_MINOR

_PAIRS = {
    "LOAD_FAST_LOAD_FAST": ("LOAD_FAST", "LOAD_FAST"),
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW": ("LOAD_FAST", "LOAD_FAST"),
    "STORE_FAST_LOAD_FAST": ("STORE_FAST", "LOAD_FAST"),
    "STORE_FAST_STORE_FAST": ("STORE_FAST", "STORE_FAST"),
}
# What is a constant of the code before 3.15.
_COMMON_LITERALS = {
    CommonConstant.NONE: None,
    CommonConstant.EMPTY_STR: "",
    CommonConstant.TRUE: True,
    CommonConstant.FALSE: False,
    CommonConstant.MINUS_ONE: -1,
}
_SEMANTIC = {
    "LOAD_FAST_BORROW": "LOAD_FAST",
    "LOAD_FAST_CHECK": "LOAD_FAST",
    "LOAD_SMALL_INT": "LOAD_CONST",
    "LOAD_CLASSDEREF": "LOAD_FROM_DICT_OR_DEREF",
    "LOAD_ASSERTION_ERROR": "LOAD_COMMON_CONSTANT",
    "RETURN_CONST": "RETURN_VALUE",
    "CALL_KW": "CALL",
    "JUMP_FORWARD": "JUMP",
    "JUMP_BACKWARD": "JUMP",
    "JUMP_BACKWARD_NO_INTERRUPT": "JUMP",
}
_INTRINSICS = {"CALL_INTRINSIC_1": Intrinsic1, "CALL_INTRINSIC_2": Intrinsic2}
_METHOD = 1  # the bit of a name
_CAST = 16  # of Compare
_NO_OPERATION = ("NOP", "NOT_TAKEN")


def semantic_name(instr):
    """The name of what an Instr does, the same on all versions that have such an instruction.

    Beside the name of the instruction itself these are:
        LOAD_FAST       also LOAD_FAST_CHECK and LOAD_FAST_BORROW; of a cell or free variable: LOAD_CLOSURE
        LOAD_CONST      also LOAD_SMALL_INT, and LOAD_COMMON_CONSTANT of None, '', True, False and -1
        LOAD_COMMON_CONSTANT    also LOAD_ASSERTION_ERROR
        LOAD_METHOD     also LOAD_ATTR that loads a method
        LOAD_FROM_DICT_OR_DEREF also LOAD_CLASSDEREF
        BINARY_SUBSCR   also BINARY_OP []
        CALL            also CALL_KW
        POP_JUMP_IF_... also the jumps of 3.11 that have a direction
        JUMP            all jumps without a condition
        RETURN_VALUE    also RETURN_CONST
        PRINT_EXPR, IMPORT_STAR, LIST_TO_TUPLE, UNARY_POSITIVE, ASYNC_GEN_WRAP, PREP_RERAISE_STAR and the names of newer
        intrinsics: CALL_INTRINSIC_1 and CALL_INTRINSIC_2 of that
    Instructions that are two in one have their own name; parts() gives the two.
    """
    name, arg = instr.name, instr.arg
    if name == "LOAD_FAST" or name == "LOAD_FAST_BORROW":
        return "LOAD_CLOSURE" if isinstance(arg, (CellVar, FreeVar)) else "LOAD_FAST"
    if name in _SEMANTIC:
        return _SEMANTIC[name]
    if name == "LOAD_ATTR":
        return "LOAD_METHOD" if getattr(arg, "flags", 0) & _METHOD else name
    if name == "LOAD_COMMON_CONSTANT":
        return "LOAD_CONST" if arg in _COMMON_LITERALS else name
    if name == "BINARY_OP":
        return "BINARY_SUBSCR" if arg == BinaryOp.SUBSCR else name
    if name in _INTRINSICS:
        return _intrinsic_name(_INTRINSICS[name], arg)
    if name.startswith("POP_JUMP_"):
        return name.replace("_FORWARD", "").replace("_BACKWARD", "")
    return name


def _intrinsic_name(kind, arg):
    symbol = kind(arg).symbol if arg in kind._value2member_map_ else f"INTRINSIC_{arg}"
    return "PRINT_EXPR" if symbol == "PRINT" else symbol


def semantic_arg(instr):
    """The operand of what semantic_name() names: without bits beside names, comparisons without a cast, constants as they are."""
    name, arg = instr.name, instr.arg
    kind = operand_kind(instr)
    if kind.startswith("Name"):
        return str(arg)
    if kind == "Compare":
        return Compare(arg & ~_CAST) if arg & ~_CAST in Compare._value2member_map_ else arg
    if name == "LOAD_COMMON_CONSTANT":
        return _COMMON_LITERALS.get(arg, arg)
    if name == "LOAD_ASSERTION_ERROR":
        return CommonConstant.ASSERTION_ERROR
    if name in _INTRINSICS or name == "RETURN_CONST" or (name == "BINARY_OP" and arg == BinaryOp.SUBSCR):
        return None
    return arg


class Part(NamedTuple):
    """An instruction of two that are one: what semantic_name() and semantic_arg() want to know of it."""

    name: str
    arg: object
    version: tuple


def parts(instr):
    """The instructions that an Instr is in one, as Parts; a list of itself if it is only one."""
    name, arg = instr.name, instr.arg
    if name in _PAIRS:
        return [Part(part, variable, instr.version) for part, variable in zip(_PAIRS[name], arg)]
    if name == "RETURN_CONST":
        return [Part("LOAD_CONST", arg, instr.version), Part("RETURN_VALUE", None, instr.version)]
    return [instr]


def _plain(part):
    """The name and the operand of an instruction that does the same, and nothing to be fast."""
    name, arg = part.name, part.arg
    if name == "LOAD_FAST_BORROW":
        return "LOAD_FAST", arg
    if name == "LOAD_SMALL_INT":
        return "LOAD_CONST", arg
    if name == "LOAD_COMMON_CONSTANT" and arg in _COMMON_LITERALS:
        return "LOAD_CONST", _COMMON_LITERALS[arg]
    return name, arg


def canonical(code):
    """A copy of a Code in which what only makes an interpreter fast is undone. It can be assembled on the version that runs.

    code: a Code, a code object, or a function or another object that has one.

    Instructions that are two in one are two, constants are loaded by LOAD_CONST, LOAD_FAST_BORROW is LOAD_FAST. NOT_TAKEN is left
    out, and so is NOP, unless it is all that its line has: then tracers stop there. LOAD_FAST_CHECK stays, as LOAD_FAST does not
    check; so do instructions that have no like on the version: their semantic_name() is the same. Labels are new ones. Nested code
    is as it was.

    Raises TypeError for other objects, ValueError for code of another version than runs.
    """
    code = code_of(code)
    if code.version != (3, RUNNING_MINOR):
        raise ValueError(f"this is code of CPython {'.'.join(map(str, code.version))}, and 3.{RUNNING_MINOR} runs")
    items = list(code)
    labels = {id(item): Label() for item in items if isinstance(item, Label)}
    begins = {}
    made = []
    for index, item in enumerate(items):
        if isinstance(item, Instr):
            made += _canonical_instructions(items, index, labels)
        elif isinstance(item, Label):
            made.append(labels[id(item)])
        elif isinstance(item, TryBegin):
            target = labels.get(id(item.target), item.target)
            begins[id(item)] = TryBegin(target, item.lasti, depth=item.depth, drop=item.drop)
            made.append(begins[id(item)])
        elif isinstance(item, TryEnd):
            made.append(TryEnd(begins.get(id(item.begin))))
        else:
            made.append(item)
    return Code(made, **code.metadata())


def _canonical_instructions(items, index, labels):
    instr = items[index]
    if instr.name in _NO_OPERATION:
        return [instr.copy()] if instr.name == "NOP" and _is_alone_on_line(items, index) else []
    location = {"location": instr.location} if instr.is_located else {}
    if (label := label_of(instr)) is not None:
        return [Instr(instr.name, labels.get(id(label), label), **location)]
    return [Instr(*_plain(part), **location) for part in parts(instr)]


def _is_alone_on_line(items, index):
    line = items[index].lineno
    if line is None:
        return False
    return line not in (_line_beside(items, index, -1), _line_beside(items, index, 1))


def _line_beside(items, index, step):
    """The line of the instruction before or behind."""
    index += step
    while 0 <= index < len(items):
        if isinstance(items[index], Instr):
            return items[index].lineno
        index += step
    return None
