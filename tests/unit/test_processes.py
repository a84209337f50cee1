"""Children of multiprocessing under the tracers of their parent."""
import os
import pickle
import sys
import tempfile

import pytest

import pyccolo_native as pyc

METHODS = ["fork", "spawn", "forkserver"]

TRACERS = """
import sys
import pyccolo_native as pyc

class Counting(pyc.BaseTracer):
    multiple_threads_allowed = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.calls = {}

    def should_instrument_file(self, filename):
        return filename.endswith("library.py")

    @pyc.before_function_body
    def called(self, node):
        self.calls[node.name] = self.calls.get(node.name, 0) + 1

class Children(Counting):
    trace_children = True

    def export_results(self):
        return self.calls

    def merge_results(self, calls):
        for name, count in calls.items():
            self.calls[name] = self.calls.get(name, 0) + count

class Report(Children):
    trace_children = False

    def exit_tracing_hook(self):
        print(sorted(self.calls.items()), file=sys.stderr)

class Hooked(Counting):
    trace_children = True

    def enter_tracing_hook(self):
        import os
        self.process = os.getpid()

    def exit_tracing_hook(self):
        import os
        where = "that entered" if self.process == os.getpid() else "that was forked"
        sys.stdout.write(f"left in the process {where} {sorted(self.calls.items())}\\n")
        sys.stdout.flush()
"""

LIBRARY = """
def double(x):
    return x + x

def put_double(queue, x):
    queue.put(double(x))

def fail(x):
    return [x][1]
"""


@pytest.fixture
def running(programs):
    """Runs a program, which is given the start method, plain or as `pyc` does."""
    programs.write("tracers.py", TRACERS)
    programs.write("library.py", LIBRARY)

    def run(source, method, *options, **more):
        path = programs.write("program.py", source)
        if options:
            return programs.pyc(path, *options, "--", method, **more)
        return programs.python(path, method, **more)

    yield run
    left = [name for name in os.listdir(programs.folder) if name.startswith("pyccolo-native-")]
    assert left == []


@pytest.fixture(autouse=True)
def folders_of_results(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)  # where it was found before


COUNTED = """
import multiprocessing as mp, sys
import library

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    queue = mp.Queue()
    processes = [mp.Process(target=library.put_double, args=(queue, x)) for x in (2, 3)]
    for process in processes:
        process.start()
    print(sorted(queue.get() for _ in processes), library.double(1))
    for process in processes:
        process.join()
    print([process.exitcode for process in processes])
"""


TWICE = COUNTED.replace("library.put_double", "twice").replace(
    "import library\n", "import library\n\ndef twice(queue, x):\n    queue.put(2 * x)\n"
)


@pytest.mark.parametrize("method", METHODS)
def test_the_command_traces_children(running, method):
    run = running(COUNTED, method, "-t", "tracers.Report", "--children")
    assert run.stdout == "[4, 6] 2\n[0, 0]\n" and run.returncode == 0
    assert run.stderr == "[('double', 3), ('put_double', 2)]\n"


@pytest.mark.parametrize("method", METHODS)
def test_children_are_not_traced_unless_asked_for(running, method):
    run = running(COUNTED, method, "-t", "tracers.Report")
    assert (run.stdout, run.stderr) == ("[4, 6] 2\n[0, 0]\n", "[('double', 1)]\n")


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_module_that_is_run_has_events_in_its_children(programs, running, method):
    programs.write("package/__init__.py", "")
    programs.write("package/program.py", TWICE)
    run = programs.pyc("-m", "package.program", "-t", "tracers.Report", "--children", "--", method)
    assert run.stdout == "[4, 6] 2\n[0, 0]\n"
    assert run.stderr == "[('double', 1), ('twice', 2)]\n"


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_the_main_program_has_events_in_its_children(running, method):
    run = running(TWICE, method, "-t", "tracers.Report", "--children")
    assert run.stdout == "[4, 6] 2\n[0, 0]\n"
    assert run.stderr == "[('double', 1), ('twice', 2)]\n"


ENDINGS = """
import multiprocessing as mp, os, signal, sys, threading, time
import library

def exits(): sys.exit(7)
def exits_with_message(): sys.exit("so it ends")
def raises(): library.fail(1)
def leaves(): os._exit(3)
def killed(): os.kill(os.getpid(), signal.SIGKILL)
def prints(): print("from the child"); print("an error", file=sys.stderr)

def late():
    time.sleep(0.1)
    print("late", library.double(4))

def with_thread(): threading.Thread(target=late).start()

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    for target in (exits, exits_with_message, raises, leaves, killed, prints, with_thread):
        process = mp.Process(target=target)
        process.start()
        process.join()
        print(target.__name__, process.exitcode, flush=True)
"""


