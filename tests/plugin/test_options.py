"""Options and ini settings: which tracers, which files, and what is said of those that cannot be."""
import pytest

FIRST = ["price.py:1 in None", "price.py:2 in test_price.py::test_total (call)"]


def refused(result, *texts):
    """One error of usage that says all of these."""
    assert result.status == 4, result.text
    assert result.stderr.count("ERROR:") == 1
    for text in texts:
        assert text in result.stderr, result.stderr
    assert "collected" not in result.stdout


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("Watch", "a tracer is named module.Class, not 'Watch'"),
        ("no_such_module.Watch", "no module 'no_such_module' to take the tracer 'no_such_module.Watch' from"),
        ("watch.NoSuch", "module 'watch' has no tracer 'NoSuch'"),
        ("os.path", "os.path is no subclass of BaseTracer"),
        ("watch.os", "watch.os is no subclass of BaseTracer"),
    ],
)
def test_a_wrong_name_of_a_tracer_is_refused(project, ref, message):
    result = project.pytest("--pyc-tracer", ref)
    refused(result, f"--pyc-tracer {ref}: {message}")
    assert "Traceback" not in result.text


def test_no_name_at_all_is_refused(project):
    refused(project.pytest("--pyc-tracer", ","), "--pyc-tracer: names no tracer")


def test_a_module_of_a_tracer_that_fails_is_shown(project):
    project.write("broken.py", "def load():\n    return 1 / 0\n\nload()\n")
    result = project.pytest("--pyc-tracer", "broken.Watch")
    refused(result, "--pyc-tracer broken.Watch:", "return 1 / 0", "ZeroDivisionError: division by zero")
    assert "import_module" not in result.stderr


def test_a_module_with_a_syntax_error_is_shown(project):
    project.write("broken.py", "def load(:\n")
    refused(project.pytest("--pyc-tracer", "broken.Watch"), "--pyc-tracer broken.Watch:", "def load(:", "SyntaxError")


def test_a_tracer_that_cannot_be_made_is_refused(project):
    project.write("needy.py", "import watch\n\nclass Needy(watch.Watch):\n    def __init__(self, name): ...\n")
    refused(project.pytest("--pyc-tracer", "needy.Needy"), "--pyc-tracer needy.Needy: cannot make the tracer:", "'name'")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("src/nothing", "no such file or folder: "),
        ("src/*.pyx", "matches no Python file and no folder in "),
        ("pytest.ini", "neither a folder nor a Python file (.py)"),
    ],
)
def test_a_wrong_path_is_refused(project, path, message):
    refused(project.pytest("--pyc-tracer=watch.Watch", "--pyc-path", path), f"--pyc-path {path}: {message}")


def test_a_path_without_a_tracer_is_refused(project):
    refused(project.pytest("--pyc-path=src"), "--pyc-path: there is nothing to instrument for", "--pyc-tracer")


@pytest.mark.parametrize("path", ["src", "src/price.py", "src/pr*.py", "**/price.py", "./src/../src/"])
def test_a_path_selects_files(project, path):
    result = project.pytest("--pyc-tracer=watch.Watch", f"--pyc-path={path}").outcomes(passed=1)
    assert result.seen == FIRST


def test_an_absolute_path_selects_files(project):
    assert project.pytest("--pyc-tracer=watch.Watch", "--pyc-path", project.folder / "src").seen == FIRST


def test_a_link_is_followed(project):
    (project.folder / "link").symlink_to("src")
    assert project.pytest("--pyc-tracer=watch.Watch", "--pyc-path=link").seen == FIRST
    project.write("pytest.ini", "[pytest]\npythonpath = link\n")
    assert project.pytest("--pyc-tracer=watch.Watch", "--pyc-path=src").seen == FIRST


def test_paths_add_up(project):
    project.write("src/tax.py", "RATE = 2")
    project.write("test_tax.py", "import tax\n\ndef test_rate():\n    assert tax.RATE == 2\n")
    result = project.pytest("--pyc-tracer=watch.Watch", "--pyc-path=src/tax.py", "--pyc-path=src/price.py")
    assert result.seen == [FIRST[0], "tax.py:1 in None", FIRST[1]]


def test_without_a_path_the_filter_of_the_tracer_decides(project):
    assert project.pytest("--pyc-tracer=watch.Watch").outcomes(passed=1).seen == []
    assert project.pytest("--pyc-tracer=watch.WatchesPrice").seen == FIRST


def test_paths_come_on_top_of_the_filter(project):
    project.write("src/tax.py", "RATE = 2")
    project.write("test_tax.py", "import tax\n\ndef test_rate():\n    assert tax.RATE == 2\n")
    result = project.pytest("--pyc-tracer=watch.WatchesPrice", "--pyc-path=src/tax.py")
    assert result.seen == [FIRST[0], "tax.py:1 in None", FIRST[1]]


def test_paths_hold_for_tracers_that_leave_imports_alone(project):
    project.write("quiet.py", "import watch\n\nclass Quiet(watch.Watch):\n    should_patch_meta_path = False\n")
    assert project.pytest("--pyc-tracer=quiet.Quiet", "--pyc-path=src").seen == FIRST


