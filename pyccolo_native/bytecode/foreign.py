"""Compiled files of any known version of CPython, read by any other; nothing of them is executed.

    compiled = read_pyc("__pycache__/module.cpython-314.pyc")
    compiled.version, compiled.code.co_name     # (3, 14), '<module>'
    Code.from_raw(compiled.code.fields())
"""
from __future__ import annotations

import builtins
import marshal
import os
import struct
import sys
from types import MappingProxyType

from .errors import BytecodeError

# Of the first version whose compiled files are laid out as today, and of the released one. A released version keeps its number.
_MAGIC_NUMBERS = {
    (3, 11): (3460, 3495),
    (3, 12): (3500, 3531),
    (3, 13): (3550, 3571),
    (3, 14): (3600, 3627),
    (3, 15): (3650, 3666),
}
_HEADER = 16  # PEP 552
_HASH_BASED, _CHECK_SOURCE = 1, 2
_DEEPEST = 2000  # as in CPython


class RawCode:
    """A code object of any version: the attributes of a code object, and its version.

    Constants that are code objects are RawCode too. A dict that cannot change (3.15) is a frozendict where there are such, else a
    read-only view of a dict.

    Attributes:
        version: (3, minor).
        co_localsplusnames, co_localspluskinds: the names of all variables and the bits that say of what kind each is.
    """

    FIELDS = (
        *("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals", "co_stacksize", "co_flags", "co_code"),
        *("co_consts", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_filename", "co_name", "co_qualname"),
        *("co_firstlineno", "co_linetable", "co_exceptiontable"),
    )
    __slots__ = ("version", "co_localsplusnames", "co_localspluskinds", *FIELDS)

    def fields(self):
        """{name: value} of what a code object has, and the version: what Code.from_raw() takes."""
        told = {name: getattr(self, name) for name in self.FIELDS}
        told["version"] = self.version
        return told

    def to_code(self):
        """The code object, if this is of the version that runs; else ValueError."""
        if self.version != sys.version_info[:2]:
            ours, running = (".".join(map(str, version)) for version in (self.version, sys.version_info[:2]))
            raise ValueError(f"code of Python {ours} is no code object of {running}")
        return marshal.loads(_written(self))

    def walk(self):
        """This and all code inside it."""
        waiting = [self]
        while waiting:
            code = waiting.pop()
            yield code
            waiting += reversed([constant for constant in code.co_consts if isinstance(constant, RawCode)])

    def __repr__(self):
        major, minor = self.version
        return f"<code of Python {major}.{minor} {self.co_qualname}, file {self.co_filename!r}, line {self.co_firstlineno}>"


class ForeignPyc:
    """What a compiled file holds.

    Attributes:
        version: (3, minor).
        magic: the magic number.
        is_final: the number is that of the released version; before, instructions may have been others.
        flags: the bits of PEP 552.
        mtime, size: of the source, each modulo 2**32; None in a file that goes by the hash.
        hash: 8 bytes, None in a file that goes by the time.
        check_source: whether importing compares the hash with the source's; None in a file that goes by the time.
        code: a RawCode.
    """

    __slots__ = ("version", "magic", "is_final", "flags", "mtime", "size", "hash", "check_source", "code")

    def __repr__(self):
        major, minor = self.version
        return f"<compiled by Python {major}.{minor}: {self.code!r}>"


def read_pyc(path):
    """The ForeignPyc of a file; a BytecodeError names the file and says what is wrong with it."""
    with open(path, "rb") as file:
        return parse_pyc(file.read(), os.fspath(path))


def parse_pyc(data, name="<bytes>"):
    """read_pyc() of bytes; `name` stands in errors."""
    if len(data) < 4 or data[2:4] != b"\r\n":
        raise BytecodeError(f"{name}: not a compiled file: there is no magic number at its beginning")
    pyc = ForeignPyc()
    pyc.magic = int.from_bytes(data[:2], "little")
    pyc.version, pyc.is_final = _version_of(pyc.magic, name)
    if len(data) < _HEADER:
        raise BytecodeError(f"{name}: cut off: the header has {len(data)} bytes instead of {_HEADER}")
    pyc.flags, first, second = struct.unpack_from("<III", data, 4)
    if pyc.flags & ~(_HASH_BASED | _CHECK_SOURCE):
        raise BytecodeError(f"{name}: the flags in its header, {pyc.flags:#x}, are not known")
    by_hash = bool(pyc.flags & _HASH_BASED)
    pyc.mtime, pyc.size = (None, None) if by_hash else (first, second)
    pyc.hash = bytes(data[8:_HEADER]) if by_hash else None
    pyc.check_source = bool(pyc.flags & _CHECK_SOURCE) if by_hash else None
    pyc.code = loads(data, pyc.version, name, _HEADER)
    if not isinstance(pyc.code, RawCode):
        raise BytecodeError(f"{name}: holds {type(pyc.code).__name__} instead of code")
    return pyc


def _version_of(magic, name):
    for version, (first, final) in _MAGIC_NUMBERS.items():
        if first <= magic <= final:
            return version, magic == final
    known = ", ".join(f"{final} ({major}.{minor})" for (major, minor), (_, final) in _MAGIC_NUMBERS.items())
    raise BytecodeError(f"{name}: the magic number {magic} is of no known version; known: {known}")


def loads(data, version, name="<bytes>", offset=0):
    """marshal.loads() of what Python `version`, such as (3, 14), has marshalled; code objects come as RawCode."""
    if version not in _MAGIC_NUMBERS:
        raise BytecodeError(f"{name}: Python {'.'.join(map(str, version))} is not known")
    return _Reader(data, version, name, offset).read()


_NULL = object()  # ends a dict
_INCOMPLETE = object()  # what a reference stands for until it has been read


def _frozen(items):
    made = dict(_pairs(items))
    frozendict = getattr(builtins, "frozendict", None)
    return frozendict(made) if frozendict else MappingProxyType(made)


def _pairs(items):
    return zip(items[::2], items[1::2])


# How a container is made of its items, of those that have a fixed number of them or tell it, and of those that end with NULL.
_COUNTED = {b"(": tuple, b")": tuple, b"[": list, b"<": set, b">": frozenset, b":": lambda items: slice(*items)}
_ENDED = {b"{": lambda items: dict(_pairs(items)), b"}": _frozen}
_SINGLETONS = {b"N": None, b"F": False, b"T": True, b".": Ellipsis, b"S": StopIteration, b"0": _NULL}
_CODE = b"c"
_SINCE = {b":": (3, 14), b"}": (3, 15)}

# The objects of a code object in their order; the first line stands before the last two.
_CODE_NUMBERS = ("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_stacksize", "co_flags")
_CODE_OBJECTS = {
    "co_code": bytes,
    "co_consts": tuple,
    "co_names": tuple,
    "co_localsplusnames": tuple,
    "co_localspluskinds": bytes,
    "co_filename": str,
    "co_name": str,
    "co_qualname": str,
    "co_linetable": bytes,
    "co_exceptiontable": bytes,
}
_BEFORE_FIRST_LINE = 8
_LOCAL, _CELL, _FREE = 0x20, 0x40, 0x80


class _Open:
    """A container whose items are being read."""

    __slots__ = ("kind", "offset", "wanted", "items", "reference", "numbers")

    def __init__(self, kind, offset, wanted, reference):
        self.kind = kind
        self.offset = offset
        self.wanted = wanted  # None: until NULL
        self.items = []
        self.reference = reference
        self.numbers = None


class _Reader:
    """Reads one object without recursion. Of the layout: Python/marshal.c."""

    def __init__(self, data, version, name, offset):
        self.data = memoryview(data).cast("B")
        self.version = version
        self.name = name
        self.at = offset
        self.references = []

    def error(self, reason, offset):
        return BytecodeError(f"{self.name}: {reason} at offset {offset}")

    def take(self, count):
        begin = self.at
        if count > len(self.data) - begin:
            raise BytecodeError(f"{self.name}: cut off: {count} bytes at offset {begin}, where {len(self.data) - begin} are left")
        self.at = begin + count
        return self.data[begin : self.at]

    def byte(self):
        return self.take(1)[0]

    def number(self):
        return int.from_bytes(self.take(4), "little", signed=True)

    def size(self):
        """How many items or bytes follow, in 4 bytes; an item has one byte at least."""
        at, count = self.at, self.number()
        if count < 0:
            raise self.error(f"a size of {count}", at)
        if count > len(self.data) - self.at:
            raise BytecodeError(f"{self.name}: cut off: {count} items at offset {at}, where {len(self.data) - self.at} bytes are left")
        return count

    def read(self):
        open_ones = []
        while True:
            value = self.begin(len(open_ones))
            if isinstance(value, _Open):
                open_ones.append(value)
                if value.wanted != 0:
                    continue
                value = self.finish(open_ones.pop())
            while open_ones:
                top = open_ones[-1]
                if value is _NULL:
                    if top.wanted is not None:
                        raise self.error("nothing instead of an object", self.at - 1)
                else:
                    top.items.append(value)
                    if top.kind == _CODE and len(top.items) == _BEFORE_FIRST_LINE:
                        top.numbers.append(self.number())
                    if len(top.items) != top.wanted:
                        break
                value = self.finish(open_ones.pop())
            else:
                if value is _NULL:
                    raise self.error("nothing instead of an object", self.at - 1)
                return value

    def begin(self, depth):
        """The next object, or an _Open for one that has items."""
        offset = self.at
        byte = self.byte()
        kind = bytes((byte & 0x7F,))
        if kind in _SINGLETONS:
            return _SINGLETONS[kind]
        if kind == b"r":
            return self.referred(offset)
        since = _SINCE.get(kind)
        if since is None or since <= self.version:
            reference = None
            if byte & 0x80:
                reference = len(self.references)
                self.references.append(_INCOMPLETE)
            if kind == _CODE or kind in _COUNTED or kind in _ENDED:
                if depth >= _DEEPEST:
                    raise self.error(f"more than {_DEEPEST} levels of nesting", offset)
                return self.opened(kind, offset, reference)
            read = _SIMPLE.get(kind)
            if read is not None:
                try:
                    value = read(self)
                except (ValueError, OverflowError) as error:
                    if isinstance(error, BytecodeError):
                        raise
                    raise self.error(f"bad data of type code {kind!r} ({error})", offset) from None
                if reference is not None:
                    self.references[reference] = value
                return value
        raise self.error(f"the type code {kind!r} is not one of Python {'.'.join(map(str, self.version))}", offset)

    def opened(self, kind, offset, reference):
        if kind == _CODE:
            one = _Open(kind, offset, len(_CODE_OBJECTS), reference)
            one.numbers = [self.number() for _ in _CODE_NUMBERS]
            return one
        wanted = None if kind in _ENDED else 3 if kind == b":" else self.byte() if kind == b")" else self.size()
        return _Open(kind, offset, wanted, reference)

    def finish(self, one):
        if one.wanted is None and len(one.items) % 2:
            raise self.error("a key without a value", one.offset)
        try:
            if one.kind == _CODE:
                value = self.code(one)
            else:
                value = (_ENDED if one.wanted is None else _COUNTED)[one.kind](one.items)
        except TypeError as error:  # an item of a set or a key that is not hashable
            raise self.error(f"bad data of type code {one.kind!r} ({error})", one.offset) from None
        if one.reference is not None:
            self.references[one.reference] = value
        return value

    def referred(self, offset):
        index = self.number()
        if not 0 <= index < len(self.references):
            raise self.error(f"a reference to object {index} of {len(self.references)}", offset)
        if self.references[index] is _INCOMPLETE:
            raise self.error(f"a reference to object {index}, of which it is a part,", offset)
        return self.references[index]

    def code(self, one):
        raw = RawCode()
        raw.version = self.version
        for (name, expected), value in zip(_CODE_OBJECTS.items(), one.items):
            if type(value) is not expected:
                raise self.error(f"code whose {name} is {type(value).__name__}", one.offset)
            setattr(raw, name, value)
        for name, number in zip((*_CODE_NUMBERS, "co_firstlineno"), one.numbers):
            setattr(raw, name, number)
        names, kinds = raw.co_localsplusnames, raw.co_localspluskinds
        if len(names) != len(kinds):
            raise self.error(f"code with {len(names)} names of variables and {len(kinds)} kinds", one.offset)
        for name in (*names, *raw.co_names):
            if type(name) is not str:
                raise self.error(f"code with a name that is {type(name).__name__}", one.offset)
        raw.co_varnames = _of_kind(names, kinds, _LOCAL)
        raw.co_cellvars = _of_kind(names, kinds, _CELL)
        raw.co_freevars = _of_kind(names, kinds, _FREE)
        raw.co_nlocals = len(raw.co_varnames)
        return raw

    def long(self):
        """Digits of 15 bits; the sign is that of their number."""
        at, count = self.at, self.number()
        digits = self.take(2 * abs(count))
        # Joined two by two: time is not quadratic in their number.
        parts, width = [value for (value,) in struct.iter_unpack("<H", digits)], 15
        if any(value >> 15 for value in parts) or (parts and not parts[-1]):
            raise self.error("an int with bad digits", at)
        while len(parts) > 1:
            if len(parts) % 2:
                parts.append(0)
            parts = [low | high << width for low, high in zip(parts[::2], parts[1::2])]
            width *= 2
        magnitude = parts[0] if parts else 0
        return -magnitude if count < 0 else magnitude

    def double(self):
        return struct.unpack("<d", self.take(8))[0]

    def double_text(self):
        return float(bytes(self.take(self.byte())).decode("ascii"))

    def text(self, size, encoding):
        taken = bytes(self.take(size))
        return taken.decode(encoding, "surrogatepass" if encoding == "utf-8" else "strict")


def _of_kind(names, kinds, kind):
    return tuple(name for name, bits in zip(names, kinds) if bits & kind)


_SIMPLE = {
    b"i": _Reader.number,
    b"I": lambda reader: int.from_bytes(reader.take(8), "little", signed=True),
    b"l": _Reader.long,
    b"f": _Reader.double_text,
    b"g": _Reader.double,
    b"x": lambda reader: complex(reader.double_text(), reader.double_text()),
    b"y": lambda reader: complex(reader.double(), reader.double()),
    b"s": lambda reader: bytes(reader.take(reader.size())),
    b"a": lambda reader: reader.text(reader.size(), "ascii"),
    b"A": lambda reader: reader.text(reader.size(), "ascii"),
    b"z": lambda reader: reader.text(reader.byte(), "ascii"),
    b"Z": lambda reader: reader.text(reader.byte(), "ascii"),
    b"u": lambda reader: reader.text(reader.size(), "utf-8"),
    b"t": lambda reader: reader.text(reader.size(), "utf-8"),
}


def _written(value):
    """As marshal writes it, without references; the constructor of code objects would forget how arguments are given (3.14)."""
    if isinstance(value, RawCode):
        objects = [_written(getattr(value, name)) for name in _CODE_OBJECTS]
        objects.insert(_BEFORE_FIRST_LINE, struct.pack("<i", value.co_firstlineno))
        numbers = (getattr(value, name) for name in _CODE_NUMBERS)
        return b"".join((_CODE, struct.pack("<5i", *numbers), *objects))
    if type(value) is tuple:
        return b"".join((b"(", struct.pack("<i", len(value)), *map(_written, value)))
    if type(value) is slice:
        return b":" + b"".join(_written(part) for part in (value.start, value.stop, value.step))
    return marshal.dumps(value, 2)
