import pyccolo as pyc
from pyccolo import emit_event, tracer as _function  # noqa: F401
from pyccolo.emit_event import _TRACER_STACK
from pyccolo.tracer import _TRACER_STACK as again

assert _TRACER_STACK is again is emit_event._TRACER_STACK and type(_TRACER_STACK) is list


class Inside(pyc.BaseTracer):
    seen = []
    do = None

    @pyc.load_name
    def name(self, ret, node, *_, **__):
        self.seen.append(node.id)
        if node.id == "trigger":
            type(self).do(self)


def run(do, expected):
    Inside.do = do
    Inside.seen.clear()
    pyc.exec("trigger = inner = 1\ntrigger\ninner")
    assert Inside.seen == expected, Inside.seen
    assert len(_TRACER_STACK) == 1


def evaluate(self):
    assert self.eval("inner + 1", {}, {"inner": 4}) == 5
    assert pyc.eval("inner + 1", {}, {"inner": 5}) == 6
    assert self.exec("z = inner", {}, {"inner": 4})["z"] == 4


def fragment(self):
    tree = self.parse_fragment("z = inner")
    env = {"inner": 7}
    self.exec_raw(tree, {}, env, "<sandbox-fragment>", instrument=False)
    assert env["z"] == 7


def disabled(self):
    with pyc.tracing_disabled():
        assert pyc.eval("inner", {}, {"inner": 1}) == 1
    with self.tracing_disabled():
        pass


def allowed(self):
    with pyc.allow_reentrant_event_handling():
        assert pyc.eval("inner", {}, {"inner": 1}) == 1


with Inside:
    assert _TRACER_STACK == [Inside.instance()]
    run(evaluate, ["trigger", "inner"])
    run(fragment, ["trigger", "inner"])
    run(disabled, ["trigger", "inner"])
    run(allowed, ["trigger", "inner", "inner"])
    run(evaluate, ["trigger", "inner"])
assert _TRACER_STACK == []
