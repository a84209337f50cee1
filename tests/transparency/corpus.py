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


def runs_here(path):
    """`_py312` at the end of a file's name: needs Python 3.12; `_until_py313`: the last that it is for is 3.13."""
    match = re.search(r"(_until)?_py3(\d+)$", path.stem)
    if match is None:
        return True
    version = 3, int(match[2])
    return sys.version_info[:2] <= version if match[1] else sys.version_info >= version


def programs():
    return [path for path in sorted(PROGRAMS.glob("*.py")) if runs_here(path)]


def sample():
    return [PROGRAMS / f"{name}.py" for name in SAMPLE]


def needs_own_process(path):
    return path.name.startswith(ALONE)
