"""Code from text: what dump() writes, and what people do."""
from __future__ import annotations

import ast
import difflib
import re
from types import CodeType

from . import literals
from .code import Code
from .core import Instr, Label, SetLineno, TryBegin, TryEnd
from .errors import BytecodeError
from .opcodes import TABLE
from .operand_text import NAME_BITS
from .operands import SYMBOLS, CellVar, FreeVar, FunctionAttribute, Name
from .versions import RUNNING_MINOR, require_known

_BLOCK = re.compile(r"code\s+(\d+)\s*:")
_SETTING = re.compile(r"([a-z_]+)\s*=\s*(.*)")
_LABEL = re.compile(r"(\w+)\s*:")
_TRY = re.compile(r"try(?:\s+(\w+))?\s*->\s*(\w+)(.*)")
_END = re.compile(r"end(?:\s+(\w+))?")
_LINE = re.compile(r"line\s+(\d+)")
_INSTRUCTION = re.compile(
    r"(?:(?P<nowhere>-)\s+|(?P<line>\d+)(?::(?P<column>\d+|\?)-(?P<end_line>\d+):(?P<end_column>\d+|\?))?\s+)?(?P<name>[A-Za-z]\w*)"
    r"(?:\s*#.*|\s+(?P<operand>.*))?"
)
_WORD = re.compile(r"""\s*(?:(?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<word>[\w.]+)|(?P<sign>[,+]))""")
_VARIABLES = {"cell": CellVar, "free": FreeVar}
_SETTINGS = {
    *("args", "posonly", "kwonly", "varargs", "varkwargs", "freevars", "cellvars", "newlocals", "name", "qualname", "filename"),
    *("firstlineno", "docstring", "flags", "consts", "names", "varnames"),
}


class _Wrong(ValueError):
    """What is wrong with a line; asm() adds which."""


def asm(text, /, **bind):
    """The Code that a text tells.

    A line is one of these; `#` begins a comment:
        NAME operand                    an instruction. Operands: constants as literals, {name} for an object of `bind`, code(1) for the
                                        block `code 1:`; names, with `+ NULL`, `+ method`, `+ two`, `+ lazy`; variables as x, cell x,
                                        free x; labels; numbers; the symbols of operators and the like: <, +=, AssertionError
        3:4-3:9 NAME operand            the same with lines and columns of both ends; `3 NAME` tells the line only, `- NAME` that there is none
        label:                          a place to jump to
        try -> label lasti depth=1 drop=1       a range of the exception table begins; all but the label can be left out
        end                             the innermost range ends. With `try 1 -> label` it is `end 1` that ends it
        line 3                          the line of the instructions that follow
        name = constant                 an argument of Code(), before the first instruction
        code 1:                         nested code begins; numbers are free to choose, the first block is the result
        version = (3, 13)               an error if another version of CPython runs

    bind: objects by the name that stands for them in braces. A code object becomes nested code, as a Code does.

    Raises BytecodeError, which names the line, if the text makes no sense; what to_code() raises if nested code does not;
    NotImplementedError on a version of CPython that is not known.
    """
    require_known()
    return _Assembly(text, bind).result()


class _Block:
    """The lines of one code."""

    def __init__(self, number, line):
        self.number = number
        self.line = line
        self.settings = {}
        self.items = []  # (number of the line, the item or a function that makes it)
        self.labels = {}
        self.placed = {}
        self.begins = {}
        self.wanted = {}  # {label: the line that wants it}


