"""The source of a shell's cells on its way: transformed, parsed by the shell, woven."""
import linecache
from contextlib import contextmanager

from . import magics
from .cell import CellInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from typing import Any, Callable, Iterator

    from ..ast_rewriter import AstRewriter
    from ..tracer import BaseTracer
    from .driver import CellTracingDriver


class CellSources:
    """What becomes of the source that the shell transforms.

    pending: the cell whose source was transformed last, until it is executed.
    last_transform: the last argument and result of the shell's transform_cell().
    """

    def __init__(self, driver: "CellTracingDriver") -> None:
        self._driver = driver
        self._extra_classes: "tuple[type[BaseTracer], ...]" = ()
        self._skipped_lines = 0
        self._names_made = 0
        self.forget()

    def forget(self) -> None:
        self.pending: "CellInfo | None" = None
        self.last_transform: "tuple[str, str] | None" = None

    def take_pending(self) -> "CellInfo | None":
        cell, self.pending = self.pending, None
        return cell

    @contextmanager
    def with_extra_classes(self, classes: "tuple[type[BaseTracer], ...]") -> "Iterator[None]":
        """Cells whose source is transformed, or that are opened, within it are traced with these classes too."""
        before, self._extra_classes = self._extra_classes, self._extra_classes + classes
        try:
            yield
        finally:
            self._extra_classes = before

    # ---- New cells

    def _new_cell(self, raw_cell: str) -> "CellInfo | None":
        """A cell, or None if there is no tracer for it. What a running cell transforms has its tracers."""
        driver, extra = self._driver, self._extra_classes
        if driver._running is not None:
            extra = tuple(dict.fromkeys(driver._running.extra_classes + extra))
        tracers = driver._tracers_of_a_cell(extra)
        return CellInfo(raw_cell, None, None, tracers, driver.syntax_transforms_enabled, extra) if tracers else None

    def cell_to_come(self, raw_cell: str) -> "CellInfo | None":
        """A cell that is executed, and whose source will be transformed afterwards."""
        split = magics.split_cell(raw_cell) if self._driver._adapter.is_installed else None
        extra: "tuple[type[BaseTracer], ...]" = ()
        if split is not None:
            try:
                extra = magics.named_tracers(split[0], self._driver.shell)
            except Exception:
                return None  # told where the source is transformed; the cell does not run
        with self.with_extra_classes(extra):
            cell = self._new_cell(raw_cell)
        if cell is not None and split is None and raw_cell.lstrip().startswith("%%"):
            cell.syntax_transforms_enabled = False
        return cell

    def _make_rewriter(self, cell: CellInfo) -> "AstRewriter":
        path, make = cell.cell_name or "", self._driver.rewriter_factory
        if make is not None:
            return make(cell.rewrite_tracers, path, cell.module_id)
        # not for the stack: in this phase the tracers need not be there yet
        return cell.tracers[-1].make_ast_rewriter(path, module_id=cell.module_id, tracers=cell.rewrite_tracers)

    # ---- What the shell calls

    def transform_cell(self, transform_cell: "Callable[[str], str]", raw_cell: str) -> str:
        """The shell's transform_cell(), without a first line with %%pyc."""
        self.pending = None
        split = magics.split_cell(raw_cell)
        if split is None:
            transformed = transform_cell(raw_cell)
        else:
            names, self._skipped_lines, body = split
            try:
                with self.with_extra_classes(magics.named_tracers(names, self._driver.shell)):
                    transformed = transform_cell(body)
            finally:
                self._skipped_lines = 0
        self.last_transform = raw_cell, transformed
        return transformed

    def transform_input(self, lines: "list[str]") -> "list[str]":
        """The last transformer of source: from the tracers' syntax to Python."""
        if self._skipped_lines:  # line numbers stay those of the cell
            lines, self._skipped_lines = ["\n"] * self._skipped_lines + lines, 0
        cell = self._driver._running
        if cell is None or cell.is_woven:
            cell = self.pending = self._new_cell("".join(lines))
            if cell is None:
                return lines
        return cell.transform(lines, self._make_rewriter)

    def name_cell(self, transformed: str, cell_name: str, module_id: int) -> None:
        """The compiler has given a name to some source, which it is going to compile."""
        cell = self._driver._compiled
        if cell is not None:
            cell.compiles(transformed)
        self._driver.bind_cell_name(cell_name, module_id)

    def parse(self, ast_parse: "Callable[..., ast.AST]", transformed: str, filename: str, *args: "Any", **kwargs: "Any") -> "ast.AST":
        """The compiler's ast_parse(). Errors of augmented source point into what the user wrote, and show it."""
        try:
            return ast_parse(transformed, filename, *args, **kwargs)
        except SyntaxError as error:
            cell = self._driver._compiled
            journal = None if cell is None or not cell.compiles(transformed) else getattr(cell.rewriter, "_journal", None)
            if journal is not None and journal.passes:
                journal.relocate(error)
                lines = journal.original.splitlines(keepends=True)
                linecache.cache[filename] = len(journal.original), None, lines, filename  # there is no code of that name
            raise

    def transform_tree(self, node: "ast.AST") -> "ast.AST":
        """The last transformer of trees: weaves what is being executed."""
        cell = self._driver._running
        if cell is None or self._driver.syntax_transforms_only:
            return node  # of a silent cell, say, which is not announced
        if cell.is_woven:  # and runs a magic, as %time, that transforms what it is given
            cell = self.take_pending() or self._new_cell("")
            if cell is None:
                return node
        if cell.rewriter is None:
            cell.rewriter = self._make_rewriter(cell)
        if not cell.cell_name:
            self._names_made += 1
            cell.bind(f"<pyccolo-cell-{self._names_made}>", None)
        cell.is_woven = True
        try:
            return cell.woven(node)
        except Exception as error:
            return self._not_woven(cell, node, error)

    def _not_woven(self, cell: CellInfo, node: "ast.AST", error: Exception) -> "ast.AST":
        """Tells why; IPython would drop the transformer of an error."""
        from IPython.core.error import InputRejected

        if isinstance(error, InputRejected):
            raise error
        reason = f"{type(error).__name__}: {error}"
        if cell.is_augmented:
            told = f"{cell.cell_name} cannot be run: its syntax needs tracers, and instrumenting it failed: {reason}"
            raise InputRejected(told) from error
        from ..import_hooks import warn_not_instrumented

        warn_not_instrumented(cell.cell_name, reason)
        return node
