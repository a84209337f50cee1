"""Pairs of tokens behind a name: NAME{ … }."""
from __future__ import annotations

import re
from collections import namedtuple
from keyword import iskeyword

from .lexer import source as source_of
from .syntax_augmentation import line_col_of

_Pair = namedtuple("_Pair", "name name_start open close")  # offsets
_Match = namedtuple("_Match", "name name_start open_start open_end close_start close_end")  # Positions
_NAME = re.compile(r"[^\W\d]\w*")
_LONGEST_NAME = 1000


def name_predicate(pattern):
    """Which names may stand before a pair."""
    if pattern is None:
        return lambda name: not iskeyword(name)
    matches = re.compile(pattern).fullmatch
    return lambda name: not iskeyword(name) and matches(name) is not None


def pairs_in(source, text, predicate, open_token, close_token):
    """The pairs of a Source, the outer before the inner, from left to right. One that is not closed is none."""
    opens, closes = source.find(open_token), source.find(close_token)
    marks = sorted([(at, True) for at in opens] + [(at, False) for at in closes])
    found, pending = [], []
    for at, is_open in marks:
        if is_open:
            pending.append(at)
        elif pending:
            start = pending.pop()
            name = _name_before(source, text, start)
            if name and predicate(name):
                found.append(_Pair(name, start - len(name), start, at))
    return sorted(found, key=lambda pair: pair.open)


def _name_before(source, text, at):
    start = at
    while start > 0 and at - start < _LONGEST_NAME and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    name = text[start:at]
    return name if _NAME.fullmatch(name) and not source.is_opaque(start) else ""


def replaced_pairs(source, text, spec):
    """(code, edits, offsets of the opening tokens in the code) of a source whose pairs are replaced."""
    closing = spec.close_token if spec.close_replacement is None else spec.close_replacement
    found = pairs_in(source, text, name_predicate(spec.name_pattern), spec.token, spec.close_token)
    changes, done = [], -1  # (start, end, text, whether it opens)
    for pair in found:
        end = pair.open + len(spec.token)
        if spec.body_func_wrapper is None:
            changes.append((pair.open, end, spec.replacement, True))
            changes.append((pair.close, pair.close + len(spec.close_token), closing, False))
        elif pair.open > done:
            done = pair.close  # what is inside will be looked at when it runs
            body = text[end : pair.close]
            lines = "\n" * body.count("\n")  # so that those behind keep their numbers
            call = f"{spec.body_func_wrapper}({body!r}, globals(), locals(){lines})"
            changes.append((pair.open, done + len(spec.close_token), spec.replacement + call + closing, True))
    parts, edits, brackets, last, size = [], [], [], 0, 0
    for start, end, new, opens in sorted(changes):
        parts += text[last:start], new
        size += start - last
        if opens:
            brackets.append(size)
        edits.append((start, end, len(new)))
        size += len(new)
        last = end
    return "".join([*parts, text[last:]]), edits, brackets


def first_pair(code, predicate, open_token, close_token):
    source = source_of(code)
    found = pairs_in(source, code, predicate, open_token, close_token)
    if not found:
        return None
    pair, starts = found[0], source.line_starts()
    ends = pair.open + len(open_token), pair.close, pair.close + len(close_token)
    return _Match(pair.name, *(line_col_of(starts, at) for at in (pair.name_start, pair.open, *ends)))


def pair_replacer(triggers, emit, open_token, close_token):
    names = None if triggers is None else frozenset(triggers)
    predicate = name_predicate(None) if names is None else names.__contains__

    def augment(code):
        while True:  # what was emitted may have pairs of its own
            found = pairs_in(source_of(code), code, predicate, open_token, close_token)
            if not found:
                return code
            pair = found[0]
            inside = code[pair.open + len(open_token) : pair.close]
            code = code[: pair.name_start] + emit(pair.name, inside) + code[pair.close + len(close_token) :]

    return augment
