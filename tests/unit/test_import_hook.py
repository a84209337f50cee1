"""Imports: which files are instrumented, what modules look like, what stands in sys.meta_path and when."""
import importlib
import inspect
import linecache
import sys
import threading
from importlib.machinery import SourceFileLoader

import pytest

import pyccolo_native as pyc
from pyccolo_native.import_hooks import TraceFinder, TraceLoader, patch_meta_path, patch_meta_path_non_context


class Increment(pyc.BaseTracer):
    """Instruments modules whose names begin with woven_."""

    multiple_threads_allowed = True

    def should_instrument_file(self, filename):
        return "woven_" in filename

    @pyc.after_assign_rhs
    def assigned(self, ret, *_, **__):
        return ret + 1 if type(ret) is int else None


@pytest.fixture(autouse=True)
def meta_path_unchanged():
    before = list(sys.meta_path)
    yield
    Increment.clear_instance()
    pyc.BaseTracer.current_module[0] = None
    assert sys.meta_path == before


def finders():
    return [finder for finder in sys.meta_path if isinstance(finder, TraceFinder)]


def test_a_wanted_file_is_instrumented(importable):
    importable("woven_a", "x = 41")
    with Increment.instance():
        import woven_a
    assert woven_a.x == 42


def test_other_files_are_left_alone(importable):
    importable("plain_a", "x = 41")
    with Increment.instance():
        import plain_a
    assert plain_a.x == 41
    assert type(plain_a.__loader__) is SourceFileLoader


def test_without_a_context_nothing_is_instrumented(importable):
    importable("woven_b", "x = 41")
    import woven_b

    assert woven_b.x == 41


def test_the_finder_is_first_and_goes_again():
    assert finders() == []
    with Increment.instance():
        assert sys.meta_path[0] is finders()[0] and len(finders()) == 1
        with Increment.instance().tracing_enabled(), pyc.BaseTracer().tracing_enabled():
            assert len(finders()) == 1
    assert finders() == []


def test_a_tracer_may_leave_imports_alone(importable):
    class Tracer(Increment):
        should_patch_meta_path = False

    importable("woven_c", "x = 41")
    with Tracer.instance():
        assert finders() == []
        import woven_c
    assert woven_c.x == 41


def test_the_finder_is_removed_wherever_it_stands():
    class Finder:
        def find_spec(self, *args):
            return None

    other = Finder()
    with Increment.instance():
        sys.meta_path.insert(0, other)
    assert sys.meta_path[0] is other and finders() == []
    sys.meta_path.remove(other)


def test_the_finder_may_have_been_removed_already():
    with Increment.instance():
        sys.meta_path.remove(finders()[0])


def test_patching_by_hand():
    with patch_meta_path([Increment.instance()]):
        assert len(finders()) == 1
    undo = patch_meta_path_non_context([Increment.instance()])
    inner = patch_meta_path_non_context([])
    assert len(finders()) == 1 and sys.meta_path[0].tracers == []
    inner()
    assert len(finders()) == 1
    undo()


def test_modules_look_as_usual(importable):
    path = importable("woven_d", "'''doc'''\nx = 41\n\ndef f(a):\n    b = a\n    return b\n")
    with Increment.instance():
        import woven_d
    plain = importlib.util.spec_from_file_location("woven_d", path)
    assert (woven_d.__file__, woven_d.__spec__.cached) == (str(path), plain.cached)
    assert (woven_d.__name__, woven_d.__package__, woven_d.__doc__) == ("woven_d", "", "doc")
    assert isinstance(woven_d.__loader__, SourceFileLoader) and woven_d.__spec__.loader is woven_d.__loader__
    assert (woven_d.__spec__.origin, woven_d.__spec__.has_location) == (str(path), True)
    assert inspect.getsource(woven_d) == path.read_text()
    assert inspect.getsource(woven_d.f) == "def f(a):\n    b = a\n    return b\n"
    assert woven_d.__loader__.get_source("woven_d") == path.read_text()
    linecache.clearcache()
    assert linecache.getline(str(path), 2, vars(woven_d)) == "x = 41\n"


def test_packages(importable):
    importable("woven_pkg/__init__", "x = 1\nfrom . import part")
    importable("woven_pkg/part", "y = 1\nfrom . import x")
    importable("woven_pkg/deep/__init__", "")
    importable("woven_pkg/deep/leaf", "z = 1\nfrom ..part import y")
    with Increment.instance():
        import woven_pkg.deep.leaf
    assert (woven_pkg.x, woven_pkg.part.y, woven_pkg.deep.leaf.z) == (2, 2, 2)
    assert woven_pkg.part.x == 2 and list(woven_pkg.__path__)[0].endswith("woven_pkg")


def test_reloading(importable):
    path = importable("woven_e", "x = 41")
    with Increment.instance():
        import woven_e

        path.write_text("x = 51; y = 1")
        importlib.reload(woven_e)
    assert (woven_e.x, woven_e.y) == (52, 2)


