"""LazyImportTracer: what is imported when, and what anybody gets to see."""
import os
import subprocess
import sys
import threading
from pathlib import Path

import pyccolo_native as pyc
import pytest
from pyccolo_native.examples import LazyImportTracer
from pyccolo_native.examples.lazy_imports import _LazySymbol, _ModuleWithLazySymbols


@pytest.fixture
def lazy(fresh):
    """A tracer for the files of the test, which keeps what nobody has used."""

    class Lazy(fresh(LazyImportTracer)):
        import_pending_on_exit = False

        def should_instrument_file(self, filename):
            return "modules" in filename and "plain" not in filename

    with Lazy:
        yield Lazy.instance()


@pytest.fixture
def heavy(module):
    """A package: is something of it imported?"""
    module("heavy/__init__", "from .sub import number\nfrom . import other\n")
    module("heavy/sub", "number = 5\nnothing = None\nclass Base: pass\n")
    module("heavy/other", "import sys\nname = 'other'\n")
    return lambda name="heavy": name in sys.modules


IMPORTS = [
    ("import heavy", "heavy.number", 5),
    ("import heavy as h", "h.number", 5),
    ("import heavy.sub as s", "s.number", 5),
    ("from heavy import number", "number", 5),
    ("from heavy import number as n, other", "n, other.name", (5, "other")),
    ("from heavy.sub import nothing", "nothing", None),
    ("from heavy import other", "other.name", "other"),
    ("if len('a'):\n    import heavy", "[heavy.number for _ in '.'][0]", 5),
    ("from heavy.sub import Base", "type('C', (Base,), {})().__class__.__mro__[1].__name__", "Base"),
]


@pytest.mark.parametrize(("imports", "use", "expected"), IMPORTS)
def test_names_are_imported_when_they_are_used(module, heavy, lazy, imports, use, expected):
    module("program", f"{imports}\n\ndef use():\n    return {use}\n")
    import program

    assert not heavy()
    assert (program.use(), program.use()) == (expected, expected)
    assert heavy()
    assert not [value for value in vars(program).values() if type(value) is _LazySymbol]
    assert type(program) is type(sys)


AT_ONCE = [
    "import heavy.sub",
    "from heavy import *",
    "try:\n    import heavy\nexcept ImportError:\n    pass",
    "with open(__file__):\n    import heavy",
    "for _ in '.':\n    import heavy",
    "class C:\n    import heavy",
    "def f():\n    import heavy\nf()",
    "import heavy\ndel heavy",
    "from heavy import number\nnumber += 1",
    "from heavy.sub import Base\nx: Base",
    "from heavy.sub import Base\ndef f(a: int) -> Base: pass",
    "from heavy.sub import Base\nmatch 1:\n    case Base(): pass",
]


@pytest.mark.parametrize("source", AT_ONCE)
def test_what_is_imported_at_once(module, heavy, lazy, source):
    module("program", source)
    import program

    assert heavy()
    assert type(program) is type(sys)


def test_annotations_that_are_not_evaluated_need_no_import(module, heavy, lazy):
    module("program", "from __future__ import annotations\nfrom heavy.sub import Base\ndef f(a: Base) -> Base: pass\n")
    import program  # noqa: F401

    assert not heavy()


def test_what_is_loaded_is_bound_at_once(module, heavy, lazy):
    module("program", "import sys\nfrom os import path\nimport os as system\n")
    import program

    assert type(program) is type(sys)
    assert vars(program)["path"] is sys.modules["os.path"]


def test_eager_packages(module, heavy, lazy):
    lazy.eager_packages = {"heavy"}
    module("program", "from heavy.sub import number\n")
    import program  # noqa: F401

    assert heavy()


def test_other_code_gets_what_was_imported(module, heavy, lazy):
    module("program", "import heavy as h\nfrom heavy.sub import number, nothing\n")
    module("plain_one", "from program import number\nimport program\nprogram.h.other.name\n")
    module("plain_two", "from program import *\n")
    import plain_one
    import plain_two
    import program

    assert plain_one.number == plain_two.number == 5
    assert vars(plain_two)["h"] is sys.modules["heavy"] is program.h
    assert plain_two.nothing is None
    assert type(program) is type(sys)


def test_submodules_are_attributes_of_their_package_as_ever(module, heavy, lazy):
    module("program", "import heavy\nfrom heavy.sub import number\ndef use():\n    return heavy.sub.number\n")
    import program

    assert program.use() == 5
    module("package/__init__", "from .inner.deep import value\ndef use():\n    return inner.deep.value\n")
    module("package/inner/__init__")
    module("package/inner/deep", "value = 7\n")
    import package

    assert "package.inner" not in sys.modules
    assert package.use() == 7
    assert package.inner.deep.value == package.value == 7


def test_errors_come_up_at_the_use(module, lazy):
    path = module("program", "import missing_module as m\nfrom sys import missing_name\n\ndef use():\n    return m.x\n")
    import program

    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="missing_module") as caught:
            program.use()
    assert str(path) in {str(entry.path) for entry in caught.traceback}
    with pytest.raises(ImportError, match="missing_name"):
        program.missing_name


