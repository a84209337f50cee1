"""Pyccolo's own tests pass under the alias."""
import pytest

from . import run

@pytest.fixture(scope="module")
def sources():
    try:
        return run.sources()
    except run.Unavailable as error:
        pytest.skip(f"Pyccolo's tests cannot be fetched; {run.CLONE} may name a clone of {run.REPOSITORY} ({error})")


def test_pyccolos_own_tests_pass(sources):
    found = run.run(sources, ["test"])
    told = []
    assert run.report(found, told.append) == 0, "\n".join(told)
    assert len(found) == run.COUNT


MINIATURE = """
import pyccolo as pyc

def test_that_passes():
    assert pyc.eval("1 + 1") == 2

def test_that_fails():
    assert pyc.__spec__.name == "another"
"""


@pytest.fixture
def miniature(tmp_path):
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "test_miniature.py").write_text(MINIATURE)
    return tmp_path


def test_it_tells_what_fails(miniature):
    told = []
    assert run.report(run.run(miniature), told.append) == 1
    assert told[0].startswith("failed test.test_miniature::test_that_fails: AssertionError") and "pyccolo_native" in told[0]
    assert told[1] == "1 failed, 1 passed"


def test_the_installed_pyccolo_can_be_taken_instead(miniature):
    pytest.importorskip("pyccolo")
    assert "'pyccolo'" in run.run(miniature, ours=False)["test.test_miniature::test_that_fails"][1]


def test_a_repository_that_is_not_there_is_said_so(monkeypatch, tmp_path):
    monkeypatch.setattr(run, "FOLDER", tmp_path)
    with pytest.raises(run.Unavailable, match="no-such-clone"):
        run.sources(tmp_path / "no-such-clone")
