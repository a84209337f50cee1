"""benchmarks/startup.py: what importing the library adds to the start of the interpreter."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any, Callable, Optional

from benchmarks.figures import Bar, Row
from benchmarks.peers import OURS, PLAIN, PYCCOLO

TITLE = "Start-up"
ROUNDS = 21
CASE = "import"


def cases(quick: bool) -> dict[str, dict[str, int]]:
    return {CASE: {PLAIN: ROUNDS, OURS: ROUNDS, PYCCOLO: ROUNDS}}


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    root = str(Path(__file__).resolve().parent.parent)
    # The project's directory comes last, as in the workers: an installed package wins.
    text = f"import sys; sys.path.append({root!r})"
    if peer != PLAIN:
        text += f"; import {module}"
    command = [sys.executable, "-c", text]

    def sample(case: str) -> dict[str, float]:
        with tempfile.TemporaryDirectory() as directory:
            start = perf_counter()
            subprocess.run(command, check=True, cwd=directory)
            return {"wall": perf_counter() - start}

    sample(CASE)  # the first run writes and loads cached bytecode
    return sample


def rows(medians: Any, quick: bool) -> list[Row]:
    plain, ours, pyccolo = (medians(CASE, peer, "wall") for peer in (PLAIN, OURS, PYCCOLO))

    def above(wall: Optional[float]) -> Optional[float]:
        return None if wall is None or plain is None else wall - plain

    bar = Bar("at most 20 ms over bare start-up", 0.020, above(ours), unit="s")
    return [
        Row("python -c 'import …', wall", "s", ours, pyccolo, plain),
        Row("… over bare start-up", "s", above(ours), above(pyccolo), None, [bar], "`import`, over bare start-up"),
    ]
