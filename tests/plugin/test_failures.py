"""Handlers that raise: warnings of the test, with traceback, handler and event; harmless to the tests."""
import pytest

FAILS = """
    import pyccolo_native as pyc

    class Fails(pyc.BaseTracer):
        @pyc.after_return
        def returned(self, ret):
            raise ValueError(f"of {ret}")
"""


@pytest.fixture
def failing(project):
    project.write("fails.py", FAILS)
    return project


OPTIONS = ("--pyc-tracer=fails.Fails", "--pyc-path=src")


def test_a_failure_is_a_warning_of_the_test(failing):
    result = failing.pytest(*OPTIONS).outcomes(passed=1)
    warnings = result.warnings
    assert warnings.startswith("test_price.py::test_total\n")
    assert "fails.py:4: HandlerWarning: fails.Fails.returned, a handler of after_return, raised in " in warnings
    assert "raised in test_price.py::test_total (call); the tests go on without it." in warnings
    assert 'fails.py", line 6, in returned' in warnings and "ValueError: of 3" in warnings
    assert result.text.count("Traceback") == result.text.count("ValueError: of 3") == 1
    assert "1 passed, 1 warning in" in result.stdout and "Unraisable" not in result.text


def test_the_first_of_a_kind_is_told(failing):
    failing.write("test_price.py", "import price\n\ndef test_1():\n    price.total([1])\n\ndef test_2():\n    price.total([2])\n")
    result = failing.pytest(*OPTIONS).outcomes(passed=2)
    assert "ValueError: of 1" in result.warnings and "ValueError: of 2" not in result.text


def test_the_event_is_named_if_the_handler_has_several(failing):
    failing.write(
        "fails.py",
        """
        import pyccolo_native as pyc

        class Fails(pyc.BaseTracer):
            @pyc.register_handler((pyc.load_name, pyc.after_return))
            def pyccolos_way(self, ret, *rest, **__):
                raise LookupError(rest)

            @pyc.register_handler((pyc.load_name, pyc.after_return))
            def takes_and_ignores(self, ret, *_, **__):
                raise ArithmeticError

            @pyc.register_handler((pyc.load_name, pyc.after_return))
            def by_name(self, event):
                raise TypeError

            @pyc.register_handler((pyc.load_name, pyc.after_return))
            def not_told(self, ret):
                raise OSError
        """,
    )
    warnings = failing.pytest(*OPTIONS).outcomes(passed=1).warnings
    assert "fails.Fails.pyccolos_way, a handler of load_name, raised" in warnings
    assert "fails.Fails.by_name, a handler of load_name, raised" in warnings
    assert "fails.Fails.takes_and_ignores, a handler of load_name or after_return, raised" in warnings
    assert "fails.Fails.not_told, a handler of load_name or after_return, raised" in warnings


def test_a_predicate_that_fails_is_told_of(failing):
    failing.write(
        "fails.py",
        """
        import pyccolo_native as pyc

        class Fails(pyc.BaseTracer):
            @pyc.after_return(when=lambda node: Fails.instance().running_test is None or 1 / 0)
            def returned(self, ret): pass
        """,
    )
    warnings = failing.pytest(*OPTIONS).outcomes(passed=1).warnings
    assert "fails.Fails.returned, a handler of after_return, raised" in warnings and "ZeroDivisionError" in warnings


def test_the_test_itself_does_not_see_the_warning(failing):
    failing.write(
        "test_price.py",
        """
        import warnings, price

        def test_none(recwarn):
            price.total([1])
            assert list(recwarn) == []

        def test_strict():
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                assert price.total([1]) == 1
        """,
    )
    result = failing.pytest(*OPTIONS).outcomes(passed=2)
    assert "ValueError: of 1" in result.warnings


def test_filters_hold(failing):
    ignored = failing.pytest(*OPTIONS, "-W", "ignore::pyccolo_native.pytest_plugin.HandlerWarning").outcomes(passed=1)
    assert "ValueError" not in ignored.text
    failing.write("test_price.py", "import price\n\ndef test_1():\n    price.total([1])\n\ndef test_2():\n    price.total([2])\n")
    strict = failing.pytest(*OPTIONS, "-W", "error").outcomes(passed=1, failed=1)
    assert "FAILED test_price.py::test_1 - pyccolo_native.pytest_plugin.HandlerWarning" in strict.stdout
    assert "ValueError: of 1" in strict.stdout


def test_several_failures_that_are_errors(failing):
    failing.write(
        "fails.py",
        FAILS + "\n        @pyc.load_name\n        def load(self, ret):\n            raise KeyError(1)\n",
    )
    result = failing.pytest(*OPTIONS, "-W", "error").outcomes(failed=1)
    assert "ValueError: of 3" in result.stdout and "KeyError: 1" in result.stdout


def test_a_failure_does_not_hide_that_of_the_test(failing):
    failing.write("test_price.py", "import price\n\ndef test_1():\n    assert price.total([1]) == 2\n")
    result = failing.pytest(*OPTIONS).outcomes(failed=1)
    assert "assert 1 == 2" in result.stdout and "ValueError: of 1" in result.warnings
    assert "raised in test_price.py::test_1 (call)" in result.warnings


def test_a_failure_while_tests_are_collected(failing):
    failing.write("src/price.py", "def total(amounts):\n    return sum(amounts)\n\ntotal([9])\n")
    result = failing.pytest(*OPTIONS).outcomes(passed=1)
    assert "raised outside of the tests" in result.warnings and "ValueError: of 9" in result.warnings
    strict = failing.pytest(*OPTIONS, "-W", "error").outcomes(passed=1)
    assert "ValueError: of 9" in strict.warnings and "INTERNALERROR" not in strict.text


def test_other_exceptions_that_cannot_be_raised_are_pytests(failing):
    failing.write(
        "test_price.py",
        """
        class Sick:
            def __del__(self):
                raise OSError("in a finaliser")

        def test_1():
            Sick()
        """,
    )
    result = failing.pytest(*OPTIONS).outcomes(passed=1)
    assert "PytestUnraisableExceptionWarning" in result.warnings and "OSError: in a finaliser" in result.warnings


def test_nothing_of_the_test_is_kept_alive(failing):
    failing.write(
        "test_price.py",
        """
        import weakref, price

        class Amounts(list): pass

        def test_1():
            amounts = Amounts([1])
            price.total(amounts)
            reference = weakref.ref(amounts)
            del amounts
            assert reference() is None
        """,
    )
    failing.pytest(*OPTIONS).outcomes(passed=1)


def test_a_tracer_may_let_the_test_see_its_exception(failing):
    failing.write(
        "fails.py",
        FAILS + "\n        def should_propagate_handler_exception(self, event, error):\n            return True\n",
    )
    result = failing.pytest(*OPTIONS).outcomes(failed=1)
    assert "FAILED test_price.py::test_total - ValueError: of 3" in result.stdout and result.warnings == ""


def test_without_pytests_own_plugin(failing):
    for name in ("unraisableexception", "warnings"):
        result = failing.pytest(*OPTIONS, "-p", f"no:{name}").outcomes(passed=1)
        assert "ValueError: of 3" in result.text and result.text.count("Traceback") == 1
