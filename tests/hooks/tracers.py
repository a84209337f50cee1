"""Tracers of interpreter events, and programs for them. Here, because the file a tracer is defined in is traced as well."""

import textwrap

import pyccolo_native as pyc

FILE = "<program>"


def make(hook, *handlers, **members):
    """A tracer of programs; a handler is (name of the event, function)."""
    body = {
        "sys_events": hook,
        "should_patch_meta_path": False,
        "should_instrument_file": lambda self, filename: filename == FILE,
        **members,
    }
    for number, (event, function) in enumerate(handlers):
        body[f"handle_{number}"] = pyc.register_handler(getattr(pyc.TraceEvent, event))(function)
    return type(pyc.BaseTracer)("Tracer", (pyc.BaseTracer,), body)()


def program(source, file=FILE, **names):
    """The names of some source after it has run."""
    names["__name__"] = "program"
    exec(compile(textwrap.dedent(source), file, "exec", dont_inherit=True), names)
    return names


def observer(seen, hook, *events, **members):
    """A tracer that writes down events and functions."""

    def note(self, frame, event):
        seen.append((event.value, frame.f_code.co_name))

    return make(hook, *((event, note) for event in events), **members)


def lines_of(seen, hook, **members):
    """A tracer that writes down the lines that run."""
    return make(hook, ("line", lambda self, frame: seen.append(frame.f_lineno)), **members)