@pytest.mark.parametrize("method", METHODS)
def test_children_end_as_they_do_without_a_tracer(running, method):
    plain = running(ENDINGS, method)
    traced = running(ENDINGS, method, "-t", "tracers.Children", "--children")
    assert "Traceback" in plain.stderr and "late 8" in plain.stdout and "killed -9" in plain.stdout
    assert (traced.returncode, traced.stdout, traced.stderr) == (plain.returncode, plain.stdout, plain.stderr)


@pytest.mark.parametrize("method", METHODS)
def test_a_child_that_is_killed_takes_only_its_own_results_with_it(running, method):
    run = running(ENDINGS, method, "-t", "tracers.Report", "--children")
    calls = run.stderr.splitlines()[-1]
    assert "('late', 1)" in calls and "('fail', 1)" in calls and "('prints', 1)" in calls
    assert "'killed'" not in calls and "'leaves'" not in calls


POOLS = """
import multiprocessing as mp, sys
from concurrent.futures import ProcessPoolExecutor
import library

if __name__ == "__main__":
    context = mp.get_context(sys.argv[1])
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        print(list(pool.map(library.double, range(5))))
    pool = context.Pool(2)
    print(pool.map(library.double, range(5)))
    pool.close()
    pool.join()
"""


@pytest.mark.parametrize("method", METHODS)
def test_pools(running, method):
    run = running(POOLS, method, "-t", "tracers.Report", "--children")
    assert run.stdout == "[0, 2, 4, 6, 8]\n" * 2
    assert run.stderr == "[('double', 10)]\n"


GRANDCHILDREN = """
import multiprocessing as mp, sys
import library

def child(level):
    library.double(level)
    if level:
        processes = [mp.Process(target=child, args=(level - 1,)) for _ in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    child(2)
"""


@pytest.mark.parametrize("method", METHODS)
def test_children_of_children(running, method):
    run = running(GRANDCHILDREN, method, "-t", "tracers.Report", "--children")
    assert (run.stdout, run.stderr) == ("", "[('child', 7), ('double', 7)]\n")


UNJOINED = """
import atexit, multiprocessing as mp, sys, time
import library

def child():
    time.sleep(0.2)
    print(library.double(4))

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    mp.Process(target=child).start()
    atexit.register(print, "the parent goes", flush=True)
"""


@pytest.mark.parametrize("method", METHODS)
def test_children_that_nobody_joins_are_waited_for_at_exit(running, method):
    plain = running(UNJOINED, method)
    run = running(UNJOINED, method, "-t", "tracers.Report", "--children")
    assert run.stdout == plain.stdout == "the parent goes\n8\n"
    assert run.stderr == "[('child', 1), ('double', 1)]\n"


@pytest.mark.parametrize("method", METHODS)
def test_a_tracer_that_exports_nothing_is_left_in_the_child(running, method):
    run = running(COUNTED, method, "-t", "tracers.Hooked", "--children")
    where = "that was forked" if method == "fork" else "that entered"
    counts = [("double", 1), ("put_double", 1)]
    # Processes write at the same time: their lines may run into each other.
    assert run.stdout.count(f"left in the process {where} {counts}") == 2
    assert "left in the process that entered [('double', 1)]" in run.stdout
    assert run.stderr == ""


WITHIN = """
import multiprocessing as mp, os, sys
import library, tracers
from pyccolo_native import processes

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    tracer = tracers.Children.instance()
    finders = list(sys.meta_path)
    with tracer:
        process = mp.Process(target=library.double, args=(1,))
        process.start()
        process.join()
        print(tracer.calls)
        process = mp.Process(target=library.double, args=(1,))
        process.start()
        while process.is_alive():
            pass
        print(tracer.calls)
    print(tracer.calls, mp.spawn.get_preparation_data.__module__, type(mp.process._children).__name__)
    print(mp.process.BaseProcess._bootstrap.__module__, sys.meta_path == finders)
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_results_are_there_when_the_child_is_found_to_have_ended(running, method):
    run = running(WITHIN, method)
    lines = run.stdout.splitlines()
    assert lines[:2] == ["{'double': 1}", "{'double': 2}"]
    assert lines[2:] == ["{'double': 2} multiprocessing.spawn set", "multiprocessing.process True"] and run.stderr == ""


SETTINGS = """
import multiprocessing as mp, sys
import library, tracers

