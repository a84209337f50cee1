"""pyccolo_native: handlers for what a Python program does, woven into its source; they see it, and may change it.

    import pyccolo_native as pyc

    class Loud(pyc.BaseTracer):
        @pyc.after_call
        def told(self, ret, node):
            print(node.lineno, ret)

    with Loud:
        pyc.exec("x = max(1, 2)")

(PYTEST_DONT_REWRITE: it has no assertions, and is often imported before pytest looks for plugins.)
"""
from __future__ import annotations

from os import environ as _environ

from ._native import __version__
from .ast_rewriter import AstRewriter
from .emit_event import (
    _TRACER_STACK,
    SANDBOX_FNAME,
    SANDBOX_FNAME_PREFIX,
    TRACEBACK_VISIBLE_SANDBOX_FILES,
    SkipAll,
    allow_reentrant_event_handling,
    is_traceback_visible,
    mark_traceback_visible,
)
from .extra_builtins import PYCCOLO_BUILTIN_PREFIX, make_guard_name
from .predicate import CompositePredicate, Predicate
from .registration import (
    register_handler,
    register_raw_handler,
    register_universal_handler,
    skip_when_tracing_disabled,
)
from .sandbox import compile_source
from .syntax_augmentation import AugmentationSpec, AugmentationType, CustomRewrite, Position, is_pure_transform
from .trace_events import TraceEvent
from .tracer import BaseTracer, Disable, MultipleInstanceError, NoopTracer, Null, Pass, Skip

event = TraceEvent
globals().update((its.name, its) for its in TraceEvent)
ellipses = TraceEvent.ellipsis
is_outer_stmt = BaseTracer.is_outer_stmt

_ELSEWHERE = {
    "CellInfo": "ipython_extension",
    "CellTracingDriver": "ipython_extension",
    "HOST_TRACER_PRIORITY": "ipython_extension",
    "Instrumentation": "loaded",
    "TraceStack": "trace_stack",
    "cell_tracing_context": "ipython_extension",
    "coerce_tracer_class": "ipython_extension",
    "copy_function_with_code": "utils",
    "count": "counting",
    "deregister_ipython_tracer": "ipython_extension",
    "end_ipython_cell": "ipython_extension",
    "filter_hidden_frames": "ipython_extension",
    "frame_locals": "utils",
    "instrument": "loaded",
    "ipython_driver": "ipython_extension",
    "load_ipython_extension": "ipython_extension",
    "multi_context": "utils",
    "register_ipython_tracer": "ipython_extension",
    "registered_ipython_tracers": "ipython_extension",
    "release_ipython_driver": "ipython_extension",
    "resolve_tracer": "utils",
    "set_frame_local": "utils",
    "take_over_ipython_driver": "ipython_extension",
    "unload_ipython_extension": "ipython_extension",
}
_SUBMODULES = (
    "bytecode",
    "counting",
    "fast",
    "functions",
    "import_hooks",
    "ipython_extension",
    "loaded",
    "members",
    "recompile",
    "stmt_mapper",
    "syntax_augmentation",
    "trace_stack",
    "utils",
    "version",
)


def __getattr__(name):
    # What few programs need is imported when it is first asked for.
    if name in _SUBMODULES or name in _ELSEWHERE:
        from importlib import import_module

        module = import_module(f"{__name__}.{_ELSEWHERE.get(name, name)}")
        value = getattr(module, name) if name in _ELSEWHERE else module
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_ELSEWHERE, *_SUBMODULES})


def tracer():
    """The innermost active tracer, or one that handles nothing."""
    return _TRACER_STACK[-1] if _TRACER_STACK else NoopTracer.instance()


def instance():
    return tracer()


def parse(code, mode="exec", instrument=True):
    """The tree of some source, woven for the active tracers."""
    return tracer().parse(code, mode=mode, instrument=instrument)


def transform(code, tracers=None, positions=None, pure=False):
    """Python's own source of source with new syntax; see BaseTracer.transform()."""
    return tracer().transform(code, tracers=tracers, positions=positions, pure=pure)


def untransform(tree, tracers=None, positions=None, pure=False):
    """Source with new syntax of a tree; see BaseTracer.untransform()."""
    return tracer().untransform(tree, tracers=tracers, positions=positions, pure=pure)


def eval(code, *args, num_extra_lookback_frames=0, **kwargs):
    """Evaluates source or an expression with the events of the active tracers; see BaseTracer.eval()."""
    return tracer().eval(code, *args, num_extra_lookback_frames=num_extra_lookback_frames + 1, **kwargs)


