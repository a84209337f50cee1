"""The pyc command gives a program what plain python gives it: compared in subprocesses."""
import re

import pytest

TRACER = ("-t", "tracers_of_tests.Observer")

PROGRAMS = {
    "prints": "print('hello')",
    "arguments": "import sys\nprint(sys.argv)",
    "search path": "import sys\nprint(sys.path)",
    "main module": """
import sys
main = sys.modules['__main__']
print(main.__dict__ is globals(), __name__, __file__, __spec__, __package__, __doc__, globals().get('__cached__', 'none'), type(__loader__).__name__)
print(sorted(name for name in globals() if name.startswith('__')), type(__builtins__).__name__, __loader__.name, __loader__.path)
""",
    "docstring": "'''the docstring'''\nprint(__doc__)",
    "future": "from __future__ import annotations\ndef f(x: undefined): pass\nprint(f.__annotations__)",
    "source": "import inspect\ndef f():\n    return 1\nprint(inspect.getsource(f), f.__module__, f.__qualname__)",
    "pickles": "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A)",
    "traceback": "def f(x):\n    return 1 / x\n\nclass A:\n    def m(self):\n        return f(0) + 1\n\nprint(A().m())",
    "chained": """
def f():
    try:
        {}['key']
    except KeyError as error:
        raise ValueError('no', 3) from error
def g():
    try:
        f()
    except ValueError:
        undefined
g()
""",
    "exception group": "raise ExceptionGroup('two', [ValueError(1), TypeError('x')])",
    "notes": "e = ValueError('v')\ne.add_note('a note')\nraise e",
    "attribute carets": "import sys\nvalue = sys.path.undefined.more",
    "exit without status": "import sys\nprint('x')\nsys.exit()",
    "exit 3": "import sys\nsys.exit(3)",
    "exit with a string": "import sys\nsys.exit('that is all')",
    "exit with an object": "raise SystemExit((1, 'x'))",
    "exit with true": "raise SystemExit(True)",
    "exit of a large number": "raise SystemExit(256 * 3 + 5)",
    "exit in a function": "def f():\n    raise SystemExit(7)\ntry:\n    f()\nfinally:\n    print('finally')",
    "os exit": "import os\nos._exit(9)",
    "interrupt": "def f():\n    raise KeyboardInterrupt\nf()",
    "interrupt after atexit": "import atexit\natexit.register(print, 'bye')\nraise KeyboardInterrupt('now')",
    "signal": "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)",
    "excepthook": "import sys\nsys.excepthook = lambda t, v, tb: print(t, v, tb.tb_frame.f_code.co_name, tb.tb_lineno)\nraise ValueError(1)",
    "failing excepthook": "import sys\ndef hook(*args):\n    1 / 0\nsys.excepthook = hook\nraise ValueError(1)",
    "exiting excepthook": "import sys\nsys.excepthook = lambda *a: sys.exit(4)\nraise ValueError(1)",
    "last exception": "import atexit, sys\natexit.register(lambda: print(sys.last_type, sys.last_value))\nraise ValueError(1)",
    "atexit": "import atexit\natexit.register(print, 'bye')\nprint('hi')",
    "atexit without file": "import atexit\natexit.register(lambda: print('__file__' in globals(), __name__))",
    "failing atexit": "import atexit\natexit.register(lambda: 1 / 0)",
    "thread": "import threading, time\nthreading.Thread(target=lambda: (time.sleep(.1), print('thread'))).start()\nprint('main')",
    "failing thread": "import threading\ndef f():\n    1 / 0\nt = threading.Thread(target=f, name='T')\nt.start()\nt.join()",
    "thread outlives an error": "import threading, time\nthreading.Thread(target=lambda: (time.sleep(.1), print('x'))).start()\n1 / 0",
    "unraisable": "class A:\n    def __del__(self):\n        1 / 0\nA()",
    "syntax error": "def f():\n    x = = 1\n",
    "indentation error": "def f():\nreturn 1\n",
    "late syntax error": "print('not printed')\nreturn 1\n",
    "unclosed": "print((1,\n",
    "undecodable": b"x = 1\ny = '\xff'\n",
    "undecodable as declared": b"# coding: ascii\nx = '\xc3\xa4'\n",
    "undecodable utf-8": b"# coding: utf-8\nx = '\xff'\n",
    "byte order mark against the declaration": b"\xef\xbb\xbf# coding: ascii\nx = 1\n",
    "null byte": b"x = 1\ny = 'a\0'\n",
    "unknown encoding": b"# coding: nonsense\nx = 1\n",
    "latin-1": b"# -*- coding: latin-1 -*-\nprint(ascii('\xe4'))\n",
    "byte order mark": b"\xef\xbb\xbfprint('bom', __file__)\n",
    "windows line ends": b"x = 1\r\nif x:\r\n    print('crlf')\r\n",
    "no line end": b"print('end')",
    "empty": b"",
    "only a comment": b"# nothing\n",
    "import error": "import no_such_module_at_all",
    "import from error": "from sys import no_such_name",
    "warning": "import warnings\nwarnings.warn('careful')\ndef f():\n    warnings.warn('more', DeprecationWarning, stacklevel=2)\nf()",
    "recursion": "import sys\nsys.setrecursionlimit(200)\ndef f(n):\n    return f(n + 1)\ntry:\n    f(0)\nexcept RecursionError as e:\n    print('deep')",
    "reads stdin": "import sys\nprint(sys.stdin.read())",
    "asyncio": "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 3\nprint(asyncio.run(f()))",
    "subprocess pool": """
import multiprocessing
def f(x):
    return x * 2
if __name__ == '__main__':
    with multiprocessing.get_context('spawn').Pool(1) as pool:
        print(pool.map(f, [1, 2]))
""",
}