def test_lazy_loading(importable):
    importable("woven_f", "x = 41")
    with Increment.instance():
        spec = importlib.util.find_spec("woven_f")
        spec.loader = importlib.util.LazyLoader(spec.loader)
        module = importlib.util.module_from_spec(spec)
        sys.modules["woven_f"] = module
        spec.loader.exec_module(module)
        assert module.x == 42


def test_bytecode_files_are_neither_written_nor_read(importable, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = importable("woven_g", "x = 41")
    import woven_g

    assert woven_g.x == 41
    cached = importlib.util.cache_from_source(str(path))
    with open(cached, "rb") as file:
        before = file.read()
    del sys.modules["woven_g"]
    with Increment.instance():
        import woven_g as again
    assert again.x == 42
    with open(cached, "rb") as file:
        assert file.read() == before
    importable("woven_h", "x = 41")
    with Increment.instance():
        import woven_h
    assert woven_h.x == 42
    assert not [entry for entry in path.parent.joinpath("__pycache__").iterdir() if "woven_h" in entry.name]


def test_encodings(importable):
    importable("woven_i", "# -*- coding: latin-1 -*-\ntext = '\xe4'\n".encode("latin-1"))
    importable("woven_j", b"\xef\xbb\xbftext = '\xc3\xa4'\n")
    with Increment.instance():
        import woven_i
        import woven_j
    assert woven_i.text == woven_j.text == "\xe4"


@pytest.mark.parametrize("source", [b"x = = 1\n", b"def f(\n", b"x = '\xff'\n", b"return\n", b"# coding: nonsense\n"])
def test_faults_of_the_source_are_reported_as_usual(importable, source):
    importable("woven_k", source)
    with pytest.raises(SyntaxError) as plain:
        import woven_k
    with Increment.instance(), pytest.raises(SyntaxError) as caught:
        import woven_k  # noqa
    assert caught.value.args == plain.value.args
    assert caught.value.__context__ is None and caught.value.__cause__ is None
    assert "woven_k" not in sys.modules


def test_exceptions_pass_through_the_import(importable):
    importable("woven_l", "x = 1\n\n1 / 0\n")
    with Increment.instance(), pytest.raises(ZeroDivisionError) as caught:
        import woven_l  # noqa
    assert "woven_l" not in sys.modules
    files = [entry.path.name for entry in caught.traceback]
    assert files == ["test_import_hook.py", "woven_l.py"]


def test_what_cannot_be_woven_is_reported_and_runs_plain(importable):
    class Tracer(pyc.BaseTracer):
        def should_instrument_file(self, filename):
            return "woven_" in filename

        @pyc.after_assign_rhs(when=lambda node: 1 / 0, static=True)
        def assigned(self, ret, *_, **__):
            return ret + 1

    path = importable("woven_m", "x = 41")
    with Tracer.instance(), pytest.warns(RuntimeWarning) as caught:
        import woven_m
    assert woven_m.x == 41
    assert str(path) in str(caught[0].message) and "ZeroDivisionError" in str(caught[0].message)


class Noting(pyc.BaseTracer):
    log: list = []

    @pyc.before_import
    def before(self, ret, node, frame, event, *_, qualified_module_name, **__):
        self.log.append(("before", qualified_module_name, ret.rpartition("/")[2], node))

    @pyc.after_import
    def after(self, ret, node, frame, event, *_, module, **__):
        self.log.append(("after", module.__name__, module.x))


@pytest.fixture
def noting():
    Noting.log = []
    yield Noting.instance()
    Noting.clear_instance()


def test_import_events_of_files_that_are_not_instrumented(importable, noting):
    importable("plain_b", "x = 41")
    with noting:
        import plain_b  # noqa
    befores = [entry for entry in noting.log if entry[0] == "before"]
    assert set(befores) == {("before", "plain_b", "plain_b.py", None)}
    assert [entry for entry in noting.log if entry[0] == "after"] == [("after", "plain_b", 41)]
    assert noting.log[-1][0] == "after"


def test_before_import_may_name_another_file(importable):
    other = importable("woven_other", "x = 'other'")

    class Tracer(pyc.BaseTracer):
        @pyc.before_import
        def before(self, ret, *_, qualified_module_name, **__):
            return str(other) if qualified_module_name == "woven_n" else None

    importable("woven_n", "x = 'own'")
    with Tracer.instance():
        import woven_n
    assert woven_n.x == "other"


def test_a_filter_that_does_not_want_the_events(importable):
    class Tracer(Noting):
        def file_passes_filter_for_event(self, evt, filename):
            return "plain_c" not in filename

    Noting.log = []
    importable("plain_c", "x = 1")
    importable("plain_d", "x = 2")
    with Tracer.instance():
        import plain_c  # noqa
        import plain_d  # noqa
    assert [entry[1] for entry in Noting.log if entry[0] == "after"] == ["plain_d"]
    Tracer.clear_instance()


def test_other_threads_import_too(importable):
    importable("woven_o", "x = 41")
    with Increment.instance():
        thread = threading.Thread(target=importlib.import_module, args=("woven_o",))
        thread.start()
        thread.join()
    assert sys.modules["woven_o"].x == 42


def test_missing_modules_are_missing_as_usual():
    with Increment.instance(), pytest.raises(ModuleNotFoundError) as caught:
        import woven_no_such_module  # noqa
    assert caught.value.name == "woven_no_such_module" and len(caught.traceback) == 1
    assert importlib.util.find_spec("woven_no_such_module") is None


def test_builtin_frozen_and_namespace_modules(tmp_path, monkeypatch):
    (tmp_path / "woven_space").mkdir()
    (tmp_path / "woven_space" / "part.py").write_text("x = 41")
    monkeypatch.syspath_prepend(str(tmp_path))
    with Increment.instance():
        for name in ("_testcapi", "zipimport", "this_module_is_not_there"):
            importlib.util.find_spec(name)
        import woven_space.part
    assert woven_space.part.x == 42
    for name in ("woven_space", "woven_space.part"):
        del sys.modules[name]


def test_finders_in_front_and_behind(importable):
    """A finder put in front keeps its precedence; one behind is asked as usual."""
    path = importable("woven_p", "x = 41")
    asked = []

    class Finder:
        def __init__(self, name):
            self.name = name

        def find_spec(self, fullname, path=None, target=None):
            if fullname.startswith("woven_"):
                asked.append(self.name)

    front, behind = Finder("front"), Finder("behind")
    sys.meta_path.insert(0, behind)
    with Increment.instance():
        sys.meta_path.insert(0, front)
        import woven_p
    sys.meta_path.remove(front)
    sys.meta_path.remove(behind)
    assert woven_p.x == 42 and woven_p.__file__ == str(path)
    assert asked[:2] == ["front", "behind"]


def test_a_loader_of_another_kind_keeps_what_it_does(importable):
    path = importable("woven_q", "x = PLACEHOLDER")

    class Loader(SourceFileLoader):
        def source_to_code(self, data, path, *name, **options):
            return super().source_to_code(bytes(data).replace(b"PLACEHOLDER", b"41"), path, *name, **options)

    class Finder:
        def find_spec(self, fullname, target_path=None, target=None):
            if fullname == "woven_q":
                loader = Loader(fullname, str(path))
                return importlib.util.spec_from_file_location(fullname, path, loader=loader)

    finder = Finder()
    sys.meta_path.insert(0, finder)
    try:
        with Increment.instance():
            import woven_q
    finally:
        sys.meta_path.remove(finder)
    assert woven_q.x == 42
    assert type(woven_q.__loader__) is Loader


def test_two_tracers_share_the_work(importable):
    class Tenfold(pyc.BaseTracer):
        def should_instrument_file(self, filename):
            return "woven_s" in filename

        @pyc.after_assign_rhs
        def assigned(self, ret, *_, **__):
            return ret * 10

    importable("woven_r", "x = 1")
    importable("woven_s", "x = 1")
    with Increment.instance(), Tenfold.instance():
        import woven_r
        import woven_s
    assert (woven_r.x, woven_s.x) == (2, 20)


class Apart(Increment):
    should_patch_meta_path = False


def test_a_finder_that_is_put_in_place_by_hand(importable):
    """It finds what the others find, and gives a loader that knows its tracers."""
    importable("woven_t", "x = 41")
    importable("plain_t", "x = 41")
    finder = TraceFinder([Apart.instance()])
    sys.meta_path.insert(0, finder)
    try:
        with Apart.instance():
            import plain_t
            import woven_t

            assert importlib.util.find_spec("woven_no_such_module") is None
    finally:
        sys.meta_path.remove(finder)
    assert (woven_t.x, plain_t.x) == (42, 41)
    assert isinstance(woven_t.__loader__, TraceLoader) and type(plain_t.__loader__) is SourceFileLoader
    assert woven_t.__loader__.get_tracers_for_path(woven_t.__file__) == [Apart.instance()]


def test_a_loader_that_is_made_by_hand(importable):
    path = importable("woven_u", "x = 41")
    loader = TraceLoader([Apart.instance()], "woven_u", str(path))
    for context in (patch_meta_path([]), patch_meta_path([Apart.instance()])):
        with context, Apart.instance():
            module = importlib.util.module_from_spec(importlib.util.spec_from_loader("woven_u", loader))
            loader.exec_module(module)
        assert module.x == 42


def test_instances_of_the_hooked_classes_are_plain(importable):
    path = importable("woven_v", "x = 41")
    with Increment.instance():
        import woven_v
    assert type(woven_v.__loader__) is SourceFileLoader
    assert vars(woven_v.__loader__) == {"name": "woven_v", "path": str(path)}
