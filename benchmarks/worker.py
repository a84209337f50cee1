"""benchmarks/worker.py: the child process of one peer. Run by path: worker.py AREA PEER MODULE quick|full.

Reads a case (JSON text) a line, answers with one line: {"sample": {...}} or {"error": "..."}. What measured code
prints goes to stderr. The project's directory comes last on sys.path: an installed package wins.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from pathlib import Path


def main() -> int:
    area_name, peer, module, effort = sys.argv[1:]
    here = str(Path(__file__).resolve().parent)
    sys.path[:] = [entry for entry in sys.path if entry != here] + [str(Path(here).parent)]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    area = importlib.import_module(f"benchmarks.{area_name}")
    sample = None
    for line in sys.stdin:
        try:
            if sample is None:
                sample = area.prepare(peer, module, effort == "quick")
            answer = {"sample": sample(json.loads(line))}
        except Exception:
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
