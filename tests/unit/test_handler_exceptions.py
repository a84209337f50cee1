"""Handlers that raise: reported once per kind and handler, harmless to the program unless the tracer says otherwise."""
import pytest

import pyccolo_native as pyc


class Failing(pyc.BaseTracer):
    kinds = [ValueError]

    @pyc.after_int
    def failing(self, ret, *_, **__):
        raise self.kinds[0]("from a handler")


@pytest.fixture(autouse=True)
def fresh_tracers():
    Failing.kinds = [ValueError]
    yield
    Failing.clear_instance()


def test_the_program_goes_on_with_its_value(unraisable):
    assert Failing.instance().eval("7 + 1") == 8


def test_it_is_reported_with_its_traceback(unraisable):
    Failing.instance().eval("7")
    [report] = unraisable
    assert (report.kind, report.message, report.where) == (ValueError, "from a handler", "failing")
    assert "failing" in report.what


def test_each_kind_is_reported_once_for_a_handler(unraisable):
    tracer = Failing.instance()
    tracer.eval("(1, 2, 3)")
    Failing.kinds = [TypeError]
    tracer.eval("(1, 2, 3)")
    Failing.kinds = [ValueError]
    tracer.eval("(1, 2, 3)")
    assert [report.kind for report in unraisable] == [ValueError, TypeError]


def test_each_handler_is_reported(unraisable):
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def one(self, ret, *_, **__):
            raise ValueError("one")

        @pyc.after_int
        def two(self, ret, *_, **__):
            raise ValueError("two")

    assert Tracer.instance().eval("(1, 2)") == (1, 2)
    assert [report.message for report in unraisable] == ["one", "two"]


def test_later_handlers_still_run(unraisable):
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def one(self, ret, *_, **__):
            return ret + 1

        @pyc.after_int
        def two(self, ret, *_, **__):
            raise ValueError

        @pyc.after_int
        def three(self, ret, *_, **__):
            return ret * 10

    assert Tracer.instance().eval("1") == 20
    assert len(unraisable) == 1


def test_a_tracer_may_let_them_out():
    class Tracer(pyc.BaseTracer):
        asked = []

        def should_propagate_handler_exception(self, evt, exc):
            self.asked.append((evt, type(exc)))
            return True

        @pyc.after_int
        def handle(self, ret, *_, **__):
            try:
                {}["missing"]
            except KeyError:
                raise ValueError("out")

    with pytest.raises(ValueError, match="out") as caught:
        Tracer.instance().eval("1")
    assert Tracer.asked == [(pyc.after_int, ValueError)]
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    assert not pyc.BaseTracer.instance().is_tracing_enabled
    assert pyc.tracer() is pyc.NoopTracer.instance()


def test_the_program_can_catch_what_is_let_out():
    class Tracer(pyc.BaseTracer):
        def should_propagate_handler_exception(self, evt, exc):
            return isinstance(exc, ValueError)

        @pyc.after_int
        def handle(self, ret, *_, **__):
            if ret == 7:
                raise ValueError("out")

    source = "try:\n    x = 7\nexcept ValueError as error:\n    y = str(error)\nz = 1"
    env = Tracer.instance().exec(source, local_env={})
    assert "x" not in env and env["y"] == "out" and env["z"] == 1


def test_it_decides_for_each_exception(unraisable):
    class Tracer(pyc.BaseTracer):
        def should_propagate_handler_exception(self, evt, exc):
            return isinstance(exc, KeyError)

        @pyc.after_int
        def handle(self, ret, *_, **__):
            raise (KeyError if ret == 2 else ValueError)(ret)

    assert Tracer.instance().eval("1") == 1
    with pytest.raises(KeyError):
        Tracer.instance().eval("2")
    assert [report.kind for report in unraisable] == [ValueError]


def test_an_interrupt_in_a_handler_switches_tracing_off_and_goes_on():
    class Tracer(pyc.BaseTracer):
        calls = 0

        @pyc.after_int
        def handle(self, ret, *_, **__):
            type(self).calls += 1
            raise KeyboardInterrupt

    tracer = Tracer.instance()
    with tracer:
        with pytest.raises(KeyboardInterrupt):
            pyc.eval("(1, 2)")
        assert not tracer.is_tracing_enabled
    assert Tracer.calls == 1


def test_system_exit_goes_through():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            raise SystemExit(3)

    with pytest.raises(SystemExit) as caught:
        Tracer.instance().eval("1")
    assert caught.value.code == 3


def test_exceptions_of_dynamic_predicates_are_reported_too(unraisable):
    class Tracer(pyc.BaseTracer):
        rewriting = True

        @pyc.after_int(when=lambda node: Tracer.rewriting or 1 / 0)
        def handle(self, ret, *_, **__):
            return ret + 1

    with Tracer.instance():
        f = pyc.exec("def f():\n    return 1", local_env={})["f"]
        assert f() == 2
        Tracer.rewriting = False
        assert f() == 1
    assert [report.kind for report in unraisable] == [ZeroDivisionError]


def test_an_exception_of_the_program_is_not_a_handlers(unraisable):
    class Tracer(pyc.BaseTracer):
        @pyc.register_handler((pyc.after_call, pyc.before_call, pyc.after_int, pyc.before_stmt, pyc.after_stmt))
        def handle(self, ret, *_, **__):
            pass

    with pytest.raises(ZeroDivisionError):
        Tracer.instance().exec("divmod(1, 0)", local_env={})
    assert unraisable == []


@pytest.mark.keeps_objects(reason="the log keeps the exception's frames")
def test_development_mode_logs_them(monkeypatch, caplog, unraisable):
    monkeypatch.setenv("PYCCOLO_DEV_MODE", "1")
    Failing.clear_instance()
    with caplog.at_level("ERROR"):
        assert Failing.instance().eval("7") == 7
    assert unraisable or any("from a handler" in (record.exc_text or "") for record in caplog.records)
