"""Making nodes that take their location from another node."""
from __future__ import annotations

import ast
import functools
import textwrap
from _thread import _local

_current = _local()


class _At:
    """Within it, nodes made by FastAst are where `node` is. For the current thread."""

    __slots__ = ("_before", "_node")

    def __init__(self, node):
        self._node = node

    def __enter__(self):
        self._before = getattr(_current, "node", None)
        _current.node = self._node

    def __exit__(self, *_):
        _current.node = self._before


def _located(node):
    where = getattr(_current, "node", None)
    return node if where is None else ast.copy_location(node, where)


class FastAst:
    """The names of `ast`: its node classes make nodes with the location of location_of(), its functions are as they are.

    Str, Num, Bytes, NameConstant and Ellipsis make constants, as they did in older versions of `ast`.
    """

    location_of = _At

    @staticmethod
    def location_of_arg(func):
        """Decorates a function of nodes: those that it makes are where its last positional argument is."""

        @functools.wraps(func)
        def at_argument(*args, **kwargs):
            with _At(args[-1]):
                return func(*args, **kwargs)

        return at_argument

    @staticmethod
    def kw(arg, value):
        return FastAst.keyword(arg=arg, value=value)

    @staticmethod
    def kwargs(**kwargs):
        return [FastAst.keyword(arg=arg, value=value) for arg, value in kwargs.items()]

    @staticmethod
    def parse(code, *args, **kwargs):
        """ast.parse() of source that may be indented; inside location_of() all nodes are there."""
        tree = ast.parse(textwrap.dedent(code), *args, **kwargs)
        if getattr(_current, "node", None) is not None:
            for node in ast.walk(tree):
                _located(node)
        return tree

    @staticmethod
    def Call(func, args=None, keywords=None, **kwargs):
        return _located(ast.Call(func, args or [], keywords or [], **kwargs))

    @staticmethod
    def iter_arguments(args):
        """The parameters that an ast.arguments has, in the order in which they are written."""
        yield from args.posonlyargs
        yield from args.args
        if args.vararg is not None:
            yield args.vararg
        yield from args.kwonlyargs
        if args.kwarg is not None:
            yield args.kwarg


def _maker(node_class, name):
    def make(*args, **kwargs):
        return _located(node_class(*args, **kwargs))

    make.__name__ = name
    make.__qualname__ = f"FastAst.{name}"
    return staticmethod(make)


CONSTANTS = ("Str", "Num", "Bytes", "NameConstant")


def _add_names():
    for name, value in vars(ast).items():
        if name.startswith("_") or name in FastAst.__dict__ or name in CONSTANTS:
            continue
        if isinstance(value, type) and issubclass(value, ast.AST):
            setattr(FastAst, name, _maker(value, name))
        elif getattr(value, "__module__", None) == ast.__name__:
            setattr(FastAst, name, staticmethod(value))
    for name in CONSTANTS:
        setattr(FastAst, name, _maker(ast.Constant, name))

    def make_ellipsis(value=..., **kwargs):
        return _located(ast.Constant(value, **kwargs))

    FastAst.Ellipsis = staticmethod(make_ellipsis)


_add_names()
