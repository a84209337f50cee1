"""Runs pytest on a package's own tests, plain or under a tracer, and records what became of each test.

    python -P observed_suite.py ARGUMENTS OF PYTEST

PACKAGES_TRACER  a key of TRACERS; empty: plain
PACKAGES_ROOTS   folders and files, the instrumented ones, separated as in PATH
PACKAGES_RECORD  the JSON file to write

It lies in a folder of its own: nothing but it and the library comes into the reach of the package's imports.
"""
import json
import os
import re
import sys
import warnings

import pytest

VARIES = re.compile(r"0x[0-9a-fA-F]{4,}|\b\d+(\.\d+)? ?(ms|us|µs|s|seconds)\b|\b\d\d:\d\d:\d\d([.,]\d+)?|_X5ix\w+")
"""Addresses, times and durations."""
fired = 0


def observe(self, ret, *_, **__):
    global fired
    fired += 1


def look(self, ret, node, frame, event, guard, **kwargs):
    global fired
    fired += 1
    type(ret), type(node), frame.f_lineno, frame.f_code, str(event), sorted(kwargs)


def override(self, ret, *_, **__):
    global fired
    fired += 1
    return ret + 1 if type(ret) is int else None


TRACERS = {
    "AllEvents": observe,
    "Looking": look,  # has everything handed out that a handler can be given
    "Statements": observe,
    "Overriding": override,  # for the tests of the comparison: it must be noticed
}


def tracer(name):
    """The instance of a tracer: every event, or before_stmt alone; of the files under PACKAGES_ROOTS, in all threads."""
    import pyccolo_native as pyc

    roots = tuple(filter(None, os.environ["PACKAGES_ROOTS"].split(os.pathsep)))
    handler = TRACERS[name]

    def should_instrument_file(self, filename):
        return filename.startswith(roots)

    origins = {row[0]: row[2] for row in pyc._native.event_table()}
    events = [event for event in pyc.event if origins[event.name] in ("Ast", "Import") and not event.name.startswith("_")]
    if name == "Statements":
        events = [pyc.before_stmt]
    for event in events:
        pyc.register_handler(event)(handler)
    members = {"multiple_threads_allowed": True, "should_instrument_file": should_instrument_file, handler.__name__: handler}
    return type(pyc.BaseTracer)(name, (pyc.BaseTracer,), members).instance()


class Recorder:
    """A pytest plugin: the outcome of each phase of each test, what it printed, and the warnings."""

    def __init__(self):
        self.tests, self.warnings, self.collected = {}, {}, {}

    @staticmethod
    @pytest.hookimpl(trylast=True)
    def pytest_configure(config):
        make_hypothesis_repeatable()

    def pytest_runtest_logreport(self, report):
        outcome = report.outcome + (" (expected to fail)" if hasattr(report, "wasxfail") else "")
        said = [VARIES.sub("…", text) for name, text in report.sections if "call" in name]
        self.tests.setdefault(report.nodeid, {})[report.when] = [outcome, crash(report), said]

    def pytest_collectreport(self, report):
        if report.outcome != "passed":
            self.collected[report.nodeid] = [report.outcome, crash(report)]

    def pytest_warning_recorded(self, warning_message, when, nodeid, location):
        name = os.path.basename(warning_message.filename)
        text = VARIES.sub("…", f"{warning_message.category.__name__}: {warning_message.message} ({name})")
        self.warnings[text] = self.warnings.get(text, 0) + 1


def make_hypothesis_repeatable():
    """The same examples in every run: none of an earlier run, at random, cut short by the clock, or explained by comparing runs."""
    if "hypothesis" in sys.modules:
        from hypothesis import Phase, settings

        phases = (Phase.explicit, Phase.generate, Phase.shrink)
        settings.register_profile("observed", settings(), database=None, deadline=None, derandomize=True, phases=phases)
        settings.load_profile("observed")


def crash(report):
    """The lines that say why it failed or was skipped."""
    text = report.longrepr
    if text is None:
        return ""
    if isinstance(text, tuple):
        return str(text[2])
    lines = str(text).splitlines()
    marked = [line for line in lines if line.startswith("E ")]
    return VARIES.sub("…", "\n".join(marked or lines[-3:]))


def main():
    name = os.environ["PACKAGES_TRACER"]
    recorder = Recorder()
    if name:
        active = tracer(name)
        with active:
            status = run(recorder)
            rewrites = sys.modules["pyccolo_native._native"].live_objects()
    else:
        status, rewrites = run(recorder), {}
    recorded = {
        "status": int(status),
        "fired": fired,
        "alive": dict(rewrites),
        "tests": recorder.tests,
        "collected": recorder.collected,
        "warnings": recorder.warnings,
    }
    with open(os.environ["PACKAGES_RECORD"], "w", encoding="utf-8") as file:
        json.dump(recorded, file, indent=1)
    return status


def run(recorder):
    with warnings.catch_warnings():
        return pytest.main(sys.argv[1:], plugins=[recorder])


if __name__ == "__main__":
    sys.exit(main())
