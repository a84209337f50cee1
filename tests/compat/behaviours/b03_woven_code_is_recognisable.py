import builtins
import dis

import pyccolo as pyc
from pyccolo.extra_builtins import EMIT_EVENT, PYCCOLO_BUILTIN_PREFIX


class Statements(pyc.BaseTracer):
    @pyc.before_stmt
    def statement(self, *_, **__):
        pass


def is_woven(function):
    return any(name.endswith("_PYCCOLO_EVT_EMIT") for name in function.__code__.co_names)


def plain():
    return 1


with Statements:
    woven = pyc.exec("def woven():\n    return 1")["woven"]
    assert callable(getattr(builtins, EMIT_EVENT))

assert PYCCOLO_BUILTIN_PREFIX == "_X5ix" and EMIT_EVENT.startswith(PYCCOLO_BUILTIN_PREFIX)
assert is_woven(woven) and not is_woven(plain)
loads = [its for its in dis.get_instructions(woven) if its.argval == EMIT_EVENT]
assert loads and all(its.opname in ("LOAD_GLOBAL", "LOAD_NAME") for its in loads)
assert is_woven(Statements.instance().instrumented(plain).__wrapped__) is False
assert is_woven(Statements.instance().instrumented(plain, mutate=True).__wrapped__) is True
