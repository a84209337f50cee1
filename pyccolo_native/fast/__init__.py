"""Short ways to make trees: `fast.Name(...)`, `fast.parse(...)` and so on, with the location of fast.location_of(node)."""
from .._fast import FastAst, copy_ast, make_composite_condition, make_test, subscript_to_slice
from .._fast.fast_ast import CONSTANTS

backcompat_helpers = (*CONSTANTS, "Ellipsis")

_NAMES = [name for name in dir(FastAst) if not name.startswith("_")]
globals().update((name, getattr(FastAst, name)) for name in _NAMES)

__all__ = ["FastAst", "copy_ast", "make_composite_condition", "make_test", "subscript_to_slice", *_NAMES]
