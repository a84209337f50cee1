"""What the tests of imports share: a folder of modules, and programs that run in processes of their own."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Project:
    """A folder of files, and ways to run python in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, source: "str | bytes") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        return path

    def python(self, *command, flags=(), **environment):
        """Runs python with this library and the folder on its path."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
        return subprocess.run(
            [sys.executable, *flags, *map(str, command)],
            cwd=self.folder,
            env={**inherited, "PYTHONPATH": os.pathsep.join([str(self.folder), str(ROOT)]), **environment},
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=120,
        )

    def output(self, *command, **options) -> str:
        """What a program prints; it has to end well."""
        done = self.python(*command, **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.fixture
def importable(tmp_path, monkeypatch):
    """Writes modules into a folder on sys.path; they are forgotten after the test."""
    project = Project(tmp_path / "importable")
    monkeypatch.syspath_prepend(str(project.folder))
    before = set(sys.modules)
    yield project
    for name in set(sys.modules) - before:
        place = getattr(getattr(sys.modules[name], "__spec__", None), "origin", None)
        search = getattr(sys.modules[name], "__path__", [])
        if any(str(tmp_path) in str(part) for part in [place, *search]):
            del sys.modules[name]


@pytest.fixture(autouse=True)
def nothing_stays_hooked():
    """After a test everything is as it was: finders, importlib's classes, compile()."""
    import builtins
    import runpy
    from importlib import _bootstrap, _bootstrap_external
    from zipimport import zipimporter

    def seen():
        places = [_bootstrap_external.SourceLoader, zipimporter, _bootstrap.FrozenImporter]
        return [list(sys.meta_path), *(dict(vars(place)) for place in places), _bootstrap._find_spec, builtins.compile, runpy._get_code_from_file]

    before = seen()
    yield
    assert seen() == before
