"""benchmarks/timing.py: how a duration is taken inside a worker."""

from __future__ import annotations

import gc
from itertools import repeat
from statistics import median
from time import perf_counter
from typing import Any, Callable

Action = Callable[[], Any]


def seconds(action: Action, number: int, clock: Callable[[], float] = perf_counter) -> float:
    """Seconds of one call of `action` by `clock`, over `number` calls in a row."""
    calls = repeat(None, number)
    start = clock()
    for _ in calls:
        action()
    return (clock() - start) / number


def calls_for(action: Action, duration: float) -> int:
    """How many calls of `action` take about `duration` seconds; 0 seconds mean one call, without a trial."""
    number = 1
    if not duration:
        return number
    while True:
        taken = seconds(action, number) * number
        if taken >= duration / 4 or number >= 1_000_000:
            return max(1, round(number * duration / max(taken, 1e-9)))
        number *= 4


class Interleaved:
    """Several actions timed in turn, again and again, so that all see the same machine.

    `sample()` gives, for each, the median over the turns of the seconds one call took.
    """

    def __init__(self, actions: dict[str, Action], duration: float, turns: int = 5) -> None:
        self.actions = actions
        self.turns = turns
        self.numbers = {name: calls_for(action, duration) for name, action in actions.items()}

    def sample(self) -> dict[str, float]:
        gc.collect()
        taken: dict[str, list[float]] = {name: [] for name in self.actions}
        for _ in range(self.turns):
            for name, action in self.actions.items():
                taken[name].append(seconds(action, self.numbers[name]))
        return {name: median(times) for name, times in taken.items()}


def unrolled(statement: str, names: dict[str, Any], count: int) -> Action:
    """A function that runs `statement` `count` times without a loop; `names` are its locals."""
    source = f"def body({', '.join(f'{name}={name}' for name in names)}):\n"
    source += f"    {statement}\n" * count
    namespace = dict(names)
    exec(compile(source, "<unrolled>", "exec"), namespace)
    return namespace["body"]
