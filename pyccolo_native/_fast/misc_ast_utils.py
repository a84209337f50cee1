"""Small trees, and copies of trees."""
from __future__ import annotations

import ast

from .fast_ast import FastAst as fast


def copy_ast(node):
    """A copy of a tree, without what others have set on its nodes, and what tracers know of them."""
    copied = type(node).__new__(type(node))
    for name in (*node._fields, *node._attributes):
        if hasattr(node, name):
            value = getattr(node, name)
            setattr(copied, name, [_copied(child) for child in value] if isinstance(value, list) else _copied(value))
    return copied


def _copied(value):
    return copy_ast(value) if isinstance(value, ast.AST) else value


def make_test(var_name, negate=False):
    """The name as an expression, or its negation."""
    test = fast.Name(var_name, ast.Load())
    return fast.UnaryOp(op=ast.Not(), operand=test) if negate else test


def make_composite_condition(nullable_conditions, op=None):
    """Conditions, names or expressions, joined by `op`, which is `and` by default; those that are None are left out."""
    conditions = [
        fast.Name(condition, ast.Load()) if isinstance(condition, str) else condition
        for condition in nullable_conditions
        if condition is not None
    ]
    if len(conditions) == 1:
        return conditions[0]
    return fast.BoolOp(op=op or ast.And(), values=conditions)


def subscript_to_slice(node):
    """What stands between the brackets of a subscript."""
    return node.slice
