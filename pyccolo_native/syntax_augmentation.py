"""New syntax: tokens that stand for Python's own, and what tells a handler that they stood there.

A spec says which token is replaced by what, and to which part of a node the place of the token belongs. What is done with
specs is in augmenting.py.
"""
from __future__ import annotations

import re
from bisect import bisect_right
from collections import namedtuple
from contextvars import ContextVar
from enum import Enum

__all__ = [
    "AugmentationSpec",
    "AugmentationType",
    "CustomRewrite",
    "Position",
    "Range",
    "fix_positions",
    "is_pure_transform",
    "line_col_of",
    "make_paired_delimiter_augmenter",
    "make_tokens_by_line",
    "offset_of",
    "remap_through_edits",
    "replace_paired_delimiters_and_get_augmented_positions",
    "replace_tokens_and_get_augmented_positions",
]


class AugmentationType(Enum):
    """Which node a replaced token marks, by where it stands."""

    prefix = "prefix"
    """before a name: of a variable, an attribute, a function or class being defined, a parameter, an import"""
    suffix = "suffix"
    """behind such a name"""
    dot_prefix = "dot_prefix"
    """before the value of an attribute or subscript, or before a variable"""
    dot_suffix = "dot_suffix"
    """behind the value of an attribute or subscript, or behind a variable"""
    binop = "binop"
    """between the operands of a binary operator"""
    boolop = "boolop"
    """behind an operand of `and` or `or`: marks that operand"""
    call = "call"
    """before the parenthesis of a call"""
    subscript = "subscript"
    """before the bracket of a subscript"""
    custom = "custom"
    """what a CustomRewrite says"""

    __hash__ = object.__hash__


Position = namedtuple("Position", "line col")
Position.__doc__ = "A line, from 1, and a column in characters, from 0."


class Range(namedtuple("Range", "start end")):
    """From one Position to another, both included."""

    __slots__ = ()

    @classmethod
    def singleton_span(cls, start, col):
        """The range of one place, given its line and column."""
        return cls(Position(start, col), Position(start, col))


class CustomRewrite:
    """A rewrite that no token can describe. What has these three methods will do; this class says what they are.

    rewrite(code, register) -> (new code, edits): edits are (start, end, new length) in offsets of `code`, sorted and apart.
        register(line, col) notes a place in the new code, in characters, at which range_for() will find a node.
    range_for(node) -> the Range of a node that this rewrite may have made (lines and columns as nodes have them), or None.
    reverse(node, spec, range, code, line_starts) -> (start, end, text) to put back into valid code, or None. Columns of
        `node` count characters here.
    """

    def rewrite(self, code, register):
        raise NotImplementedError(f"{type(self).__name__} has no rewrite()")

    def range_for(self, node):
        raise NotImplementedError(f"{type(self).__name__} has no range_for()")

    def reverse(self, node, spec, aug_range, code, line_starts):
        raise NotImplementedError(f"{type(self).__name__} has no reverse()")


class AugmentationSpec(
    namedtuple(
        "AugmentationSpec",
        "aug_type token replacement close_token close_replacement name_pattern body_func_wrapper custom",
        defaults=(None, None, None, None, None),
    )
):
    """One kind of new syntax.

    aug_type: the AugmentationType, which says what node is marked.
    token, replacement: what stands in the source, and what Python gets to see in its place.
    close_token, close_replacement: a pair instead, NAME token … close_token.
    name_pattern: a regular expression for the names before a pair; any name that is no keyword otherwise.
    body_func_wrapper: what is between a pair becomes NAME replacement wrapper('source', globals(), locals()) close_replacement.
    custom: a CustomRewrite, for AugmentationType.custom.
    """

    __slots__ = ()

    def __new__(cls, aug_type, token, replacement, *args, **kwargs):
        spec = super().__new__(cls, aug_type, token, replacement, *args, **kwargs)
        spec._check()
        return spec

    def _check(self):
        if not isinstance(self.aug_type, AugmentationType):
            raise TypeError(f"aug_type is an AugmentationType, not {self.aug_type!r}")
        for name in ("token", "replacement", "close_token", "close_replacement"):
            value = getattr(self, name)
            if not isinstance(value, str) and not (name.startswith("close") and value is None):
                raise TypeError(f"{name} of an augmentation is a str, not {value!r}")
        if (self.aug_type is AugmentationType.custom) != (self.custom is not None):
            raise ValueError("an augmentation has a CustomRewrite if, and only if, it is of AugmentationType.custom")
        if self.custom is None and (not self.token.strip() or self.close_token == ""):
            raise ValueError(f"a token of an augmentation cannot be empty or blank: {self.token!r}, {self.close_token!r}")
        if any(end in self.token + (self.close_token or "") for end in "\r\n"):
            raise ValueError(f"a token of an augmentation cannot go over the end of a line: {self.token!r}")
        if self.token == self.close_token:
            raise ValueError(f"the tokens of a pair cannot be the same: {self.token!r}")
        if self.name_pattern is not None:
            try:
                re.compile(self.name_pattern)
            except re.error as error:
                raise ValueError(f"name_pattern {self.name_pattern!r} is no regular expression: {error}") from None

    @property
    def is_paired(self):
        return self.close_token is not None

    @property
    def is_custom(self):
        return self.custom is not None


