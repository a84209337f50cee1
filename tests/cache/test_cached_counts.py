"""Counts and cached code: what is woven depends on events and predicates, not on what is done with them."""

TRACERS = """
import pyccolo_native as pyc

class Base(pyc.BaseTracer):
    def should_instrument_file(self, filename):
        return "counted" in filename

class Counting(Base):
    hits = pyc.count(pyc.after_int, by="site")
    lines = pyc.count(pyc.after_int, by="line")

class Handling(Base):
    calls = 0

    @pyc.after_int
    def handle(self):
        self.calls += 1
"""

PROGRAM = """
import sys
from tracers import *
tracer = globals()[sys.argv[1]].instance()
with tracer:
    import counted
print(sorted(place[1:] for place in tracer.hits), [line.lineno for line in tracer.lines]) if hasattr(tracer, "hits") else print(tracer.calls)
"""


def test_counts_of_cached_code(project):
    project.write("tracers.py", TRACERS)
    project.write("program.py", PROGRAM)
    project.write("counted.py", "x = 1\nfor _ in 'ab':\n    y = [2,\n  30]\n")
    places = "[(1, 4, 1, 5), (3, 9, 3, 10), (4, 2, 4, 4)] [1, 3, 4]\n"
    assert project.run("program.py", "Counting") == places
    stored = project.entries()
    assert len(stored) == 1
    assert project.run("program.py", "Counting") == places
    assert project.run("program.py", "Handling") == "5\n"
    assert project.entries() == stored, "a count and a handler of one event share what is woven"
