"""Counts calls: which functions the lines of a program call, and how often.

    COVER=calendar pyc -m calendar -t tracers.calls.CallCount -- 2024 2
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pyccolo_native as pyc
from tracers import tell


class CallCount(pyc.BaseTracer):
    """Counts what is called from the files named in COVER (all files without it)."""

    SHOWN = 8

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.names = {name.strip() for name in os.environ.get("COVER", "").split(",") if name.strip()}
        self.calls: Counter[str] = Counter()

    def should_instrument_file(self, filename: str) -> bool:
        path = Path(filename)
        return not self.names or path.stem in self.names or not self.names.isdisjoint(path.parts[:-1])

    @pyc.before_call
    def count(self, ret):
        name = getattr(ret, "__qualname__", None) or type(ret).__qualname__
        self.calls[name] += 1

    def exit_tracing_hook(self) -> None:
        lines = [f"{sum(self.calls.values())} calls of {len(self.calls)} callables"]
        lines += [f"{times:6}  {name}" for name, times in self.calls.most_common(self.SHOWN)]
        tell("\n".join(lines))
