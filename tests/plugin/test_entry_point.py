"""The plugin as pytest finds it where the package is installed: by its entry point, and inert until a tracer is named."""
import os
import tomllib
from pathlib import Path

import pytest

from .conftest import PACKAGE_PARENT

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
ENTRY_POINTS = SETTINGS["project"]["entry-points"]["pytest11"]
INERT = """
    import builtins, sys

    def test_inert():
        assert "pyccolo_native_pytest" in sys.modules
        assert [name for name in sys.modules if name.startswith("pyccolo_native") and "_pytest" not in name] == []
        assert [name for name in dir(builtins) if name.startswith("_X5ix")] == []
        assert [finder for finder in sys.meta_path if type(finder).__module__.startswith("pyccolo_native.")] == []
"""


@pytest.fixture
def installed(project):
    """The project, in an environment with the metadata of the installed package; gives what to call pytest with."""
    metadata = project.folder / "environment/pyccolo_native-0.dist-info"
    lines = "".join(f"{name} = {module}\n" for name, module in ENTRY_POINTS.items())
    project.write(f"{metadata}/entry_points.txt", f"[pytest11]\n{lines}")
    project.write(f"{metadata}/METADATA", "Metadata-Version: 2.1\nName: pyccolo_native\nVersion: 0\n")
    project.write(f"{metadata}/RECORD", "pyccolo_native/__init__.py,,\npyccolo_native/tracer.py,,\npyccolo_native_pytest.py,,\n")
    path = os.pathsep.join([str(metadata.parent), str(PACKAGE_PARENT)])
    return lambda *arguments, **options: project.pytest(*arguments, **{"plugin": None, "PYTHONPATH": path, **options})


def test_metadata():
    assert ENTRY_POINTS == {"pyc": "pyccolo_native_pytest"}
    assert "pyccolo_native_pytest" in SETTINGS["tool"]["setuptools"]["py-modules"]
    assert (ROOT / "pyccolo_native_pytest.py").is_file()


def test_it_is_inert_without_a_tracer(installed, project):
    project.write("test_price.py", INERT)
    result = installed("--strict-config", "--strict-markers", "-W", "error").outcomes(passed=1)
    assert "pyc:" not in result.stdout


def test_it_works(installed):
    result = installed("--pyc-tracer=watch.Watch", "--pyc-path=src", "-W", "error").outcomes(passed=1)
    assert result.seen == ["price.py:1 in None", "price.py:2 in test_price.py::test_total (call)"]


AUTOLOADED, NAMED_ONLY = "", "1"
# pytest itself does not take a module under two names: pyccolo_native_pytest beside its entry point.
NAMES = [(name, autoload) for name in ("pyccolo_native.pytest_plugin", "pyc") for autoload in (AUTOLOADED, NAMED_ONLY)]


@pytest.mark.parametrize("name, autoload", [*NAMES, ("pyccolo_native_pytest", NAMED_ONLY)])
def test_it_may_be_named_as_well(installed, name, autoload):
    result = installed("-p", name, "--pyc-tracer=watch.Watch", "--pyc-path=src", PYTEST_DISABLE_PLUGIN_AUTOLOAD=autoload)
    assert len(result.outcomes(passed=1).seen) == 2


@pytest.mark.parametrize("plugins", [["-p", "no:pyc"], ["-p", "no:pyc", "-p", "pyccolo_native.pytest_plugin"]])
def test_it_can_be_kept_out(installed, plugins):
    assert "unrecognized arguments: --pyc-tracer=watch.Watch" in installed(*plugins, "--pyc-tracer=watch.Watch").stderr
    installed(*plugins).outcomes(passed=1)


def test_a_conftest_may_name_it(project):
    project.write("conftest.py", 'pytest_plugins = ["pyccolo_native.pytest_plugin"]\n')
    project.write("pytest.ini", "[pytest]\npythonpath = src\npyc_tracer = watch.Watch\npyc_path = src conftest.py\n")
    result = project.pytest(plugin=None, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1").outcomes(passed=1)
    assert len(result.seen) == 2
    assert "not instrumented, as imported before the tracers were on: conftest (" in result.warnings


def test_pytest_under_the_command(installed, project):
    project.write("quiet.py", "import pyccolo_native as pyc\n\nclass Quiet(pyc.BaseTracer): pass\n")
    arguments = ("-P", "-m", "pyccolo_native", "-m", "pytest", "-t", "quiet.Quiet", "--")
    assert installed("-W", "error", "test_price.py", python=arguments).outcomes(passed=1).status == 0
