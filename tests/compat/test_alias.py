"""The alias: two names for one library, from an import, an environment variable, a folder on the path, and in children."""
import json
import os

import pytest

import pyccolo_native_alias  # by itself it does not switch the alias on

from . import processes

SWITCHED_ON = {
    "import": (["-c", "import pyccolo_native.as_pyccolo; {}"], {}),
    "variable": (["-c", "import pyccolo_native; {}"], {"PYCCOLO_NATIVE_ALIAS": "1"}),
    "folder": (["-c", "{}"], {"PYTHONPATH": pyccolo_native_alias.FOLDER}),
}


def alias(source, **options):
    return processes.run("-c", source, **options).split()


@pytest.mark.parametrize("way", SWITCHED_ON)
def test_ways_to_switch_it_on(way, tmp_path):
    arguments, variables = SWITCHED_ON[way]
    source = "import pyccolo, pyccolo.utils; import pyccolo_native as ours; print(pyccolo is ours, pyccolo.utils is ours.utils)"
    environment = {**processes.plain_environment(), **variables}
    told = processes.run(*(its.format(source) for its in arguments), environment=environment, cwd=tmp_path)
    assert told == "True True\n"


def test_it_is_off_by_itself(tmp_path):
    source = "import sys, pyccolo_native; print([n for n in sys.modules if n.split('.')[0] == 'pyccolo'], pyccolo_native.__name__)"
    assert processes.run("-c", source, environment=processes.plain_environment(), cwd=tmp_path) == "[] pyccolo_native\n"


def test_both_names_are_of_the_same_modules():
    source = """
import sys, pyccolo.tracer, pyccolo_native.loaded, pyccolo.cache.store, importlib
import pyccolo_native._native, pyccolo._native, pyccolo
ours = [name for name in sys.modules if name.split(".")[0] == "pyccolo_native"]
assert len(ours) > 20
for name in ours:
    alias = name.replace("pyccolo_native", "pyccolo")
    module = sys.modules[name]
    assert sys.modules[alias] is module is importlib.import_module(alias), name
    assert module.__spec__.name == name and module.__name__ == alias and module.__package__ == module.__spec__.parent
"""
    assert alias(source) == []


def test_attributes_that_are_set_act_on_both():
    source = """
import pyccolo as pyc, pyccolo.emit_event, pyccolo_native as ours
pyccolo.emit_event.SANDBOX_FNAME_PREFIX = "<other"
pyc.exec = lambda *_, **__: "replaced"
import pyccolo_native.emit_event
print(ours.emit_event.SANDBOX_FNAME_PREFIX, ours.exec("x"), ours.execute("x"))
"""
    assert alias(source) == ["<other", "replaced", "replaced"]


def test_it_wins_over_an_installed_pyccolo(tmp_path):
    (tmp_path / "pyccolo").mkdir()
    (tmp_path / "pyccolo" / "__init__.py").write_text("print('the other')")
    (tmp_path / "pyccolo" / "only_there.py").write_text("")
    source = """
import sys; sys.path.insert(0, "")
import pyccolo_native.as_pyccolo, pyccolo, importlib.util
print(pyccolo.TraceEvent.load_name, importlib.util.find_spec("pyccolo.only_there"))
"""
    assert alias(source, cwd=tmp_path, environment=processes.plain_environment()) == ["load_name", "None"]


def test_a_pyccolo_that_is_imported_already_is_an_error(tmp_path):
    (tmp_path / "pyccolo").mkdir()
    (tmp_path / "pyccolo" / "__init__.py").write_text("")
    source = """
import sys; sys.path.insert(0, "")
import pyccolo
try:
    import pyccolo_native.as_pyccolo
except ImportError as error:
    print(error)
print(sys.modules["pyccolo"] is pyccolo, pyccolo.__file__)
"""
    told = processes.run("-c", source, cwd=tmp_path, environment=processes.plain_environment())
    assert "pyccolo is imported already, from " in told and "import pyccolo_native.as_pyccolo before" in told
    assert "PYCCOLO_NATIVE_ALIAS=1" in told and told.split("\n")[1].startswith("True ")


def test_specs():
    source = """
import importlib.util, sys
spec = importlib.util.find_spec("pyccolo.counting")
assert spec.name == "pyccolo.counting" and spec.has_location and spec.origin.endswith("counting.py"), spec
assert "pyccolo.counting" not in sys.modules
assert "def " in spec.loader.get_source("pyccolo.counting") and spec.loader.get_code("pyccolo.counting").co_filename == spec.origin
assert spec.loader.get_filename("pyccolo.counting") == spec.origin and spec.loader.is_package("pyccolo.counting") is False
assert importlib.util.find_spec("pyccolo.cache").submodule_search_locations
assert importlib.util.find_spec("pyccolo").submodule_search_locations
assert importlib.util.find_spec("pyccolo.no_such_module") is None
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
import pyccolo.counting
assert module is pyccolo.counting and module.__spec__.name == "pyccolo_native.counting"
"""
    assert alias(source) == []


def test_reload():
    source = """
import importlib, pyccolo, pyccolo.utils, pyccolo_native.utils
before = pyccolo.utils.clone_function
assert importlib.reload(pyccolo.utils) is pyccolo.utils is pyccolo_native.utils
assert pyccolo.utils.clone_function is not before and pyccolo.utils.clone_function.__module__ == "pyccolo.utils"
assert importlib.reload(pyccolo) is pyccolo is pyccolo_native and pyccolo.__name__ == "pyccolo"
"""
    assert alias(source) == []


