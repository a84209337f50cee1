"""Tracing on and off: contexts and their nesting, on instances, classes and the package."""
import builtins

import pytest

import pyccolo_native as pyc
from pyccolo_native.emit_event import _TRACER_STACK


class Hooked(pyc.BaseTracer):
    log: list = []

    def enter_tracing_hook(self):
        self.log.append("enter")

    def exit_tracing_hook(self):
        self.log.append("exit")

    @pyc.after_int
    def handle(self, ret, *_, **__):
        return ret + 1


class Tenfold(pyc.BaseTracer):
    @pyc.after_int
    def handle(self, ret, *_, **__):
        return ret * 10


@pytest.fixture(autouse=True)
def fresh():
    Hooked.log = []
    yield
    for tracer in (Hooked, Tenfold):
        tracer.clear_instance()
    assert _TRACER_STACK == []
    assert [name for name in vars(builtins) if "EVT_EMIT" in name] in ([], ["_X5ix_PYCCOLO_EVT_EMIT"])


def test_a_context_pushes_and_pops():
    tracer = Hooked.instance()
    with tracer.tracing_context():
        assert _TRACER_STACK == [tracer] and tracer.is_tracing_enabled
    assert _TRACER_STACK == [] and not tracer.is_tracing_enabled


def test_nesting_the_same_tracer_pushes_it_once():
    tracer = Hooked.instance()
    with tracer.tracing_enabled():
        with tracer.tracing_enabled():
            assert _TRACER_STACK == [tracer]
            assert pyc.eval("1") == 2
        assert tracer.is_tracing_enabled and pyc.eval("1") == 2
    assert not tracer.is_tracing_enabled


def test_hooks_run_once_per_push():
    tracer = Hooked.instance()
    with tracer:
        with tracer.tracing_enabled():
            with tracer.tracing_disabled():
                pass
        assert Hooked.log == ["enter"]
    assert Hooked.log == ["enter", "exit"]


def test_hooks_run_with_the_tracer_on_the_stack_or_off():
    states = []

    class Tracer(pyc.BaseTracer):
        def enter_tracing_hook(self):
            states.append((self in _TRACER_STACK, self.is_tracing_enabled))

        def exit_tracing_hook(self):
            states.append((self in _TRACER_STACK, self.is_tracing_enabled))

    with Tracer.instance():
        pass
    assert states == [(True, True), (False, False)]


def test_disabled_within_enabled():
    tracer = Hooked.instance()
    with tracer:
        with tracer.tracing_disabled():
            assert pyc.eval("1") == 1
        assert pyc.eval("1") == 2


def test_enabled_within_disabled():
    tracer = Hooked.instance()
    with tracer.tracing_disabled():
        assert _TRACER_STACK == [tracer] and not tracer.is_tracing_enabled
        assert pyc.eval("1") == 1
        with tracer.tracing_enabled():
            assert pyc.eval("1") == 2
        assert pyc.eval("1") == 1
    assert not tracer.is_tracing_enabled


def test_code_woven_before_is_quiet_while_disabled():
    tracer = Hooked.instance()
    with tracer:
        f = pyc.exec("def f():\n    return 1", local_env={})["f"]
        assert f() == 2
        with tracer.tracing_disabled():
            assert f() == 1
        assert f() == 2
    assert f() == 1


def test_two_tracers_on_the_stack():
    one, two = Hooked.instance(), Tenfold.instance()
    with one:
        with two:
            assert _TRACER_STACK == [one, two] and pyc.tracer() is two
            assert pyc.eval("1") == 20
            with one.tracing_disabled():
                assert pyc.eval("1") == 10
            with two.tracing_disabled():
                assert pyc.eval("1") == 2
        assert pyc.eval("1") == 2


def test_an_exception_leaves_the_context():
    tracer = Hooked.instance()
    with pytest.raises(ValueError):
        with tracer:
            raise ValueError
    assert not tracer.is_tracing_enabled and Hooked.log == ["enter", "exit"]


def test_contexts_of_the_package_take_several_tracers():
    tracers = (Hooked.instance(), Tenfold.instance())
    with pyc.tracing_context(tracers):
        assert list(_TRACER_STACK) == list(tracers) and pyc.eval("1") == 20
    with pyc.tracing_enabled(tracers):
        assert pyc.eval("1") == 20
        with pyc.tracing_disabled(tracers):
            assert pyc.eval("1") == 1
        assert pyc.eval("1") == 20


def test_contexts_of_the_package_without_tracers_mean_the_active_ones():
    with Hooked.instance():
        with pyc.tracing_disabled():
            assert pyc.eval("1") == 1
            with pyc.tracing_enabled():
                assert pyc.eval("1") == 2
        assert pyc.eval("1") == 2


