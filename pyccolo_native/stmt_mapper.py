"""Copies of trees, and which node is the copy of which."""
from __future__ import annotations

import ast

from . import _native
from ._native import TRACER_STACK


class StatementMapper:
    """mapper(node) copies a tree and gives {id(node): its copy}, for the tree's root and every node in it.

    The copies have the augmentations of the nodes they are made from, and their rows in the tracers' additional
    bookkeeping.
    """

    def __init__(self, tracers=None):
        self._tracers = TRACER_STACK if tracers is None else tracers
        self.traversal = []

    @classmethod
    def bookkeeping_propagating_copy(cls, node):
        return _native.copy_tree(node, bool(TRACER_STACK))[0]

    def __call__(self, node, copy_node=None):
        if copy_node is None:
            mapping = _native.copy_tree(node, bool(self._tracers))[1]
            self.traversal = list(mapping.values())
            return mapping
        originals, self.traversal = list(preorder(node)), list(preorder(copy_node))
        for old, new in zip(originals, self.traversal):
            _native.propagate(old, new, bool(self._tracers))
        return {id(old): new for old, new in zip(originals, self.traversal)}

    def visit(self, node):
        self.traversal.extend(preorder(node))


def preorder(node):
    """The nodes of a tree: each before its children, children in the order of the fields."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        children = []
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                children.append(value)
            elif isinstance(value, list):
                children.extend(child for child in value if isinstance(child, ast.AST))
        pending.extend(reversed(children))
