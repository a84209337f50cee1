"""pytest-xdist: the tracers run in the workers; the controller merges their results."""
from __future__ import annotations

import os
import pickle
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from . import HandlerWarning
from .failures import name_of

if TYPE_CHECKING:
    from .run import Run

_KEY = "pyccolo_native_results"


def is_worker(config: pytest.Config) -> bool:
    """Whether this process runs tests for a controller. Known once pytest is configured."""
    return hasattr(config, "workerinput")


def is_controller(config: pytest.Config) -> bool:
    """Whether this process lets workers run the tests. Known once pytest is configured."""
    return not is_worker(config) and config.pluginmanager.has_plugin("dsession")


def _is_inside_worker() -> bool:
    """Whether a worker is making its configuration, which does not say so yet: xdist runs under a name of its own."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return False
    frame = sys._getframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == "__channelexec__":
            return True
        frame = frame.f_back
    return False


def distributes(config: pytest.Config, options: Any) -> bool:
    """Whether the tests will be run by workers, as far as the options tell before pytest is configured."""
    if is_worker(config) or _is_inside_worker() or not config.pluginmanager.has_plugin("xdist"):
        return False
    count = getattr(options, "numprocesses", None)
    if getattr(options, "collectonly", False) or count == 0:
        return False
    if count in ("auto", "logical") and getattr(options, "usepdb", False):
        return False
    return bool(count) or (getattr(options, "dist", "no") != "no" and bool(getattr(options, "tx", None)))


def _in_order(worker: str) -> "list[object]":
    """gw2 before gw10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", worker)]


class Worker:
    """Sends what its tracers export to the controller when the session ends."""

    def __init__(self, run: "Run") -> None:
        self._run = run

    def finish(self) -> None:
        sent: "dict[str, bytes]" = {}
        for tracer in self._run.tracers:
            export = getattr(tracer, "export_results", None)
            if not callable(export):
                continue
            try:
                sent[name_of(tracer)] = pickle.dumps(export())
            except Exception as error:
                self._run.failures.add(f"{name_of(tracer)}.export_results", export, error)
        self._run.config.workeroutput[_KEY] = sent


class Controller:
    """Gets the results of the workers, and gives them to the tracers here, which have seen no test."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._workers: "dict[str, dict[str, bytes] | None]" = {}
        for tracer in run.tracers:
            self._check(tracer)

    def _check(self, tracer: object) -> None:
        has = {name for name in ("export_results", "merge_results") if callable(getattr(tracer, name, None))}
        if len(has) == 1:
            missing = ({"export_results", "merge_results"} - has).pop()
            raise pytest.UsageError(
                f"{name_of(tracer)} defines {has.pop()}() but not {missing}(): workers' results are merged with both"
            )
        reports = [name for name in ("pytest_summary", "pytest_finish_session") if callable(getattr(tracer, name, None))]
        if not has and reports:
            warning = HandlerWarning(
                f"{name_of(tracer)}.{reports[0]} will see no results: they stay in the workers, unless the tracer defines "
                "export_results() and merge_results(data)"
            )
            self._run.config.issue_config_time_warning(warning, 2)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        self._workers.setdefault(node.gateway.id, None)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        output = getattr(node, "workeroutput", None)
        if output is not None:
            self._workers[node.gateway.id] = output.get(_KEY, {})

    def finish(self) -> None:
        for worker in sorted(self._workers, key=_in_order):
            for tracer in self._run.tracers:
                data = (self._workers[worker] or {}).get(name_of(tracer))
                if data is None:
                    continue
                try:
                    tracer.merge_results(pickle.loads(data))
                except Exception as error:
                    what = f"{name_of(tracer)}.merge_results, given the results of {worker},"
                    self._run.failures.add(what, tracer.merge_results, error)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        lost = sorted((worker for worker, sent in self._workers.items() if sent is None), key=_in_order)
        if lost:
            names = ", ".join(map(name_of, self._run.tracers))
            terminalreporter.write_line(
                f"pyc: {', '.join(lost)} ended without sending results: those of {names} are not complete", red=True
            )
