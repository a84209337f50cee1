"""The tracer stack, and what governs the way events take through it."""
from __future__ import annotations

from . import _native
from .elsewhere import names_from

_TRACER_STACK = _native.TRACER_STACK
SkipAll = _native.SkipAll

SANDBOX_FNAME = "<sandbox>"
SANDBOX_FNAME_PREFIX = "<sandbox"

TRACEBACK_VISIBLE_SANDBOX_FILES = set()
"""Names of sandbox files whose frames a filter of tracebacks should leave in."""


def mark_traceback_visible(filename):
    TRACEBACK_VISIBLE_SANDBOX_FILES.add(filename)


def is_traceback_visible(filename):
    return filename in TRACEBACK_VISIBLE_SANDBOX_FILES


class allow_reentrant_event_handling:
    """Within it, events that fire inside handlers are handled as any others are. For the current thread."""

    __slots__ = ()

    def __enter__(self):
        _native.allow_reentrant_handling(True)

    def __exit__(self, *_):
        _native.allow_reentrant_handling(False)


def scope(generator_function):
    """contextlib.contextmanager(), which is not imported before it is needed."""

    def make(*args, **kwargs):
        from contextlib import contextmanager

        return contextmanager(generator_function)(*args, **kwargs)

    make.__name__ = generator_function.__name__
    make.__qualname__ = generator_function.__qualname__
    make.__doc__ = generator_function.__doc__
    return make

__getattr__ = names_from(__name__, {"trace_events": "BEFORE_EXPR_EVENTS"})
