"""The driver: the tracers of one shell, and what happens to each of its cells."""
import re
import warnings
from contextlib import contextmanager

from . import magics, registry
from .cell import CellInfo, OpenCell
from .residents import ResidentTracers
from .shell import ShellAdapter, Transformers

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from typing import Any, Callable, ContextManager, Iterator

    from ..ast_rewriter import AstRewriter
    from ..tracer import BaseTracer

# What IPython makes of a cell magic: its body is a string now, in which nobody's syntax is to be looked for.
_CELL_MAGIC = re.compile(r"\s*get_ipython\(\)\.run_cell_magic\(")

drivers: "dict[int, CellTracingDriver]" = {}
"""By the id of their shell, which they keep alive."""


class CellTracingDriver:
    """Traces the cells of one shell.

    A cell has two phases that come in either order: its source is transformed, by the shell's transformers, and it is executed,
    in cell_tracing_context(). Natively the shell's own events enter that context; a host may do so instead (see
    take_over_ipython_driver) and say more through the attributes:

    rewriter_factory(tracers, path, module_id): makes the rewriter of a cell.
    extra_tracers(tracers): the tracers of a cell, given those that are registered.
    cell_contexts: makers of contexts that each cell runs in.
    on_cell_start, on_cell_end: called with the CellInfo.
    syntax_transforms_enabled: whether the tracers' syntax is looked for.
    syntax_transforms_only: whether nothing else is done.
    """

    def __init__(self, shell: "Any") -> None:
        self.shell = shell
        self._reset_extension_points()
        self.syntax_transforms_enabled = True

        self._loaded_by: "set[str]" = set()
        self._hosted = False
        self._registry = registry.TracerRegistry()
        self._residents = ResidentTracers()
        self._open: "list[OpenCell]" = []
        self._pending: "CellInfo | None" = None
        self._last_transform: "tuple[str, str] | None" = None
        self._extra_classes: "tuple[type[BaseTracer], ...]" = ()
        self._skipped_lines = 0
        self._deferred: "list[Callable[[], None]]" = []
        self._names_made = 0

        self._transformers = Transformers(self)
        self._adapter = ShellAdapter(self)
        self._magics = magics.TracerMagics(self)

    def _reset_extension_points(self) -> None:
        self.rewriter_factory: "Callable[[list[BaseTracer], str, int | None], AstRewriter] | None" = None
        self.extra_tracers: "Callable[[list[BaseTracer]], list[BaseTracer]] | None" = None
        self.cell_contexts: "list[Callable[[], ContextManager[Any]]]" = []
        self.on_cell_start: "list[Callable[[CellInfo], None]]" = []
        self.on_cell_end: "list[Callable[[CellInfo], None]]" = []
        self.syntax_transforms_only = False

    # ---- The tracers

    def tracers(self) -> "list[type[BaseTracer]]":
        return self._registry.classes()

    def register(self, cls: "type[BaseTracer]", priority: int = 0) -> None:
        """Traces cells with a class from the next one on. Its instance is made, if there is none, when that cell comes."""
        before = self.tracers()
        self._registry.add(cls, priority)
        self._tell_older_ipyflow(before)

    def deregister(self, cls: "type[BaseTracer]") -> None:
        """Ends that, now; also for a class of the same name. The instance is forgotten."""
        before = self.tracers()
        if self._registry.remove(cls):
            self._tell_older_ipyflow(before)

    def deregister_all(self) -> None:
        for cls in self.tracers():
            self.deregister(cls)

    def _tell_older_ipyflow(self, before: "list[type[BaseTracer]]") -> None:
        if registry.is_older_ipyflow(self.shell):
            registry.tell_older_ipyflow(self.shell, before, self.tracers())

    def _tracers_of_a_cell(self, extra_classes: "tuple[type[BaseTracer], ...]") -> "list[BaseTracer]":
        tracers = []
        for cls in self._registry.classes(extra_classes):
            try:
                tracers.append(cls.instance())
            except Exception as error:
                if cls in extra_classes:
                    raise
                # raised, it would come again in each cell, and in the one that takes the tracer away
                self.deregister(cls)
                warnings.warn(
                    f"{registry.qualified_name(cls)} is deregistered, as it cannot be made: {type(error).__name__}: {error}",
                    RuntimeWarning,
                )
        return tracers if self.extra_tracers is None else self.extra_tracers(tracers)

    @contextmanager
    def _with_extra_classes(self, classes: "tuple[type[BaseTracer], ...]") -> "Iterator[None]":
        """Cells whose source is transformed, or that are opened, within it are traced with these classes too."""
        before, self._extra_classes = self._extra_classes, self._extra_classes + classes
        try:
            yield
        finally:
            self._extra_classes = before

    # ---- The source phase

    @property
    def _cell(self) -> "CellInfo | None":
        """The cell that runs, else the one whose source was transformed last."""
        return self._running or self._pending

    @property
    def _running(self) -> "CellInfo | None":
        return self._open[-1].cell if self._open else None

    @property
    def _in_exec_phase(self) -> bool:
        return self._running is not None

    @property
    def _active_tracers(self) -> "list[BaseTracer]":
        return self._residents.tracers

    def _transform_cell(self, transform_cell: "Callable[[str], str]", raw_cell: str) -> str:
        """The shell's transform_cell(), without a first line with %%pyc."""
        self._pending = None
        split = magics.split_cell(raw_cell)
        if split is None:
            transformed = transform_cell(raw_cell)
        else:
            names, self._skipped_lines, body = split
            try:
                with self._with_extra_classes(magics.named_tracers(names, self.shell)):
                    transformed = transform_cell(body)
            finally:
                self._skipped_lines = 0
        self._last_transform = raw_cell, transformed
        return transformed

    def _transform_input(self, lines: "list[str]") -> "list[str]":
        if self._skipped_lines:  # line numbers stay those of the cell
            lines, self._skipped_lines = ["\n"] * self._skipped_lines + lines, 0
        source = "".join(lines)
        cell = self._running
        if cell is None or cell.is_woven:
            cell = self._pending = self._new_cell(source)
            if cell is None:
                return lines
        cell.transformed_source = source
        if cell.rewriter is None:  # a source that is transformed once more goes on with the positions that were found
            self._make_rewriter(cell)
        if not cell.syntax_transforms_enabled or _CELL_MAGIC.match(source):
            return lines
        return cell.augmented(lines)

    def _new_cell(self, raw_cell: str) -> "CellInfo | None":
        """A cell, or None if there is no tracer for it. What a running cell transforms has its tracers."""
        running = self._running
        extra = self._extra_classes
        if running is not None:
            extra = tuple(dict.fromkeys(running.extra_classes + extra))
        tracers = self._tracers_of_a_cell(extra)
        return CellInfo(raw_cell, None, None, tracers, self.syntax_transforms_enabled, extra) if tracers else None

    def _make_rewriter(self, cell: CellInfo) -> None:
        path = cell.cell_name or ""
        if self.rewriter_factory is not None:
            cell.rewriter = self.rewriter_factory(cell.rewrite_tracers, path, cell.module_id)
        else:
            # not for the stack: in this phase the tracers need not be there yet
            last = cell.tracers[-1]
            cell.rewriter = last.make_ast_rewriter(path, module_id=cell.module_id, tracers=cell.rewrite_tracers)

    def _transform_ast(self, node: "ast.AST") -> "ast.AST":
        cell = self._running
        if cell is None or self.syntax_transforms_only:
            return node  # of a silent cell, say, which is not announced
        if cell.is_woven:  # and runs a magic, as %time, that transforms what it is given
            cell, self._pending = self._pending or self._new_cell(""), None
            if cell is None:
                return node
        if cell.rewriter is None:
            self._make_rewriter(cell)
        if not cell.cell_name:
            self._names_made += 1
            cell.bind(f"<pyccolo-cell-{self._names_made}>", None)
        cell.is_woven = True
        try:
            return cell.woven(node)
        except Exception as error:
            return self._not_woven(cell, node, error)

    def _not_woven(self, cell: CellInfo, node: "ast.AST", error: Exception) -> "ast.AST":
        from IPython.core.error import InputRejected

        if isinstance(error, InputRejected):
            raise error
        reason = f"{type(error).__name__}: {error}"
        if cell.is_augmented:
            raise InputRejected(f"{cell.cell_name} cannot be run: its syntax needs tracers, and instrumenting it failed: {reason}") from error
        from ..import_hooks import warn_not_instrumented

        warn_not_instrumented(cell.cell_name, reason)
        return node

    def bind_cell_name(self, cell_name: str, module_id: "int | None" = None) -> None:
        """Tells the file name that the code of the current cell is compiled under, and the cell's number."""
        cell = self._running
        if cell is None or cell.is_woven:
            cell = self._pending or cell
        if cell is not None:
            cell.bind(cell_name, module_id)

    # ---- The execution phase

    @contextmanager
    def cell_tracing_context(
        self,
        raw_cell: str,
        cell_name: "str | None" = None,
        module_id: "int | None" = None,
        transformed_cell: "str | None" = None,
    ) -> "Iterator[CellInfo | None]":
        """Traces the execution of one cell; gives its CellInfo, or None if there is no tracer.

        transformed_cell: given if the shell's transformers have seen the cell already.
        """
        opened = self._open_cell(raw_cell, cell_name, module_id, transformed_cell, is_native=False)
        try:
            yield opened.cell
        except BaseException as error:
            opened.close(type(error), error, error.__traceback__)
            raise
        else:
            opened.close()

    def _open_cell(
        self, raw_cell: str, cell_name: "str | None", module_id: "int | None", transformed_cell: "str | None", is_native: bool
    ) -> OpenCell:
        outer = self._running
        if outer is None or not outer.is_running:
            self.end_cell()
            outer = None
        cell = self._pending if transformed_cell is not None else None
        self._pending = None
        if cell is None:
            cell = self._cell_not_transformed(raw_cell)
        opened = OpenCell(cell, is_native, self._closed)
        self._open.append(opened)
        try:
            self._begin(opened, outer, raw_cell, cell_name, module_id)
        except BaseException:
            opened.close()
            raise
        return opened

    def _cell_not_transformed(self, raw_cell: str) -> "CellInfo | None":
        split = magics.split_cell(raw_cell) if self._adapter.is_installed else None
        extra: "tuple[type[BaseTracer], ...]" = ()
        if split is not None:
            try:
                extra = magics.named_tracers(split[0], self.shell)
            except Exception:
                return None  # told where the source is transformed; the cell does not run
        with self._with_extra_classes(extra):
            cell = self._new_cell(raw_cell)
        if cell is not None and split is None and raw_cell.lstrip().startswith("%%"):
            cell.syntax_transforms_enabled = False
        return cell

    def _begin(
        self, opened: OpenCell, outer: "CellInfo | None", raw_cell: str, cell_name: "str | None", module_id: "int | None"
    ) -> None:
        cell = opened.cell
        if cell is None:
            self._residents.retain([])
            return
        cell.raw_cell = raw_cell
        if module_id is not None:
            cell.module_id = module_id
        if not self.syntax_transforms_only:
            for tracer in cell.tracers:
                if outer is None or tracer not in outer.tracers:
                    tracer.reset()
            self._residents.run(cell.tracers)
            if cell_name is not None or cell.cell_name is not None:
                cell.bind(cell_name or cell.cell_name, cell.module_id)
        elif cell_name is not None:
            cell.cell_name = cell_name
        if self._transformers.add(with_trees=not self.syntax_transforms_only):
            opened.contexts.callback(self._transformers.remove)
        opened.ending = list(self.on_cell_end)
        for tell in self.on_cell_start:
            tell(cell)
        for make_context in self.cell_contexts:
            opened.contexts.enter_context(make_context())

    def _closed(self, opened: OpenCell) -> None:
        if opened in self._open:
            self._open.remove(opened)
        outer = self._running
        if outer is not None:
            if not self.syntax_transforms_only:
                self._residents.run([tracer for tracer in outer.tracers if not tracer._is_tracing_hard_disabled])
            return
        self._residents.pause()
        if self.extra_tracers is None:  # else the host knows which stay
            self._residents.retain(cls._current_instance() for cls in self.tracers())
        self._run_deferred()

    def end_cell(self) -> None:
        """Ends the cells that are open: of some, the shell does not tell that they have ended."""
        while self._open:
            self._open[-1].close()
        self._run_deferred()

    def _teardown_tracing(self) -> None:
        """Takes the tracers off the stack, until the next cell."""
        self._residents.retain([])

    def _after_this_cell(self, action: "Callable[[], None]") -> None:
        """%load_ext and %unload_ext are cells too, which end as they began."""
        if self._open:
            self._deferred.append(action)
        else:
            action()

    def _run_deferred(self) -> None:
        while self._deferred and not self._open:
            self._deferred.pop(0)()

    # ---- The shell's events

    def _pre_run_cell(self, info: "Any") -> None:
        if self._open and not self._open[-1].is_native:
            return  # opened by a host, which has its own events
        raw_cell = getattr(info, "raw_cell", None) or ""
        self._open_cell(raw_cell, None, None, self._transformed_cell_for(info, raw_cell), is_native=True)

    def _transformed_cell_for(self, info: "Any", raw_cell: str) -> "str | None":
        """The transformed source of an announced cell: before IPython 9, what transform_cell() gave if it was given that cell."""
        transformed = getattr(info, "transformed_cell", None)
        if transformed is None and self._last_transform is not None and self._last_transform[0] == raw_cell:
            transformed = self._last_transform[1]
        return transformed

    def _post_run_cell(self, result: "Any" = None) -> None:
        if self._open and self._open[-1].is_native:
            self._open[-1].close()
        self._run_deferred()

    # ---- Loading and hosts

    def require_loaded(self) -> "CellTracingDriver":
        if not self._loaded_by:
            package = __package__.partition(".")[0]
            raise RuntimeError(f"the IPython extension is not loaded: run %load_ext {package} (or %load_ext pyccolo) first")
        return self

    def sync_host(self) -> None:
        """Changes the shell, or puts back what was changed, as those who have loaded the driver want it: after the cell that runs."""
        self._after_this_cell(self._settle)

    def _settle(self) -> None:
        if self._loaded_by and not self._hosted and not registry.is_older_ipyflow(self.shell):
            self._adapter.install()
            return
        self._teardown_tracing()
        self._adapter.uninstall()
        self._pending = self._last_transform = None
        if not self._loaded_by:
            drivers.pop(id(self.shell), None)

    def shutdown(self) -> None:
        """Leaves the shell as it was, after the cell that runs; the next to ask for a driver gets a new one."""
        self._loaded_by.clear()
        self._magics.remove()
        self.sync_host()
