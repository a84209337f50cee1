import importlib
import sys
from types import FunctionType, ModuleType

import pyccolo
import pyccolo.tracer
import pyccolo.tracer as function
from pyccolo import tracer
from pyccolo.tracer import _TRACER_STACK, BaseTracer, NoopTracer

assert isinstance(pyccolo.tracer, FunctionType) and tracer is function is pyccolo.tracer
module = importlib.import_module("pyccolo.tracer")
assert isinstance(module, ModuleType) and module is sys.modules["pyccolo.tracer"]
assert module.BaseTracer is BaseTracer is pyccolo.BaseTracer and module._TRACER_STACK is _TRACER_STACK
assert isinstance(pyccolo.tracer(), NoopTracer)
for name in ("trace_events", "predicate", "utils", "stmt_mapper", "trace_stack", "import_hooks"):
    importlib.import_module(f"pyccolo.{name}")
assert pyccolo.tracer is tracer