class _Assembly:
    """All blocks of a text."""

    def __init__(self, text, bind):
        self.bound = bind
        self.blocks = {}
        self.made = {}  # {number of a block: its code object}
        self.nested = {}  # {id of a code object: its Code}
        self.being_made = set()
        self.line = 0
        self.first = None
        for number, line in enumerate(text.split("\n"), 1):
            self.line = number
            self.guarded(self.read_line, line.strip())

    def guarded(self, function, *args):
        try:
            return function(*args)
        except BytecodeError:
            raise
        except (ValueError, TypeError) as error:
            raise BytecodeError(f"line {self.line}: {error}") from None

    def result(self):
        if self.first is None:
            raise BytecodeError(f"line {max(self.line, 1)}: there is no code in the text")
        return self.code(self.first.number)

    # ---- lines

    def read_line(self, line):
        if not line or line.startswith("#"):
            return
        plain = _without_comment(line)
        if match := _BLOCK.fullmatch(plain):
            self.begin_block(int(match[1]))
        elif match := _SETTING.match(line):
            self.setting(match[1], match[2])
        elif match := _LABEL.fullmatch(plain):
            self.label(match[1])
        elif match := _TRY.fullmatch(plain):
            self.try_begin(*match.groups())
        elif match := _END.fullmatch(plain):
            self.try_end(match[1])
        elif match := _LINE.fullmatch(plain):
            self.add(SetLineno(int(match[1])))
        elif match := _INSTRUCTION.fullmatch(line):
            self.instruction(match)
        else:
            raise _Wrong(f"{line!r} is nothing that is known")

    def begin_block(self, number):
        if number in self.blocks:
            raise _Wrong(f"code {number} is there already, from line {self.blocks[number].line} on")
        self.current = self.blocks[number] = _Block(number, self.line)
        if self.first is None:
            self.first = self.current

    def block(self):
        if self.first is None:
            self.begin_block(0)
        return self.current

    def add(self, item):
        self.block().items.append((self.line, item))

    def setting(self, name, text):
        if name == "version" and not (self.first and self.current.items):
            version = self.constant(text)
            if version != (3, RUNNING_MINOR):
                shown = ".".join(map(str, version)) if isinstance(version, tuple) else repr(version)
                raise _Wrong(f"this is for CPython {shown}, and 3.{RUNNING_MINOR} runs")
            return
        if name not in _SETTINGS:
            near = difflib.get_close_matches(name, _SETTINGS, n=1)
            raise _Wrong(f"{name} is no argument of Code()" + (f"; {near[0]} is" if near else ""))
        block = self.block()
        if block.items:
            raise _Wrong(f"{name} stands behind instructions")
        if name in block.settings:
            raise _Wrong(f"{name} is there already, in line {block.settings[name][0]}")
        block.settings[name] = (self.line, literals.parse(text))

    def label(self, name):
        block = self.block()
        if name in block.placed:
            raise _Wrong(f"the label {name} is there already, in line {block.placed[name]}")
        block.placed[name] = self.line
        self.add(block.labels.setdefault(name, Label()))

    def label_named(self, name):
        block = self.block()
        block.wanted.setdefault(name, self.line)
        return block.labels.setdefault(name, Label())

    def try_begin(self, name, target, details):
        options = {}
        for word in details.split():
            key, _, value = word.partition("=")
            if word == "lasti":
                options["lasti"] = True
            elif key in ("depth", "drop") and value.isdecimal():
                options[key] = int(value)
            else:
                raise _Wrong(f"{word!r} is nothing that a range has; lasti, depth=1 and drop=1 are")
        begin = TryBegin(self.label_named(target), **options)
        if name is not None:
            if name in self.block().begins:
                raise _Wrong(f"try {name} is there already")
            self.block().begins[name] = begin
        self.add(begin)

    def try_end(self, name):
        if name is None:
            self.add(TryEnd())
        elif name in self.block().begins:
            self.add(TryEnd(self.block().begins[name]))
        else:
            raise _Wrong(f"there is no try {name} before")

    # ---- instructions

    def instruction(self, match):
        name, text = match["name"], match["operand"] or ""
        if name not in TABLE.opmap:
            near = difflib.get_close_matches(name.upper(), TABLE.opmap, n=3)
            raise _Wrong(f"CPython 3.{TABLE.minor} has no instruction {name}" + (f"; there is {', '.join(near)}" if near else ""))
        location = _location(match)
        kind = TABLE.operands[name]
        if kind == "Const":
            if not text:
                raise _Wrong(f"{name} needs a constant")
            node = literals.parse(text)
            self.add(lambda known: Instr(name, self.operand_constant(node, known), **location))
        else:
            self.add(Instr(name, self.operand(name, kind, _without_comment(text)), **location))

    def operand(self, name, kind, text):
        if kind == "None":
            if text:
                raise _Wrong(f"{name} has no operand")
            return None
        if not text:
            raise _Wrong(f"{name} needs an operand")
        if kind == "Count":
            return _number(name, text)
        if kind in SYMBOLS:
            return _symbol(name, kind, text)
        words = _words(text)
        if kind.startswith("Jump"):
            if words and words[0] == "to":
                words = words[1:]
            if len(words) != 1:
                raise _Wrong(f"{name} takes a label, not {text!r}")
            return self.label_named(words[0])
        if kind.startswith("Name"):
            return _name(name, kind, words)
        if kind == "FastPair":
            comma = words.index(",") if "," in words else len(words)
            return _variable(name, words[:comma]), _variable(name, words[comma + 1 :])
        return _variable(name, words)

    # ---- constants and code

    def constant(self, text):
        return literals.read(text, self.bind, self.code_object)

    def setting_value(self, node):
        """The value of a setting. Nested code in it is a code object."""
        return literals.read_node(node, lambda name: _code_object(self.bind(name)), self.code_object)

    def operand_constant(self, node, known):
        """The constant of an instruction: nested code is a Code; what is `known`, {key of a constant: the constant}, is that one."""
        value = literals.read_node(node, self.bind, self.code_object)
        if isinstance(value, CodeType):
            return self.nested.setdefault(id(value), Code.from_code(value))
        return known.get(_key(value), value)

    def bind(self, name):
        if name not in self.bound:
            given = f"given are {', '.join(self.bound)}" if self.bound else "none is given"
            raise _Wrong(f"{{{name}}} stands for an object, which asm() is to be given as {name}=...; {given}")
        return self.bound[name]

    def code_object(self, number):
        """The code object of a block. One for all that ask for it: it has one place among the constants."""
        if number not in self.made:
            if number in self.being_made:
                raise _Wrong(f"code {number} contains itself")
            self.being_made.add(number)
            code = self.code(number)
            try:
                self.made[number] = code.to_code()
            except Exception as error:
                error.add_note(f"in code {number}, which begins at line {self.blocks[number].line}")
                raise
            self.being_made.discard(number)
        return self.made[number]

    def code(self, number):
        block = self.blocks.get(number)
        if block is None:
            raise _Wrong(f"there is no code {number}; there are {', '.join(map(str, self.blocks))}")
        for name, line in block.wanted.items():
            if name not in block.placed:
                raise BytecodeError(f"line {line}: there is no label {name}")
        before = self.line
        settings = {}
        for name, (self.line, node) in block.settings.items():
            settings[name] = self.guarded(self.setting_value, node)
        constants = settings.get("consts", ())
        known = {_key(constant): constant for constant in constants} if isinstance(constants, tuple) else {}
        items = []
        for self.line, item in block.items:
            items.append(self.guarded(item, known) if callable(item) else item)
        self.line = block.line
        code = self.guarded(lambda: Code(items, **settings))
        self.line = before
        return code


