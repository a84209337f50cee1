"""benchmarks/stdlib.py: the whole standard library woven cold, tests and all, against plain compile() of the same bytes.

File by file in one process on one core: plain, ours, or ours, plain, in turn, each once, with the garbage collector in
the same state. As each is measured once, it is the processor's time that counts, not the clock's. A file counts if
plain compile() takes it. A second look at the same files says where the time goes.
"""

from __future__ import annotations

import gc
import importlib
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any, Callable, Optional

from benchmarks import tracers
from benchmarks.figures import Bar, Row, at_most
from benchmarks.peers import OURS

TITLE = "The whole standard library, woven cold"
ROUNDS = 1
EVERY = 20  # in a quick run
SLOWEST = 10
#            what is woven, and how many times plain compile() it may take
SETTINGS: dict[str, tuple[tuple[str, ...], float]] = {
    "before_stmt": (("before_stmt",), 4.5),
    "all events": ((), 14),
}
PHASES = ("parse", "rewrite", "compile")


def stdlib_files(quick: bool) -> list[Path]:
    """The .py files of the standard library, or every so many-th."""
    library = Path(sysconfig.get_paths()["stdlib"])
    found = [path for path in sorted(library.rglob("*.py")) if "site-packages" not in path.relative_to(library).parts]
    return found[::EVERY] if quick else found


def cases(quick: bool) -> dict[str, dict[str, int]]:
    return {f"{setting}|{look}": {OURS: 1} for setting in SETTINGS for look in ("whole", "phases")}


def sources(quick: bool) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of each file that plain compile() takes."""
    for path in stdlib_files(quick):
        source, name = path.read_bytes(), str(path)
        try:
            compile(source, name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            continue
        yield name, source


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()  # what was there before is frozen: this is quick, and lets each begin with empty generations
    start = process_time()
    made = action()
    return process_time() - start, made


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    pyc = importlib.import_module(module)
    compile_source = importlib.import_module(f"{module}.sandbox").compile_source
    native = importlib.import_module(f"{module}._native")
    warnings.simplefilter("ignore")

    def whole(tracer: Any) -> dict[str, float]:
        told: dict[str, float] = {"failed": 0}
        for number, (name, source) in enumerate(sources(quick)):
            actions: dict[str, Callable[[], Any]] = {
                "plain": lambda: compile(source, name, "exec", dont_inherit=True),
                "ours": lambda: compile_source(source, name),
            }
            try:
                for side in sorted(actions, reverse=bool(number % 2)):
                    told[f"{side}|{name}"] = timed(actions[side])[0]
            except Exception as error:
                told["failed"] += 1
                print(f"! stdlib: {name} fails: {type(error).__name__}: {error}", file=sys.stderr)
        return told

    def phases(tracer: Any) -> dict[str, float]:
        told = dict.fromkeys(PHASES, 0.0)
        for name, source in sources(quick):
            taken, tree = timed(lambda: native.parse(source, name, "exec"))
            told["parse"] += taken
            rewriter = tracer.make_ast_rewriter(name)
            taken, woven = timed(lambda: rewriter.visit(tree))
            told["rewrite"] += taken
            told["compile"] += timed(lambda: native.compile(woven, name, "exec", 0, True, -1))[0]
            native.release(name, rewriter.last_rewrite)
        return told

    def sample(case: str) -> dict[str, float]:
        setting, look = case.split("|")
        tracer = tracers.make_tracer(pyc, SETTINGS[setting][0] or tracers.woven_events(pyc))
        with tracer:
            compile_source("def f(x):\n    return [x, f]\n", "<warm-up>")
            gc.collect()
            gc.freeze()
            try:
                return whole(tracer) if look == "whole" else phases(tracer)
            finally:
                gc.unfreeze()

    return sample


def file_times(medians: Any, case: str, quick: bool) -> list[tuple[str, float, float]]:
    """(path, ours, plain) of each file that was measured."""
    told = []
    for path in stdlib_files(quick):
        ours, plain = medians(case, OURS, f"ours|{path}"), medians(case, OURS, f"plain|{path}")
        if ours is not None and plain is not None:
            told.append((str(path), ours, plain))
    return told


def setting_rows(medians: Any, quick: bool, setting: str) -> list[Row]:
    most = SETTINGS[setting][1]
    case = f"{setting}|whole"
    times = file_times(medians, case, quick)
    ours: Optional[float] = sum(its[1] for its in times) if times else None
    plain: Optional[float] = sum(its[2] for its in times) if times else None
    ratio = ours / plain if ours and plain else None
    group = f"cold: the whole stdlib, {setting}, default options"
    no_failure = Bar("no file fails", 0, medians(case, OURS, "failed"), unit="files")
    bars = [at_most(ratio, most, "plain compile()"), no_failure]
    told = [Row(f"{setting}: {len(times)} files", "s", ours, None, plain, bars, group=group)]
    for phase in PHASES:
        told.append(Row(f"  {phase}", "s", medians(f"{setting}|phases", OURS, phase)))
    slowest = sorted(times, key=lambda its: its[1] / its[2], reverse=True)[:SLOWEST]
    library = Path(sysconfig.get_paths()["stdlib"])
    for name, its_ours, its_plain in slowest:
        what = f"  slowest: {Path(name).relative_to(library)}: {its_ours / its_plain:.1f}x"
        told.append(Row(what, "s", its_ours, None, its_plain))
    return told


def rows(medians: Any, quick: bool) -> list[Row]:
    return [row for setting in SETTINGS for row in setting_rows(medians, quick, setting)]
