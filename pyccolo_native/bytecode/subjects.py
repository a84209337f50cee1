"""What is meant by an object that is asked about: its Code, its code object; and what an instruction is."""
from __future__ import annotations

from functools import lru_cache
from types import CodeType

from . import code as codes
from .code import Code
from .core import CodeCore, Instr, Label
from .foreign import RawCode
from .opcodes import opcode_table


def code_object_of(obj):
    """The code object of what has one; a Code is put together. Raises TypeError for what has none."""
    return obj.to_code() if isinstance(obj, CodeCore) else codes.code_of(obj)


def code_of(obj):
    """The Code that obj is, or that is made of its code object; TypeError if it has none."""
    return obj if isinstance(obj, CodeCore) else Code.from_code(codes.code_of(obj))


def nested_code(constant):
    """The Code of a constant that is a Code, a code object, or the same of another version; else None."""
    if isinstance(constant, CodeCore):
        return constant
    if isinstance(constant, CodeType):
        return Code.from_code(constant)
    return Code.from_raw(constant) if isinstance(constant, RawCode) else None


@lru_cache(maxsize=None)
def table_of(minor):
    """The OpcodeTable of a version."""
    return opcode_table(minor)


def operand_kind(instr):
    """The kind of operand that an Instr has."""
    return table_of(instr.version[1]).operands[instr.name]


def label_of(item):
    """The Label that an item has as its operand, or None. (A Label can be a constant, too.)"""
    if not isinstance(item, Instr):
        return None
    arg = item.arg
    return arg if isinstance(arg, Label) and operand_kind(item) != "Const" else None