def _code_object(value):
    return value.to_code() if isinstance(value, Code) else value


def _key(constant):
    """The same for constants that are the same."""
    return literals.write(constant, lambda other: f"object {id(other)}")


def _location(match):
    """The keyword arguments of Instr() for the position."""
    if match["nowhere"]:
        return {"location": None}
    if match["line"] is None:
        return {}
    line = int(match["line"])
    if match["end_line"] is None:
        return {"location": (line, line, None, None)}
    columns = [None if match[end] == "?" else int(match[end]) for end in ("column", "end_column")]
    return {"location": (line, int(match["end_line"]), *columns)}


def _without_comment(line):
    """The line up to a `#` that is outside of quotes."""
    quote, escaped = "", False
    for index, character in enumerate(line):
        if escaped:
            escaped = False
        elif quote:
            escaped = character == "\\"
            if character == quote:
                quote = ""
        elif character in "'\"":
            quote = character
        elif character == "#":
            return line[:index].rstrip()
    return line.rstrip()


def _words(text):
    """The names, quoted names and signs of an operand; quoted ones come as a str without quotes."""
    words, at = [], 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            raise _Wrong(f"{text!r} cannot be read: there is something else than names at {text[at:]!r}")
        words.append(ast.literal_eval(match["quoted"]) if match["quoted"] else match[match.lastgroup])
        at = match.end()
    return words


def _number(name, text):
    try:
        return int(text, 0)
    except ValueError:
        raise _Wrong(f"{name} takes a number, not {text!r}") from None


def _symbol(name, kind, text):
    symbols = SYMBOLS[kind]
    if text in symbols:
        return symbols[text]
    if kind == "FunctionAttribute" and all(part in symbols for part in text.split("|")):
        value = FunctionAttribute(0)
        for part in text.split("|"):
            value |= symbols[part]
        return value
    if re.fullmatch(r"\d+|0x[\da-fA-F]+", text):
        return int(text, 0)
    near = difflib.get_close_matches(text, symbols, n=3, cutoff=0.5) or [*symbols][:6]
    raise _Wrong(f"{name} takes a {kind} such as {' '.join(near)}, not {text!r}")


def _name(name, kind, words):
    if not words:
        raise _Wrong(f"{name} needs a name")
    bits = {word: bit for bit, word in NAME_BITS.get(kind, {}).items()}
    flags = 0
    for plus, word in zip(words[1::2], words[2::2]):
        if plus != "+" or not (word in bits or word.isdecimal()):
            break
        flags |= bits.get(word) or int(word)
    else:
        if len(words) % 2:
            return Name(words[0], flags) if flags else words[0]
    known = f" ({', '.join(f'+ {word}' for word in bits)})" if bits else ""
    raise _Wrong(f"{name} takes a name{known}, not {' '.join(words)!r}")


def _variable(name, words):
    if len(words) == 1 and words[0] not in (",", "+"):
        return words[0]
    if len(words) == 2 and words[0] in _VARIABLES:
        return _VARIABLES[words[0]](words[1])
    raise _Wrong(f"{name} takes a variable (x, cell x or free x), not {' '.join(words)!r}")
