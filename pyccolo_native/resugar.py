"""From source with new syntax to Python's, and back."""
from __future__ import annotations

import ast
import sys
import warnings

from . import _native
from .syntax_augmentation import AugmentationType, _line_starts, line_col_of, offset_of


def transformed(tracers, code, positions):
    if positions is None:
        for tracer in tracers:
            code = tracer.preprocess(code, rewriter=None)
        return code
    starts = _line_starts(code)
    offsets = [offset_of(starts, line, col) for line, col in positions]
    for tracer in tracers:
        code = tracer.preprocess(code, rewriter=None, positions=offsets)
    starts = _line_starts(code)
    return code, [line_col_of(starts, offset) for offset in offsets]


def untransformed(tracers, tree, positions):
    plain = ast.unparse(tree)
    edits = _Resugaring(tracers, tree, plain).edits() if tracers else []
    parts, last = [], 0
    for start, end, text in edits:
        parts += plain[last:start], text
        last = end
    code = "".join([*parts, plain[last:]])
    if positions is None:
        return code
    before, after = _line_starts(plain), _line_starts(code)
    lengths = [(start, end, len(text)) for start, end, text in edits]
    offsets = _native.remap(lengths, [offset_of(before, line, col) for line, col in positions])
    return code, [line_col_of(after, offset) for offset in offsets]


class _Resugaring:
    """Which characters of a tree's plain source become which."""

    def __init__(self, tracers, tree, plain):
        self._tracers, self._plain, self._starts = tracers, plain, _line_starts(plain)
        self._tree = ast.parse(plain)
        _place_exactly(self._tree, plain)
        self._next_operand = {}
        self._marked = []
        self._match(tree, self._tree)

    def _match(self, old, new):
        """Finds the marked nodes of a tree in the tree of its plain source."""
        if type(old) is not type(new):
            message = f"untransform: a {type(old).__name__} is a {type(new).__name__} in the source that ast.unparse() gives"
            warnings.warn(f"{message}; syntax in it is left out", stacklevel=6)
            return
        specs = frozenset().union(*(tracer.get_augmentations(id(old)) for tracer in self._tracers))
        if specs:
            self._marked.append((new, specs))
        if isinstance(new, ast.BoolOp):
            self._next_operand.update((id(value), after) for value, after in zip(new.values, new.values[1:]))
        for name in old._fields:
            mine, other = getattr(old, name, None), getattr(new, name, None)
            pairs = zip(mine, other) if isinstance(mine, list) and isinstance(other, list) else [(mine, other)]
            for child, other_child in pairs:
                if isinstance(child, ast.AST) and isinstance(other_child, ast.AST):
                    self._match(child, other_child)

    def edits(self):
        """(start, end, text), sorted and apart: of those that are about the same place the longest."""
        found = {edit for node, specs in self._marked for spec in specs for edit in self._of(node, spec)}
        apart, last = [], 0
        for start, end, text in sorted(found, key=lambda edit: (edit[0], -edit[1])):
            if start >= last:
                apart.append((start, end, text))
                last = max(end, start)
        return apart

    def _of(self, node, spec):
        if spec.is_custom:
            where = spec.custom.range_for(node)
            edit = None if where is None else spec.custom.reverse(node, spec, where, self._plain, self._starts)
            return [] if edit is None else [tuple(edit)]
        if spec.is_paired:
            return self._of_pair(node, spec)
        where = self._span(node, spec.aug_type)
        if where is None:
            return []
        for token, replacement in ((spec.token, spec.replacement), (spec.token.strip(), spec.replacement.strip())):
            start = self._plain.find(replacement, where[0], where[1] + len(replacement))
            if start >= 0:
                return [(start, start + len(replacement), token)]
        return []

    def _of_pair(self, node, spec):
        if not isinstance(node, ast.Subscript):
            return []
        start, end = self._span(node, AugmentationType.subscript)
        start = self._plain.find(spec.replacement, start, end + len(spec.replacement))
        closing = spec.close_token if spec.close_replacement is None else spec.close_replacement
        end = self._end(node) - len(closing)
        if start < 0 or not self._plain.startswith(closing, end):
            return []
        if spec.body_func_wrapper is None:
            return [(start, start + len(spec.replacement), spec.token), (end, end + len(closing), spec.close_token)]
        made = node.slice
        if not (isinstance(made, ast.Call) and isinstance(made.func, ast.Name) and made.func.id == spec.body_func_wrapper):
            return []
        return [(start, end + len(closing), spec.token + made.args[0].value + spec.close_token)]

    def _span(self, node, kind):
        """Between which offsets the replacement begins."""
        if kind is AugmentationType.prefix or kind is AugmentationType.suffix:
            name = self._name(node)
            return None if name is None else (name[kind is AugmentationType.suffix],) * 2
        if kind is AugmentationType.dot_prefix:
            if isinstance(node, ast.Name):
                return (self._start(node),) * 2
            return (self._start(node), self._start(node.value)) if isinstance(node, (ast.Attribute, ast.Subscript)) else None
        if kind is AugmentationType.dot_suffix and isinstance(node, ast.Name):
            return (self._end(node),) * 2
        if kind is AugmentationType.dot_suffix and isinstance(node, ast.Attribute):
            return self._end(node.value), self._name(node)[0]
        if isinstance(node, ast.Subscript) and kind in (AugmentationType.dot_suffix, AugmentationType.subscript):
            return self._end(node.value), self._start(node.slice)
        if kind is AugmentationType.binop and isinstance(node, ast.BinOp):
            return self._end(node.left), self._start(node.right)
        if kind is AugmentationType.boolop and id(node) in self._next_operand:
            return self._end(node), self._start(self._next_operand[id(node)])
        if kind is AugmentationType.call and isinstance(node, ast.Call):
            return (self._end(node.func), *sorted(self._start(its) for its in (*node.args, *node.keywords)), self._end(node))[:2]
        return None

    def _name(self, node):
        """The span of the name that a node binds or reads."""
        if isinstance(node, ast.Name):
            return self._start(node), self._end(node)
        if isinstance(node, ast.Attribute):
            return self._end(node) - len(node.attr), self._end(node)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            start = self._plain.index(f" {node.name}", self._start(node)) + 1
            return start, start + len(node.name)
        if isinstance(node, (ast.Import, ast.ImportFrom)) and len(node.names) == 1:
            node = node.names[0]
        if isinstance(node, ast.alias):
            return self._end(node) - len(node.asname or node.name), self._end(node)
        if isinstance(node, (ast.arg, ast.keyword)) and node.arg is not None:
            return self._start(node), self._start(node) + len(node.arg)
        return None

    def _start(self, node):
        return offset_of(self._starts, node.lineno, node.col_offset)

    def _end(self, node):
        return offset_of(self._starts, node.end_lineno, node.end_col_offset)


