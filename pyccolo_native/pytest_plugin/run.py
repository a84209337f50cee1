"""One pytest run under tracers: when they are on, and what they are told of the tests."""
from __future__ import annotations

import sys
import traceback
import warnings
from contextlib import ExitStack, contextmanager
from typing import Any, Callable, Iterator

import pytest

from pyccolo_native.tracer import BaseTracer
from pyccolo_native.utils import importable_from, resolve_tracer

from . import HandlerWarning, RunningTest
from .distribution import Controller, Worker, distributes, is_controller, is_worker
from .failures import Failures, name_of
from .selection import EnabledFiles, Selection


# ---- What the options say


def _traceback_of_import(error: BaseException) -> str:
    """The traceback from the tracer's own module on; empty if it is not in there that something went wrong."""
    here = __file__.rpartition("pytest_plugin")[0]
    trace = error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if not filename.startswith((here, "<frozen importlib", "<frozen runpy")) and "importlib" not in filename:
            break
        trace = trace.tb_next
    if trace is None and not isinstance(error, SyntaxError):
        return ""
    return "\n" + "".join(traceback.format_exception(type(error), error, trace)).rstrip()


def _resolve(ref: str, option: str, config: pytest.Config) -> "type[BaseTracer]":
    """The class that `ref` names. It may also lie in the folder pytest was started in, or in its root folder."""
    places = dict.fromkeys([str(config.invocation_params.dir), str(config.rootpath)])
    with importable_from(places):
        try:
            return resolve_tracer(ref)
        except Exception as error:
            trace = _traceback_of_import(error)
            raise pytest.UsageError(f"{option} {ref}: {error}" if not trace else f"{option} {ref}:{trace}") from None


def _tracers(config: pytest.Config, given: "list[str]") -> "list[BaseTracer]":
    option, values = ("--pyc-tracer", given) if given else ("pyc_tracer", config.getini("pyc_tracer"))
    refs = [ref.strip() for value in values for ref in value.split(",") if ref.strip()]
    if not refs:
        raise pytest.UsageError(f"{option}: names no tracer; a tracer is named module.Class")
    found: "list[BaseTracer]" = []
    for ref in refs:
        cls = _resolve(ref, option, config)
        try:
            tracer = cls.instance()
        except Exception as error:
            trace = _traceback_of_import(error)
            raise pytest.UsageError(f"{option} {ref}: cannot make the tracer: {error}{trace}") from None
        if tracer not in found:
            found.append(tracer)
    return found


def _selection(config: pytest.Config, given: "list[str]") -> Selection:
    selection = Selection()
    if given:
        option, paths, base = "--pyc-path", given, config.invocation_params.dir
    else:
        option, paths = "pyc_path", config.getini("pyc_path")
        base = config.rootpath if config.inipath is None else config.inipath.parent
    for path in paths:
        selection.add(path, base, option)
    return selection


def start(config: pytest.Config, options: Any, tracers: "list[str]", paths: "list[str]") -> None:
    """Switches the run's tracers on: what is imported from now on is instrumented. In the controller of a distributed
    run, which runs no tests itself, they only collect results. pytest.UsageError for options that cannot be."""
    if not tracers and not config.getini("pyc_tracer"):
        raise pytest.UsageError("--pyc-path: there is nothing to instrument for; name a tracer with --pyc-tracer")
    run = Run(config, _tracers(config, tracers), _selection(config, paths))
    config.pluginmanager.register(run, "pyc-run")
    if not distributes(config, options):
        run.switch_on()


def start_for_markers(config: pytest.Config) -> None:
    """A run without tracers of its own, for tests whose markers name some."""
    run = Run(config, [], Selection())
    config.pluginmanager.register(run, "pyc-run")
    run.switch_on()


# ---- The run


_HOOKS = ("pytest_start_test", "pytest_finish_test", "pytest_start_phase", "pytest_finish_phase")