_PURE_TRANSFORM = ContextVar("pyccolo_pure_transform", default=False)


def is_pure_transform():
    """Is source being transformed, here and now, only to be looked at? Then rewrites leave the state of the run alone."""
    return _PURE_TRANSFORM.get()


# ---- Offsets and places


def _line_starts(code):
    """The offset of each line."""
    starts = [0]
    starts.extend(match.end() for match in re.finditer(r"\r\n|\n|\r", code))
    return starts


def offset_of(line_starts, line, col):
    """The offset of a column of a line, which counts from 1."""
    return line_starts[line - 1] + col


def line_col_of(line_starts, off):
    """The Position of an offset."""
    index = max(bisect_right(line_starts, off) - 1, 0)
    return Position(index + 1, off - line_starts[index])


def remap_through_edits(edits, off):
    """Where an offset lies after edits (start, end, new length), which are sorted and apart; inside of one, at its start."""
    from ._native import remap

    return remap(edits, [off])[0]


def fix_positions(pos_by_spec, spec_order):
    """{spec: sorted Positions} in the final source, of Positions each in the source as it was after its spec's own replacements.

    The specs were applied in the order of `spec_order`. Only what is on the same line counts: rewriters that were given
    their source by a tracer know their places exactly, and do without.
    """
    by_line = {}
    for spec, positions in pos_by_spec.items():
        for line, col in sorted(positions):
            by_line.setdefault(line, {}).setdefault(spec, []).append(col)
    fixed = {}
    for line, columns in by_line.items():
        for number, later in enumerate(spec_order):
            if later.is_custom or later not in columns:
                continue
            growth = len(later.replacement) - len(later.token)
            for earlier in spec_order[:number]:
                if earlier != later and earlier in columns:
                    columns[earlier] = [_shifted(col, columns[later], growth) for col in columns[earlier]]
        for spec, its in columns.items():
            fixed.setdefault(spec, []).extend(Position(line, col) for col in its)
    return {spec: sorted(positions) for spec, positions in fixed.items()}


def _shifted(col, edited, growth):
    """A column after the tokens that now stand at the columns `edited` have each made the line longer by `growth`."""
    for at in edited:
        if at - growth > col:
            break
        col += growth
    return col


# ---- The parts of augmenting.py under the names they have in Pyccolo


def replace_tokens_and_get_augmented_positions(code, specs, rewriter, positions=None):
    """(code with the tokens of `specs` replaced, the specs that had any). Notes their places in `rewriter`, if there is
    one; moves the offsets in `positions` along."""
    from .augmenting import Augmenter

    return Augmenter(rewriter, positions).tokens(code, specs)


def replace_paired_delimiters_and_get_augmented_positions(code, specs, rewriter, positions=None):
    """replace_tokens_and_get_augmented_positions() for pairs."""
    from .augmenting import Augmenter

    return Augmenter(rewriter, positions).pairs(code, specs)


def _replace_tokens_and_get_augmented_positions_inner(generic_tokens, spec):
    """(code, places of the spec's tokens after the replacement, and before). `generic_tokens`: source, or its tokens."""
    from .augmenting import replaced_in_tokens

    return replaced_in_tokens(generic_tokens, spec)


def _find_first_paired_construct(code, name_predicate, open_tok, close_tok):
    """The first NAME open … close of some source, or None."""
    from .pairs import first_pair

    return first_pair(code, name_predicate, open_tok, close_tok)


def make_paired_delimiter_augmenter(triggers, emit, open_tok="{", close_tok="}"):
    """A function from source to source: each TRIGGER open … close becomes emit(trigger, what is between).

    triggers: the names that may stand there; None for any that is no keyword.
    """
    from .pairs import pair_replacer

    return pair_replacer(triggers, emit, open_tok, close_tok)


def make_tokens_by_line(lines):
    """The tokens of some lines, with their ends: a list for each line that Python would see, up to the first error."""
    from .lexer import tokens_by_line

    return tokens_by_line(lines)