def test_a_file_is_enabled_for_the_time_of_a_context():
    tracer = Hooked.instance()
    before = tracer._tracing_enabled_files
    with tracer.tracing_context(tracing_enabled_file="some_file.py"):
        assert "some_file.py" in tracer._tracing_enabled_files
        assert tracer._should_instrument_file_impl("some_file.py")
        assert tracer._current_sandbox_fname == "some_file.py"
    assert tracer._tracing_enabled_files == before
    assert not tracer._should_instrument_file_impl("some_file.py")


def test_enable_and_disable_by_hand():
    tracer = Hooked.instance()
    tracer.enable_tracing()
    assert tracer.is_tracing_enabled and pyc.eval("1") == 2
    tracer.disable_tracing()
    assert not tracer.is_tracing_enabled and _TRACER_STACK == []


def test_enter_and_exit_by_hand():
    tracer = Hooked.instance()
    tracer.__enter__()
    tracer.__exit__(None, None, None)
    assert _TRACER_STACK == [] and Hooked.log == ["enter", "exit"]


def test_entering_twice_or_leaving_too_often_is_refused():
    tracer = Hooked.instance()
    with pytest.raises(AssertionError):
        tracer.__exit__(None, None, None)
    with tracer:
        with pytest.raises(AssertionError):
            tracer.__enter__()
    assert _TRACER_STACK == []


def test_contexts_that_are_left_in_another_order():
    one, two = Hooked.instance(), Tenfold.instance()
    one.__enter__()
    two.__enter__()
    one.__exit__(None, None, None)
    assert not one.is_tracing_enabled
    two.__exit__(None, None, None)
    assert _TRACER_STACK == [] and not two.is_tracing_enabled


def test_low_level_switches():
    tracer = Hooked.instance()
    with tracer:
        f = pyc.exec("def f():\n    return 1", local_env={})["f"]
        tracer._disable_tracing()
        assert not tracer.is_tracing_enabled
        tracer._disable_tracing(check_enabled=False)
        with pytest.raises(AssertionError):
            tracer._disable_tracing()
        tracer._enable_tracing()
        assert tracer.is_tracing_enabled and f() == 2
        with pytest.raises(AssertionError):
            tracer._enable_tracing()
        tracer._enable_tracing(check_disabled=False)


def test_the_stack_is_a_list_that_may_be_changed_by_hand():
    tracer = Hooked.instance()
    with tracer:
        f = pyc.exec("def f():\n    return 1", local_env={})["f"]
        assert f() == 2
        _TRACER_STACK.remove(tracer)
        assert f() == 1
        _TRACER_STACK.append(tracer)
        assert f() == 2


def test_non_context_returns_what_undoes_it():
    tracer = Hooked.instance()
    undo = tracer.tracing_non_context()
    assert _TRACER_STACK == [tracer] and pyc.eval("1") == 2
    undo()
    assert _TRACER_STACK == [] and Hooked.log == ["enter", "exit"]


def test_a_context_is_entered_when_asked_to_not_when_made():
    context = Hooked.instance().tracing_context()
    assert _TRACER_STACK == []
    with context:
        assert _TRACER_STACK == [Hooked.instance()]


def test_a_failing_enter_hook_leaves_nothing_behind():
    class Tracer(pyc.BaseTracer):
        def enter_tracing_hook(self):
            raise ValueError("not today")

    with pytest.raises(ValueError, match="not today"):
        with Tracer.instance():
            raise AssertionError("not reached")
    _TRACER_STACK.clear()


def test_multi_context_gives_what_its_contexts_give():
    with pyc.multi_context([]) as nothing:
        assert nothing == []
    with pyc.multi_context([Hooked.instance(), Tenfold.instance()]) as given:
        assert len(given) == 2 and pyc.eval("1") == 20


def test_multi_context_leaves_what_it_entered():
    log = []

    class Context:
        def __init__(self, name, fails=False):
            self.name, self.fails = name, fails

        def __enter__(self):
            if self.fails:
                raise ValueError(self.name)
            log.append(f"+{self.name}")

        def __exit__(self, *exc_info):
            log.append(f"-{self.name} {exc_info[0].__name__ if exc_info[0] else None}")
            return self.name == "swallows"

    with pyc.multi_context([Context("a"), Context("b")]):
        log.append("body")
    assert log == ["+a", "+b", "body", "-b None", "-a None"]
    log.clear()
    with pytest.raises(ValueError):
        with pyc.multi_context([Context("a"), Context("b", fails=True)]):
            raise AssertionError
    assert log == ["+a", "-a ValueError"]
    log.clear()
    with pyc.multi_context([Context("a"), Context("swallows")]):
        raise KeyError
    assert log == ["+a", "+swallows", "-swallows KeyError", "-a None"]