def test_pkgutil_and_star_imports():
    source = """
import pkgutil, pyccolo, sys
from pyccolo import *
found = {its.name for its in pkgutil.iter_modules(pyccolo.__path__, "pyccolo.")}
assert {"pyccolo.tracer", "pyccolo.fast", "pyccolo.utils"} <= found and "pyccolo.shim" not in found, found
assert load_name is TraceEvent.load_name and tracer() is instance()
assert pkgutil.resolve_name("pyccolo.utils:clone_function") is pyccolo.utils.clone_function
assert pkgutil.get_data("pyccolo", "py.typed") == b""
"""
    assert alias(source) == []


def test_pickles_hold_the_names_of_pyccolo(tmp_path):
    dump = """
import pickle, sys, pyccolo as pyc, pyccolo.utils
data = pickle.dumps([pyc.load_name, pyc.BaseTracer, pyccolo.utils.clone_function, pyc.exec, pyc.Predicate], 0)
assert b"pyccolo_native" not in data and b"pyccolo.trace_events" in data
open("pickled", "wb").write(data)
"""
    load = """
import pickle, pyccolo as pyc
found = pickle.load(open("pickled", "rb"))
assert found == [pyc.load_name, pyc.BaseTracer, pyc.utils.clone_function, pyc.exec, pyc.Predicate] and found[0] is pyc.load_name
"""
    alias(dump, cwd=tmp_path)
    alias(load, cwd=tmp_path)
    pytest.importorskip("pyccolo")
    processes.run("-c", load, cwd=tmp_path, environment=processes.plain_environment())


def test_the_command(tmp_path):
    (tmp_path / "tracers.py").write_text(
        "import pyccolo as pyc\n"
        "class Loud(pyc.BaseTracer):\n"
        "    @pyc.after_int\n"
        "    def told(self, ret, *_, **__):\n"
        "        print(type(self).__mro__[1].__module__, ret)\n"
    )
    (tmp_path / "script.py").write_text("x = 7\n")
    assert processes.run("-m", "pyccolo", "script.py", "-t", "tracers.Loud", cwd=tmp_path) == "pyccolo.tracer 7\n"
    assert processes.run("-m", "pyccolo.version", cwd=tmp_path) == ""


CHILDREN = """
import multiprocessing, subprocess, sys
SOURCE = "import pyccolo, pyccolo_native; print(pyccolo is pyccolo_native)"

def look(_):
    import pyccolo, pyccolo_native
    return pyccolo is pyccolo_native

if __name__ == "__main__":
    print(subprocess.run([sys.executable, "-c", SOURCE], capture_output=True, text=True).stdout.strip())
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(look, [0]))
"""


def test_children_of_a_process_that_has_it_from_its_environment(tmp_path):
    (tmp_path / "program.py").write_text(CHILDREN)
    assert processes.run(tmp_path / "program.py", cwd=tmp_path).split("\n")[:2] == ["True", "[True]"]


def test_traced_children_have_the_alias_of_their_parent(tmp_path):
    (tmp_path / "tracers.py").write_text(
        "import pyccolo as pyc\n"
        "class Ints(pyc.BaseTracer):\n"
        "    trace_children = True\n"
        "    def should_instrument_file(self, filename):\n        return filename.endswith('work.py')\n"
        "    @pyc.after_int\n"
        "    def told(self, ret, *_, **__):\n"
        "        return ret + 1\n"
    )
    (tmp_path / "work.py").write_text("def work(_):\n    import pyccolo\n    return pyccolo.__name__, 7\n")
    (tmp_path / "program.py").write_text(
        "import multiprocessing\n"
        "if __name__ == '__main__':\n"
        "    import pyccolo_native.as_pyccolo, tracers, work\n"
        "    with tracers.Ints, multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.map(work.work, [0]))\n"
    )
    assert processes.run(tmp_path / "program.py", cwd=tmp_path, environment=processes.plain_environment()) == "[('pyccolo', 8)]\n"


def test_environment_for_children():
    made = pyccolo_native_alias.child_environment({"A": "1", "PYTHONPATH": os.pathsep.join(["here", pyccolo_native_alias.FOLDER, "there"])})
    assert made == {
        "A": "1",
        "PYCCOLO_NATIVE_ALIAS": "1",
        "PYTHONPATH": os.pathsep.join([pyccolo_native_alias.FOLDER, "here", "there"]),
    }
    assert pyccolo_native_alias.child_environment({})["PYTHONPATH"] == pyccolo_native_alias.FOLDER
    assert processes.run("-m", "pyccolo_native.as_pyccolo").strip() == pyccolo_native_alias.FOLDER


def test_a_process_that_does_not_ask_for_it_imports_nothing_more(tmp_path):
    """The line of the .pth file: `site` runs it in every process."""
    line = (processes.ROOT / "tools" / "pyccolo_native.pth").read_text()
    look = f"import sys; before = set(sys.modules); exec({line!r}); print(sorted(set(sys.modules) - before))"
    assert json.loads(processes.run("-c", look, environment=processes.plain_environment()).replace("'", '"')) == []
    switched_on = {**processes.plain_environment(), "PYCCOLO_NATIVE_ALIAS": "1"}
    look += "; print('pyccolo_native_alias' in sys.modules, 'pyccolo_native' in sys.modules)"
    look += "; import pyccolo; print(sys.modules['pyccolo_native'] is pyccolo)"
    told = processes.run("-c", look, environment=switched_on).split("\n")  # an installed package has run the line already
    assert told[1:3] == ["True False", "True"]
