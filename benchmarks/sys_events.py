"""benchmarks/sys_events.py: what the interpreter's own events cost: calls, returns, lines, opcodes, calls of C code.

(observed run − plain run) / events, both in turn in one process. Beside it, what else watches a program in that way:
functions given to sys.settrace, sys.setprofile and sys.monitoring, cProfile, viztracer, hunter. Some leave traces in the
interpreter when they are switched off: each sample has a process of its own. As what is compared was measured in
different processes, it is the processor's time that counts, not the clock's.
"""

from __future__ import annotations

import cProfile
import gc
import importlib
import importlib.util
import sys
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, Callable, Iterator, Optional

from benchmarks import timing, tracers
from benchmarks.figures import Bar, Row, at_most, faster, ratio
from benchmarks.peers import HUNTER, OURS, PLAIN, PYCCOLO, VIZTRACER

TITLE = "Events of the interpreter"
ROUNDS = 7
PYCCOLO_ROUNDS = 3
QUICK_ROUNDS = 2
FRESH = True  # a process for each sample
PATH = str(Path(__file__).resolve().parent / "programs" / "calls.py")
MONITORING = hasattr(sys, "monitoring")
HOOKS = ("settrace", "monitoring") if MONITORING else ("settrace",)
HANDLERS = {"star": tracers.make_star, "named": tracers.make_named}
SIGNATURES = {"star": "(self, ret, *_, **__)", "named": "(self, ret)"}

#            the function and its argument, in full and in a quick run
WORKLOADS = {"fib": (20, 18), "statements": (4000, 1000), "mixed": (1500, 300)}
REJECTED = {"fib": "recursive calls", "statements": "a loop of statements", "mixed": "calls of C functions"}


@dataclass(frozen=True)
class Subject:
    """Events that are observed, and the workload that fires them; the unit is `per` events."""

    workload: str
    events: tuple[str, ...]
    per: int = 1


SUBJECTS = {
    "calls": Subject("fib", ("call", "return_"), 2),
    "lines": Subject("statements", ("line",)),
    "opcodes": Subject("statements", ("opcode",)),
    "c_calls": Subject("mixed", ("c_call",)),
}
REJECTING = {f"rejected {workload}": Subject(workload, ("call", "return_")) for workload in WORKLOADS}


@dataclass
class Observer:
    """Something that watches: a context in which it does, and how many events an action tells it of that enters one."""

    around: Callable[[], AbstractContextManager[Any]]
    count: Callable[[timing.Action], int]


def cases(quick: bool) -> dict[str, dict[str, int]]:
    rounds, slow = (QUICK_ROUNDS, 1) if quick else (ROUNDS, PYCCOLO_ROUNDS)
    told: dict[str, dict[str, int]] = {}
    for hook in HOOKS:
        told[f"calls|{hook} star"] = {OURS: rounds}
        told[f"calls|{hook} named"] = {OURS: rounds}
        told[f"calls|{hook} count"] = {OURS: rounds}
        for subject in ("lines", "opcodes", "c_calls"):
            told[f"{subject}|{hook} star"] = {OURS: rounds}
            told[f"{subject}|{hook} named"] = {OURS: rounds}
        for subject in REJECTING:
            told[f"{subject}|{hook} star"] = {OURS: rounds}
    for subject in ("calls", "lines", "rejected fib"):
        told[f"{subject}|settrace star"][PYCCOLO] = slow
    for subject, way in PYTHON_TOOLS:
        told[f"{subject}|{way}"] = {PLAIN: rounds}
    told["calls|hunter"] = {HUNTER: rounds}
    told["calls|hunter as profiler"] = {HUNTER: rounds}
    told["calls|viztracer"] = {VIZTRACER: rounds}
    return told


# ---- who watches


def observe_by_handlers(pyc: Any, peer: str, subject: str, way: str) -> Optional[Observer]:
    """A tracer of either library. None: it has nothing that could be measured."""
    hook, kind = way.split()
    rejects = subject in REJECTING
    events = (REJECTING if rejects else SUBJECTS)[subject].events
    attributes: dict[str, Any] = {"instrument_all_files": False}
    attributes["should_instrument_file"] = lambda self, name: name == PATH and not rejects
    if peer == OURS:
        attributes["sys_events"] = hook
    if kind == "count":
        if not hasattr(pyc, "count"):
            return None
        hits = pyc.count(*(getattr(pyc, event) for event in events), by="code")
        counting = tracers.make_tracer(pyc, (), hits=hits, **attributes)

        def count_hits(action: timing.Action) -> int:
            before = counting.hits.total()
            action()
            return counting.hits.total() - before

        return Observer(lambda: counting, count_hits)
    handler = HANDLERS[kind]()
    if peer == PYCCOLO and "call" not in events:
        events = ("call", *events)  # it follows a frame to its end when a handler is told of its call
    tracer = tracers.make_tracer(pyc, events, handler, **attributes)
    return Observer(lambda: tracer, lambda action: tracers.calls_of(handler, action))


