"""A program that imports in every way there is, and prints all that can be seen of it."""
import contextlib
import importlib
import importlib.machinery
import importlib.resources
import importlib.util
import inspect
import io
import json
import linecache
import os
import pickle
import pkgutil
import re
import runpy
import sys
import threading
import traceback
import warnings
from importlib.machinery import SourceFileLoader

HERE = os.path.dirname(os.path.abspath(__file__))
seen = {}


def plain_text(value):
    return re.sub(r"0x[0-9a-f]+", "0x", str(value))


def of_loader(loader):
    kind = loader if isinstance(loader, type) else type(loader)
    told = [kind.__name__, kind.__qualname__, kind.__module__, kind is SourceFileLoader, isinstance(loader, SourceFileLoader)]
    told.append([base.__name__ for base in kind.__mro__])
    told.append(plain_text(loader))
    told.append(plain_text(sorted(vars(loader))) if not isinstance(loader, type) else None)
    if kind is SourceFileLoader:
        copy = pickle.loads(pickle.dumps(loader))
        told += [copy == loader, hash(copy) == hash(loader), vars(copy)]
    told.append([name for name in dir(loader) if not name.startswith("__")])
    return told


def of_spec(spec):
    fields = ("name", "origin", "cached", "has_location", "parent", "loader_state")
    locations = spec.submodule_search_locations
    return [plain_text(spec), *(getattr(spec, name) for name in fields), None if locations is None else list(locations), of_loader(spec.loader)]


def of_module(module):
    names = ("__name__", "__file__", "__cached__", "__package__", "__doc__", "__path__")
    told = [plain_text(module), *(plain_text(getattr(module, name, "none")) for name in names)]
    told += [module.__loader__ is module.__spec__.loader, of_spec(module.__spec__), sorted(vars(module))]
    for function in (inspect.getsource, inspect.getfile, inspect.getsourcefile, inspect.getmodulename):
        try:
            told.append(function(module if function is not inspect.getmodulename else module.__file__))
        except (OSError, TypeError, AttributeError) as error:
            told.append(plain_text(repr(error)))
    with contextlib.suppress(AttributeError, ImportError):
        told.append([module.__loader__.get_source(module.__name__), module.__loader__.is_package(module.__name__)])
    linecache.checkcache()
    told.append(linecache.getline(getattr(module, "__file__", None) or "", 2, vars(module)))
    return told


def note(name, value):
    seen[name] = value


def note_module(name):
    note(name, of_module(sys.modules[name]))


def failing(name, how):
    try:
        how()
    except BaseException:
        note(name, plain_text(traceback.format_exc()).splitlines())
    else:
        note(name, "did not fail")


# packages
import ordinary
import ordinary.deep.leaf
from ordinary import part

for module in ("ordinary", "ordinary.part", "ordinary.deep", "ordinary.deep.leaf"):
    note_module(module)
note("functions", [inspect.getsource(part.function), inspect.getsource(part.Class), part.function(3), part.Class().method()])
note("code", [part.function.__code__.co_filename, part.function.__code__.co_firstlineno, part.function.__code__.co_name])
note("get_data", [pkgutil.get_data("ordinary", "data.txt").decode(), importlib.resources.files("ordinary").joinpath("data.txt").read_text()])
note("iter_modules", [[info.name, info.ispkg] for info in pkgutil.iter_modules(ordinary.__path__)])
note("walk_packages", [[info.name, info.ispkg] for info in pkgutil.walk_packages(ordinary.__path__, "ordinary.")])

# namespace packages, archives
import spaced.inner

note_module("spaced")
note_module("spaced.inner")
sys.path.append(os.path.join(HERE, "archive.zip"))
import zipped
import zipped.inside

note_module("zipped")
note_module("zipped.inside")
note("zip data", zipped.__loader__.get_data(os.path.join(zipped.__loader__.archive, "zipped", "note.txt")).decode())

# encodings
import latin
import marked

note("encodings", [ascii(latin.text), ascii(marked.text)])
note_module("latin")

