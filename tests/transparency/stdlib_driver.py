"""Loads copies of standard library modules, plain or woven with every event, and exercises them.

The request is that of driver.py, with names of modules under "programs". One line of JSON per module on stdout.
"""

import doctest
import importlib.util
import inspect
import io
import json
import os
import sys
import traceback
import types
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from transparency import driver  # noqa: E402
from transparency.stdlib import EXERCISES  # noqa: E402


def load(name, without, weaver):
    """A second copy of the module, made from its source under a name of its own."""
    spec = importlib.util.find_spec(name)
    copy = types.ModuleType("copy_of_" + name.replace(".", "_"))
    copy.__file__ = spec.origin
    copy.__package__ = name if spec.submodule_search_locations else name.rpartition(".")[0]
    saved = {blocked: sys.modules.get(blocked) for blocked in without}
    sys.modules.update(dict.fromkeys(without))
    sys.modules[copy.__name__] = copy
    try:
        code = weaver.compile(Path(spec.origin).read_bytes(), spec.origin)
        with weaver.running():
            exec(code, vars(copy))
    finally:
        for blocked, module in saved.items():
            del sys.modules[blocked]
            if module is not None:
                sys.modules[blocked] = module
    return copy


def public_face(module):
    """Names in order, and of what is defined in the module itself kind, signature and docstring."""
    face = []
    for name, value in vars(module).items():
        if name.startswith("__") and name not in ("__all__", "__doc__", "__version__", "__annotations__"):
            continue
        line = [name, type(value).__name__]
        if getattr(value, "__module__", None) == module.__name__ and callable(value):
            line.append(value.__doc__ if isinstance(value.__doc__, str) else None)
            try:
                line.append(driver.without_addresses(str(inspect.signature(value))))
            except (TypeError, ValueError) as error:
                line.append(type(error).__name__)
        face.append(line)
    return face


def run_doctests(module, name):
    """[failed, attempted, report] of the module's own examples, which may use the module by its name."""
    out = io.StringIO()
    runner = doctest.DocTestRunner(verbose=False)
    for test in doctest.DocTestFinder().find(module, module.__name__, extraglobs={name: module}):
        runner.run(test, out=out.write)
    return [runner.failures, runner.tries, driver.without_addresses(out.getvalue())]


def run(name, weaver):
    exercise = EXERCISES[name]
    try:
        module = load(name, exercise.without, weaver)
    except Exception:
        return {"failed_to_load": traceback.format_exc()}
    result = {"face": public_face(module), "completed": False}
    with warnings.catch_warnings(), weaver.running():
        warnings.simplefilter("ignore")
        try:
            result["exercise"] = [driver.without_addresses(repr(part)) for part in exercise.function(module)]
            result["completed"] = True
        except Exception:
            result["exercise"] = [driver.without_addresses(traceback.format_exc())]
        result["doctests"] = run_doctests(module, name) if exercise.doctests else None
    return result


def main():
    results = os.fdopen(os.dup(1), "w", encoding="utf-8")
    request = json.load(sys.stdin)
    sys.path[:0] = request["sys_path"]
    weaver = driver.Plain() if request["library"] == "plain" else driver.Weaver(request)
    for name in request["programs"]:
        result = run(name, weaver)
        result["program"] = name
        print(json.dumps(result), file=results, flush=True)


if __name__ == "__main__":
    main()
