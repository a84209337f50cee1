import pyccolo as pyc


class Names(pyc.BaseTracer):
    heard = []

    @pyc.load_name
    def name(self, ret, *_, **__):
        self.heard.append(ret)


seen = []
original = pyc.BaseTracer._emit_event


def watching(self, evt, node_id, frame, **kwargs):
    seen.append((type(self), pyc.TraceEvent(evt), type(self.ast_node_by_id.get(node_id)).__name__, frame.f_code.co_filename))
    return original(self, evt, node_id, frame, **kwargs)


with Names:
    env = pyc.exec("def f(x):\n    return x\nf(1)", filename="<sandbox-of-the-program>")
    assert Names.heard[1:] == [1] and not seen
    pyc.BaseTracer._emit_event = watching
    env["f"](2)
    assert seen == [(Names, pyc.load_name, "Name", "<sandbox-of-the-program>")]
    assert Names.heard[2:] == [2]

    class Own(Names):
        pass

    pyc.BaseTracer._emit_event = original
    env["f"](3)
    assert len(seen) == 1 and Names.heard[3:] == [3]

# as a positional argument too
tracer = Names.instance()
assert tracer._emit_event(pyc.load_name, None, None, False, ret=5) == 5 and Names.heard[-1] == 5

# the events of an instance, replaced, say what is woven and emitted
tracer.events_with_registered_handlers = frozenset()
with tracer:
    pyc.exec("y = 1\ny")
    assert Names.heard[-1] == 5
    tracer.events_with_registered_handlers = frozenset([pyc.load_name])
    pyc.exec("y = 6\ny")
    assert Names.heard[-1] == 6
