"""Changed functions that verify() accepts bring no interpreter to harm: a few seconds of it. `python -m tests.bytecode.fuzz` goes on."""
import sys

import pytest

from . import fuzz

SECONDS = 8


def test_what_is_accepted_does_no_harm():
    result = fuzz.fuzz(seed=1, seconds=SECONDS)
    assert not result.failures, "\n\n".join(map(str, result.failures))
    assert result.accepted > 20 and result.refused > 20


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Takes the place of the process that runs cases."""

    def take_its_place(program):
        inside = tmp_path / "inside.py"
        inside.write_text("import os, signal, sys\nseed, first, count = map(int, sys.argv[1:4])\n" + program)
        monkeypatch.setattr(fuzz, "INSIDE", inside)
        monkeypatch.setattr(fuzz, "show", lambda seed, number, dropped=(): f"the listing of {seed}, {number}")
        monkeypatch.setattr(fuzz, "PATIENCE", 1)

    return take_its_place


def test_a_crash_is_told_with_the_case(stand_in):
    stand_in("""
for number in range(first, first + count):
    os.write(3, b"R %d %d 0\\n" % (number, number - first + 1))
    if number == 7:
        print("the stack", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)
os.write(3, b"N %d %d 0\\n" % (number, count))
""")
    result = fuzz.fuzz_seed(3, float("inf"), 20)
    (failure,) = result.failures
    assert (failure.seed, failure.number, failure.how) == (3, 7, "SIGSEGV when run, alone too")
    assert str(failure) == "seed 3, number 7: SIGSEGV when run, alone too\nthe stack\n\nthe listing of 3, 7"
    assert (result.accepted, result.refused, result.hung) == (20, 0, 0)


def test_a_crash_that_needs_what_was_before_is_told_so(stand_in):
    stand_in("""
os.write(3, b"B 4 1 0\\n")
if count > 1:
    os.abort()
""")
    (failure,) = fuzz.fuzz_seed(0, float("inf"), 5).failures
    assert failure.how == "SIGABRT before it was accepted, not alone (the cases before 4 matter)"


def test_cases_without_end_are_left_out(stand_in):
    stand_in("""
import time
if first == 0:
    os.write(3, b"R 2 1 2\\n")
    time.sleep(60)
if first == 3:
    os.write(3, b"R 3 1 0\\n")
    os._exit(1)
assert first == 4
os.write(3, b"E 5 to_code(): SystemError: something\\nN 9 1 5\\n")
""")
    result = fuzz.fuzz_seed(0, float("inf"), 10)
    assert result.hung == 2 and (result.accepted, result.refused) == (3, 7)
    assert [(failure.number, failure.how) for failure in result.failures] == [(5, "to_code(): SystemError: something")]


def test_a_process_that_is_ended_from_outside_says_nothing_of_cases(stand_in):
    stand_in("""
os.write(3, b"R 2 1 2\\n")
os.kill(os.getpid(), signal.SIGTERM)
""")
    result = fuzz.fuzz_seed(0, float("inf"), 10)
    assert not result.failures and (result.accepted, result.refused, result.hung) == (1, 2, 0)


def test_a_process_that_fails_is_told(stand_in):
    stand_in("""
if first:
    os.write(3, b"N 1 0 0\\n")
else:
    os.write(3, b"B 0 0 0\\n")
    sys.exit("it cannot")
""")
    (failure,) = fuzz.fuzz_seed(0, float("inf"), 2).failures
    assert failure.how == "status 1" and "it cannot" in failure.text


def test_cases_are_the_same_each_time():
    first, second = fuzz.show(5, 3), fuzz.show(5, 3)
    assert " Instr(" in first and "firstlineno" in first
    assert [line.split("<Label")[0] for line in first.splitlines()] == [line.split("<Label")[0] for line in second.splitlines()]


def test_things_are_safe_to_work_with(monkeypatch):
    monkeypatch.syspath_prepend(str(fuzz.INSIDE.parent))
    import things

    names = things.namespace(["os", "open", "exec", "OddError", "len"])
    assert type(names["os"]) is things.Thing and names["OddError"] is things.ThingError and "len" not in names
    assert type(names["open"]) is type(names["exec"]) is things.Thing
    assert not {"open", "exec", "eval", "compile", "input"} & things.SAFE.keys()
    sys.modules.pop("things")
