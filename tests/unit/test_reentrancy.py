"""Handlers that run instrumented code themselves, and those that meddle with the tracing they are part of."""
import pytest

import pyccolo_native as pyc


class Calling(pyc.BaseTracer):
    """Its handler calls a function of the program, which has events too."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.seen = []
        self.function = None

    @pyc.after_int
    def handle(self, ret, *_, **__):
        self.seen.append(ret)
        if self.function is not None and len(self.seen) < 3:
            self.function()


@pytest.fixture(autouse=True)
def without_instances():
    yield
    Calling.clear_instance()


def define(source="def f():\n    return 7"):
    return pyc.exec(source, local_env={})["f"]


def test_events_within_a_handler_are_not_handled():
    tracer = Calling.instance()
    with tracer:
        tracer.function = define()
        pyc.eval("1")
    assert tracer.seen == [1]


def test_a_tracer_may_allow_them():
    class Tracer(Calling):
        allow_reentrant_events = True

        @pyc.after_string(reentrant=True)
        def string(self, ret, *_, **__):
            self.seen.append(ret)

    tracer = Tracer.instance()
    with tracer:
        tracer.function = define("def f():\n    return 'a'")
        pyc.eval("1")
    assert tracer.seen == [1, "a"]


def test_only_reentrant_handlers_of_such_a_tracer_run():
    class Tracer(Calling):
        allow_reentrant_events = True

        @pyc.after_string
        def string(self, ret, *_, **__):
            self.seen.append(ret)

    tracer = Tracer.instance()
    with tracer:
        tracer.function = define("def f():\n    return 'a'")
        pyc.eval("1")
    assert tracer.seen == [1]


def test_reentrant_handling_may_be_allowed_for_a_while():
    tracer = Calling.instance()
    with tracer:
        tracer.function = define()
        with pyc.allow_reentrant_event_handling():
            pyc.eval("1")
    assert tracer.seen == [1, 7, 7]


def test_it_is_not_allowed_any_more_afterwards():
    tracer = Calling.instance()
    with pyc.allow_reentrant_event_handling():
        pass
    with tracer:
        tracer.function = define()
        pyc.eval("1")
    assert tracer.seen == [1]


def test_another_tracers_handler_is_not_called_from_within_one():
    class Other(pyc.BaseTracer):
        seen = []

        @pyc.after_string
        def string(self, ret, *_, **__):
            self.seen.append(ret)

    tracer = Calling.instance()
    with tracer, Other.instance():
        tracer.function = define("def f():\n    return 'a'")
        pyc.eval("(1, 'b')")
    assert Other.seen == ["b"]


def test_eval_and_exec_in_a_handler():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            if ret == 1:
                assert pyc.eval("2 + 3") == 5
                assert pyc.exec("x = 4", local_env={})["x"] == 4
                return self.eval("6")

    assert Tracer.instance().eval("1") == 6


def test_a_fragment_in_a_handler():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            if ret == 1:
                return self.exec_fragment("y = x * 2", {"x": 21}, {})["y"]

    assert Tracer.instance().eval("1") == 42


def test_a_handler_may_switch_its_own_tracer_off():
    class Tracer(pyc.BaseTracer):
        seen = []

        @pyc.after_int
        def handle(self, ret, *_, **__):
            self.seen.append(ret)
            if ret == 2:
                self._disable_tracing(check_enabled=False)

    with Tracer.instance():
        assert pyc.eval("(1, 2, 3)") == (1, 2, 3)
    assert Tracer.seen[:2] == [1, 2]


def test_a_handler_may_disable_its_tracer_for_a_block():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            with self.tracing_disabled():
                return ret + 1

    assert Tracer.instance().eval("(1, 2)") == (2, 3)


def test_a_handler_may_leave_the_context_it_runs_in():
    class Tracer(pyc.BaseTracer):
        seen = []

        @pyc.after_int
        def handle(self, ret, *_, **__):
            self.seen.append(ret)
            if ret == 2:
                self.disable_tracing()

    Tracer.enable()
    namespace = pyc.exec("def f():\n    return (1, 2, 3)", local_env={})
    assert namespace["f"]() == (1, 2, 3)
    assert Tracer.seen == [1, 2] and pyc.tracer() is pyc.NoopTracer.instance()


def test_a_handler_may_bring_another_tracer_in():
    class Other(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            return ret * 10

    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            if ret == 2:
                Other.enable()
            return ret

    source = "def f():\n    return (1, 2, 3)"
    with Tracer.instance():
        with Other.instance():
            f = define(source)
        assert f()[0] == 1
        Other.disable()
        assert f() is not None
        Other.disable()
    assert f() == (1, 2, 3)


def test_a_handler_may_clear_the_handlers():
    class Tracer(pyc.BaseTracer):
        seen = []

        @pyc.after_int
        def one(self, ret, *_, **__):
            self.seen.append("one")
            if ret == 2:
                self._event_handlers[pyc.after_int] = []

        @pyc.after_int
        def two(self, ret, *_, **__):
            self.seen.append("two")

    assert Tracer.instance().eval("(1, 2)") == (1, 2)
    assert Tracer.seen[:2] == ["one", "two"]


def test_a_handler_may_clear_the_instance_and_drop_the_class():
    import gc

    def make():
        class Tracer(pyc.BaseTracer):
            @pyc.after_int
            def handle(self, ret, *_, **__):
                type(self).clear_instance()
                gc.collect()
                return ret + 1

        return Tracer

    assert make().instance().eval("(1, 2)") == (2, 3)


def test_a_handler_that_recurses_too_deeply(unraisable):
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            def down(n):
                return down(n + 1)

            down(0)

    assert Tracer.instance().eval("(1, 2)") == (1, 2)
    assert [report.kind for report in unraisable] == [RecursionError]


def test_a_handler_that_traces_itself_without_end_ends(unraisable):
    class Tracer(pyc.BaseTracer):
        allow_reentrant_events = True

        @pyc.after_int(reentrant=True)
        def handle(self, ret, *_, **__):
            self.function()

    tracer = Tracer.instance()
    with tracer:
        tracer.function = define()
        assert pyc.eval("1") == 1
    assert {report.kind for report in unraisable} <= {RecursionError}


def test_generators_of_handlers_and_programs_interleave():
    tracer = Calling.instance()
    with tracer:
        generator = pyc.exec("def f():\n    yield 1\n    yield 2", local_env={})["f"]()
        assert next(generator) == 1
        with tracer.tracing_disabled():
            assert next(generator) == 2
        assert list(generator) == []
    assert tracer.seen == [1]
