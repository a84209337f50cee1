"""Which files --pyc-path selects."""
from __future__ import annotations

import glob
import os
import sys
import sysconfig
from types import ModuleType
from typing import Iterable

import pytest

_HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
_MAGIC = glob.has_magic


def _installed() -> "list[str]":
    """Folders that hold what is installed, the interpreter's library among it."""
    paths = sysconfig.get_paths()
    return list({os.path.realpath(paths[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def _is_below(file: str, folder: str) -> bool:
    return file.startswith(folder if folder.endswith(os.sep) else folder + os.sep)


class Selection:
    """The files that some paths select: `filename in selection`.

    A folder selects the Python files below it, those also that come to be later, but not what is installed below it
    (site-packages, the standard library) unless the path itself leads there.
    """

    def __init__(self) -> None:
        self._files: "set[str]" = set()
        self._folders: "list[tuple[str, list[str]]]" = []
        self._known: "dict[str, bool]" = {}

    def __bool__(self) -> bool:
        return bool(self._files or self._folders)

    def add(self, text: str, base: "str | os.PathLike[str]", option: str) -> None:
        """Selects what a path says, relative to `base`. pytest.UsageError, naming `option`, if that is nothing."""
        full = os.path.join(base, os.path.expanduser(text))
        if os.path.exists(full):
            self._add_one(full, option, text)
            return
        if not _MAGIC(text):
            raise pytest.UsageError(f"{option} {text}: no such file or folder: {os.path.abspath(full)}")
        found = [path for path in glob.glob(full, recursive=True) if path.endswith(".py") or os.path.isdir(path)]
        if not found:
            raise pytest.UsageError(f"{option} {text}: matches no Python file and no folder in {os.fspath(base)}")
        for path in found:
            self._add_one(path, option, text)

    def _add_one(self, path: str, option: str, text: str) -> None:
        path = os.path.realpath(path)
        if os.path.isdir(path):
            left_out = [folder for folder in _installed() if _is_below(folder, path)]
            self._folders.append((path, left_out))
        elif path.endswith(".py"):
            self._files.add(path)
        else:
            raise pytest.UsageError(f"{option} {text}: neither a folder nor a Python file (.py)")
        self._known.clear()

    def __contains__(self, filename: object) -> bool:
        if not isinstance(filename, str):
            return False
        known = self._known.get(filename)
        if known is None:
            known = self._known[filename] = not filename.startswith("<") and self._selects(os.path.realpath(filename))
        return known

    def _selects(self, file: str) -> bool:
        if _is_below(file, _HERE):
            return False  # handlers run in there
        if file in self._files:
            return True
        for folder, left_out in self._folders:
            if _is_below(file, folder) and not any(_is_below(file, its) for its in left_out):
                return "site-packages" not in file[len(folder) :].split(os.sep)
        return False

    def modules(self) -> "list[ModuleType]":
        """The modules imported so far that are selected."""
        found = []
        for module in list(sys.modules.values()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and file.endswith(".py") and file in self:
                found.append(module)
        return list({id(module): module for module in found}.values())


class EnabledFiles(set):
    """The files that a tracer instruments whatever its filter says, with those of a selection."""

    def __init__(self, files: "Iterable[str]", selection: Selection) -> None:
        super().__init__(files)
        self._selection = selection

    def __contains__(self, filename: object) -> bool:
        if super().__contains__(filename):
            return True
        if filename not in self._selection:
            return False
        self.add(filename)  # so that copies, which are plain sets, know it
        return True

    def __or__(self, others):
        return EnabledFiles(super().__or__(others), self._selection)
