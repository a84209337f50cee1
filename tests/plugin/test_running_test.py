"""What tracers know of the test that is running, and when they are told."""

TELLS = """
    import pyccolo_native as pyc

    class Tells(pyc.BaseTracer):
        def __init__(self):
            super().__init__()
            self.told = []

        def pytest_start_test(self, test):
            assert test is self.running_test
            self.told.append(f"start {test}")

        def pytest_finish_test(self, test):
            self.told.append(f"finish {test} {test.outcome} {[report.when for report in test.reports]}")

        def pytest_start_phase(self, test):
            self.told.append(f"start {test}")

        def pytest_finish_phase(self, test):
            self.told.append(f"finish {test}")

        def pytest_finish_session(self, session):
            self.told.append(f"session {session.testscollected} {self.running_test}")

        def pytest_summary(self, reporter):
            return "".join(f"~ {line}\\n" for line in self.told)
"""


def test_events_are_attributed_to_test_and_phase(project):
    project.write(
        "test_price.py",
        """
        import pytest

        @pytest.fixture(scope="module")
        def total():
            import price  # the module's own statements run here
            yield price.total
            price.total([])

        @pytest.mark.parametrize("amount", [1, 2])
        def test_one(total, amount):
            assert total([amount]) == amount

        class TestMore:
            def test_more(self, total):
                assert total([1, 1]) == 2
        """,
    )
    project.write(
        "watch.py", (project.folder / "watch.py").read_text().replace('f"{os.path', 'f"{self.running_test.item.name}: {os.path')
    )
    result = project.pytest("--pyc-tracer=watch.Watch", "--pyc-path=src").outcomes(passed=3)
    assert result.seen == [
        "test_one[1]: price.py:1 in test_price.py::test_one[1] (setup)",
        "test_one[1]: price.py:2 in test_price.py::test_one[1] (call)",
        "test_one[2]: price.py:2 in test_price.py::test_one[2] (call)",
        "test_more: price.py:2 in test_price.py::TestMore::test_more (call)",
        "test_more: price.py:2 in test_price.py::TestMore::test_more (teardown)",
    ]


def test_unittest_and_threads(project):
    project.write(
        "test_price.py",
        """
        import threading, unittest, price

        class TestPrice(unittest.TestCase):
            def setUp(self):
                price.total([])

            def test_threads(self):
                thread = threading.Thread(target=price.total, args=([1],))
                thread.start()
                thread.join()
        """,
    )
    project.write("many.py", "import watch\n\nclass Many(watch.Watch):\n    multiple_threads_allowed = True\n")
    result = project.pytest("--pyc-tracer=many.Many", "--pyc-path=src").outcomes(passed=1)
    assert result.seen == ["price.py:1 in None", "price.py:2 in test_price.py::TestPrice::test_threads (call)"]


def test_the_hooks_of_a_tracer(empty_project):
    empty_project.write("tells.py", TELLS)
    empty_project.write(
        "test_a.py",
        """
        import pytest

        def test_passes(): pass

        def test_fails():
            assert 0

        @pytest.fixture
        def broken():
            raise OSError

        def test_error(broken): pass

        @pytest.mark.skip
        def test_skipped(): pass
        """,
    )
    result = empty_project.pytest("--pyc-tracer=tells.Tells").outcomes(passed=1, failed=1, error=1, skipped=1)

    def phases(name, *run):
        for phase in run:
            yield f"start test_a.py::{name} ({phase})"
            yield f"finish test_a.py::{name} ({phase})"

    whole = ["setup", "call", "teardown"]
    assert result.seen == [
        "start test_a.py::test_passes",
        *phases("test_passes", *whole),
        f"finish test_a.py::test_passes passed {whole}",
        "start test_a.py::test_fails",
        *phases("test_fails", *whole),
        f"finish test_a.py::test_fails failed {whole}",
        "start test_a.py::test_error",
        *phases("test_error", "setup", "teardown"),
        "finish test_a.py::test_error failed ['setup', 'teardown']",
        "start test_a.py::test_skipped",
        *phases("test_skipped", "setup", "teardown"),
        "finish test_a.py::test_skipped skipped ['setup', 'teardown']",
        "session 4 None",
    ]