if __name__ == "__main__":
    mp.set_start_method("spawn")
    tracer = tracers.Counting.instance()
    tracer.trace_children = True
    {setting}
    with tracer.tracing_context({context}):
        process = mp.Process(target=library.{target})
        process.start()
        process.join()
"""


def spawned(running, setting="pass", target="print_calls", context=""):
    return running(SETTINGS.format(setting=setting, target=target, context=context), "spawn")


@pytest.fixture
def library(programs):
    def write(source):
        programs.write("library.py", source)

    return write


SHOW = "import tracers\n\ndef print_calls():\n    tracer = tracers.Counting.instance()\n    print(tracer.calls, {})\n"


def test_options_and_files_of_the_instance_go_with_it(running, library):
    library(SHOW.format("tracer.multiple_threads_allowed, 'x.py' in tracer._tracing_enabled_files"))
    run = spawned(running, "tracer.multiple_threads_allowed = True", context="tracing_enabled_file='x.py'")
    assert (run.stdout, run.stderr) == ("{'print_calls': 1} True True\n", "")


def test_a_child_that_is_started_while_tracing_is_disabled_has_none(running, library):
    library(SHOW.format("0"))
    run = spawned(running, context="disabled=True")
    assert (run.stdout, run.stderr) == ("{} 0\n", "")


ELSEWHERE = """
import multiprocessing as mp, sys
import library

if __name__ == "__main__":
    mp.set_start_method("spawn")
    sys.path.insert(0, "hidden")
    from elsewhere import tracers
    sys.path.remove("hidden")
    with tracers.Children:
        process = mp.Process(target=library.print_calls)
        process.start()
        process.join()
"""


def test_a_tracer_whose_module_is_on_no_path_any_more(programs, running, library):
    library("import sys\n\ndef print_calls():\n    print(sys.modules['elsewhere.tracers'].Children.instance().calls, sys.path)\n")
    programs.write("hidden/elsewhere/__init__.py", "")
    programs.write("hidden/elsewhere/tracers.py", TRACERS)
    run = running(ELSEWHERE, "spawn")
    assert run.stdout.startswith("{'print_calls': 1} [") and "hidden" not in run.stdout and run.stderr == ""


MAIN_TRACER = """
import multiprocessing as mp, sys
import pyccolo_native as pyc
import library

class Here(pyc.BaseTracer):
    trace_children = True

def make():
    class Local(pyc.BaseTracer):
        trace_children = True
    return Local

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    with Here, make():
        for _ in range(2):
            process = mp.Process(target=library.double, args=(1,))
            process.start()
            process.join()
            print(process.exitcode)
"""


@pytest.mark.parametrize("method", METHODS)
def test_a_tracer_that_cannot_be_found_again_is_named_once(running, method):
    run = running(MAIN_TRACER, method)
    assert run.stdout == "0\n0\n"
    warnings = [line for line in run.stderr.splitlines() if "RuntimeWarning" in line]
    if method == "fork":
        assert run.stderr == ""  # it need not be found
    else:
        assert len(warnings) == 2
        assert "not traced by __main__.Here: it is defined in the main program" in warnings[0]
        assert "not traced by __main__.make.<locals>.Local: it is not what its module has" in warnings[1]
        assert "top level of a module of its own" in warnings[0]


def test_a_tracer_that_cannot_be_made_again_is_named(programs, running):
    picky = "    def __init__(self, path):\n        super().__init__()\n"
    programs.write("tracers.py", f"import pyccolo_native as pyc\n\nclass Counting(pyc.BaseTracer):\n{picky}")
    source = SETTINGS.replace("Counting.instance()", "Counting.instance('x')")
    run = running(source.format(setting="pass", target="double, args=(1,)", context=""), "spawn")
    assert run.stdout == "" and run.stderr.count("RuntimeWarning") == 1
    assert "this child process is not traced by tracers.Counting: TypeError" in run.stderr


FAULTY = """
import pyccolo_native as pyc

class Exiting(pyc.BaseTracer):
    def export_results(self):
        raise SystemExit(5)

    def merge_results(self, data):
        raise AssertionError("nothing to merge")

class Exporting(pyc.BaseTracer):
    def export_results(self):
        raise ValueError("no export")

    def merge_results(self, data):
        raise AssertionError("nothing to merge")

class Unpicklable(pyc.BaseTracer):
    def export_results(self):
        return lambda: None

    def merge_results(self, data):
        raise AssertionError("nothing to merge")

class Merging(pyc.BaseTracer):
    def export_results(self):
        return 1

    def merge_results(self, data):
        raise ValueError("no merge")
