"""Tracers for the scenarios: imported by the processes that run them."""
from collections import defaultdict

import pyccolo_native as pyc

# What a tracer may have handlers for, and so what is set in its name.
EVENTS = {
    "calls": ("call", "return_"),
    "lines": ("line",),
    "opcodes": ("call", "line", "return_", "exception", "opcode"),
    "c": ("c_call", "c_return", "c_exception"),
    "all": ("call", "line", "return_", "exception", "opcode", "c_call", "c_return", "c_exception"),
}


def _counts(event):
    """It calls nothing that is written in Python: there may be no stack left."""

    def handler(self, ret, node, frame, /, *_, **__):
        self.heard[event] += 1

    return getattr(pyc, event)(handler)


def tracer_class(hook, events, name="Ours", **body):
    """A class of tracers that count what they hear, of every file, in `heard`."""
    handlers = {f"on_{event}": _counts(event) for event in events}
    attributes = {"instrument_all_files": True, "sys_events": hook, "heard": defaultdict(int), **handlers, **body}
    return type(name, (pyc.BaseTracer,), attributes)


def leaving(hook):
    """A tracer whose handler leaves each frame that begins."""

    @pyc.call
    def leave(self, ret, *_, **__):
        self.heard["call"] += 1
        return pyc.Null

    return tracer_class(hook, ("line", "return_"), leave=leave)


def with_local_functions(hook):
    """A tracer whose handler leaves a function to be called in each frame."""

    @pyc.call
    def enter(self, ret, *_, **__):
        def local(frame, event, arg):
            self.heard[event] += 1
            return local

        return local

    return tracer_class(hook, (), enter=enter)


class Stack:
    """Two tracers: the one entered first is left first."""

    def __init__(self, hook):
        self.tracers = [
            tracer_class(hook, EVENTS["calls"], "Outer").instance(),
            tracer_class(hook, EVENTS["opcodes"], "Inner").instance(),
        ]
        self.heard = self.tracers[1].heard

    def __enter__(self):
        for tracer in self.tracers:
            tracer.__enter__()

    def __exit__(self, *raised):
        for tracer in self.tracers:
            tracer.__exit__(*raised)


def of_no_file(hook):
    """A tracer that follows nothing of what the scenarios do."""

    def should_instrument_file(self, filename):
        return False

    return tracer_class(
        hook, EVENTS["all"], instrument_all_files=False, should_instrument_file=should_instrument_file
    )


def of_other_files(hook):
    """A tracer that follows the standard library, and not the scenarios."""

    def should_instrument_file(self, filename):
        return "scenarios" not in filename

    return tracer_class(
        hook, EVENTS["calls"], instrument_all_files=False, should_instrument_file=should_instrument_file
    )


# Tracers that need not hear anything.
DEAF = ("no file", "other files")


def ways(hook):
    """name: what makes a context in which a tracer is on."""
    for name, events in EVENTS.items():
        yield name, tracer_class(hook, events).instance()
    yield "threads", tracer_class(hook, EVENTS["all"], multiple_threads_allowed=True).instance()
    yield "leaving", leaving(hook).instance()
    yield "local", with_local_functions(hook).instance()
    yield "two", Stack(hook)
    yield "no file", of_no_file(hook).instance()
    yield "other files", of_other_files(hook).instance()
