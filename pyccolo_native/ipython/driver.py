"""The driver: the tracers of one shell, and what happens to each of its cells."""
import warnings
from contextlib import contextmanager

from . import magics, registry
from .cell import CellInfo, OpenCell
from .residents import ResidentTracers
from .shell import ShellAdapter, Transformers
from .sources import CellSources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, ContextManager, Iterator

    from ..ast_rewriter import AstRewriter
    from ..tracer import BaseTracer

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
        self._sources = CellSources(self)
        self._deferred: "list[Callable[[], None]]" = []

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
        tracers = list(dict.fromkeys(tracers))  # a class and one derived from it may have the same
        return tracers if self.extra_tracers is None else self.extra_tracers(tracers)

    # ---- Cells

    @property
    def _running(self) -> "CellInfo | None":
        return self._open[-1].cell if self._open else None

    @property
    def _cell(self) -> "CellInfo | None":
        """The cell that runs, else the one whose source was transformed last."""
        return self._running or self._sources.pending

    @property
    def _compiled(self) -> "CellInfo | None":
        """The cell that is compiled next, or was last."""
        cell = self._running
        return self._sources.pending or cell if cell is None or cell.is_woven else cell

    @property
    def _in_exec_phase(self) -> bool:
        return self._running is not None

    @property
    def _active_tracers(self) -> "list[BaseTracer]":
        return self._residents.tracers

    @property
    def _last_transform(self) -> "tuple[str, str] | None":
        """The cell that the shell's transform_cell() was given last, and what it made of it."""
        return self._sources.last_transform

    @_last_transform.setter
    def _last_transform(self, pair: "tuple[str, str] | None") -> None:
        self._sources.last_transform = pair

    def bind_cell_name(self, cell_name: str, module_id: "int | None" = None) -> None:
        """Tells the file name that the code of the current cell is compiled under, and the cell's number."""
        cell = self._compiled
        if cell is not None:
            cell.bind(cell_name, module_id)

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
        if self._open and not self._open[-1].is_running:
            self.end_cell()
        outer = self._running
        cell = self._sources.take_pending()
        if cell is None or transformed_cell is None:
            cell = self._sources.cell_to_come(raw_cell)
        opened = OpenCell(cell, is_native, self._closed)
        self._open.append(opened)
        try:
            self._begin(opened, outer, raw_cell, cell_name, module_id)
        except BaseException:
            opened.close()
            raise
        return opened

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
        last = self._last_transform
        return last[1] if transformed is None and last is not None and last[0] == raw_cell else transformed

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
        self._sources.forget()
        if not self._loaded_by:
            drivers.pop(id(self.shell), None)

    def shutdown(self) -> None:
        """Leaves the shell as it was, after the cell that runs; the next to ask for a driver gets a new one."""
        self._loaded_by.clear()
        self._magics.remove()
        self.sync_host()