def outcome(done):
    return done.returncode, *(re.sub(r"0x[0-9a-f]{6,}", "0x...", text) for text in (done.stdout, done.stderr))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_runs_as_under_python(programs, name):
    programs.write("program.py", PROGRAMS[name])
    plain = programs.python("program.py", "a", "b c", input="text")
    assert outcome(programs.pyc("program.py", *TRACER, "a", "b c", input="text")) == outcome(plain)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_module_runs_as_under_python(programs, name):
    if name == "search path":
        pytest.skip("a module's own first entry is checked below")
    programs.write("program.py", PROGRAMS[name])
    plain = programs.python("-m", "program", "a", "b c", input="text")
    assert outcome(programs.pyc("-m", "program", *TRACER, "--", "a", "b c", input="text")) == outcome(plain)


@pytest.mark.parametrize("name", ["arguments", "search path", "traceback", "exit 3", "interrupt", "main module"])
def test_python_m_pyccolo_native_is_the_same_command(programs, name):
    programs.write("program.py", PROGRAMS[name])
    assert outcome(programs.module_pyc("program.py", *TRACER, "x")) == outcome(programs.python("program.py", "x"))


@pytest.mark.parametrize("script", ["sub/program.py", "./sub/program.py", "././sub//program.py", "sub/../sub/program.py", "link.py"])
def test_paths_to_the_script_are_shown_as_python_shows_them(programs, script):
    programs.write("sub/program.py", "import sys\nprint(__file__, sys.argv, sys.path[0])\n1 / 0")
    (programs.folder / "link.py").symlink_to("sub/program.py")
    assert outcome(programs.pyc(script, *TRACER)) == outcome(programs.python(script))


def test_an_absolute_path(programs):
    path = programs.write("sub/program.py", "import sys\nprint(__file__, sys.argv, sys.path[0])\n1 / 0")
    assert outcome(programs.pyc(path, *TRACER)) == outcome(programs.python(path))


def test_the_first_search_path_of_a_module_is_the_current_folder(programs):
    programs.write("program.py", "import sys\nprint(sys.path)")
    assert outcome(programs.pyc("-m", "program", *TRACER)) == outcome(programs.python("-m", "program"))


