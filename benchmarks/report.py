"""benchmarks/report.py: puts measured figures into the README, between its two markers.

    python -m benchmarks.run --json figures.json
    python -m benchmarks.report figures.json [README.md]

One line for each group of rows and each of its bars: the range of the figures, and the worst row's measured value.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Iterator, Optional

from benchmarks.figures import amount, measured, verdict

BEGIN = "<!-- figures: written by python -m benchmarks.report -->"
END = "<!-- end of figures -->"
HEADINGS = ("what", "ours", "Pyccolo", "plain Python", "bar", "measured", "holds")
PEERS = ("ours", "pyccolo", "plain")


def groups(result: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The rows that have bars, by the group they belong to, in the order measured."""
    found: dict[str, list[dict[str, Any]]] = {}
    for area in result["areas"].values():
        for row in area["rows"]:
            if row["group"] and row["bars"]:
                found.setdefault(row["group"], []).append(row)
    yield from found.items()


def span(rows: list[dict[str, Any]], peer: str) -> str:
    """The range of one peer's figures."""
    known = [row[peer] for row in rows if row[peer] is not None]
    if not known:
        return "–"
    low, high = (amount(value, rows[0]["unit"]) for value in (min(known), max(known)))
    return low if low == high else f"{low} – {high}"


def worst(bars: list[dict[str, Any]]) -> dict[str, Any]:
    """The bar furthest on the wrong side; one that was not measured counts as worst."""

    def rank(bar: dict[str, Any]) -> float:
        if bar["value"] is None:
            return float("inf")
        if not bar["limit"]:
            return float(bar["value"])  # none is allowed
        badness = bar["value"] / bar["limit"]
        return 1 / badness if "at least" in bar["text"] else badness

    return max(bars, key=rank)


def table(result: dict[str, Any]) -> list[str]:
    lines = ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS)]
    for group, rows in groups(result):
        texts = dict.fromkeys(bar["text"] for row in rows for bar in row["bars"])
        first: Optional[str] = group
        for text in texts:
            bars = [bar for row in rows for bar in row["bars"] if bar["text"] == text]
            held = [row for row in rows if any(bar["text"] == text for bar in row["bars"])]
            figures = [span(held, peer) for peer in PEERS] if first else ["", "", ""]
            bar = worst(bars)
            cells = [first or "", *figures, text, measured(bar), verdict(bar["holds"])]
            lines.append("| " + " | ".join(cells) + " |")
            first = None
    return lines


def text_of(result: dict[str, Any]) -> str:
    pyccolo = result["pyccolo"]["version"]
    compared = f"Pyccolo {pyccolo}" if pyccolo else "no Pyccolo installed"
    heading = (
        f"{result['implementation']} {result['python']}, {result['system']} {result['machine']}, {compared}, one run, "
        "medians of interleaved repeats. Where a line stands for several things measured, the range is given, and the "
        "worst of them under “measured”."
    )
    return "\n".join([BEGIN, heading, "", *table(result), END])


def replace_figures(page: str, text: str) -> str:
    """The page with what stands between the markers replaced."""
    begin, end = page.find(BEGIN), page.find(END)
    if begin < 0 or end < begin:
        raise ValueError(f"no {BEGIN} … {END}")
    return page[:begin] + text + page[end + len(END) :]


def main(arguments: Optional[list[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("json", type=Path, help="what python -m benchmarks.run --json wrote")
    parser.add_argument("page", type=Path, nargs="?", default=Path("README.md"))
    options = parser.parse_args(arguments)
    result = json.loads(options.json.read_text("utf-8"))
    try:
        page = replace_figures(options.page.read_text("utf-8"), text_of(result))
    except ValueError as error:
        print(f"{options.page}: {error}", file=sys.stderr)
        return 1
    options.page.write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
