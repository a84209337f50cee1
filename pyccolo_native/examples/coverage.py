"""Statement coverage: which statements of a program have run, and which lines have not.

    pyc program.py -t pyccolo_native.examples.CoverageTracer

Each statement calls the handler once: what has run is known, so the handler disables itself at that place.
"""
from __future__ import annotations

import ast
import logging
import os
import sysconfig
import tokenize
from collections import Counter
from fnmatch import fnmatch
from typing import Callable, Iterable, Iterator, NamedTuple

import pyccolo_native as pyc

logger = logging.getLogger(__name__)

Place = tuple[int, int]  # line and column where a statement begins; no two statements have the same


class FileCoverage(NamedTuple):
    """What has run of one file."""

    filename: str
    seen: int
    total: int
    missing: list[int]
    """The lines where statements begin that have not run."""

    @property
    def ratio(self) -> float:
        return self.seen / self.total if self.total else 1.0


class CoverageTracer(pyc.BaseTracer):
    """Collects the statements that run, in all threads; tells of them when tracing ends.

    `files`, an attribute of the class or an argument, says which files: a callable that is given the name, or files,
    folders and patterns. By default it is all but the standard library and installed packages.
    """

    multiple_threads_allowed = True
    global_guards_enabled = False
    files: Callable[[str], bool] | Iterable[str] | None = None

    def __init__(self, *args, files=None, **kwargs):
        super().__init__(*args, **kwargs)
        if files is not None:
            with self.persistent_fields():
                self.files = files
        self.seen_stmts: set[tuple[str, int, int]] = set()
        self._modules: dict[str, ast.Module] = {}

    def reset(self):
        super().reset()
        self.rearm()

    def should_instrument_file(self, filename: str) -> bool:
        if self.files is None:
            return not filename.startswith(("<", *_library_folders()))
        if callable(self.files):
            return bool(self.files(filename))
        wanted = [self.files] if isinstance(self.files, (str, os.PathLike)) else self.files
        return any(_is_in(os.path.abspath(filename), os.path.abspath(place)) for place in wanted)

    @pyc.init_module
    def note_module(self, node, frame):
        self._modules[frame.f_code.co_filename] = node

    @pyc.before_stmt
    def note_statement(self, node, frame):
        filename = frame.f_code.co_filename
        if not filename.startswith(pyc.SANDBOX_FNAME_PREFIX):
            self.seen_stmts.add((filename, node.lineno, node.col_offset))
        return pyc.Disable

    # What children of multiprocessing have run, for subclasses with trace_children = True.

    def export_results(self):
        return self.seen_stmts

    def merge_results(self, seen_stmts):
        self.seen_stmts |= seen_stmts

    # The report

    @property
    def stmt_count_by_fname(self) -> Counter:
        return Counter(filename for filename, _, _ in self.seen_stmts)

    def count_statements(self, path: str) -> int:
        """How many statements of the file before_stmt can fire for."""
        return len(self._statements_of(path))

    def report(self) -> list[FileCoverage]:
        """The files of which anything has run, by name."""
        seen: dict[str, set[Place]] = {name: set() for name in self._modules if self.should_instrument_file(name)}
        for filename, line, column in self.seen_stmts:
            seen.setdefault(filename, set()).add((line, column))
        rows = []
        for filename, places in sorted(seen.items()):
            if not filename.startswith(pyc.SANDBOX_FNAME_PREFIX):
                statements = self._statements_of(filename)
                missing = sorted({line for line, _ in statements - places})
                rows.append(FileCoverage(filename, len(statements & places), len(statements), missing))
        return rows

    def exit_tracing_hook(self) -> None:
        rows = self.report()
        for row in rows:
            name = os.path.relpath(row.filename)
            logger.warning("[%-40s]: seen=%4d, total=%4d, ratio=%.3f", name, row.seen, row.total, row.ratio)
        seen, total = sum(row.seen for row in rows), sum(row.total for row in rows)
        if total:
            logger.warning("%d files: seen=%d, total=%d, ratio=%.3f", len(rows), seen, total, seen / total)
        else:
            logger.error("no statement of a file that is looked at has run")

    def _statements_of(self, path: str) -> set[Place]:
        module = self._modules.get(path)  # as it was woven, whatever has become of the file
        if module is None:
            with tokenize.open(path) as file:
                source = file.read()
            try:
                module = ast.parse(source)
            except SyntaxError:  # syntax that another tracer knows
                module = pyc.parse(source, instrument=False)
        return {(stmt.lineno, stmt.col_offset) for stmt in statements(module)}


def statements(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements inside a node that before_stmt can fire for.

    Those are all but docstrings of functions, declarations of scope and future imports. What stands under
    `if TYPE_CHECKING:` is left out too, as it never runs.
    """
    for field, block in ast.iter_fields(node):
        if not isinstance(block, list) or field == "body" and _is_left_alone(node):
            continue
        for index, child in enumerate(block):
            if isinstance(child, ast.stmt):
                if not _is_silent(child, node, index if field == "body" else -1):
                    yield child
                yield from statements(child)
            elif isinstance(child, (ast.excepthandler, ast.match_case)):
                yield from statements(child)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _is_silent(stmt: ast.stmt, parent: ast.AST, index: int) -> bool:
    match stmt:
        case ast.Expr(ast.Constant(str())):
            return index == 0 and isinstance(parent, _FUNCTIONS)
        case ast.Global() | ast.Nonlocal():
            return isinstance(parent, (*_FUNCTIONS, ast.For, ast.While))
        case ast.ImportFrom("__future__", level=0):
            return True
    return False


def _is_left_alone(node: ast.AST) -> bool:
    """Is the body of this statement one that never runs, or without events?"""
    match node:
        case ast.If(ast.Name("TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
            return True
        case ast.With([ast.withitem(ast.Call(ast.Attribute(ast.Name("pyc"), "tracing_disabled")))]):
            return True
    return False


def _is_in(filename: str, place: str) -> bool:
    return filename == place or filename.startswith(place + os.sep) or fnmatch(filename, place)


def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return tuple(paths[name] + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib"))
