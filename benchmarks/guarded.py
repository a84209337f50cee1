"""benchmarks/guarded.py: woven functions whose events are switched off, against plain ones.

Three ways of being off: a guard is active, tracing is disabled, the tracer has left. Functions of three sizes. The
caller is a body of many calls in a row, so that the figure is the call itself and no loop around it.
"""

from __future__ import annotations

import importlib
from typing import Any, Callable

from benchmarks import timing, tracers
from benchmarks.figures import Row, at_most, ratio
from benchmarks.peers import OURS, PYCCOLO

TITLE = "Events switched off"
ROUNDS = 7
PATH = "measured_guards.py"
EVENTS = (
    "before_stmt",
    "load_name",
    "after_int",
    "after_binop",
    "before_call",
    "after_call",
    "after_assign_rhs",
    "after_return",
    "after_for_loop_iter",
    "after_function_execution",
)
FUNCTIONS = {
    "a function of one line": "def measured(a=3):\n    return a\n",
    "a function of ten lines": """
def measured(a=3):
    b = a + 1
    c = b * 2
    d = c - a
    if d > 4:
        e = d + c
    else:
        e = d - c
    f = abs(e) + b
    g = f % 7
    return g
""",
    "a function with a loop": """
def measured(a=3):
    total = 0
    for i in range(50):
        total = total + i * a
        if total > 1000:
            total = total - 1000
    return total
""",
}
STATES = {
    "guard": "under an active guard",
    "disabled": "with tracing disabled",
    "left": "after its tracer has left",
}
LOOP_ONLY = "a loop under its own active guard"


def cases(quick: bool) -> dict[str, dict[str, int]]:
    told = {f"{state}|{name}": {OURS: ROUNDS, PYCCOLO: ROUNDS} for state in STATES for name in FUNCTIONS}
    # Pyccolo takes its names out of builtins when the last tracer leaves: woven code then raises NameError.
    for name in FUNCTIONS:
        del told[f"left|{name}"][PYCCOLO]
    told[f"loop guard|{LOOP_ONLY}"] = {OURS: ROUNDS, PYCCOLO: ROUNDS}
    return told


class Recorder:
    """Collects the guards that events carry, and counts events."""

    def __init__(self) -> None:
        self.events = 0
        self.guards: dict[str, str] = {}

    def handler(self) -> Callable[..., None]:
        def handle(
            tracer: Any, ret: Any, node: Any, frame: Any, event: Any, *_: Any, guard: Any = None, **__: Any
        ) -> None:
            self.events += 1
            if guard is not None:
                self.guards[event.name] = guard

        return handle


def load(code: Any) -> timing.Action:
    namespace: dict[str, Any] = {}
    exec(code, namespace)
    return namespace["measured"]


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    pyc = importlib.import_module(module)
    recorder = Recorder()
    tracer = tracers.make_tracer(pyc, EVENTS, recorder.handler())
    calls = 100
    duration = 0.002 if quick else 0.01

    def compare(source: str, activate: tuple[str, ...]) -> timing.Interleaved:
        """Woven and plain, ready to run; call inside the tracer's context."""
        plain = load(compile(source, PATH, "exec"))
        recorder.guards.clear()
        woven = load(tracers.weave(tracer, source, PATH))
        woven()
        for event in activate:
            tracer.activate_guard(recorder.guards[event])
        actions = {
            "woven": timing.unrolled("f()", {"f": woven}, calls),
            "plain": timing.unrolled("f()", {"f": plain}, calls),
        }
        return timing.Interleaved(actions, duration, 9)

    def sampled(bodies: timing.Interleaved, quiet: bool = True) -> dict[str, float]:
        before = recorder.events
        taken = bodies.sample()
        if quiet and recorder.events != before:
            raise RuntimeError(f"{recorder.events - before} events fired in code that is switched off")
        return {name: value / calls for name, value in taken.items()}

    def sample(case: str) -> dict[str, float]:
        state, name = case.split("|")
        if state == "guard":
            with tracer:
                return sampled(compare(FUNCTIONS[name], ("after_function_execution",)))
        if state == "loop guard":
            with tracer:
                source = FUNCTIONS["a function with a loop"]
                return sampled(compare(source, ("after_for_loop_iter",)), quiet=False)
        with tracer:
            bodies = compare(FUNCTIONS[name], ())
            if state == "disabled":
                with tracer.tracing_disabled():
                    return sampled(bodies)
        return sampled(bodies)

    return sample


def rows(medians: Any, quick: bool) -> list[Row]:
    told = []
    for state, how in STATES.items():
        for name in FUNCTIONS:
            case = f"{state}|{name}"
            ours, plain = medians(case, OURS, "woven"), medians(case, OURS, "plain")
            bars = [at_most(ratio(ours, plain), 1.10, "plain")] if state != "left" else []
            pyccolo = medians(case, PYCCOLO, "woven")
            told.append(Row(f"{name} {how}", "s", ours, pyccolo, plain, bars, f"a function {how}"))
    case = f"loop guard|{LOOP_ONLY}"
    figures = (medians(case, OURS, "woven"), medians(case, PYCCOLO, "woven"), medians(case, OURS, "plain"))
    told.append(Row(f"{LOOP_ONLY}, its function's events on", "s", *figures))
    return told
