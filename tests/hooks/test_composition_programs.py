"""Whole programs beside the same without a tracer: handlers that misbehave, threads, and the end of the interpreter."""
import textwrap

import pytest

from .composition.results import HOOKS, python

HEADER = '''
import atexit, contextlib, faulthandler, gc, os, sys, threading, time, weakref
from collections import defaultdict
import pyccolo_native as pyc
from tests.hooks.composition.tracers import EVENTS, tracer_class, ways

WITH, HOOK = sys.argv[1] == "with", sys.argv[2]
first_settrace = sys.settrace

class Base(pyc.BaseTracer):
    sys_events = HOOK

    def should_instrument_file(self, filename):
        return "program.py" in filename

def on(tracer):
    return tracer if WITH else contextlib.nullcontext()
'''

WORK = '''
def helper(n):
    return n * 2

def work():
    total = 0
    for i in range(5):
        total += helper(i)
    try:
        [].pop()
    except IndexError as error:
        total += len(str(error))
    return total
'''


@pytest.fixture
def run(tmp_path):
    def run(source, hook, ours=True, **options):
        path = tmp_path / "program.py"
        path.write_text(HEADER + WORK + textwrap.dedent(source))
        return python(path, "with" if ours else "without", hook, cwd=tmp_path, **options)

    return run


@pytest.fixture
def same(run):
    """The program with a tracer and without: the same output and status. What is on stderr with one is returned."""

    def same(source, hook, **options):
        plain, ours = (run(source, hook, with_it, **options) for with_it in (False, True))
        assert plain.stderr == "", plain.stderr
        assert (ours.returncode, ours.stdout) == (plain.returncode, plain.stdout), ours.stderr
        assert plain.stdout
        return ours.stderr

    return same


pytestmark = pytest.mark.parametrize("hook", HOOKS)

# ---- handlers that misbehave

BAD_HANDLERS = {
    "raises": "raise ValueError('from the handler')",
    "raises what is no Exception's fault": "assert False, 'from the handler'",
    "runs out of stack": "def deeper(): deeper()\n        deeper()",
    "returns a number": "return 42",
    "returns what cannot be called": "return ['junk']",
    "sets a function": "sys.settrace(lambda *_: None)",
    "takes functions away": "sys.settrace(None); sys.setprofile(None)",
    "takes them away in the old way": "first_settrace(None)",
    "sets one in the old way": "first_settrace(lambda *_: None)",
    "calls the program": "helper(3); work()",
    "collects garbage": "gc.collect(0)",
    "changes the frame": "frame.f_trace = print if False else None; frame.f_trace_lines = not frame.f_trace_lines",
    "deletes f_trace": "del frame.f_trace",
    "reads the stack": "import traceback; traceback.extract_stack(frame)",
    "reads locals": "dict(frame.f_locals)",
    "imports": "import colorsys",
    "starts a thread": "t = threading.Thread(target=helper, args=(1,)); t.start(); t.join()",
    "nests": "self.nests()",
}

BAD = """
class Bad(Base):
    inside = False
    allow_reentrant_events = {reentrant}

    @pyc.call
    @pyc.return_
    @pyc.line
    @pyc.exception
    @pyc.c_call
    def bad(self, ret, node, frame, event, *_, **__):
        if self.inside and {reentrant}:
            return
        self.inside = True
        try:
            return self.misbehave(frame)
        finally:
            self.inside = False

    def misbehave(self, frame):
        {body}

    def nests(self):
        with Other.instance().tracing_enabled():
            helper(1)

class Other(pyc.BaseTracer):
    sys_events = HOOK
    instrument_all_files = True

    @pyc.call
    def begins(self, ret, *_, **__):
        pass

tracer = Bad.instance()
try:
    with on(tracer):
        print(work())
        print(list(map(helper, range(3))))
        print(work())
except Exception as error:
    print("reached the program:", repr(error))
first_settrace(None)
print(work(), sys.settrace is first_settrace)
"""