"""


@pytest.mark.parametrize("method", METHODS)
def test_faults_of_results_are_told_and_do_no_harm(programs, running, method):
    programs.write("faulty.py", FAULTY)
    names = ["faulty.Exiting", "faulty.Exporting", "faulty.Unpicklable", "faulty.Merging", "tracers.Report"]
    run = running(COUNTED, method, "-t", ",".join(names), "--children")
    assert run.stdout == "[4, 6] 2\n[0, 0]\n" and run.returncode == 0
    # The children write at the same time, and a line in pieces: the type's name, the message. Each stands in the source too.
    assert run.stderr.count("SystemExit") == 2 * 2
    assert run.stderr.count("no export") == 2 * 2 and run.stderr.count("ValueError: no merge") == 2
    assert run.stderr.count("the results of Unpicklable in a child process are lost") == 2
    assert "[('double', 3), ('put_double', 2)]\n" in run.stderr and "AssertionError" not in run.stderr


def test_results_that_nobody_wrote_to_their_end(tmp_path):
    class Merging(pyc.BaseTracer):
        trace_children = True
        merged = []

        def export_results(self):
            return None

        def merge_results(self, data):
            self.merged.append(data)

    from pyccolo_native import processes

    with Merging.instance():
        (folder,) = tmp_path.glob("pyccolo-native-*")
        (folder / "1.part").write_bytes(b"\x80")
        (folder / "2.results").write_bytes(b"\x80\x04")
        with pytest.warns(RuntimeWarning, match="results of Merging in a child process cannot be read"):
            processes.collect()
        (folder / "3.results").write_bytes(pickle.dumps("whole"))
    assert Merging.merged == ["whole"] and list(tmp_path.glob("pyccolo-native-*")) == []


@pytest.mark.parametrize("has, lacks", [("export_results", "merge_results"), ("merge_results", "export_results")])
def test_results_that_go_only_one_way_are_refused(has, lacks):
    Tracer = type("Tracer", (pyc.BaseTracer,), {"trace_children": True, has: lambda self: None})
    with pytest.raises(TypeError, match=rf"Tracer has {has}\(\) and no {lacks}\(\)"):
        with Tracer.instance():
            raise AssertionError("not reached")
    assert pyc._TRACER_STACK == []


LATE = """
import multiprocessing as mp, sys
import library, tracers

def wait(event):
    event.wait()

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    event = mp.Event()
    with tracers.Children:
        process = mp.Process(target=wait, args=(event,), name="the slow one")
        process.start()
    event.set()
    process.join()
    print(process.exitcode)
"""


@pytest.mark.parametrize("method", METHODS)
def test_children_that_outlive_tracing_are_named(running, method):
    run = running(LATE, method)
    assert run.stdout == "0\n"
    assert run.stderr.count("has ended while its child processes the slow one run") == 1


def test_multiprocessing_is_not_imported_for_tracing(running):
    source = "import sys\nprint('multiprocessing' in sys.modules, 'pyccolo_native.processes' in sys.modules)"
    run = running(source, "spawn", "-t", "tracers.Children", "--children")
    assert (run.stdout, run.stderr) == ("False True\n", "")


def test_what_multiprocessing_is_imported_as_is_what_it_is(running):
    source = (
        "import multiprocessing.spawn, multiprocessing.process as p, sys\n"
        "for module in (multiprocessing.spawn, p):\n"
        "    print(type(module.__loader__).__name__, type(module.__spec__.loader).__name__, module.__spec__.cached)\n"
    )
    plain = running(source, "spawn")
    run = running(source, "spawn", "-t", "tracers.Children", "--children")
    assert run.stdout == plain.stdout and run.stderr == ""


FORK_WARNING = """
import multiprocessing as mp, os, threading
import library

stop = threading.Event()
thread = threading.Thread(target=stop.wait)
thread.start()
process = mp.get_context("fork").Process(target=library.double, args=(1,))
process.start()
process.join()
if os.fork() == 0:
    library.double(1)
    os._exit(0)
os.wait()
stop.set()
print(process.exitcode)
"""


def test_warnings_of_forks_are_those_of_a_plain_run(running):
    def texts(run):
        return [line.partition("Warning")[2].partition("pid=")[0] for line in run.stderr.splitlines() if "Warning" in line]

    plain = running(FORK_WARNING, "fork", flags=["-W", "always"])
    traced = running(FORK_WARNING, "fork", "-t", "tracers.Children", "--children", flags=["-W", "always"])
    assert texts(traced) == texts(plain) and traced.stdout == plain.stdout == "0\n"
    assert len(texts(plain)) == (2 if sys.version_info >= (3, 12) else 0)
