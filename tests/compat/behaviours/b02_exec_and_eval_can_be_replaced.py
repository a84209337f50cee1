import pyccolo as pyc
from pyccolo.tracer import BaseTracer

calls = []


def patched(owner, name, extra):
    original = getattr(owner, name)

    def wrapper(*args, num_extra_lookback_frames=0, **kwargs):
        calls.append(name)
        return original(*args, num_extra_lookback_frames=num_extra_lookback_frames + extra, **kwargs)

    setattr(owner, name, wrapper)
    return original


def through_all():
    here = 40
    assert pyc.exec("found = here + 1")["found"] == 41
    assert pyc.eval("here + 2") == 42
    tracer = pyc.tracer()
    assert tracer.exec("found = here + 1")["found"] == 41
    assert tracer.eval("here + 2") == 42
    assert tracer("found = here + 3")["found"] == 43


through_all()
originals = [(BaseTracer, name, patched(BaseTracer, name, 1)) for name in ("exec", "eval")]
through_all()
assert calls == ["exec", "eval", "exec", "eval", "exec"], calls
originals += [(pyc, name, patched(pyc, name, 1)) for name in ("exec", "eval")]
calls.clear()
through_all()
assert calls == ["exec", "exec", "eval", "eval", "exec", "eval", "exec"], calls
calls.clear()
assert pyc.execute("found = 1")["found"] == 1
assert calls == ["exec", "exec"], calls
for owner, name, original in originals:
    setattr(owner, name, original)


# each Python function on the way is a frame to look back over; functions in C are none
def one_above(code, above):
    return pyc.eval(code, num_extra_lookback_frames=above)


def caller(above):
    mine = "the caller's"
    try:
        return list(map(one_above, ["mine"], [above]))
    except NameError:
        return None


assert caller(0) is None
assert caller(1) == ["the caller's"]
