"""Imports that a tracer is told of while the interpreter still knows little: `threading` itself is one of them."""
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import sys
import pyccolo_native as pyc

assert "threading" not in sys.modules
told = []

class Listens(pyc.BaseTracer):
    @pyc.before_import
    def begins(self, ret, *_, qualified_module_name, **__):
        told.append(qualified_module_name)

    @pyc.after_import
    def ended(self, *_, module, **__):
        told.append(module.__name__)

with Listens.instance():
    import threading

assert told.count("threading") >= 2, told
print(threading.main_thread().name)
"""


def test_threading_may_be_imported_while_a_tracer_listens():
    # -S: what is installed may import threading at start-up
    ended = subprocess.run([sys.executable, "-S", "-c", PROGRAM], capture_output=True, text=True, cwd=ROOT)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "MainThread\n", "")
