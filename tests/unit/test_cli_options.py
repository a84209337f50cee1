"""The pyc command's own arguments, its messages, and what tracers see through it."""
import sys

import pytest

SHOW = "import sys\nprint(sys.argv[1:])"
COUNTING = """
import pyccolo_native as pyc

def make(name):
    class Tracer(pyc.BaseTracer):
        seen = 0

        @pyc.before_stmt
        def statement(self, ret, node, frame, *_, **__):
            self.seen += 1

        def exit_tracing_hook(self):
            print(type(self).__name__, self.seen)

    Tracer.__name__ = name
    return Tracer

Counting, Other, Base = map(make, ["Counting", "Other", "Base"])

class Derived(Counting):
    pass

class Failing(pyc.BaseTracer):
    def __init__(self):
        super().__init__()
        1 / 0

class Imports(Base):
    def should_instrument_file(self, filename):
        return filename.endswith("beside.py")

class no_tracer:
    pass

NUMBER = 3
"""


@pytest.fixture
def counted(programs):
    programs.write("counters.py", COUNTING)
    programs.write("program.py", SHOW)
    return programs


@pytest.mark.parametrize(
    "arguments, passed",
    [
        ("program.py -t counters.Counting", []),
        ("-t counters.Counting program.py", []),
        ("-t counters.Counting program.py a b", ["a", "b"]),
        ("program.py a -t counters.Counting b", ["a", "b"]),
        ("program.py -t counters.Counting -- -t x -- --help", ["-t", "x", "--", "--help"]),
        ("program.py -t counters.Counting -v --flag=1 x", ["-v", "--flag=1", "x"]),
        ("-t counters.Counting -- program.py -t x", ["-t", "x"]),
        ("-tcounters.Counting program.py -", ["-"]),
        ("--tracer=counters.Counting program.py", []),
        ("--tracer counters.Counting program.py x.y", ["x.y"]),
        ("-m program -t counters.Counting -- a", ["a"]),
        ("-m program -t counters.Counting a", ["a"]),
        ("-t counters.Counting -m program", []),
        ("--module program -t counters.Counting a -m b", ["a", "-m", "b"]),
    ],
)
def test_where_options_may_stand(counted, arguments, passed):
    done = counted.pyc(*arguments.split())
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout == f"{passed}\nCounting 2\n"


@pytest.mark.parametrize(
    "arguments",
    [
        "program.py -t counters.Counting counters.Other",
        "program.py -t counters.Counting -t counters.Other",
        "program.py -t counters.Counting,counters.Other",
        "-t counters.Counting counters.Other program.py",
        "-t counters.Counting counters.Other -- program.py",
        "-t counters.Counting --tracer counters.Other -m program",
    ],
)
def test_several_tracers(counted, arguments):
    done = counted.pyc(*arguments.split())
    assert (done.stderr, done.returncode) == ("", 0)
    assert sorted(done.stdout.splitlines()) == ["Counting 2", "Other 2", "[]"]


@pytest.mark.parametrize(
    "arguments, part",
    [
        ("missing.py -t counters.Counting", "missing.py"),
        ("-m no_such_module -t counters.Counting", "No module named no_such_module"),
        ("-m counters.no_such -t counters.Counting", "counters.no_such"),
        ("program.py -t no_such_module.Tracer", "no_such_module"),
        ("program.py -t counters.Missing", "Missing"),
        ("program.py -t counters.no_tracer", "no_tracer"),
        ("program.py -t counters.NUMBER", "NUMBER"),
        ("program.py -t undotted", "undotted"),
        ("program.py -t counters.Counting -t counters.Derived", "counters.Derived"),
        ("empty -t counters.Counting", "__main__"),
        ("-m empty -t counters.Counting", "empty"),
        ("-m math -t counters.Counting", "math"),
        ("-t counters.Counting", "nothing to run"),
        ("program.py -m program -t counters.Counting", ""),
    ],
)
def test_what_cannot_run_is_one_line_and_status_2(counted, arguments, part):
    (counted.folder / "empty").mkdir()
    done = counted.pyc(*arguments.split())
    if "-m program" in arguments:  # what follows a script is the script's
        assert done.stdout == "['-m', 'program']\nCounting 2\n"
        return
    assert (done.stdout.replace("Counting 0\n", ""), done.returncode) == ("", 2)
    assert done.stderr.startswith("pyc: ") and part in done.stderr and done.stderr.count("\n") == 1


