"""Packages run their own tests, plain and under a tracer with every event on, and the outcomes are compared.

    python -m tests.packages.run_suite [--short] [--tracer NAME] [--git NAME=FOLDER] [--folder FOLDER] [PACKAGE ...]

Each package has a virtual environment of its own under the folder, made with this Python and pip. A package that has no
tests on PyPI is cloned from its repository; `--git rich=FOLDER` takes a clone that is there.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

from .suites import PYTEST, SUITES

ROOT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).resolve().parent / "inside"
FOLDER = ROOT / "build" / "packages" / f"{sys.version_info[0]}.{sys.version_info[1]}"
TRACERS = ("AllEvents", "Looking", "Statements")
# Rewritten by pytest, test modules would have a loader of its own, and stay as they are.
OPTIONS = ("--assert=plain", "-p", "no:cacheprovider", "-q")
SECONDS = 3 * 3600  # for one run of one suite
SHOWN = 5


class Unavailable(RuntimeError):
    """What is needed cannot be had: no network, or the package index does not have it."""


class Environment:
    """Where one package is installed, with its sources."""

    def __init__(self, suite, folder, clone=None):
        self.suite, self.folder, self.clone = suite, Path(folder) / suite.name, clone
        self.python = self.folder / "venv" / "bin" / "python"
        self.library = self.folder / "library"

    def prepare(self):
        """Installs and unpacks what is not there. Raises Unavailable."""
        ready = self.folder / f"ready-{self.suite.version}"
        if not ready.exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            command([sys.executable, "-m", "venv", self.folder / "venv"])
            self.pip("install", PYTEST, f"{self.suite.name}=={self.suite.version}", *self.suite.needs)
            self.unpack()
            ready.touch()
        # Nothing else of this project comes within the reach of the package's imports.
        import pyccolo_native

        shutil.rmtree(self.library, ignore_errors=True)
        self.library.mkdir()
        (self.library / "pyccolo_native").symlink_to(Path(pyccolo_native.__file__).resolve().parent)

    def pip(self, *arguments):
        command([self.python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments])

    def unpack(self):
        suite = self.suite
        if suite.source == "wheel":
            (self.folder / "sources").mkdir()
        elif suite.source == "sdist":
            downloads = self.folder / "downloads"
            self.pip("download", "--no-deps", "--no-binary", ":all:", "-d", downloads, f"{suite.name}=={suite.version}")
            with tarfile.open(next(downloads.iterdir())) as archive:
                archive.extractall(self.folder / "unpacked", filter="data")
            next((self.folder / "unpacked").iterdir()).rename(self.folder / "sources")
        else:
            tag = suite.tag.format(version=suite.version)
            origin = self.clone or suite.source
            command(["git", "-c", "advice.detachedHead=false", "clone", "-q", "--depth", "1", "-b", tag, origin, self.folder / "sources"])

    def roots(self):
        """What is instrumented: the tests, and the packages of the environment."""
        packages = self.folder / "venv" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        found = [str(self.folder / "sources") + os.sep]
        for name in self.suite.imports or (self.suite.name,):
            found.append(str(packages / name) + (os.sep if (packages / name).is_dir() else ".py"))
        return found

    def configuration(self):
        """Installed tests have no configuration of their own: without one, pytest would find that of a folder above."""
        if self.suite.source != "wheel":
            return ()
        empty = self.folder / "sources" / "pytest.ini"
        empty.write_text("[pytest]\n")
        return "-c", str(empty), "--rootdir", str(empty.parent)

    def run(self, selection, tracer=""):
        """Runs the tests, under the tracer of that name or plain; gives what was recorded, with the seconds it took."""
        record = self.folder / f"record-{tracer or 'plain'}.json"
        record.unlink(missing_ok=True)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))},
            "PYTHONPATH": str(self.library),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONFAULTHANDLER": "1",
            "PACKAGES_TRACER": tracer,
            "PACKAGES_ROOTS": os.pathsep.join(self.roots()),
            "PACKAGES_RECORD": str(record),
        }
        arguments = [str(self.python), "-P", str(INSIDE / "observed_suite.py"), *OPTIONS, *self.configuration(), *selection]
        log = self.folder / f"log-{tracer or 'plain'}.txt"
        start = time.monotonic()
        with log.open("w") as file:
            ended = subprocess.run(
                arguments, cwd=self.folder / "sources", env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file, timeout=SECONDS
            )
        taken = time.monotonic() - start
        if not record.exists():
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-30:])
            raise RuntimeError(f"{self.suite.name}: the tests ended with status {ended.returncode} and without a record\n{tail}")
        return {**json.loads(record.read_text("utf-8")), "seconds": taken}


def has_index(folder):
    """Can pip reach a package index at all?"""
    arguments = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, PYTEST]
    return subprocess.run(list(map(str, arguments)), capture_output=True).returncode == 0


def command(arguments):
    ended = subprocess.run([str(its) for its in arguments], capture_output=True, text=True)
    if ended.returncode:
        raise Unavailable(f"{' '.join(map(str, arguments))}\n{ended.stderr.strip()}")


def differences(plain, traced):
    """(test id, text) for each test that ended otherwise, (None, text) for what is not of one test."""
    told = []
    if plain["status"] != traced["status"]:
        told.append((None, f"exit status: {plain['status']} plain, {traced['status']} traced"))
    for nodeid in {**plain["collected"], **traced["collected"]}:
        sides = plain["collected"].get(nodeid), traced["collected"].get(nodeid)
        if sides[0] != sides[1]:
            told.append((None, f"collecting {nodeid}: {sides[0]} plain, {sides[1]} traced"))
    for nodeid in {**plain["tests"], **traced["tests"]}:
        sides = [side["tests"].get(nodeid, {}) for side in (plain, traced)]
        for when in ("setup", "call", "teardown"):
            phases = [side.get(when, ["not run", "", []]) for side in sides]
            if phases[0][:2] != phases[1][:2]:
                told.append((nodeid, f"{when}: {phases[0][0]} plain, {phases[1][0]} traced\n{shown(phases)}"))
    return told


def shown(phases):
    lines = []
    for label, (_, text, _) in zip(("plain ", "traced"), phases):
        lines += [f"        {label} {line}" for line in text.splitlines()[-8:]]
    return "\n".join(lines)


def notes(plain, traced):
    """What differs without changing the outcome of a test: warnings, output."""
    told = []
    for text in sorted({*plain["warnings"], *traced["warnings"]}):
        sides = [side["warnings"].get(text, 0) for side in (plain, traced)]
        if sides[0] != sides[1]:
            told.append(f"warning {sides[0]} times plain, {sides[1]} traced: {text}")
    otherwise = []
    for nodeid, phases in plain["tests"].items():
        others = traced["tests"].get(nodeid, {})
        if any(phases[when][2] != others[when][2] for when in phases.keys() & others.keys()):
            otherwise.append(nodeid)
    if otherwise:  # of servers in threads too, and they print when it suits them
        more = f" and {len(otherwise) - SHOWN} more" if len(otherwise) > SHOWN else ""
        told.append(f"output differs: {', '.join(otherwise[:SHOWN])}{more}")
    return told


def compare(environment, selection, tracer):
    """The plain and the traced run of one package; differences that do not come again are told as flaky."""
    plain = environment.run(selection)
    traced = environment.run(selection, tracer)
    found = differences(plain, traced)
    tests = sorted({nodeid for nodeid, _ in found if nodeid is not None})
    flaky = set()
    if tests and len(tests) <= 40 and environment.suite.source != "wheel":
        again = {nodeid for nodeid, _ in differences(environment.run(tests), environment.run(tests, tracer))}
        flaky = set(tests) - again
    return plain, traced, found, flaky


def report(suite, plain, traced, found, flaky, say=print):
    """Prints the outcome of one package; gives the number of differences that nothing explains."""
    outcomes = {}
    for phases in plain["tests"].values():
        outcome = next((phases[when][0] for when in ("setup", "call") if phases.get(when, ["passed"])[0] != "passed"), "passed")
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    say(
        f"{suite.name} {suite.version}: {told} plain; {plain['seconds']:.1f} s plain, {traced['seconds']:.1f} s traced "
        f"({traced['seconds'] / plain['seconds']:.1f}x), {traced['fired']} events"
    )
    unexplained = 0
    if not traced["fired"] or not plain["tests"]:
        say("    nothing was observed")
        unexplained += 1
    for nodeid, text in found:
        known = suite.differs.get(nodeid) or ("not so when run again" if nodeid in flaky else None)
        unexplained += known is None
        say(f"    {'known (' + known + '): ' if known else 'DIFFERS '}{nodeid or ''} {text}")
    for text in notes(plain, traced):
        say(f"    note: {text}")
    return unexplained


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.packages.run_suite", description=__doc__.splitlines()[0])
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=f"of {', '.join(suite.name for suite in SUITES)}")
    parser.add_argument("--short", action="store_true", help="the short selection of the packages that have one")
    parser.add_argument("--tracer", choices=TRACERS, default=TRACERS[0])
    parser.add_argument("--folder", default=FOLDER, help=f"where environments are made (default: {FOLDER.relative_to(ROOT)})")
    parser.add_argument("--git", action="append", default=[], metavar="NAME=FOLDER", help="a clone to take the package's tests from")
    parser.add_argument("--select", metavar="ARGUMENTS", help="arguments of pytest instead of the selection in the table")
    options = parser.parse_args(arguments)
    unknown = set(options.packages) - {suite.name for suite in SUITES}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    clones = dict(its.split("=", 1) for its in options.git)
    failed = []
    for suite in SUITES:
        selection = options.select.split() if options.select else suite.short if options.short else suite.selection
        if not selection or (options.packages and suite.name not in options.packages):
            continue
        environment = Environment(suite, options.folder, clones.get(suite.name))
        try:
            environment.prepare()
            if report(suite, *compare(environment, selection, options.tracer)):
                failed.append(suite.name)
        except (Unavailable, RuntimeError, subprocess.TimeoutExpired) as error:
            print(f"{suite.name} {suite.version}: {error}")
            failed.append(suite.name)
        sys.stdout.flush()
    if failed:
        print(f"not as plain: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
