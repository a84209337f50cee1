"""When constants are the same: for the interpreter 1, 1.0 and True are three, and so are 0.0 and -0.0."""
from __future__ import annotations

import struct


def same_constant(left, right):
    """Whether two constants are the same in type and value, and so are their items; other objects are if they are one."""
    if left is right:
        return True
    kind = type(left)
    if kind is not type(right):
        return False
    if kind in (int, str, bytes):
        return left == right
    if kind is float:
        return _bits(left) == _bits(right)
    if kind is complex:
        return _bits(left.real) == _bits(right.real) and _bits(left.imag) == _bits(right.imag)
    if kind is tuple:
        return len(left) == len(right) and all(map(same_constant, left, right))
    if kind is frozenset:
        return _same_sets(left, right)
    if kind is slice:
        return all(same_constant(getattr(left, part), getattr(right, part)) for part in ("start", "stop", "step"))
    return False


def _bits(number):
    return struct.pack("<d", number)


def _same_sets(left, right):
    if len(left) != len(right):
        return False
    rest = list(right)
    for item in left:
        at = next((at for at, other in enumerate(rest) if same_constant(item, other)), None)
        if at is None:
            return False
        del rest[at]
    return True
