"""Compiled files of every version are read without being run."""
import importlib.util
import marshal
import py_compile
import random
import subprocess
import sys
import types
from pathlib import Path

import pytest

from pyccolo_native.bytecode import foreign
from pyccolo_native.bytecode.errors import BytecodeError

from . import corpus

FIXTURES = Path(__file__).resolve().parent / "fixtures"
VERSIONS = (3, 11), (3, 12), (3, 13), (3, 14), (3, 15)
RUNNING = sys.version_info[:2]
MAGIC = importlib.util.MAGIC_NUMBER
RAW = foreign.RawCode.FIELDS


def fixture_path(version):
    return FIXTURES / f"rich-{version[0]}.{version[1]}.bytes"


def same(real, raw):
    """Whether what marshal read and what was read here are alike, types and all."""
    if isinstance(real, types.CodeType):
        return type(raw) is foreign.RawCode and all(same(getattr(real, name), getattr(raw, name)) for name in RAW)
    if type(real) is not type(raw):
        return False
    if isinstance(real, (tuple, list)):
        return len(real) == len(raw) and all(map(same, real, raw))
    if isinstance(real, (float, complex)):
        return repr(real) == repr(raw)
    if isinstance(real, dict):
        return same(list(real.items()), list(raw.items()))
    return real == raw


@pytest.mark.parametrize("version", VERSIONS)
def test_files_of_every_version_are_read(version):
    compiled = foreign.read_pyc(fixture_path(version))
    assert (compiled.version, compiled.is_final, compiled.flags) == (version, True, 1)
    assert (compiled.mtime, compiled.size, compiled.check_source) == (None, None, False)
    if compiled.magic == int.from_bytes(MAGIC[:2], "little"):  # which is the key of the hash
        assert compiled.hash == importlib.util.source_hash((FIXTURES / "rich.py").read_bytes())
    codes = {code.co_qualname: code for code in compiled.code.walk()}
    assert {"<module>", "plain", "closures.<locals>.Local.__init__", "awaited", "matched"} <= codes.keys()
    assert {code.version for code in codes.values()} == {version}
    plain = codes["plain"]
    assert (plain.co_name, plain.co_filename, plain.co_firstlineno) == ("plain", "rich.py", 19)
    assert (plain.co_argcount, plain.co_posonlyargcount, plain.co_kwonlyargcount, plain.co_nlocals) == (3, 2, 2, 7)
    assert plain.co_varnames == ("a", "b", "c", "d", "e", "rest", "named")
    assert (plain.co_cellvars, plain.co_freevars) == ((), ())
    closures = codes["closures"]
    assert closures.co_varnames[:2] == ("n", "self")
    assert set(closures.co_cellvars) == {"n", "Local", "seen", "total"}  # an argument may be a cell
    assert codes["closures.<locals>.inner"].co_freevars == ("n", "seen", "total")
    assert plain.co_code and plain.co_linetable and codes["handled"].co_exceptiontable
    assert repr(plain).startswith(f"<code of Python 3.{version[1]} plain, file 'rich.py'") and f"3.{version[1]}" in repr(compiled)


@pytest.mark.parametrize("version", VERSIONS)
def test_constants_of_every_version(version):
    """All versions fold the tuples of rich.py alike."""
    namespace = {}
    lines = (FIXTURES / "rich.py").read_text("utf-8").splitlines()
    wanted = "NUMBERS", "FLOATS", "COMPLEX", "TEXTS", "NESTED"
    exec("\n".join(line for line in lines if line.startswith(wanted)), namespace)
    constants = foreign.read_pyc(fixture_path(version)).code.co_consts
    for name in wanted:
        if name == "COMPLEX":  # an operation on two constants
            assert any(same(1j, its) for tuple_ in constants if type(tuple_) is tuple for its in tuple_)
        else:
            assert any(same(namespace[name], constant) for constant in constants), name


def test_code_is_as_marshal_reads_it():
    modules = ("argparse", "asyncio.tasks", "dataclasses", "enum", "_pydecimal", "test.test_patma", "typing")
    read = 0
    for name in modules:
        spec = importlib.util.find_spec(name)
        if spec is None:  # not every Python comes with its tests
            continue
        code = compile(Path(spec.origin).read_bytes(), spec.origin, "exec", dont_inherit=True)
        for version in range(marshal.version + 1):
            try:
                data = marshal.dumps(code, version)
            except ValueError:  # a slice, which only newer versions can write
                assert version < 5 and RUNNING >= (3, 14)
                continue
            assert same(code, foreign.loads(data, RUNNING))
        read += 1
    assert read >= 6


