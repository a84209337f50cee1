"""Marks the nodes of a tree that stand where tokens were replaced."""
from __future__ import annotations

import ast

from . import _native
from .augmenting import Augmenter, decoded, journal_of
from .stmt_mapper import preorder
from .syntax_augmentation import _line_starts, line_col_of, offset_of


def mark_nodes(rewriter, tree, table=None):
    """Marks the nodes of `tree`, in {spec: set of ids}, for the places that `rewriter` has noted."""
    journal = journal_of(rewriter)
    places = journal.places(rewriter._augmented_positions_by_spec)
    if not places:
        return
    if table is None:
        table = rewriter._tracers[-1].augmented_node_ids_by_spec
    source = None if journal.last is None else journal.last.text
    rows = [(spec.custom.range_for if spec.is_custom else spec.aug_type.value, its) for spec, its in places]
    for (spec, _), nodes in zip(places, bound(tree, source, rows)):
        ids = table[spec]
        for node in nodes:
            _native.mark(ids, node)


def marked_tree(source, path, specs_of_tracers, table):
    """The tree of a file's bytes, with the syntax of some tracers' specs replaced, and its nodes marked."""
    from .ast_rewriter import AstRewriter

    rewriter, code = AstRewriter([], path), decoded(source)
    for specs in specs_of_tracers:
        code = Augmenter(rewriter).all(code, specs)[0]
    tree = _native.parse(code, path)
    mark_nodes(rewriter, tree, table)
    journal_of(rewriter).relocate_tree(tree)
    return tree


def bound(tree, source, rows):
    """For each row, (kind or range_for, places in characters of `source`), the nodes that it marks."""
    nodes, strings = _native.bind(tree, source, rows)
    for string in strings:
        for found, more in zip(nodes, _bound_in_fstring(string, source, rows)):
            found += more
    return nodes


def _bound_in_fstring(string, source, rows):
    """What `rows` mark in an f-string whose parts do not know where they stand."""
    found = [[] for _ in rows]
    for value, twin, text, start in [] if source is None else twins(string, source):
        starts = _line_starts(source)
        inside = [(kind, _inside(places, starts, start, text)) for kind, places in rows]
        for nodes, marked in zip(found, bound(twin, text, inside)):
            if marked:
                of_twin = {id(its): node for its, node in zip(preorder(twin), preorder(value))}
                nodes += [of_twin[id(its)] for its in marked]
    return found


def twins(string, source):
    """Each expression in an f-string, parsed for itself: [(it, its twin, source of the twin, offset behind the brace)].

    The source of a twin is in parentheses.
    """
    found = []
    for value, start, end in _fields(string, source):
        text = f"({source[start:end]})"
        found.append((value, ast.parse(text, mode="eval").body, text, start))
    return found


def _inside(places, starts, start, text):
    """The places of the source that are in `text`, which is in parentheses there, as places of it."""
    offsets = [offset_of(starts, *place) - start for place in places]
    own = _line_starts(text)
    return [line_col_of(own, offset + 1) for offset in offsets if 0 <= offset <= len(text) - 2]


def _fields(string, source):
    """(expression, its start, its end) of an f-string's fields, in offsets of the source."""
    from . import lexer

    starts = _line_starts(source)

    def offset(line, column):
        at = starts[line - 1]
        if source.isascii():
            return at + column
        return at + len(source[at : at + column].encode()[:column].decode(errors="ignore"))

    start, end = offset(string.lineno, string.col_offset), offset(string.end_lineno, string.end_col_offset)
    places = []
    segment = f"({source[start:end]})"
    own = _line_starts(segment)
    for token in lexer.tokens(segment):
        literal = token.string
        quote = min((at for at in (literal.find("'"), literal.find('"')) if at >= 0), default=0)
        if token.type == lexer.tokenize.STRING and "f" in literal[:quote].lower():
            at = start + offset_of(own, *token.start) - 1
            places += [(at + first, at + last) for first, last in lexer.fields(literal)]
    return [(field.value, *place) for field, place in zip(_own_fields(string), places)]


def _own_fields(string):
    """The fields of an f-string and of its format specs, not those of f-strings inside its expressions."""
    for value in string.values:
        if isinstance(value, ast.FormattedValue):
            yield value
            if value.format_spec is not None:
                yield from _own_fields(value.format_spec)
