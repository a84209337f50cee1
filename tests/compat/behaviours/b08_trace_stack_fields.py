import pyccolo as pyc


class Calls(pyc.BaseTracer):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.before = "no field"
        self.stack = self.make_stack()
        with self.stack.register_stack_state():
            self.names = []
            self.depth = 0
            with self.stack.needing_manual_initialization():
                self.caller = None
        self.after = "no field either"


tracer = Calls.instance()
assert isinstance(tracer.stack, pyc.TraceStack) and len(tracer.stack) == 0
assert {"names", "depth", "caller"} <= set(vars(tracer))
tracer.names.append("outer")
tracer.depth = 3
with tracer.stack.push():
    tracer.caller = "f"
assert (tracer.names, tracer.depth, tracer.caller, len(tracer.stack)) == ([], 0, "f", 1)
assert tracer.stack.get_field("names") == ["outer"] and tracer.stack.get_field("depth", height=0) == 3
tracer.before = "changed"
tracer.stack.pop()
assert (tracer.names, tracer.depth, tracer.caller, tracer.before) == (["outer"], 3, None, "changed")
try:
    with tracer.stack.push():
        pass
except ValueError:
    pass
else:
    raise AssertionError("a field was not set")