@pytest.mark.parametrize(
    "arguments",
    [
        ["--pyc-tracer=watch.Watch,watch.WatchesPrice"],
        ["--pyc-tracer=watch.Watch", "--pyc-tracer=watch.WatchesPrice"],
        ["--pyc-tracer", "watch.Watch, watch.WatchesPrice,watch.Watch"],
    ],
)
def test_several_tracers(project, arguments):
    project.write("watch.py", (project.folder / "watch.py").read_text().replace("class WatchesPrice(Watch):", OTHER))
    result = project.pytest(*arguments, "--pyc-path=src").outcomes(passed=1)
    assert "pyc: watch.Watch, watch.WatchesPrice\n" in result.stdout
    assert result.seen == FIRST + ["other 1", "other 2"]


OTHER = """
class WatchesPrice(pyc.BaseTracer):
    seen = []

    @pyc.before_stmt
    def statement(self, node):
        self.seen.append(node.lineno)

    def pytest_summary(self, reporter):
        return [f"~ other {line}" for line in self.seen]
"""


def test_ini_options(project):
    project.write("pytest.ini", "[pytest]\npythonpath = src\npyc_tracer = watch.Watch\npyc_path = src/price.py tes*x\n")
    project.write("tests_x/empty.py", "")
    assert project.pytest("--strict-config").seen == FIRST
    (project.folder / "inner").mkdir()
    result = project.pytest("--rootdir=..", "-c", "../pytest.ini", "..", cwd="inner")
    assert result.seen == FIRST, result.text


def test_pyproject_options(project):
    (project.folder / "pytest.ini").unlink()
    options = 'pythonpath = ["src"]\npyc_tracer = ["watch.Watch"]\npyc_path = ["src"]\n'
    project.write("pyproject.toml", f"[tool.pytest.ini_options]\n{options}")
    assert project.pytest().seen == FIRST


def test_the_command_line_replaces_ini_options(project):
    project.write("pytest.ini", "[pytest]\npythonpath = src\npyc_tracer = watch.NoSuch\npyc_path = nowhere\n")
    refused(project.pytest(), "pyc_tracer watch.NoSuch: module 'watch' has no tracer 'NoSuch'")
    refused(project.pytest("--pyc-tracer=watch.Watch"), "pyc_path nowhere: no such file or folder")
    assert project.pytest("--pyc-tracer=watch.Watch", "--pyc-path=src").seen == FIRST
    project.pytest("-o", "pyc_tracer=").outcomes(passed=1)
    assert project.pytest("--help").status == 0


def test_a_path_in_the_ini_file_waits_for_a_tracer(project):
    project.write("pytest.ini", "[pytest]\npythonpath = src\npyc_path = src\n")
    project.pytest().outcomes(passed=1)
    assert project.pytest("--pyc-tracer=watch.Watch").seen == FIRST


def test_the_tracer_may_lie_on_pythonpath_or_where_pytest_was_started(project):
    (project.folder / "watch.py").rename(project.folder / "src/watch.py")
    assert project.pytest("--pyc-tracer=watch.Watch", "--pyc-path=src/price.py").seen == FIRST
    (project.folder / "inner").mkdir()
    (project.folder / "src/watch.py").rename(project.folder / "inner/watch.py")
    result = project.pytest("--pyc-tracer=watch.Watch", "--pyc-path=../src", "..", cwd="inner")
    assert result.seen == FIRST, result.text


def test_the_search_for_the_tracer_leaves_sys_path_alone(project):
    project.write("test_path.py", "import sys\n\ndef test_path():\n    print('@', sys.path)\n")
    paths = [
        [line for line in project.pytest("-s", "--import-mode=importlib", "test_path.py", *more).stdout.splitlines() if "@" in line]
        for more in ([], ["--pyc-tracer=watch.Watch"])
    ]
    assert paths[0] == paths[1] != []


def test_help_names_the_options(project):
    told = project.pytest("--help").stdout
    assert "--pyc-tracer=TRACER" in told and "--pyc-path=PATH" in told
    assert "pyc_tracer (args)" in told and "pyc_path (args)" in told


def test_installed_packages_below_a_folder_are_left_alone(project):
    project.write("lib/site-packages/installed.py", "x = 1")
    project.write("pytest.ini", "[pytest]\npythonpath = src lib/site-packages\n")
    project.write("test_price.py", "import installed, price\n\ndef test():\n    assert price.total([1]) == installed.x\n")
    assert {line.split(":")[0] for line in project.pytest("--pyc-tracer=watch.Watch", "--pyc-path=.").seen} >= {"price.py"}
    seen = project.pytest("--pyc-tracer=watch.Watch", "--pyc-path=.").seen
    assert not any(line.startswith("installed.py") for line in seen)
    assert "installed.py:1 in None" in project.pytest("--pyc-tracer=watch.Watch", "--pyc-path=lib/site-packages").seen


def test_modules_imported_before_are_named(project):
    project.write("src/early.py", "import price\n")
    result = project.pytest("-p", "early", "--pyc-tracer=watch.Watch", "--pyc-path=src").outcomes(passed=1)
    assert "not instrumented, as imported before the tracers were on: price (" in result.warnings


def test_the_module_of_the_tracer_is_not_complained_of(project):
    assert project.pytest("--pyc-tracer=watch.Watch", "--pyc-path=watch.py").outcomes(passed=1).warnings == ""
