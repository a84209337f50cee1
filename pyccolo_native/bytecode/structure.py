"""When two Codes say the same."""
from __future__ import annotations

from .constants import same_constant
from .core import CodeCore, Instr, Label, SetLineno, TryBegin, TryEnd
from .subjects import label_of, operand_kind

_ATTRIBUTES = (
    *("version", "name", "qualname", "filename", "args", "argcount", "posonly", "kwonly", "flags", "freevars", "cellvars"),
    *("docstring",),
)


def same_structure(left, right, positions=True):
    """Whether two Codes have the same attributes and items; Labels are the same if they stand in the same place.

    positions: whether the locations of instructions count.
    """
    pairs, seen = [(left, right)], set()
    while pairs:
        left, right = pairs.pop()
        if left is right or (id(left), id(right)) in seen:
            continue
        seen.add((id(left), id(right)))
        names = (*_ATTRIBUTES, "firstlineno") if positions else _ATTRIBUTES
        if any(getattr(left, name) != getattr(right, name) for name in names):
            return False
        if not _same_items(list(left), list(right), positions, pairs):
            return False
    return True


def _same_items(left, right, positions, pairs):
    """Compares items; nested Code is left to be compared, in `pairs`."""
    places, other_places = _places(left), _places(right)
    left, right = ([item for item in items if _counts(item, positions)] for items in (left, right))
    if len(left) != len(right):
        return False
    for ours, theirs in zip(left, right):
        if type(ours) is not type(theirs):
            return False
        if isinstance(ours, Instr):
            if ours.name != theirs.name or (positions and ours.location != theirs.location):
                return False
            if not _same_operands(ours, theirs, places, other_places, pairs):
                return False
        elif _told(ours, places) != _told(theirs, other_places):
            return False
    return True


def _counts(item, positions):
    return not isinstance(item, Label) and (positions or not isinstance(item, SetLineno))


def _places(items):
    """{id of a Label or TryBegin: how many instructions stand before it}."""
    found, count = {}, 0
    for item in items:
        if isinstance(item, Instr):
            count += 1
        elif isinstance(item, (Label, TryBegin)):
            found[id(item)] = count
    return found


def _same_operands(ours, theirs, places, other_places, pairs):
    left, right = ours.arg, theirs.arg
    if label_of(ours) is not None and label_of(theirs) is not None:
        place = places.get(id(left))
        return place is not None and place == other_places.get(id(right))
    if isinstance(left, CodeCore) and isinstance(right, CodeCore):
        pairs.append((left, right))
        return True
    if operand_kind(ours) == "Const":
        return same_constant(left, right)
    return type(left) is type(right) and left == right and getattr(left, "flags", 0) == getattr(right, "flags", 0)


def _told(item, places):
    """What an item that is no instruction says."""
    if isinstance(item, TryBegin):
        return places.get(id(item.target)), item.lasti, item.depth, item.drop
    if isinstance(item, TryEnd):
        return places.get(id(item.begin))
    return item
