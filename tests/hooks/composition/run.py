"""Runs the scenarios of a file and prints, as JSON, where one differs under a tracer of ours: run.py FILE HOOK

A scenario is a function scenario_*(log, ours): it calls log(...) with what must stay the same, and may use ours() as a
context in which a tracer of ours is on. Each runs alone first, then with each tracer: within `ours()` only ("inside"), and
with the tracer on all the time ("around"). Where CPython itself does not keep what traces apart, a scenario's `exempt`
names beginnings of what is not compared, for each hook.
"""
import contextlib
import importlib.util
import io
import json
import sys
import threading
import traceback
from pathlib import Path

functions = {name: getattr(sys, name) for name in ("settrace", "gettrace", "setprofile", "getprofile")}


def run(scenario, ours):
    """What the scenario logs and prints."""
    entries = []
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            scenario(lambda *entry: entries.append(repr(entry)), ours)
        except BaseException as error:
            entries.append("".join(traceback.format_exception_only(error)))
    leave_everything()
    return [*entries, *printed.getvalue().splitlines()]


def leave_everything():
    functions["settrace"](None)
    functions["setprofile"](None)
    threading.settrace(None)
    threading.setprofile(None)


def what_is_left():
    """What stands where it must not, once every tracer has left."""
    left = [f"sys.{name} is {getattr(sys, name)!r}" for name, own in functions.items() if getattr(sys, name) is not own]
    for name in ("gettrace", "getprofile"):
        if functions[name]() is not None:
            left.append(f"sys.{name}() is {functions[name]()!r}")
    return left


def difference(plain, seen):
    if plain == seen:
        return None
    at = next((i for i, (a, b) in enumerate(zip(plain, seen)) if a != b), min(len(plain), len(seen)))
    return {"entry": at, "alone": plain[max(at - 3, 0) : at + 5], "with ours": seen[max(at - 3, 0) : at + 5]}


def compared(scenario, hook):
    from tests.hooks.composition import tracers

    # The first time, code is not specialised yet, and modules are imported.
    run(scenario, contextlib.nullcontext)
    plain = run(scenario, contextlib.nullcontext)
    assert plain and plain == run(scenario, contextlib.nullcontext), f"not the same twice: {plain}"
    found = {}
    exempt = getattr(scenario, "exempt", {}).get(hook, ())
    for way, tracer in tracers.ways(hook):
        for where in getattr(scenario, "where", ("inside", "around")):
            tracer.heard.clear()
            with tracer if where == "around" else contextlib.nullcontext():
                seen = run(scenario, contextlib.nullcontext if where == "around" else lambda: tracer)
            name = f"{way}, {where}"
            different = difference(plain, seen)
            if different and not name.startswith(exempt):
                found[name] = different
            if not tracer.heard and way not in tracers.DEAF:
                found[f"{name}: ours"] = "heard nothing"
            if left := what_is_left():
                found[f"{name}: left"] = left
                leave_everything()
    if after := difference(plain, run(scenario, contextlib.nullcontext)):
        found["alone again"] = after
    return found


def main(path, hook):
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    for name, scenario in vars(module).items():
        if name.startswith("scenario_"):
            print(json.dumps({"scenario": name, "found": compared(scenario, hook)}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
