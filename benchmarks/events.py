"""benchmarks/events.py: what one event costs.

(woven body − plain body) / events, where the body is many equal statements in a row and guards are off, so that
neither a loop nor a guard is part of the figure. Beside it: a call of an empty Python function in the same process.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Callable

from benchmarks import timing, tracers
from benchmarks.figures import Row, at_most, faster, ratio
from benchmarks.peers import OURS, PYCCOLO

TITLE = "One event"
ROUNDS = 7
STATEMENTS = 200
PATH = "measured_events.py"


@dataclass(frozen=True)
class Subject:
    """A statement, and the events it fires each time it runs."""

    statement: str
    events: tuple[str, ...]
    keywords: bool = False


SUBJECTS = {
    "before_stmt": Subject("x = a", ("before_stmt",)),
    "after_int": Subject("x = 1", ("after_int",)),
    "load_name": Subject("x = a", ("load_name",)),
    "after_binop": Subject("x = a + a", ("after_binop",)),
    "before_binop": Subject("x = a + a", ("before_binop",)),
    "attribute pair": Subject("x = o.a", ("before_attribute_load", "after_attribute_load"), True),
    "call pair": Subject("x = f()", ("before_call", "after_call"), True),
}
STAR_GROUP = "one event, handler `(self, ret, *_, **__)`"
NAMED_GROUP = "one event, handler `(self, ret)`"
HANDLERS = {"*": tracers.star, "named": tracers.named}


class Holder:
    a = 1


def empty() -> None:
    pass


def cases(quick: bool) -> dict[str, dict[str, int]]:
    told: dict[str, dict[str, int]] = {}
    for name in SUBJECTS:
        told[f"{name} *"] = {OURS: ROUNDS, PYCCOLO: ROUNDS}
        told[f"{name} named"] = {OURS: ROUNDS}
    return told


def source_of(statement: str) -> str:
    return "def body(a=7, o=Holder(), f=empty):\n" + f"    {statement}\n" * STATEMENTS


def make_body(code: Any) -> timing.Action:
    namespace = {"Holder": Holder, "empty": empty}
    exec(code, namespace)
    return namespace["body"]  # type: ignore[return-value]


def check_count(pyc: Any, subject: Subject) -> None:
    """That the body fires the number of events its cost is divided by."""
    fired = []
    counter = tracers.make_tracer(
        pyc, subject.events, lambda self, ret, *_, **__: fired.append(1), global_guards_enabled=False
    )
    with counter:
        woven = make_body(tracers.weave(counter, source_of(subject.statement), PATH))
        fired.clear()
        woven()
    expected = STATEMENTS * len(subject.events)
    if len(fired) != expected:
        raise RuntimeError(f"{subject.events}: {len(fired)} events fired, {expected} expected")


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    pyc = importlib.import_module(module)
    duration = 0.002 if quick else 0.008
    ready: dict[str, tuple[Any, timing.Interleaved]] = {}

    def get_ready(case: str) -> tuple[Any, timing.Interleaved]:
        name, _, handler = case.rpartition(" ")
        subject = SUBJECTS[name]
        check_count(pyc, subject)
        tracer = tracers.make_tracer(
            pyc, subject.events, HANDLERS[handler], global_guards_enabled=False
        )
        plain = make_body(compile(source_of(subject.statement), PATH, "exec"))
        with tracer:
            woven = make_body(tracers.weave(tracer, source_of(subject.statement), PATH))
            actions = {
                "woven": woven,
                "plain": plain,
                "calls": timing.unrolled("empty()", {"empty": empty}, STATEMENTS),
                "nothing": timing.unrolled("pass", {}, 1),
            }
            return tracer, timing.Interleaved(actions, duration)

    def sample(case: str) -> dict[str, float]:
        if case not in ready:
            ready[case] = get_ready(case)
        tracer, bodies = ready[case]
        events = STATEMENTS * len(SUBJECTS[case.rpartition(" ")[0]].events)
        with tracer:
            taken = bodies.sample()
        return {
            "event": (taken["woven"] - taken["plain"]) / events,
            "call": (taken["calls"] - taken["nothing"]) / STATEMENTS,
        }

    return sample


def rows(medians: Any, quick: bool) -> list[Row]:
    told = []
    for name, subject in SUBJECTS.items():
        case = f"{name} *"
        ours, call = medians(case, OURS, "event"), medians(case, OURS, "call")
        pyccolo = medians(case, PYCCOLO, "event")
        limit = 12 if subject.keywords else 6
        bars = [faster(pyccolo, ours, 25), at_most(ratio(ours, call), limit, "an empty Python call")]
        told.append(Row(f"{name}, (self, ret, *_, **__)", "s", ours, pyccolo, None, bars, STAR_GROUP))
    for name in SUBJECTS:
        case = f"{name} named"
        ours, call = medians(case, OURS, "event"), medians(case, OURS, "call")
        bars = [at_most(ratio(ours, call), 3, "an empty Python call")]
        told.append(Row(f"{name}, (self, ret)", "s", ours, None, None, bars, NAMED_GROUP))
    told.append(Row("an empty Python call", "s", plain=medians("after_int *", OURS, "call")))
    return told
