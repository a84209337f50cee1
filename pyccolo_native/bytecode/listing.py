"""Code printed for people."""
from __future__ import annotations

import dis
import io
from types import CodeType

from .core import CodeCore, Instr, Label, SetLineno, TryBegin, TryEnd
from .operand_text import bits_text, position_text, variable_kind
from .subjects import code_object_of, code_of, label_of, nested_code, operand_kind
from .versions import RUNNING_MINOR, is_known

_CODE_FIELDS = (
    *("co_name", "co_qualname", "co_filename", "co_firstlineno", "co_argcount", "co_posonlyargcount", "co_kwonlyargcount"),
    *("co_nlocals", "co_stacksize", "co_flags", "co_consts", "co_names", "co_varnames", "co_cellvars", "co_freevars"),
    *("co_code", "co_linetable", "co_exceptiontable"),
)
_DATA = (
    *("name", "qualname", "filename", "firstlineno", "args", "posonly", "kwonly", "varargs", "varkwargs", "newlocals"),
    *("flags", "docstring", "consts", "names", "varnames", "cellvars", "freevars"),
)


def printcodelist(code, file=None, *, positions=False, exceptions=True, offsets=False, recursive=False, minor=RUNNING_MINOR):
    """Prints instructions: line, `>>` where jumps go, index in the list, name and operand; jumps say `to` which index.

    code: a Code, a list of its items, a code object, or a function or another object that has one.
    file: where to; sys.stdout by default.
    positions: shows lines and columns too, as 3:4-3:9.
    exceptions: shows where ranges of the exception table begin and end: `try to` the index of the handler.
    offsets: shows where instructions were in co_code.
    recursive: goes on with nested code.
    minor: as if CPython 3.`minor` ran; code of a version that is not known is listed by dis, as far as that knows it.

    Raises TypeError for other objects.
    """
    if not is_known(minor):
        _list_by_dis(code, file, recursive)
        return
    waiting = [code if isinstance(code, list) else code_of(code)]
    is_nested = False
    while waiting:
        one = waiting.pop()
        if is_nested:
            print(f"\n{_title(one)}:", file=file)
        print(_Listing(list(one), positions, exceptions, offsets).text(), file=file)
        is_nested = True
        if recursive:
            waiting += reversed(_nested(one))


def listing(code, **options):
    """What printcodelist() prints, as a str that does not end with a line break."""
    text = io.StringIO()
    printcodelist(code, text, **options)
    return text.getvalue().removesuffix("\n")


def display(co, file=None, *, recursive=False, minor=RUNNING_MINOR):
    """Prints all fields of a code object or a Code, and the listing.

    co: also a function or another object that has a code object.
    file: where to; sys.stdout by default.
    recursive: goes on with nested code.
    minor: as for printcodelist().

    Raises TypeError for other objects.
    """
    waiting = [co if isinstance(co, CodeCore) else code_object_of(co)]
    is_first = True
    while waiting:
        one = waiting.pop()
        if not is_first:
            print(file=file)
        is_first = False
        print(f"{_title(one)}:", file=file)
        fields = _CODE_FIELDS if isinstance(one, CodeType) else _DATA
        for name in fields:
            print(f"    {name:<18} {_field_text(name, getattr(one, name))}", file=file)
        if not isinstance(one, CodeType):
            print(f"    {'stacksize':<18} {_stacksize_text(one)}", file=file)
        printcodelist(one, file, positions=True, offsets=True, minor=minor)
        if recursive:
            waiting += reversed([constant for constant in one.co_consts if isinstance(constant, CodeType)]
                                if isinstance(one, CodeType) else _nested(one))


def _title(code):
    if isinstance(code, CodeType):
        return f"code {code.co_qualname}, file {code.co_filename!r}, line {code.co_firstlineno}"
    if isinstance(code, CodeCore):
        return f"code {code.qualname or code.name}, file {code.filename!r}, line {code.firstlineno}"
    return "list"


def _field_text(name, value):
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if name in ("co_flags", "flags"):
        return f"{value:#x} {dis.pretty_flags(value)}" if value else "0"
    return repr(value)


def _stacksize_text(code):
    try:
        return code.stacksize()
    except ValueError as error:
        return f"unknown: {error}"


def _nested(code):
    """Code that the instructions of a Code or of a list load."""
    found = {}
    for item in code:
        if isinstance(item, Instr) and operand_kind(item) == "Const":
            inner = nested_code(item.arg)
            if inner is not None:
                found.setdefault(id(item.arg), inner)
    return [*found.values()]


