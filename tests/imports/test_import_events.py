"""before_import, init_module, exit_module and after_import: which, when, with what."""
import importlib
import sys
import threading

import pytest
from .tracers import Imports

import pyccolo_native as pyc


@pytest.fixture
def tracer():
    made = Imports.instance()
    yield made
    Imports.clear_instance()
    pyc.BaseTracer.current_module[0] = None


def of(tracer, *prefixes):
    return [entry[:2] for entry in tracer.entries if entry[1].startswith(prefixes)]


def test_nested_imports(importable, tracer):
    importable.write("woven_a/__init__.py", "from . import inner")
    importable.write("woven_a/inner.py", "x = 1")
    with tracer:
        import woven_a  # noqa: F401
    assert [entry for entry in tracer.entries if entry[1].startswith("woven")] == [
        ("before", "woven_a", "__init__.py", None),
        ("init", "woven_a", "Module"),
        ("before", "woven_a.inner", "inner.py", None),
        ("init", "woven_a.inner", "Module"),
        ("exit", "woven_a.inner", "Module"),
        ("after", "woven_a.inner", None),
        ("exit", "woven_a", "Module"),
        ("after", "woven_a", None),
    ]


def test_circular_imports(importable, tracer):
    importable.write("woven_b.py", "import woven_c\nx = 1")
    importable.write("woven_c.py", "import woven_b\nseen = hasattr(woven_b, 'x')")
    with tracer:
        import woven_b
    assert not woven_b.woven_c.seen
    assert of(tracer, "woven") == [
        ("before", "woven_b"),
        ("init", "woven_b"),
        ("before", "woven_c"),
        ("init", "woven_c"),
        ("exit", "woven_c"),
        ("after", "woven_c"),
        ("exit", "woven_b"),
        ("after", "woven_b"),
    ]


def test_a_module_that_raises_is_not_concluded(importable, tracer):
    importable.write("woven_d.py", "import woven_e")
    importable.write("woven_e.py", "1 / 0")
    importable.write("woven_f.py", "x = 1")
    with tracer:
        with pytest.raises(ZeroDivisionError):
            import woven_d  # noqa: F401
        import woven_f  # noqa: F401
    assert of(tracer, "woven") == [
        ("before", "woven_d"),
        ("init", "woven_d"),
        ("before", "woven_e"),
        ("init", "woven_e"),
        ("before", "woven_f"),
        ("init", "woven_f"),
        ("exit", "woven_f"),
        ("after", "woven_f"),
    ]


def test_source_that_does_not_compile(importable, tracer, recwarn):
    importable.write("woven_g.py", "x = = 1")
    with tracer, pytest.raises(SyntaxError):
        import woven_g  # noqa: F401
    assert of(tracer, "woven") == [("before", "woven_g")]
    assert [str(entry.message) for entry in recwarn] == []


def test_reloading(importable, tracer):
    importable.write("woven_h.py", "x = 1")
    with tracer:
        import woven_h

        importlib.reload(woven_h)
    assert of(tracer, "woven") == [("before", "woven_h"), ("init", "woven_h"), ("exit", "woven_h"), ("after", "woven_h")] * 2


def test_a_module_that_reloads_itself(importable, tracer):
    importable.write("woven_i.py", "import importlib, sys\ncount = globals().get('count', 0) + 1\nif count == 1:\n    importlib.reload(sys.modules[__name__])\n")
    with tracer:
        import woven_i
    assert woven_i.count == 2
    outer = [("before", "woven_i"), ("init", "woven_i")]
    ends = [("exit", "woven_i"), ("after", "woven_i")]
    assert of(tracer, "woven") == outer + outer + ends + ends


def test_other_threads(importable, tracer):
    importable.write("woven_j.py", "x = 1")
    with tracer:
        thread = threading.Thread(target=importlib.import_module, args=("woven_j",))
        thread.start()
        thread.join()
    assert of(tracer, "woven") == [("before", "woven_j"), ("init", "woven_j"), ("exit", "woven_j"), ("after", "woven_j")]


def test_tracers_of_one_thread_do_not_hear_of_others(importable):
    class Single(Imports):
        multiple_threads_allowed = False

    importable.write("woven_k.py", "x = 1")
    tracer = Single()
    with tracer:
        thread = threading.Thread(target=importlib.import_module, args=("woven_k",))
        thread.start()
        thread.join()
    assert of(tracer, "woven") == [] and sys.modules["woven_k"].x == 1


def test_the_first_import_of_threading_is_an_import_too(project):
    program = """
import sys
assert "threading" not in sys.modules
import pyccolo_native as pyc
assert "threading" not in sys.modules
names = []
class T(pyc.BaseTracer):
    @pyc.after_import
    def after(self, ret, module):
        names.append(module.__name__)
with T.instance():
    import threading
print("threading" in names)
"""
    project.write("program.py", program)
    assert project.output("program.py", flags=["-S"]).strip() == "True"


def test_an_exception_that_a_tracer_lets_through_reaches_the_importer(importable):
    class Strict(pyc.BaseTracer):
        def should_propagate_handler_exception(self, evt, exc):
            return True

        @pyc.after_import
        def after(self, ret, module):
            if module.__name__ == "woven_l":
                raise LookupError("not this one")

    importable.write("woven_l.py", "x = 1")
    with Strict.instance(), pytest.raises(LookupError, match="not this one"):
        import woven_l  # noqa: F401
    assert "woven_l" not in sys.modules
    Strict.clear_instance()