def test_variables_of_that_name_are_left_alone(module, heavy, lazy):
    module(
        "program",
        "from heavy.sub import number\n"
        "def shadowed(number):\n    return number\n"
        "def use():\n    return number\n",
    )
    import program

    assert program.shadowed("own") == "own"
    assert not heavy()
    assert program.use() == 5
    program.number = 6
    assert program.use() == 6


def test_names_that_are_imported_again(module, heavy, lazy):
    module("second", "number = 8\n")
    module("program", "from heavy.sub import number\nfirst = number\nfrom second import number\ndef use():\n    return number\n")
    import program

    assert "second" not in sys.modules
    assert (program.first, program.use(), program.use()) == (5, 8, 8)


def test_later_uses_have_no_events(module, heavy, fresh):
    events = []

    class Counting(fresh(LazyImportTracer)):
        instrument_all_files = True

        def file_passes_filter_for_event(self, evt, filename):
            if evt == "load_name" and "program" in filename:
                events.append(evt)
            return True

    module("program", "from heavy.sub import number\ndef use():\n    return number + number\n")
    with Counting:
        import program

        assert [program.use() for _ in range(3)] == [10] * 3
    assert len(events) == 1


def test_circular_imports(module, lazy):
    module("one", "from two import b\na = 1\ndef use():\n    return a + b\n")
    module("two", "from one import a\nb = 2\ndef use():\n    return a + b\n")
    import one

    assert one.use() == 3
    import two

    assert two.use() == 3


def test_a_name_that_is_being_imported_is_not_there_yet(module, lazy):
    module("one", "from two import b\ndef use():\n    return b\n")
    module("two", "import one\nb = one.use()\n")
    import one

    with pytest.raises(NameError, match="'b'"):
        one.use()


def test_uses_in_threads(module, heavy, lazy):
    module("program", "import heavy\ndef use():\n    return heavy.number\n")
    import program

    results = []
    threads = [threading.Thread(target=lambda: results.append(program.use())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [5] * 4


def test_what_is_left_is_imported_when_tracing_ends(module, heavy, fresh, caplog):
    class Lazy(fresh(LazyImportTracer)):
        def should_instrument_file(self, filename):
            return "modules" in filename

    module("program", "from heavy.sub import number\nimport missing_module\ndef use():\n    return number\n")
    with Lazy:
        import program

        assert not heavy()
    assert heavy()
    assert program.use() == 5
    assert "missing_module" in caplog.text
    with pytest.raises(ModuleNotFoundError):
        program.missing_module


def test_without_events_stand_ins_may_be_called_and_have_attributes(module, heavy, lazy):
    module("program", "import heavy\nfrom heavy.sub import Base\n")
    import program

    assert type(program) is _ModuleWithLazySymbols
    assert eval("heavy.number, Base().__class__.__name__", vars(program)) == (5, "Base")


def test_code_without_a_module_imports_at_once(heavy, fresh):
    with fresh(LazyImportTracer):
        assert pyc.exec("import heavy\nx = heavy.number", {}, {})["x"] == 5
        exec(pyc.compile_source("import heavy as h\ny = h.number", "program.py"), {"__name__": "nowhere"})


def test_other_tracers_see_the_import(module, heavy, lazy, fresh):
    imported = []

    class Imports(pyc.BaseTracer):
        @pyc.after_import
        def note(self, module):
            imported.append(module.__name__)

    module("program", "import heavy\nheavy.number\n")
    with fresh(Imports):
        import program  # noqa: F401
    assert imported == ["heavy", "heavy.sub", "program"]


def test_circular_imports_of_everything(module, lazy):
    module("one", "from two import A, B\ndef use():\n    return A, B\n")
    module("two", "from one import *\nA = 1\nB = 2\n")
    import one

    assert one.use() == (1, 2)
    import two

    assert (two.A, two.B, one.A) == (1, 2, 1)


def test_submodules_that_are_used_while_their_package_is_imported(module, lazy):
    module("package/__init__", "from .base import Base\nclass Main(Base): pass\n")
    module("package/base", "from . import constants\nfrom .constants import TWO\nclass Base:\n    number = constants.ONE + TWO\n")
    module("package/constants", "ONE = 1\nTWO = 2\n")
    module("program", "from package import Main\ndef use():\n    return Main.number\n")
    import program

    assert "package" not in sys.modules
    assert program.use() == 3


LIBRARY = """
import sys
from pyccolo_native.examples import LazyImportTracer

class Everything(LazyImportTracer):
    instrument_all_files = True

before = set(sys.modules)
with Everything:
    import asyncio, ctypes.util, email.message, http.server, unittest, xml.dom.minidom
    late = {"concurrent.futures.process", "email.generator", "unittest.mock"} - set(sys.modules)
    async def answer():
        return 42
    assert asyncio.run(answer()) == 42
    message = email.message.EmailMessage()
    message.set_content("text")
    assert message.as_string().endswith("text\\n")
    assert xml.dom.minidom.parseString("<a/>").toxml() == '<?xml version="1.0" ?><a/>'
    assert unittest.TextTestRunner(stream=sys.stdout).run(unittest.TestSuite()).wasSuccessful()
    assert late, "nothing was put off"
"""


def test_the_standard_library_does_its_work(module):
    environment = {**os.environ, "PYTHONPATH": str(Path(pyc.__file__).parents[1])}
    path = module("library_user", LIBRARY)
    told = subprocess.run([sys.executable, str(path)], env=environment, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
