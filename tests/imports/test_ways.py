"""Every way in which a file comes to be imported is instrumented."""
import importlib
import importlib.util
import pkgutil
import runpy
import sys
import threading
import warnings
import zipfile
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest
from .tracers import Increment

import pyccolo_native as pyc

TRACERS = Path(__file__).with_name("tracers.py").read_text()
ORIGINAL = importlib._bootstrap_external.SourceLoader.get_code


@pytest.fixture(autouse=True)
def clear():
    yield
    Increment.clear_instance()
    pyc.BaseTracer.current_module[0] = None


def test_instrument_all_files(importable):
    class All(pyc.BaseTracer):
        instrument_all_files = True

        @pyc.after_assign_rhs
        def assigned(self, ret, *_, **__):
            return ret + 1 if type(ret) is int else None

    importable.write("any_name.py", "x = 41")
    importable.write("any_package/__init__.py", "x = 41")
    with All.instance():
        import any_name
        import any_package
    assert any_name.x == any_package.x == 42


def test_a_file_that_is_loaded_from_its_location(importable):
    path = importable.write("woven_a.py", "x = 41")
    with Increment.instance():
        spec = importlib.util.spec_from_file_location("somewhere", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    assert module.x == 42 and type(module.__loader__) is SourceFileLoader


def test_a_loader_that_was_there_before_the_tracer(importable):
    spec = importlib.util.spec_from_file_location("somewhere", importable.write("woven_b.py", "x = 41"))
    module = importlib.util.module_from_spec(spec)
    with Increment.instance():
        spec.loader.exec_module(module)
        assert module.x == 42
    spec.loader.exec_module(module)
    assert module.x == 41


def test_a_module_that_is_loaded_again_through_its_own_spec(importable):
    importable.write("woven_c.py", "x = 41")
    with Increment.instance():
        import woven_c

        twin = importlib.util.module_from_spec(woven_c.__spec__)
        woven_c.__spec__.loader.exec_module(twin)
        assert twin.x == 42
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            if sys.version_info < (3, 15):
                assert SourceFileLoader("woven_c", woven_c.__file__).load_module().x == 42


def test_lazy_loading(importable):
    importable.write("woven_d.py", "x = 41")
    with Increment.instance():
        spec = importlib.util.find_spec("woven_d")
        spec.loader = importlib.util.LazyLoader(spec.loader)
        module = importlib.util.module_from_spec(spec)
        sys.modules["woven_d"] = module
        spec.loader.exec_module(module)
        assert module.x == 42


def test_archives(importable):
    archive = importable.folder / "woven.zip"
    importable.folder.mkdir()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("in_zip/__init__.py", "x = 41\nfrom . import part")
        file.writestr("in_zip/part.py", "x = 41\r\ny = 1\r\n")
        file.writestr("alone.py", "# coding: latin-1\nx = 41\ntext = '\xe4'".encode("latin-1"))
    sys.path.insert(0, str(archive))
    try:
        with Increment.instance():
            import alone
            import in_zip
    finally:
        sys.path.remove(str(archive))
    assert (in_zip.x, in_zip.part.x, in_zip.part.y, alone.x, alone.text) == (42, 42, 2, 42, "\xe4")
    assert in_zip.part.__file__ == str(archive / "in_zip" / "part.py")


def test_archives_with_bytecode_beside_the_source(importable):
    import py_compile

    source = importable.write("kept.py", "x = 41")
    py_compile.compile(str(source), str(importable.folder / "kept.pyc"), dfile="kept.py")
    archive = importable.folder / "woven.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name in ("kept.py", "kept.pyc"):
            file.write(importable.folder / name, f"both/{name}")
        file.write(importable.folder / "kept.pyc", "both/bare.pyc")
        file.writestr("both/__init__.py", "")
    sys.path.insert(0, str(archive))
    try:
        with Increment.instance():
            from both import bare, kept
    finally:
        sys.path.remove(str(archive))
    assert (kept.x, bare.x) == (42, 41)


def test_run_path(importable):
    path = importable.write("woven_script.py", "x = 41")
    importable.write("woven_folder/__main__.py", "x = 41")
    with Increment.instance():
        assert runpy.run_path(str(path))["x"] == 42
        assert runpy.run_path(str(importable.folder / "woven_folder"))["x"] == 42
    assert runpy.run_path(str(path))["x"] == 41


def test_run_module(importable):
    importable.write("woven_pkg/__init__.py", "")
    importable.write("woven_pkg/__main__.py", "x = 41")
    importable.write("woven_e.py", "x = 41")
    with Increment.instance():
        assert runpy.run_module("woven_e")["x"] == 42
        assert runpy.run_module("woven_pkg")["x"] == 42


def test_runpy_that_is_first_imported_under_the_tracer(project):
    project.write("woven.py", "x = 41")
    project.write("tracers.py", TRACERS)
    program = """
import sys
from tracers import Increment
assert "runpy" not in sys.modules
with Increment.instance():
    import runpy
    print(runpy.run_path("woven.py")["x"])
print(runpy.run_path("woven.py")["x"])
"""
    project.write("program.py", program)
    assert project.output("program.py").split() == ["42", "41"]
    assert project.output("program.py", flags=["-X", "frozen_modules=off"]).split() == ["42", "41"]


def test_editable_installs(importable, tmp_path):
    """By a .pth file, which adds to sys.path; and by a finder of the installer's own."""
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout" / "woven_f.py").write_text("x = 41")
    (tmp_path / "woven_source").mkdir()
    (tmp_path / "woven_source" / "__init__.py").write_text("x = 41\nfrom . import part")
    (tmp_path / "woven_source" / "part.py").write_text("x = 41")

    class EditableFinder:
        """As setuptools writes it."""

        @classmethod
        def find_spec(cls, fullname, path=None, target=None):
            if fullname == "woven_mapped":
                source = tmp_path / "woven_source" / "__init__.py"
                return importlib.util.spec_from_file_location(fullname, source, submodule_search_locations=[str(source.parent)])
            return None

    importable.write("editable.pth", str(tmp_path / "checkout"))
    before = list(sys.path)
    import site

    site.addsitedir(str(importable.folder))
    sys.meta_path.append(EditableFinder)
    try:
        with Increment.instance():
            import woven_f
            import woven_mapped.part
    finally:
        sys.meta_path.remove(EditableFinder)
        sys.path[:] = before
    assert (woven_f.x, woven_mapped.x, woven_mapped.part.x) == (42, 42, 42)


def test_a_finder_that_comes_first_does_not_hide_files(importable):
    path = importable.write("woven_g.py", "x = 41")

    class Finder:
        @staticmethod
        def find_spec(fullname, target_path=None, target=None):
            return importlib.util.spec_from_file_location(fullname, path) if fullname == "woven_g" else None

    with Increment.instance():
        sys.meta_path.insert(0, Finder)
        try:
            import woven_g
        finally:
            sys.meta_path.pop(0)
    assert woven_g.x == 42


def test_meta_path_may_be_replaced_meanwhile(importable, monkeypatch):
    importable.write("woven_h.py", "x = 41")
    with Increment.instance():
        with monkeypatch.context() as patched:
            patched.setattr(sys, "meta_path", [importlib.machinery.PathFinder])
            import woven_h
    assert woven_h.x == 42


def test_walking_packages(importable):
    importable.write("woven_pkg/__init__.py", "x = 41")
    importable.write("woven_pkg/inner/__init__.py", "x = 41")
    importable.write("woven_pkg/inner/leaf.py", "x = 41")
    with Increment.instance():
        import woven_pkg

        found = [info.name for info in pkgutil.walk_packages(woven_pkg.__path__, "woven_pkg.")]
    assert found == ["woven_pkg.inner", "woven_pkg.inner.leaf"] and woven_pkg.inner.x == 42


def test_threads_that_import_the_same_modules(importable):
    for number in range(8):
        importable.write(f"woven_{number}.py", f"import time, woven_shared\ntime.sleep(0.01)\nx = 40 + {number}")
    importable.write("woven_shared.py", "import time\ntime.sleep(0.02)\nx = 41")
    failures = []

    def load(first):
        try:
            for number in range(8):
                importlib.import_module(f"woven_{(first + number) % 8}")
        except BaseException as error:
            failures.append(error)

    with Increment.instance():
        threads = [threading.Thread(target=load, args=(first,)) for first in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert [sys.modules[f"woven_{number}"].x for number in range(8)] == [41 + number for number in range(8)]
    assert sys.modules["woven_shared"].x == 42


def test_somebody_else_may_put_something_on_top(importable):
    """Two tools that hook a method are not left in the order in which they came."""
    importable.write("woven_i.py", "x = 41")
    importable.write("woven_j.py", "x = 41")
    seen = []
    context = Increment.instance().tracing_enabled()
    loader_class = importlib._bootstrap_external.SourceLoader
    context.__enter__()
    hooked = loader_class.get_code

    def get_code(self, fullname):
        seen.append(fullname)
        return hooked(self, fullname)

    loader_class.get_code = get_code
    import woven_i

    context.__exit__(None, None, None)
    try:
        import woven_j
    finally:
        loader_class.get_code = ORIGINAL
    assert (woven_i.x, woven_j.x) == (42, 41) and {"woven_i", "woven_j"} <= set(seen)


@pytest.mark.parametrize("optimise", ["", "-O", "-OO"])
def test_optimisation_is_that_of_the_interpreter(project, optimise):
    project.write("woven.py", "def f():\n    'doc'\n    assert 0, 'checked'\n    return 41\n")
    project.write("tracers.py", TRACERS)
    project.write("program.py", "from tracers import Journal\nwith Journal.instance() as tracer:\n    import woven\n    print(woven.f.__doc__)\n    print(woven.f())\n")
    done = project.python("program.py", flags=[optimise] if optimise else [])
    assert done.stdout.split() == {"": ["doc"], "-O": ["doc", "41"], "-OO": ["None", "41"]}[optimise]
    assert ("AssertionError: checked" in done.stderr) == (optimise == "")
