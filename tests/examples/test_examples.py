"""The examples, each on the program the demo runs it on, through the `pyc` command."""
import os
import subprocess
import sys
from pathlib import Path

import pyccolo_native

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
PACKAGE_PARENT = Path(pyccolo_native.__file__).resolve().parents[1]


def run(*command, cover=None, cwd=EXAMPLES):
    path = os.pathsep.join([str(EXAMPLES), str(PACKAGE_PARENT)])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
    environment.pop("COVER", None)
    if cover is not None:
        environment["COVER"] = cover
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8")


def plain(*arguments, **options):
    return run(sys.executable, *arguments, **options)


def pyc(*arguments, **options):
    return run(sys.executable, "-m", "pyccolo_native", *arguments, **options)


def rows_of(report):
    """{file: (statements, ran, rest of the line)} of a coverage report."""
    lines = [line.split(maxsplit=4) for line in report.splitlines() if not line.startswith((" ", "file"))]
    return {line[0]: (int(line[1]), int(line[2]), "".join(line[4:])) for line in lines}


def test_coverage_of_a_stdlib_module_leaves_its_output_as_it_is():
    arguments = ("-m", "json.tool"), ("--indent", "1", "programs/order.json")
    expected = plain(*arguments[0], *arguments[1])
    told = pyc(*arguments[0], "-t", "tracers.coverage.StatementCoverage", "--", *arguments[1], cover="json")
    assert told.returncode == expected.returncode == 0, told.stderr
    assert told.stdout == expected.stdout
    rows = rows_of(told.stderr)
    statements, ran, _ = rows[os.path.join("json", "tool.py")]
    assert 0 < ran < statements
    assert all(name.startswith("json") for name in rows), rows


def test_coverage_finds_the_lines_that_did_not_run(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        '"""Docstrings do not count."""\n'
        "from __future__ import annotations\n"
        "\n"
        "def f(x):\n"
        '    """Nor do these."""\n'
        "    global seen\n"
        "    if x:\n"
        "        seen = (1 +\n"
        "                2)\n"
        "        return seen\n"
        "    for i in range(2):\n"
        "        x = i\n"
        "    return x\n"
        "\n"
        "class C:\n"
        "    a = f(0)\n"
        "try:\n"
        "    f\n"
        "except ValueError:\n"
        "    pass\n"
        "print(C.a)\n"
    )
    told = pyc("program.py", "-t", "tracers.coverage.StatementCoverage", cwd=tmp_path)
    assert (told.returncode, told.stdout) == (0, "1\n"), told.stderr
    assert rows_of(told.stderr) == {"program.py": (13, 10, "8-10, 20")}


def test_coverage_says_what_ran_of_a_program_that_fails(tmp_path):
    (tmp_path / "program.py").write_text("x = 1\nraise SystemExit(x + 2)\nx = 2\n")
    told = pyc("program.py", "-t", "tracers.coverage.StatementCoverage", cwd=tmp_path)
    assert told.returncode == 3, told.stderr
    assert rows_of(told.stderr) == {"program.py": (3, 2, "3")}


def test_exact_floats_gives_decimal_results():
    assert "0.30000000000000004" in plain("programs/prices.py").stdout
    told = pyc("programs/prices.py", "-t", "tracers.exact.ExactFloats")
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [
        "0.1 + 0.2       = 0.3",
        "equal to 0.3?     True",
        "4.35 * 100      = 435.00",
        "the bill        = 4.9755",
    ]


def test_tour_prints_events_in_order_with_positions():
    told = pyc("programs/tour.py", "-t", "tracers.tour.Tour")
    assert (told.returncode, told.stdout) == (0, "20\n"), told.stderr
    lines = [line.split() for line in told.stderr.splitlines()]
    assert lines[:4] == [
        ["1:1-25", "before_stmt", "def", "area(width,", "height):"],
        ["7:1-8", "before_stmt", "side", "=", "4"],
        ["7:8-8", "after_int", "4", "4"],
        ["7:8-8", "after_assign_rhs", "4", "4"],
    ]
    assert ["4:12-25", "after_binop", "width", "*", "height", "20"] in lines


def test_two_tracers_report_on_one_run():
    arguments = ("-m", "calendar"), ("2024", "2")
    told = pyc(
        *arguments[0],
        "-t",
        "tracers.calls.CallCount",
        "-t",
        "tracers.coverage.StatementCoverage",
        "--",
        *arguments[1],
        cover="calendar",
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout == plain(*arguments[0], *arguments[1]).stdout
    assert "calendar.py" in told.stderr
    assert "Calendar.formatday" in told.stderr


def test_demo_runs_to_its_end(tmp_path):
    for name, command in (("pyc", '-m pyccolo_native "$@"'), ("python", '"$@"')):
        script = tmp_path / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {command}\n')
        script.chmod(0o755)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(PACKAGE_PARENT), "PYTHONIOENCODING": "utf-8"}
    told = subprocess.run(
        ["bash", str(EXAMPLES / "demo.sh")], env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "0.1 + 0.2       = 0.3\n" in told.stdout
    assert "Traceback" not in told.stdout + told.stderr
