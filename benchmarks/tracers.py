"""benchmarks/tracers.py: tracer classes made for a measurement, the same for either library."""

from __future__ import annotations

import ast
from types import CodeType, ModuleType
from typing import Any, Callable, Iterable, Optional

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


FIRED: list[int] = []


def make_star() -> Callable[..., Any]:
    """A handler that takes whatever comes, as most of Pyccolo's do."""

    def handle(self: Any, ret: Any, *_: Any, **__: Any) -> None:
        pass

    return handle


def make_named() -> Callable[..., Any]:
    """A handler that names what it wants (ours only)."""

    def handle(self: Any, ret: Any) -> None:
        pass

    return handle


def _count_star(self: Any, ret: Any, *_: Any, **__: Any) -> None:
    FIRED.append(1)


def _count_named(self: Any, ret: Any) -> None:
    FIRED.append(1)


def calls_of(handler: Callable[..., Any], action: Callable[[], Any]) -> int:
    """How often `action` calls a handler of make_star or make_named: its code is made to count meanwhile."""
    quiet = handler.__code__
    counting = _count_star if quiet.co_argcount + bool(quiet.co_flags & 4) == 3 else _count_named
    handler.__code__ = counting.__code__
    FIRED.clear()
    try:
        action()
        return len(FIRED)
    finally:
        handler.__code__ = quiet


def make_tracer(
    pyc: ModuleType, events: Iterable[str], handler: Optional[Callable[..., Any]] = None, **attributes: Any
) -> Any:
    """The instance of a new tracer class with `handler` (default: make_star()) on every event of `events`."""
    handler = handler or make_star()
    namespace: dict[str, Any] = {"instrument_all_files": True, "handle": handler, **attributes}
    for event in events:
        pyc.register_handler(getattr(pyc, event))(handler)
    return type(pyc.BaseTracer)("Measured", (pyc.BaseTracer,), namespace).instance()


def weave(tracer: Any, source: str, path: str) -> CodeType:
    """`source` rewritten for the active tracers and compiled, through the API both libraries have."""
    tree = tracer.make_ast_rewriter(path=path).visit(ast.parse(source, path))
    return compile(tree, path, "exec")
