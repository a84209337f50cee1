"""The harness notices what a library does wrong, and nothing where nothing is wrong."""

import pytest

from . import corpus, faulty_library, runner
from .faulty_library import NOTICED_IN
from .variants import Variant

SHOWS = {"evaluates_operands_twice": "order_operators.py", "wraps_in_lambdas": "raises_in_unusual_places.py"}
"""A program that shows the fault; any that ends with an error shows the others."""
FAULTY = faulty_library.__name__


def report_on(fault):
    program = corpus.PROGRAMS / SHOWS.get(fault, "raises_in_operator.py")
    result = runner.run([program], FAULTY, Variant(fault, events=(fault,)))[program.name]
    return runner.differences(runner.plain(())[program.name], result)


@pytest.mark.parametrize("fault", NOTICED_IN)
def test_a_fault_is_noticed(fault):
    assert any(NOTICED_IN[fault] in line.partition("\n")[0] for line in report_on(fault)), report_on(fault)


def test_a_library_without_fault_passes():
    assert report_on("no_fault") == []


def test_programs_after_one_that_ends_the_process_still_run():
    program = corpus.PROGRAMS / "asserts.py"
    request = runner.request_for("plain", Variant("plain"))
    results = runner.run_batch([corpus.PROGRAMS / "no_such_program.py", program], request)
    assert results["no_such_program.py"]["process_ended"] == 1
    assert results[program.name]["status"] == 0


def test_a_program_that_never_ends_is_reported(monkeypatch, tmp_path):
    monkeypatch.setattr(runner, "SECONDS", 2.0)
    endless = tmp_path / "endless.py"
    endless.write_text("while True: pass\n")
    assert runner.run([endless], "plain", Variant("plain"))["endless.py"]["process_ended"] == "timeout"


def test_each_program_can_run_on_its_own():
    names = ["finalisation.py", "threads.py", "warnings_shown.py"]
    alone = runner.run([corpus.PROGRAMS / name for name in names], "plain", Variant("plain"))
    together = runner.plain(())
    assert {name: alone[name] for name in names} == {name: together[name] for name in names}