def _list_by_dis(code, file, recursive):
    if isinstance(code, list):
        raise NotImplementedError(f"a list of items cannot be listed on CPython 3.{RUNNING_MINOR}, whose bytecode is not known")
    dis.dis(code_object_of(code), file=file, depth=None if recursive else 0)


def targets(items):
    """{id of Label: index of the first instruction behind it} of a list of items; behind the last: the length of the list."""
    found, pending = {}, []
    for index, item in enumerate(items):
        if isinstance(item, Label):
            pending.append(id(item))
        elif isinstance(item, Instr):
            found |= dict.fromkeys(pending, index)
            pending.clear()
    return found | dict.fromkeys(pending, len(items))


def operand_text(instr, index_of):
    """The operand of an Instr as listings show it. index_of: as targets() gives it."""
    arg, kind = instr.arg, operand_kind(instr)
    if kind == "None":
        return ""
    if kind == "Const":
        return repr(arg)
    if isinstance(arg, Label):
        return f"to {index_of.get(id(arg), '?')}"
    if kind.startswith("Name"):
        return " + ".join([str(arg), *bits_text(kind, getattr(arg, "flags", 0))])
    if kind in ("Fast", "Deref"):
        return _variable_text(arg)
    if kind == "FastPair":
        return ", ".join(map(_variable_text, arg))
    return str(arg)


def _variable_text(variable):
    kind = variable_kind(variable)
    return f"{variable!s} ({kind})" if kind else str(variable)


class _Listing:
    """The lines of one list of items."""

    def __init__(self, items, positions, exceptions, offsets):
        self.items = items
        self.positions = positions
        self.exceptions = exceptions
        self.offsets = offsets
        self.index_of = targets(items)
        self.begin_of = _begins(items)
        self.width = max(4, len(str(len(items))))
        self.line_text = ""
        self.lines = []

    def text(self):
        marked, line = False, None
        wanted = _wanted_labels(self.items)
        for index, item in enumerate(self.items):
            if isinstance(item, Label):
                marked = marked or id(item) in wanted
            elif isinstance(item, SetLineno):
                line = self.begin_line(item.lineno, line)
            elif isinstance(item, Instr):
                if item.lineno is not None:
                    line = self.begin_line(item.lineno, line)
                location = position_text(item.location) if item.is_located else ""
                offset = "" if item.offset is None else str(item.offset)
                self.add(index, item.name, operand_text(item, self.index_of), ">>" if marked else "", offset, location)
                marked = False
            elif self.exceptions:
                self.add(index, *self.range_text(item))
        return "\n".join(self.lines)

    def begin_line(self, line, before):
        if line != before:
            if self.lines:
                self.lines.append("")
            self.line_text = str(line)
        return line

    def add(self, index, name, operand, mark="", offset="", location=""):
        columns = [f"{self.line_text:>4} {mark:>4} {index:>{self.width}}"]
        if self.offsets:
            columns.append(f"{offset:>5}")
        if self.positions:
            columns.append(f"{location:<13}")
        columns.append(f"{name:<24} {operand}")
        self.lines.append(" ".join(columns).rstrip())
        self.line_text = ""

    def range_text(self, item):
        if isinstance(item, TryBegin):
            details = [f"to {self.index_of.get(id(item.target), '?')}"]
            if item.lasti:
                details.append("lasti")
            if item.depth is not None:
                details.append(f"depth {item.depth}")
            if item.drop:
                details.append(f"drop {item.drop}")
            return "try", ", ".join(details)
        if isinstance(item, TryEnd):
            return "end of try", str(self.begin_of.get(id(item), "?"))
        return repr(item), ""


def _wanted_labels(items):
    wanted = {id(label_of(item)) for item in items}
    return wanted | {id(item.target) for item in items if isinstance(item, TryBegin)}


def _begins(items):
    """{id of TryEnd: index of its TryBegin}."""
    found, open_ones = {}, []
    for index, item in enumerate(items):
        if isinstance(item, TryBegin):
            open_ones.append((item, index))
        elif isinstance(item, TryEnd):
            for at in range(len(open_ones) - 1, -1, -1):
                if item.begin is None or open_ones[at][0] is item.begin:
                    found[id(item)] = open_ones.pop(at)[1]
                    break
    return found
