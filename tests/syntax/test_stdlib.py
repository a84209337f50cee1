"""Files of the standard library: as they are, with tokens of new syntax put in, and as the tokenizer sees them."""
import ast
import io
import os
import random
import sys
import sysconfig
import tokenize
import warnings
from pathlib import Path

import pytest

from pyccolo_native import lexer

from . import sugar
from .conftest import Kind, Spec

EVERY = int(os.environ.get("PYCCOLO_TEST_EVERY", "40"))
"""One file in so many is taken."""
SPECS = [Spec(Kind[aug_type], token, replacement) for aug_type, token, replacement in sugar.KINDS.values()]
STRANGERS = [  # tokens that stand in no file, not even where a character of them does
    Spec(Kind.dot_suffix, "?.", "."),
    Spec(Kind.binop, "|>", "|"),
    Spec(Kind.boolop, "??", " or "),
    Spec(Kind.prefix, "$", ""),
    Spec(Kind.binop, "→", "|"),
    Spec(Kind.call, "!(", "("),
    Spec(Kind.subscript, "{|", "[", "|}", "]"),
    Spec(Kind.binop, "and_then", "|"),
]


def files():
    library = Path(sysconfig.get_paths()["stdlib"])
    paths = sorted(path for path in library.rglob("*.py") if "site-packages" not in path.relative_to(library).parts)
    return paths[::EVERY]


def source_of(path):
    """The source of a file; None if Python does not take it."""
    try:
        with tokenize.open(path) as file:
            source = file.read()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    return source


SOURCES = {path: source for path in files() if (source := source_of(path))}
EACH = pytest.mark.parametrize("source", SOURCES.values(), ids=[f"{path.parent.name}/{path.name}" for path in SOURCES])


def test_there_are_files():
    assert len(SOURCES) > 1000 / EVERY


@EACH
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_files_without_tokens_stay_as_they_are(tracer_with, source):
    tracer = tracer_with(*STRANGERS)
    assert tracer.transform(source, tracers=[tracer]) == source
    tracer.parse(source, instrument=False, tracers=[tracer])
    assert not any(tracer.augmented_node_ids_by_spec.values())


@EACH
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_tokens_put_in_are_taken_out_and_mark_their_nodes(tracer_with, source):
    random_ = random.Random(len(source))
    chosen = [place for place in sugar.places(source) if random_.random() < 0.3]
    tracer = tracer_with(*SPECS)
    augmented = sugar.sugared(source, chosen)
    assert tracer.transform(augmented, tracers=[tracer]) == source
    tree = tracer.parse(augmented, instrument=False, tracers=[tracer])
    found = {
        (sugar.described(node), spec.token)
        for node in ast.walk(tree)
        for spec in tracer.get_augmentations(node)
    }
    expected = sugar.marks(chosen)
    assert found - expected == set() and expected - found == set()


@EACH
def test_positions_move_with_what_they_are_at(tracer_with, source):
    random_ = random.Random(len(source))
    chosen = [place for place in sugar.places(source) if random_.random() < 0.3]
    tracer = tracer_with(*SPECS)
    augmented = sugar.sugared(source, chosen)
    starts = [0, *(at + 1 for at, char in enumerate(augmented) if char == "\n")]
    words = [
        (line, token.start[1])
        for line, text in enumerate(augmented.split("\n"), 1)
        for token in _words(text)
    ]
    code, moved = tracer.transform(augmented, tracers=[tracer], positions=words)
    lines = code.split("\n")
    for (line, column), place in zip(words, moved):
        assert augmented[starts[line - 1] + column] == lines[place.line - 1][place.col]


def _words(line):
    """The names of one line, as far as it can be read alone."""
    try:
        return [token for token in tokenize.generate_tokens(io.StringIO(line).readline) if token.type == tokenize.NAME]
    except (tokenize.TokenError, SyntaxError):
        return []


# ---- What the core leaves alone


@EACH
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_literals_and_comments_are_what_tokenize_says(source):
    read = lexer.source(source)
    read.find("x")
    expected = bytearray(len(source))
    mark_opaque(source, 0, len(source), expected)
    found = bytes(map(read.is_opaque, range(len(source))))
    assert found == bytes(expected), differences(source, found, expected)


def kinds(*names):
    return {getattr(tokenize, name) for name in names if hasattr(tokenize, name)}


LAYOUT = kinds("NEWLINE", "NL", "INDENT", "DEDENT", "ENDMARKER")
LITERAL = kinds("COMMENT", "STRING", *(f"{kind}STRING_{part}" for kind in "FT" for part in ("START", "MIDDLE", "END")))


def differences(source, found, expected):
    at = next(at for at, (one, other) in enumerate(zip(found, expected)) if one != other)
    return source[max(at - 60, 0) : at] + "⟨here⟩" + source[at : at + 60]


def mark_opaque(source, begin, end, opaque):
    """Sets the bytes of literals, comments and the dots of relative imports, by Python's tokenizer."""
    text = source[begin:end]
    starts = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
    behind_from, last, depth = False, None, []
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        if token.type in LAYOUT:
            continue
        first, behind = (begin + starts[line - 1] + column for line, column in (token.start, token.end))
        name = tokenize.tok_name[token.type]
        if last is not None:
            opaque[last:first] = b"\1" * (first - last)  # one of two braces, which tokenize leaves out
        last = behind if name.endswith("STRING_MIDDLE") else None
        if token.type in LITERAL:
            opaque[first:behind] = b"\1" * (behind - first)
        if name == "STRING" and sys.version_info < (3, 12) and "f" in token.string[: token.string.index(token.string[-1])].lower():
            mark_fields(source, first, token.string, opaque)
        if name.endswith("STRING_START"):
            depth.append([])
            last = behind
        elif name.endswith("STRING_END"):
            depth.pop()
        elif token.type == tokenize.OP and depth:
            if is_of_string(token.string, depth[-1]):
                opaque[first] = 1
        if token.string.strip(".") == "" and token.string and behind_from and token.type == tokenize.OP:
            opaque[first:behind] = b"\1" * (behind - first)
        elif name != "COMMENT":
            behind_from = token.string == "from"


def is_of_string(operator, open_):
    """Does an operator belong to the string around a field? `open_`: what is open in it, "{" of the string being "f"."""
    if not open_ or open_[-1] == ":":
        if operator == "{":
            open_.append("f")
            return True
        if operator == "}" and open_:
            del open_[-2:]
            return True
        return False
    if open_[-1] == "f" and operator == ":":
        open_.append(":")
        return True
    if open_[-1] == "f" and operator == "}":
        open_.pop()
        return True
    if operator in "([{":
        open_.append(operator)
    elif operator in ")]}":
        open_.pop()
    return False


def mark_fields(source, begin, literal, opaque):
    """The fields of an f-string that is one token: found by the core's own helper, which the tree must agree with."""
    own = list(fields_of(ast.parse(f"({literal})", mode="eval").body))
    found = lexer.fields(literal)
    assert len(own) == len(found), literal
    for field, (first, last) in zip(own, found):
        text = literal[first:last]
        assert ast.dump(ast.parse(f"(\n{text}\n)", mode="eval").body) == ast.dump(field.value), literal
        opaque[begin + first : begin + last] = bytes(last - first)
        inner = bytearray(last - first + 2)
        mark_opaque(f"({text})", 0, last - first + 2, inner)
        opaque[begin + first : begin + last] = inner[1:-1]


def fields_of(string):
    for value in string.values:
        if isinstance(value, ast.FormattedValue):
            yield value
            if value.format_spec is not None:
                yield from fields_of(value.format_spec)
