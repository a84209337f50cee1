"""benchmarks/memory.py: the memory that instrumented code and dropped fragments keep.

"Nodes and tables" is what stays when modules have been rewritten and compiled and their code objects are dropped while
the rewrites are still registered under their paths, divided by lines of source. Three instruments, since none sees all: bytes the allocator has handed out (mallinfo2, with every
Python object allocated by malloc), tracemalloc (Python's objects only) and the resident set.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import tracemalloc
from pathlib import Path
from typing import Any, Callable, Optional

from benchmarks import fragments, rewrite, tracers
from benchmarks.figures import Bar, Row, at_most, ratio
from benchmarks.peers import OURS, PLAIN, PYCCOLO

TITLE = "Memory"
ROUNDS = 3
FRESH = True  # a process for each sample
FRAGMENTS = 5000
WARM = "def f(a):\n    return a.b + 1\n"
WOVEN = {"before_stmt": ("before_stmt",), "all events": ()}
LINES_GROUP = "nodes and tables, a line of source"
KEPT_GROUP = f"kept by {FRAGMENTS:,} dropped `pyc.exec` of three lines"
INSTRUMENTS = ("malloc", "tracemalloc", "resident")


def cases(quick: bool) -> dict[str, dict[str, int]]:
    told = {
        f"lines|{events}|{instrument}": {OURS: 1, PYCCOLO: 1, PLAIN: 1}
        for events in WOVEN
        for instrument in INSTRUMENTS
    }
    for instrument in ("malloc", "resident"):
        told[f"fragments|{instrument}"] = {OURS: ROUNDS, PYCCOLO: 1}
    return told


def environment(case: str) -> dict[str, str]:
    return {"PYTHONMALLOC": "malloc"} if case.endswith("|malloc") else {}


class _MallInfo2(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    ]


def malloc_bytes() -> Optional[float]:
    """Bytes handed out by the C allocator, None where it cannot be asked (not glibc 2.33 or later)."""
    try:
        mallinfo2 = ctypes.CDLL(None).mallinfo2
    except (OSError, AttributeError, TypeError):
        return None
    mallinfo2.restype = _MallInfo2
    told = mallinfo2()
    return float(told.uordblks + told.hblkhd)


def resident_bytes() -> Optional[float]:
    """The resident set after freed memory went back to the system, None where /proc does not tell."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError, TypeError):
        pass
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return float(pages * os.sysconf("SC_PAGE_SIZE"))


METERS: dict[str, Callable[[], Optional[float]]] = {
    "malloc": malloc_bytes,
    "tracemalloc": lambda: float(tracemalloc.get_traced_memory()[0]),
    "resident": resident_bytes,
}


def grown(meter: Callable[[], Optional[float]], action: Callable[[], Any]) -> tuple[Optional[float], Any]:
    """What `action` made the meter grow by, and what it returned."""
    gc.collect()
    before = meter()
    result = action()
    gc.collect()
    after = meter()
    return (None if before is None or after is None else after - before), result


def measure_lines(peer: str, module: str, quick: bool, events: str, instrument: str) -> dict[str, float]:
    sources = {str(path): path.read_text("utf-8") for path in rewrite.module_paths(quick)}
    lines = sum(source.count("\n") for source in sources.values())
    meter = METERS[instrument]
    if instrument == "tracemalloc":
        tracemalloc.start()
    if peer == PLAIN:
        compile(WARM, "warm.py", "exec")
        kept, _ = grown(meter, lambda: [compile(text, path, "exec") for path, text in sources.items()])
        return per_line(lines, kept=kept)
    pyc = importlib.import_module(module)
    tracer = tracers.make_tracer(pyc, WOVEN[events] or tuple(tracers.woven_events(pyc)))
    with tracer:
        tracers.weave(tracer, WARM, "warm.py")
        kept, codes = grown(meter, lambda: [tracers.weave(tracer, text, path) for path, text in sources.items()])
        released, _ = grown(meter, codes.clear)
        filled, rows_found = grown(meter, lambda: look_at_tables(pyc))
    if rows_found < lines:
        raise RuntimeError(f"{rows_found} nodes are left of {lines} lines: they went with the code")
    if kept is None or released is None or filled is None:
        return {}
    return per_line(lines, kept=kept, nodes=kept + released, filled=kept + released + filled)


def look_at_tables(pyc: Any) -> int:
    """Makes tables that are filled when first looked at fill themselves; how many nodes there are."""
    base = pyc.BaseTracer
    for table in (base.containing_ast_by_id, base.containing_stmt_by_id, base.parent_stmt_by_id):
        len(table)
    for by_line in base.stmt_by_lineno_by_module_id.values():
        len(by_line)
    return len(base.ast_node_by_id)


def per_line(lines: int, **figures: Optional[float]) -> dict[str, float]:
    return {name: figure / lines for name, figure in figures.items() if figure is not None}


def measure_fragments(module: str, quick: bool, instrument: str) -> dict[str, float]:
    pyc = importlib.import_module(module)
    tracer = tracers.make_tracer(pyc, fragments.TEN_EVENTS)

    def run(count: int) -> None:
        for _ in range(count):
            pyc.exec(fragments.FRAGMENT, {}, {"price": 7, "count": 3})

    with tracer:
        run(200)
        kept, _ = grown(METERS[instrument], lambda: run(FRAGMENTS // 10 if quick else FRAGMENTS))
    return {} if kept is None else {"kept": kept * (10 if quick else 1)}


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    def sample(case: str) -> dict[str, float]:
        kind, *rest = case.split("|")
        if kind == "lines":
            return measure_lines(peer, module, quick, *rest)
        return measure_fragments(module, quick, *rest)

    return sample


def rows(medians: Any, quick: bool) -> list[Row]:
    told = []
    for events in WOVEN:
        for instrument in INSTRUMENTS:
            case = f"lines|{events}|{instrument}"
            told.append(line_row(medians, case, "nodes", f"nodes and tables a line, {events} ({instrument})"))
        case = f"lines|{events}|malloc"
        told.append(line_row(medians, case, "filled", f"… once every table was looked at, {events} (malloc)"))
        whole = (medians(case, peer, "kept") for peer in (OURS, PYCCOLO, PLAIN))
        told.append(Row(f"… with the code objects, {events} (malloc)", "B", *whole))
    for instrument in ("resident", "malloc"):
        case = f"fragments|{instrument}"
        ours, pyccolo = (medians(case, peer, "kept") for peer in (OURS, PYCCOLO))
        bars = [Bar("at most 1 MB", 2**20, ours, unit="B")] if instrument == "resident" else []
        told.append(Row(f"kept by {FRAGMENTS:,} dropped pyc.exec ({instrument})", "B", ours, pyccolo, None, bars, KEPT_GROUP))
    return told


def line_row(medians: Any, case: str, figure: str, what: str) -> Row:
    ours, pyccolo = (medians(case, peer, figure) for peer in (OURS, PYCCOLO))
    bars = [at_most(ratio(ours, pyccolo), 0.5, "Pyccolo's")] if case.endswith("|malloc") else []
    return Row(what, "B", ours, pyccolo, None, bars, LINES_GROUP)
