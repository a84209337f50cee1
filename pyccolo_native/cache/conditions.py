"""What the answer of a predicate depends on: a text that is equal only for predicates that answer alike, or why there is none."""
from __future__ import annotations

import ast
import builtins
import dis
from types import CodeType, FunctionType, MethodType, ModuleType

from ..predicate import CompositePredicate, Predicate
from ..registration import AssertPredicate
from .digest import blake2b
from .shape import NotCached


# What a condition may use: it then depends on nothing but the node and its own code.
_FUNCTIONS = frozenset(
    getattr(builtins, name)
    for name in """abs all any bool dict enumerate filter frozenset int isinstance issubclass len list map max min range
    reversed set sorted sum tuple type zip AttributeError IndexError KeyError TypeError ValueError""".split()
)
_AST_NAMES = frozenset(name for name in vars(ast) if isinstance(getattr(ast, name), type)) | {
    "walk", "iter_child_nodes", "iter_fields", "get_docstring", "literal_eval", "AST",
}
_FIELDS = frozenset(
    field
    for cls in vars(ast).values()
    if isinstance(cls, type) and issubclass(cls, ast.AST)
    for field in (*cls._fields, *cls._attributes)
)
_STR_METHODS = frozenset(
    name for name in dir(str) if not name.startswith("_") and name not in ("format", "format_map", "encode", "translate")
)
_ATTRIBUTES = _AST_NAMES | _FIELDS | _STR_METHODS | {"append", "add", "get", "items", "keys", "values"}
# They reach outside, or make a text of a node, which has its address.
_OUTSIDE = ("IMPORT", "STORE_ATTR", "STORE_GLOBAL", "STORE_NAME", "DELETE_ATTR", "DELETE_GLOBAL", "DELETE_NAME",
            "LOAD_BUILD_CLASS", "FORMAT", "CONVERT", "BUILD_TEMPLATE", "BUILD_INTERPOLATION")
_GLOBALS = ("LOAD_GLOBAL", "LOAD_NAME")
_CONSTANTS = (str, bytes, int, float, complex, bool, type(None), type(...))


def key_of(predicate, used):
    """The text for a predicate. `used` is filled with the (dict, name, value) that the text was made from."""
    if predicate is Predicate.TRUE:
        return "always"
    if predicate is Predicate.FALSE:
        return "never"
    version = _version_of(predicate)
    if version is not None:
        return version
    kind = type(predicate)
    if kind is CompositePredicate:
        if predicate.reducer not in (any, all):
            raise NotCached(f"{_name(predicate.reducer)} decides for a predicate; {_HINT}")
        its = predicate.base_predicates
        used += [(_Items(its), index, base) for index, base in enumerate((*its, _MISSING))]
        return f"{predicate.reducer.__name__}({', '.join(key_of(its, used) for its in predicate.base_predicates)})"
    if kind is AssertPredicate:
        return f"assert({key_of(predicate.condition, used)})"
    if kind is not Predicate:
        raise NotCached(f"{kind.__name__} is a predicate of a kind of its own; {_HINT}")
    condition = predicate.condition
    used.append((_Attributes(predicate), "condition", condition))
    version = _version_of(condition)
    if version is not None:
        return version
    if predicate.use_raw_node_id:
        raise NotCached(f"{_name(condition)} decides by the ids of nodes; {_HINT}")
    return _function_key(condition, used)


_HINT = "give it a cache_version"
_MISSING = object()


def _version_of(its):
    version = getattr(its, "cache_version", None)
    if version is None:
        return None
    if not isinstance(version, (str, int)):
        raise NotCached(f"cache_version of {_name(its)} is {version!r}, not a str or an int")
    return f"{_name(getattr(its, 'condition', its))} {version!r}"


def _name(its):
    its = its if hasattr(its, "__qualname__") else type(its)
    module = getattr(its, "__module__", None)
    return f"{module}.{its.__qualname__}" if module else its.__qualname__


