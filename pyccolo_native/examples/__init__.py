"""The gallery: tracers to use as they are, and to learn from. Each is imported when it is first asked for."""
from __future__ import annotations

_MODULE_OF = {
    "ConcolicTracer": "concolic",
    "CoverageTracer": "coverage",
    "FutureTracer": "future_tracer",
    "LazyImportTracer": "lazy_imports",
    "Quasiquoter": "quasiquote",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name):
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    return value


def __dir__():
    return sorted({*globals(), *_MODULE_OF})
