"""Modules of the standard library, woven with every event, load and work as they do by themselves."""

import pytest

from . import runner
from .stdlib import EXERCISES


@pytest.mark.parametrize("module", EXERCISES)
def test_a_woven_module_works_as_the_plain_one(module, woven_module):
    expected, found = runner.plain_stdlib()[module], woven_module(module)
    assert expected.get("completed"), expected
    for part in ("process_ended", "failed_to_load"):
        assert part not in found, f"{found[part]}\n{found.get('process_stderr', '')}"
    for part in ("face", "exercise", "doctests"):
        assert found[part] == expected[part], runner.shown(expected[part], found[part])


@pytest.mark.parametrize("module", [name for name, exercise in EXERCISES.items() if exercise.doctests])
def test_the_examples_of_a_module_are_found(module):
    failed, attempted, report = runner.plain_stdlib()[module]["doctests"]
    assert attempted > 0 and failed <= attempted / 10, report
