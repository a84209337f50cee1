"""benchmarks/run.py: measures areas, prints a table, writes JSON.

    python -m benchmarks.run [--area NAME ...] [--json FILE] [--quick]

An area is a module of this package with TITLE, ROUNDS, cases(quick), prepare(peer, module, quick) and rows(medians).
Nothing here asserts a time: a bar that is missed is printed, not raised.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import sys
from statistics import median
from types import ModuleType
from typing import Any, Optional

from benchmarks.figures import Row, table
from benchmarks.peers import BYTECODE, HUNTER, OURS, PLAIN, PYCCOLO, VIZTRACER, Peer, PeerFailed

AREAS = (
    "events",
    "rewrite",
    "stdlib",
    "cache",
    "fragments",
    "gallery",
    "macros",
    "syntax",
    "contexts",
    "guarded",
    "sys_events",
    "startup",
    "imports",
    "memory",
    "bytecode",
    "whole_program",
    "pytest_plugin",
)

TOOLS = (HUNTER, VIZTRACER, BYTECODE)

Samples = dict[str, dict[str, list[dict[str, float]]]]  # case, peer: samples


class Medians:
    """medians(case, peer, figure): the median over the rounds, None where it was not measured."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def __call__(self, case: str, peer: str, figure: str) -> Optional[float]:
        values = [sample[figure] for sample in self._samples[case].get(peer, ()) if figure in sample]
        return median(values) if values else None


class Session:
    """The peers of one area, started when first asked."""

    def __init__(self, area: ModuleType, name: str, modules: dict[str, str], quick: bool) -> None:
        self._area, self._name, self._modules, self._quick = area, name, modules, quick
        self._peers: dict[str, Peer] = {}
        self.failures: list[str] = []

    def sample(self, case: str, peer: str) -> Optional[dict[str, float]]:
        fresh = getattr(self._area, "FRESH", False)
        if callable(fresh):
            fresh = fresh(case)
        try:
            if fresh:
                with self._start(case, peer) as process:
                    return process.ask(case)
            if peer not in self._peers:
                self._peers[peer] = self._start(case, peer)
            return self._peers[peer].ask(case)
        except PeerFailed as failure:
            self.failures.append(str(failure))
            print(f"! {self._name}: {failure}", file=sys.stderr)
            return None

    def _start(self, case: str, peer: str) -> Peer:
        environment = getattr(self._area, "environment", lambda case: {})(case)
        return Peer(self._name, peer, self._modules[peer], self._quick, environment)

    def close(self) -> None:
        for peer in self._peers.values():
            peer.close()


def measure(name: str, modules: dict[str, str], quick: bool) -> dict[str, Any]:
    """One area: all rounds of all cases over all peers, as JSON."""
    area = importlib.import_module(f"benchmarks.{name}")
    session = Session(area, name, modules, quick)
    samples: Samples = {}
    # A case names the peers that take part in it; a peer may sit out later rounds when it is slow.
    cases: dict[str, dict[str, int]] = area.cases(quick)
    try:
        for turn in range(area.ROUNDS if not quick else min(3, area.ROUNDS)):
            for case, peers in cases.items():
                taken = samples.setdefault(case, {})
                for peer, rounds in peers.items():
                    if peer not in modules or turn >= rounds or (turn and not taken.get(peer)):
                        continue
                    sample = session.sample(case, peer)
                    if sample is not None:
                        taken.setdefault(peer, []).append(sample)
    finally:
        session.close()
    rows: list[Row] = area.rows(Medians(samples), quick)
    return {
        "title": area.TITLE,
        "rows": [row.as_json() for row in rows],
        "failures": session.failures,
        "samples": samples,
    }


def version_of(module: str) -> Optional[str]:
    try:
        return importlib.metadata.version(module)
    except importlib.metadata.PackageNotFoundError:
        return None


def find_modules(ours: str) -> dict[str, str]:
    """The library each peer imports; Pyccolo and other tools only where they are installed."""
    modules = {PLAIN: "", OURS: ours}
    if importlib.util.find_spec("pyccolo") is not None:
        modules[PYCCOLO] = "pyccolo"
    else:
        print("pyccolo is not installed (pip install pyccolo): its column stays empty", file=sys.stderr)
    for tool in TOOLS:
        if importlib.util.find_spec(tool) is not None:
            modules[tool] = tool
    return modules


def parse_arguments(arguments: Optional[list[str]] = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--area", action="append", choices=AREAS, help="measure this area only (may be repeated)")
    parser.add_argument("--json", metavar="FILE", help="write everything measured to FILE")
    parser.add_argument("--quick", action="store_true", help="few repeats, for trying things out")
    parser.add_argument("--ours", default="pyccolo_native", metavar="MODULE", help="the module measured as ours")
    return parser.parse_args(arguments)


def main(arguments: Optional[list[str]] = None) -> int:
    options = parse_arguments(arguments)
    modules = find_modules(options.ours)
    result: dict[str, Any] = {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "machine": platform.machine(),
        "system": platform.system(),
        "processors": os.cpu_count(),
        "ours": {"module": options.ours, "version": version_of(options.ours)},
        "pyccolo": {"version": version_of("pyccolo")},
        "others": {tool: {"version": version_of(tool)} for tool in TOOLS},
        "quick": options.quick,
        "areas": {},
    }
    for name in options.area or AREAS:
        measured = measure(name, modules, options.quick)
        result["areas"][name] = measured
        print(f"\n{measured['title']}\n")
        print(table(measured["rows"]), flush=True)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1, ensure_ascii=False)
            file.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
