"""benchmarks/peers.py: the libraries compared, one child process each, asked in turn.

Both libraries claim the same names in `builtins`, so they are never imported into one process. A child stays alive
and answers one request at a time: the harness goes round the peers, so that all see the same moods of the machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Optional

ROOT = Path(__file__).resolve().parent.parent
WORKER = Path(__file__).resolve().parent / "worker.py"

OURS, PYCCOLO, PLAIN = "ours", "pyccolo", "plain"
HUNTER, VIZTRACER = "hunter", "viztracer"  # other tools that watch programs; they need not be installed
BYTECODE = "bytecode"  # another library that takes code objects apart; nor need this one


class PeerFailed(RuntimeError):
    """A child process died or answered with an error."""


class Peer:
    """One child process that measures cases of one area with one library."""

    def __init__(self, area: str, name: str, module: str, quick: bool, environment: dict[str, str]) -> None:
        command = [sys.executable, str(WORKER), area, name, module, "quick" if quick else "full"]
        self.name = name
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, **environment},
        )

    def ask(self, case: str) -> dict[str, float]:
        """The figures of one sample of `case`."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(case) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self._process.stdout.readline()
        if not answer:
            raise PeerFailed(f"{self.name}: the process ended (status {self._process.wait()}) in {case!r}")
        told: dict[str, Any] = json.loads(answer)
        if "error" in told:
            raise PeerFailed(f"{self.name}: {case}: {told['error']}")
        return told["sample"]

    def close(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        self._process.wait()

    def __enter__(self) -> "Peer":
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()