def _phase_hook(phase: str) -> "Callable[[Run], Iterator[Any]]":
    """The hook around a phase of a test. It is first: the hooks of a conftest.py are part of the phase."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def hook(self: "Run") -> "Iterator[Any]":
        test = self.test
        if test is None:
            return (yield)  # somebody runs a phase alone
        test.phase = phase
        if starts := self._hooks["pytest_start_phase"]:
            self._tell(starts)
        try:
            result = yield
        finally:
            if finishes := self._hooks["pytest_finish_phase"]:
                self._tell(finishes)
            test.phase = None
        if self.failures.pending:
            self.failures.phase_is_over()
        return result

    return hook


class Run:
    """The plugin object of one pytest run: `tracers` of --pyc-tracer; `active` those and the running test's own; `test`."""

    def __init__(self, config: pytest.Config, tracers: "list[BaseTracer]", selection: Selection) -> None:
        self.config = config
        self.tracers = tracers
        self.selection = selection
        self.active: "list[BaseTracer]" = []
        self.test: "RunningTest | None" = None
        self.failures = Failures(self)
        self._contexts = ExitStack()
        self._hooks: "dict[str, list[Callable[..., object]]]" = {name: [] for name in _HOOKS}
        self._distribution: "Controller | Worker | None" = None

    # ---- On and off

    def switch_on(self) -> None:
        """Lets the tracers see what happens, and files that are imported be instrumented, until the run ends."""
        self.config.add_cleanup(self.switch_off)
        for tracer in self.tracers:
            self._contexts.enter_context(self._tracing(tracer, self.selection))
        self.failures.install(self.config)
        self._warn_of_modules_imported_before(self.tracers, self.selection, self.config.issue_config_time_warning)

    def switch_off(self) -> None:
        self._contexts.close()
        self.failures.print_rest()

    @contextmanager
    def _tracing(self, tracer: BaseTracer, selection: Selection) -> "Iterator[None]":
        """The tracer on, instrumenting the selection too, and part of `active`."""
        files, had_test = tracer._tracing_enabled_files, tracer.__dict__.get("running_test", self)
        if selection:
            tracer._tracing_enabled_files = EnabledFiles(files, selection)
        tracer.running_test = self.test
        patch = True if selection and not tracer.should_patch_meta_path else None
        leave = tracer.tracing_non_context(do_patch_meta_path=patch)
        self.active.append(tracer)
        self._find_hooks()
        try:
            yield
        finally:
            self.active.remove(tracer)
            self._find_hooks()
            leave()
            tracer._tracing_enabled_files = files
            if had_test is self:
                del tracer.running_test
            else:
                tracer.running_test = had_test

    def _find_hooks(self) -> None:
        for name, found in self._hooks.items():
            found[:] = [getattr(tracer, name) for tracer in self.active if callable(getattr(tracer, name, None))]

    def _warn_of_modules_imported_before(
        self, tracers: "list[BaseTracer]", selection: Selection, warn: "Callable[..., object]"
    ) -> None:
        own = {type(tracer).__module__ for tracer in tracers}
        modules = [module for module in selection.modules() if module.__name__ not in own] if selection else []
        if modules:
            names = ", ".join(f"{module.__name__} ({module.__file__})" for module in modules)
            text = f"not instrumented, as imported before the tracers were on: {names}"
            warn(HandlerWarning(text), 2)

    # ---- Markers

    @contextmanager
    def marked(self, item: pytest.Item, marker: pytest.Mark) -> "Iterator[BaseTracer]":
        """The tracer that a test's marker names, on: that of --pyc-tracer if it is one of those, else a new one."""
        arguments = dict(marker.kwargs)
        paths = arguments.pop("path", None)
        what = f"@pytest.mark.pyc_tracer of {item.nodeid}"
        cls = self._class_of(marker, what)
        selection = Selection()
        try:
            for path in [paths] if isinstance(paths, (str, bytes)) or hasattr(paths, "__fspath__") else paths or ():
                selection.add(str(path), self.config.rootpath, f"{what}: path")
        except pytest.UsageError as error:
            pytest.fail(str(error), pytrace=False)
        tracer = next((its for its in self.tracers if type(its) is cls), None)
        if tracer is not None:
            if arguments or selection or marker.args[1:]:
                pytest.fail(f"{what}: {name_of(tracer)} is on for the whole run; it takes no arguments here", pytrace=False)
            yield tracer
            return
        tracer = cls(*marker.args[1:], **arguments)
        with self._tracing(tracer, selection):
            self._warn_of_modules_imported_before([tracer], selection, self._warn_in_test)
            if self.test is not None:
                self._call_one(tracer, "pytest_start_test", self.test)
            try:
                yield tracer
            finally:
                if self.test is not None:
                    self._call_one(tracer, "pytest_finish_test", self.test)

    def _class_of(self, marker: pytest.Mark, what: str) -> "type[BaseTracer]":
        named = marker.args[0] if marker.args else None
        if isinstance(named, str):
            try:
                return _resolve(named, what, self.config)
            except pytest.UsageError as error:
                pytest.fail(str(error), pytrace=False)
        if not (isinstance(named, type) and issubclass(named, BaseTracer)):
            pytest.fail(f"{what}: takes a tracer class or its name module.Class first, not {named!r}", pytrace=False)
        return named

    def _warn_in_test(self, warning: HandlerWarning, stacklevel: int) -> None:
        warnings.warn(warning, stacklevel=stacklevel)

    # ---- What tracers are told

    def _call_one(self, tracer: BaseTracer, name: str, *arguments: object) -> None:
        hook = getattr(tracer, name, None)
        if callable(hook):
            self.call(hook, *arguments)

    def call(self, hook: "Callable[..., Any]", *arguments: object) -> Any:
        """Calls a hook of a tracer; what it raises is told of, and does not reach pytest."""
        try:
            return hook(*arguments)
        except Exception as error:
            tracer = getattr(hook, "__self__", None)
            owner = name_of(tracer) if isinstance(tracer, BaseTracer) else "tracer"
            self.failures.add(f"{owner}.{getattr(hook, '__name__', hook)}", hook, error)
            return None

    def _tell(self, hooks: "list[Callable[..., object]]") -> None:
        for hook in tuple(hooks):
            self.call(hook, self.test)

    @pytest.hookimpl(wrapper=True)  # not first: inside of what records the warnings of a test
    def pytest_runtest_protocol(self, item: pytest.Item) -> "Iterator[None]":
        self.test = test = RunningTest(item)
        self.failures.filters = warnings.filters
        for tracer in self.active:
            tracer.running_test = test
        self._tell(self._hooks["pytest_start_test"])
        try:
            return (yield)
        finally:
            self._tell(self._hooks["pytest_finish_test"])
            self.test = None
            for tracer in self.active:
                tracer.running_test = None
            self.failures.warn(may_raise=False)

    pytest_runtest_setup = _phase_hook("setup")
    pytest_runtest_call = _phase_hook("call")
    pytest_runtest_teardown = _phase_hook("teardown")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.test is not None:
            self.test.reports.append(report)

    # ---- The session

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        if is_worker(config):
            self._distribution = Worker(self)
        elif is_controller(config):
            self._distribution = Controller(self)
        if isinstance(self._distribution, Controller):
            self._contexts.close()
        else:
            if self.tracers and not self.active:
                self.switch_on()  # nothing is distributed after all
            self.failures.install(config)  # pytest has put its own in front
        if self._distribution is not None:
            config.pluginmanager.register(self._distribution, "pyc-distribution")

    def pytest_report_header(self) -> "str | None":
        return f"pyc: {', '.join(map(name_of, self.tracers))}" if self.tracers else None

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_collection(self) -> "Iterator[object]":
        result = yield
        self.failures.warn(may_raise=False)
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._distribution is not None:
            self._distribution.finish()
        if not isinstance(self._distribution, Worker):
            for tracer in self.tracers:
                self._call_one(tracer, "pytest_finish_session", session)
        self.failures.warn(may_raise=False)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for tracer in self.tracers:
            summarise = getattr(tracer, "pytest_summary", None)
            if not callable(summarise):
                continue
            try:
                text = summarise(terminalreporter)
                lines = [] if text is None else text.splitlines() if isinstance(text, str) else [str(line) for line in text]
            except Exception as error:
                lines = traceback.format_exception(error)
                text = "".join(lines)
                lines = [f"{name_of(tracer)}.pytest_summary raised:", *text.splitlines()]
            if lines:
                terminalreporter.section(f"pyc: {name_of(tracer)}")
                for line in lines:
                    terminalreporter.write_line(line)
