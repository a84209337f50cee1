"""What the unit tests share: a place for modules to import, and the command beside plain python."""
import os
import subprocess
import sys
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

TRACER = """
import pyccolo_native as pyc

class Observer(pyc.BaseTracer):
    @pyc.before_stmt
    def statement(self, ret, *_, **__):
        pass

    @pyc.load_name
    def name(self, ret, *_, **__):
        pass

    @pyc.after_call
    def called(self, ret, *_, **__):
        pass

class Everything(Observer):
    def should_instrument_file(self, filename):
        return "program" in filename
"""

# what pip makes of the entry point
LAUNCHER = "import sys\nfrom pyccolo_native.__main__ import main\nsys.exit(main())\n"


class Programs:
    """A folder with programs, their tracers, and ways to run them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("tracers_of_tests.py", TRACER)
        self.write("bin/pyc", LAUNCHER)

    def write(self, name: str, source: "str | bytes") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        return path

    def _run(self, *command, **options):
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **options.pop("env", {})}
        return subprocess.run(
            [sys.executable, *options.pop("flags", ()), *map(str, command)],
            cwd=options.pop("cwd", self.folder),
            env=environment,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=120,
            **options,
        )

    def python(self, *arguments, **options):
        return self._run(*arguments, **options)

    def pyc(self, *arguments, **options):
        return self._run(self.folder / "bin/pyc", *arguments, **options)

    def module_pyc(self, *arguments, **options):
        return self._run("-m", "pyccolo_native", *arguments, **options)


@pytest.fixture
def programs(tmp_path):
    return Programs(tmp_path)


@pytest.fixture
def importable(tmp_path, monkeypatch):
    """Writes modules into a folder on sys.path; they are forgotten after the test."""
    folder = tmp_path / "importable"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    written = []

    def write(name: str, source: "str | bytes") -> Path:
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        written.append(name.split("/")[0])
        return path

    yield write
    for name in list(sys.modules):
        if name.split(".")[0] in written:
            del sys.modules[name]


@pytest.fixture
def forget_trees():
    """For tests that call parse(): its trees are kept until their bookkeeping is reset."""
    yield
    import pyccolo_native as pyc

    pyc.BaseTracer.reset_bookkeeping()


@pytest.fixture
def unraisable(monkeypatch):
    """What went to sys.unraisablehook, as text: the hook's own argument is invisible to the garbage collector."""
    seen = []

    def hook(report):
        where = report.exc_traceback.tb_frame.f_code.co_name if report.exc_traceback else None
        what = f"{report.err_msg} {report.object!r}"
        seen.append(types.SimpleNamespace(kind=report.exc_type, message=str(report.exc_value), where=where, what=what))

    monkeypatch.setattr(sys, "unraisablehook", hook)
    return seen


class Script:
    """Steps that threads take in turns: run(thread, step) returns when that thread has taken the step."""

    def __init__(self, count):
        self.pools = [ThreadPoolExecutor(1) for _ in range(count)]

    def run(self, thread, step, *args):
        return self.pools[thread].submit(step, *args).result(timeout=60)

    def close(self):
        for pool in self.pools:
            pool.shutdown()


@pytest.fixture
def script():
    """Two threads that a test lets take steps."""
    script = Script(2)
    yield script
    script.close()
