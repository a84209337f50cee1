"""A tracer's filter that raises breaks no import, and is told of once; files without source are left alone."""
import contextlib
import importlib
import importlib.machinery
import py_compile
import sys
import types
import warnings

import pytest
from .tracers import Increment

import pyccolo_native as pyc


@pytest.fixture
def unraisable(monkeypatch):
    """What went to sys.unraisablehook, without what it would keep alive."""
    seen = []

    def hook(report):
        seen.append(types.SimpleNamespace(kind=report.exc_type, message=str(report.exc_value), what=str(report.object)))

    monkeypatch.setattr(sys, "unraisablehook", hook)
    return seen


@pytest.fixture(autouse=True)
def clear():
    yield
    Increment.clear_instance()
    pyc.BaseTracer.current_module[0] = None


def test_a_file_filter_that_raises(importable, unraisable):
    class Faulty(pyc.BaseTracer):
        def should_instrument_file(self, filename):
            raise KeyError("what file?")

        @pyc.before_stmt
        def statement(self, ret):
            raise AssertionError("not reached")

    path = importable.write("woven_a.py", "x = 41")
    importable.write("woven_b.py", "x = 41")
    with Increment.instance(), Faulty():
        import woven_a
        import woven_b
    assert woven_a.x == woven_b.x == 42
    (report,) = unraisable
    assert report.kind is KeyError and report.message == "'what file?'"
    assert "Faulty.should_instrument_file" in report.what and str(path) in report.what


def test_the_only_filter_raises(importable, unraisable):
    class Faulty(pyc.BaseTracer):
        def should_instrument_file(self, filename):
            if "woven" in filename:
                raise OSError("no such disk")
            return False

        @pyc.before_stmt
        def statement(self, ret):
            raise AssertionError("not reached")

    importable.write("woven_c.py", "x = 41")
    with Faulty():
        import woven_c
    assert woven_c.x == 41 and len(unraisable) == 1


def test_an_event_filter_that_raises(importable, unraisable):
    class Faulty(Increment):
        def file_passes_filter_for_event(self, evt, filename):
            raise ValueError(evt)

        @pyc.before_import
        def before(self, ret):
            pass

    path = importable.write("woven_d.py", "x = 41")
    with Faulty():
        import woven_d
    assert woven_d.x == 41
    (report,) = unraisable
    assert "Faulty.file_passes_filter_for_event" in report.what and str(path) in report.what


def test_an_interrupt_in_a_filter_is_no_fault_of_it(importable):
    class Interrupted(pyc.BaseTracer):
        def should_instrument_file(self, filename):
            if "woven" in filename:
                raise KeyboardInterrupt
            return False

    importable.write("woven_e.py", "x = 41")
    with Interrupted(), pytest.raises(KeyboardInterrupt):
        import woven_e  # noqa: F401


def sourceless(importable, name):
    source = importable.write("compiled.py", "x = 41")
    py_compile.compile(str(source), str(importable.folder / f"{name}.pyc"))
    return str(importable.folder / f"{name}.pyc")


def test_files_without_source_are_left_alone(importable):
    class All(pyc.BaseTracer):
        instrument_all_files = True

        @pyc.after_assign_rhs
        def assigned(self, ret, *_, **__):
            return ret + 1 if type(ret) is int else None

    sourceless(importable, "bare")
    extensions = [name for name in ("_testcapi", "_testbuffer", "_queue", "_heapq") if name not in sys.modules]
    with All.instance(), warnings.catch_warnings():
        warnings.simplefilter("error")
        import bare

        for name in ("zipimport", "_imp", "sys", *extensions):
            importlib.import_module(name) if importlib.util.find_spec(name) else None
        importlib.reload(sys.modules["_imp"])
    All.clear_instance()
    assert bare.x == 41
    assert type(bare.__loader__) is importlib.machinery.SourcelessFileLoader


def test_bytecode_that_a_tracer_asks_for(importable):
    path = sourceless(importable, "woven_bare")
    with Increment.instance(), pytest.warns(RuntimeWarning) as caught:
        import woven_bare
    assert woven_bare.x == 41
    (message,) = [str(entry.message) for entry in caught]
    assert path in message and "bytecode" in message


def test_a_compiled_module_that_a_tracer_asks_for(project):
    program = """
import importlib, importlib.machinery, importlib.util, pathlib, sys, sysconfig, warnings
import pyccolo_native as pyc
folder = pathlib.Path(sysconfig.get_config_var("DESTSHARED"))
names = sorted(path.name.partition(".")[0] for path in folder.iterdir() if path.name.startswith("_"))
name = next(name for name in ("_queue", "_bisect", "_lsprof", "_opcode", *names) if name in names and name not in sys.modules)
origin = importlib.util.find_spec(name).origin
with pyc.BaseTracer.instance().tracing_context(tracing_enabled_file=origin), warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    module = importlib.import_module(name)
(entry,) = caught
assert entry.category is RuntimeWarning and origin in str(entry.message) and "compiled code" in str(entry.message)
assert type(module.__loader__) is importlib.machinery.ExtensionFileLoader
"""
    project.write("program.py", program)
    project.output("program.py")


def test_a_file_that_vanishes_fails_as_usual(importable):
    path = importable.write("woven_f.py", "x = 41")
    spec = importlib.util.spec_from_file_location("woven_f", path)
    path.unlink()
    frames = []
    for context in (contextlib.nullcontext(), Increment.instance()):
        module = importlib.util.module_from_spec(spec)
        with context, pytest.raises(FileNotFoundError) as error:
            spec.loader.exec_module(module)
        frames.append([(str(entry.path), entry.name) for entry in error.traceback])
    assert frames[0] == frames[1]


def test_what_cannot_be_woven_is_told_and_runs_plain(importable):
    class Broken(Increment):
        @pyc.before_stmt(when=lambda node: 1 / 0, static=True)
        def statement(self, ret):
            pass

    path = importable.write("woven_g.py", "x = 41")
    with Broken.instance(), pytest.warns(RuntimeWarning) as caught:
        import woven_g
    Broken.clear_instance()
    assert woven_g.x == 41
    (message,) = [str(entry.message) for entry in caught]
    assert str(path) in message and "ZeroDivisionError" in message


def test_warnings_that_are_errors_do_not_break_an_import(importable, monkeypatch):
    class Broken(Increment):
        @pyc.before_stmt(when=lambda node: 1 / 0, static=True)
        def statement(self, ret):
            pass

    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda entry: told.append((entry.exc_type, str(entry.object))))
    path = importable.write("woven_h.py", "x = 41")
    with Broken.instance(), warnings.catch_warnings():
        warnings.simplefilter("error")
        import woven_h
    Broken.clear_instance()
    assert woven_h.x == 41 and told == [(RuntimeWarning, str(path))]