def exec(code, *args, num_extra_lookback_frames=0, **kwargs):
    """Runs source or a tree with the events of the active tracers; see BaseTracer.exec()."""
    return tracer().exec(code, *args, num_extra_lookback_frames=num_extra_lookback_frames + 1, **kwargs)


def execute(*args, num_extra_lookback_frames=0, **kwargs):
    return exec(*args, num_extra_lookback_frames=num_extra_lookback_frames + 1, **kwargs)


def instrumented(tracers, mutate=False):
    """Decorates a function: while it runs, these tracers are active and see what it does."""
    tracers = list(tracers)
    if not tracers:
        raise ValueError("instrumented() takes at least one tracer")

    def decorate(f):
        from .functions import instrumented

        return instrumented(f, tracers, mutate)

    return decorate


class _StackContext:
    """The contexts of several tracers, entered together. Decorates functions too."""

    __slots__ = ("_args", "_entered", "_kwargs", "_method", "_tracers")

    def __init__(self, method, tracers, args, kwargs):
        self._method = method
        self._tracers = tracers
        self._args = args
        self._kwargs = kwargs

    def __enter__(self):
        tracers = _TRACER_STACK if self._tracers is None else self._tracers
        self._entered = entered = []
        try:
            for its in tuple(tracers) or self._stand_in():
                context = getattr(its, self._method)(*self._args, **self._kwargs)
                context.__enter__()
                entered.append(context)
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        while self._entered:
            self._entered.pop().__exit__(None, None, None)

    def __call__(self, f):
        from functools import wraps

        @wraps(f)
        def in_context(*args, **kwargs):
            with _StackContext(self._method, self._tracers, self._args, self._kwargs):
                return f(*args, **kwargs)

        return in_context

    def _stand_in(self):
        if self._method == "tracing_enabled":
            raise ValueError("there is no tracer to enable")
        if self._method == "tracing_disabled" and self._tracers is None:
            return (NoopTracer.instance(),)
        return ()


def tracing_context(tracers=None, *args, **kwargs):
    """tracing_context() of these tracers, or of the active ones."""
    return _StackContext("tracing_context", tracers, args, kwargs)


def tracing_enabled(tracers=None, **kwargs):
    """Within it these tracers, or the active ones, are on."""
    return _StackContext("tracing_enabled", tracers, (), kwargs)


def tracing_disabled(tracers=None, **kwargs):
    """Within it these tracers, or the active ones, get no events."""
    return _StackContext("tracing_disabled", tracers, (), kwargs)


__all__ = [
    "AstRewriter",
    "AugmentationSpec",
    "AugmentationType",
    "BaseTracer",
    "CellInfo",
    "CellTracingDriver",
    "CompositePredicate",
    "CustomRewrite",
    "Disable",
    "HOST_TRACER_PRIORITY",
    "Instrumentation",
    "MultipleInstanceError",
    "NoopTracer",
    "Null",
    "PYCCOLO_BUILTIN_PREFIX",
    "Pass",
    "Position",
    "Predicate",
    "SANDBOX_FNAME",
    "SANDBOX_FNAME_PREFIX",
    "Skip",
    "SkipAll",
    "TRACEBACK_VISIBLE_SANDBOX_FILES",
    "TraceEvent",
    "TraceStack",
    "__version__",
    "allow_reentrant_event_handling",
    "cell_tracing_context",
    "coerce_tracer_class",
    "compile_source",
    "count",
    "deregister_ipython_tracer",
    "end_ipython_cell",
    "event",
    "exec",
    "execute",
    "filter_hidden_frames",
    "frame_locals",
    "instance",
    "instrument",
    "instrumented",
    "ipython_driver",
    "is_outer_stmt",
    "is_pure_transform",
    "is_traceback_visible",
    "load_ipython_extension",
    "make_guard_name",
    "mark_traceback_visible",
    "multi_context",
    "parse",
    "register_handler",
    "register_ipython_tracer",
    "register_raw_handler",
    "register_universal_handler",
    "registered_ipython_tracers",
    "release_ipython_driver",
    "resolve_tracer",
    "set_frame_local",
    "skip_when_tracing_disabled",
    "take_over_ipython_driver",
    "tracer",
    "tracing_context",
    "tracing_disabled",
    "tracing_enabled",
    "transform",
    "unload_ipython_extension",
    "untransform",
]
__all__ += [its.name for its in TraceEvent if not its.name.startswith("_")]

if _environ.get("PYCCOLO_NATIVE_ALIAS") == "1":
    from pyccolo_native_alias import install

    install()
