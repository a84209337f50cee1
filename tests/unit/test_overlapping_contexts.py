"""Contexts of a tracer that threads enter and leave in any order."""
import sys

import pytest

import pyccolo_native as pyc
from pyccolo_native.import_hooks import TraceFinder


class Shared(pyc.BaseTracer):
    multiple_threads_allowed = True

    @pyc.after_int
    def handle(self, ret, *_, **__):
        return ret + 1


@pytest.fixture(autouse=True)
def without_instances():
    yield
    Shared.clear_instance()


def woven(source="def f():\n    return 1"):
    with Shared.instance():
        return pyc.exec(source, local_env={})["f"]


def leave(context):
    context.__exit__(None, None, None)


def test_disabling_ends_with_the_last_that_asked_for_it(script):
    f = woven()
    tracer = Shared.instance()
    with tracer:
        one, two = tracer.tracing_disabled(), tracer.tracing_disabled()
        script.run(0, one.__enter__)
        script.run(1, two.__enter__)
        assert f() == 1
        script.run(0, leave, one)
        assert f() == 1 and script.run(0, f) == 1
        script.run(1, leave, two)
        assert f() == 2 and script.run(0, f) == 2
    assert not tracer._is_tracing_hard_disabled


def test_enabling_ends_with_the_last_that_asked_for_it(script):
    f = woven()
    tracer = Shared.instance()
    one, two, three = (tracer.tracing_enabled() for _ in range(3))
    script.run(0, one.__enter__)
    script.run(1, two.__enter__)
    script.run(0, leave, one)
    assert f() == 2 and tracer.is_tracing_enabled
    three.__enter__()
    script.run(1, leave, two)
    assert f() == 2 and tracer.is_tracing_enabled
    leave(three)
    assert f() == 1 and not tracer.is_tracing_enabled and pyc._TRACER_STACK == []


def test_hooks_are_called_once_when_contexts_overlap():
    log = []

    class Tracer(pyc.BaseTracer):
        def enter_tracing_hook(self):
            log.append("enter")

        def exit_tracing_hook(self):
            log.append("exit")

    tracer = Tracer.instance()
    one, two = tracer.tracing_enabled(), tracer.tracing_enabled()
    one.__enter__()
    two.__enter__()
    leave(one)
    assert log == ["enter"]
    leave(two)
    assert log == ["enter", "exit"]


def test_enabled_files_when_contexts_overlap():
    tracer = Shared.instance()
    before = tracer._tracing_enabled_files
    names = ["a.py", "b.py", "c.py", "a.py"]
    one, two, three, again = (tracer.tracing_enabled(tracing_enabled_file=name) for name in names)
    for context in (one, two, three, again):
        context.__enter__()
    leave(two)
    assert tracer._tracing_enabled_files == before | {"a.py", "c.py"}
    leave(one)
    assert tracer._tracing_enabled_files == before | {"a.py", "c.py"}
    leave(again)
    assert tracer._tracing_enabled_files == before | {"c.py"} and tracer._current_sandbox_fname == "c.py"
    leave(three)
    assert tracer._tracing_enabled_files is before and tracer._current_sandbox_fname == "<sandbox>"


def test_files_do_not_pile_up_while_contexts_overlap_without_end():
    tracer = Shared.instance()
    before = set(tracer._tracing_enabled_files)
    last = tracer.tracing_enabled(tracing_enabled_file="0.py")
    last.__enter__()
    for number in range(1, 50):
        context = tracer.tracing_enabled(tracing_enabled_file=f"{number}.py")
        context.__enter__()
        leave(last)
        last = context
        assert tracer._tracing_enabled_files == before | {f"{number}.py"}
    leave(last)
    assert tracer._tracing_enabled_files == before


def test_a_context_that_is_dropped_without_being_left():
    tracer = Shared.instance()
    with tracer:
        context = tracer.tracing_disabled()
        context.__enter__()
        del context
        with tracer.tracing_enabled():
            assert pyc.eval("1") == 2
    assert pyc._TRACER_STACK == []


def test_imports_are_looked_at_as_long_as_a_tracer_wants_it(importable):
    importable("imported_late", "VALUE = 1\n")

    class First(pyc.BaseTracer):
        pass

    class Second(Shared):
        instrument_all_files = True

    finders = len(sys.meta_path)
    First.enable()
    Second.enable()
    First.disable()
    assert isinstance(sys.meta_path[0], TraceFinder)
    import imported_late

    Second.disable()
    assert imported_late.VALUE == 2
    assert len(sys.meta_path) == finders and not isinstance(sys.meta_path[0], TraceFinder)


def test_imports_are_not_looked_at_for_a_tracer_that_does_not_want_it():
    class First(pyc.BaseTracer):
        pass

    class Second(pyc.BaseTracer):
        should_patch_meta_path = False

    First.enable()
    Second.enable()
    First.disable()
    try:
        assert not any(isinstance(finder, TraceFinder) for finder in sys.meta_path)
    finally:
        Second.disable()