@pytest.mark.parametrize("name", BAD_HANDLERS)
def test_bad_handlers(same, hook, name):
    body = BAD_HANDLERS[name]
    errors = same(BAD.replace("{body}", body).replace("{reentrant}", "False"), hook)
    reported = errors.count("Exception ignored in")
    if name.startswith("raises") or name == "runs out of stack":
        assert reported == 1 and ("from the handler" in errors or "recursion" in errors), errors
    elif name.startswith("returns"):
        assert reported == 1 and "handler for" in errors and "Null to leave the frame" in errors, errors
    else:
        assert errors == ""


@pytest.mark.parametrize("name", ["calls the program", "reads the stack", "starts a thread"])
def test_handlers_that_hear_themselves(same, hook, name):
    body = BAD_HANDLERS[name]
    guarded = f"if frame.f_code.co_name != 'work': return\n        {body}"
    assert same(BAD.replace("{body}", guarded).replace("{reentrant}", "True"), hook) == ""


LOCAL = """
class Locals(Base):
    @pyc.call
    def begins(self, ret, node, frame, *_, **__):
        def local(frame, event, arg):
            {body}
        return local

with on(Locals.instance()):
    print(work())
    print(work())
print(sys.gettrace(), sys.settrace is first_settrace)
"""


@pytest.mark.parametrize(
    "body, reports",
    [("raise ValueError('local')", 1), ("return 42", 1), ("return None", 0), ("sys.settrace(None)", 0), ("return local", 0)],
)
def test_bad_local_functions(same, hook, body, reports):
    errors = same(LOCAL.replace("{body}", body), hook)
    assert errors.count("Exception ignored in") >= reports and (errors == "") == (reports == 0), errors


# ---- threads

THREADS = """
import _thread
from concurrent.futures import ThreadPoolExecutor

class Hears(Base):
    multiple_threads_allowed = {all}

    @pyc.call
    def begins(self, ret, node, frame, *_, **__):
        heard[threading.current_thread().name, frame.f_code.co_name] += 1

heard = defaultdict(int)
running, go, done = threading.Event(), threading.Event(), threading.Event()

def runs_already():
    helper(0)
    running.set()
    go.wait(60)
    helper(1)
    done.wait(60)
    helper(2)

already = threading.Thread(target=runs_already, name="already")
already.start()
running.wait(60)
bare = []
context = Hears.instance().tracing_enabled()
{enter}
go.set()
new = threading.Thread(target=helper, args=(1,), name="new")
new.start()
new.join()
finished = _thread.allocate_lock()
finished.acquire()
_thread.start_new_thread(lambda: (helper(1), finished.release()), ())
finished.acquire()
with ThreadPoolExecutor(1, "pool") as pool:
    pool.submit(helper, 1).result()
helper(1)
while "already" not in [name for name, _ in list(heard)] and {all}:
    time.sleep(0.01)
context.__exit__(None, None, None)
before = dict(heard)
done.set()
already.join()
late = threading.Thread(target=helper, args=(1,), name="late")
late.start()
late.join()
helper(2)
assert heard == before, (heard, before)
names = {("thread" if name.startswith(("Dummy", "Thread")) else name.split("_")[0], function) for name, function in heard}
print(sorted(names))
print(sys.settrace is first_settrace, sys.gettrace())
"""


def test_all_threads_are_heard(run, hook):
    done = run(THREADS.replace("{all}", "True").replace("{enter}", "context.__enter__()"), hook)
    assert (done.returncode, done.stderr) == (0, "")
    expected = {(name, "helper") for name in ("already", "new", "thread", "pool", "MainThread")}
    heard = set(eval(done.stdout.splitlines()[0]))
    assert expected <= heard, done.stdout
    assert done.stdout.splitlines()[1] == "True None"


def test_only_the_thread_that_enables_is_heard(run, hook):
    done = run(THREADS.replace("{all}", "False").replace("{enter}", "context.__enter__()"), hook)
    assert (done.returncode, done.stderr) == (0, "")
    assert {name for name, _ in eval(done.stdout.splitlines()[0])} == {"MainThread"}
    assert done.stdout.splitlines()[1] == "True None"


