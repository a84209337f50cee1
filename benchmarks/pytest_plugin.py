"""benchmarks/pytest_plugin.py: a pytest suite of 2,000 tiny tests with the plugin and an empty tracer, and without.

The processor time of whole runs, user and system, as pytest's own wall time depends on what else the machine does. The
runs are processes of their own, and alternate.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any, Callable

from benchmarks.figures import Row, at_most, ratio
from benchmarks.peers import OURS, PLAIN

TITLE = "pytest: a suite of 2,000 tiny tests"
ROUNDS = 9
ABSENT, IDLE, EMPTY, BUSY = "absent", "plugin loaded, no tracer", "empty tracer", "empty tracer, tests instrumented"
MODULES, TESTS = 20, 100

_TRACER = "import pyccolo_native as pyc\n\n\nclass Empty(pyc.BaseTracer):\n    pass\n"
_OPTIONS = {
    ABSENT: [],
    IDLE: ["-p", "pyccolo_native_pytest"],
    EMPTY: ["-p", "pyccolo_native_pytest", "--pyc-tracer=empty_tracer.Empty"],
    BUSY: ["-p", "pyccolo_native_pytest", "--pyc-tracer=empty_tracer.Empty", "--pyc-path=."],
}


def cases(quick: bool) -> dict[str, dict[str, int]]:
    return {name: {PLAIN if name == ABSENT else OURS: ROUNDS} for name in _OPTIONS}


def _processor_time() -> float:
    times = os.times()
    return times.children_user + times.children_system


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    folder = tempfile.TemporaryDirectory()
    place = Path(folder.name)
    for number in range(MODULES):
        tests = "".join(f"\n\ndef test_{test}():\n    assert {test} + 1 == {test + 1}\n" for test in range(TESTS))
        (place / f"test_tiny_{number}.py").write_text(f'"""Tiny tests."""{tests}')
    (place / "empty_tracer.py").write_text(_TRACER)
    (place / "pytest.ini").write_text("[pytest]\n")
    root = str(Path(__file__).resolve().parent.parent)
    # The project's directory comes last, as in the workers: an installed package wins.
    start = f"import sys; sys.path.append({root!r}); import pytest; sys.exit(pytest.main())"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHONPATH"))}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # Bytecode is cached, as for those who run their tests every day, but not among the sources.
    environment["PYTHONPYCACHEPREFIX"] = str(place / "cache")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def sample(case: str) -> dict[str, float]:
        keep = folder  # the tests live as long as this function
        command = [sys.executable, "-c", start, "-q", "-p", "no:cacheprovider", *_OPTIONS[case]]
        used, began = _processor_time(), perf_counter()
        done = subprocess.run(command, cwd=keep.name, env=environment, capture_output=True, text=True)
        wall, used = perf_counter() - began, _processor_time() - used
        if f"{MODULES * TESTS} passed" not in done.stdout:
            raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
        return {"processor": used, "wall": wall}

    sample(ABSENT if peer == PLAIN else BUSY)  # the first run writes and loads cached bytecode
    return sample


def rows(medians: Any, quick: bool) -> list[Row]:
    def of(case: str, figure: str) -> Any:
        return medians(case, PLAIN if case == ABSENT else OURS, figure)

    found = []
    for figure, text in (("processor", "user and system time"), ("wall", "wall time")):
        plain = of(ABSENT, figure)
        for case in (IDLE, EMPTY, BUSY):
            row = Row(f"{text}, {case}", "s", of(case, figure), None, plain)
            if case == EMPTY and figure == "processor":
                row.bars.append(at_most(ratio(row.ours, plain), 1.05, "without the plugin"))
                row.group = "pytest, 2,000 tiny tests, empty tracer, user and system time"
            found.append(row)
    return found
