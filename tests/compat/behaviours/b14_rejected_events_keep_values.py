import pyccolo as pyc


class Rejecting(pyc.BaseTracer):
    rejecting = False
    seen = []

    def file_passes_filter_for_event(self, evt, filename):
        return not self.rejecting

    @pyc.before_subscript_slice
    def before(self, ret, *_, **__):
        self.seen.append(ret)

    @pyc.after_subscript_slice
    @pyc.load_name
    @pyc.after_call
    def value(self, ret, *_, **__):
        self.seen.append(ret)


with Rejecting:
    f = pyc.exec("class C:\n    v = [5, 6]\n    def f(self):\n        return self.v[0], self.v[0:1], max(1, 2)\nf = C().f")["f"]
    assert f() == (5, [5], 2) and Rejecting.seen
    Rejecting.rejecting = True
    Rejecting.seen.clear()
    assert f() == (5, [5], 2) and not Rejecting.seen
