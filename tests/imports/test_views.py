"""All that a program can see of its imports is what it sees of plain ones."""
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

RUNNER = """
import os
import sys

mode, folder, root = sys.argv[1:]
sys.path.insert(0, folder)
sys.path.append(root)
fired = set()
if mode == "traced":
    import pyccolo_native as pyc

    class Everything(pyc.BaseTracer):
        multiple_threads_allowed = True

        def should_instrument_file(self, filename):
            return filename.startswith(folder) and not filename.endswith("views.py") or filename.endswith("script.py")

        @pyc.register_handler((pyc.before_stmt, pyc.after_stmt, pyc.load_name, pyc.after_call, pyc.before_attribute_load, pyc.before_argument, pyc.before_binop, pyc.init_module, pyc.exit_module))
        def fire(self, ret, node, frame, *_, **__):
            fired.add(os.path.relpath(frame.f_code.co_filename, folder))

        @pyc.register_handler((pyc.before_import, pyc.after_import))
        def imported(self, ret, *_, **__):
            pass

    Everything.instance().__enter__()
import views
if mode == "traced":
    print(*sorted(fired), sep="\\n", file=sys.stderr)
"""

PART = '''
"""The part."""
from . import name


def function(n):
    """doc"""
    return n + len(name)


class Class:
    """doc"""

    def method(self):
        return [self.__class__.__name__, __name__, __file__ is not None]


documented = function.__doc__
checked = False
try:
    assert False
except AssertionError:
    checked = True
'''

FILES = {
    "ordinary/__init__.py": "name = __name__\nvalues = [n for n in range(3)]\n",
    "ordinary/__main__.py": "import sys\nvalue = __name__ + str(len(sys.argv))\nprint('main', __name__, __package__, __spec__)\n",
    "ordinary/part.py": PART,
    "ordinary/data.txt": "some data",
    "ordinary/deep/__init__.py": "",
    "ordinary/deep/leaf.py": "from ..part import function\nvalue = function(1)\n",
    "spaced/inner.py": "value = __name__.upper()\n",
    "latin.py": "# -*- coding: latin-1 -*-\ntext = '\xe4' + 'x'\n".encode("latin-1"),
    "marked.py": b"\xef\xbb\xbftext = '\xc3\xa4'\n",
    "unloaded.py": "'doc'\nvalue = len(__name__)\n",
    "lazy.py": "'doc'\nvalue = len(__name__)\n",
    "stacked.py": "import sys\nstack = []\nframe = sys._getframe()\nwhile frame is not None:\n    stack.append([frame.f_code.co_filename, frame.f_code.co_name])\n    frame = frame.f_back\n",
    "warning.py": "import warnings\nwarnings.warn('a', stacklevel=1)\nwarnings.warn('b', stacklevel=2)\nwarnings.warn('c', stacklevel=3)\n",
    "circle_one.py": "import circle_two\nnames = [circle_two.__name__, sorted(vars(circle_two))]\n",
    "circle_two.py": "import circle_one\nnames = [circle_one.__name__, sorted(vars(circle_one)), repr(circle_one)]\n",
    "thread_one.py": "import thread_three\nvalue = thread_three.value + 'one'\n",
    "thread_two.py": "import thread_three\nvalue = thread_three.value + 'two'\n",
    "thread_three.py": "import time\ntime.sleep(0.05)\nvalue = 'three'\n",
    "raising.py": "def f():\n    return 1 / 0\n\n\nf()\n",
    "broken.py": "x = 1\ny = = 2\n",
    "bad_bytes.py": b"x = '\xff'\n",
    "bad_cookie.py": b"# coding: nonsense\n",
    "missing_inside.py": "import nowhere_at_all\n",
    "exiting.py": "raise SystemExit(3)\n",
    "script.py": "import sys\nvalue = [__name__, __file__, len(sys.argv)]\nprint(value)\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, source in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("zipped/__init__.py", "'doc'\nvalue = __name__ + __file__\n")
        archive.writestr("zipped/inside.py", "from . import value\r\nother = value + '.'\r\n")
        archive.writestr("zipped/note.txt", "a note")
    (tmp_path / "bare.py").write_text("value = 'bytes'\n")
    import py_compile

    py_compile.compile(str(tmp_path / "bare.py"), str(tmp_path / "sourceless.pyc"))
    (tmp_path / "runner.py").write_text(RUNNER)
    shutil.copy(HERE / "views.py", tmp_path)
    return tmp_path


def run(folder, mode, flags, environment):
    for cache in folder.rglob("__pycache__"):
        shutil.rmtree(cache)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, *flags, str(folder / "runner.py"), mode, str(folder), str(ROOT)],
        cwd=folder,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


@pytest.mark.parametrize(
    "flags, environment",
    [
        pytest.param([], {}, id="python"),
        pytest.param(["-I"], {}, id="-I"),
        pytest.param(["-S"], {}, id="-S"),
        pytest.param(["-O"], {}, id="-O"),
        pytest.param(["-OO"], {}, id="-OO"),
        pytest.param(["-B"], {}, id="-B"),
        pytest.param([], {"PYTHONDONTWRITEBYTECODE": "1"}, id="PYTHONDONTWRITEBYTECODE"),
    ],
)
def test_a_program_sees_plain_imports(folder, flags, environment):
    plain, _ = run(folder, "plain", flags, environment)
    traced, fired = run(folder, "traced", flags, environment)
    assert traced.keys() == plain.keys()
    different = {name: (plain[name], traced[name]) for name in plain if traced[name] != plain[name]}
    assert different == {}
    expected = {name for name in FILES if name.endswith(".py") and name not in ("ordinary/deep/__init__.py",)}
    expected |= {"archive.zip/zipped/__init__.py", "archive.zip/zipped/inside.py"}
    assert set(fired.split("\n")) >= expected - {"broken.py", "bad_bytes.py", "bad_cookie.py"}


def test_no_bytecode_of_ours_is_left_behind(folder):
    run(folder, "traced", [], {})
    written = {path.name.partition(".")[0] for path in folder.rglob("*.pyc")}
    assert written <= {"sourceless", "views", "runner"}
