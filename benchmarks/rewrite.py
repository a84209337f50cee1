"""benchmarks/rewrite.py: from a module's source to a code object that emits events.

Ten large modules of the standard library; before_stmt alone and all woven events; guards off and on. Two ways for
ours: the API Pyccolo has as well (make_ast_rewriter, then compile), and compile_source, the way the import hook and
exec take. Plain compile() of the same text is timed beside it, in the same process.
"""

from __future__ import annotations

import importlib
import sysconfig
from pathlib import Path
from statistics import median
from typing import Any, Callable

from benchmarks import timing, tracers
from benchmarks.figures import Bar, Row, at_most, ratio
from benchmarks.peers import OURS, PYCCOLO

TITLE = "Rewrite and compile"
ROUNDS = 5
PYCCOLO_ROUNDS = 3
# typing.py is not among them: Pyccolo 0.0.96 cannot compile it with all events.
CANDIDATES = (
    "_pydecimal",
    "turtle",
    "inspect",
    "tarfile",
    "doctest",
    "argparse",
    "pickletools",
    "subprocess",
    "difflib",
    "mailbox",
    "ssl",
    "pickle",
)
HOW_MANY = 10
#            what each is told to weave, and the bars: (times plain compile, times faster than Pyccolo)
SETTINGS = {
    "before_stmt, no guards": (("before_stmt",), False, 3.5, 8),
    "before_stmt, guards": (("before_stmt",), True, 4.5, 8),
    "all events, no guards": ((), False, 10, 12),
    "all events, guards": ((), True, 14, 12),
}


def module_paths(quick: bool) -> list[Path]:
    library = Path(sysconfig.get_paths()["stdlib"])
    found = [library / f"{name}.py" for name in CANDIDATES if (library / f"{name}.py").exists()]
    return found[-4:-2] if quick else found[:HOW_MANY]


def cases(quick: bool) -> dict[str, dict[str, int]]:
    return {
        f"{setting}|{path.stem}": {OURS: ROUNDS, PYCCOLO: PYCCOLO_ROUNDS}
        for path in module_paths(quick)
        for setting in SETTINGS
    }


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    pyc = importlib.import_module(module)
    paths = {path.stem: path for path in module_paths(quick)}
    duration = 0.02 if quick else 0.06
    ready: dict[str, Any] = {}

    def tracer_for(setting: str) -> Any:
        events, guards, _, _ = SETTINGS[setting]
        events = events or tuple(tracers.woven_events(pyc))
        return tracers.make_tracer(pyc, events, global_guards_enabled=guards)

    def sample(case: str) -> dict[str, float]:
        setting, stem = case.split("|")
        if setting not in ready:
            ready[setting] = tracer_for(setting)
        tracer = ready[setting]
        path = str(paths[stem])
        source = paths[stem].read_text("utf-8")
        actions: dict[str, timing.Action] = {
            "plain": lambda: compile(source, path, "exec"),
            "api": lambda: tracers.weave(tracer, source, path),
        }
        if hasattr(pyc, "compile_source"):
            actions["compile_source"] = lambda: pyc.compile_source(source, path)
        with tracer:
            if peer == OURS:
                return timing.Interleaved(actions, duration, 3).sample()
            return timing.Interleaved(actions, 0.0, 1).sample()

    return sample


def per_module(medians: Any, quick: bool, setting: str, way: str) -> list[tuple[str, float, float, Any]]:
    """(module, ours, plain, Pyccolo's) in seconds, for the modules that were measured."""
    told = []
    for path in module_paths(quick):
        case = f"{setting}|{path.stem}"
        ours, plain = medians(case, OURS, way), medians(case, OURS, "plain")
        if ours is not None and plain is not None:
            told.append((path.stem, ours, plain, medians(case, PYCCOLO, "api")))
    return told


def setting_rows(medians: Any, quick: bool, setting: str, way: str) -> list[Row]:
    _, _, most, faster_by = SETTINGS[setting]
    chosen = "compile_source" if per_module(medians, quick, setting, "compile_source") else "api"
    measured = per_module(medians, quick, setting, way)
    if not measured:
        return []
    gains = [ratio(pyccolo, ours) for _, ours, _, pyccolo in measured]
    known = [gain for gain in gains if gain is not None]
    plain_bar = at_most(median(ours / plain for _, ours, plain, _ in measured), most, "compile(), median")
    gain_bar = Bar(
        f"at least {faster_by:g} times faster than Pyccolo in each module",
        faster_by,
        min(known) if known else None,
        at_least=True,
    )
    pyccolo_total = sum(row[3] for row in measured) if len(known) == len(measured) else None
    label = "" if way == "compile_source" else " (AstRewriter.visit, compile)"
    total = Row(
        f"{setting}{label}: {len(measured)} modules",
        "s",
        sum(row[1] for row in measured),
        pyccolo_total,
        sum(row[2] for row in measured),
        [plain_bar, gain_bar],
        group=f"rewrite + compile of ten large stdlib modules, {setting}" if way == chosen else "",
    )
    told = [total]
    if way == chosen:
        for stem, ours, plain, pyccolo in measured:
            gain = ratio(pyccolo, ours)
            note = f"{ours / plain:.2f}x plain" + (f", {gain:.1f}x faster than Pyccolo" if gain else "")
            told.append(Row(f"  {stem}: {note}", "s", ours, pyccolo, plain))
    return told


def rows(medians: Any, quick: bool) -> list[Row]:
    told = []
    for setting in SETTINGS:
        for way in ("compile_source", "api"):
            told += setting_rows(medians, quick, setting, way)
    return told
