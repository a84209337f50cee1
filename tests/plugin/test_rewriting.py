"""Test modules and conftest.py, which pytest's own import hook loads: instrumented, with the assertions it rewrites."""
import re

import pytest

TESTS = """
    import pytest

    @pytest.fixture
    def amounts():
        return [1, 2, 3]

    def helper(amounts):
        return sum(amounts)

    def test_compare(amounts):
        expected = {"a": [1, 2], "b": 3}
        assert {"a": amounts, "b": 3} == expected, "compared"

    def test_call(amounts):
        assert helper(amounts) < len(amounts) * 2 - 1 and not amounts

    def test_in(amounts, limit):
        assert all(amount < limit for amount in amounts)
        assert "long " * 9 in "another " * 9

    def test_raises():
        with pytest.raises(ZeroDivisionError):
            1 / 1

    class TestMore:
        @pytest.mark.parametrize("n", [1, 2])
        def test_of(self, n):
            assert (lambda m: m * 2)(n) == 2
"""
CONFTEST = """
    import pytest

    @pytest.fixture
    def limit():
        value = 3
        assert value > 2
        return value
"""
EVERY = """
    import pyccolo_native as pyc

    LATER = {*pyc.trace_events.SYS_TRACE_EVENTS, pyc.c_call, pyc.c_return, pyc.c_exception}

    class Every(pyc.BaseTracer):
        @pyc.register_handler(tuple(event for event in pyc.TraceEvent if event not in LATER))
        def observe(self, *_, **__): pass
"""


def shown(result):
    """What a run says of failures, without what differs from run to run."""
    text = re.sub(r"0x[0-9a-f]+", "0x", result.stdout[result.stdout.index("= FAILURES =") :])
    text = text.partition("\n= warnings summary")[0]
    return re.sub(r"in [\d.]+s", "", re.sub(r"=== pyc: .*?(?===)", "", text, flags=re.S))


@pytest.fixture
def rewritten(empty_project):
    empty_project.write("test_a.py", TESTS)
    empty_project.write("conftest.py", CONFTEST)
    empty_project.write("every.py", EVERY)
    return empty_project


@pytest.mark.parametrize("options", [[], ["--import-mode=importlib"], ["--assert=plain"], ["-vv"]])
def test_what_failures_look_like_stays(rewritten, options):
    plain = rewritten.pytest(*options)
    traced = rewritten.pytest(*options, "--pyc-tracer=every.Every", "--pyc-path=.")
    assert shown(traced) == shown(plain)
    assert traced.status == plain.status == 1
    rewritten.pytest(*options, "--pyc-tracer=every.Every", "--pyc-path=.").outcomes(passed=1, failed=5)


def test_a_tracer_without_handlers_changes_nothing(project):
    project.write("empty.py", "import pyccolo_native as pyc\n\nclass Empty(pyc.BaseTracer): pass\n")
    project.write("test_three.py", "def test_one():\n    assert 1\n\ndef test_two():\n    x = 2\n    assert x == 2\n    assert x\n")
    result = project.pytest("--pyc-tracer=empty.Empty", "--pyc-path=.", "test_three.py").outcomes(passed=2)
    assert "warning" not in result.stdout and "Warning" not in result.stderr


@pytest.mark.parametrize("options", [[], ["--import-mode=importlib"], ["--assert=plain"]])
def test_test_modules_and_conftest_are_instrumented(project, options):
    project.write("conftest.py", CONFTEST)
    project.write("tests/test_limit.py", "import pytest\n\ndef test_limit(limit):\n    assert limit == 3\n")
    result = project.pytest("--pyc-tracer=watch.Watch", "--pyc-path=tests", "--pyc-path=conftest.py", "tests", *options)
    assert result.outcomes(passed=1).seen == [
        "conftest.py:1 in None",
        "conftest.py:4 in None",
        "test_limit.py:1 in None",
        "test_limit.py:3 in None",
        "conftest.py:5 in tests/test_limit.py::test_limit (setup)",
        "conftest.py:6 in tests/test_limit.py::test_limit (setup)",
        "conftest.py:7 in tests/test_limit.py::test_limit (setup)",
        "test_limit.py:4 in tests/test_limit.py::test_limit (call)",
    ]
    assert result.warnings == ""


def test_a_marked_module_of_helpers_is_rewritten(project):
    project.write("helpers.py", "def check(n):\n    assert n == 2\n")
    project.write("conftest.py", "import pytest\n\npytest.register_assert_rewrite('helpers')\n")
    project.write("test_price.py", "import helpers\n\ndef test_a():\n    helpers.check(1)\n")
    project.write("pytest.ini", "[pytest]\npythonpath = .\n")
    result = project.pytest("--pyc-tracer=watch.Watch", "--pyc-path=helpers.py").outcomes(failed=1)
    assert "assert 1 == 2" in result.stdout
    assert result.seen == ["helpers.py:1 in None", "helpers.py:2 in test_price.py::test_a (call)"]
