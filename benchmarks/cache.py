"""benchmarks/cache.py: importing packages whose instrumented code is in the cache, beside the plain import of the same.

Pyccolo is no peer here: it cannot compile all of these files.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Optional

from benchmarks.figures import Bar, Row
from benchmarks.peers import OURS, PLAIN

TITLE = "Warm import of instrumented packages"
ROUNDS = 15
PACKAGES = ("asyncio", "email", "unittest", "json", "logging", "xml")
MODULES = (
    "asyncio",
    "email.message",
    "email.parser",
    "unittest",
    "json",
    "logging.config",
    "xml.dom.minidom",
    "xml.etree.ElementTree",
    "xml.sax",
)
CASES = {
    "before_stmt": "before_stmt, handler (self, ret)",
    "all": "all events, handler (self, ret)",
    "star": "before_stmt, handler (self, ret, *_, **__): nodes are parsed again",
}

# What a process runs: the module is "" for plain. It prints the seconds that the imports took.
PROGRAM = """
import os, sys, time
module, case, root, packages, names = sys.argv[1:6]
sys.path.append(root)
if module:
    import importlib
    pyc = importlib.import_module(module)
    from benchmarks.tracers import make_named, make_star, make_tracer, woven_events
    events = woven_events(pyc) if case == "all" else ["before_stmt"]
    handler = make_star() if case == "star" else make_named()
    folders = tuple(os.path.join(os.path.dirname(os.__file__), name) + os.sep for name in packages.split(","))
    chosen = {"instrument_all_files": False, "should_instrument_file": lambda self, path: path.startswith(folders)}
    tracer = make_tracer(pyc, events, handler, **chosen)
    tracer.__enter__()
start = time.perf_counter()
for name in names.split(","):
    __import__(name)
print(time.perf_counter() - start)
"""


def cases(quick: bool) -> dict[str, dict[str, int]]:
    rounds = ROUNDS if not quick else 5
    return {
        "before_stmt": {PLAIN: rounds, OURS: rounds},
        "all": {PLAIN: rounds, OURS: rounds},
        "star": {PLAIN: rounds, OURS: rounds},
    }


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    root = str(Path(__file__).resolve().parent.parent)
    folder = tempfile.TemporaryDirectory()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = os.path.join(folder.name, "bytecode")
    environment["PYCCOLO_CACHE_DIR"] = os.path.join(folder.name, "woven")
    warm = set()

    def sample(case: str) -> dict[str, float]:
        _ = folder  # lives as long as this function
        command = [sys.executable, "-c", PROGRAM, "" if peer == PLAIN else module, case, root, ",".join(PACKAGES), ",".join(MODULES)]
        for attempt in range(1 if case in warm else 3):
            told = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder.name)
            if told.returncode != 0:
                raise RuntimeError(told.stderr)
        warm.add(case)
        return {"wall": float(told.stdout)}

    return sample


def rows(medians: Any, quick: bool) -> list[Row]:
    found = []
    for case, text in CASES.items():
        plain, ours = (medians(case, peer, "wall") for peer in (PLAIN, OURS))
        ratio: Optional[float] = None if ours is None or plain is None else ours / plain
        bars = [Bar("at most 1.25 times the plain import", 1.25, ratio)] if case == "before_stmt" else []
        group = "warm import of asyncio, email, unittest, json, logging, xml, before_stmt" if bars else ""
        found.append(Row(text, "s", ours, None, plain, bars, group))
    return found
