"""Whole programs with threads, run under the command, and interpreters within an interpreter."""
import sys

import pytest

ALL_THREADS = """
import pyccolo_native as pyc

class Everywhere(pyc.BaseTracer):
    multiple_threads_allowed = True

    @pyc.before_stmt
    def statement(self, ret, *_, **__):
        pass

    @pyc.load_name
    def name(self, ret):
        pass

    @pyc.before_call
    def called(self, ret):
        pass
"""

DAEMONS = """
import threading, time

def work():
    while True:
        total = 0
        for i in range(100):
            total = total + i
            time.sleep(0)

for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.05)
print("done")
"""

POOL = """
from concurrent.futures import ThreadPoolExecutor

def square(x):
    return x * x

pool = ThreadPoolExecutor(3)
print(sum(pool.map(square, range(100))))
"""

LATE_THREAD = """
import threading, time

def work():
    time.sleep(0.05)
    print("from the thread")

threading.Thread(target=work).start()
print("from the main thread")
"""


@pytest.mark.parametrize("source", [DAEMONS, POOL, LATE_THREAD], ids=["daemons", "pool", "late"])
def test_programs_end_as_they_do_without_a_tracer(programs, source):
    programs.write("everywhere.py", ALL_THREADS)
    path = programs.write("program.py", source)
    plain = programs.python(path)
    for _ in range(3):
        traced = programs.pyc(path, "-t", "everywhere.Everywhere")
        assert (traced.returncode, traced.stdout, traced.stderr) == (plain.returncode, plain.stdout, plain.stderr)


def test_the_command_within_a_process_does_not_wait_for_its_threads(programs):
    programs.write("everywhere.py", ALL_THREADS)
    programs.write("pooled.py", POOL)
    path = programs.write(
        "host.py",
        """
import threading
from pyccolo_native.__main__ import main

stop = threading.Event()
thread = threading.Thread(target=stop.wait)
thread.start()
print(main(["pooled.py", "-t", "everywhere.Everywhere"]))
print(main(["pooled.py", "-t", "everywhere.Everywhere"]))
stop.set()
""",
    )
    run = programs.python(path)
    assert (run.stdout, run.stderr) == ("328350\n0\n328350\n0\n", "")


def test_the_package_may_be_imported_by_another_thread(programs):
    path = programs.write(
        "late.py",
        """
import threading

def load():
    global pyc
    import pyccolo_native as pyc

thread = threading.Thread(target=load)
thread.start()
thread.join()

class Tracer(pyc.BaseTracer):
    @pyc.after_int
    def handle(self, ret):
        return ret + 1

with Tracer:
    f = pyc.exec("def f(): return 1", local_env={})["f"]
    print(f())
    thread = threading.Thread(target=lambda: print(f()))
    thread.start()
    thread.join()
""",
    )
    run = programs.python(path)
    assert (run.stdout, run.stderr) == ("2\n1\n", "")


SUBINTERPRETERS = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import pyccolo_native as pyc

SOURCE = '''
import threading
import pyccolo_native as pyc

class Tracer(pyc.BaseTracer):
    @pyc.after_int
    def handle(self, ret):
        return ret + %d

with Tracer:
    assert pyc.eval("1") == 1 + %d
    f = pyc.exec("def f(): return 1", local_env={})["f"]
assert f() == 1
'''

def shared():
    return interpreters.create("legacy") if sys.version_info >= (3, 13) else interpreters.create(isolated=False)

def run(interpreter, source):
    if sys.version_info >= (3, 13):
        error = interpreters.exec(interpreter, source)
        return error and error.formatted
    try:
        interpreters.run_string(interpreter, source)
    except interpreters.RunFailedError as error:
        return str(error)

exec(SOURCE % (1, 1))
first, second = shared(), shared()
for amount in (2, 3):
    print(run(first, SOURCE % (amount, amount)))
    print(run(second, SOURCE % (amount + 5, amount + 5)))
import threading
thread = threading.Thread(target=lambda: print(run(second, "assert pyc.eval('1') == 1")))
thread.start()
thread.join()
interpreters.destroy(first)
exec(SOURCE % (4, 4))
print(run(second, SOURCE % (7, 7)))
interpreters.destroy(second)
if sys.version_info >= (3, 12):
    own = interpreters.create("isolated") if sys.version_info >= (3, 13) else interpreters.create()
    print(run(own, "import pyccolo_native"))
    interpreters.destroy(own)
"""


def test_subinterpreters(programs):
    run = programs.python(programs.write("interpreters.py", SUBINTERPRETERS), flags=["-W", "ignore"])
    lines = run.stdout.splitlines()
    assert lines[:6] == ["None"] * 6, run.stdout + run.stderr
    assert run.stderr == "" and run.returncode == 0
    for line in lines[6:]:  # an interpreter with a GIL of its own
        assert "pyccolo_native._native does not support loading in subinterpreters" in line
    assert len(lines) == (7 if sys.version_info >= (3, 12) else 6)
