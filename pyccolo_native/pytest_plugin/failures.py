"""Exceptions in handlers and hooks of tracers, told as pytest warnings that name the test."""
from __future__ import annotations

import inspect
import sys
import traceback
import warnings
from collections import deque
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from pyccolo_native.trace_events import TraceEvent

from . import HandlerWarning

if TYPE_CHECKING:
    import pytest

    from pyccolo_native.tracer import BaseTracer

    from .run import Run


class _Failure(NamedTuple):
    text: str
    filename: str
    lineno: int


def name_of(tracer: "BaseTracer") -> str:
    """The class of a tracer, as --pyc-tracer names it."""
    return f"{type(tracer).__module__}.{type(tracer).__qualname__}"


def _event_of(tracer: "BaseTracer", handler: Any, trace: Any) -> str:
    """The event that a handler failed in. If it has several and was not given `event`, which of them it was stays open."""
    names = [event.name for event, specs in tracer._event_handlers.items() if any(spec.handler is handler for spec in specs)]
    if len(names) > 1 and trace is not None and trace.tb_frame.f_code is getattr(handler, "__code__", None):
        arguments = inspect.getargvalues(trace.tb_frame)
        values = [arguments.locals.get(name) for name in arguments.args]
        values += arguments.locals.get(arguments.varargs or "", ())
        names = [value.name for value in values if isinstance(value, TraceEvent)] or names
    return " or ".join(dict.fromkeys(names))


class Failures:
    """Takes the exceptions of the run's tracers from sys.unraisablehook, and warns of them when pytest listens."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self.pending: "deque[_Failure]" = deque()
        self.filters: "list[Any] | None" = None
        """warnings.filters as they were when the running test began."""
        self._previous: "Callable[[Any], object]" = sys.unraisablehook
        self._hook = self._unraisable

    # ---- sys.unraisablehook

    def install(self, config: "pytest.Config") -> None:
        """Stands in front of the hook that is there, until the end of the run."""
        previous = sys.unraisablehook
        if previous is self._hook:
            return
        before, self._previous = self._previous, previous
        sys.unraisablehook = self._hook

        def restore() -> None:
            if sys.unraisablehook is self._hook:
                sys.unraisablehook = previous
            self._previous = before

        config.add_cleanup(restore)

    def _unraisable(self, unraisable: Any) -> None:
        handler = unraisable.object
        for tracer in self._run.active:
            if any(spec.handler is handler for specs in tracer._event_handlers.values() for spec in specs):
                break
        else:
            self._previous(unraisable)
            return
        event = _event_of(tracer, handler, unraisable.exc_traceback)
        what = f"{name_of(tracer)}.{getattr(handler, '__name__', handler)}, a handler of {event},"
        self.add(what, handler, unraisable.exc_value, " The next of this kind in this handler will not be shown.")

    # ---- What is told

    def add(self, what: str, function: Any, error: BaseException, further: str = "") -> None:
        """Notes that a function of a tracer raised, in the test that is running. Keeps nothing of the test alive."""
        test = self._run.test
        where = "outside of the tests" if test is None else f"in {test}"
        trace = "".join(traceback.format_exception(error)).rstrip()
        code = getattr(inspect.unwrap(function), "__code__", None)
        place = ("<tracer>", 1) if code is None else (code.co_filename, code.co_firstlineno)
        self.pending.append(
            _Failure(f"{what} raised {where}; the tests go on without it.{further}\n\n{trace}\n", *place)
        )

    def phase_is_over(self) -> None:
        """Warns of what was noted; later, if a fixture such as recwarn records warnings: they are none of the test's."""
        if warnings.filters is self.filters:
            self.warn(may_raise=True)

    def warn(self, *, may_raise: bool) -> None:
        """Warns of what was noted.

        may_raise: the caller is a place where warnings that filters make errors fail the test. Elsewhere they are shown.
        """
        errors = []
        while self.pending:
            failure = self.pending.popleft()
            warning = HandlerWarning(failure.text)
            try:
                warnings.warn_explicit(warning, None, failure.filename, failure.lineno)
            except HandlerWarning as error:
                errors.append(error)
                if not may_raise:
                    self._show(warning, failure)
        if may_raise and errors:
            raise errors[0] if len(errors) == 1 else ExceptionGroup("failures of handlers", errors)

    def _show(self, warning: HandlerWarning, failure: _Failure) -> None:
        self._run.config.hook.pytest_warning_recorded.call_historic(
            kwargs=dict(
                warning_message=warnings.WarningMessage(warning, HandlerWarning, failure.filename, failure.lineno),
                when="runtest",
                nodeid="",
                location=None,
            )
        )

    def print_rest(self) -> None:
        """Prints what came after the last place where pytest takes warnings."""
        while self.pending:
            print(self.pending.popleft().text, file=sys.stderr)
