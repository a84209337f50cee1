"""Pyccolo's own tests, run on this library under the alias.

    python -m tests.reference.run [--clone FOLDER] [--pyccolo] [pytest arguments]

They are fetched from Pyccolo's repository, as its source distributions hold none, and kept in build/reference; `--clone` takes a
clone that is there, `--pyccolo` runs them on the installed Pyccolo instead. The status is the number of tests that do not pass.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from collections import Counter
from pathlib import Path

import pyccolo_native_alias as alias  # by itself it does not switch the alias on

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "reference"
REPOSITORY = "https://github.com/smacke/pyccolo"
COMMIT = "8555c4c28546538f76ac1ce16a9fad7e79f09178"  # 0.0.95
COUNT = 177
CLONE = "PYCCOLO_CLONE"
OPTIONS = ("-q", "--continue-on-collection-errors", "-p", "no:cacheprovider", "-p", "no:randomly", "--tb=short")
SECONDS = 1800

# Says so if the tests would run on the wrong library.
CONFTEST = """
import pyccolo

assert ("pyccolo_native" in pyccolo.__file__) is {ours!r}, pyccolo.__file__
"""


class Unavailable(RuntimeError):
    """The tests cannot be had: no network."""


def git(*arguments):
    ended = subprocess.run(["git", *map(str, arguments)], capture_output=True, text=True)
    if ended.returncode:
        raise Unavailable(f"git {' '.join(map(str, arguments))}\n{ended.stderr.strip()}")


def sources(clone=None):
    """The folder with a checkout of the commit; raises Unavailable."""
    place = FOLDER / COMMIT
    if not (place / "test").exists():
        shutil.rmtree(place, ignore_errors=True)
        git("init", "-q", place)
        git("-C", place, "fetch", "-q", "--depth", "1", clone or os.environ.get(CLONE) or REPOSITORY, COMMIT)
        git("-C", place, "-c", "advice.detachedHead=false", "checkout", "-q", "FETCH_HEAD")
    return place


def environment(ours):
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYCCOLO_"))}
    return alias.child_environment(plain) if ours else plain


def run(place, arguments=(), ours=True):
    """Runs the tests; gives {test: (outcome, what was said of it)}, an outcome being passed, failed, error or skipped."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(place / "test", folder / "test")
        (folder / "conftest.py").write_text(CONFTEST.format(ours=ours))
        (folder / "pytest.ini").write_text("[pytest]\n")
        record = folder / "record.xml"
        command = [sys.executable, "-m", "pytest", *OPTIONS, f"--junitxml={record}", *(arguments or ["test"])]
        ended = subprocess.run(
            command, cwd=folder, env=environment(ours), capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL
        )
        if not record.exists():
            raise RuntimeError(f"the tests ended with status {ended.returncode}\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}")
        return outcomes(record)


def outcomes(record):
    found = {}
    for case in xml.parse(record).iter("testcase"):
        test = "::".join(filter(None, (case.get("classname"), case.get("name"))))
        kinds = {"failure": "failed", "error": "error", "skipped": "skipped"}
        told = next((part for part in case if part.tag in kinds), None)
        found[test] = ("passed", "") if told is None else (kinds[told.tag], (told.get("message") or "").strip())
    return found


def report(found, tell=print):
    """Tells the counts, and what did not pass; gives how many."""
    others = {test: its for test, its in found.items() if its[0] != "passed"}
    for test, (outcome, message) in sorted(others.items()):
        tell(f"{outcome} {test}: {message.splitlines()[0] if message else ''}")
    counts = Counter(outcome for outcome, _ in found.values())
    tell(", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items())))
    return len(others)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.reference.run", description=__doc__.partition("\n")[0])
    parser.add_argument("--clone", help=f"a clone of {REPOSITORY} to take the tests from; or set {CLONE}")
    parser.add_argument("--pyccolo", action="store_true", help="run them on the installed Pyccolo")
    args, rest = parser.parse_known_args()
    return report(run(sources(args.clone), rest, ours=not args.pyccolo))


if __name__ == "__main__":
    sys.exit(main())
