"""What the tests of the gallery share: modules to import, and tracers that begin anew in each test."""
import importlib
import sys

import pytest

from pyccolo_native import BaseTracer


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Writes a module, or a submodule given as "package/name", and gives its path; all are forgotten after the test."""
    folder = tmp_path / "modules"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)

    def write(name, source=""):
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
        importlib.invalidate_caches()
        return path

    yield write
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
            del sys.modules[name]


@pytest.fixture
def fresh():
    """Forgets the instance of tracer classes after the test."""
    used = []
    yield lambda cls: used.append(cls) or cls
    for cls in used:
        cls.clear_instance()
    BaseTracer.reset_bookkeeping()
