"""Constants as text, and back.

A constant is written as a Python literal. Beyond those there are frozenset({...}), slice(a, b, c), complex(a, b), inf, nan and -nan.
What cannot be written stands as {name}, an object that the reader must be given, and code(n), the nth block of code of the text.
"""
from __future__ import annotations

import ast
import math
import operator

_ATOMS = (type(None), bool, str, bytes, type(Ellipsis))
_DIGITS = 1000  # of an int; longer ones are written in base 16, for which Python has no limit
_NAMED = {"inf": math.inf, "nan": math.nan}
_NEGATIVE_NAN = math.copysign(math.nan, -1)
_SIGNS = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_DISPLAYS = {ast.Tuple: tuple, ast.List: list, ast.Set: set}


def write(value, other):
    """The text of a constant.

    other: function of what has no text of its own (objects, and code); it gives the text.
    """
    kind = type(value)
    if kind in _ATOMS:
        return "..." if value is Ellipsis else repr(value)
    if kind is int:
        return hex(value) if abs(value) >> (3 * _DIGITS) else repr(value)
    if kind is float:
        return _float(value)
    if kind is complex:
        return f"complex({_float(value.real)}, {_float(value.imag)})"
    if kind is tuple:
        items = ", ".join(write(item, other) for item in value)
        return f"({items},)" if len(value) == 1 else f"({items})"
    if kind is frozenset:
        return f"frozenset({{{', '.join(write(item, other) for item in value)}}})" if value else "frozenset()"
    if kind is slice:
        return f"slice({write(value.start, other)}, {write(value.stop, other)}, {write(value.step, other)})"
    return other(value)


def _float(value):
    if math.isnan(value):
        return "-nan" if math.copysign(1, value) < 0 else "nan"
    return repr(value)


def read(text, bind, code):
    """The constant that `text` stands for.

    bind: function of the name of an object, gives the object.
    code: function of the number of a block of code, gives the Code.

    Raises ValueError if the text is no constant.
    """
    return read_node(parse(text), bind, code)


def parse(text):
    """The tree of a text; ValueError if it is no expression."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else error
        raise ValueError(f"{text.strip()!r} cannot be read: {reason}") from None


def read_node(node, bind, code):
    """read() of a tree."""

    def value_of(part):
        return read_node(part, bind, code)

    match node:
        case ast.Constant(value=value):
            return value
        case ast.Set(elts=[ast.Name(id=name)]):
            return bind(name)
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return _DISPLAYS[type(node)](value_of(item) for item in items)
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {value_of(key): value_of(value) for key, value in zip(keys, values)}
        case ast.Name(id=name) if name in _NAMED:
            return _NAMED[name]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Name(id="nan")):
            return _NEGATIVE_NAN
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _SIGNS:
            value = value_of(operand)
            if type(value) in (int, float, complex):
                return _SIGNS[type(sign)](value)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=ast.Constant(value=complex() as imaginary)):
            real = value_of(left)
            if type(real) in (int, float):
                return real + imaginary if isinstance(node.op, ast.Add) else real - imaginary
        case ast.Call(func=ast.Name(id="code"), args=[ast.Constant(value=int() as number)], keywords=[]):
            return code(number)
        case ast.Call(func=ast.Name(id="complex"), args=[real, imaginary], keywords=[]):
            return complex(value_of(real), value_of(imaginary))
        case ast.Call(func=ast.Name(id="slice"), args=[_, _, _], keywords=[]):
            return slice(*map(value_of, node.args))
        case ast.Call(func=ast.Name(id="frozenset"), args=[], keywords=[]):
            return frozenset()
        case ast.Call(func=ast.Name(id="frozenset"), args=[ast.Set() | ast.Tuple() as items], keywords=[]):
            return frozenset(value_of(item) for item in items.elts)
    raise ValueError(f"{ast.unparse(node)!r} is no constant; objects are written as {{name}} and given to asm() by that name")
