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
    figures, page = tmp_path / "figures.json", tmp_path / "page.md"
    table = python("-m", "benchmarks.run", "--quick", "--area", "contexts", "--json", str(figures))
    assert "tracing_disabled()" in table.stdout
    result = json.loads(figures.read_text("utf-8"))
    area = result["areas"]["contexts"]
    assert area["failures"] == []
    assert all(row["ours"] or row["plain"] for row in area["rows"])

    page.write_text(PAGE)
    python("-m", "benchmarks.report", str(figures), str(page))
    text = page.read_text("utf-8")
    assert text.startswith("before\n") and text.endswith("after\n") and "stale" not in text
    assert "| at least 8 times faster than Pyccolo |" in text


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