def _function_key(function, used, above=()):
    own = None
    if isinstance(function, MethodType):
        own, function = function.__self__, function.__func__
    if not isinstance(function, FunctionType):
        raise NotCached(f"{_name(function)} is no function whose code could be read; {_HINT}")
    code = function.__code__
    if own is not None and _uses_first(code):
        raise NotCached(f"{_name(function)} asks its tracer; {_HINT}")
    if code in above:
        return f"recursion {above.index(code)}"
    refuse = _Refusal(function)
    names = {}
    _collect_globals(code, names)
    parts = [f"{name}={_global_key(function, name, used, refuse, (*above, code))}" for name in sorted(names)]
    parts.append(_code_key(code, refuse))
    for name, cell in zip(code.co_freevars, function.__closure__ or ()):
        value = _cell_value(cell, name, refuse)
        used.append((_Attributes(cell), "cell_contents", value))
        parts.append(f"{name}={_value_key(value, name, used, refuse, (*above, code))}")
    for default in (*(function.__defaults__ or ()), *sorted((function.__kwdefaults__ or {}).items())):
        parts.append(_constant_key(default, "a default", refuse))
    used.append((_Attributes(function), "__code__", code))
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


class _Refusal:
    def __init__(self, function):
        self._function = function

    def __call__(self, what):
        return NotCached(f"{_name(self._function)} {what}, which may answer otherwise another time; {_HINT}")


class _Attributes:
    """An object's attributes, to be looked at again as a dict is."""

    def __init__(self, its):
        self._its = its

    def get(self, name, default=None):
        try:
            return getattr(self._its, name, default)
        except ValueError:  # an empty cell
            return default


class _Items:
    """Those of a list, likewise."""

    def __init__(self, items):
        self._items = items

    def get(self, index, default=None):
        return self._items[index] if index < len(self._items) else default


def _cell_value(cell, name, refuse):
    try:
        return cell.cell_contents
    except ValueError:
        raise refuse(f"uses {name}, which is not bound yet") from None


def _uses_first(code):
    first = code.co_varnames[0] if code.co_argcount else None
    for instruction in dis.get_instructions(code):
        used = instruction.argval
        if used == first or (isinstance(used, tuple) and first in used):
            return True
    return any(isinstance(const, CodeType) and first in const.co_freevars for const in code.co_consts)


def _code_key(code, refuse):
    for instruction in dis.get_instructions(code):
        name = instruction.opname
        if name.startswith(_OUTSIDE):
            raise refuse(f"does {name}")
        if name.startswith("BINARY_OP") and instruction.argrepr in ("%", "%="):
            raise refuse("formats with %")
        if name.startswith(("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER")) and instruction.argval not in _ATTRIBUTES:
            raise refuse(f"asks for .{instruction.argval}")
    consts = [
        _code_key(const, refuse) if isinstance(const, CodeType) else _constant_key(const, "a constant", refuse)
        for const in code.co_consts
    ]
    return repr((
        code.co_code, consts, code.co_names, code.co_varnames, code.co_cellvars, code.co_freevars, code.co_flags,
        code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_exceptiontable,
    ))


def _collect_globals(code, names):
    for instruction in dis.get_instructions(code):
        if instruction.opname.startswith(_GLOBALS):
            names[instruction.argval] = True
    for const in code.co_consts:
        if isinstance(const, CodeType):
            _collect_globals(const, names)


def _global_key(function, name, used, refuse, above):
    value = function.__globals__.get(name, _MISSING)
    used.append((function.__globals__, name, value))
    if value is _MISSING:
        value = vars(builtins).get(name, _MISSING)
        used.append((vars(builtins), name, value))
    if value is _MISSING:
        raise refuse(f"uses {name}, which is not defined")
    return _value_key(value, name, used, refuse, above)


def _value_key(value, name, used, refuse, above):
    if isinstance(value, ModuleType):
        if value is ast:
            return "ast"
    elif isinstance(value, type) and issubclass(value, ast.AST) and getattr(ast, value.__name__, None) is value:
        return f"ast.{value.__name__}"
    elif isinstance(value, FunctionType) and value.__module__ == "ast" and value.__name__ in _AST_NAMES:
        return f"ast.{value.__name__}"
    elif isinstance(value, FunctionType):
        return _function_key(value, used, above)
    elif type(value).__hash__ is not None and _is_allowed(value):
        return f"builtins.{value.__name__}"
    return _constant_key(value, name, refuse)


def _is_allowed(value):
    try:
        return value in _FUNCTIONS
    except TypeError:
        return False


def _constant_key(value, what, refuse):
    if type(value) in _CONSTANTS:
        return repr(value)
    if isinstance(value, type) and issubclass(value, ast.AST) and getattr(ast, value.__name__, None) is value:
        return f"ast.{value.__name__}"
    if type(value) is tuple:
        return f"({', '.join(_constant_key(item, what, refuse) for item in value)})"
    if type(value) is frozenset:
        return f"{{{', '.join(sorted(_constant_key(item, what, refuse) for item in value))}}}"
    raise refuse(f"uses {what}, a {type(value).__name__}")
