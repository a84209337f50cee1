"""OptionalChainer: what is None, what is not evaluated, and what stays as it was."""
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace as Object

import pyccolo_native as pyc
import pytest
from pyccolo_native.examples import OptionalChainer, ScriptOptionalChainer


ROOT = Path(pyc.__file__).resolve().parents[1]


@pytest.fixture
def evaluate(fresh):
    def run(source, **variables):
        with fresh(OptionalChainer):
            return pyc.eval(source, variables, {})

    return run


def echo(*args, **kwargs):
    return args, kwargs


OBJECT = Object(none=None, echo=echo, items={"none": None, "k": Object(x=1)}, é="ü", deep=Object(none=None, x=2))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("n?.x", None),
        ("o?.deep?.x", 2),
        ("o?.none", None),
        ("o.none?.x", None),
        ("o.none?.x.y.z", None),
        ("o.none?.x(1 / 0)", None),
        ("o.none?.x(*1 / 0, k=1 / 0, **1 / 0)", None),
        ("o.none?.x[1 / 0].y[1 / 0:](1 / 0)", None),
        ("n?.x(lambda: 1, [1 / 0 for _ in 1 / 0])", None),
        ("o?.echo(n?.x(1 / 0), 2, k=n?.y)", ((None, 2), {"k": None})),
        ("o?.echo(n?.x(1 / 0), o?.echo(n?.y, 3))[0][1]", ((None, 3), {})),
        ("o?.echo(*(1, 2), **{'k': 3})", ((1, 2), {"k": 3})),
        ("o.items['none']?.x", None),
        ("o.items['k']?.x", 1),
        ("o.items[n?.x ?? 'k'].x", 1),
        ("n?.(1 / 0)", None),
        ("n?.(1 / 0).x[0](1 / 0)", None),
        ("o.none?.(1 / 0)", None),
        ("o.items['none']?.(1 / 0)", None),
        ("o.echo?.(1)", ((1,), {})),
        ("o?.none?.(1 / 0)", None),
        ("o.?missing", None),
        ("o.?deep.x", 2),
        ("o.?missing?.x(1 / 0)", None),
        ("o.?missing?.(1 / 0)", None),
        ("o.?missing ?? 5", 5),
        ("n?.x.?y.z", None),
        ("o.?é", "ü"),
        ("f'{n?.x} {o?.deep.x!r:>2} {n ?? 1}'", "None  2 1"),
        ("'é', n?.é, o.é", ("é", None, "ü")),
        ("[x?.x for x in (n, o.deep)]", [None, 2]),
        ("(lambda x: x?.deep?.x)(o)", 2),
        ("n?.x == None, not n?.x, -(n?.x ?? 1)", (True, True, -1)),
    ],
)
def test_chains(evaluate, source, expected):
    assert evaluate(source, o=OBJECT, n=None) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("None ?? 1", 1),
        ("0 ?? 1 / 0", 0),
        ("'' ?? 1 / 0", ""),
        ("None ?? None", None),
        ("None ?? 0 ?? 1 / 0", 0),
        ("None or 0 ?? 1", 0),
        ("0 or None ?? False", False),
        ("None ?? 0 or 5", 5),
        ("None and 0 ?? 1", 1),
        ("0 and 1 ?? 2", 0),
        ("None ?? 1 and 2", 2),
        ("(None ?? 0) or 3", 3),
        ("[] ?? 1, [] or 1", ([], 1)),
        ("1 if None ?? 0 else 2", 2),
        ("not None ?? 1", True),
        ("untrue ?? 1 / 0", "untrue"),
        ("''??1", ""),
    ],
)
def test_coalescing(evaluate, source, expected):
    class Untrue:
        def __bool__(self):
            raise AssertionError("asked whether it is true")

        def __eq__(self, other):
            return other == "untrue"

    assert evaluate(source, untrue=Untrue()) == expected


def test_attributes_that_are_missing_are_errors_otherwise(evaluate):
    for source in ("o?.missing", "o.?missing.x", "o.missing?.x", "n.x", "o.deep?.x.y"):
        with pytest.raises(AttributeError):
            evaluate(source, o=OBJECT, n=None)