# found but not imported; direct loading
note("find_spec", of_spec(importlib.util.find_spec("unloaded")))
spec = importlib.util.spec_from_file_location("by_location", os.path.join(HERE, "unloaded.py"))
module = importlib.util.module_from_spec(spec)
note("before", of_module(module))
spec.loader.exec_module(module)
note("after", of_module(module))
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    if sys.version_info < (3, 15):
        note("load_module", of_module(SourceFileLoader("loaded", os.path.join(HERE, "unloaded.py")).load_module()))
lazy_spec = importlib.util.find_spec("lazy")
lazy_spec.loader = importlib.util.LazyLoader(lazy_spec.loader)
lazy = importlib.util.module_from_spec(lazy_spec)
sys.modules["lazy"] = lazy
lazy_spec.loader.exec_module(lazy)
note("lazy before", [object.__repr__(lazy)[:7], sorted(object.__getattribute__(lazy, "__dict__"))])
note("lazy value", lazy.value)
note("lazy", of_module(lazy))
note("__import__", plain_text(__import__("ordinary.part", fromlist=["function"])))
note("reload", of_module(importlib.reload(part)))

# who is on the stack
import stacked

note("stack", stacked.stack)
importlib.reload(stacked)
note("stack of a reload", stacked.stack)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import warning
note("warnings", [[str(entry.message), entry.filename, entry.lineno] for entry in caught])

# circular imports, threads
import circle_one

note("circle", [circle_one.names, sys.modules["circle_two"].names])
threads = [threading.Thread(target=importlib.import_module, args=(name,)) for name in ("thread_one", "thread_two")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
note("threads", [sys.modules[name].value for name in ("thread_one", "thread_two", "thread_three")])

# failures
def statement(name):
    exec(compile(f"import {name}", f"<import {name}>", "exec"), {})


for name in ("raising", "broken", "bad_bytes", "bad_cookie", "missing_inside", "not_there", "ordinary.not_there", "exiting"):
    failing(f"import {name}", lambda: statement(name))
    failing(f"import_module {name}", lambda: importlib.import_module(name))
failing("from import", lambda: exec("from ordinary import nothing", {}))


class Failing:
    def find_spec(self, name, path=None, target=None):
        if name == "unfindable":
            raise ValueError(f"stack of {len(inspect.stack())}")


sys.meta_path.append(Failing())
failing("find_spec raises", lambda: statement("unfindable"))
failing("find_spec raises for import_module", lambda: importlib.import_module("unfindable"))
sys.meta_path.pop()

# without source
import json.decoder

note("stdlib", of_module(json.decoder))
note("kinds", [of_spec(importlib.util.find_spec(name)) for name in ("sys", "_imp", "zipimport", "math")])
import sourceless

note("sourceless", [sourceless.value, of_spec(sourceless.__spec__)])

# runpy
output = io.StringIO()
with contextlib.redirect_stdout(output):
    made = runpy.run_path(os.path.join(HERE, "script.py"), {"given": 1}, run_name="chosen")
    relative = runpy.run_path(os.path.relpath(os.path.join(HERE, "script.py")))
    main = runpy.run_module("ordinary", run_name="__main__", alter_sys=True)
    again = runpy.run_path(os.path.join(HERE, "ordinary"))
names = ("__name__", "__file__", "__cached__", "__package__", "__spec__", "__loader__", "__doc__")
for name, result in (("run_path", made), ("relative", relative), ("run_module", main), ("folder", again)):
    note(name, [plain_text(result.get(key)) for key in names] + [result["value"], sorted(result)])
note("runpy output", plain_text(output.getvalue()))
failing("run_path of broken source", lambda: runpy.run_path(os.path.join(HERE, "broken.py")))
failing("run_path of raising source", lambda: runpy.run_path(os.path.join(HERE, "raising.py")))
failing("run_module that is not there", lambda: runpy.run_module("not_there"))

note("flags", [sys.flags.optimize, __debug__, part.checked, part.documented])
print(json.dumps(seen, indent=1, default=plain_text))