def test_code_of_the_running_version_becomes_a_code_object():
    code = compile((FIXTURES / "rich.py").read_bytes(), "rich.py", "exec", dont_inherit=True)
    raw = foreign.loads(marshal.dumps(code), RUNNING)
    assert corpus.differences(code, raw.to_code()) == []
    for version in VERSIONS:
        if version != RUNNING:
            with pytest.raises(ValueError, match=rf"code of Python 3\.{version[1]} is no code object of 3\.{RUNNING[1]}"):
                foreign.read_pyc(fixture_path(version)).code.to_code()


VALUES = (
    *(None, True, False, Ellipsis, StopIteration, 0, -1, 2**31 - 1, -(2**31), 2**31, 2**62, -(2**63), 3**400, -(7**3000)),
    *(0.0, -0.0, 1.5, float("inf"), float("nan"), 1e-320, 1j, complex(-0.0, 2.5), b"", b"\0" * 300, "", "a", "ä", "\ud800"),
    *("identifier", "x" * 300, "ü" * 300, (), (1,), ((),) * 300, [1, [2]], {}, {"a": (1, {2: 3})}, {1, "b"}, frozenset({1, (2, "c")})),
)


@pytest.mark.parametrize("version", range(5))
def test_values_are_as_marshal_reads_them(version):
    for value in VALUES:
        made = foreign.loads(marshal.dumps(value, version), RUNNING)
        assert same(value, made), value


def test_what_is_referred_to_is_one_object():
    shared = ["shared"]
    first, second, third = foreign.loads(marshal.dumps([shared, shared, [shared]]), RUNNING)
    assert first is second and third[0] is first
    text = b"\xda\x03abc"
    assert foreign.loads(b")\x02" + text + b"r\0\0\0\0", (3, 13)) == ("abc", "abc")
    # The place among the references is taken when an object begins.
    assert foreign.loads(b")\x02\xa9\x01" + text + b"r\x01\0\0\0", (3, 13)) == (("abc",), "abc")


def test_slices_and_frozen_dicts_come_with_the_versions_that_have_them():
    slice_ = b":" + b"i\x01\0\0\0" + b"N" + b"N"
    assert foreign.loads(slice_, (3, 14)) == slice(1, None, None) == foreign.loads(slice_, (3, 15))
    with pytest.raises(BytecodeError, match=r"<bytes>: the type code b':' is not one of Python 3\.13 at offset 0"):
        foreign.loads(slice_, (3, 13))
    frozen = b"}\xda\x01ai\x01\0\0\x000"
    assert dict(foreign.loads(frozen, (3, 15))) == {"a": 1}
    with pytest.raises(TypeError):
        foreign.loads(frozen, (3, 15))["b"] = 2
    with pytest.raises(BytecodeError, match="type code"):
        foreign.loads(frozen, (3, 14))


@pytest.mark.parametrize("mode", py_compile.PycInvalidationMode)
def test_the_header_says_how_the_source_is_compared(mode, tmp_path):
    source = tmp_path / "a.py"
    source.write_text("a = 1\n")
    made = py_compile.compile(str(source), str(tmp_path / "a.pyc"), doraise=True, invalidation_mode=mode)
    compiled = foreign.read_pyc(made)
    assert compiled.version == RUNNING and compiled.magic == int.from_bytes(MAGIC[:2], "little")
    if mode is py_compile.PycInvalidationMode.TIMESTAMP:
        assert (compiled.flags, compiled.hash, compiled.check_source) == (0, None, None)
        assert (compiled.mtime, compiled.size) == (int(source.stat().st_mtime) & 0xFFFFFFFF, 6)
    else:
        assert compiled.check_source is (mode is py_compile.PycInvalidationMode.CHECKED_HASH)
        assert (compiled.mtime, compiled.size, compiled.hash) == (None, None, importlib.util.source_hash(b"a = 1\n"))


def test_magic_numbers():
    known = {}
    for magic in range(3400, 3800):
        try:
            known.setdefault(foreign._version_of(magic, "a"), []).append(magic)
        except BytecodeError as error:
            assert f"a: the magic number {magic} is of no known version; known: 3495 (3.11), " in str(error)
    assert {version for version, _ in known} == set(VERSIONS)
    finals = {version: magics for (version, final), magics in known.items() if final}
    assert finals == {(3, 11): [3495], (3, 12): [3531], (3, 13): [3571], (3, 14): [3627], (3, 15): [3666]}
    assert known[(3, 14), False][0] == 3600 and known[(3, 14), False][-1] == 3626


