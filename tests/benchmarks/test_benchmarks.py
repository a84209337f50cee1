"""The benchmarks run, and their figures get into a page. No time is asserted."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pyccolo_native

ROOT = Path(__file__).resolve().parents[2]
PACKAGE_PARENT = Path(pyccolo_native.__file__).resolve().parents[1]
PAGE = "before\n<!-- figures: written by python -m benchmarks.report -->\nstale figures\n<!-- end of figures -->\nafter\n"


def python(*arguments, cwd=ROOT):
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE_PARENT), "PYTHONIOENCODING": "utf-8"}
    told = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert told.returncode == 0, told.stderr
    return told


def test_an_area_is_measured_and_reported(tmp_path):
    figures, page, moving = tmp_path / "figures.json", tmp_path / "page.md", tmp_path / "moving.md"
    table = python("-m", "benchmarks.run", "--quick", "--area", "contexts", "--json", str(figures))
    assert "tracing_disabled()" in table.stdout
    result = json.loads(figures.read_text("utf-8"))
    area = result["areas"]["contexts"]
    assert area["failures"] == []
    assert all(row["ours"] or row["plain"] for row in area["rows"])

    page.write_text(PAGE)
    moving.write_text("<!-- gains: written by python -m benchmarks.report -->\n<!-- end of gains -->\n", "utf-8")
    python("-m", "benchmarks.report", str(figures), str(page), str(moving))
    assert "| enter and leave" in moving.read_text("utf-8")
    text = page.read_text("utf-8")
    assert text.startswith("before\n") and text.endswith("after\n") and "stale" not in text
    assert "| at least 8 times faster than Pyccolo |" in text


def test_events_of_the_interpreter_are_measured_beside_other_tools(tmp_path):
    figures = tmp_path / "figures.json"
    python("-m", "benchmarks.run", "--quick", "--area", "sys_events", "--json", str(figures))
    result = json.loads(figures.read_text("utf-8"))
    area = result["areas"]["sys_events"]
    assert area["failures"] == []
    rows = {row["what"]: row for row in area["rows"]}
    for what, row in rows.items():
        measured = row["ours"] or row["pyccolo"] or row["plain"] or row["other"]
        assert bool(measured) != ("not measured: " in what), what
    for tool in ("hunter", "viztracer"):
        found = [row for what, row in rows.items() if f", {tool}" in what]
        assert found and all(bool(row["other"]) == bool(result["others"][tool]["version"]) for row in found)
    assert any(row["bars"] and row["ours"] for row in rows.values())


def test_figures_that_are_not_there_are_told_of():
    """Where a tool is not installed, or the library cannot count, a row says so."""
    program = (
        "import importlib.util\n"
        "from benchmarks import figures, run, sys_events\n"
        "find_spec = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name: None if name in ('hunter', 'viztracer') else find_spec(name)\n"
        "assert not {'hunter', 'viztracer'} & run.find_modules('pyccolo_native').keys()\n"
        "lacking = lambda case, peer, figure: 1.0 if figure == 'lacking' and case.endswith(' count') else None\n"
        "print(figures.table(row.as_json() for row in sys_events.rows(lacking, True)))\n"
    )
    table = python("-c", program).stdout
    assert "viztracer: not measured: viztracer is not installed" in table
    assert "hunter, an action that does nothing: not measured: hunter is not installed" in table
    assert "counted by code, settrace: not measured: the library has no count()" in table


def test_every_area_names_its_cases():
    program = (
        "import importlib; from benchmarks.run import AREAS\n"
        "for name in AREAS:\n"
        "    area = importlib.import_module(f'benchmarks.{name}')\n"
        "    assert area.cases(True) and area.TITLE and area.ROUNDS and area.prepare, name\n"
        "    rows = area.rows(lambda case, peer, figure: None, True)\n"
        "    assert all(bar.holds is None for row in rows for bar in row.bars), name\n"
    )
    python("-c", program)
