"""Files with new syntax: what is kept of them has its marks again, and is found only by those who mean the same."""
import pytest

TRACERS = """
import pyccolo_native as pyc

class Pipes(pyc.BaseTracer):
    pipe = pyc.AugmentationSpec(pyc.AugmentationType.binop, "|>", "REPLACEMENT")
    seen = []

    def should_instrument_file(self, filename):
        return "woven" in filename

    @pyc.before_binop
    def operator(self, ret, node):
        self.seen.append((node.lineno, sorted(spec.token for spec in self.get_augmentations(node))))
        if self.pipe in self.get_augmentations(node):
            return lambda value, function: function(value)
        return ret

class Marked(Pipes):
    @pyc.register_raw_handler(pyc.after_binop, when=lambda node: Marked.get_augmentations(node))
    def after(self, ret, node_id, *_, **__):
        self.seen.append(("marked", len(self.get_augmentations(node_id))))
"""
PROGRAM = """
import sys
import tracers
tracer = getattr(tracers, sys.argv[1]).instance()
with tracer:
    import woven
print(woven.x, tracer.seen)
"""
MODULE = "é = 1 | 2\nx = (é, f'{3 |> str}', 3\n  |> float |> str)\n"


@pytest.fixture
def imported(project):
    project.write("tracers.py", TRACERS.replace("REPLACEMENT", "|"))
    project.write("woven.py", MODULE)
    project.write("program.py", PROGRAM)
    return project


@pytest.mark.parametrize("tracer", ["Pipes", "Marked"])
def test_the_second_import_is_like_the_first(imported, tracer):
    first = imported.run("program.py", tracer)
    assert first.startswith("(3, '3', '3.0') [(1, []), ")
    assert first.count("['|>']") == 3
    assert imported.run("program.py", tracer) == first
    assert len(imported.entries()) == (tracer == "Pipes")


def test_another_replacement_has_an_entry_of_its_own(imported):
    first = imported.run("program.py", "Pipes")
    imported.write("tracers.py", TRACERS.replace("REPLACEMENT", " @ "))
    assert imported.run("program.py", "Pipes") == first
    assert len(imported.entries()) == 2


def test_a_tracer_without_the_syntax_gets_its_error(imported):
    imported.run("program.py", "Pipes")
    imported.write("tracers.py", TRACERS.replace("pipe = ", "pipe = None and "))
    process = imported.start("program.py", "Pipes")
    _, err = process.communicate()
    assert process.returncode == 1 and "SyntaxError" in err and "|> str" in err
