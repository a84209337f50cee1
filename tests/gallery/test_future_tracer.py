"""FutureTracer: what runs side by side, what is waited for, and where exceptions come up."""
import logging
import threading
import time

import pyccolo_native as pyc
import pytest
from pyccolo_native.examples import FutureTracer


@pytest.fixture
def run(fresh):
    """Runs source; gives its variables."""

    def run(source, **variables):
        variables.setdefault("threading", threading)
        with fresh(FutureTracer):
            return pyc.exec(source, variables, {})

    return run


@pytest.fixture
def futures(fresh, module):
    """A tracer for the files of the test."""

    class Futures(fresh(FutureTracer)):
        def should_instrument_file(self, filename):
            return "modules" in filename

    return Futures


class Meeting:
    """Passes when as many threads as it is for have come."""

    def __init__(self, parties):
        self._barrier = threading.Barrier(parties)

    def __call__(self, value):
        self._barrier.wait(timeout=20)
        return value


def test_assignments_run_side_by_side(run):
    env = run("a = meet(1)\nb = meet(2)\nc = meet(3)\ntotal = a + b + c\nassert total == 6", meet=Meeting(3))
    assert (env["a"], env["b"], env["total"]) == (1, 2, 6)


def test_uses_wait_wherever_they_are(run):
    env = run(
        """
        def slow(x):
            threading.Event().wait(0.02)
            return x
        a = slow(1)
        def reads():
            return a + 1
        b = reads()
        c = [a + i for i in range(2)]
        d = {"a": a, "b": slow(b)}
        e = f"{d}"
        alias = a
        """
    )
    assert {name: env[name] for name in "abcde"} == {
        "a": 1, "b": 2, "c": [1, 2], "d": {"a": 1, "b": 2}, "e": "{'a': 1, 'b': 2}"
    }  # fmt: skip
    assert env["alias"] == 1


def test_none_is_a_value(run):
    assert run("a = print('', end='')\nb = a is None")["b"] is True


def test_module_has_values_and_no_others_see_anything_else(futures, module):
    module("one", "import threading\ndef slow(x):\n    threading.Event().wait(0.02)\n    return x\na = slow(1)\nb = slow(a + 1)\n")
    module("two", "from one import a, slow\nimport one\nc = slow(a + one.b)\n")
    with futures:
        import two
    assert (two.a, two.one.b, two.c) == (1, 2, 3)
    assert vars(two)["c"] == 3


def test_variables_bound_anew_have_the_value_of_their_place(run):
    env = run(
        """
        def later(x):
            threading.Event().wait(0.02)
            return x
        def reads(y):
            threading.Event().wait(0.02)
            return x + y
        x = later(1)
        a = reads(10)
        x = later(2)
        b = reads(10)
        x = 3
        c = reads(10)
        x = reads(1)
        d = reads(10)
        x += 1
        e = reads(10)
        for x in (7, 8):
            pass
        f = reads(10)
        def x():
            pass
        """
    )
    assert [env[name] for name in "abcdef"] == [11, 12, 13, 14, 15, 18]


def test_globals_bound_anew_by_functions_that_are_called(futures, module):
    module(
        "program",
        "def bump():\n    global n\n    n += 1\n    return n\nn = int('1')\na = bump()\nb = bump() if a else 0\nn += 10\nprint(n)\n",
    )
    with futures:
        import program
    assert (program.a, program.b, program.n) == (2, 3, 13)


def test_exceptions_come_up_at_the_use(run):
    env = run(
        """
        a = 1 // 0
        reached = True
        try:
            a
        except ZeroDivisionError:
            caught = True
        """
    )
    assert env["reached"] and env["caught"]


def test_exceptions_that_nobody_saw_come_up_at_the_end(futures, module):
    module("program", "import sys\na = 1 // 0\nsys.reached = True\n")
    import sys

    with futures, pytest.raises(ZeroDivisionError):
        import program  # noqa: F401
    assert sys.__dict__.pop("reached")


def test_a_variable_that_could_not_be_computed_is_what_it_was(futures, module):
    source = "a = int('5')\na = 1 // (a - 5)\ntry:\n    a\nexcept ZeroDivisionError:\n    pass\n"
    module("program", source)
    with futures:
        import program
    assert program.a == 5


def test_what_depends_on_what_failed_fails(run):
    with pytest.raises(KeyError, match="missing"):
        run("a = {}['missing']\nb = a + 1\nb")