def test_a_hook_that_fails_is_told_of_and_harms_nothing(empty_project):
    hooks = ["start_test", "finish_test", "start_phase", "finish_phase"]
    bodies = "".join(f"    def pytest_{hook}(self, test):\n        raise ValueError('{hook}')\n\n" for hook in hooks)
    session = "    def pytest_finish_session(self, session):\n        raise ValueError('session')\n\n"
    summary = "    def pytest_summary(self, reporter):\n        raise ValueError('summary')\n"
    empty_project.write("fails.py", f"import pyccolo_native as pyc\n\nclass Fails(pyc.BaseTracer):\n{bodies}{session}{summary}")
    empty_project.write("test_a.py", "def test_a(): pass\n")
    result = empty_project.pytest("--pyc-tracer=fails.Fails").outcomes(passed=1)
    assert result.status == 0
    for hook in [*hooks, "finish_session"]:
        assert f"HandlerWarning: fails.Fails.pytest_{hook} raised " in result.warnings
    assert "raised in test_a.py::test_a (teardown); the tests go on without it." in result.warnings
    assert "pytest_finish_session raised outside of the tests" in result.warnings
    assert "fails.Fails.pytest_summary raised:" in result.stdout and "ValueError: summary" in result.stdout


def test_running_test_declared_by_the_class_is_back_after_the_run(empty_project):
    empty_project.write(
        "mine.py",
        """
        import pyccolo_native as pyc

        class Mine(pyc.BaseTracer):
            running_test = "nothing"

            @pyc.load_name
            def load(self, ret): pass
        """,
    )
    empty_project.write("test_a.py", "import mine\n\ndef test_a():\n    assert mine.Mine.instance().running_test.phase == 'call'\n")
    empty_project.write(
        "twice.py",
        """
        import sys, pytest
        arguments = ["-p", "no:cacheprovider", "-p", "pyccolo_native.pytest_plugin", "--pyc-tracer=mine.Mine", "test_a.py"]
        for _ in range(2):
            assert pytest.main(list(arguments)) == 0
            assert sys.modules["mine"].Mine.instance().running_test == "nothing"
            assert sys.modules["pyccolo_native"]._TRACER_STACK == []
            assert "pyc_tracer" not in vars(pytest.mark)
        print("~ both")
        """,
    )
    import os
    import subprocess
    import sys

    from .conftest import PACKAGE_PARENT

    environment = {**os.environ, "PYTHONPATH": str(PACKAGE_PARENT)}
    done = subprocess.run([sys.executable, "twice.py"], cwd=empty_project.folder, env=environment, capture_output=True, text=True)
    assert "~ both" in done.stdout, done.stdout + done.stderr


def test_the_summary_may_be_written_by_the_tracer_itself(empty_project):
    empty_project.write(
        "writes.py",
        """
        import pyccolo_native as pyc

        class Writes(pyc.BaseTracer):
            def pytest_summary(self, reporter):
                reporter.section("mine")
                reporter.write_line("~ written")

        class Nothing(pyc.BaseTracer):
            def pytest_summary(self, reporter):
                return None

        class Text(pyc.BaseTracer):
            def pytest_summary(self, reporter):
                return f"~ one\\n~ {reporter.config.option.verbose}\\n"
        """,
    )
    empty_project.write("test_a.py", "def test_a(): pass\n")
    result = empty_project.pytest("-v", "--pyc-tracer=writes.Writes,writes.Nothing,writes.Text")
    assert result.seen == ["written", "one", "1"]
    assert [line.strip("= ") for line in result.stdout.splitlines() if line.startswith("===")][1:3] == ["mine", "pyc: writes.Text"]
