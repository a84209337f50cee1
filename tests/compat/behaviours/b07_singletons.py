import pyccolo as pyc


class Parent(pyc.BaseTracer):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.count = 0


class Child(Parent):
    pass


assert not Parent.initialized() and Parent._instance is None
child = Child.instance()
assert Child.instance() is child is Parent.instance() and Parent.initialized()
assert Child._instance is child and Parent._instance is child
Child.clear_instance()
assert not Child.initialized() and not Parent.initialized()



class Sibling(Parent):
    pass


class Cousin(Parent):
    pass


cousin = Cousin.instance()
assert Sibling._instance is cousin
try:
    Sibling.instance()
except Exception as error:
    assert type(error).__name__ == "MultipleInstanceError", error
else:
    raise AssertionError("an instance that is no Sibling")
Cousin.clear_instance()

with Child:
    assert pyc.tracer() is Child.instance() is pyc.instance()
assert pyc.tracer() is not Child.instance()

child = Child.instance()
child.count = 5
child.reset()
assert child.count == 0
child.__enter__()
assert child.is_tracing_enabled
child.__exit__(None, None, None)
child.reset()
child.__enter__()
try:
    child.__enter__()
except AssertionError:
    pass
else:
    raise AssertionError("entered twice")
child.__exit__(None, None, None)
try:
    child.__exit__(None, None, None)
except AssertionError:
    pass
else:
    raise AssertionError("left twice")
assert not child.is_tracing_enabled
Child.enable()
assert pyc.tracer() is child
Child.disable()
