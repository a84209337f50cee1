"""benchmarks/report.py: puts measured figures into the README and into docs/moving-from-pyccolo.md, between markers.

    python -m benchmarks.run --json figures.json
    python -m benchmarks.report figures.json

In the README one line for each group of rows and each of its bars: the range of the figures, and the worst row's measured
value. In the other page what is compared with Pyccolo.
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
GAINS_BEGIN = "<!-- gains: written by python -m benchmarks.report -->"
GAINS_END = "<!-- end of gains -->"
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


def gains(result: dict[str, Any]) -> str:
    """What is compared with Pyccolo: the figures, and how many times faster (or smaller) ours are."""
    lines = ["| what | ours | Pyccolo | ratio |", "|---|---|---|---|"]
    for group, rows in groups(result):
        compared = [row for row in rows if row["ours"] and row["pyccolo"]]
        if compared:
            ratios = sorted(row["pyccolo"] / row["ours"] for row in compared)
            ends = dict.fromkeys(f"{ratio:.3g}" for ratio in (ratios[0], ratios[-1]))
            lines.append(f"| {group} | {span(compared, 'ours')} | {span(compared, 'pyccolo')} | {' – '.join(ends)} |")
    return "\n".join([GAINS_BEGIN, *lines, GAINS_END])


def replace_between(page: str, begin_marker: str, end_marker: str, text: str) -> str:
    """The page with what stands between the markers replaced."""
    begin, end = page.find(begin_marker), page.find(end_marker)
    if begin < 0 or end < begin:
        raise ValueError(f"no {begin_marker} … {end_marker}")
    return page[:begin] + text + page[end + len(end_marker) :]


def replace_figures(page: str, text: str) -> str:
    return replace_between(page, BEGIN, END, text)


def main(arguments: Optional[list[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("json", type=Path, help="what python -m benchmarks.run --json wrote")
    parser.add_argument("page", type=Path, nargs="?", default=Path("README.md"))
    parser.add_argument("moving", type=Path, nargs="?", default=Path("docs/moving-from-pyccolo.md"))
    options = parser.parse_args(arguments)
    result = json.loads(options.json.read_text("utf-8"))
    written = {}
    for path, begin, end, text in (
        (options.page, BEGIN, END, text_of(result)),
        (options.moving, GAINS_BEGIN, GAINS_END, gains(result)),
    ):
        try:
            written[path] = replace_between(path.read_text("utf-8"), begin, end, text)
        except (OSError, ValueError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 1
    for path, page in written.items():
        path.write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
