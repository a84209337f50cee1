"""The names that programs take from Pyccolo, and all public names of its modules, are here, or in a table with the reason."""
import importlib.util
import json

import pytest

from . import processes
from .names import ABSENT, ABSENT_FROM_TRACERS, ABSENT_MODULES, MODULES, PACKAGE, TRACER

# Prints which of {module: names} the alias does not have; a module that is missing is told as such.
LOOK = """
import importlib, json, sys
missing = {}
for module, names in json.loads(sys.argv[1]).items():
    try:
        its = importlib.import_module(f"pyccolo.{module}" if module else "pyccolo")
    except ModuleNotFoundError as error:
        missing[module] = [str(error)]
        continue
    absent = []
    for name in names:
        try:
            getattr(its, name)
        except (AttributeError, ImportError):
            absent.append(name)
    if absent:
        missing[module] = absent
print(json.dumps(missing))
"""
LOOK_AT_TRACERS = """
import json, sys, pyccolo
tracer = pyccolo.NoopTracer.instance()
print(json.dumps([name for name in json.loads(sys.argv[1]) if not hasattr(tracer, name)]))
"""


def look(names):
    return processes.evaluated("-c", LOOK, json.dumps(names))


@pytest.fixture(scope="module")
def reference():
    if importlib.util.find_spec("pyccolo") is None:
        pytest.skip("needs the Pyccolo of requirements-dev.txt to compare with")
    return processes.evaluated(processes.HERE / "introspection.py", environment=processes.plain_environment())


def test_names_that_programs_use():
    assert look({"": PACKAGE, **MODULES}) == {}


def test_attributes_of_tracers_that_programs_use():
    assert processes.evaluated("-c", LOOK_AT_TRACERS, json.dumps(TRACER)) == []


def test_public_names_of_every_module(reference):
    names = {module: its for module, its in reference["modules"].items() if module not in ABSENT_MODULES}
    missing = look(names)
    unexplained = {module: [name for name in its if name not in ABSENT.get(module, ())] for module, its in missing.items()}
    assert {module: its for module, its in unexplained.items() if its} == {}


def test_what_is_said_to_be_absent_is(reference):
    assert set(look({module: [] for module in ABSENT_MODULES})) == set(ABSENT_MODULES)
    present = {module: set(its) - set(look({module: its}).get(module, ())) for module, its in ABSENT.items()}
    assert {module: its for module, its in present.items() if its} == {}


def test_public_attributes_of_tracers(reference):
    missing = set(processes.evaluated("-c", LOOK_AT_TRACERS, json.dumps(reference["tracer"])))
    assert missing - ABSENT_FROM_TRACERS.keys() == set()
    assert ABSENT_FROM_TRACERS.keys() & set(reference["tracer"]) - missing == set(), "absent without being so"


def test_events_and_what_a_star_import_gives(reference):
    program = "import json; from pyccolo import *; print(json.dumps([n for n in sorted(globals()) if n[0] != '_']))"
    given = set(processes.evaluated("-c", program))
    assert set(reference["all"]) - given - {"__version__"} == set()
    assert look({"": reference["events"], "trace_events": []}) == {}
