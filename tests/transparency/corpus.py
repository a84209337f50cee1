"""The programs of tests/programs: which there are, which this Python can run, which need a process of their own."""

import re
import sys
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parent.parent / "programs"
ALONE = ("raises_", "exits_", "deep_")
"""Uncaught errors, exits and deep recursion: such programs share no process with others."""

SAMPLE = (
    "assign_augmented",
    "classes_super_and_mangling",
    "coroutines",
    "functions_scopes",
    "generators",
    "match_statements",
    "order_assignment",
    "realistic_calculator",
    "traceback_of_long_calls",
    "walrus_everywhere",
)
"""Ten programs that together use most of the language; run once for every single event."""


def needed_version(path):
    """`_py312` at the end of a file's name: needs Python 3.12."""
    match = re.search(r"_py3(\d+)$", path.stem)
    return (3, int(match[1])) if match else (3, 0)


def programs():
    return [p for p in sorted(PROGRAMS.glob("*.py")) if needed_version(p) <= sys.version_info]


def sample():
    return [PROGRAMS / f"{name}.py" for name in SAMPLE]


def needs_own_process(path):
    return path.name.startswith(ALONE)
