"""Imports by way of the cache, in processes of their own: the same behaviour, and never a stale, foreign or broken entry."""
import os
import random
import signal
import subprocess
import sys
import time

import pytest

TRACERS = """
import pyccolo_native as pyc

class Base(pyc.BaseTracer):
    def should_instrument_file(self, filename):
        return "woven" in filename

class Names(Base):
    seen = []

    @pyc.load_name
    def name(self, ret, node):
        self.seen.append((node.id, node.lineno))

class Statements(Base):
    seen = []

    @pyc.before_stmt
    def statement(self, ret, node):
        self.seen.append((type(node).__name__, node.lineno))

class Silent(Base):
    seen = []

    @pyc.before_stmt
    def statement(self, ret):
        self.seen.append(1)

class Never(pyc.BaseTracer):
    bytecode_caching_allowed = False
    should_instrument_file = Base.should_instrument_file
    seen = []

    @pyc.load_name
    def name(self, ret, node):
        self.seen.append((node.id, node.lineno))
"""

MODULE = """
'''What is imported.'''
import math

def area(r):
    return math.pi * r

class Thing:
    size = area(1)

print(__name__, __doc__, round(Thing.size, 3), Thing.__qualname__, area.__code__.co_firstlineno)
assert r"\\d" == "\\\\d"
"""

PROGRAM = """
import sys
import tracers
tracer = getattr(tracers, sys.argv[1]).instance()
with tracer:
    import woven
print(tracer.seen)
"""


@pytest.fixture
def imported(project):
    project.write("tracers.py", TRACERS)
    project.write("woven.py", MODULE)
    project.write("program.py", PROGRAM)
    return project


def test_the_second_import_is_like_the_first(imported):
    first = imported.run("program.py", "Names")
    assert "('area', 9)" in first
    (entry,) = imported.entries()
    written = entry.stat().st_mtime_ns
    assert imported.run("program.py", "Names") == first
    assert imported.entries() == [entry] and entry.stat().st_mtime_ns == written


def test_the_entry_is_what_runs(imported):
    """With compile() gone, only what was kept can run."""
    imported.write("program.py", PROGRAM.replace("with tracer:", "import builtins\ncompile = builtins.compile\nwith tracer:\n    del builtins.compile"))
    imported.write("warm.py", PROGRAM)
    warm = imported.run("warm.py", "Silent")
    assert imported.run("program.py", "Silent") == warm


def test_pycache_has_nothing_of_ours(imported):
    imported.run("program.py", "Names")
    assert imported.run("-c", "import woven") == imported.run("-c", "import woven")
    assert all(b"_X5ix" not in path.read_bytes() for path in imported.folder.rglob("*.pyc"))
    assert imported.cache.exists()
    names = [path.name for path in imported.folder.rglob("__pycache__/woven*")]
    assert names and all(name.count(".") == 2 for name in names), names


def test_a_plain_import_after_a_woven_one_and_back(imported):
    woven = imported.run("program.py", "Names")
    plain = imported.run("-c", "import woven")
    assert woven.startswith(plain)
    assert imported.run("program.py", "Names") == woven


@pytest.mark.parametrize("tracer", ["Statements", "Never"])
def test_another_tracer_has_an_entry_of_its_own(imported, tracer):
    names = imported.run("program.py", "Names")
    other = imported.run("program.py", tracer)
    assert len(imported.entries()) == (2 if tracer == "Statements" else 1)
    assert imported.run("program.py", tracer) == other
    assert imported.run("program.py", "Names") == names


def test_classes_of_one_name_with_different_handlers(imported):
    first = imported.run("program.py", "Names")
    imported.write("tracers.py", TRACERS.replace("@pyc.load_name", "@pyc.before_attribute_load"))
    (imported.folder / "tracers.py").write_text(TRACERS.replace("@pyc.load_name", "@pyc.after_int").replace("node.id", "node.value"))
    second = imported.run("program.py", "Names")
    assert first != second and "('area'" not in second


