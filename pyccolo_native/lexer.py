"""Python's tokenizer, as the core reads source with it: what is literal, comment or layout, and where tokens begin."""
from __future__ import annotations

import sys
import tokenize
from io import StringIO

from ._native import Source


def tokens(text):
    """The tokens of some source."""
    return tokenize.generate_tokens(StringIO(text, newline="").readline)


def fields(literal):
    """[(start, end)] of the expressions in an f-string, in the order they stand there, those in format specs too."""
    quote = min(at for at in (literal.find("'"), literal.find('"')) if at >= 0)
    length = 3 if literal[quote : quote + 3] == literal[quote] * 3 else 1
    found = []
    _scan_literal(literal, quote + length, len(literal) - length, "r" in literal[:quote].lower(), False, found)
    return found


def _scan_literal(text, at, end, is_raw, is_format, found):
    """Text and fields up to `end`, or to the brace that ends the field of a format; gives the offset behind it."""
    while at < end:
        char = text[at]
        if char == "\\" and not is_raw and text.startswith("N{", at + 1):
            at = text.find("}", at, end) + 1 or end
        elif char == "\\" and not is_raw and text.startswith("\\", at + 1):
            at += 2
        elif char == "{" and not is_format and text.startswith("{", at + 1):
            at += 2
        elif char == "{":
            at = _scan_field(text, at + 1, end, is_raw, found)
        elif char == "}" and is_format:
            return at
        else:
            at += 1
    return at


def _scan_field(text, at, end, is_raw, found):
    """One field, from behind its brace; gives the offset behind the other one."""
    start, depth, quote = at, 0, ""
    while at < end:
        char = text[at]
        if quote:
            if text.startswith(quote, at):
                at, quote = at + len(quote), ""
            else:
                at += 1
            continue
        if char in "'\"":
            quote = char * 3 if text.startswith(char * 3, at) else char
            at += len(quote)
            continue
        if char in "([{":
            depth += 1
        elif char in ")]}" and depth:
            depth -= 1
        elif not depth and char in "!=<>" and text.startswith("=", at + 1):
            at += 1
        elif not depth and char in "!:=}":
            break
        at += 1
    found.append((start, at))
    while at < end and text[at] not in ":}":
        at += 1  # what follows = or !
    if text.startswith(":", at):
        at = _scan_literal(text, at + 1, end, is_raw, True, found)
    return at + 1


class _Lexer:
    """What Source asks."""

    def __init__(self):
        named = {name: getattr(tokenize, name) for name in dir(tokenize) if name.isupper()}
        kinds = lambda *names: frozenset(named[name] for name in names if name in named)  # noqa: E731
        self.tokens = tokens
        self.fields = fields if sys.version_info < (3, 12) else None
        self.blank = kinds("NEWLINE", "NL", "INDENT", "DEDENT", "ENDMARKER", "ENCODING")
        self.opaque = kinds("STRING", "COMMENT")
        self.literal_begins = kinds("FSTRING_START", "TSTRING_START")
        self.literal_goes_on = kinds("FSTRING_MIDDLE", "TSTRING_MIDDLE")
        self.literal_ends = kinds("FSTRING_END", "TSTRING_END")


_lexer = _Lexer()


def source(text):
    """The Source of some text."""
    return Source(text, _lexer)


def tokens_by_line(lines):
    rows, depth = [[]], 0
    reading = tokenize.generate_tokens(iter(lines).__next__)
    try:
        for token in reading:
            rows[-1].append(token)
            if token.type == tokenize.NEWLINE or token.type == tokenize.NL and not depth:
                rows.append([])
            elif token.string in ("(", "[", "{"):
                depth += 1
            elif token.string in (")", "]", "}") and depth:
                depth -= 1
    except tokenize.TokenError:
        pass  # it ends inside of something: what there is will do
    return rows if rows[-1] else rows[:-1]
