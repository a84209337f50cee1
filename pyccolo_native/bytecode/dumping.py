"""Code as text that asm() reads."""
from __future__ import annotations

import keyword
import re

from . import literals
from .core import CodeCore, Instr, Label, SetLineno, TryBegin, TryEnd
from .listing import listing
from .operand_text import bits_text, position_text, variable_kind
from .subjects import code_of, nested_code, operand_kind
from .versions import RUNNING_MINOR, is_known

_PLAIN_NAME = re.compile(r"[^\W\d][\w.]*|\.[\w.]+")
_LONGEST_COMMENT = 60


def dump(code, binds=None, *, minor=RUNNING_MINOR):
    """The text of a Code, a code object, or a function or another object that has one, with all nested code; see asm().

    binds: a dict to be filled with the constants that are no literals, by the name that stands for them in the text:
        asm(dump(code, binds), **binds) is the same code.
    minor: as if CPython 3.`minor` ran; if that is not known, the text is the listing by dis, which asm() does not read.

    Raises TypeError for other objects.
    """
    if not is_known(minor):
        return listing(code, minor=minor, recursive=True)
    return _Dump(code_of(code), {} if binds is None else binds).text()


class _Dump:
    """The text of a Code and all code inside it."""

    def __init__(self, code, binds):
        self.binds = binds
        self.names = {}  # {id of an object: the name it is given by}
        self.codes = []
        self.numbers = {}  # {id of a Code, or of the code object it was made from: its number}
        self.number_of(code)

    def text(self):
        lines = [f"version = {self.codes[0].version!r}"]
        for number, code in enumerate(self.codes):  # which grows
            lines += ["", f"code {number}:", *_CodeDump(self, code).lines()]
        return "\n".join(lines) + "\n"

    def number_of(self, code):
        number = self.numbers.get(id(code))
        if number is None:
            number = self.numbers[id(code)] = len(self.codes)
            self.codes.append(code)
            if code.origin is not None:
                self.numbers.setdefault(id(code.origin), number)
        return number

    def constant(self, value):
        return literals.write(value, self.other)

    def other(self, value):
        """The text of code, or of an object."""
        if isinstance(value, CodeCore):
            return f"code({self.number_of(value)})"
        if id(value) in self.numbers:
            return f"code({self.numbers[id(value)]})"
        code = nested_code(value)
        return f"{{{self.bind(value)}}}" if code is None else f"code({self.number_of(code)})"

    def bind(self, value):
        name = self.names.get(id(value))
        if name is None:
            own = getattr(value, "__name__", None)
            if not isinstance(own, str) or not own.isidentifier() or keyword.iskeyword(own):
                own = type(value).__name__
            name, again = own, 1
            while name in self.binds:
                again += 1
                name = f"{own}_{again}"
            self.names[id(value)] = name
            self.binds[name] = value
        return name


class _CodeDump:
    """The lines of one Code."""

    def __init__(self, dump_of_all, code):
        self.all = dump_of_all
        self.code = code
        self.labels = {}
        self.begins = {}

    def lines(self):
        items = list(self.code)
        for item in items:
            if isinstance(item, Label):
                self.labels[id(item)] = f"L{len(self.labels) + 1}"
        # Operands first: constants of the header may be code that an instruction loads, changed.
        body = [self.item(item) for item in items]
        metadata = self.code.metadata()
        header = [f"    {name} = {self.all.constant(value)}" for name, value in metadata.items()]
        return [*header, "", *body]

    def item(self, item):
        if isinstance(item, Instr):
            return self.instruction(item)
        if isinstance(item, Label):
            return f"    {self.labels[id(item)]}:"
        if isinstance(item, SetLineno):
            return f"    line {item.lineno}"
        if isinstance(item, TryBegin):
            number = self.begins[id(item)] = len(self.begins) + 1
            details = "".join(
                [" lasti"] * item.lasti
                + [f" depth={item.depth}"] * (item.depth is not None)
                + [f" drop={item.drop}"] * bool(item.drop)
            )
            return f"    try {number} -> {self.label(item.target)}{details}"
        if isinstance(item, TryEnd):
            return "    end" if item.begin is None else f"    end {self.begins.get(id(item.begin), '?')}"
        raise TypeError(f"{item!r} is no item of a Code")

    def label(self, label):
        # One that is in no place keeps a name of its own; asm() says so.
        return self.labels.setdefault(id(label), f"L{len(self.labels) + 1}")

    def instruction(self, instr):
        position = position_text(instr.location) if instr.is_located else ""
        return f"        {position:<15} {instr.name:<24} {self.operand(instr)}".rstrip()

    def operand(self, instr):
        arg, kind = instr.arg, operand_kind(instr)
        if kind == "None":
            return ""
        if kind == "Const":
            text = self.all.constant(arg)
            return f"{text}{_comment(arg)}" if text.startswith(("{", "code(")) else text
        if isinstance(arg, Label):
            return self.label(arg)
        if kind.startswith("Name"):
            return " + ".join([_name(arg), *bits_text(kind, getattr(arg, "flags", 0))])
        if kind in ("Fast", "Deref"):
            return _variable(arg)
        if kind == "FastPair":
            return ", ".join(map(_variable, arg))
        return getattr(arg, "symbol", None) or str(int(arg))


def _name(name):
    text = str(name)
    return text if _PLAIN_NAME.fullmatch(text) else repr(text)


def _variable(variable):
    return f"{variable_kind(variable)} {_name(variable)}".lstrip()


def _comment(value):
    try:
        words = " ".join(ascii(f"{value.qualname}, line {value.firstlineno}" if isinstance(value, CodeCore) else value).split())
    except Exception:
        return ""
    return f"  # {words[:_LONGEST_COMMENT]}"