def counting_of(events: list[Any]) -> Callable[[timing.Action], int]:
    """For functions that append to `events` what they are told while it has a None in front."""

    def count(action: timing.Action) -> int:
        events[:] = [None]
        try:
            action()
            return len(events) - 1
        finally:
            events.clear()

    return count


def with_trace_function(lines: bool, opcodes: bool, kinds: tuple[str, ...]) -> Observer:
    """A function given to sys.settrace that does nothing but ask for events."""
    events: list[Any] = []

    def plain(frame: Any, event: str, arg: Any) -> Any:
        return plain

    def asking(frame: Any, event: str, arg: Any) -> Any:
        frame.f_trace_lines = lines
        frame.f_trace_opcodes = opcodes
        return plain

    def counting(frame: Any, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename == PATH and event in kinds:
            events.append(event)
        if event == "call" and not (lines and not opcodes):
            asking(frame, event, arg)
        return counting

    function = plain if lines and not opcodes else asking

    @contextmanager
    def around() -> Iterator[None]:
        sys.settrace(counting if events else function)
        try:
            yield
        finally:
            sys.settrace(None)

    return Observer(around, counting_of(events))


def with_profile_function(kinds: tuple[str, ...]) -> Observer:
    """A function given to sys.setprofile that does nothing."""
    events: list[Any] = []

    def function(frame: Any, event: str, arg: Any) -> None:
        pass

    def counting(frame: Any, event: str, arg: Any) -> None:
        if frame.f_code.co_filename == PATH and event in kinds:
            events.append(event)

    @contextmanager
    def around() -> Iterator[None]:
        sys.setprofile(counting if events else function)
        try:
            yield
        finally:
            sys.setprofile(None)

    return Observer(around, counting_of(events))


def with_callbacks(names: tuple[str, ...]) -> Observer:
    """Functions given to sys.monitoring that do nothing, for all code."""
    events: list[Any] = []
    monitoring: Any = getattr(sys, "monitoring")

    def callback(code: Any, *_: Any) -> None:
        pass

    def counting(code: Any, *_: Any) -> None:
        if code.co_filename == PATH:
            events.append(code)

    @contextmanager
    def around() -> Iterator[None]:
        tool, wanted = monitoring.PROFILER_ID, 0
        monitoring.use_tool_id(tool, "benchmark")
        for name in names:
            event = getattr(monitoring.events, name)
            monitoring.register_callback(tool, event, counting if events else callback)
            wanted |= event
        monitoring.set_events(tool, wanted)
        try:
            yield
        finally:
            monitoring.set_events(tool, 0)
            monitoring.free_tool_id(tool)

    return Observer(around, counting_of(events))


def with_cprofile() -> Observer:
    profiles: list[cProfile.Profile] = []

    @contextmanager
    def around() -> Iterator[None]:
        profile = cProfile.Profile()
        profile.enable()
        try:
            yield
        finally:
            profile.disable()
            profiles[:] = [profile]

    def count(action: timing.Action) -> int:
        action()
        stats: Any = profiles[0].getstats()
        return sum(2 * entry.callcount for entry in stats if getattr(entry.code, "co_filename", "") == PATH)

    return Observer(around, count)


PYTHON_TOOLS: dict[tuple[str, str], Callable[[], Observer]] = {
    ("calls", "a trace function"): lambda: with_trace_function(True, False, ("call", "return")),
    ("calls", "a trace function without lines"): lambda: with_trace_function(False, False, ("call", "return")),
    ("calls", "a profile function"): lambda: with_profile_function(("call", "return")),
    ("calls", "cProfile"): with_cprofile,
    ("lines", "a trace function"): lambda: with_trace_function(True, False, ("line",)),
    ("opcodes", "a trace function"): lambda: with_trace_function(False, True, ("opcode",)),
    ("c_calls", "a profile function"): lambda: with_profile_function(("c_call",)),
}
if MONITORING:
    PYTHON_TOOLS["calls", "callbacks"] = lambda: with_callbacks(("PY_START", "PY_RETURN"))
    PYTHON_TOOLS["lines", "callbacks"] = lambda: with_callbacks(("LINE",))


def with_hunter(hunter: Any, profiles: bool) -> Observer:
    """Calls and returns of one file, and an action that does nothing; hunter has a trace and a profile function."""
    events: list[Any] = []

    def ignore(event: Any) -> None:
        pass

    def around() -> Any:
        action = events.append if events else ignore
        kinds = ("call", "return")
        return hunter.trace(filename=PATH, kind_in=kinds, action=action, threading_support=False, profile=profiles)

    return Observer(around, counting_of(events))


def with_viztracer(viztracer: Any) -> Observer:
    tracer = viztracer.VizTracer(verbose=0, register_global=False)

    @contextmanager
    def around() -> Iterator[None]:
        tracer.start()
        try:
            yield
        finally:
            tracer.stop()
            tracer.clear()

    def count(action: timing.Action) -> int:
        with_entries = []
        tracer.clear = lambda: with_entries.extend(tracer.load())
        try:
            action()
        finally:
            del tracer.clear
        return sum(2 for entry in with_entries if entry.get("ph") == "X" and PATH in entry["name"])

    return Observer(around, count)


def observer_of(peer: str, library: Any, subject: str, way: str) -> Optional[Observer]:
    if peer == PLAIN:
        return PYTHON_TOOLS[subject, way]()
    if peer == HUNTER:
        return with_hunter(library, way == "hunter as profiler")
    if peer == VIZTRACER:
        return with_viztracer(library)
    return observe_by_handlers(library, peer, subject, way)


# ---- measuring


def load(workload: str, quick: bool) -> timing.Action:
    namespace: dict[str, Any] = {"__name__": "measured_calls"}
    exec(compile(Path(PATH).read_text("utf-8"), PATH, "exec"), namespace)
    function, size = namespace[workload], WORKLOADS[workload][quick]
    return lambda: function(size)


def fib_calls(size: int) -> int:
    """How many calls fib(size) makes, itself included."""
    last, here = 1, 1
    for _ in range(size - 1):
        last, here = here, last + here + 1
    return here


def in_turn(body: timing.Action, observer: Observer, duration: float, turns: int) -> dict[str, float]:
    """Seconds of one run, observed and plain, and how many times plain the former is; each after a run to get warm."""

    def calls() -> int:
        body()
        return timing.calls_for(body, duration)

    numbers = {"plain": calls()}
    with observer.around():
        numbers["observed"] = calls()
    taken: dict[str, list[float]] = {"plain": [], "observed": []}
    gc.collect()
    for _ in range(turns):
        body()
        taken["plain"].append(timing.seconds(body, numbers["plain"], process_time))
        with observer.around():
            body()
            taken["observed"].append(timing.seconds(body, numbers["observed"], process_time))
    ratios = [observed / plain for observed, plain in zip(taken["observed"], taken["plain"])]
    return {**{name: median(times) for name, times in taken.items()}, "ratio": median(ratios)}


def counted(observer: Observer, body: timing.Action) -> int:
    def inside() -> None:
        with observer.around():
            body()

    return observer.count(inside)


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    library = importlib.import_module(module) if module else None

    def sample(case: str) -> dict[str, float]:
        name, way = case.split("|")
        rejects = name in REJECTING
        subject = (REJECTING if rejects else SUBJECTS)[name]
        observer = observer_of(peer, library, name, way)
        if observer is None:
            return {"lacking": 1.0}
        body = load(subject.workload, quick)
        turns = 2 if quick or peer == PYCCOLO else 9 if rejects else 5
        told = in_turn(body, observer, 0.002 if quick or peer == PYCCOLO else 0.02 if rejects else 0.01, turns)
        events = counted(observer, body)
        if rejects:
            if events:
                raise RuntimeError(f"{events} events fired in code that the filter rejects")
            return told
        if not events or (name == "calls" and events != 2 * fib_calls(WORKLOADS["fib"][quick])):
            raise RuntimeError(f"{events} events fired")
        return {**told, "events": events, "event": (told["observed"] - told["plain"]) * subject.per / events}

    return sample


# ---- reporting


def reason(module: str) -> str:
    if importlib.util.find_spec(module) is None:
        return f"{module} is not installed"
    return "it failed"


def row(what: str, value: Optional[float], why: str, **figures: Any) -> Row:
    """A row that says why it has no figure, if it has none."""
    return Row(what if value is not None else f"{what}: not measured: {why}", "s", **figures)


def rows(medians: Any, quick: bool) -> list[Row]:
    return [
        *call_rows(medians),
        *count_rows(medians),
        *rejected_rows(medians),
        *line_rows(medians),
        *further_rows(medians),
    ]


def no_monitoring(what: str) -> list[Row]:
    """Where there is no sys.monitoring, a row says so."""
    if MONITORING:
        return []
    return [row(f"{what}, monitoring", None, "Python has no sys.monitoring before 3.12")]


def call_rows(medians: Any) -> list[Row]:
    told = []
    pyccolo = medians("calls|settrace star", PYCCOLO, "event")
    function = medians("calls|a trace function", PLAIN, "event")
    for kind, signature in SIGNATURES.items():
        for hook in HOOKS:
            ours = medians(f"calls|{hook} {kind}", OURS, "event")
            bars = [
                faster(pyccolo, ours, 25),
                at_most(ratio(ours, function), 1.5, "a Python trace function that does nothing"),
            ]
            group = f"call + return, handler `{signature}`"
            figures = {"ours": ours, "pyccolo": pyccolo, "bars": bars, "group": group}
            told.append(row(f"call + return, {signature}, {hook}", ours, "it failed", **figures))
    told += no_monitoring("call + return")
    ways = {
        "a trace function": "a trace function that does nothing",
        "a trace function without lines": "… that sets frame.f_trace_lines = False",
        "a profile function": "a profile function that does nothing",
        "callbacks": "callbacks of sys.monitoring that do nothing",
    }
    for way, what in ways.items():
        if ("calls", way) in PYTHON_TOOLS:
            value = medians(f"calls|{way}", PLAIN, "event")
            told.append(row(f"call + return, {what}", value, "it failed", other=value))
    for way in ("hunter", "hunter as profiler"):
        value = medians(f"calls|{way}", HUNTER, "event")
        told.append(row(f"call + return, {way}, an action that does nothing", value, reason(HUNTER), other=value))
    return told


def count_rows(medians: Any) -> list[Row]:
    told = []
    profile = medians("calls|cProfile", PLAIN, "event")
    recorded = medians("calls|viztracer", VIZTRACER, "event")
    for hook in HOOKS:
        case = f"calls|{hook} count"
        ours = medians(case, OURS, "event")
        bars = [
            Bar("faster than cProfile", 1, ratio(ours, profile)),
            Bar("faster than viztracer", 1, ratio(ours, recorded)),
        ]
        why = "the library has no count()" if medians(case, OURS, "lacking") else "it failed"
        figures = {"ours": ours, "bars": bars, "group": "call + return counted, `pyc.count(…, by=\"code\")`"}
        told.append(row(f"call + return, counted by code, {hook}", ours, why, **figures))
    told += no_monitoring("call + return, counted by code")
    told.append(row("call + return, cProfile", profile, "it failed", other=profile))
    told.append(row("call + return, viztracer", recorded, reason(VIZTRACER), other=recorded))
    return told


def rejected_rows(medians: Any) -> list[Row]:
    told = []
    limits = {"monitoring": 1.05}
    if sys.version_info < (3, 12):
        limits["settrace"] = 1.5
    for hook in HOOKS:
        for workload, what in REJECTED.items():
            case = f"rejected {workload}|{hook} star"
            ours, plain = medians(case, OURS, "observed"), medians(case, OURS, "plain")
            times = medians(case, OURS, "ratio")
            bars = [at_most(times, limits[hook], "plain")] if hook in limits else []
            text = f"{what} that the filter rejects, {hook}"
            if not bars and times is not None:
                text += f": {times:.2f}x plain"
            figures = {"ours": ours, "pyccolo": medians(case, PYCCOLO, "observed"), "plain": plain, "bars": bars}
            group = f"code that the filter rejects, {hook}"
            told.append(row(text, ours, "it failed", group=group, **figures))
    return told + no_monitoring("code that the filter rejects")


def line_rows(medians: Any) -> list[Row]:
    told = []
    function = medians("lines|a trace function", PLAIN, "event")
    pyccolo = medians("lines|settrace star", PYCCOLO, "event")
    for kind, signature in SIGNATURES.items():
        for hook in HOOKS:
            ours = medians(f"lines|{hook} {kind}", OURS, "event")
            bars = [at_most(ratio(ours, function), 1, "a Python local trace function")]
            group = f"line, handler `{signature}`"
            figures = {"ours": ours, "pyccolo": pyccolo, "bars": bars, "group": group}
            told.append(row(f"line, {signature}, {hook}", ours, "it failed", **figures))
    told += no_monitoring("line")
    told.append(row("line, a local trace function that does nothing", function, "it failed", other=function))
    if MONITORING:
        value = medians("lines|callbacks", PLAIN, "event")
        told.append(row("line, a callback of sys.monitoring that does nothing", value, "it failed", other=value))
    return told


def further_rows(medians: Any) -> list[Row]:
    told = []
    for subject, event, way in (("opcodes", "opcode", "a trace function"), ("c_calls", "c_call", "a profile function")):
        for kind, signature in SIGNATURES.items():
            for hook in HOOKS:
                ours = medians(f"{subject}|{hook} {kind}", OURS, "event")
                told.append(row(f"{event}, {signature}, {hook}", ours, "it failed", ours=ours))
        told += no_monitoring(event)
        value = medians(f"{subject}|{way}", PLAIN, "event")
        told.append(row(f"{event}, {way} that does nothing", value, "it failed", other=value))
    return told
