"""Each program in behaviours/ relies on something that programs written for Pyccolo rely on, and passes on both."""
import importlib.util

import pytest

from . import processes

PROGRAMS = sorted((processes.HERE / "behaviours").glob("b*.py"))
NEEDS = {"b17_ipython_driver": ("IPython", "pyccolo_native.ipython_extension")}


@pytest.fixture(params=PROGRAMS, ids=lambda path: path.stem)
def program(request):
    for module in NEEDS.get(request.param.stem, ()):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"needs {module}")
    return request.param


def test_a_program_for_pyccolo_finds_what_it_relies_on(program, tmp_path):
    processes.run("-W", "error", program, cwd=tmp_path)


def test_it_finds_the_same_in_pyccolo(program, tmp_path):
    pytest.importorskip("pyccolo")
    processes.run(program, environment=processes.plain_environment(), cwd=tmp_path)


def test_there_is_a_program_for_each_of_the_behaviours():
    assert [int(path.stem[1:3]) for path in PROGRAMS] == list(range(1, 18))
