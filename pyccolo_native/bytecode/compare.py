"""How code objects differ, and whether code comes back unchanged from a Code."""
from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache, partial, partialmethod
from types import CodeType, FunctionType, MethodType, ModuleType

from .code import Code
from .constants import same_constant
from .core import CodeCore
from .structure import same_structure
from .subjects import code_object_of

FIELDS = (
    *("co_name", "co_qualname", "co_filename", "co_firstlineno", "co_argcount", "co_posonlyargcount", "co_kwonlyargcount"),
    *("co_nlocals", "co_stacksize", "co_flags", "co_names", "co_varnames", "co_cellvars", "co_freevars"),
    *("co_code", "co_linetable", "co_exceptiontable"),
)
# Objects that stand for a function, and where they have it.
_HOLDERS = {
    staticmethod: ("__func__",),
    classmethod: ("__func__",),
    MethodType: ("__func__",),
    property: ("fget", "fset", "fdel"),
    cached_property: ("func",),
    partial: ("func",),
    partialmethod: ("func",),
    type(lru_cache(len)): ("__wrapped__",),
}
_MISSING = "nothing"


@dataclass(frozen=True, slots=True, repr=False)
class Difference:
    """A difference between two code objects.

    Attributes:
        path: names of the code objects from the outermost to that which differs.
        field: what differs, such as "co_stacksize", "co_consts[3]" or "co_positions()[7]".
        left, right: both values.
    """

    path: tuple
    field: str
    left: object
    right: object

    def __repr__(self):
        return f"<{'.'.join(self.path)}: {self.field} {_shortened(self.left)} != {_shortened(self.right)}>"


def _shortened(value, most=60):
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def diff(co1, co2, *, recursive=True):
    """How two code objects differ: a list of Difference, empty if they do not.

    co1, co2: code objects, Codes, or functions and other objects that have code.
    recursive: compares nested code too, constant by constant.

    Constants are the same only in type and value, signs of zeros included, and so are those in tuples and frozensets.
    Raises TypeError for other objects.
    """
    found = []
    left, right = code_object_of(co1), code_object_of(co2)
    pairs = [((left.co_qualname,), left, right)]
    while pairs:
        path, left, right = pairs.pop()
        found += _differing_fields(path, left, right)
        nested = _compare_constants(path, left.co_consts, right.co_consts, found)
        if recursive:
            pairs += reversed(nested)
    return found


def _differing_fields(path, left, right):
    for field in FIELDS:
        ours, theirs = getattr(left, field), getattr(right, field)
        if ours != theirs:
            yield Difference(path, field, ours, theirs)
    ours, theirs = [*left.co_positions()], [*right.co_positions()]
    if ours != theirs:
        longest = max(len(ours), len(theirs))
        at = next(at for at in range(longest) if ours[at : at + 1] != theirs[at : at + 1])
        yield Difference(path, f"co_positions()[{at}]", *(side[at] if at < len(side) else _MISSING for side in (ours, theirs)))


def _compare_constants(path, left, right, found):
    """Adds Differences to `found`; returns pairs of nested code as (path, left, right)."""
    nested = []
    for at in range(max(len(left), len(right))):
        ours, theirs = (side[at] if at < len(side) else _MISSING for side in (left, right))
        if at < len(left) and at < len(right):
            if isinstance(ours, CodeType) and isinstance(theirs, CodeType):
                nested.append(((*path, ours.co_name), ours, theirs))
                continue
            if same_constant(ours, theirs):
                continue
        found.append(Difference(path, f"co_consts[{at}]", ours, theirs))
    return nested


def same_code(co1, co2, *, positions=True):
    """Whether two pieces of code are the same.

    co1, co2: code objects, or what diff() takes: they are if diff() finds nothing. Two Codes are compared without putting them
        together: they are if their attributes and items are the same, and jumps and ranges lead to the same places. Labels without
        use do not count, nor do the places of constants and names.
    positions: whether line numbers and columns count.
    """
    if isinstance(co1, CodeCore) and isinstance(co2, CodeCore):
        return same_structure(co1, co2, positions)
    ignored = () if positions else ("co_linetable", "co_firstlineno", "co_positions()")
    return all(difference.field.partition("[")[0] in ignored for difference in diff(co1, co2))


def compare_code_objects(co1, co2, file=None):
    """Prints how two code objects, or what diff() takes, differ: a line each. Returns whether they do not.

    file: where to; sys.stdout by default.
    """
    found = diff(co1, co2)
    for difference in found:
        print(f"{'.'.join(difference.path)}: {difference.field}", file=file)
        print(f"    {_shortened(difference.left, 120)}", file=file)
        print(f"    {_shortened(difference.right, 120)}", file=file)
    return not found


def check(obj, *, recursive=False, strict=True, reuse=True):
    """Whether code comes back as it was from a Code: a list of Difference between what went in and what came out.

    obj: a code object, a Code, a function or another object that has code, a class or a module, of which the functions are checked.
        Nested code is part of a code object.
    recursive: also the functions of the classes in it, and those behind decorators (__wrapped__).
    strict: any difference counts; else not those that no program notices but by looking: the packing of the line table, and a stack
        that is smaller.
    reuse: lets to_code() take what is unchanged from the original; False makes it derive all of it.

    Raises TypeError if there is no code in obj.
    """
    found = []
    for code in _codes_of(obj, recursive):
        found += diff(code, Code.from_code(code).to_code(reuse=reuse))
    if strict:
        return found
    positions_differ = {difference.path for difference in found if difference.field.startswith("co_positions")}
    return [difference for difference in found if not _goes_unnoticed(difference, positions_differ)]


def _goes_unnoticed(difference, positions_differ):
    if difference.field == "co_linetable":
        return difference.path not in positions_differ
    return difference.field == "co_stacksize" and difference.right < difference.left


def check_recursive(obj, *, strict=True, reuse=True):
    """check() of all code that can be found in obj: modules, classes, functions and what is nested in them."""
    return check(obj, recursive=True, strict=strict, reuse=reuse)


def _codes_of(obj, recursive):
    """The code objects of obj, each once."""
    if not isinstance(obj, (ModuleType, type, *_HOLDERS)):
        return [code_object_of(obj)]
    module = obj.__name__ if isinstance(obj, ModuleType) else obj.__module__ if isinstance(obj, type) else None
    seen = {}  # by id, with what keeps the id taken
    waiting = [obj]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or (one is not obj and _is_from_elsewhere(one, module)):
            continue
        seen[id(one)] = one
        if isinstance(one, FunctionType):
            waiting.append(one.__code__)
            if recursive and hasattr(one, "__wrapped__"):
                waiting.append(one.__wrapped__)
        elif isinstance(one, (ModuleType, type)) and (one is obj or recursive):
            waiting += reversed([member for member in vars(one).values() if not isinstance(member, CodeType)])
        else:
            waiting += [getattr(one, name) for kind, names in _HOLDERS.items() if isinstance(one, kind) for name in names]
    return [one for one in seen.values() if isinstance(one, CodeType)]


def _is_from_elsewhere(member, module):
    """Whether it was only brought into the module."""
    if isinstance(member, ModuleType):
        return True
    return module is not None and isinstance(member, (FunctionType, type)) and member.__module__ not in (module, None)