def test_an_edit_that_keeps_size_and_time_is_noticed(imported):
    imported.run("program.py", "Names")
    path = imported.folder / "woven.py"
    status = path.stat()
    path.write_text(MODULE.replace("math.pi * r", "math.pi + r"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    assert "4.142" in imported.run("program.py", "Names")


def test_a_file_moved_elsewhere(imported):
    imported.run("program.py", "Names")
    imported.write("deeper/woven.py", MODULE + "\nprint(area.__code__.co_filename)")
    imported.write("deeper/program.py", PROGRAM)
    out = imported.run("deeper/program.py", "Names", env={"PYTHONPATH": imported.environment()["PYTHONPATH"]})
    assert os.path.join("deeper", "woven.py") in out


@pytest.mark.parametrize("flags", [("-O",), ("-OO",), ("-X", "no_debug_ranges")], ids=str)
def test_flags_that_shape_code(imported, flags):
    plain = imported.run("program.py", "Names")
    with_flags = imported.run("program.py", "Names", flags=flags)
    assert len(imported.entries()) == 2
    assert imported.run("program.py", "Names", flags=flags) == with_flags
    assert imported.run("program.py", "Names") == plain
    assert ("None" in with_flags) == (flags == ("-OO",))


@pytest.mark.parametrize("flags", [("-S",), ("-I",), ("-E",), ("-B",), ("-s",), ("-P",)], ids=str)
def test_flags_that_do_not(imported, flags):
    root = repr(imported.environment()["PYTHONPATH"].split(os.pathsep))
    imported.write("program.py", f"import sys\nsys.path[:0] = {root}\n" + PROGRAM)
    home = imported.folder / "home"
    home.mkdir()
    first = imported.run("program.py", "Names")
    out = imported.run("program.py", "Names", flags=flags, env={"HOME": home, "XDG_CACHE_HOME": ""})
    assert out == first
    ignores_environment = flags in (("-I",), ("-E",))
    assert bool(list(home.rglob("*.woven"))) == ignores_environment


def test_nothing_is_written_where_bytecode_is_not(imported):
    out = imported.run("program.py", "Names", env={"PYTHONDONTWRITEBYTECODE": 1})
    assert not imported.cache.exists()
    assert imported.run("program.py", "Names") == out
    assert imported.run("program.py", "Names", env={"PYTHONDONTWRITEBYTECODE": 1}) == out
    assert len(imported.entries()) == 1


def test_the_cache_may_be_off(imported):
    out = imported.run("program.py", "Names", env={"PYCCOLO_CACHE_DIR": ""})
    assert not imported.cache.exists()
    assert imported.run("program.py", "Names") == out


def test_a_damaged_entry_is_replaced(imported):
    first = imported.run("program.py", "Names")
    (entry,) = imported.entries()
    good = entry.read_bytes()
    for damaged in (b"", good[:100], good[:-1], good[:200] + b"\0\0\0\0" + good[204:], b"something else" * 100):
        entry.write_bytes(damaged)
        assert imported.run("program.py", "Names") == first
        assert imported.run("program.py", "Names", env={"PYTHONDONTWRITEBYTECODE": 1}) == first
        good = entry.read_bytes()
        assert len(good) > 1000


def test_an_entry_of_another_version(imported):
    """It has another key, so it is not found."""
    imported.run("program.py", "Names")
    imported.write("sitecustomize.py", "import pyccolo_native._native as core\ncore.__build__ = 'another'")
    imported.run("program.py", "Names")
    assert len(imported.entries()) == 2


def test_a_folder_that_is_not_ours_is_said_once(imported):
    imported.cache.mkdir()
    imported.cache.chmod(0o777)
    process = imported.start("program.py", "Names")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "('area', 9)" in out
    assert err.count("RuntimeWarning") == 1 and "others may write into" in err and str(imported.cache) in err
    assert not imported.entries()


def test_a_size_that_is_none_is_said(imported):
    process = imported.start("program.py", "Names", env={"PYCCOLO_CACHE_SIZE": "lots"})
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "('area', 9)" in out
    assert err.count("RuntimeWarning") == 1 and "PYCCOLO_CACHE_SIZE=lots" in err


def test_the_size_is_bounded(imported):
    for number in range(12):
        imported.write("woven.py", MODULE + f"\nnumber = {number}")
        imported.run("program.py", "Names", env={"PYCCOLO_CACHE_SIZE": "20K"})
    assert 0 < sum(entry.stat().st_size for entry in imported.entries()) <= 20 * 1024


def test_source_that_does_not_compile(imported):
    imported.write("woven.py", "def f(:\n    pass\n")
    process = imported.start("program.py", "Names")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1 and "SyntaxError" in err and "woven.py" in err
    assert not imported.entries()


def test_eight_processes_at_once(imported):
    for number in range(10):
        imported.write(f"woven_{number}.py", MODULE)
    imported.write("program.py", PROGRAM.replace("import woven", "\n    ".join(["import woven", *(f"import woven_{n}" for n in range(10))])))
    processes = [imported.start("program.py", "Names") for _ in range(8)]
    results = [process.communicate(timeout=120) + (process.returncode,) for process in processes]
    assert len(set(results)) == 1 and results[0][1:] == ("", 0)
    assert len(imported.entries()) == 11
    assert not list(imported.cache.rglob("*.tmp"))


@pytest.mark.skipif(os.name != "posix", reason="kills with a signal")
def test_writers_killed_at_any_moment(imported):
    """Whatever they leave behind, the next process imports as the first did."""
    expected = imported.run("program.py", "Names")
    imported.run("-m", "pyccolo_native", "cache", "clear")
    imported.write(
        "writer.py",
        "import itertools, random\nfrom pyccolo_native.cache.store import Store\n"
        f"store = Store({str(imported.cache)!r})\nprint('ready', flush=True)\n"
        "for number in itertools.count():\n    store.write(b'key %d' % (number % 5), bytes([number % 256]) * random.randrange(10**6))\n",
    )
    draw = random.Random(7)
    for _ in range(12):
        writer = imported.start("writer.py")
        assert writer.stdout.readline() == "ready\n"
        time.sleep(draw.random() / 50)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        from pyccolo_native.cache.store import Store

        store = Store(str(imported.cache))
        for number in range(5):
            payload = store.read(b"key %d" % number)
            assert payload is None or len(set(bytes(payload))) <= 1
        assert store.failure is None
    assert imported.run("program.py", "Names") == expected
    assert imported.run("program.py", "Names") == expected


def test_importers_killed_at_any_moment(imported):
    imported.write("woven.py", MODULE + "\n" + "\n".join(f"def f{n}(a):\n    return a + {n}" for n in range(2000)))
    expected = imported.run("program.py", "Names", env={"PYCCOLO_CACHE_DIR": ""})
    draw = random.Random(3)
    for _ in range(6):
        process = imported.start("program.py", "Names")
        try:
            process.wait(draw.random() / 2)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        assert imported.run("program.py", "Names") == expected
        imported.run("-m", "pyccolo_native", "cache", "clear")


def test_modules_look_as_in_a_plain_import(imported):
    imported.write("woven.py", "import inspect, sys\nprint(__file__, globals().get('__cached__'), __spec__.cached, inspect.getsource(sys.modules[__name__])[:6])")
    plain = imported.run("-c", "import woven")
    for _ in range(2):
        assert imported.run("program.py", "Silent").startswith(plain)
    assert len(imported.entries()) == 1


# ---- The command


def test_the_command_tells_what_is_there(imported):
    command = ("-m", "pyccolo_native", "cache")
    assert "entries  0" in imported.run(*command, "info")
    imported.run("program.py", "Names")
    told = imported.run(*command, "info")
    assert "entries  1" in told and str(imported.cache) in told
    assert "removed 1 entries" in imported.run(*command, "clear")
    assert imported.entries() == []


def test_the_command_explains(imported):
    command = ("-m", "pyccolo_native", "cache", "--explain", "-t")
    assert "is cached" in imported.run(*command, "tracers.Names")
    assert "Never has bytecode_caching_allowed = False" in imported.run(*command, "tracers.Statements,tracers.Never")
    assert "to be cached" in imported.run(*command, "tracers.Names", "woven.py")
    imported.run("program.py", "Names")
    told = imported.run(*command, "tracers.Names", "woven.py")
    assert str(imported.entries()[0]) in told and "load_name: always" in told
    assert "none of these tracers instruments it" in imported.run(*command, "tracers.Names", "program.py")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((), "say info, clear or --explain"),
        (("everything",), "say info, clear or --explain"),
        (("info", "clear"), "say info, clear or --explain"),
        (("--explain",), "needs a tracer"),
        (("--explain", "-t", "tracers.Nobody"), "has no tracer 'Nobody'"),
        (("--explain", "-t", "tracers.Names", "nowhere.py"), "nowhere.py"),
        (("info", "-t", "tracers.Names"), "-t goes with --explain"),
    ],
)
def test_what_the_command_cannot_do(imported, arguments, message):
    process = imported.start("-m", "pyccolo_native", "cache", *arguments)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2 and message in err and "Traceback" not in err


def test_the_command_where_there_is_no_cache(imported):
    process = imported.start("-m", "pyccolo_native", "cache", "info", env={"PYCCOLO_CACHE_DIR": ""})
    assert process.communicate(timeout=60)[1] == "pyc cache: PYCCOLO_CACHE_DIR is empty: the cache is off\n"
    assert process.returncode == 2


def test_python_itself_is_not_slowed_down():
    """Importing the package reads nothing of the cache."""
    code = "import pyccolo_native, sys; print([name for name in sys.modules if 'cache.' in name or name.endswith('.cache')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
