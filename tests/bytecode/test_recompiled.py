"""CPython's own tests pass on code that was assembled anew: a few modules. `python -m tests.bytecode.recompiled` runs many."""
import pytest

from . import recompiled


@pytest.mark.parametrize("module", recompiled.QUICK)
def test_cpythons_tests_end_as_they_do_by_themselves(module):
    if not recompiled.has(module):
        pytest.skip("this Python came without its tests")
    plain, anew, found = recompiled.compare(module)
    assert not found, "\n".join([*found, anew.text[-3000:]])
    assert plain.status == 0 and plain.tests
    assert anew.codes > 1000  # of the module, of what it imports and of what was there before
    assert plain.codes == 0


def outcome(status, codes=1, **tests):
    return recompiled.Outcome(status, tests, codes, "", 0.0)


def test_what_differs_is_told(monkeypatch):
    assert recompiled.differences(outcome(0, a="passed"), outcome(0, a="passed")) == []
    told = recompiled.differences(outcome(0, a="passed", b="skipped"), outcome(-11, a="failed", c="passed"))
    assert told == [
        "status: 0 plain, SIGSEGV anew",
        "a: passed plain, failed anew",
        "b: skipped plain, not run anew",
        "c: not run plain, passed anew",
    ]


def test_what_is_known_is_not_told(monkeypatch):
    monkeypatch.setattr(recompiled, "KNOWN", {"a": "it notices"})
    assert recompiled.differences(outcome(0, a="passed"), outcome(2, a="failed")) == []
    assert recompiled.differences(outcome(0, a="passed", b="passed"), outcome(2, a="failed", b="failed")) == [
        "status: 0 plain, 2 anew",
        "b: passed plain, failed anew",
    ]
    assert recompiled.differences(outcome(0), outcome(2)) == ["status: 0 plain, 2 anew"]
    assert recompiled.differences(outcome(0, a="passed"), outcome(-6, a="not run")) == ["status: 0 plain, SIGABRT anew"]


def test_what_does_not_differ_again_is_not_told(monkeypatch):
    plain, once, always = (outcome(0, a=a, b=b) for a, b in (("passed", "passed"), ("failed", "failed"), ("failed", "passed")))
    runs = iter([plain, once, plain, always, plain, always])
    monkeypatch.setattr(recompiled, "run", lambda *_: next(runs))
    assert recompiled.compare("some")[2] == ["a: passed plain, failed anew"]
    monkeypatch.setattr(recompiled, "run", lambda *_: outcome(0, codes=0, a="passed"))
    assert recompiled.compare("some")[2] == ["no code was assembled anew"]


def test_results_are_read(tmp_path):
    (tmp_path / "a.xml").write_text(
        '<testsuites><testsuite><testcase name="one" classname="C"/><testcase name="one" classname="C"><failure/></testcase>'
        '<testcase name="two"><system-out/><skipped/></testcase><testcase name="three"><error/></testcase></testsuite></testsuites>'
    )
    assert recompiled.read_results(tmp_path / "a.xml") == {"C one": "passed", "C one'": "failed", "two": "skipped", "three": "error"}