def _place_exactly(tree, source):
    """Makes the columns of a tree count characters, in f-strings too."""
    lines = source.splitlines(keepends=True)

    def characters(line, column):
        text = lines[line - 1] if line <= len(lines) else ""
        return column if text.isascii() else len(text.encode()[:column].decode(errors="ignore"))

    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.JoinedStr) and sys.version_info < (3, 12):
            from .anchors import twins

            for value, twin, text, start in twins(node, source):
                _place_exactly(twin, text)
                _move(value, twin, _line_starts(text), _line_starts(source), start - 1)
            _place(node, characters)
            continue
        if "lineno" in node._attributes:
            _place(node, characters)
        pending.extend(ast.iter_child_nodes(node))


def _place(node, characters):
    node.col_offset = characters(node.lineno, node.col_offset)
    node.end_col_offset = characters(node.end_lineno, node.end_col_offset)


def _move(value, twin, starts_of_twin, starts, shift):
    """Gives the nodes of an expression the places that those of its twin have, `shift` characters on."""
    for node, its in zip(ast.walk(value), ast.walk(twin)):
        if "lineno" in node._attributes:
            first = line_col_of(starts, offset_of(starts_of_twin, its.lineno, its.col_offset) + shift)
            last = line_col_of(starts, offset_of(starts_of_twin, its.end_lineno, its.end_col_offset) + shift)
            node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = *first, *last