def header(magic=3571, flags=0):
    return magic.to_bytes(2, "little") + b"\r\n" + flags.to_bytes(4, "little") + bytes(8)


BAD = {
    b"": "not a compiled file",
    b"import os\n": "not a compiled file: there is no magic number at its beginning",
    header()[:10]: "cut off: the header has 10 bytes instead of 16",
    header(3413): "the magic number 3413 is of no known version",
    header(3450): "the magic number 3450 is of no known version",
    header(flags=6): "the flags in its header, 0x6, are not known",
    header(): "cut off: 1 bytes at offset 16, where 0 are left",
    header() + b"N": "holds NoneType instead of code",
    header() + b"q": r"the type code b'q' is not one of Python 3\.13 at offset 16",
    header() + b"0": "nothing instead of an object at offset 16",
    header() + b"(\x01\0\0\x000": "nothing instead of an object at offset 21",
    header() + b"(\xff\xff\xff\xff": "a size of -1 at offset 17",
    header() + b"[\x05\0\0\0NN": "cut off: 5 items at offset 17, where 2 bytes are left",
    header() + b"{N0": "a key without a value at offset 16",
    header() + b"r\x01\0\0\0": "a reference to object 1 of 0 at offset 16",
    header() + b"\xa9\x01r\0\0\0\0": "a reference to object 0, of which it is a part, at offset 18",
    header() + b"<\x01\0\0\0[\0\0\0\0": "bad data of type code b'<' .*unhashable type: 'list'.* at offset 16",
    header() + b"f\x03abc": "bad data of type code b'f'",
    header() + b"z\x01\xff": "bad data of type code b'z'",
    header() + b"l\x01\0\0\0\0\x80": "an int with bad digits at offset 17",
    header() + b"l\xff\xff\xff\x7f": "cut off: 4294967294 bytes at offset 21, where 0 are left",
    header() + b"c" + bytes(20) + b"N" * 8 + bytes(4) + b"NN": "code whose co_code is NoneType at offset 16",
}


@pytest.mark.parametrize("data", BAD, ids=BAD.get)
def test_what_is_wrong_is_said_with_the_name_of_the_file(data, tmp_path):
    path = tmp_path / "bad.pyc"
    path.write_bytes(data)
    with pytest.raises(BytecodeError, match=BAD[data]) as raised:
        foreign.read_pyc(path)
    assert str(raised.value).startswith(f"{path}: ")


def test_an_unknown_version_is_said():
    with pytest.raises(BytecodeError, match="a: Python 3.10 is not known"):
        foreign.loads(b"N", (3, 10), "a")


def test_deep_nesting_is_an_error():
    deep = lambda levels: b")\x01" * levels + b"N"
    value = foreign.loads(deep(2000), (3, 12))
    for _ in range(2000):
        (value,) = value
    assert value is None
    with pytest.raises(BytecodeError, match="more than 2000 levels of nesting at offset 4000"):
        foreign.loads(deep(100_000), (3, 12))


@pytest.mark.parametrize("version", VERSIONS)
def test_no_part_of_a_file_is_taken_for_the_whole(version):
    data = fixture_path(version).read_bytes()
    for size in random.Random(1).sample(range(len(data)), 400):
        with pytest.raises(BytecodeError, match="^a: "):
            foreign.parse_pyc(data[:size], "a")


@pytest.mark.parametrize("version", VERSIONS)
def test_damaged_files_are_read_or_refused(version):
    data, chance = bytearray(fixture_path(version).read_bytes()), random.Random(2)
    refused = 0
    for _ in range(300):
        at = chance.randrange(len(data))
        kept, data[at] = data[at], chance.randrange(256)
        try:
            foreign.parse_pyc(bytes(data), "a")
        except BytecodeError as error:
            refused += 1
            assert str(error).startswith("a: ")
        data[at] = kept
    assert 20 < refused < 300


def test_the_fixtures_can_be_made_again(tmp_path):
    for name in ("rich.py", "make.py"):
        (tmp_path / name).write_bytes((FIXTURES / name).read_bytes())
    subprocess.run([sys.executable, tmp_path / "make.py"], check=True)
    made, kept = tmp_path / fixture_path(RUNNING).name, fixture_path(RUNNING)
    assert (tmp_path / made.with_suffix(".txt")).read_text("utf-8").startswith("<module>\n")
    assert len(list(foreign.read_pyc(made).code.walk())) == len(list(foreign.read_pyc(kept).code.walk()))
