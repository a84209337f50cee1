"""Runs programs of the corpus in this process, plain or woven, and writes one line of JSON about each.

The request is one JSON object on stdin:

    library    "plain", or the module to weave with: "pyccolo_native", "pyccolo"
    sys_path   directories in front of sys.path, so that the library is found
    programs   paths, run in this order, each as a fresh module named __main__
    events     "all", or a list of event names
    guards     value of global_guards_enabled
    tracers    how many tracers are stacked, all with the same handlers
    handler    key of HANDLERS
    stored     the woven code is written to bytes and read again before it runs
    moment     "inside": run while the tracer is active; "left": run after it has left;
               "disabled": run with the tracer active and hard-disabled

The script imports nothing from the package it lies in: it is started with `python -P driver.py`.
"""

import ast
import builtins
import contextlib
import contextvars
import gc
import importlib
import io
import json
import linecache
import os
import re
import sys
import types
import warnings

RESERVED_PREFIX = "_X5ix"
LEFT_OUT = ("__builtins__", "__file__", "__conditional_annotations__")
"""What the interpreter puts into globals; the last numbers annotations in the order they are compiled, in loops twice."""
NOT_WOVEN = {
    "before_import",
    "after_import",
    "_load_saved_slice",
    "_load_saved_expr_stmt_ret",
    "line",
    "call",
    "return_",
    "exception",
    "opcode",
    "c_call",
    "c_return",
    "c_exception",
}
ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}")

fired = 0


def observe(self, ret, *_, **__):
    return None


def only_ret(self, ret):
    return None


def give_back(self, ret, *_, **__):
    return ret


def count(self, *_, **__):
    global fired
    fired += 1


def look_at_everything(self, ret, node, frame, event, local_guard, /, **kwargs):
    global fired
    fired += 1
    return (type(ret), type(node).__name__, frame.f_lineno, frame.f_code.co_name, str(event), local_guard, sorted(kwargs)) and None


class HandlerError(Exception):
    """What a handler raises: it may be reported through sys.unraisablehook, and must not reach the program."""


def raise_error(self, ret, *_, **__):
    raise HandlerError


HANDLERS = {f.__name__: f for f in (observe, only_ret, give_back, count, look_at_everything, raise_error)}


class Weaver:
    """Compiles and runs under tracers that listen to the asked events."""

    def __init__(self, request):
        pyc = importlib.import_module(request["library"])
        wanted = request["events"]
        names = [e.name for e in pyc.TraceEvent if e.name not in NOT_WOVEN] if wanted == "all" else wanted
        handler = HANDLERS[request["handler"]]
        members = {"instrument_all_files": True, "should_patch_meta_path": False, "global_guards_enabled": request["guards"]}
        self.tracers = []
        for number in range(request["tracers"]):
            for name in names:
                pyc.register_handler(getattr(pyc.TraceEvent, name))(handler)
            self.tracers.append(type(pyc.BaseTracer)(f"Observer{number}", (pyc.BaseTracer,), members).instance())
        self.moment = request["moment"]
        self.stored = request["stored"]

    def entered(self, method):
        """A context in which that method of every tracer has been entered, outermost first."""
        stack = contextlib.ExitStack()
        for tracer in self.tracers:
            stack.enter_context(getattr(tracer, method)())
        return stack

    def compile(self, source, path):
        with self.entered("tracing_enabled"):
            if self.stored:
                return self.restored(source, path)
            tree = self.tracers[-1].make_ast_rewriter(path).visit(ast.parse(source, path))
            return compile(tree, path, "exec", dont_inherit=True)

    def restored(self, source, path):
        from pyccolo_native import _native
        from pyccolo_native.sandbox import compile_with_rewrite

        if not isinstance(source, bytes):
            source = source.encode()
        code, rewrite = compile_with_rewrite(source, path, self.tracers[-1].make_ast_rewriter(path))
        try:
            stored = _native.store(rewrite, code)
        except ValueError as refusal:
            if "could not be woven" not in str(refusal):  # which is warned of each time, so nothing is kept
                raise
            return code
        return _native.restore(stored, source, path, True)[0]

    @contextlib.contextmanager
    def running(self):
        with contextlib.ExitStack() as stack:
            if self.moment != "left":
                stack.enter_context(self.entered("tracing_enabled"))
            if self.moment == "disabled":
                stack.enter_context(self.entered("tracing_disabled"))
            yield


