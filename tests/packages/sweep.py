"""Weaves and compiles every Python file of some folders, and says what is not as plain compile() has it.

    python -m tests.packages.sweep [--step N] [--setting NAME ...] [--report FILE] [FOLDER ...]

The folders default to the standard library. A file counts if plain compile() takes it. It must then be woven and compiled in
each setting without an error, without a warning that plain compile() does not give, and with code objects that look alike:
the same names, flags, parameters, variables, cells and docstrings.
"""
import argparse
import contextlib
import json
import resource
import sys
import sysconfig
import time
import traceback
import warnings
from pathlib import Path

SETTINGS = {  # events (none: all of them), guards
    "before_stmt, guards": (("before_stmt",), True),
    "all events, guards": ((), True),
    "all events, no guards": ((), False),
}
DOCUMENTED = ("nested blocks", "levels deep")
RESERVED = "_X5ix"
LARGE = 256 << 20  # bytes that a single file may add to the peak of the process


def stdlib():
    """Where the standard library lies."""
    return Path(sysconfig.get_paths()["stdlib"])


def files(folders, step=1):
    """The Python files under the folders, in a fixed order; site-packages inside the standard library is not part of it."""
    found = []
    for folder in map(Path, folders):
        if folder.is_file():
            found.append(folder)
            continue
        paths = sorted(folder.rglob("*.py"))
        if folder == stdlib():
            paths = [path for path in paths if "site-packages" not in path.relative_to(folder).parts]
        found += paths
    return found[::step]


def make_tracer(pyc, events, guards):
    """The instance of an observing tracer for these events, of all woven ones if there are none."""
    from pyccolo_native import _native

    def observe(self, ret, *_, **__):
        pass

    woven = [row[0] for row in _native.event_table() if row[2] == "Ast" and not row[0].startswith("_")]
    for event in events or woven:
        pyc.register_handler(getattr(pyc, event))(observe)
    members = {"instrument_all_files": True, "global_guards_enabled": guards, "observe": observe}
    return type(pyc.BaseTracer)("Observing", (pyc.BaseTracer,), members).instance()


def plain_code(source, path):
    """The code of plain compile() and its warnings; None if it does not take the file."""
    with recorded() as caught:
        try:
            code = compile(source, path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, UnicodeDecodeError, RecursionError, MemoryError, OverflowError):
            return None, None
    return code, texts(caught)


@contextlib.contextmanager
def recorded():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def texts(caught):
    # A set: code in guarded regions is compiled twice, and warned of twice.
    return {(w.category.__name__, str(w.message), w.lineno) for w in caught}


def face(code):
    """What anybody can see of a code object but its instructions."""
    doc = code.co_consts[0] if code.co_consts and isinstance(code.co_consts[0], str) else None
    return (
        code.co_qualname,
        code.co_firstlineno,
        code.co_flags,
        (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount),
        # Comprehensions inlined into a class body keep the globals they use among its variables.
        tuple(name for name in code.co_varnames if not name.startswith(RESERVED)),
        code.co_cellvars,
        code.co_freevars,
        doc if is_documented(code) else None,
    )


def is_documented(code):
    """Does the first constant of such code stand for the docstring?"""
    return code.co_name != "<module>" and not code.co_name.startswith("<") and bool(code.co_flags & 0x2)


def faces(code):
    """The faces of the code and of all code inside it, without repetition: guarded regions are there twice."""
    seen, waiting = {}, [code]
    while waiting:
        one = waiting.pop()
        seen[face(one)] = None
        waiting += [constant for constant in one.co_consts if hasattr(constant, "co_code")]
    return set(seen)


def unlike(plain, woven):
    """Texts that say which code objects look otherwise."""
    expected, found = faces(plain), faces(woven)
    known = {its[:2] for its in expected}
    missing = sorted(expected - found, key=str)
    # What plain compile() drops because nothing reaches it is still there when an event may skip the `return` before it.
    added = sorted((its for its in found - expected if its[:2] in known), key=str)
    told = [f"looks otherwise: plain {its}" for its in missing[:3]]
    return told + [f"looks otherwise: woven {its}" for its in added[:3]]


def weave(source, path, plain, plain_warnings):
    """(what is wrong, seconds) of weaving one file for the active tracer."""
    from pyccolo_native.sandbox import compile_source

    problems = []
    with recorded() as caught:
        start = time.perf_counter()
        try:
            code = compile_source(source, path)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            return [f"{type(error).__name__}: {error}", *traceback.format_exc().splitlines()[-6:]], 0.0
        taken = time.perf_counter() - start
    for category, message, line in sorted(texts(caught) - plain_warnings):
        if not any(known in message for known in DOCUMENTED):
            problems.append(f"line {line}: {category}: {message}")
    return problems + unlike(plain, code), taken


def sweep(paths, settings, say=print):
    """Weaves the files in every setting. Gives counts, the problems by file and setting, and the slowest files."""
    import pyccolo_native as pyc

    tracers = {name: make_tracer(pyc, *SETTINGS[name]) for name in settings}
    woven, refused, problems, slow = 0, [], {}, []
    for number, path in enumerate(paths, 1):
        source, name = path.read_bytes(), str(path)
        code, plain_warnings = plain_code(source, name)
        if code is None:
            refused.append(name)
            continue
        woven += 1
        for setting, tracer in tracers.items():
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            with tracer:
                found, taken = weave(source, name, code, plain_warnings)
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
            if grown > LARGE + 400 * len(source):
                found.append(f"takes {grown >> 20} MB of memory for {len(source)} bytes of source")
            slow.append((taken, setting, name))
            if found:
                problems[f"{name} ({setting})"] = found
                say(f"{name} ({setting})", *found, sep="\n    ")
        del code
        if number % 200 == 0:
            say(f"… {number} of {len(paths)} files")
    return {"woven": woven, "refused": refused, "problems": problems, "slow": sorted(slow, reverse=True)[:10]}


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.packages.sweep", description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", default=[stdlib()], metavar="FOLDER")
    parser.add_argument("--step", type=int, default=1, help="take every so many-th file")
    parser.add_argument("--setting", action="append", choices=list(SETTINGS), help="only this one (may be repeated)")
    parser.add_argument("--report", metavar="FILE", help="write what was found as JSON")
    options = parser.parse_args(arguments)
    result = sweep(files(options.folders, options.step), options.setting or list(SETTINGS))
    print(f"{result['woven']} files woven, {len(result['refused'])} are refused by plain compile()")
    for taken, setting, name in result["slow"][:3]:
        print(f"  {taken:6.2f} s: {name} ({setting})")
    print(f"{len(result['problems'])} problems")
    if options.report:
        Path(options.report).write_text(json.dumps(result, indent=1))
    return bool(result["problems"])


if __name__ == "__main__":
    sys.exit(main())
