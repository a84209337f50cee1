"""CoverageTracer: what it counts is what before_stmt fires for."""
import ast
import logging
import os
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path

import pyccolo_native as pyc
import pytest
from pyccolo_native.examples import CoverageTracer
from pyccolo_native.examples.coverage import FileCoverage, statements

PROGRAM = '''\
"""A docstring of a module counts."""
from __future__ import annotations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import decimal
else:
    decimal = None


def classify(n):
    """That of a function does not."""
    global last
    last = n
    if n > 0:
        return "positive"
    elif n == 0:
        return "zero"
    raise ValueError(n)


classify(0)
'''


@pytest.fixture
def coverage(tmp_path, fresh):
    def make(*files):
        return fresh(CoverageTracer).instance(files=files or [tmp_path])

    return make


def test_report_of_a_module(module, coverage):
    path = str(module("program", PROGRAM))
    tracer = coverage()
    with tracer:
        import program
    assert tracer.report() == [FileCoverage(path, 10, 12, [16, 19])]
    assert tracer.report()[0].ratio == 10 / 12
    assert tracer.stmt_count_by_fname == {path: 10}
    assert tracer.count_statements(path) == 12
    with tracer:
        assert program.classify(1) == "positive"
        with pytest.raises(ValueError):
            program.classify(-1)
    assert tracer.report() == [FileCoverage(path, 12, 12, [])]


def test_report_is_logged_when_tracing_ends(module, coverage, caplog):
    module("program", PROGRAM)
    with caplog.at_level(logging.WARNING), coverage():
        import program  # noqa: F401
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert "program.py" in told[0] and told[0].endswith("seen=  10, total=  12, ratio=0.833")
    assert told[1] == "1 files: seen=10, total=12, ratio=0.833"


def test_nothing_seen_is_told(coverage, caplog):
    with coverage():
        pyc.exec("x = 1")
    assert "no statement" in caplog.text
    assert CoverageTracer.instance().report() == []


class Askers(pyc.BaseTracer):
    """Which statements before_stmt can fire for: those its predicate is asked about."""

    asked = []

    @pyc.before_stmt(when=lambda node: Askers.asked.append(node), static=True)
    def never(self):
        pass


def asked_about(source):
    Askers.asked.clear()
    with Askers.instance().tracing_enabled(tracing_enabled_file="program.py"):
        Askers.instance().parse(source, filename="program.py")
    return {(node.lineno, node.col_offset) for node in Askers.asked}


def places(source):
    return {(node.lineno, node.col_offset) for node in statements(ast.parse(source))}


EXCEPTIONS = """
from __future__ import annotations
import pyc
def f(a):
    "doc"
    nonlocal_ = 1
    if a:
        global g
    for global_ in a:
        global h
    else:
        global i
    while a:
        global j
    async def only_doc():
        "doc"
    def inner():
        nonlocal a
        "no docstring"
    with pyc.tracing_disabled():
        left_alone = 1
    with open(a):
        "no docstring either"
    try: pass
    except* ValueError: pass
    else: pass
    finally: pass
    match a:
        case [1, *_]: "nor this"
class C:
    "doc"
    global k
"""


def test_statements_are_those_that_before_stmt_can_fire_for(fresh):
    fresh(Askers)
    assert places(EXCEPTIONS) == asked_about(EXCEPTIONS)
    assert len(places(EXCEPTIONS)) == 23
    library = Path(sysconfig.get_paths()["stdlib"])
    for name in ("dataclasses", "typing", "asyncio/tasks", "enum", "inspect", "tokenize", "contextlib"):
        source = (library / f"{name}.py").read_text("utf-8")
        assert places(source) == asked_about(source), name


def test_what_type_checkers_alone_read_is_left_out():
    source = "import typing as t\nif t.TYPE_CHECKING:\n    a = 1\n    if a:\n        b = 2\nelse:\n    c = 3\n"
    assert places(source) == {(1, 0), (2, 0), (7, 4)}


def test_files_may_be_folders_patterns_files_or_a_callable(module, fresh, tmp_path):
    paths = {str(module(f"package/{name}", "x = 1\n")) for name in ("a1", "a2", "b")}
    module("other", "import package.a1, package.a2, package.b\n")
    a1 = next(path for path in paths if path.endswith("a1.py"))

    def looked_at(files):
        tracer = fresh(CoverageTracer).instance(files=files)
        with tracer:
            import other  # noqa: F401
        for name in [name for name in sys.modules if name.split(".")[0] in ("other", "package")]:
            del sys.modules[name]
        CoverageTracer.clear_instance()
        return {row.filename for row in tracer.report()}

    assert looked_at([tmp_path / "modules" / "package"]) == paths
    assert looked_at("*/a?.py") == set()  # patterns are of whole paths, from the working directory on
    assert looked_at(f"{tmp_path}/*/a?.py") == {path for path in paths if path[-5] == "a"}
    assert looked_at([a1]) == {a1}
    assert looked_at(lambda name: name.endswith("b.py")) == {path for path in paths if path.endswith("b.py")}


def test_default_is_everything_outside_of_the_library():
    tracer = CoverageTracer()
    assert tracer.should_instrument_file("program.py")
    assert not tracer.should_instrument_file(subprocess.__file__)
    assert not tracer.should_instrument_file(pytest.__file__)
    assert not tracer.should_instrument_file("<string>")


def test_source_in_another_encoding(tmp_path):
    path = tmp_path / "latin.py"
    path.write_bytes("# coding: latin-1\nx = '\xe4'\n".encode("latin-1"))
    assert CoverageTracer().count_statements(str(path)) == 1


def test_a_statement_calls_the_handler_once(module, coverage):
    module("loop", "for i in range(100):\n    x = i\n")
    calls = []

    class Counting(CoverageTracer):
        @pyc.before_stmt
        def count(self, node):
            calls.append(node.lineno)
            return pyc.Disable

    tracer = Counting(files=coverage().files)
    with tracer:
        import loop  # noqa: F401
    assert calls == [1, 2]
    assert tracer.report()[0][1:3] == (2, 2)


def test_reset_begins_anew(module, coverage):
    path = module("program", PROGRAM)
    tracer = coverage()
    with tracer:
        import program
    tracer.reset()
    assert tracer.report() == [] and tracer.files == [path.parents[1]]
    with tracer:
        program.classify(0)
    assert tracer.stmt_count_by_fname == {str(path): 4}


def test_threads_and_functions(module, coverage):
    path = module("program", PROGRAM)
    import program

    tracer = coverage()
    traced = tracer.instrumented(program.classify)
    thread = threading.Thread(target=traced, args=(1,))
    thread.start()
    thread.join()
    assert tracer.report() == [FileCoverage(str(path), 3, 12, [1, 3, 5, 8, 11, 17, 18, 19, 22])]


def test_results_of_children_are_merged(module, coverage):
    path = str(module("program", PROGRAM))
    tracer = coverage()
    with tracer:
        import program  # noqa: F401
    tracer.merge_results({(path, 16, 8)})
    assert tracer.report() == [FileCoverage(path, 11, 12, [19])]


def test_with_the_command(module):
    path = module("program", PROGRAM)
    command = [sys.executable, "-m", "pyccolo_native", path.name, "-t", "pyccolo_native.examples.CoverageTracer"]
    told = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, env=with_package())
    assert (told.returncode, told.stdout) == (0, "")
    assert "seen=  10, total=  12, ratio=0.833" in told.stderr


def with_package():
    return {**os.environ, "PYTHONPATH": str(Path(pyc.__file__).parents[1])}