def test_names_that_are_missing(run):
    with pytest.raises(NameError, match="'a'"):
        run("a = (lambda: a)()\na")


@pytest.mark.parametrize(
    "source",
    [
        "a = 1",
        "a = where",
        "a = b = where()",
        "a: object = where()",
        "(a, b) = where(), 1",
        "a = (b := where())",
        "try:\n    a = where()\nfinally:\n    pass",
        "with memoryview(b''):\n    a = where()",
        "for i in range(1):\n    a = where()",
        "def f():\n    a = where()\n    return a\nf()",
    ],
)
def test_what_is_not_put_off(run, source):
    places = []

    def where():
        places.append(threading.current_thread())

    run(source, where=where)
    assert set(places) <= {threading.main_thread()}


def test_branches_of_if_are_top_level(run):
    assert run("if 1:\n    a = threading.current_thread().name\nelse:\n    pass\na")["a"].startswith("FutureTracer")


def test_imports_within_the_pool_do_not_wait_for_a_place_in_it(futures, module):
    for i in range(12):
        module(f"part{i}", "x = int('1')\ny = x + int('1')\n")
    module("program", "\n".join(f"m{i} = __import__('part{i}')" for i in range(12)) + "\ntotal = sum([" + ", ".join(f"m{i}.y" for i in range(12)) + "])\n")
    with futures:
        import program
    assert program.total == 24


def test_context_variables_go_along(run):
    from contextvars import ContextVar

    user = ContextVar("user", default="nobody")
    assert run("token = user.set('somebody') if 0 else None\na = user.get()\na", user=user)["a"] == "nobody"
    user.set("somebody")
    assert run("a = user.get()\na", user=user)["a"] == "somebody"


@pytest.mark.keeps_objects("the log has the traceback")
def test_cells_of_a_notebook_need_not_wait(fresh, caplog):
    class Cells(fresh(FutureTracer)):
        wait_at_module_end = False

    gate, cell = threading.Event(), {}

    def run(source):
        Cells.instance().exec_raw(source, cell, cell, "<sandbox-cell>")

    cell.update(gate=gate)
    with caplog.at_level(logging.ERROR), Cells.instance():
        run("a = gate.wait(20)\nfailing = 1 // 0\nunused = gate.wait(20)")
        assert not isinstance(cell["a"], bool)
        gate.set()
        run("b = a is True")
    assert (cell["a"], cell["b"], cell["unused"]) == (True, True, True)
    assert "failing" not in cell
    assert "failing could not be computed" in caplog.text and "ZeroDivisionError" in caplog.text


def test_nothing_runs_after_tracing(run):
    run("a = threading.Event().wait(0.02)")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("FutureTracer")]


def test_what_is_on_its_way_ends_with_its_events(fresh):
    gate, variables = threading.Event(), {}

    def open_late():
        time.sleep(0.05)
        gate.set()

    def wait():
        return gate.wait(20) and 1

    with pytest.raises(KeyError), fresh(FutureTracer):
        threading.Thread(target=open_late).start()
        code = "a = wait()\nb = [wait(), a + 1]\nresults.append(lambda: b)\n{}['missing']"
        pyc.exec(code, {"wait": wait, "results": variables.setdefault("results", [])}, {})
    with FutureTracer:
        assert variables["results"].pop()() == [1, 2]


def test_it_is_quicker(run):
    started = time.perf_counter()
    run("\n".join(f"a{i} = pause(0.2)" for i in range(10)), pause=time.sleep)
    assert time.perf_counter() - started < 1.5  # not 2


def test_exceptions_of_what_is_overwritten_come_up_there(run):
    for anew in ("a = 2", "a = int('3')", "def a(): pass", "del a", "a += 1"):
        with pytest.raises(ZeroDivisionError):
            run(f"a = 1 // 0\n{anew}\n")


def test_what_was_raised_once_is_not_raised_by_overwriting(run):
    env = run("a = 1 // 0\ntry:\n    a\nexcept ZeroDivisionError:\n    pass\na = int('3')\nb = a\n")
    assert (env["a"], env["b"]) == (3, 3)


def test_values_that_are_no_longer_needed_are_let_go(fresh):
    tracer, variables = fresh(FutureTracer).instance(), {}
    with tracer:
        for _ in range(5):
            tracer.exec_raw("a = list('abc')\nb = a\n", variables, variables, "<sandbox-cell>")
        assert len(tracer._started) <= 2
    assert variables["b"] == ["a", "b", "c"]
