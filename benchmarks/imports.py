"""benchmarks/imports.py: what a tracer adds to the import of a module that it does not instrument."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Optional

from benchmarks import timing, tracers
from benchmarks.figures import Bar, Row
from benchmarks.peers import OURS, PLAIN, PYCCOLO

TITLE = "Imports"
ROUNDS = 7
MODULES = 100
CASES = {
    "no filter": "a tracer without a filter",
    "a filter": "a tracer whose should_instrument_file says no",
    "five tracers": "five such tracers",
}
MANY = "five tracers"
GROUP = "import of a module that is not instrumented, over a plain one"


def cases(quick: bool) -> dict[str, dict[str, int]]:
    told = {case: {OURS: ROUNDS, PYCCOLO: ROUNDS} for case in CASES}
    told["plain"] = {PLAIN: ROUNDS}
    return told


def write_modules(directory: str) -> list[str]:
    """Small modules on sys.path, with their bytecode: the import of one costs as little as one can."""
    names = [f"benchmarked_{number}" for number in range(MODULES)]
    for name in names:
        Path(directory, f"{name}.py").write_text("import sys\n\n\ndef function(a, b):\n    return a + b\n")
    sys.path.insert(0, directory)
    sys.dont_write_bytecode = False
    importing(names)()
    return names


def importing(names: list[str]) -> timing.Action:
    def action() -> None:
        for name in names:
            importlib.import_module(name)
        for name in names:
            del sys.modules[name]

    return action


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    directory = tempfile.TemporaryDirectory()
    bare = importing(write_modules(directory.name))
    duration = 0.05 if quick else 0.5

    def timed(actions: dict[str, timing.Action]) -> dict[str, float]:
        assert directory is not None  # it lives as long as its modules are imported
        return {name: taken / MODULES for name, taken in timing.Interleaved(actions, duration).sample().items()}

    if peer == PLAIN:
        return lambda case: timed({"bare": bare})
    pyc = importlib.import_module(module)

    def tracer(**attributes: Any) -> Any:
        return tracers.make_tracer(pyc, ("before_stmt",), instrument_all_files=False, **attributes)

    def says_no(self: Any, filename: str) -> bool:
        return "instrumented" in filename

    stacks = {
        "no filter": [tracer()],
        "a filter": [tracer(should_instrument_file=says_no)],
        "five tracers": [tracer(should_instrument_file=says_no) for _ in range(5)],
    }

    def sample(case: str) -> dict[str, float]:
        def hooked() -> None:
            entered = [made.tracing_enabled() for made in stacks[case]]
            for context in entered:
                context.__enter__()
            try:
                bare()
            finally:
                for context in reversed(entered):
                    context.__exit__(None, None, None)

        return timed({"bare": bare, "hooked": hooked})

    return sample


def rows(medians: Any, quick: bool) -> list[Row]:
    def added(case: str, peer: str) -> Optional[float]:
        hooked, bare = medians(case, peer, "hooked"), medians(case, peer, "bare")
        return None if hooked is None or bare is None else hooked - bare

    told = []
    for case, what in CASES.items():
        ours = added(case, OURS)
        # The bar is the hook's; what further tracers' own filters cost is theirs.
        bars = [] if case == MANY else [Bar("at most 20 µs over a plain import", 20e-6, ours, unit="s")]
        told.append(Row(f"added by {what}", "s", ours, added(case, PYCCOLO), None, bars, GROUP if bars else ""))
    told.append(Row("the plain import of a small module", "s", plain=medians("plain", PLAIN, "bare")))
    return told