def test_a_package_runs_its_main(programs):
    programs.write("package/__init__.py", "print('package', __name__)")
    programs.write("package/__main__.py", "from . import other\nprint(__name__, __package__, __spec__.name)\n1 / 0")
    programs.write("package/other.py", "print(__name__)")
    assert outcome(programs.pyc("-m", "package", *TRACER, "--", "1")) == outcome(programs.python("-m", "package", "1"))


def test_a_module_of_a_package(programs):
    programs.write("package/__init__.py", "print('package')")
    programs.write("package/inner.py", "import sys\nprint(__name__, __package__, __spec__.name, sys.argv)")
    plain = programs.python("-m", "package.inner", "1")
    assert outcome(programs.pyc("-m", "package.inner", *TRACER, "1")) == outcome(plain)


@pytest.mark.parametrize("folder", ["folder", "./folder", "folder/", "."])
def test_a_folder_with_a_main(programs, folder):
    cwd = programs.folder / "folder" if folder == "." else programs.folder
    programs.write("folder/__main__.py", "import sys, beside\nprint(__name__, sys.argv, sys.path[0], beside.x)\n1 / 0")
    programs.write("folder/beside.py", "x = 1")
    programs.write("folder/tracers_of_tests.py", (programs.folder / "tracers_of_tests.py").read_bytes())
    assert outcome(programs.pyc(folder, *TRACER, "1", cwd=cwd)) == outcome(programs.python(folder, "1", cwd=cwd))


def test_modules_of_the_standard_library(programs):
    plain = programs.python("-m", "json.tool", input='{"a": [1, 2]}')
    assert outcome(programs.pyc("-m", "json.tool", *TRACER, input='{"a": [1, 2]}')) == outcome(plain)


def test_an_imported_module_fails_as_under_python(programs):
    programs.write("program.py", "import program_other")
    programs.write("program_other.py", "def f():\n    return 1 / 0\nf()")
    everything = ("-t", "tracers_of_tests.Everything")
    assert outcome(programs.pyc("program.py", *everything)) == outcome(programs.python("program.py"))


@pytest.mark.parametrize("source", [b"x = = 1\n", b"def f(\n", b"x = '\xff'\n", b"  x = 1\n", b"return\n"])
def test_an_imported_module_with_a_fault_in_its_source(programs, source):
    programs.write("program.py", "import program_other")
    programs.write("program_other.py", source)
    everything = ("-t", "tracers_of_tests.Everything")
    assert outcome(programs.pyc("program.py", *everything)) == outcome(programs.python("program.py"))


def test_a_closed_pipe(programs):
    programs.write("program.py", "import os, sys\nr, w = os.pipe()\nos.close(r)\nos.dup2(w, 1)\nprint('x')")
    buffered = {"PYTHONUNBUFFERED": ""}
    plain = programs.python("program.py", env=buffered)
    assert plain.returncode == 120
    assert outcome(programs.pyc("program.py", *TRACER, env=buffered)) == outcome(plain)


def test_no_search_path_of_its_own_in_safe_mode(programs):
    programs.write("program.py", "import sys\nprint(sys.path)")
    plain = programs.python("program.py", flags=["-P"])
    assert outcome(programs.pyc("program.py", *TRACER, flags=["-P"], env={})) == outcome(plain)


@pytest.mark.parametrize("flags", [["-O"], ["-OO"], ["-W", "error"], ["-X", "dev"], ["-b"]])
def test_interpreter_options_hold(programs, flags):
    source = "'''doc'''\nassert False or __debug__ is True, 'asserted'\ndef f():\n    'doc'\nprint(f.__doc__, __doc__, __debug__)"
    programs.write("program.py", source)
    assert outcome(programs.pyc("program.py", *TRACER, flags=flags)) == outcome(programs.python("program.py", flags=flags))