ELSEWHERE = """
class Hears(Base):
    @pyc.call
    def begins(self, ret, node, frame, *_, **__):
        heard[threading.current_thread().name] += 1

heard = defaultdict(int)

def enables():
    with Hears.instance().tracing_enabled():
        helper(1)
        inside.set()
        leave.wait(60)
        helper(2)
    helper(3)

inside, leave = threading.Event(), threading.Event()
thread = threading.Thread(target=enables, name="other")
thread.start()
inside.wait(60)
helper(1)
leave.set()
thread.join()
print(dict(heard), sys.settrace is first_settrace)
"""


def test_enabled_in_another_thread(run, hook):
    done = run(ELSEWHERE, hook)
    assert (done.returncode, done.stdout, done.stderr) == (0, "{'other': 2} True\n", "")


MANY = """
class Hears(Base):
    multiple_threads_allowed = True

    @pyc.call
    @pyc.line
    @pyc.return_
    def handle(self, ret, *_, **__):
        pass

def spins():
    while not stop.is_set():
        work()

def starts():
    while not stop.is_set():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

stop = threading.Event()
sys.setswitchinterval(1e-5)
threads = [threading.Thread(target=target) for target in (spins, spins, starts)]
for thread in threads:
    thread.start()
for i in range(60):
    with on(Hears.instance().tracing_enabled()):
        work()
        if i % 3 == 0:
            sys.settrace(lambda *_: None)
            work()
            sys.settrace(None)
stop.set()
for thread in threads:
    thread.join()
print(work(), sys.gettrace(), sys.settrace is first_settrace)
"""


def test_coming_and_going_while_threads_run(same, hook):
    assert same(MANY, hook) == ""


# ---- the end of the interpreter

ENDINGS = {
    "tracer left on": "context.__enter__()\nprint(work())",
    "and a function": "context.__enter__()\nsys.settrace(lambda *_: None)\nprint(work())",
    "and a local function": "def local(*_): return local\ncontext.__enter__()\nsys.settrace(local)\nsys.setprofile(local)\nprint(work())",
    "a function in the way": "sys.settrace(lambda *_: None)\ncontext.__enter__()\nprint(work())\nfirst_settrace(None)\nprint(work())",
    "exit": "context.__enter__()\nprint(work())\nsys.exit(3)",
    "an exception": "context.__enter__()\nprint(work())\nsys.excepthook = lambda *_: print('hook')\nraise ValueError",
    "atexit": "context.__enter__()\natexit.register(lambda: print('at the end', work()))\nprint(work())",
    "a finaliser": "context.__enter__()\nclass F:\n    def __del__(self):\n        print('finalised', work())\nkept = F()\nprint(work())",
    "daemons": "context.__enter__()\n"
    "def spins():\n    while True:\n        work()\n"
    "for _ in range(3):\n    threading.Thread(target=spins, daemon=True).start()\n"
    "time.sleep(0.05)\nprint('done')",
    "daemons with functions": "context.__enter__()\n"
    "def local(*_): return local\n"
    "def spins():\n    sys.settrace(local)\n    while True:\n        work()\n"
    "for _ in range(3):\n    threading.Thread(target=spins, daemon=True).start()\n"
    "time.sleep(0.05)\nprint('done')",
    "a thread that goes on": "context.__enter__()\n"
    "def later():\n    time.sleep(0.05)\n    print('later', work())\n"
    "threading.Thread(target=later).start()\nprint(work())",
    "a suspended generator": "context.__enter__()\ndef g():\n    try:\n        yield 1\n    finally:\n        print('closed')\nkept = g()\nnext(kept)\nprint(work())",
    "a fork": "context.__enter__()\nsys.stdout.flush()\nchild = os.fork()\nif child:\n    os.waitpid(child, 0)\nprint('child' if not child else 'parent', work(), flush=True)",
}

END = """
class Hears(Base):
    multiple_threads_allowed = {all}

    @pyc.call
    @pyc.line
    @pyc.return_
    @pyc.exception
    @pyc.c_call
    def handle(self, ret, *_, **__):
        pass

    should_instrument_file = lambda self, filename: True

context = on(Hears.instance().tracing_enabled())
"""


@pytest.mark.parametrize("everywhere", ["True", "False"])
@pytest.mark.parametrize("name", ENDINGS)
def test_the_end(same, hook, name, everywhere):
    source = textwrap.dedent(END).replace("{all}", everywhere) + ENDINGS[name]
    assert same(source, hook) == ""
