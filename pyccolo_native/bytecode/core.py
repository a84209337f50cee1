"""The types that are made in C++."""
from __future__ import annotations

from .. import _native
from . import errors, operands
from .opcodes import Opcode

CodeCore, Instr, Label, TryBegin, TryEnd, SetLineno = _native.bytecode_types(operands, errors, Opcode)