class Plain:
    def compile(self, source, path):
        return compile(source, path, "exec", dont_inherit=True)

    def running(self):
        return contextlib.nullcontext()


def without_addresses(text):
    return ADDRESS.sub("0x…", text)


def fresh_main(path):
    module = types.ModuleType("__main__")
    module.__file__ = path
    module.__builtins__ = builtins
    return module


def program_traceback(traceback, path):
    """The part of a traceback that begins in the program: the driver's own frames are dropped."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename != path:
        traceback = traceback.tb_next
    return traceback


def frames_of(traceback):
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        position = list(code.co_positions())[traceback.tb_lasti // 2]
        frames.append([os.path.basename(code.co_filename), code.co_qualname, traceback.tb_lineno, list(position)])
        traceback = traceback.tb_next
    return frames


def report_uncaught(exception, path):
    """Exit status and frames, as the interpreter ends a program; the traceback is printed by its own hook."""
    traceback = program_traceback(exception.__traceback__, path)
    frames = frames_of(traceback)
    if isinstance(exception, SystemExit):
        if exception.code is None or isinstance(exception.code, int):
            return exception.code or 0, frames
        print(exception.code, file=sys.stderr)
        return 1, frames
    exception = exception.with_traceback(traceback)
    sys.__excepthook__(type(exception), exception, traceback)
    return 1, frames


def globals_of(module):
    """Names in the order of their definition, with reprs; what the interpreter put there is left out."""
    listed, reserved = [], []
    for name, value in list(vars(module).items()):
        if isinstance(name, str) and name.startswith(RESERVED_PREFIX):
            reserved.append(name)
        if name in LEFT_OUT:
            continue
        try:
            text = without_addresses(repr(value))
        except BaseException as error:
            text = f"<repr raised {type(error).__name__}>"
        listed.append([name, text])
    return listed, reserved


def report_unraisable(unraisable):
    """What handlers raise is not the program's doing; nor that they find no room at the limit of recursion."""
    if unraisable.exc_type not in (HandlerError, RecursionError):
        sys.__unraisablehook__(unraisable)


@contextlib.contextmanager
def captured(module):
    """Own stdout, stderr, argv and warning filters; __main__ is the program's module."""
    out, err = io.StringIO(), io.StringIO()
    saved = sys.stdout, sys.stderr, sys.argv, sys.modules["__main__"], sys.getrecursionlimit()
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("default")
        sys.stdout, sys.stderr, sys.argv, sys.modules["__main__"] = out, err, [module.__file__], module
        try:
            yield out, err
        finally:
            sys.stdout, sys.stderr, sys.argv, sys.modules["__main__"] = saved[:4]
            sys.setrecursionlimit(saved[4])


def compiled(weaver, source, path):
    """The code, and the warnings of the compiler."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", SyntaxWarning)
        code = weaver.compile(source, path)
    return code, [[str(w.message), w.lineno] for w in caught]


def run(path, weaver):
    global fired
    fired = 0
    with open(path, "rb") as file:
        source = file.read()
    try:
        code, compiler_warnings = compiled(weaver, source, path)
    except Exception as error:
        return {"failed_to_weave": f"{type(error).__name__}: {error}"}
    module = fresh_main(path)
    status, frames = 0, []
    with captured(module) as (out, err):
        with weaver.running():
            try:
                contextvars.copy_context().run(exec, code, vars(module))
            except BaseException as error:
                status, frames = report_uncaught(error, path)
                error.__traceback__ = None
                del error
        listed, reserved = globals_of(module)
        result = {
            "stdout": without_addresses(out.getvalue()),
            "stderr": without_addresses(err.getvalue()),
            "status": status,
            "frames": frames,
            "globals": listed,
            "reserved": reserved,
            "compiler_warnings": compiler_warnings,
            "fired": fired,
        }
        del code, module
        gc.collect()
    linecache.clearcache()
    return result


def main():
    results = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.unraisablehook = report_unraisable
    request = json.load(sys.stdin)
    sys.path[:0] = request["sys_path"]
    weaver = Plain() if request["library"] == "plain" else Weaver(request)
    for path in request["programs"]:
        result = run(path, weaver)
        result["program"] = os.path.basename(path)
        print(json.dumps(result), file=results, flush=True)


if __name__ == "__main__":
    main()
