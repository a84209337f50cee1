"""Differences of code objects, and code that comes back as it was."""
import json.decoder
import math
import types
from functools import cached_property, lru_cache, partial, wraps

import pytest

from pyccolo_native.bytecode import Code, Difference, Label, check, check_recursive, compare_code_objects, diff, ops, same_code
from pyccolo_native.bytecode.constants import same_constant


def compiled(source):
    return compile(source, "<test>", "exec")


def with_constants(*constants):
    return compiled("1").replace(co_consts=constants)


def function():
    def inner():
        return 1

    return inner


def other():
    def inner():
        return 2

    return inner


class TestSameConstant:
    DIFFERENT = [
        (1, True), (1, 1.0), (0.0, -0.0), (1, 1 + 0j), (0j, -0j), ("a", b"a"), ((1,), (True,)), ((1, 2), (1,)), (None, 0),
        (frozenset({1}), frozenset({True})), (frozenset({1}), frozenset({1, 2})), ((0.0,), (-0.0,)), (math.nan, -math.nan),
        ([], []), (..., None),
    ]  # fmt: skip
    SAME = [
        (1, 1), (0.5, 0.5), (math.nan, float("nan")), ("a", "".join("a")), ((1, (2.0,)), (1, (2.0,))), (10**30, 10**30),
        (frozenset({1, "a", 2.0}), frozenset({2.0, 1, "a"})), (b"x", bytes([120])), (1j, 1j), (..., ...), (math.inf, 1e999),
    ]  # fmt: skip

    @pytest.mark.parametrize("left, right", DIFFERENT)
    def test_different(self, left, right):
        assert not same_constant(left, right) and not same_constant(right, left)
        assert [difference.field for difference in diff(with_constants(0, left), with_constants(0, right))] == ["co_consts[1]"]

    @pytest.mark.parametrize("left, right", SAME)
    def test_same(self, left, right):
        assert same_constant(left, right)
        assert diff(with_constants(left), with_constants(right)) == []

    def test_objects(self):
        value = []
        assert same_constant(value, value)


class TestDiff:
    def test_nothing(self):
        assert diff(function, function.__code__) == []
        assert diff(function, Code.from_code(function.__code__)) == []
        assert same_code(function, function)

    def test_fields(self):
        code = function.__code__
        for field, value in [
            *[("co_name", "x"), ("co_qualname", "y"), ("co_filename", "z"), ("co_stacksize", 40), ("co_names", ("n",))],
            *[("co_flags", code.co_flags | 0x100000), ("co_firstlineno", 900)],
        ]:
            found = diff(code, code.replace(**{field: value}))
            assert found[0] == Difference((code.co_qualname,), field, getattr(code, field), value)
            assert {difference.field.partition("[")[0] for difference in found} <= {field, "co_positions()"}

    def test_arguments(self):
        found = diff(compiled("lambda a, /, b, *, c: 1").co_consts[0], compiled("lambda a, b, c: 1").co_consts[0])
        assert {"co_argcount", "co_posonlyargcount", "co_kwonlyargcount"} <= {difference.field for difference in found}

    def test_positions(self):
        found = diff(compiled("a"), compiled(" \na"))
        assert {difference.field.partition("[")[0] for difference in found} == {"co_linetable", "co_positions()"}
        assert not same_code(compiled("a"), compiled("\na"))
        assert same_code(compiled("a"), compiled("\na"), positions=False)

    def test_nested_code(self):
        ours, theirs = compiled("def f():\n  return lambda: 1.5"), compiled("def f():\n  return lambda: 2.5")
        found = diff(ours, theirs)
        assert {difference.path for difference in found} == {("<module>", "f", "<lambda>")}
        assert diff(ours, theirs, recursive=False) == []

    def test_number_of_constants(self):
        (found,) = diff(with_constants(1, 2), with_constants(1))
        assert (found.field, found.left, found.right) == ("co_consts[1]", 2, "nothing")

    def test_repr(self):
        assert repr(Difference(("f", "g"), "co_stacksize", 3, 4)) == "<f.g: co_stacksize 3 != 4>"
        assert len(repr(Difference(("f",), "co_code", b"a" * 999, b""))) < 200

    def test_other_objects(self):
        with pytest.raises(TypeError):
            diff(function, 3)

    def test_printed(self, capsys):
        assert compare_code_objects(function, function)
        assert capsys.readouterr().out == ""
        assert not compare_code_objects(function, other)
        assert "function: co_name\n    'function'\n    'other'\n" in capsys.readouterr().out


