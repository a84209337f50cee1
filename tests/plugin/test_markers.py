"""The marker and the fixtures: a tracer for one test."""
import pytest


def test_a_marked_test_runs_under_its_tracer(project):
    project.write(
        "test_price.py",
        """
        import pytest, watch

        @pytest.mark.pyc_tracer(watch.WatchesPrice)
        def test_marked(pyc_tracer):
            import price
            assert price.total([1]) == 1
            assert type(pyc_tracer) is watch.WatchesPrice
            assert pyc_tracer is not watch.WatchesPrice.instance()
            test = "in test_price.py::test_marked (call)"
            assert pyc_tracer.seen == [f"price.py:1 {test}", f"price.py:2 {test}"]

        def test_plain(pyc_tracers):
            import price, pyccolo_native
            price.total([1])
            assert pyc_tracers == () and pyccolo_native._TRACER_STACK == []
        """,
    )
    project.pytest("--strict-markers", "-W", "error", "-p", "no:randomly").outcomes(passed=2)


@pytest.mark.parametrize("tracer", ["watch.Watch", "'watch.Watch'"])
def test_paths_of_a_marker(project, tracer):
    project.write(
        "test_price.py",
        f"""
        import pytest, watch

        @pytest.mark.pyc_tracer({tracer}, path=["src/pr*.py"])
        class TestPrice:
            def test_first(self, pyc_tracer):
                import price
                price.total([1])
                assert len(pyc_tracer.seen) == 2
                TestPrice.first = pyc_tracer

            def test_second(self, pyc_tracer):
                assert pyc_tracer is not self.first and pyc_tracer.seen == []
        """,
    )
    result = project.pytest().outcomes(passed=2)
    assert "not instrumented, as imported before the tracers were on: price (" in result.warnings
    assert result.warnings.startswith("test_price.py::TestPrice::test_second\n")


def test_a_marked_test_need_not_ask_for_the_fixture(project):
    project.write("shows.py", SHOWS)
    project.write(
        "test_price.py",
        """
        import pytest
        pytestmark = pytest.mark.pyc_tracer("shows.Shows", path="src")

        def test_marked():
            import price
        """,
    )
    seen = project.pytest("-s").outcomes(passed=1).seen
    assert seen == ["test_price.py::test_marked (teardown) ['price.py:1 in test_price.py::test_marked (call)']"]


SHOWS = """
    import watch

    class Shows(watch.Watch):
        def pytest_finish_test(self, test):
            print("\\n~", test, self.seen)
"""


def test_arguments_of_the_tracer(project):
    project.write(
        "test_price.py",
        """
        import pytest, watch

        class Named(watch.Watch):
            def __init__(self, name, *, colour):
                super().__init__()
                self.name, self.colour = name, colour

        @pytest.mark.pyc_tracer(Named, "n", colour="red")
        def test_marked(pyc_tracer):
            assert (pyc_tracer.name, pyc_tracer.colour) == ("n", "red")
        """,
    )
    project.pytest().outcomes(passed=1)


def test_beside_the_tracers_of_the_run(project):
    project.write("src/price.py", "def total(amounts):\n    return sum(amounts)\n")
    project.write("src/tax.py", "RATE = 2\n")
    project.write(
        "test_price.py",
        """
        import pytest, price, watch

        @pytest.mark.pyc_tracer("watch.WatchesPrice", path="src/tax.py")
        def test_new(pyc_tracer, pyc_tracers):
            import tax
            assert pyc_tracers == (watch.Watch.instance(), pyc_tracer)
            assert pyc_tracer.seen == ["tax.py:1 in test_price.py::test_new (call)"]

        @pytest.mark.pyc_tracer(watch.Watch)
        def test_chosen(pyc_tracer, pyc_tracers):
            assert pyc_tracer is watch.Watch.instance() and pyc_tracers == (pyc_tracer,)

        def test_unmarked(pyc_tracer):
            assert pyc_tracer is watch.Watch.instance()
        """,
    )
    result = project.pytest("--pyc-tracer=watch.Watch", "--pyc-path=src").outcomes(passed=3)
    assert "tax.py:1 in test_price.py::test_new (call)" in result.seen


def test_handlers_of_a_marked_tracer_that_fail_are_told_of(project):
    project.write("src/price.py", "X = 1\n")
    project.write(
        "test_price.py",
        """
        import pytest
        import pyccolo_native as pyc

        class Fails(pyc.BaseTracer):
            @pyc.before_stmt
            def statement(self):
                raise ValueError("from a marked tracer")

        @pytest.mark.pyc_tracer(Fails, path="src")
        def test_marked():
            import price
        """,
    )
    warnings = project.pytest().outcomes(passed=1).warnings
    assert "test_price.Fails.statement, a handler of before_stmt, raised in test_price.py::test_marked (call)" in warnings


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("", "takes a tracer class or its name module.Class first, not None"),
        ("int, path='src'", "takes a tracer class or its name module.Class first, not <class 'int'>"),
        ("'watch.NoSuch'", "module 'watch' has no tracer 'NoSuch'"),
        ("'watch.Watch', path='nowhere'", "path nowhere: no such file or folder: "),
    ],
)
def test_a_wrong_marker_is_an_error_of_the_test(project, marker, message):
    project.write("test_price.py", f"import pytest\n\n@pytest.mark.pyc_tracer({marker})\ndef test_a(): pass\n\ndef test_b(): pass\n")
    result = project.pytest().outcomes(passed=1, error=1)
    assert "@pytest.mark.pyc_tracer of test_price.py::test_a" in result.stdout and message in result.stdout
    assert "Traceback" not in result.stdout and "run.py" not in result.stdout


def test_arguments_for_a_tracer_that_is_on_are_refused(project):
    project.write("test_price.py", "import pytest\n\n@pytest.mark.pyc_tracer('watch.Watch', path='src')\ndef test_a(): pass\n")
    result = project.pytest("--pyc-tracer=watch.Watch").outcomes(error=1)
    assert "watch.Watch is on for the whole run; it takes no arguments here" in result.stdout


def test_the_fixture_without_a_tracer_is_an_error(project):
    project.write("test_price.py", "def test_a(pyc_tracer): pass\n")
    result = project.pytest().outcomes(error=1)
    assert "pyc_tracer: no tracer; run with --pyc-tracer, or mark the test with pyc_tracer(...)" in result.stdout
    assert "def pyc_tracer" not in result.stdout
    project.pytest("--pyc-tracer=watch.Watch").outcomes(passed=1)


def test_the_marker_is_described(project):
    assert "@pytest.mark.pyc_tracer(tracer, path=None, **arguments): run the test under" in project.pytest("--markers").stdout
