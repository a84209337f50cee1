"""Packages from PyPI, observed with every event on, pass their own tests as they do by themselves: the short selection.

`make packages` runs all of them. Environments are kept in build/packages.
"""
import pytest

from . import run_suite
from .suites import SUITES


@pytest.mark.parametrize("suite", [suite for suite in SUITES if suite.short], ids=lambda suite: suite.name)
def test_a_package_passes_its_tests_as_it_does_by_itself(suite, tmp_path):
    environment = run_suite.Environment(suite, run_suite.FOLDER)
    try:
        environment.prepare()
    except run_suite.Unavailable as error:
        if run_suite.has_index(tmp_path):
            raise
        pytest.skip(f"{suite.name} {suite.version} cannot be fetched: no package index within reach ({error})")
    told = []
    unexplained = run_suite.report(suite, *run_suite.compare(environment, suite.short, "AllEvents"), told.append)
    assert not unexplained, "\n".join(told)


MINIATURE = """
import warnings

def double(x):
    return 2 * x

def test_a_value():
    assert double(4) == 8

def test_that_fails():
    raise ValueError(double(4))

def test_output():
    print(double(2))
    warnings.warn("told", UserWarning)
"""


class Miniature(run_suite.Environment):
    """A suite that needs nothing: its own folder, the Python that runs this."""

    def __init__(self, folder):
        super().__init__(SUITES[0], folder)
        sources = self.folder / "sources"
        sources.mkdir(parents=True)
        (sources / "test_miniature.py").write_text(MINIATURE)
        (self.folder / f"ready-{self.suite.version}").touch()
        self.prepare()
        self.python = run_suite.sys.executable


def outcome(folder, tracer):
    told = []
    return run_suite.report(SUITES[0], *run_suite.compare(Miniature(folder), ["test_miniature.py"], tracer), told.append), "\n".join(told)


@pytest.mark.parametrize("tracer", ["AllEvents", "Looking", "Statements"])
def test_an_observing_tracer_leaves_no_difference(tracer, tmp_path):
    unexplained, told = outcome(tmp_path, tracer)
    assert unexplained == 0, told
    assert "1 failed, 2 passed plain" in told and "note" not in told


def test_what_a_tracer_changes_is_noticed(tmp_path):
    unexplained, told = outcome(tmp_path, "Overriding")
    assert unexplained == 2, told
    assert "DIFFERS test_miniature.py::test_a_value call: passed plain, failed traced" in told
    assert "note: output differs: test_miniature.py::test_output" in told


def test_a_package_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(run_suite.Unavailable, match="no-such-command"):
        run_suite.command(["sh", "-c", "echo no-such-command >&2; exit 3"])
