"""Projects whose tests are run by a pytest of their own, with the plugin."""
import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import pyccolo_native

PACKAGE_PARENT = Path(pyccolo_native.__file__).resolve().parents[1]
START = "import sys, pytest; sys.exit(pytest.main())"

WATCH = """
    import os
    import pyccolo_native as pyc

    class Watch(pyc.BaseTracer):
        "Notes each statement with the test it ran in."

        def __init__(self):
            super().__init__()
            self.seen = []

        @pyc.before_stmt
        def statement(self, node, frame):
            line = f"{os.path.basename(frame.f_code.co_filename)}:{node.lineno} in {self.running_test}"
            if line not in self.seen:
                self.seen.append(line)

        def pytest_summary(self, reporter):
            return [f"~ {line}" for line in self.seen]

    class WatchesPrice(Watch):
        def should_instrument_file(self, filename):
            return os.path.basename(filename) == "price.py"
"""
PRICE = """
    def total(amounts):
        return sum(amounts)
"""
TEST_PRICE = """
    import price

    def test_total():
        assert price.total([1, 2]) == 3
"""


class Result:
    """What a run of pytest said."""

    def __init__(self, done):
        self.status = done.returncode
        self.stdout, self.stderr = done.stdout, done.stderr
        self.text = done.stdout + done.stderr

    @property
    def seen(self):
        """What tracers have noted, one line each."""
        return re.findall(r"^~ (.*)$", self.stdout, re.M)

    @property
    def warnings(self):
        """The part of the output that lists warnings; empty without any."""
        found = re.search(r"= warnings summary =.*?\n(.*?)^-- Docs", self.stdout, re.M | re.S)
        return found[1] if found else ""

    def outcomes(self, **expected):
        counts = {word.rstrip("s"): int(n) for n, word in re.findall(r"(\d+) (passed|failed|errors?|skipped)", self.stdout)}
        assert counts == expected, self.text
        return self


class Project:
    """A folder with tests."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"))
        return path

    def pytest(self, *arguments, plugin="pyccolo_native.pytest_plugin", cwd=".", python=("-P", "-c", START), **variables):
        """Runs `pytest` here, the command: the folder is not on sys.path. `plugin`, if not None, is named with -p."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
        environment.update({"PYTHONPATH": str(PACKAGE_PARENT), **variables})
        named = [] if plugin is None else ["-p", plugin]
        command = [sys.executable, *python, "-p", "no:cacheprovider", *named, *map(str, arguments)]
        done = subprocess.run(
            command, cwd=self.folder / cwd, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120
        )
        return Result(done)


@pytest.fixture
def empty_project(tmp_path):
    """A project without any file."""
    return Project(tmp_path)


@pytest.fixture
def project(empty_project):
    """A project with a library (src/price.py), a test of it, and a tracer (watch.Watch)."""
    empty_project.write("pytest.ini", "[pytest]\npythonpath = src\n")
    empty_project.write("watch.py", WATCH)
    empty_project.write("src/price.py", PRICE)
    empty_project.write("test_price.py", TEST_PRICE)
    return empty_project
