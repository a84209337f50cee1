"""Code objects as lists of instructions: read, changed, checked, put together again.

    from pyccolo_native.bytecode import Code, ops

    code = Code.from_function(f)
    code[at:at] = [ops.LOAD_CONST("hello"), ops.POP_TOP()]
    g = code.to_function(f)

`names` has the Opcodes by name, `emit` instructions for any version, `patterns` searches.
"""
from __future__ import annotations

from dis import Positions

from . import emit, foreign, names, patterns
from .assembler import asm
from .canonical_form import canonical, semantic_arg, semantic_name
from .code import Code
from .compare import Difference, check, check_recursive, compare_code_objects, diff, same_code
from .core import Instr, Label, SetLineno, TryBegin, TryEnd
from .dumping import dump
from .errors import BytecodeError, VerifyError
from .instructions import getse, isopcode, ops, stack_effect
from .listing import display, printcodelist
from .opcodes import (
    Opcode,
    OpcodeTable,
    cmp_op,
    hasarg,
    hascache,
    hascode,
    hascompare,
    hasconst,
    hasexc,
    hasflagbits,
    hasflow,
    hasfree,
    hasjabs,
    hasjrel,
    hasjump,
    haslocal,
    hasname,
    haspair,
    opcode_table,
    opcodes,
    opmap,
    opname,
)
from .operands import (
    BinaryOp,
    CellVar,
    CommonConstant,
    Compare,
    Conversion,
    FormatValue,
    FreeVar,
    FunctionAttribute,
    Intrinsic1,
    Intrinsic2,
    Name,
    SpecialMethod,
)
from .patterns import find

__all__ = [
    *("Code", "Instr", "Label", "SetLineno", "TryBegin", "TryEnd", "Positions", "CellVar", "FreeVar", "Name"),
    *("BinaryOp", "CommonConstant", "Compare", "Conversion", "FormatValue", "FunctionAttribute", "Intrinsic1", "Intrinsic2"),
    *("SpecialMethod", "BytecodeError", "VerifyError", "Opcode", "OpcodeTable", "opcode_table", "ops", "opcodes", "opmap", "opname"),
    *("cmp_op", "hasarg", "hascache", "hascode", "hascompare", "hasconst", "hasexc", "hasflagbits", "hasflow", "hasfree", "hasjabs"),
    *("hasjrel", "hasjump", "haslocal", "hasname", "haspair", "isopcode", "getse", "stack_effect", "printcodelist", "display"),
    *("dump", "asm", "Difference", "diff", "same_code", "check", "check_recursive", "compare_code_objects", "canonical"),
    *("semantic_name", "semantic_arg", "find", "emit", "foreign", "names", "patterns"),
]
