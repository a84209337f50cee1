"""Builds the doctest cases of tests/native/**/*.cpp into an extension and runs them, in a process of their own."""
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN = "import sys, _native_tests; sys.exit(_native_tests.run(sys.argv[1:]))"


def test_doctest_cases(tmp_path):
    variant = os.environ.get("PYC_VARIANT", "quick")
    build = [sys.executable, ROOT / "tools/build_native.py", "--variant", variant, "--tests", "--compile-only"]
    built = subprocess.run(build, text=True, capture_output=True)
    assert built.returncode == 0, built.stdout + built.stderr

    soabi = subprocess.check_output([sys.executable, "-c", "import sysconfig as s; print(s.get_config_var('SOABI'))"])
    folder = ROOT / "build" / variant / soabi.decode().strip()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-c", RUN, "--no-colors"]
    ran = subprocess.run(command, env=environment, cwd=tmp_path, text=True, capture_output=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"test cases: +[1-9]", ran.stdout), "no test case was run:\n" + ran.stdout
