"""The instructions of a version: numbers with a name, and sets that tell them apart."""
from __future__ import annotations

import dis
import opcode as interpreters

from .. import _native
from .versions import RUNNING_MINOR, is_known, require_known

_NO_INSTRUCTIONS = {"CACHE", "EXTENDED_ARG", "RESERVED", "ENTER_EXECUTOR", "TRACE_RECORD"}
_EXCEPTION_STATE = {
    *("PUSH_EXC_INFO", "POP_EXCEPT", "CHECK_EXC_MATCH", "CHECK_EG_MATCH", "PREP_RERAISE_STAR", "RERAISE"),
    *("WITH_EXCEPT_START", "CLEANUP_THROW", "END_ASYNC_FOR"),
}


class Opcode(int):
    """The number of an instruction, shown as its name.

    Attributes:
        name: the name of the instruction.
    """

    def __new__(cls, number, name=None):
        """An Opcode with that number.

        name: the instruction; without it that of the running version. Raises ValueError if the version has none of that number.
        """
        self = super().__new__(cls, number)
        if name is None:
            name = opname.get(int(number))
            if name is None:
                raise ValueError(f"CPython 3.{RUNNING_MINOR} has no instruction {int(number)}")
        self.name = name
        return self

    def __repr__(self):
        return self.name

    def __reduce__(self):
        return Opcode, (int(self), self.name)


class OpcodeTable:
    """What is known of the instructions of a version.

    Attributes:
        minor: of the version.
        opmap, opname: {name: Opcode} and {number: name}.
        opcodes: all of them.
        operands: {name: kind of the operand}, empty if only dis knows the version.
        hasarg, hasconst, hasname, ...: subsets of opcodes.
    """

    def __init__(self, minor, rows):
        """rows: (name, number, caches, kind of the operand, flow, may raise) of each instruction."""
        self.minor = minor
        self.opmap = {name: Opcode(number, name) for name, number, *_ in rows}
        self.opname = {int(opcode): name for name, opcode in self.opmap.items()}
        self.opcodes = frozenset(self.opmap.values())
        self.operands = {name: operand for name, _, _, operand, _, _ in rows}

        def those(test):
            return frozenset(self.opmap[row[0]] for row in rows if test(*row))

        def with_operand(*kinds):
            return those(lambda name, number, caches, operand, flow, may_raise: operand in kinds)

        self.hasconst = with_operand("Const")
        self.hasflagbits = with_operand("NameNull", "NameMethod", "NameSuper", "NameImport")
        self.hasname = with_operand("Name") | self.hasflagbits
        self.hasjrel = with_operand("JumpForward", "JumpBackward")
        self.hasjabs = frozenset()
        self.hasjump = self.hasjrel
        self.haslocal = with_operand("Fast", "FastPair")
        self.haspair = with_operand("FastPair")
        self.hascompare = with_operand("Compare")
        self.hasfree = with_operand("Deref")
        self.hascode = those(lambda name, *_: name == "MAKE_FUNCTION")
        self.hasflow = those(lambda name, number, caches, operand, flow, _: flow != "Next" or name == "RETURN_GENERATOR")
        self.hasexc = those(lambda name, *_: name in _EXCEPTION_STATE)
        self.hascache = those(lambda name, number, caches, *_: caches > 0)
        self.hasarg = those(lambda name, number, caches, operand, *_: operand != "None")

    def operand_of(self, op):
        """The kind of operand that an instruction (a name, an Opcode or a number) has.

        Raises ValueError if there is no such instruction, NotImplementedError if only dis knows the version.
        """
        require_known(self.minor)
        return self.operands[self.name_of(op)]

    def name_of(self, op):
        """The name of an instruction given as that, as an Opcode or as a number; ValueError if there is no such."""
        if isinstance(op, str):
            if op in self.opmap:
                return op
        elif isinstance(op, int) and int(op) in self.opname:
            return self.opname[int(op)]
        raise ValueError(f"CPython 3.{self.minor} has no instruction {op!r}")


def opcode_table(minor=RUNNING_MINOR):
    """The OpcodeTable of CPython 3.`minor`.

    If that version is not known: what dis tells of the running one; then `operands` is empty, and sets of what dis does not tell are.
    """
    return OpcodeTable(minor, _native.opcode_table(minor)) if is_known(minor) else _table_by_dis(minor)


def _table_by_dis(minor):
    left_out = _NO_INSTRUCTIONS.union(getattr(interpreters, "_specialized_opmap", ()))
    rows = [
        (name, number, 0, None, None, None)
        for name, number in dis.opmap.items()
        if number < 256 and name not in left_out and not name.startswith("INSTRUMENTED_")
    ]
    table = OpcodeTable(minor, rows)
    table.operands = {}
    for told in ("hasarg", "hasconst", "hasname", "hasjrel", "hasjabs", "hasjump", "haslocal", "hascompare", "hasfree", "hasexc"):
        numbers = {*getattr(dis, told, ())}
        setattr(table, told, frozenset(opcode for opcode in table.opcodes if opcode in numbers))
    table.hasflow = table.hascache = frozenset()
    return table


opname: dict = {}
TABLE = opcode_table()
opname |= TABLE.opname
opmap = TABLE.opmap
opcodes = TABLE.opcodes
cmp_op = ("<", "<=", "==", "!=", ">", ">=")

hasarg = TABLE.hasarg
hasconst = TABLE.hasconst
hasname = TABLE.hasname
hasjrel = TABLE.hasjrel
hasjabs = TABLE.hasjabs
hasjump = TABLE.hasjump
haslocal = TABLE.haslocal
hascompare = TABLE.hascompare
hasfree = TABLE.hasfree
hascode = TABLE.hascode
hasflow = TABLE.hasflow
hasexc = TABLE.hasexc
haspair = TABLE.haspair
hasflagbits = TABLE.hasflagbits
hascache = TABLE.hascache
