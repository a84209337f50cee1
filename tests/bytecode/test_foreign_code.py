"""Code of every version is listed and put together again by any other: fixtures/ has files, and what their own dis told of them."""
import types

import pytest

from pyccolo_native.bytecode import Code, Compare, Instr, Label
from pyccolo_native.bytecode.foreign import RawCode, read_pyc

from .test_foreign import FIXTURES, RUNNING, VERSIONS, fixture_path


def codes(version):
    return list(read_pyc(fixture_path(version)).code.walk())


def from_raw(raw):
    return Code.from_raw(raw.fields())


@pytest.fixture(params=VERSIONS, ids=lambda version: f"3.{version[1]}")
def version(request):
    return request.param


def test_it_is_put_together_again_to_the_same_bytes(version):
    for raw in codes(version):
        code = from_raw(raw)
        assert code.version == version
        list(code)
        made = code.assemble(reuse=False)
        expected = raw.fields()
        assert {name: made[name] for name in RawCode.FIELDS if name not in ("co_stacksize", "co_consts")} == {
            name: expected[name] for name in RawCode.FIELDS if name not in ("co_stacksize", "co_consts")
        }
        assert repr([its for its in made["co_consts"] if not isinstance(its, (RawCode, Code))]) == repr(
            [its for its in expected["co_consts"] if not isinstance(its, RawCode)]
        )
        assert len(made["co_consts"]) == len(expected["co_consts"])
        assert made["co_stacksize"] == expected["co_stacksize"]


def test_what_verify_says(version):
    for raw in codes(version):
        assert from_raw(raw).problems() == []


def test_it_is_listed_as_dis_lists_it(version):
    listed = []
    for raw in codes(version):
        listed.append(raw.co_qualname)
        listed += lines(from_raw(raw))
    assert listed == (FIXTURES / f"rich-3.{version[1]}.txt").read_text("utf-8").splitlines()


def lines(code):
    """As fixtures/make.py writes it."""
    places, pending = {}, []
    for item in code:
        if isinstance(item, Label):
            pending.append(item)
        elif isinstance(item, Instr):
            places.update((id(label), item.offset) for label in pending)
            pending = []
    for item in code:
        if isinstance(item, Instr):
            yield f"{item.offset} {item.name} {operand(item, places)}".rstrip()


def operand(item, places):
    arg = item.arg
    if isinstance(arg, Label):
        return f"to {places[id(arg)]}"
    if isinstance(arg, Code):
        return f"<{arg.qualname}>"
    if item.name in ("LOAD_CONST", "RETURN_CONST", "KW_NAMES"):
        return type(arg).__name__ if isinstance(arg, frozenset) else repr(arg)
    if isinstance(arg, tuple):
        return " ".join(arg)
    if isinstance(arg, Compare):
        return arg.symbol
    return int(arg) if isinstance(arg, int) else "" if arg is None else arg


def test_positions_are_those_of_the_source(version):
    count = len((FIXTURES / "rich.py").read_text("utf-8").splitlines())
    for raw in codes(version):
        lines = {item.lineno for item in from_raw(raw) if isinstance(item, Instr)} - {None, 0}
        assert lines and raw.co_firstlineno <= max(lines) <= count
        for item in from_raw(raw):
            if isinstance(item, Instr) and item.location is not None and item.location.col_offset is not None:
                assert item.location.lineno <= item.location.end_lineno


def test_it_can_be_changed_only_by_its_own_version(version):
    for raw in codes(version):
        code = from_raw(raw)
        if version == RUNNING:
            code[:] = [item.copy() if isinstance(item, Instr) else item for item in code]
            assert code.assemble(reuse=False)["co_code"] == raw.co_code
            assert type(code.to_code()) is types.CodeType
            continue
        with pytest.raises((ValueError, NotImplementedError)):
            code.to_code()
        with pytest.raises((ValueError, NotImplementedError)):
            code.insert(0, Instr("NOP"))
        with pytest.raises((ValueError, NotImplementedError)):
            code.name = "other"


def test_nested_code_is_of_that_version_too(version):
    module = from_raw(codes(version)[0])
    assert [code.qualname for code in module.walk()] == [raw.co_qualname for raw in codes(version)]
    assert {code.version for code in module.walk()} == {version}


def test_code_is_made_of_fields():
    def f(a, *b, c=2):
        return [a + c, *b]

    code = f.__code__
    fields = {name: getattr(code, name) for name in RawCode.FIELDS}
    made = Code.from_raw({**fields, "version": RUNNING})
    for way in (dict, lambda: list(made) and {}, lambda: {"reuse": False}):  # untouched, touched, anew
        again = made.to_code(**way())
        assert type(again) is types.CodeType and again == code
        f.__code__ = again
        assert f(1, 5) == [3, 5]
