"""Shells of IPython 8 and 9, each in a process of its own: a shell and the tracers are there once in a process."""
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES_OF_IPYTHON_8 = ROOT / "build" / "ipython-8" / f"{sys.version_info[0]}.{sys.version_info[1]}"

PREAMBLE = '''
import sys, warnings
from IPython.testing.globalipapp import get_ipython

import pyccolo_native as pyc
from pyccolo_native.emit_event import _TRACER_STACK

ip = get_ipython()
namespace = ip.user_ns
trace_function = sys.gettrace()

def run(cell):
    result = ip.run_cell(cell, store_history=True)
    result.raise_error()
    return result.result

def load():
    run("%load_ext pyccolo_native")
    run("""
import pyccolo_native as pyc

lines = []

class Lines(pyc.BaseTracer):
    @pyc.before_stmt
    def line(self, ret, node, *_, **__):
        lines.append(node.lineno)

class Doubled(pyc.BaseTracer):
    @pyc.after_int
    def double(self, ret):
        return 2 * ret
""")

def seen():
    found = namespace["lines"][:]
    namespace["lines"].clear()
    return found
'''


def _ipython_8() -> Path:
    """The folder that IPython 8 is installed in, once for each Python."""
    if not PACKAGES_OF_IPYTHON_8.exists():
        aside = PACKAGES_OF_IPYTHON_8.with_name(f"{PACKAGES_OF_IPYTHON_8.name}-{os.getpid()}")
        command = [sys.executable, "-m", "pip", "install", "-q", "--target", aside, "ipython>=8.31,<9", "ipykernel"]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"IPython 8 cannot be installed: {done.stderr.strip()[-300:]}")
        try:
            aside.rename(PACKAGES_OF_IPYTHON_8)
        except OSError:  # another process was quicker
            shutil.rmtree(aside)
    return PACKAGES_OF_IPYTHON_8


class Shells:
    """Runs programs that have a shell of one version of IPython."""

    def __init__(self, folder: Path, packages: "list[Path]") -> None:
        self.folder = folder
        path = os.pathsep.join(map(str, [folder, ROOT, *packages]))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON", "JUPYTER"))}
        names = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR")
        folders = {name: str(folder / name.lower()) for name in names}
        self.environment = {**inherited, **folders, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}

    def run(self, program: str, preamble: str = PREAMBLE, **environment: str) -> str:
        """What the program prints; it has to end well."""
        script = self.folder / "program.py"
        script.write_text(preamble + textwrap.dedent(program) + "\nprint('ended well')\n", "utf-8")
        done = subprocess.run(
            [sys.executable, str(script)],
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=240,
        )
        assert done.returncode == 0 and done.stdout.endswith("ended well\n"), done.stdout + done.stderr
        assert "Error in callback" not in done.stdout + done.stderr, done.stdout + done.stderr
        return done.stdout

    def write(self, name: str, source: str) -> Path:
        path = self.folder / name
        path.write_text(textwrap.dedent(source), "utf-8")
        return path


@pytest.fixture(params=["IPython 8", "IPython 9"])
def shells(request, tmp_path):
    """Both versions."""
    return Shells(tmp_path, [_ipython_8()] if request.param == "IPython 8" else [])


@pytest.fixture
def shell_9(tmp_path):
    """The one that is installed, for what does not depend on the version."""
    return Shells(tmp_path, [])
