"""What goes wrong with bytecode."""
from __future__ import annotations


class BytecodeError(ValueError):
    """Bytecode that cannot be read, or that cannot be assembled.

    Attributes:
        index: position in the Code of the item that is wrong, or None if it is about the whole.
    """

    def __init__(self, message, index=None):
        super().__init__(message)
        self.index = index


class VerifyError(BytecodeError):
    """Bytecode that an interpreter could not run without coming to harm.

    Attributes:
        problems: what is wrong, as (index of the item or None, reason), in order.
    """

    def __init__(self, message, index=None, problems=()):
        super().__init__(message, index)
        self.problems = tuple(problems)
