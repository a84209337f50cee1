"""Quasiquotes: `q[a + u[b]]` is the tree of `a + …`, with the value of `b` in it.

    with Quasiquoter:
        tree = pyc.eval("q[x + u[6 * 7]]")
    ast.unparse(tree)                        # x + 42

| | |
|---|---|
| `q[expression]` | the tree of the expression, a new one each time |
| `u[value]` | the tree of a value: of constants and of lists, tuples, sets and dicts of them |
| `name["x"]` | the name x |
| `ast_literal[tree]` | the tree itself |
| `ast_list[trees]` | the list display of some trees |

The keys of the last four are evaluated where the quote is, when it is; a quote inside of a quote is left as it is. All five
are ordinary names, in `builtins` while the tracer is active, or imported from here: a variable of the program of such a name
hides them.
"""
from __future__ import annotations

import ast
import builtins
import math
from copy import deepcopy
from typing import Any, Callable

import pyccolo_native as pyc


class _Macro:
    """What the name of a macro stands for; its subscript gives a tree."""

    def __init__(self, name: str, make: Callable[[Any], ast.expr]) -> None:
        self._name, self._make = name, make

    def __getitem__(self, key: Any) -> ast.expr:
        return self._make(key)

    def __repr__(self) -> str:
        return f"{self._name}[...]"


class _Quoted:
    """What a quote is given for its key once its expression has been taken as a tree."""

    def __init__(self, tree: ast.expr) -> None:
        self.tree = tree


def _quoted(key: Any) -> ast.expr:
    if not isinstance(key, _Quoted):
        raise TypeError("q[...] quotes in code that Quasiquoter instruments; this code is not, or the key is no expression")
    return key.tree


def _value(value: Any) -> ast.expr:
    match value:
        case bool() | None | str() | bytes():
            return ast.Constant(value)
        case list():
            return ast.List([_value(item) for item in value], ast.Load())
        case tuple():
            return ast.Tuple([_value(item) for item in value], ast.Load())
        case set() if value:
            return ast.Set([_value(item) for item in value])
        case dict():
            return ast.Dict([_value(key) for key in value], [_value(item) for item in value.values()])
        case float() if not math.isfinite(value):
            return ast.Constant(value)
        case int() | float() | complex():
            return ast.parse(repr(value), mode="eval").body  # a sign is an operator
    if value is ...:
        return ast.Constant(value)
    hint = "; trees go into ast_literal[...]" if isinstance(value, ast.AST) else ""
    raise TypeError(f"u[...] takes constants and lists, tuples, sets and dicts of them, not {value!r}{hint}")


def _name(identifier: Any) -> ast.expr:
    if not isinstance(identifier, str) or not identifier.isidentifier():
        raise TypeError(f"name[...] takes an identifier, not {identifier!r}")
    return ast.Name(identifier, ast.Load())


def _tree(tree: Any) -> ast.expr:
    if not isinstance(tree, ast.expr):
        raise TypeError(f"ast_literal[...] takes the tree of an expression, not {tree!r}")
    return tree


def _list(trees: Any) -> ast.expr:
    return ast.List([_tree(tree) for tree in trees], ast.Load())


q = _Macro("q", _quoted)
u = _Macro("u", _value)
name = _Macro("name", _name)
ast_literal = _Macro("ast_literal", _tree)
ast_list = _Macro("ast_list", _list)

_MACROS = {"q": q, "u": u, "name": name, "ast_literal": ast_literal, "ast_list": ast_list}


def is_macro(name_or_names: str | tuple[str, ...]) -> Callable[[ast.AST], bool]:
    """A condition for `when=`: is the node a subscript of this name, or of one of these names?"""
    names = (name_or_names,) if isinstance(name_or_names, str) else tuple(name_or_names)
    return lambda node: isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in names


class Quasiquoter(pyc.BaseTracer):
    """Gives quotes the trees of their expressions."""

    allow_reentrant_events = True  # quotes inside of what is put into quotes
    multiple_threads_allowed = True
    global_guards_enabled = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.macros = set(_MACROS)
        self._put_into_builtins = []

    def should_propagate_handler_exception(self, evt, exc):
        return True

    def enter_tracing_hook(self) -> None:
        self._put_into_builtins = [macro for macro in _MACROS if not hasattr(builtins, macro)]
        for macro in self._put_into_builtins:
            setattr(builtins, macro, _MACROS[macro])

    def exit_tracing_hook(self) -> None:
        for macro in self._put_into_builtins:
            delattr(builtins, macro)
        self._put_into_builtins = []

    @pyc.before_subscript_slice(when=is_macro("q"), reentrant=True)
    def quote(self, node, frame):
        if _found(node.value.id, frame) is q:
            return lambda: _Quoted(_Filled(self, frame).visit(deepcopy(node.slice)))


class _Filled(ast.NodeTransformer):
    """Puts into a quoted tree what its other macros give."""

    def __init__(self, tracer: Quasiquoter, frame: Any) -> None:
        self._tracer, self._frame = tracer, frame

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if isinstance(node.value, ast.Name):
            macro = _found(node.value.id, self._frame)
            if macro is q:
                return node
            if isinstance(macro, _Macro):
                key = self._tracer.eval(node.slice, self._frame.f_globals, self._frame.f_locals)
                tree = macro[key]
                return tree if macro is ast_literal else ast.fix_missing_locations(ast.copy_location(tree, node))
        return self.generic_visit(node)


def _found(identifier: str, frame: Any) -> Any:
    """What a name stands for in a frame."""
    for names in (frame.f_locals, frame.f_globals, frame.f_builtins):
        if identifier in names:
            return names[identifier]
    return None
