"""Instructions made by name, and what they do to the stack."""
from __future__ import annotations

import difflib

from .. import _native
from .core import Instr, SetLineno
from .operands import SYMBOLS
from .opcodes import TABLE, Opcode, hasflow
from .versions import RUNNING_MINOR, require_known

_ARGS_TO_TRY = (0, 1, 2, 3, 4, 5, 255, 256)


class InstructionMaker:
    """ops.X: makes Instrs of one kind.

    Attributes:
        opcode: the Opcode.
        name: of the instruction.
    """

    __slots__ = ("opcode",)

    def __init__(self, opcode):
        self.opcode = opcode

    @property
    def name(self):
        return self.opcode.name

    def __call__(self, arg=None, **location):
        """An Instr with that operand; location= is passed on, and so are the errors of Instr()."""
        return Instr(self.opcode, arg, **location)

    def __repr__(self):
        return f"ops.{self.opcode.name}"


class Ops:
    """A namespace of InstructionMakers: ops.LOAD_FAST("x") is an Instr, ops.LOAD_FAST.opcode an Opcode."""

    def __getattr__(self, name):
        opcode = TABLE.opmap.get(name)
        if opcode is None:
            near = difflib.get_close_matches(name.upper(), TABLE.opmap, n=3)
            hint = f"; there is {', '.join(near)}" if near else ""
            raise AttributeError(f"CPython 3.{TABLE.minor} has no instruction {name}{hint}", name=name, obj=self)
        maker = InstructionMaker(opcode)
        setattr(self, name, maker)
        return maker

    def __dir__(self):
        return sorted(TABLE.opmap)

    def __repr__(self):
        return f"<the instructions of CPython 3.{TABLE.minor}>"


ops = Ops()


def isopcode(obj):
    """Whether an item of a Code is an instruction, or a number an Opcode. For ported code: SetLineno, the class, is neither."""
    return obj is not SetLineno and isinstance(obj, (Instr, Opcode))


def getse(op, arg=None, *, jump=None):
    """The effect on the stack, as (values taken, values left). A value that is only looked at is taken and left again.

    op: a name, an Opcode or a number, or an Instr, which has its operand.
    arg: the operand, as an Instr has it or, for numbers and names with bits, as it stands in co_code.
    jump: for instructions in hasflow: whether control goes to the target.

    Raises ValueError if there is no such instruction, if it is in hasflow and `jump` is not given, and if the effect depends on the
    operand and that is not given; NotImplementedError on a version of CPython that is not known.
    """
    name, number = _name_and_number(op, arg)
    if jump is None and TABLE.opmap[name] in hasflow:
        raise ValueError(f"{name} does not simply go on to the next instruction: its effect is asked for with jump=")
    return _effect(name, number, bool(jump))


def stack_effect(op, arg=None, *, jump=None):
    """How many values the stack grows by, as dis.stack_effect() tells.

    op, arg: as for getse().
    jump: whether control goes to the target; None: the greater of both.

    Raises what getse() raises, but for want of `jump`.
    """
    name, number = _name_and_number(op, arg)
    ways = (False, True) if jump is None else (bool(jump),)
    return max(left - taken for taken, left in (_effect(name, number, way) for way in ways))


def _effect(name, number, jump):
    return tuple(_native.stack_effect(RUNNING_MINOR, name, number, jump))


def _name_and_number(op, arg):
    """The name, and the operand as far as the effect depends on it."""
    require_known()
    if isinstance(op, Instr):
        op, arg = op.name, op.arg if arg is None else arg
    elif isinstance(op, InstructionMaker):
        op = op.opcode
    name = TABLE.name_of(op)
    kind = TABLE.operands[name]
    if arg is None:
        if kind not in ("None", "Const") and _depends_on_operand(name):
            raise ValueError(f"the effect of {name} depends on its operand, which is not given")
        return name, 0
    if kind.startswith("Name"):
        return name, arg if isinstance(arg, int) else getattr(arg, "flags", 0)
    if kind in SYMBOLS and isinstance(arg, str):
        if arg not in SYMBOLS[kind]:
            raise ValueError(f"{name} takes a {kind}, and {arg!r} is none")
        arg = SYMBOLS[kind][arg]
    counts = kind == "Count" or kind in SYMBOLS
    return name, int(arg) if counts and isinstance(arg, int) else 0


def _depends_on_operand(name):
    effects = {_effect(name, number, jump) for number in _ARGS_TO_TRY for jump in (False, True)}
    return len(effects) > len({_effect(name, 0, jump) for jump in (False, True)})
