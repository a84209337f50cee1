"""Statement coverage of a program that runs to its end, reported when its tracing ends.

    COVER=json pyc -m json.tool -t tracers.coverage.StatementCoverage -- --indent 1 order.json

COVER names the modules or packages to look at, separated by commas; without it, every file that the program loads
from outside the standard library and site-packages. The report goes to stderr: the program's output stays its own.
"""

from __future__ import annotations

import ast
import os
import sysconfig
import textwrap
from pathlib import Path
from typing import Iterator

import pyccolo_native as pyc
from tracers import tell

WIDTH = 110  # of the report


class StatementCoverage(pyc.BaseTracer):
    """Collects the statements that ran, of the files that it is told to look at."""

    multiple_threads_allowed = True

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.names = {name.strip() for name in os.environ.get("COVER", "").split(",") if name.strip()}
        self.modules: dict[str, ast.Module] = {}
        self.ran: set[ast.stmt] = set()

    def should_instrument_file(self, filename: str) -> bool:
        if filename.startswith("<"):
            return False
        if not self.names:
            return not filename.startswith(library_directories())
        path = Path(filename)
        return path.stem in self.names or not self.names.isdisjoint(path.parts[:-1])

    @pyc.init_module
    def note_module(self, node, frame):
        self.modules[frame.f_code.co_filename] = node

    @pyc.before_stmt
    def note_statement(self, node):
        self.ran.add(node)

    def exit_tracing_hook(self) -> None:
        tell(self.report())

    def report(self) -> str:
        """The table: statements of each file, how many ran, and the lines that did not."""
        rows = [file_row(filename, module, self.ran) for filename, module in sorted(self.modules.items())]
        if not rows:
            return "no file was looked at"
        width = max(len(name) for name, *_ in rows)
        lines = [f"{'file':{width}}  statements   ran   share  lines that did not run"]
        for name, total, ran, missing in rows:
            share = ran / total if total else 1.0
            start = f"{name:{width}}  {total:10}  {ran:4}  {share:6.1%}  "
            lines.append(textwrap.fill(missing, WIDTH, initial_indent=start, subsequent_indent=" " * len(start)) or start.rstrip())
        return "\n".join(lines)


def library_directories() -> tuple[str, ...]:
    """Where the standard library and installed packages are."""
    paths = sysconfig.get_paths()
    return tuple(paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))


def file_row(filename: str, module: ast.Module, ran: set[ast.stmt]) -> tuple[str, int, int, str]:
    """Name, statements, statements that ran, line ranges that did not."""
    statements = sorted(countable(module), key=lambda statement: (statement.lineno, statement.col_offset))
    covered = [statement in ran for statement in statements]
    return short_name(filename), len(statements), sum(covered), missing_lines(statements, covered)


def countable(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements that can run: all but docstrings, declarations of scope and future imports."""
    body = getattr(node, "body", None)
    docstring = body[0] if isinstance(body, list) and body and is_docstring(node, body[0]) else None
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt) and child is not docstring and not is_declaration(child):
            yield child
        if not isinstance(child, ast.expr):
            yield from countable(child)


def is_docstring(parent: ast.AST, statement: ast.stmt) -> bool:
    return (
        isinstance(parent, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def is_declaration(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return statement.module == "__future__"
    return isinstance(statement, (ast.Global, ast.Nonlocal))


def missing_lines(statements: list[ast.stmt], covered: list[bool]) -> str:
    """Ranges of lines whose statements did not run; a range ends where a statement ran."""
    ranges: list[tuple[int, int]] = []
    open_range = False
    for statement, ran in zip(statements, covered):
        if ran:
            open_range = False
            continue
        last = last_line(statement)
        if open_range:
            ranges[-1] = (ranges[-1][0], max(ranges[-1][1], last))
        else:
            ranges.append((statement.lineno, last))
        open_range = True
    return ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in ranges)


def last_line(statement: ast.stmt) -> int:
    """The last line of a simple statement, the first of one that contains others."""
    if any(isinstance(child, ast.stmt) for child in ast.iter_child_nodes(statement)):
        return statement.lineno
    return statement.end_lineno or statement.lineno


def short_name(filename: str) -> str:
    """The name below the directory of the standard library or below the working directory."""
    for directory in (*library_directories(), os.getcwd()):
        if filename.startswith(directory + os.sep):
            return filename[len(directory) + 1 :]
    return filename
