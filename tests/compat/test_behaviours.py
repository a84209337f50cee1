"""Each program in behaviours/ relies on something that programs written for Pyccolo rely on, and passes on both."""
import sys

import pytest

from . import processes

PROGRAMS = sorted((processes.HERE / "behaviours").glob("b*.py"))
# Pyccolo's exec() takes names out of f_locals, which frames of functions do not allow any more.
FAIL_IN_PYCCOLO = {"b02_exec_and_eval_can_be_replaced", "b12_reentrancy"} if sys.version_info >= (3, 13) else set()


@pytest.fixture(params=PROGRAMS, ids=lambda path: path.stem)
def program(request):
    return request.param


def test_a_program_for_pyccolo_finds_what_it_relies_on(program, tmp_path):
    processes.run("-W", "error", program, cwd=tmp_path)


def test_it_finds_the_same_in_pyccolo(program, tmp_path):
    pytest.importorskip("pyccolo")
    if program.stem in FAIL_IN_PYCCOLO:
        pytest.skip("Pyccolo 0.0.96 fails here itself from Python 3.13 on")
    processes.run(program, environment=processes.plain_environment(), cwd=tmp_path)


def test_there_is_a_program_for_each_of_the_behaviours():
    assert [int(path.stem[1:3]) for path in PROGRAMS] == list(range(1, 18))
