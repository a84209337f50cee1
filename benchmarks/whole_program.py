"""benchmarks/whole_program.py: programs from start to end under a statement-coverage tracer.

Beside it, plain Python and the same coverage as a Python function given to sys.settrace.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, Callable

from benchmarks import timing, tracers
from benchmarks.figures import Row, ratio
from benchmarks.peers import OURS, PLAIN, PYCCOLO

TITLE = "Whole programs under statement coverage"
ROUNDS = 5
PYCCOLO_ROUNDS = 3
PROGRAMS = Path(__file__).resolve().parent / "programs"
SIZES = {"nbody": 2000, "richards": 4, "words": 150}


def cases(quick: bool) -> dict[str, dict[str, int]]:
    told: dict[str, dict[str, int]] = {}
    for name in SIZES:
        told[f"{name}|raw"] = {OURS: ROUNDS, PYCCOLO: PYCCOLO_ROUNDS, PLAIN: ROUNDS}
        told[f"{name}|named"] = {OURS: ROUNDS}
        told[f"{name}|settrace"] = {PLAIN: ROUNDS}
    return told


def load(code: Any) -> Callable[[int], Any]:
    namespace: dict[str, Any] = {"__name__": "measured_program"}
    exec(code, namespace)
    return namespace["main"]


def make_coverage(pyc: Any, kind: str) -> tuple[Any, set[Any]]:
    """A tracer that puts every statement that runs into a set, and the set."""
    seen: set[Any] = set()
    add = seen.add
    if kind == "raw":

        def handle(self: Any, ret: Any, node: int, *_: Any, **__: Any) -> None:
            add(node)

        pyc.register_raw_handler(pyc.before_stmt)(handle)
    else:

        def handle_named(self: Any, node: Any) -> None:
            add(node)

        pyc.register_handler(pyc.before_stmt)(handle_named)
    return tracers.make_tracer(pyc, ()), seen


def run_settrace(main: Callable[[int], Any], path: str, size: int) -> set[int]:
    seen: set[int] = set()

    def trace(frame: Any, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename != path:
            return None
        if event == "line":
            seen.add(frame.f_lineno)
        return trace

    sys.settrace(trace)
    try:
        main(size)
    finally:
        sys.settrace(None)
    return seen


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    pyc = importlib.import_module(module) if peer != PLAIN else None
    coverages: dict[str, Any] = {}

    def sample(case: str) -> dict[str, float]:
        name, kind = case.split("|")
        path = PROGRAMS / f"{name}.py"
        source, size = path.read_text("utf-8"), SIZES[name]
        if peer == PLAIN:
            main = load(compile(source, str(path), "exec"))
            if kind == "settrace":
                return {"run": timing.seconds(lambda: run_settrace(main, str(path), size), 1)}
            return timing.Interleaved({"run": lambda: main(size)}, 0.0, 3).sample()
        if kind not in coverages:
            coverages[kind] = make_coverage(pyc, kind)
        tracer, seen = coverages[kind]
        with tracer:
            main = load(tracers.weave(tracer, source, str(path)))
            seen.clear()
            taken = timing.Interleaved({"run": lambda: main(size)}, 0.0, 3 if peer == OURS else 1).sample()
        if not seen:
            raise RuntimeError("no statement was seen")
        return taken

    return sample


def rows(medians: Any, quick: bool) -> list[Row]:
    told = []
    for name in SIZES:
        plain = medians(f"{name}|raw", PLAIN, "run")
        traced = medians(f"{name}|settrace", PLAIN, "run")
        raw, named = medians(f"{name}|raw", OURS, "run"), medians(f"{name}|named", OURS, "run")
        pyccolo = medians(f"{name}|raw", PYCCOLO, "run")
        told.append(Row(f"{name}, raw handler{times(raw, plain, pyccolo)}", "s", raw, pyccolo, plain))
        told.append(Row(f"{name}, handler (self, node){times(named, plain, pyccolo)}", "s", named, None, plain))
        told.append(Row(f"{name}, sys.settrace in Python{times(traced, plain, None)}", "s", None, None, traced))
    return told


def times(ours: Any, plain: Any, pyccolo: Any) -> str:
    over, gain = ratio(ours, plain), ratio(pyccolo, ours)
    told = "" if over is None else f": {over:.1f}x plain"
    return told if gain is None else f"{told}, {gain:.0f}x faster than Pyccolo"
