"""benchmarks/events.py: what one event costs.

(woven body − plain body) / events, where the body is many equal statements in a row and guards are off, so that
neither a loop nor a guard is part of the figure. Beside it: a call of an empty Python function in the same process.
"""

from __future__ import annotations

import importlib
from collections import deque
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Callable

from benchmarks import timing, tracers
from benchmarks.figures import Row, at_most, faster, ratio
from benchmarks.peers import OURS, PYCCOLO

TITLE = "One event"
ROUNDS = 7
STATEMENTS = 200


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
HANDLERS = {"star": tracers.make_star, "named": tracers.make_named}


def counted(by: str) -> Callable[[Any, tuple[str, ...]], tuple[Any, Callable[[timing.Action], int]]]:
    """Makes a tracer that counts, and what says how many events an action fires."""

    def make(pyc: Any, events: tuple[str, ...]) -> tuple[Any, Callable[[timing.Action], int]]:
        hits = pyc.count(*(getattr(pyc, event) for event in events), by=by)
        tracer = tracers.make_tracer(pyc, (), global_guards_enabled=False, hits=hits)

        def count_fired(action: timing.Action) -> int:
            before = tracer.hits.total()
            action()
            return tracer.hits.total() - before

        return tracer, count_fired

    return make


def disabled(pyc: Any, events: tuple[str, ...]) -> tuple[Any, Callable[[timing.Action], int]]:
    """A tracer whose handler wants each event once; when all are armed again, all fire."""
    calls: list[int] = []

    def handle(self: Any, ret: Any) -> Any:
        calls.append(1)
        return pyc.Disable

    tracer = tracers.make_tracer(pyc, events, handle, global_guards_enabled=False)

    def count_fired(action: timing.Action) -> int:
        tracer.rearm()
        calls.clear()
        action()
        action()
        return len(calls)

    return tracer, count_fired


WAYS = {"counted by event": counted("event"), "counted by line": counted("line"), "disabled": disabled}
"""Of ours only, for the subject after_int."""


class Holder:
    a = 1


def empty() -> None:
    pass


def empty_method(self: Any) -> None:
    pass


def cases(quick: bool) -> dict[str, dict[str, int]]:
    told: dict[str, dict[str, int]] = {}
    for name in SUBJECTS:
        told[f"{name} star"] = {OURS: ROUNDS, PYCCOLO: ROUNDS}
        told[f"{name} named"] = {OURS: ROUNDS}
    return told | {f"after_int {way}": {OURS: ROUNDS} for way in WAYS}


def source_of(statement: str) -> str:
    return "def body(a=7, o=Holder(), f=empty):\n" + f"    {statement}\n" * STATEMENTS


def make_body(code: Any) -> timing.Action:
    namespace = {"Holder": Holder, "empty": empty}
    exec(code, namespace)
    return namespace["body"]  # type: ignore[return-value]


class Case:
    """One subject with one kind of handler: woven and plain bodies, ready to be timed."""

    def __init__(self, pyc: Any, name: str, kind: str, duration: float) -> None:
        subject = SUBJECTS[name]
        self.events = STATEMENTS * len(subject.events)
        if kind in WAYS:
            self.tracer, self.count_fired = WAYS[kind](pyc, subject.events)
        else:
            handler = HANDLERS[kind]()
            self.tracer = tracers.make_tracer(pyc, subject.events, handler, global_guards_enabled=False)
            self.count_fired = lambda action: tracers.calls_of(handler, action)
        source = source_of(subject.statement)
        # A path of its own: rewriting a path again lets go of what was rewritten before.
        path = f"measured_{name}_{kind}.py".replace(" ", "_")
        self.plain = make_body(compile(source, path, "exec"))
        with self.tracer:
            self.woven = make_body(tracers.weave(self.tracer, source, path))
            actions = {
                "woven": self.woven,
                "plain": self.plain,
                "calls": timing.unrolled("empty()", {"empty": empty}, STATEMENTS),
                "calls from C": lambda: deque(map(empty_method, repeat(None, STATEMENTS)), maxlen=0),
                "nothing": timing.unrolled("pass", {}, 1),
            }
            self.bodies = timing.Interleaved(actions, duration)

    def sample(self) -> dict[str, float]:
        with self.tracer:
            taken = self.bodies.sample()
            fired = self.count_fired(self.woven)
        if fired != self.events:
            raise RuntimeError(f"{fired} events fired, {self.events} expected")
        return {
            "event": (taken["woven"] - taken["plain"]) / self.events,
            "call": (taken["calls"] - taken["nothing"]) / STATEMENTS,
            "call from C": taken["calls from C"] / STATEMENTS,
        }


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    pyc = importlib.import_module(module)
    ready: dict[str, Case] = {}

    def sample(case: str) -> dict[str, float]:
        if case not in ready:
            name, kind = next((its, case[len(its) + 1 :]) for its in SUBJECTS if case.startswith(f"{its} "))
            ready[case] = Case(pyc, name, kind, 0.002 if quick else 0.008)
        return ready[case].sample()

    return sample


def rows(medians: Any, quick: bool) -> list[Row]:
    told = []
    for name, subject in SUBJECTS.items():
        case = f"{name} star"
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
    for way in WAYS:
        told.append(Row(f"after_int, {way}", "s", medians(f"after_int {way}", OURS, "event")))
    told.append(Row("an empty Python call", "s", plain=medians("after_int star", OURS, "call")))
    told.append(Row("… from C, as handlers are called (map)", "s", plain=medians("after_int star", OURS, "call from C")))
    return told
