import pyccolo as pyc


class Switching(pyc.BaseTracer):
    seen = []
    states = []

    @pyc.load_name
    def name(self, ret, node, *_, **__):
        self.seen.append(node.id)
        if node.id == "off":
            self._disable_tracing()
            self.states.append(self.is_tracing_enabled)
            self._disable_tracing(check_enabled=False)
        if node.id == "both":
            for _ in range(50):
                self._disable_tracing()
                self._enable_tracing()
            self.states.append(self.is_tracing_enabled)
            self._enable_tracing(check_disabled=False)


def attempt(switch, message):
    try:
        switch()
    except AssertionError:
        return
    raise AssertionError(message)


tracer = Switching.instance()
with tracer:
    pyc.exec("a = both = off = b = 1\na\nboth\na\noff\nb\nb")
    assert Switching.seen[:4] == ["a", "both", "a", "off"] and Switching.states == [True, False]
    assert not tracer.is_tracing_enabled
    attempt(tracer._disable_tracing, "it was off")
    tracer._enable_tracing()
    attempt(tracer._enable_tracing, "it was on")
    assert tracer.is_tracing_enabled
    pyc.exec("a = 1\na")
    assert Switching.seen[-1] == "a"
assert not tracer.is_tracing_enabled
