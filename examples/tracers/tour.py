"""Prints events as they happen: where, which, the source and the value.

    pyc tour.py -t tracers.tour.Tour
"""

from __future__ import annotations

import ast
import linecache

import pyccolo_native as pyc
from tracers import tell

SHOWN = (
    pyc.before_stmt,
    pyc.load_name,
    pyc.after_int,
    pyc.before_call,
    pyc.after_argument,
    pyc.after_call,
    pyc.after_binop,
    pyc.after_compare,
    pyc.after_if_test,
    pyc.after_return,
    pyc.after_assign_rhs,
)


class Tour(pyc.BaseTracer):
    """Shows what a handler is given; changes nothing."""

    def should_instrument_file(self, filename: str) -> bool:
        return filename.endswith("tour.py")

    @pyc.register_handler(SHOWN)
    def show(self, ret, node, frame, event):
        source = source_of(node, frame.f_code.co_filename)
        if event is pyc.before_stmt:
            tell(f"{place(node)}  {event.value:16}  {source}")
        else:
            tell(f"{place(node)}  {event.value:16}  {source:24}  {short(ret)}")


def place(node: ast.AST) -> str:
    """Line and columns, as in 3:5-12."""
    columns = f"{node.col_offset + 1}-{node.end_col_offset}"
    return f"{node.lineno:3}:{columns:6}"


def source_of(node: ast.AST, filename: str) -> str:
    """The first line of what the node was parsed from."""
    text = linecache.getline(filename, node.lineno).rstrip("\n")
    encoded = text.encode("utf-8")
    end = node.end_col_offset if node.end_lineno == node.lineno else len(encoded)
    return encoded[node.col_offset : end].decode("utf-8")


def short(value: object) -> str:
    """What is shown of a value: functions by name."""
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    text = repr(value)
    return text if len(text) < 30 else text[:27] + "..."
