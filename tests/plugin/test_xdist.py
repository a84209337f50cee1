"""pytest-xdist: the workers trace, the controller merges and reports."""
import pytest

pytest.importorskip("xdist")

MERGES = """
    import watch

    class Merges(watch.Watch):
        def export_results(self):
            return frozenset(self.seen)

        def merge_results(self, data):
            assert type(data) is frozenset
            self.seen = sorted({*self.seen, *data})

        def pytest_finish_session(self, session):
            self.seen = [*self.seen, f"finished with {len(self.seen)}"]
"""
TESTS = "import price, pytest\n\n@pytest.mark.parametrize('n', range(6))\ndef test_total(n):\n    assert price.total([n]) == n\n"
ALL = ["price.py:1 in None", *(f"price.py:2 in test_price.py::test_total[{n}] (call)" for n in range(6))]


@pytest.fixture
def merging(project):
    project.write("merges.py", MERGES)
    project.write("test_price.py", TESTS)
    return project


OPTIONS = ("--pyc-tracer=merges.Merges", "--pyc-path=src")


@pytest.mark.parametrize("distribution", [["-n2"], ["--dist=each", "--tx=2*popen"], ["-n1", "--dist=loadfile"]])
def test_results_of_workers_are_merged(merging, distribution):
    alone = merging.pytest(*OPTIONS).outcomes(passed=6)
    assert alone.seen == [*ALL, "finished with 7"]
    result = merging.pytest(*OPTIONS, *distribution)
    assert result.status == 0
    assert result.seen == alone.seen


def test_options_of_the_ini_file_reach_the_workers(merging):
    merging.write("pytest.ini", "[pytest]\npythonpath = src\npyc_tracer = merges.Merges\npyc_path = src\n")
    assert merging.pytest("-n2").outcomes(passed=6).seen == [*ALL, "finished with 7"]


def test_the_controller_does_not_trace(merging):
    merging.write("conftest.py", "import price\n")
    result = merging.pytest(*OPTIONS, "-n2").outcomes(passed=6)
    assert result.seen == [*ALL, "finished with 7"]
    merging.write("merges.py", MERGES.replace("return frozenset(self.seen)", "return frozenset()"))
    assert merging.pytest(*OPTIONS, "-n2").seen == ["finished with 0"]


@pytest.mark.parametrize("distribution", [["-n0"], ["-n2", "--collect-only"], ["-nauto", "--pdb"]])
def test_without_workers_this_process_traces(merging, distribution):
    result = merging.pytest(*OPTIONS, *distribution)
    assert result.seen[:-1] == (ALL[:1] if "--collect-only" in distribution else ALL)


def test_a_run_inside_a_worker(merging):
    merging.write(
        "test_price.py",
        """
        import subprocess, sys, price

        def test_nested():
            price.total([])
            command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "pyccolo_native.pytest_plugin"]
            command += ["-n1", "--pyc-tracer=merges.Merges", "--pyc-path=src", "inner"]
            done = subprocess.run(command, capture_output=True, text=True)
            assert "~ price.py:2 in inner/test_inner.py::test_inner (call)" in done.stdout, done.stdout + done.stderr
            assert "test_nested" not in done.stdout
        """,
    )
    merging.write("inner/test_inner.py", "import price\n\ndef test_inner():\n    price.total([1])\n")
    result = merging.pytest(*OPTIONS, "-n1", "test_price.py").outcomes(passed=1)
    assert result.seen[:-1] == [ALL[0], "price.py:2 in test_price.py::test_nested (call)"]


def test_failures_in_workers_are_shown(merging):
    merging.write("fails.py", MERGES.replace("class Merges", "class Fails") + FAILING)
    result = merging.pytest("-n1", "--pyc-tracer=fails.Fails", "--pyc-path=src").outcomes(passed=6)
    assert "fails.Fails.returned, a handler of after_return, raised in test_price.py::test_total[0] (call)" in result.warnings
    assert "ValueError: from a worker" in result.warnings


FAILING = """
        @watch.pyc.after_return
        def returned(self, ret):
            raise ValueError("from a worker")
"""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("return frozenset(self.seen)", "return (lambda: 0)"), "merges.Merges.export_results raised outside of the tests"),
        (("assert type", "assert not type"), "merges.Merges.merge_results, given the results of gw0, raised"),
    ],
)
def test_results_that_cannot_be_merged_are_told_of(merging, change, message):
    merging.write("merges.py", MERGES.replace(*change))
    result = merging.pytest(*OPTIONS, "-n1").outcomes(passed=6)
    assert result.status == 0 and message in result.warnings and result.seen == ["finished with 0"]


def test_half_of_the_pair_is_refused(merging):
    merging.write("merges.py", MERGES.replace("def merge_results", "def merge"))
    result = merging.pytest(*OPTIONS, "-n1")
    assert result.status == 4
    assert "merges.Merges defines export_results() but not merge_results(): workers' results are merged with both" in result.stderr
    merging.pytest(*OPTIONS).outcomes(passed=6)


def test_a_tracer_that_keeps_its_results_in_the_workers_is_warned_of(merging):
    result = merging.pytest("-n1", "--pyc-tracer=watch.Watch", "--pyc-path=src").outcomes(passed=6)
    assert "watch.Watch.pytest_summary will see no results: they stay in the workers, unless" in result.warnings
    assert result.warnings.count("pytest_summary") == 1


def test_a_worker_that_dies_is_named(merging):
    merging.write("test_price.py", TESTS + "    if n == 3:\n        import os\n        os._exit(1)\n")
    result = merging.pytest(*OPTIONS, "-n1", "--max-worker-restart=1")
    assert "pyc: gw0 ended without sending results: those of merges.Merges are not complete" in result.stdout
    assert ALL[-1] in result.seen and ALL[1] not in result.seen


def test_a_run_that_is_stopped_early(merging):
    merging.write("test_price.py", TESTS.replace("== n", "== n + 1"))
    result = merging.pytest(*OPTIONS, "-n1", "-x")
    assert ALL[1] in result.seen or "ended without sending results" in result.stdout


def test_markers_in_workers(merging):
    merging.write(
        "test_price.py",
        """
        import pytest

        @pytest.mark.pyc_tracer("watch.Watch", path="src")
        def test_marked(pyc_tracer):
            import price
            assert pyc_tracer.seen == ["price.py:1 in test_price.py::test_marked (call)"]
        """,
    )
    merging.pytest("-n1").outcomes(passed=1)
