"""Tracers to run existing programs under: `pyc program.py -t tracers.coverage.StatementCoverage`."""

import sys


def tell(text: str) -> None:
    """Prints to stderr, after what the program has printed; a program may have closed its output (json.tool does)."""
    if sys.stdout is not None and not sys.stdout.closed:
        sys.stdout.flush()
    print(text, file=sys.stderr)
