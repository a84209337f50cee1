"""benchmarks/fragments.py: small pieces of source run at run time, with ten handlers listening."""

from __future__ import annotations

import importlib
from typing import Any, Callable

from benchmarks import timing, tracers
from benchmarks.figures import Row, faster
from benchmarks.peers import OURS, PLAIN, PYCCOLO

TITLE = "Fragments, ten handlers"
ROUNDS = 7
TEN_EVENTS = (
    "before_stmt",
    "after_stmt",
    "load_name",
    "after_int",
    "after_binop",
    "before_call",
    "after_call",
    "before_attribute_load",
    "after_attribute_load",
    "after_assign_rhs",
)
FRAGMENT = "total = price * count + 1\nname = str(total).strip()\nsize = len(name)\n"
EXPRESSION = "price * count + 1"
CASES = ("exec", "eval")


def cases(quick: bool) -> dict[str, dict[str, int]]:
    return {case: {OURS: ROUNDS, PYCCOLO: ROUNDS, PLAIN: ROUNDS} for case in CASES}


def plain_actions() -> dict[str, timing.Action]:
    def run_exec() -> dict[str, Any]:
        local_env = {"price": 7, "count": 3}
        exec(FRAGMENT, {}, local_env)
        return local_env

    return {"exec": run_exec, "eval": lambda: eval(EXPRESSION, {}, {"price": 7, "count": 3})}


def woven_actions(pyc: Any) -> dict[str, timing.Action]:
    return {
        "exec": lambda: pyc.exec(FRAGMENT, {}, {"price": 7, "count": 3}),
        "eval": lambda: pyc.eval(EXPRESSION, {}, {"price": 7, "count": 3}),
    }


def check(actions: dict[str, timing.Action]) -> None:
    """That both give what plain Python gives."""
    told = actions["exec"]()
    assert (told["total"], told["name"], told["size"]) == (22, "22", 2), told
    assert actions["eval"]() == 22


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    duration = 0.01 if quick else 0.1
    if peer == PLAIN:
        actions = plain_actions()
        check(actions)
        return lambda case: timing.Interleaved({"run": actions[case]}, duration).sample()
    pyc = importlib.import_module(module)
    handler = tracers.make_star()
    tracer = tracers.make_tracer(pyc, TEN_EVENTS, handler)
    actions = woven_actions(pyc)

    def sample(case: str) -> dict[str, float]:
        with tracer:
            check(actions)
            if not tracers.calls_of(handler, actions[case]):
                raise RuntimeError("no event fired")
            return timing.Interleaved({"run": actions[case]}, duration).sample()

    return sample


def rows(medians: Any, quick: bool) -> list[Row]:
    told = []
    for case, what in (("exec", "`pyc.exec`, three lines"), ("eval", "`pyc.eval`, one expression")):
        ours, pyccolo = medians(case, OURS, "run"), medians(case, PYCCOLO, "run")
        plain = medians(case, PLAIN, "run")
        bars = [faster(pyccolo, ours, 12)]
        told.append(Row(what, "s", ours, pyccolo, plain, bars, f"{what}, ten handlers"))
    return told
