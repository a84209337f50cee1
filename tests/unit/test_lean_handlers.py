"""Handlers (self, ret, *_, **__) that never look at what they ignore: it is not made for them, and nothing else is different."""
import sys

import pytest

import pyccolo_native as pyc


def seen_by(handler, source="x = 1", event=pyc.after_int):
    pyc.register_handler(event)(handler)
    cls = type(pyc.BaseTracer)("Tracer", (pyc.BaseTracer,), {handler.__name__: handler})
    with cls().tracing_enabled():
        return pyc.exec(source)


def test_values_are_replaced_and_defaults_are_kept():
    def handle(self, ret, *_, factor=3, **__):
        return ret * factor

    assert seen_by(handle)["x"] == 3


def test_closures_are_kept():
    seen = []

    def handle(self, ret, *_, **__):
        seen.append(ret)

    seen_by(handle)
    assert seen == [1]


def test_the_first_parameters_are_given_by_position():
    seen = []

    def handle(self, value, where, *_):
        seen.append((value, type(where).__name__))

    seen_by(handle)
    assert seen == [(1, "Constant")]


@pytest.mark.parametrize("way", ["locals()['_']", "vars()['_']", "eval('_')", "sys._getframe().f_locals['_']"])
def test_a_handler_that_may_look_gets_everything(way):
    seen = []
    namespace = {"seen": seen, "sys": sys}
    exec(f"def handle(self, ret, *_, **__): seen.append({way})", namespace)
    if "eval" in way:
        exec("def handle(self, ret, *_, **__):\n    _\n    seen.append(eval('_'))", namespace)
    seen_by(namespace["handle"])
    assert len(seen) == 1 and len(seen[0]) == 4


def test_one_that_shares_it_with_a_nested_function_gets_everything():
    seen = []

    def handle(self, ret, *rest, **__):
        seen.append([one for one in (lambda: rest)()])

    seen_by(handle)
    assert len(seen[0]) == 4


def test_tracebacks_name_the_handler(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)

    def handle(self, ret, *_, **__):
        raise ValueError("from the handler")

    seen_by(handle)
    (one,) = told
    assert one.object is handle
    frames = []
    traceback = one.exc_traceback
    while traceback is not None:
        frames.append((traceback.tb_frame.f_code.co_name, traceback.tb_lineno))
        traceback = traceback.tb_next
    assert frames == [("handle", handle.__code__.co_firstlineno + 1)]
    told.clear()
    del one


def test_code_that_is_exchanged_is_what_runs():
    seen = []

    def handle(self, ret, *_, **__):
        seen.append("before")

    def other(self, ret, *_, **__):
        seen.append("after")

    pyc.register_handler(pyc.after_int)(handle)
    tracer = type(pyc.BaseTracer)("Tracer", (pyc.BaseTracer,), {"handle": handle})()
    with tracer.tracing_enabled():
        pyc.exec("1")
        handle.__code__ = other.__code__
        pyc.exec("1")
    assert seen == ["before", "after"]
