"""benchmarks/tracers.py: tracer classes made for a measurement, the same for either library."""

from __future__ import annotations

import ast
from types import CodeType, ModuleType
from typing import Any, Callable, Iterable

NOT_WOVEN = {
    "before_import",
    "after_import",
    "line",
    "call",
    "return_",
    "exception",
    "opcode",
    "c_call",
    "c_return",
    "c_exception",
    "_load_saved_expr_stmt_ret",
    "_load_saved_slice",
    "before_assert",  # delivered as before_stmt, after_stmt
    "after_assert",
}


def woven_events(pyc: ModuleType) -> list[str]:
    """The names of all events that are woven into source."""
    return [event.name for event in pyc.event if event.name not in NOT_WOVEN]


def star(self: Any, ret: Any, *_: Any, **__: Any) -> None:
    """A handler that takes whatever comes, as most of Pyccolo's do."""


def named(self: Any, ret: Any) -> None:
    """A handler that names what it wants (ours only)."""


def make_tracer(
    pyc: ModuleType, events: Iterable[str], handler: Callable[..., Any] = star, **attributes: Any
) -> Any:
    """The instance of a new tracer class with `handler` on every event of `events`."""
    namespace: dict[str, Any] = {"instrument_all_files": True, "handle": handler, **attributes}
    for event in events:
        pyc.register_handler(getattr(pyc, event))(handler)
    return type(pyc.BaseTracer)("Measured", (pyc.BaseTracer,), namespace).instance()


def weave(tracer: Any, source: str, path: str) -> CodeType:
    """`source` rewritten for the active tracers and compiled, through the API both libraries have."""
    tree = tracer.make_ast_rewriter(path=path).visit(ast.parse(source, path))
    return compile(tree, path, "exec")
