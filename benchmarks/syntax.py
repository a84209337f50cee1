"""benchmarks/syntax.py: new syntax in 10,000 lines of source: replaced, parsed with marks, and asked for."""

from __future__ import annotations

import ast
import importlib
from typing import Any, Callable

from benchmarks import timing
from benchmarks.figures import Row, faster
from benchmarks.peers import OURS, PLAIN, PYCCOLO

TITLE = "New syntax: ?. and |>"
ROUNDS = 3
LINES = 10_000
BLOCK = '''\
class Order{n}(Base):
    """Orders are `a ?. b`, and so on."""

    def total(self, customer, prices):
        # What the customer owes: discounts |> taxes.
        rate = customer?.account?.discount
        lines = [line.price * line.count for line in self.lines if line?.price]
        result = lines |> summed |> rounded
        if rate is not None and rate > {n}:
            result = result |> discounted(rate, "?.", minimum={n})
        return {{"total": result, "currency": self?.currency, "id": self.number}}

'''
MARKED = 7  # attributes and operations of a block
CASES = ("transform", "parse", "get_augmentations")


def source(lines: int) -> str:
    height = BLOCK.count("\n")
    return "".join(BLOCK.format(n=number) for number in range(lines // height))


def plain(text: str) -> str:
    """What the source has to become."""
    made = text.replace("?.", ".").replace("|>", "|")
    return made.replace("a . b", "a ?. b").replace("discounts | taxes", "discounts |> taxes").replace('"."', '"?."')


def make_tracer(pyc: Any) -> Any:
    kind = pyc.AugmentationType
    members = {
        "instrument_all_files": True,
        "optional": pyc.AugmentationSpec(kind.dot_suffix, "?.", "."),
        "pipe": pyc.AugmentationSpec(kind.binop, "|>", "|"),
    }
    return type(pyc.BaseTracer)("Augmenting", (pyc.BaseTracer,), members).instance()


def cases(quick: bool) -> dict[str, dict[str, int]]:
    return {case: {OURS: ROUNDS, PYCCOLO: ROUNDS, PLAIN: ROUNDS if case == "parse" else 0} for case in CASES}


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    text = source(LINES)
    turns = 1 if peer == PYCCOLO else 3
    if peer == PLAIN:
        code = plain(text)
        return lambda case: timing.Interleaved({"run": lambda: ast.parse(code)}, 0.0, turns).sample()
    pyc = importlib.import_module(module)
    tracer = make_tracer(pyc)
    if tracer.transform(text, tracers=[tracer]) != plain(text):
        raise RuntimeError("the source became something else")
    tree = tracer.parse(text, tracers=[tracer], instrument=False)
    nodes = [node for node in ast.walk(tree) if isinstance(node, (ast.Attribute, ast.BinOp))]
    marked = sum(bool(tracer.get_augmentations(node)) for node in nodes)
    if marked != MARKED * text.count("class"):
        raise RuntimeError(f"{marked} nodes are marked")

    def ask() -> None:
        for node in nodes:
            tracer.get_augmentations(node)

    actions: dict[str, timing.Action] = {
        "transform": lambda: tracer.transform(text, tracers=[tracer]),
        "parse": lambda: tracer.parse(text, tracers=[tracer], instrument=False),
        "get_augmentations": ask,
    }

    def sample(case: str) -> dict[str, float]:
        figures = timing.Interleaved({"run": actions[case]}, 0.0, turns).sample()
        return {"run": figures["run"] / (len(nodes) if case == "get_augmentations" else 1)}

    return sample


def rows(medians: Any, quick: bool) -> list[Row]:
    told = []
    lines = f"of {LINES:,} lines with `?.` and `|>`"
    for case, what, least in (
        ("transform", f"`transform` {lines}", 5),
        ("parse", f"`parse(instrument=False)` {lines}", 5),
        ("get_augmentations", "`get_augmentations(node)`", None),
    ):
        ours, pyccolo = medians(case, OURS, "run"), medians(case, PYCCOLO, "run")
        bars = [] if least is None else [faster(pyccolo, ours, least)]
        told.append(Row(what, "s", ours, pyccolo, medians(case, PLAIN, "run"), bars, what if bars else ""))
    return told