def test_an_optional_attribute_is_looked_up_once(evaluate):
    class Counted:
        count = 0

        @property
        def x(self):
            self.count += 1
            return self.count

    counted = Counted()
    assert evaluate("c.?x, c?.x, c.?y", c=counted) == (1, 2, None)


def test_private_attributes(fresh):
    with fresh(OptionalChainer):
        env = pyc.exec(
            """
            class Class:
                def __init__(self):
                    self.__own = 1
                def get(self):
                    return self.?__own, self?.__own, self.?__other
            got = Class().get()
            """
        )
    assert env["got"] == (1, 1, None)


def test_errors_leave_nothing_behind(fresh):
    with fresh(OptionalChainer):
        env = pyc.exec(
            """
            told = []
            def fail():
                raise KeyError
            for i in range(3):
                for run in (
                    lambda: o?.echo(fail()).x,
                    lambda: o?.echo(n?.x, fail()),
                    lambda: o?.items[fail()],
                    lambda: fail() ?? 1,
                    lambda: n ?? fail(),
                    lambda: o?.echo?.(fail()),
                ):
                    try:
                        run()
                    except KeyError:
                        told.append((n?.x(fail()), o?.echo(1), echo(2), None ?? 0))
            """,
            {"o": OBJECT, "n": None, "echo": echo},
        )
    assert env["told"] == [(None, ((1,), {}), ((2,), {}), 0)] * 18


@pytest.mark.parametrize("source", ["n?.x = 1", "n?.x.y = 1", "del n?.x", "n?.x += 1"])
def test_there_is_nothing_to_assign_to_in_none(fresh, source):
    with fresh(OptionalChainer):
        with pytest.raises(AttributeError):
            pyc.exec(source, {"n": None}, {})
        assert pyc.eval("o?.echo(1)", {"o": OBJECT}, {}) == ((1,), {})


def test_await_and_yield_in_chains(fresh):
    with fresh(OptionalChainer):
        env = pyc.exec(
            """
            import asyncio

            async def give(x):
                await asyncio.sleep(0)
                return x

            async def one(o, x):
                return [o?.echo(await give(x), (await give(None))?.y), (await give(None)) ?? (await give(x))]

            async def main():
                return await asyncio.gather(*(one(o if x % 2 else None, x) for x in range(4)))

            def generator(o):
                yield o?.echo((yield 1), (yield 2) ?? 5)

            awaited = asyncio.run(main())
            some, none = generator(o), generator(None)
            sent = next(some), next(none), some.send("a"), some.send(None)
            """,
            {"o": OBJECT},
        )
    assert env["awaited"] == [[None, 0], [((1, None), {}), 1], [None, 2], [((3, None), {}), 3]]
    assert env["sent"] == (1, None, 2, (("a", 5), {}))


def test_threads(fresh):
    with fresh(OptionalChainer):
        run = pyc.exec("def run(o, n):\n    return [(n?.x(1 / 0), o?.echo(i)[0][0]) for i in range(200)]")["run"]
        wrong = []
        threads = [threading.Thread(target=lambda: wrong.extend(x for i, x in enumerate(run(OBJECT, None)) if x != (None, i))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_scripts_and_what_they_import(tmp_path):
    (tmp_path / "imported.py").write_text("def name_of(x):\n    return x?.name ?? 'nobody'\n")
    (tmp_path / "script.py").write_text("from imported import name_of\nn = None\nprint(name_of(n), n?.x)\n")
    for name in ("ScriptOptionalChainer", "optional_chaining.ScriptOptionalChainer"):
        command = [sys.executable, "-m", "pyccolo_native", str(tmp_path / "script.py"), "-t", f"pyccolo_native.examples.{name}"]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert (told.stdout, told.stderr, told.returncode) == ("nobody None\n", "", 0)


def test_plain_chains_have_no_events(fresh):
    with fresh(ScriptOptionalChainer):
        code = pyc.compile_source("x = a.b(c)[d] or e\n", "plain.py")
    assert not any(name.startswith(pyc.PYCCOLO_BUILTIN_PREFIX) for name in code.co_names)


