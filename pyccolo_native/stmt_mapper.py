"""Copies of trees, and which node is the copy of which."""
from __future__ import annotations

import ast

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
        return cls()(node)[id(node)]

    def __call__(self, node, copy_node=None):
        mapping = {}
        if copy_node is None:
            copy_tree(node, mapping)
            self.traversal = list(mapping.values())
            originals = preorder(node)
        else:
            originals, self.traversal = list(preorder(node)), list(preorder(copy_node))
            mapping.update((id(old), new) for old, new in zip(originals, self.traversal))
        for old in originals:
            if id(old) in mapping:
                self._propagate(old, mapping[id(old)])
        return mapping

    def visit(self, node):
        self.traversal.extend(preorder(node))

    def _propagate(self, old, new):
        if "lineno" in new._attributes:
            self._handle_augmentations(old, new)
        if not self._tracers:
            return
        for rows in self._tracers[-1].additional_ast_bookkeeping.values():
            if id(old) not in rows:
                continue
            if isinstance(rows, set):
                rows.add(id(new))
            else:
                rows[id(new)] = rows[id(old)]

    def _handle_augmentations(self, old, new):
        for tracer in self._tracers:
            for spec in tracer.get_augmentations(id(old)):
                tracer.augmented_node_ids_by_spec[spec].add(id(new))


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


def copy_tree(node, mapping):
    """A copy of a tree; writes {id of node: copy} to `mapping`. What others have set on nodes is left behind."""
    copied = mapping.get(id(node))
    if copied is not None:
        return copied
    copied = mapping[id(node)] = type(node)()
    for name in node._fields:
        if hasattr(node, name):
            value = getattr(node, name)
            if isinstance(value, ast.AST):
                value = copy_tree(value, mapping)
            elif isinstance(value, list):
                value = [copy_tree(child, mapping) if isinstance(child, ast.AST) else child for child in value]
            setattr(copied, name, value)
    for name in node._attributes:
        if hasattr(node, name):
            setattr(copied, name, getattr(node, name))
    return copied
