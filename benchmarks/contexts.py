"""benchmarks/contexts.py: entering and leaving tracing_enabled() and tracing_disabled()."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from typing import Any, Callable, Iterator

from benchmarks import timing, tracers
from benchmarks.figures import Row, faster
from benchmarks.peers import OURS, PLAIN, PYCCOLO

TITLE = "Contexts: enter and leave"
ROUNDS = 7
CASES = {
    "tracer.tracing_enabled()": "of a tracer that is tracing",
    "tracer.tracing_disabled()": "of a tracer that is tracing",
    "pyc.tracing_enabled()": "of the whole stack (one tracer)",
    "pyc.tracing_disabled()": "of the whole stack (one tracer)",
}
GROUP = "enter and leave `tracing_enabled()` or `tracing_disabled()`"
PLAIN_CASE = "an empty @contextmanager"


def cases(quick: bool) -> dict[str, dict[str, int]]:
    told = {case: {OURS: ROUNDS, PYCCOLO: ROUNDS} for case in CASES}
    told[PLAIN_CASE] = {PLAIN: ROUNDS}
    return told


def entering(make: Callable[[], Any]) -> timing.Action:
    def action() -> None:
        with make():
            pass

    return action


@contextmanager
def nothing() -> Iterator[None]:
    yield


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    duration = 0.005 if quick else 0.05
    if peer == PLAIN:
        return lambda case: timing.Interleaved({"run": entering(nothing)}, duration).sample()
    pyc = importlib.import_module(module)
    tracer = tracers.make_tracer(pyc, ("before_stmt", "load_name"))
    makers = {
        "tracer.tracing_enabled()": tracer.tracing_enabled,
        "tracer.tracing_disabled()": tracer.tracing_disabled,
        "pyc.tracing_enabled()": pyc.tracing_enabled,
        "pyc.tracing_disabled()": pyc.tracing_disabled,
    }

    def sample(case: str) -> dict[str, float]:
        with tracer:
            return timing.Interleaved({"run": entering(makers[case])}, duration).sample()

    return sample


def rows(medians: Any, quick: bool) -> list[Row]:
    told = []
    for case, of_what in CASES.items():
        ours, pyccolo = medians(case, OURS, "run"), medians(case, PYCCOLO, "run")
        bars = [faster(pyccolo, ours, 8)]
        told.append(Row(f"{case} {of_what}", "s", ours, pyccolo, None, bars, GROUP))
    told.append(Row(PLAIN_CASE, "s", plain=medians(PLAIN_CASE, PLAIN, "run")))
    return told
