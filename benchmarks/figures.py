"""benchmarks/figures.py: what an area reports (rows and bars) and how it is printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterable, Optional

_SCALES = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "B": ((2**20, "MB"), (2**10, "KB"), (1, "B")),
    "files": ((1, "files"),),
    "/s": ((1e6, "M/s"), (1e3, "k/s"), (1, "/s")),
}
PEERS = ("ours", "pyccolo", "plain")
HEADINGS = {"ours": "ours", "pyccolo": "Pyccolo", "plain": "plain", "other": "other"}


@dataclass
class Bar:
    """A limit on one measured ratio or amount, and whether it was met."""

    text: str
    limit: float
    value: Optional[float]
    at_least: bool = False
    unit: str = "x"

    @property
    def holds(self) -> Optional[bool]:
        if self.value is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "limit": self.limit,
            "value": self.value,
            "unit": self.unit,
            "holds": self.holds,
        }


@dataclass
class Row:
    """One thing measured: ours, Pyccolo's, plain Python's and another tool's figure, in seconds or bytes."""

    what: str
    unit: str
    ours: Optional[float] = None
    pyccolo: Optional[float] = None
    plain: Optional[float] = None
    bars: list[Bar] = field(default_factory=list)
    group: str = ""  # the line of the README's table that this row belongs to
    other: Optional[float] = None  # the figure of the tool that `what` names

    def as_json(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "unit": self.unit,
            "ours": self.ours,
            "pyccolo": self.pyccolo,
            "plain": self.plain,
            "other": self.other,
            "group": self.group,
            "bars": [bar.as_json() for bar in self.bars],
        }


def ratio(above: Optional[float], below: Optional[float]) -> Optional[float]:
    """above / below, or None where one of them was not measured."""
    if above is None or below is None or below <= 0:
        return None
    return above / below


def faster(pyccolo: Optional[float], ours: Optional[float], limit: float) -> Bar:
    """The bar "at least `limit` times faster than Pyccolo"."""
    text = f"at least {limit:g} times faster than Pyccolo"
    return Bar(text, limit, ratio(pyccolo, ours), at_least=True)


def at_most(value: Optional[float], limit: float, of_what: str) -> Bar:
    """The bar "at most `limit` times `of_what`"."""
    return Bar(f"at most {limit:g} times {of_what}", limit, value)


def amount(value: Optional[float], unit: str) -> str:
    """A figure as people read it: 36 ns, 1.4 MB."""
    if value is None:
        return "–"
    scales = _SCALES[unit]
    for scale, name in scales:
        if abs(value) >= scale:
            break
    scaled = value / scale
    digits = 0 if abs(scaled) >= 100 or unit == "files" else 1 if abs(scaled) >= 10 else 2
    return f"{scaled:.{digits}f} {name}"


def measured(bar: dict[str, Any]) -> str:
    """The measured side of a bar, as text."""
    if bar["value"] is None:
        return "not measured"
    if bar["unit"] != "x":
        return amount(bar["value"], bar["unit"])
    return f"{bar['value']:.2f}x" if bar["value"] < 10 else f"{bar['value']:.1f}x"


def verdict(holds: Optional[bool]) -> str:
    return {True: "yes", False: "NO", None: "?"}[holds]


def lines(rows: Iterable[dict[str, Any]], peers: Iterable[str] = PEERS) -> list[tuple[str, ...]]:
    """The cells of a table: one line a row, and one more for each further bar."""
    cells: list[tuple[str, ...]] = []
    for row in rows:
        figures = tuple(amount(row[peer], row["unit"]) for peer in peers)
        first = (row["what"], *figures)
        bars = row["bars"] or [None]
        for bar in bars:
            told = ("", "", "") if bar is None else (bar["text"], measured(bar), verdict(bar["holds"]))
            cells.append(first + told)
            first = ("",) * len(first)
    return cells


def table(rows: Iterable[dict[str, Any]]) -> str:
    """The rows as aligned text; other tools have a column where there are any."""
    rows = list(rows)
    peers = (*PEERS, "other") if any(row["other"] is not None for row in rows) else PEERS
    cells = [("what", *(HEADINGS[peer] for peer in peers), "bar", "measured", "holds"), *lines(rows, peers)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    measures = {*range(1, len(peers) + 1), len(peers) + 2}
    out = []
    for number, line in enumerate(cells):
        texts = []
        for column, (text, width) in enumerate(zip(line, widths)):
            texts.append(text.rjust(width) if column in measures else text.ljust(width))
        out.append("  ".join(texts).rstrip())
        if number == 0:
            out.append("  ".join("-" * width for width in widths))
    return "\n".join(out)
