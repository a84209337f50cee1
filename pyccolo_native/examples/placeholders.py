"""Placeholders: which of them belong to an expression, and the parameters that they become."""
from __future__ import annotations

import ast
from typing import Iterator

import pyccolo_native as pyc

LAMBDA_MACROS = ("f", "filter", "ifilter", "map", "imap", "reduce")
"""The names of quick lambdas, to which the placeholders in their brackets belong."""

_CHAIN = (ast.Attribute, ast.Subscript, ast.Call)


class SingletonArgCounterMixin:
    """Numbers the parameters that have no name, so that no two have the same."""

    _arg_ctr = 0

    @property
    def arg_ctr(self) -> int:
        return SingletonArgCounterMixin._arg_ctr

    @arg_ctr.setter
    def arg_ctr(self, number: int) -> None:
        SingletonArgCounterMixin._arg_ctr = number


class PlaceholderReplacer(SingletonArgCounterMixin):
    """Finds the placeholders, names marked with `spec`, that belong to an expression.

    Those inside of quick lambdas belong there, those in the steps of a pipeline to the steps, and those among the arguments of
    a call to the call. With `allow_top_level` the expression itself is taken apart even if it is a pipeline or a call.
    """

    def __init__(self, spec: pyc.AugmentationSpec) -> None:
        self._spec = spec

    @property
    def _marked(self) -> set[int]:
        return pyc.BaseTracer.augmented_node_ids_by_spec[self._spec]

    def is_any(self) -> bool:
        """Are there placeholders anywhere?"""
        return bool(self._marked)

    def is_placeholder(self, node: ast.AST) -> bool:
        return id(node) in self._marked and isinstance(node, ast.Name)

    def search(self, node: ast.AST | list, allow_top_level: bool) -> bool:
        """Has an expression, or one of some, placeholders of its own?"""
        nodes = node if isinstance(node, list) else [node]
        return bool(self._marked) and any(True for its in nodes for _ in self._own(its, allow_top_level))

    def names(self, node: ast.AST, allow_top_level: bool) -> list[str]:
        """The names of the named ones, in the order of the source."""
        own = sorted(self._own(node, allow_top_level), key=_place)
        return list(dict.fromkeys(_name_of(its) for its in own if its.id != "_"))

    def rewrite(self, node: ast.AST, allow_top_level: bool) -> list[str]:
        """Makes parameters of an expression's own placeholders; gives their names, of the unnamed ones first."""
        return self.replace(list(self._own(node, allow_top_level)))

    def replace(self, placeholders: list[ast.Name]) -> list[str]:
        """Makes parameters of these placeholders."""
        numbered, named = [], []
        for node in sorted(placeholders, key=_place):
            self._marked.discard(id(node))
            if node.id == "_":
                node.id = f"_{self.arg_ctr}_"
                self.arg_ctr += 1
                numbered.append(node.id)
            else:
                node.id = _name_of(node)
                named.append(node.id)
        return [*numbered, *dict.fromkeys(named)]

    def _own(self, node: ast.AST, top: bool) -> Iterator[ast.Name]:
        match node:
            case ast.Name():
                if id(node) in self._marked:
                    yield node
                return
            case ast.Subscript(ast.Name(name)) if name in LAMBDA_MACROS:
                return
            case ast.Call(func, args, keywords):
                yield from self._own(func, top and isinstance(func, _CHAIN))
                children, top = [*args, *keywords] if top else [], False
            case ast.Attribute(value) | ast.Subscript(value) if is_pipeline(value):
                children = list(ast.iter_child_nodes(node))[1:]
            case ast.Lambda(arguments, body):
                children, top = [arguments, body], False
            case ast.BinOp():
                children, top = [] if is_pipeline(node) and not top else [node.left, node.right], False
            case _:
                children = ast.iter_child_nodes(node)
        for child in children:
            yield from self._own(child, top)


def is_pipeline(node: ast.AST) -> bool:
    """Is it an operator of somebody's syntax?"""
    return isinstance(node, ast.BinOp) and bool(pyc.BaseTracer.get_augmentations(node))


def _place(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _name_of(node: ast.Name) -> str:
    """What a placeholder is called: `_x` in the tree is $x in the source, and `_1` is $1."""
    name = node.id[1:]
    return name if name.isidentifier() else node.id
