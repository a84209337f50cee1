import logging
import os
import sys

import pyccolo as pyc

sys.unraisablehook = lambda report: None
logging.lastResort = None
records = []


class Records(logging.Handler):
    def emit(self, record):
        records.append(record.getMessage())


logging.getLogger().addHandler(Records())


class Mistaken(pyc.BaseTracer):
    error = ValueError("mine")

    @pyc.load_name
    def name(self, *_, **__):
        raise self.error


with Mistaken:
    assert pyc.exec("y = 1\nz = y")["z"] == 1
assert not records, records


class Strict(Mistaken):
    asked = []

    def should_propagate_handler_exception(self, evt, exc):
        self.asked.append((evt, exc))
        return isinstance(exc, KeyError)


Mistaken.clear_instance()
with Strict:
    assert pyc.exec("y = 1\nz = y")["z"] == 1
    Strict.error = KeyError("told")
    try:
        pyc.exec("y = 1\nz = y")
    except KeyError as error:
        assert error is Strict.error and error.__cause__ is None and error.__suppress_context__
    else:
        raise AssertionError("not propagated")
assert [type(exc) for _, exc in Strict.asked] == [ValueError, KeyError]
assert {pyc.TraceEvent(evt) for evt, _ in Strict.asked} == {pyc.load_name}

# read when the tracer is made
Strict.clear_instance()
os.environ["PYCCOLO_DEV_MODE"] = "1"
with Mistaken:
    assert pyc.exec("y = 1\nz = y")["z"] == 1
assert records and any("mine" in its or "handler" in its or "exception" in its for its in records), records

Mistaken.clear_instance()
Mistaken.error = KeyboardInterrupt()
tracer = Mistaken.instance()
tracer.__enter__()
try:
    pyc.exec("y = 1\nz = y")
except KeyboardInterrupt:
    assert not tracer.is_tracing_enabled
else:
    raise AssertionError("not raised")
