"""Puts tokens of new syntax into plain source at places chosen by its tree, and says which nodes they must mark."""
import ast
import bisect
import io
import sys
import tokenize
from typing import NamedTuple

#         kind: (aug_type, token, replacement)
KINDS = {
    "attribute": ("dot_suffix", "?.", "."),
    "pipe": ("binop", "|>", "|"),
    "plus": ("binop", "+++", "+"),
    "or": ("boolop", "??", "or"),
    "call": ("call", "!(", "("),
    "subscript": ("subscript", "?[", "["),
    "name": ("prefix", "$", ""),
}
OPERATORS = {ast.BitOr: "pipe", ast.Add: "plus"}


class Place(NamedTuple):
    """Where a token may stand instead of its replacement: offset, kind, and the nodes that it then marks."""

    offset: int
    kind: str
    nodes: tuple


class _Places:
    def __init__(self, source):
        self.lines = source.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self.tokens = [
            (self.starts[token.start[0] - 1] + token.start[1], token.string)
            for token in tokenize.generate_tokens(io.StringIO(source, newline="").readline)
            if token.type in (tokenize.OP, tokenize.NAME)
        ]
        self.offsets = [offset for offset, _ in self.tokens]
        self.found = []
        tree = ast.parse(source)
        self.names_ending = {}
        for node in walk(tree):
            if isinstance(node, ast.Name):
                self.names_ending[self.end(node)] = node
        for node in walk(tree):
            self.visit(node)

    def offset(self, line, column):
        text = self.lines[line - 1]
        return self.starts[line - 1] + (column if text.isascii() else len(text.encode()[:column].decode()))

    def start(self, node):
        return self.offset(node.lineno, node.col_offset)

    def end(self, node):
        return self.offset(node.end_lineno, node.end_col_offset)

    def first(self, text, at):
        """The offset of the first such token from `at` on."""
        index = bisect.bisect_left(self.offsets, at)
        return next(offset for offset, string in self.tokens[index:] if string == text)

    def visit(self, node):
        if isinstance(node, ast.Attribute):
            dot = self.first(".", self.end(node.value))
            name = self.names_ending.get(dot)
            self.add(dot, "attribute", node, *([name] if name else []))
        elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            kind = OPERATORS[type(node.op)]
            self.add(self.first(KINDS[kind][2], self.end(node.left)), kind, node)
        elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            for value in node.values[:-1]:
                self.add(self.first("or", self.end(value)), "or", value)
        elif isinstance(node, ast.Call):
            self.add(self.first("(", self.end(node.func)), "call", node)
        elif isinstance(node, ast.Subscript):
            self.add(self.first("[", self.end(node.value)), "subscript", node)
        elif isinstance(node, ast.Name):
            self.add(self.start(node), "name", node)

    def add(self, offset, kind, *nodes):
        self.found.append(Place(offset, kind, nodes))


def walk(tree):
    """The nodes of a tree whose places are known: those in f-strings only from Python 3.12 on."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, ast.JoinedStr) or sys.version_info >= (3, 12):
            pending.extend(ast.iter_child_nodes(node))


def places(source):
    """The Places of some source, from left to right."""
    return sorted(_Places(source).found, key=lambda place: place.offset)


def sugared(source, chosen):
    """The source with the tokens of the chosen places, which are sorted."""
    parts, done = [], 0
    for offset, kind, _ in chosen:
        _, token, replacement = KINDS[kind]
        parts += source[done:offset], token
        done = offset + len(replacement)
    return "".join([*parts, source[done:]])


def described(node):
    return type(node).__name__, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def marks(chosen):
    """{(a node, token)} of what the chosen places mark."""
    return {(described(node), KINDS[place.kind][1]) for place in chosen for node in place.nodes}
