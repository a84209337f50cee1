"""Runs a program under tracers of interpreter events, and writes down what their handlers are told. For recorder.py.

Request    {"op": "sys", "tracers": source, "source": program, "drop": names of events}
  tracers  defines TRACERS, instances that are enabled in this order, and may define FOREIGN, set with sys.settrace before;
           it finds pyc, Base (a tracer class), note (call it with a handler's event, frame and ret), say (a word for the
           stream) and observer (a tracer class that notes the events it is given)
  source   the program; if it defines main, its body runs unseen, then main() is called
Answer     {"stream": [[event, function, line, value], …], "error": type and text, or null}
"""

import contextlib
import io
import sys
import types

FILE = "<program>"


class Notes:
    """The stream, and what tracers of both libraries are made with."""

    def __init__(self, pyc, describe):
        self.pyc, self.describe = pyc, describe
        self.stream = []

    def note(self, event, frame, value):
        if frame.f_code.co_filename != FILE:
            return
        if isinstance(value, tuple) and len(value) == 3 and isinstance(value[2], types.TracebackType):
            value = [value[0].__name__, self.describe(value[1]), value[2].tb_lineno]
        else:
            value = self.describe(value)
        self.stream.append([str(getattr(event, "value", event)), frame.f_code.co_name, frame.f_lineno, value])

    def say(self, word):
        self.stream.append([word])

    def observer(self, *events, name=None):
        notes = self

        def handle(tracer, ret, node, frame, event, *_, **__):
            if name is not None:
                notes.say(name)
            notes.note(event, frame, ret)

        for event in events:
            self.pyc.register_handler(getattr(self.pyc.TraceEvent, event))(handle)
        return type(self.pyc.BaseTracer)("Observer", (self.pyc.BaseTracer,), MEMBERS)


MEMBERS = {"should_patch_meta_path": False, "should_instrument_file": lambda self, filename: filename == FILE}


def answer(pyc, request, describe, names):
    notes = Notes(pyc, describe)
    base = type(pyc.BaseTracer)("Base", (pyc.BaseTracer,), MEMBERS)
    scope = {"pyc": pyc, "Base": base, "note": notes.note, "say": notes.say, "observer": notes.observer, "FILE": FILE}
    exec(compile(request["tracers"], "<tracers>", "exec"), scope)
    code = compile(request["source"], FILE, "exec", dont_inherit=True)
    names.update({"pyc": pyc, "TRACERS": scope["TRACERS"]})
    run = lambda: exec(code, names)  # noqa: E731
    if "def main(" in request["source"]:
        exec(code, names)
        run = names["main"]
    error = None
    contexts = [tracer.tracing_enabled() for tracer in scope["TRACERS"]]
    with contextlib.redirect_stdout(io.StringIO()):
        sys.settrace(scope.get("FOREIGN"))
        try:
            for context in contexts:
                context.__enter__()
            try:
                run()
            except Exception as raised:
                error = describe(raised)
            finally:
                for context in reversed(contexts):
                    context.__exit__(None, None, None)
        finally:
            sys.settrace(None)
    return {"stream": notes.stream, "error": error}
