"""Operands and positions as words, for those who read listings and for asm()."""
from __future__ import annotations

from .operands import CellVar, FreeVar

# What the bits beside a name say, by kind of operand.
NAME_BITS = {
    "NameNull": {1: "NULL"},
    "NameMethod": {1: "method"},
    "NameSuper": {1: "method", 2: "two"},
    "NameImport": {1: "lazy", 2: "eager"},
}


def bits_text(kind, flags):
    """The words for the bits of a name."""
    words = NAME_BITS.get(kind, {})
    named = [word for bit, word in words.items() if flags & bit]
    rest = flags & ~sum(words)
    return named + [str(rest)] * bool(rest)


def variable_kind(variable):
    """"cell", "free", or "" for a fast local."""
    return "cell" if isinstance(variable, CellVar) else "free" if isinstance(variable, FreeVar) else ""


def position_text(location):
    """A location as 3:4-3:9 (line and column of both ends; ? if not known), 3 if only the line is known, - for none."""
    if location is None or location.lineno is None:
        return "-"
    line, end_line, column, end_column = location
    if column is None and end_column is None and end_line in (None, line):
        return str(line)
    first, last = ("?" if at is None else at for at in (column, end_column))
    return f"{line}:{first}-{line if end_line is None else end_line}:{last}"