class TestSameStructure:
    def test_copies(self):
        code = Code.from_code(function.__code__)
        assert code == Code.from_code(function.__code__) == code.copy()
        assert not code != Code.from_code(function.__code__)

    def test_labels_are_places(self):
        def looped(extra):
            top, end, unused = Label(), Label(), Label()
            items = [ops.RESUME(0), top, *extra([unused]), ops.LOAD_CONST(1), ops.STORE_FAST("x")]
            return Code([*items, ops.JUMP_BACKWARD(top), end, ops.NOP()])

        assert looped(lambda items: []) == looped(lambda items: items)
        assert looped(lambda items: []) != looped(lambda items: [ops.NOP()])

    def test_jumps_to_other_places(self):
        def jumping(first):
            one, two = Label(), Label()
            return Code([ops.JUMP_FORWARD(one if first else two), one, ops.NOP(), two, ops.NOP()])

        assert jumping(True) == jumping(True) != jumping(False)

    def test_what_counts(self):
        def code(arg=1, line=1, **options):
            return Code([ops.LOAD_CONST(arg, location=line)], **options)

        assert code() == code()
        assert code() != code(arg=True)
        assert code() != code(line=2)
        assert same_code(code(), code(line=2), positions=False)
        assert code() != code(name="x")
        assert code() != 3

    def test_nested_code(self):
        assert Code.from_code(compiled("lambda: 1")) != Code.from_code(compiled("lambda: 2"))

    def test_places_of_constants_do_not(self):
        assert Code([ops.LOAD_CONST(1)], consts=(1,)) == Code([ops.LOAD_CONST(1)], consts=(3, 1))


def decorated(function):
    @wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


class Everything:
    """Functions in all that may hide them."""

    def method(self):
        return [x for x in self]

    @staticmethod
    def static(a, /, *args, b=1, **kwargs):
        yield from args

    @classmethod
    async def from_class(cls):
        async with cls() as a:
            return a

    @property
    def value(self):
        try:
            return 1
        finally:
            print()

    @cached_property
    def cached(self):
        return 2

    @lru_cache
    def remembered(self):
        return 3

    @decorated
    def wrapped(self):
        return 4

    class Inner:
        def method(self):
            return super().method()


def checked(monkeypatch, obj, **options):
    """Names of the code that check() looks at."""
    seen = []
    original = Code.from_code
    monkeypatch.setattr(Code, "from_code", lambda code: (seen.append(code.co_name), original(code))[1])
    assert check(obj, **options) == []
    return {*seen}


class TestCheck:
    @pytest.mark.parametrize("reuse", [True, False])
    @pytest.mark.parametrize(
        "subject",
        [function, function.__code__, Everything, Everything.from_class, Everything.value, json.decoder, partial(function), function()],
    )
    def test_comes_back(self, subject, reuse):
        assert check(subject, reuse=reuse, strict=False) == []
        assert check_recursive(subject, reuse=reuse, strict=False) == []

    def test_members_of_a_class(self, monkeypatch):
        direct = {"method", "static", "from_class", "value", "cached", "remembered"}
        assert checked(monkeypatch, Everything) == direct | {"wrapper"}

    def test_members_of_members(self, monkeypatch):
        assert {"wrapper", "wrapped", "method"} <= checked(monkeypatch, Everything, recursive=True)

    def test_modules(self, monkeypatch):
        module = types.ModuleType("made")
        exec("import json\nfrom json import loads\ndef f(): pass\nclass C:\n    def g(self): pass", module.__dict__)
        assert checked(monkeypatch, module) == {"f"}
        assert checked(monkeypatch, module, recursive=True) == {"f", "g"}

    def test_tells_differences(self, monkeypatch):
        code = function.__code__.replace(co_stacksize=50)
        for size, notable in ((60, 1), (40, 0)):
            monkeypatch.setattr(Code, "to_code", lambda self, **options: self.origin.replace(co_stacksize=size))
            assert [difference.field for difference in check(code)] == ["co_stacksize"]
            assert len(check(code, strict=False)) == notable

    def test_other_objects(self):
        with pytest.raises(TypeError):
            check(3)
