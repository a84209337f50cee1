"""benchmarks/gallery.py: programs in the syntax of the gallery's pipelines and quick lambdas, at run time."""

from __future__ import annotations

import importlib
from typing import Any, Callable

from benchmarks import timing
from benchmarks.figures import Row, faster
from benchmarks.peers import OURS, PLAIN, PYCCOLO

TITLE = "Pipelines and quick lambdas"
ROUNDS = 7
REPEATS = 20

# What is measured, in new syntax and in Python's; `i` counts up. Pyccolo has pipelines in loops under a name that allows it.
PROGRAMS = {
    "i |> double": "double(i)",
    "i |> $ + 1": "(lambda x: x + 1)(i)",
    "(1, 2, 3) |> map[_ + 1] |> list": "list(map(lambda x: x + 1, (1, 2, 3)))",
    "f[_ + _](i, i)": "(lambda x, y: x + y)(i, i)",
    "add($, 1)": "lambda x: add(x, 1)",
    "(double . abs)(i)": "(lambda f, g: lambda x: f(g(x)))(double, abs)(i)",
}
LOOP = "with allow_pipelines_in_loops_and_calls():\n    for i in range({repeats}):\n        made = {expression}\n"
NAMES = {"double": lambda x: 2 * x, "add": lambda x, y: x + y}


def cases(quick: bool) -> dict[str, dict[str, int]]:
    return {case: {OURS: ROUNDS, PYCCOLO: 3, PLAIN: ROUNDS} for case in PROGRAMS}


def plain_program(case: str) -> Callable[[], Any]:
    source = f"def run():\n    for i in range({REPEATS}):\n        made = {PROGRAMS[case]}\n    return made\n"
    names = dict(NAMES)
    exec(source, names)
    return names["run"]


def woven_program(pyc: Any, case: str) -> Callable[[], Any]:
    """The loop as a function, which is woven once and called again and again."""
    loop = LOOP.format(repeats=REPEATS, expression=case).replace("\n", "\n    ")
    return pyc.exec(f"def run():\n    {loop}\n    return made\n", dict(NAMES), {})["run"]


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    duration = 0.01 if quick else 0.1

    def measured(program: Callable[[], Any], case: str) -> dict[str, float]:
        value, expected = program(), plain_program(case)()
        if callable(value):
            value, expected = value(3), expected(3)
        assert value == expected, (case, value, expected)
        seconds = timing.Interleaved({"run": program}, duration).sample()["run"]
        return {"run": seconds / REPEATS}

    if peer == PLAIN:
        return lambda case: measured(plain_program(case), case)
    pyc = importlib.import_module(module)
    gallery = importlib.import_module(f"{module}.examples")

    def sample(case: str) -> dict[str, float]:
        with gallery.PipelineTracer, gallery.QuickLambdaTracer:
            return measured(woven_program(pyc, case), case)

    return sample


def rows(medians: Any, quick: bool) -> list[Row]:
    told = []
    for case in PROGRAMS:
        ours, pyccolo, plain = (medians(case, peer, "run") for peer in (OURS, PYCCOLO, PLAIN))
        bars = [faster(pyccolo, ours, 10)]
        told.append(Row(f"`{case}`", "s", ours, pyccolo, plain, bars, "pipelines and quick lambdas at run time"))
    return told
