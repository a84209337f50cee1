"""Runs programs and writes down what the interpreter tells of them: python streams_driver.py WAY EVENTS FOLDER PROGRAM...

WAY      "none": nobody listens; "plain": functions of sys.settrace and sys.setprofile; "settrace", "monitoring": a tracer
         that uses this hook. A tracer without handlers is there always, so that builtins has the same names.
EVENTS   names of Pyccolo's events, with commas between
FOLDER   gets NAME.json for each program: {"stream": [[event, function, line, kind and text of its value, …], …],
         "output": …, "error": …}
"""

import contextlib
import gc
import io
import json
import re
import sys
import warnings
from pathlib import Path

import pyccolo_native as pyc

SIMPLE = (int, float, str, bytes, bool, type(None))
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
OF_FRAMES = ("call", "line", "return", "exception", "opcode")


def described(value):
    """The type of a value, and the value if two runs agree on it."""
    if type(value) in SIMPLE:
        return [type(value).__name__, ADDRESS.sub("", repr(value))]
    if type(value) is tuple and len(value) == 3 and isinstance(value[0], type) and issubclass(value[0], BaseException):
        lines, traceback = [], value[2]
        while traceback is not None:
            lines.append(traceback.tb_lineno)
            traceback = traceback.tb_next
        return ["raised", value[0].__name__, type(value[1]).__name__, lines]
    if type(value).__name__ in ("builtin_function_or_method", "method_descriptor"):
        return [type(value).__name__, value.__qualname__, type(getattr(value, "__self__", None)).__name__]
    return [type(value).__name__]


def entry(event, frame, value):
    told = [event, frame.f_code.co_name, frame.f_lineno, *described(value)]
    return [*told, frame.f_lasti] if event == "opcode" else told


@contextlib.contextmanager
def plain(events, path, stream):
    """The functions that anybody would write."""

    def on_call(frame, event, value):
        if frame.f_code.co_filename != path:
            return None
        frame.f_trace_opcodes = "opcode" in events
        if event in events:
            stream.append(entry(event, frame, value))
        return in_frame

    def in_frame(frame, event, value):
        if event in events:
            stream.append(entry(event, frame, value))
        return in_frame

    def on_c_call(frame, event, value):
        if event.startswith("c_") and event in events and frame.f_code.co_filename == path:
            stream.append(entry(event, frame, value))

    if events.intersection(OF_FRAMES):
        sys.settrace(on_call)
    if events.difference(OF_FRAMES):
        sys.setprofile(on_c_call)
    try:
        yield
    finally:
        sys.settrace(None)
        sys.setprofile(None)


@contextlib.contextmanager
def traced(way, events, path, stream):
    """A tracer of all the events."""
    class Tracer(pyc.BaseTracer):
        sys_events = way
        should_patch_meta_path = False

        def should_instrument_file(self, filename):
            return filename == path

        @pyc.register_handler(tuple(event for event in pyc.TraceEvent if event.value in events))
        def handle(self, ret, frame, event):
            if frame.f_code.co_filename != __file__:  # that of the tracer's class is instrumented, too
                stream.append(entry(event.value, frame, ret))

    tracer = Tracer()
    with tracer.tracing_enabled():
        assert tracer._sys_hook[0] == way
        yield


class Idle(pyc.BaseTracer):
    should_patch_meta_path = False


@contextlib.contextmanager
def nobody(events, path, stream):
    yield


def run(path, context, events):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        code = compile(Path(path).read_text("utf-8"), path, "exec", dont_inherit=True)
    module = sys.modules["__program__"] = type(sys)("__program__")
    module.__file__ = path
    stream, output, error = [], io.StringIO(), None
    gc.collect()
    gc.disable()
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), context(events, path, stream):
            exec(code, module.__dict__)
    except BaseException as caught:
        error = f"{type(caught).__name__}: {caught}"
    finally:
        gc.enable()
    return {"stream": stream, "output": ADDRESS.sub("", output.getvalue()), "error": error and ADDRESS.sub("", error)}


def main():
    way, events, folder, *programs = sys.argv[1:]
    if "opcode" in events:
        sys._getframe().f_trace_opcodes = True  # 3.12 heeds this from the next sys.settrace on, for all frames
    contexts = {"none": nobody, "plain": plain}
    context = contexts.get(way) or (lambda *args: traced(way, *args))
    for path in programs:
        with Idle().tracing_enabled():
            result = run(path, context, frozenset(events.split(",")))
        (Path(folder) / f"{Path(path).stem}.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