def test_no_tracer_at_all_is_a_usage_error(counted):
    done = counted.pyc("program.py")
    assert done.returncode == 2 and "-t" in done.stderr and "Traceback" not in done.stderr


def test_help(counted):
    done = counted.pyc("--help")
    assert done.returncode == 0 and "-m" in done.stdout and "-t" in done.stdout


def test_a_tracer_module_that_fails_shows_its_traceback(counted):
    counted.write("failing.py", "import no_such_thing")
    done = counted.pyc("program.py", "-t", "failing.Tracer")
    assert done.returncode == 2 and "no_such_thing" in done.stderr


def test_a_tracer_that_cannot_be_made_shows_its_traceback(counted):
    done = counted.pyc("program.py", "-t", "counters.Failing")
    assert done.returncode == 2 and "1 / 0" in done.stderr and done.stderr.splitlines()[-1].startswith("pyc: ")


def test_tracers_beside_the_script(programs):
    programs.write("sub/counters.py", COUNTING)
    programs.write("sub/program.py", SHOW)
    assert programs.pyc("sub/program.py", "-t", "counters.Counting").stdout == "[]\nCounting 2\n"


def test_only_the_script_is_instrumented(counted):
    counted.write("beside.py", "a = 1\nb = 2\nc = 3")
    counted.write("program.py", "import beside")
    assert counted.pyc("program.py", "-t", "counters.Counting").stdout == "Counting 1\n"


def test_imports_are_instrumented_where_the_tracer_says_so(counted):
    counted.write("beside.py", "a = 1\nb = 2\nc = 3")
    counted.write("program.py", "import beside")
    assert counted.pyc("program.py", "-t", "counters.Imports").stdout == "Imports 4\n"
    assert counted.pyc("-m", "program", "-t", "counters.Imports").stdout == "Imports 4\n"


def test_a_module_that_is_loaded_already_is_instrumented(counted):
    counted.write("program.py", "a = 1\nb = 2")
    counted.write("early.py", "import program\nfrom counters import *")
    assert counted.pyc("-m", "program", "-t", "early.Counting").stdout == "Counting 2\n"


def test_hooks_run_before_atexit_handlers(counted):
    counted.write("program.py", "import atexit\natexit.register(print, 'atexit')\nraise SystemExit(3)")
    done = counted.pyc("program.py", "-t", "counters.Counting")
    assert (done.returncode, done.stdout) == (3, "Counting 3\natexit\n")


def test_threads_end_under_the_tracer(counted):
    counted.write("program.py", "import threading, time\nthreading.Thread(target=lambda: (time.sleep(.1), print('thread'))).start()")
    assert counted.pyc("program.py", "-t", "counters.Counting").stdout == "thread\nCounting 2\n"


def test_bytecode_is_not_written(counted):
    counted.write("beside.py", "a = 1")
    counted.write("program.py", "import beside")
    done = counted.pyc("program.py", "-t", "counters.Imports", env={"PYTHONDONTWRITEBYTECODE": ""})
    assert done.stdout == "Imports 2\n"
    assert not list(counted.folder.rglob("beside*.pyc")) and not list(counted.folder.rglob("program*.pyc"))


def test_main_in_this_process_leaves_it_as_it_was(counted, monkeypatch, capsys):
    from pyccolo_native.__main__ import main, make_parser, run

    counted.write("quiet_tracer.py", "import pyccolo_native as pyc\nclass Quiet(pyc.BaseTracer):\n    pass\n")
    counted.write("program.py", "import sys\nprint(sys.argv, __name__)\nif sys.argv[1:]:\n    sys.exit(int(sys.argv[1]))")
    monkeypatch.chdir(counted.folder)
    before = list(sys.argv), list(sys.path), sys.modules["__main__"]
    assert main(["program.py", "-t", "quiet_tracer.Quiet"]) == 0
    assert main(["program.py", "-t", "quiet_tracer.Quiet", "5"]) == 5
    assert main(["missing.py", "-t", "quiet_tracer.Quiet"]) == 2
    run(make_parser().parse_args(["-m", "program", "-t", "quiet_tracer.Quiet"]))
    assert (list(sys.argv), list(sys.path), sys.modules["__main__"]) == before
    assert capsys.readouterr().out.splitlines()[0] == "['program.py'] __main__"
    monkeypatch.delitem(sys.modules, "quiet_tracer")
