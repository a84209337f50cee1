"""One cell: its source on the way to a woven tree, and its execution."""
import ast
import re
import sys
from _thread import get_ident
from contextlib import ExitStack

from ..ast_rewriter import emitted_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from ..ast_rewriter import AstRewriter
    from ..tracer import BaseTracer

# What IPython makes of a cell magic: its body is a string now, in which nobody's syntax is to be looked for.
_CELL_MAGIC = re.compile(r"\s*get_ipython\(\)\.run_cell_magic\(")


class CellInfo:
    """What is known of one cell.

    raw_cell: as the user wrote it; transformed_source: without IPython's own syntax, not augmented yet.
    cell_name: the file name of its code; module_id: its number.
    tracers: those on the stack while it runs; rewrite_tracers: those that shape the tree.
    """

    __slots__ = (
        "raw_cell", "transformed_source", "cell_name", "module_id", "tracers", "rewrite_tracers", "rewriter",
        "syntax_transforms_enabled", "extra_classes", "is_augmented", "is_woven", "_versions",
    )  # fmt: skip

    def __init__(
        self,
        raw_cell: str,
        cell_name: "str | None",
        module_id: "int | None",
        tracers: "list[BaseTracer]",
        syntax_transforms_enabled: bool,
        extra_classes: "tuple[type[BaseTracer], ...]" = (),
    ) -> None:
        self.raw_cell = raw_cell
        self.transformed_source: "str | None" = None
        self.cell_name = cell_name
        self.module_id = module_id
        self.tracers = tracers
        self.rewrite_tracers = list(tracers)
        self.rewriter: "AstRewriter | None" = None
        self.syntax_transforms_enabled = syntax_transforms_enabled
        self.extra_classes = extra_classes
        self.is_augmented = self.is_woven = False
        self._versions: "list[tuple[str, str, AstRewriter]]" = []

    def bind(self, cell_name: str, module_id: "int | None") -> None:
        """Gives the cell the name that its code is compiled under: the tracers' file filters go by it."""
        self.cell_name = cell_name
        if module_id is not None:
            self.module_id = module_id
        if self.rewriter is not None:
            self.rewriter._path = cell_name
            self.rewriter._module_id = self.module_id
        for tracer in self.tracers:
            tracer._tracing_enabled_files.add(cell_name)

    def transform(self, lines: "list[str]", make_rewriter: "Callable[[CellInfo], AstRewriter]") -> "list[str]":
        """The lines as Python, what the tracers' syntax stands for being noted in the rewriter.

        A shell may transform a cell several times, also what it was transformed to; or another one before this is compiled.
        """
        source = "".join(lines)
        for given, made, _ in self._versions:
            if source in (given, made):
                return made.splitlines(keepends=True)
        before = self.rewriter
        if before is None or self._versions:
            self.rewriter = make_rewriter(self)
        if self.syntax_transforms_enabled and not _CELL_MAGIC.match(source):
            for tracer in self.tracers:
                lines = tracer.make_syntax_augmenter(self.rewriter)(lines)
        version = source, "".join(lines), self.rewriter
        self._versions.append(version)
        if before is not None and self.is_augmented and version[0] == version[1]:
            self.rewriter = before  # a host may have changed what the augmenters have made
        else:
            self._choose(version)
        return lines

    def compiles(self, transformed: str) -> bool:
        """Tells the source that is compiled: of several that were transformed, it is this one's rewriter that weaves. False if none."""
        for version in self._versions:
            if version[1] == transformed:
                self._choose(version)
                return True
        return False

    def _choose(self, version: "tuple[str, str, AstRewriter]") -> None:
        self.transformed_source, made, self.rewriter = version
        self.is_augmented = made != self.transformed_source

    def woven(self, tree: ast.AST) -> ast.AST:
        woven = self.rewriter.visit(tree)
        if isinstance(tree, ast.Module) and woven is not tree:
            _end_with_value(tree, woven)
        return woven


def _end_with_value(tree: ast.Module, woven: ast.Module) -> None:
    """Lets a woven cell end in an expression with the value of its last one: what IPython looks for to display it."""
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        return
    after: "list[ast.expr]" = []
    if emitted_event(woven.body[-1]) == "exit_module":
        after.append(woven.body.pop().value)
    last = woven.body[-1]
    if isinstance(last, ast.If):  # if emit(before_stmt): value
        other = last.orelse[-1].value if last.orelse else ast.Constant(None)
        value: ast.expr = ast.IfExp(last.test, last.body[-1].value, other)
    elif not after:
        return
    else:
        value = last.value
    if after:
        value = ast.Subscript(ast.Tuple([value, *after], ast.Load()), ast.Constant(0), ast.Load())
    woven.body[-1] = ast.fix_missing_locations(ast.copy_location(ast.Expr(value), tree.body[-1]))


class OpenCell:
    """A cell that is being executed, until it is closed. `cell` is None if no tracer is interested.

    is_native: it was opened by IPython's events, not by a host.
    """

    def __init__(self, cell: "CellInfo | None", is_native: bool, at_end: "Callable[[OpenCell], None]") -> None:
        self.cell = cell
        self.is_native = is_native
        self.contexts = ExitStack()
        self.ending: "list[Callable[[CellInfo], None]]" = []
        self._at_end = at_end
        self._is_open = True
        self._thread = get_ident()

    @property
    def is_running(self) -> bool:
        """Is it the cell of another thread, as ipykernel's subshells have, or is its code on the stack?"""
        name = None if self.cell is None else self.cell.cell_name
        frame = sys._getframe(1) if name else None
        while frame is not None and frame.f_code.co_filename != name:
            frame = frame.f_back
        return frame is not None or self._thread != get_ident()

    def close(self, *exc_info: "Any") -> None:
        """Leaves the contexts, tells those in `ending`. Does nothing the second time."""
        if not self._is_open:
            return
        self._is_open = False
        with ExitStack() as stack:
            stack.callback(self._at_end, self)
            for tell in reversed(self.ending):
                stack.callback(tell, self.cell)
            self.contexts.__exit__(*(exc_info or (None, None, None)))
