"""coverage.py measures the same with a tracer of ours and without: lines, arcs, contexts; with each of its cores."""
import json
import sys

import pytest

from .composition.results import HOOKS, ROOT, python
from .composition.tracers import DEAF

coverage = pytest.importorskip("coverage")

PROGRAM = '''
import sys
import threading
import other

def generator(n):
    for i in range(n):
        if i == 2:
            continue
        yield i

def raises(n):
    try:
        return 1 / n
    except ZeroDivisionError:
        return None
    finally:
        n += 1

async def waits():
    async with Context():
        return [x async for x in agenerator()]

class Context:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *raised):
        pass

async def agenerator():
    yield 1
    yield 2

def never():
    return 1

def one_line(x): return [i for i in range(x) if i % 2]

def run(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value

def work(n):
    total = sum(generator(n))
    raises(0)
    raises(1)
    while total > 3:
        total -= 2
    if total == 100:
        never()
    match total:
        case 1:
            total += 1
        case _:
            total += 2
    one_line(4)
    run(waits())
    thrown = generator(4)
    next(thrown)
    try:
        thrown.throw(KeyError)
    except KeyError:
        pass
    return other.helper(total)

def in_thread():
    thread = threading.Thread(target=work, args=(3,))
    thread.start()
    thread.join()

def main(begin, end):
    begin()
    work(5)
    in_thread()
    end()
    work(2)
'''

OTHER = '''
def helper(n):
    if n > 2:
        return "many"
    return "few"

def other_helper(n):
    return [helper(x) for x in (n, n + 1)]

def late():
    return other_helper(1)
'''

RUNNER = '''
import contextlib, json, os, sys
from tests.hooks.composition import tracers
import coverage

def nothing():
    pass

def measured(tracer, moment, branch, dynamic):
    for name in ("program", "other"):
        sys.modules.pop(name, None)
    found = coverage.Coverage(data_file=None, branch=branch, include=["*/program.py", "*/other.py"], config_file=False)
    if dynamic:
        found.config.dynamic_context = "test_function"

    def enter():
        tracer.__enter__()

    def leave():
        tracer.__exit__(None, None, None)

    def test_of_work(begin=nothing, end=nothing):
        import program
        program.main(begin, end)

    if moment == "before us":
        found.start()
        enter()
        test_of_work()
        leave()
        test_of_work()
        found.stop()
    elif moment == "inside":
        enter()
        found.start()
        test_of_work()
        found.stop()
        test_of_work()
        leave()
    elif moment == "stopped inside":
        found.start()
        enter()
        test_of_work()
        found.stop()
        test_of_work()
        leave()
        test_of_work()
    elif moment == "left inside":
        enter()
        found.start()
        test_of_work()
        leave()
        import other
        other.late()
        found.stop()
    elif moment == "on the way":
        test_of_work(found.start, found.stop)
        with tracer:
            test_of_work(found.start, found.stop)
    elif moment == "ours on the way":
        found.start()
        test_of_work(enter, leave)
        found.stop()
    elif moment == "switched":
        found.start()
        enter()
        found.switch_context("first")
        test_of_work()
        found.switch_context("second")
        import other
        other.late()
        leave()
        found.stop()
    return found

def told(found):
    data = found.get_data()
    files = {}
    for path in sorted(data.measured_files()):
        contexts = sorted(data.contexts_by_lineno(path).items())
        files[os.path.basename(path)] = {
            "lines": sorted(data.lines(path) or ()),
            "arcs": sorted(data.arcs(path) or ()),
            "contexts": {str(line): sorted(names) for line, names in contexts},
        }
    return {"files": files, "core": found._collector.tracer_name(), "gettrace": repr(sys.gettrace())}

hook, moments = sys.argv[1], json.loads(sys.argv[2])
alone = contextlib.nullcontext()
chosen = [(way, tracer) for way, tracer in tracers.ways(hook) if way in ("calls", "lines", "all", "local", "other files")]
for moment, (branch, dynamic) in moments:
    for way, tracer in [("alone", alone), *chosen, ("alone again", alone)]:
        if tracer is not alone:
            tracer.heard.clear()
        result = told(measured(tracer, moment, branch, dynamic))
        print(json.dumps([moment, way, result, tracer is alone or bool(tracer.heard)]))
'''

# (at branches?, with a context for each test function?)
KINDS = ((False, False), (True, True))
MOMENTS = ("before us", "inside", "stopped inside", "left inside", "on the way", "ours on the way", "switched")
CORES = ("ctrace", "pytrace", "sysmon") if sys.version_info >= (3, 12) else ("ctrace", "pytrace")
SYSMON_HAS_BRANCHES = sys.version_info >= (3, 14)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("measured")
    (folder / "program.py").write_text(PROGRAM)
    (folder / "other.py").write_text(OTHER)
    (folder / "runner.py").write_text(RUNNER)
    return folder


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("core", CORES)
def test_same_data(folder, core, kind, hook):
    if core == "sysmon" and kind[1]:
        pytest.skip("coverage.py finds no dynamic contexts through sys.monitoring")
    mine = [moment for moment in MOMENTS if (core, moment) != ("sysmon", "switched")]
    moments = json.dumps([(moment, (kind[0], kind[1] and moment != "switched")) for moment in mine])
    done = python(folder / "runner.py", hook, moments, cwd=folder, env={"COVERAGE_CORE": core})
    assert (done.returncode, done.stderr) == (0, "")
    alone = {}
    for moment, way, result, heard in map(json.loads, done.stdout.splitlines()):
        if way == "alone":
            alone[moment] = result
            assert result["files"]["program.py"]["arcs" if kind[0] else "lines"]
            assert result["gettrace"] == "None"
        assert result == alone[moment], (moment, way)
        assert heard or way in DEAF, (moment, way)
    assert list(alone) == mine


ENTERED = """
import sys
from tests.hooks.composition import tracers
with dict(tracers.ways(sys.argv[1]))["all"]:
    import program
    program.main(lambda: None, lambda: None)
"""


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("core", CORES)
def test_command_line(folder, core, hook, tmp_path):
    """`coverage run` of a program that uses a tracer, and of the same that does not."""
    (folder / "entered.py").write_text(ENTERED)
    (folder / "plain.py").write_text("import program\nprogram.main(lambda: None, lambda: None)\n")
    told = {}
    for name in ("plain", "entered"):
        data = tmp_path / name
        include = f"--include={folder}/program.py,{folder}/other.py"
        branch = ["--branch"] if core != "sysmon" or SYSMON_HAS_BRANCHES else []
        command = ["-m", "coverage", "run", *branch, include, f"--data-file={data}", f"{name}.py", hook]
        done = python(*command, cwd=folder, env={"COVERAGE_CORE": core, "PYTHONPATH": f"{folder}:{ROOT}"})
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        read = coverage.CoverageData(str(data))
        read.read()
        told[name] = {path: sorted(read.arcs(path) or read.lines(path)) for path in read.measured_files()}
    assert told["entered"] == told["plain"] and told["plain"]
