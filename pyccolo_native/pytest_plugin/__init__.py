"""The pytest plugin: runs a test suite under tracers.

    pytest --pyc-tracer package.module.Tracer --pyc-path src

pytest finds it by the entry point `pyc`; `-p pyccolo_native.pytest_plugin` names it where entry points are not read.
docs/guides/pytest.md tells how it is used.
"""
from __future__ import annotations

import pytest

import pyccolo_native_pytest

__all__ = ["HandlerWarning", "RunningTest"]


class HandlerWarning(pytest.PytestWarning):
    """Something of a tracer failed while the tests ran: a handler, a hook, its results; or a file was not instrumented."""


class RunningTest:
    """The test that is running; tracers see it as their `running_test`.

    item: pytest's item. nodeid: its node id. phase: "setup", "call" or "teardown"; None between them.
    """

    __slots__ = ("item", "nodeid", "phase", "reports")

    def __init__(self, item: pytest.Item) -> None:
        self.item = item
        self.nodeid = item.nodeid
        self.phase: "str | None" = None
        self.reports: list[pytest.TestReport] = []
        """pytest's reports on the phases that are over."""

    @property
    def outcome(self) -> "str | None":
        """"failed" if a phase did, else "skipped" if one was, else "passed"; None before the first report."""
        outcomes = {report.outcome for report in self.reports}
        return next((its for its in ("failed", "skipped", "passed") if its in outcomes), None)

    def __str__(self) -> str:
        return self.nodeid if self.phase is None else f"{self.nodeid} ({self.phase})"

    def __repr__(self) -> str:
        return f"<RunningTest {self}>"


@pytest.hookimpl(tryfirst=True)
def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    # The entry point may have brought the same plugin in, or -p no:pyc may keep it out.
    if not pluginmanager.is_registered(pyccolo_native_pytest) and not pluginmanager.is_blocked("pyc"):
        pluginmanager.register(pyccolo_native_pytest, "pyc")
