"""What the tests of the cache share: a cache of their own, and programs that import under tracers."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pyccolo_native as pyc

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cache_folder(tmp_path, monkeypatch):
    """An empty folder that is the cache's while the test runs, in this process too."""
    folder = tmp_path / "kept"
    monkeypatch.setenv("PYCCOLO_CACHE_DIR", str(folder))
    monkeypatch.delenv("PYCCOLO_CACHE_SIZE", raising=False)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return folder


@pytest.fixture
def entries(cache_folder):
    """entries(): the files in the cache."""
    return lambda: sorted(cache_folder.rglob("*.woven"))


class Project:
    """A folder with modules, a cache of its own, and a way to run programs that import them."""

    def __init__(self, folder):
        self.folder = folder
        self.cache = folder / "kept"

    def write(self, name, source):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        return path

    def environment(self, **more):
        found = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYCCOLO"))}
        found["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(self.folder)])
        found["PYCCOLO_CACHE_DIR"] = str(self.cache)
        return {**found, **{name: str(value) for name, value in more.items()}}

    def start(self, *command, flags=(), env=None, **options):
        return subprocess.Popen(
            [sys.executable, *flags, *map(str, command)],
            cwd=self.folder,
            env=self.environment(**(env or {})),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, *command, flags=(), env=None, **options):
        """Its output. Fails the test if the command fails or says anything on stderr."""
        process = self.start(*command, flags=flags, env=env, **options)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert err == ""
        return out

    def entries(self):
        return sorted(self.cache.rglob("*.woven"))


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.fixture
def fresh_import(tmp_path, monkeypatch):
    """fresh_import(tracer, source): the module of this source, imported under the tracer anew."""
    folder = tmp_path / "modules"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))

    def make(tracer, source, name="woven_module"):
        import importlib

        path = folder / f"{name}.py"
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        importlib.invalidate_caches()
        sys.modules.pop(name, None)
        with tracer:
            module = importlib.import_module(name)
        del sys.modules[name]
        return module

    yield make
    pyc.BaseTracer.current_module[0] = None
