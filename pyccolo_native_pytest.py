"""The pytest plugin `pyc` as pytest finds it: options and fixtures. What does the work is imported when a tracer is wanted.

It is a module of its own because importing pyccolo_native.pytest_plugin imports pyccolo_native, which those who
have it installed and run their tests without a tracer should not pay for.
"""
from __future__ import annotations

import sys

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyccolo_native.tracer import BaseTracer

_MARKER = (
    "pyc_tracer(tracer, path=None, **arguments): run the test under this tracer, a class or its name, beside those of "
    "--pyc-tracer. path: files, folders and globs it instruments whatever its own filter says"
)


class _TracerMark:
    """pytest.mark.pyc_tracer. A plain mark, called with nothing but a class, would take that for the test class to mark."""

    def __init__(self, plain: pytest.MarkDecorator) -> None:
        self._plain = plain

    def __call__(self, *args: object, **kwargs: object):
        tracer = sys.modules.get("pyccolo_native.tracer")
        if len(args) == 1 and isinstance(args[0], type) and tracer is not None and issubclass(args[0], tracer.BaseTracer):
            return self._plain.with_args(*args, **kwargs)
        return self._plain(*args, **kwargs)

    def __getattr__(self, name: str):
        return getattr(self._plain, name)


def _provide_mark(config: pytest.Config) -> None:
    if "pyc_tracer" not in vars(pytest.mark):
        pytest.mark.pyc_tracer = _TracerMark(pytest.mark.pyc_tracer)
        config.add_cleanup(lambda: vars(pytest.mark).pop("pyc_tracer", None))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("pyc", "run the tests under tracers (pyccolo_native)")
    group.addoption(
        "--pyc-tracer",
        action="append",
        default=[],
        metavar="TRACER",
        help="tracer class, package.module.Class; again, or with commas, for more. Instead of those of pyc_tracer",
    )
    group.addoption(
        "--pyc-path",
        action="append",
        default=[],
        metavar="PATH",
        help="file, folder or glob to instrument, whatever the tracers' own filters say; may be given again. Instead "
        "of those of pyc_path",
    )
    parser.addini("pyc_tracer", "tracer classes to run the tests under, package.module.Class", "args", default=[])
    parser.addini("pyc_path", "files, folders and globs to instrument for them", "args", default=[])


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    _provide_mark(early_config)
    _start(early_config, early_config.known_args_namespace)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)
    _provide_mark(config)
    if not config.pluginmanager.has_plugin("pyc-run"):
        _start(config, config.option)  # a conftest.py named the plugin: the initial conftests are loaded


def _start(config: pytest.Config, options: object) -> None:
    if getattr(options, "help", False) or getattr(options, "version", False):
        return
    tracers, paths = getattr(options, "pyc_tracer", []), getattr(options, "pyc_path", [])
    if tracers or paths or config.getini("pyc_tracer"):
        from pyccolo_native.pytest_plugin.run import start

        start(config, options, tracers, paths)


def _marked(items: list[pytest.Item]) -> list[pytest.Item]:
    """The items that have the marker, or are in something that has it."""
    known: dict[object, bool] = {None: False}

    def is_marked(node: object) -> bool:
        found = known.get(node)
        if found is None:
            found = any(mark.name == "pyc_tracer" for mark in node.own_markers) or is_marked(node.parent)
            known[node] = found
        return found

    return [
        item
        for item in items
        if known.get(item.parent) or (item.own_markers or item.parent not in known) and is_marked(item)
    ]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    marked = _marked(items)
    for item in marked:
        names = getattr(item, "fixturenames", None)
        if names is not None and "pyc_tracer" not in names:
            names.insert(0, "pyc_tracer")
    if marked and not config.pluginmanager.has_plugin("pyc-run"):
        from pyccolo_native.pytest_plugin.run import start_for_markers

        start_for_markers(config)


@pytest.fixture
def pyc_tracer(request: pytest.FixtureRequest):
    """The tracer that the test runs under: the one its marker names, else the first of --pyc-tracer."""
    run = request.config.pluginmanager.get_plugin("pyc-run")
    marker = request.node.get_closest_marker("pyc_tracer")
    if marker is not None:
        with run.marked(request.node, marker) as tracer:
            yield tracer
    elif run is not None and run.tracers:
        yield run.tracers[0]
    else:
        pytest.fail("pyc_tracer: no tracer; run with --pyc-tracer, or mark the test with pyc_tracer(...)", pytrace=False)


@pytest.fixture
def pyc_tracers(request: pytest.FixtureRequest) -> "tuple[BaseTracer, ...]":
    """All tracers that the test runs under by the plugin's doing: those of --pyc-tracer, then its marker's. May be empty."""
    if request.node.get_closest_marker("pyc_tracer") is not None:
        request.getfixturevalue("pyc_tracer")
    run = request.config.pluginmanager.get_plugin("pyc-run")
    return () if run is None else tuple(run.active)
