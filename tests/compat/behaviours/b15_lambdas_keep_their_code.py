import pyccolo as pyc


class Names(pyc.BaseTracer):
    seen = []
    instrument_lambdas = True

    @pyc.load_name
    def name(self, ret, *_, **__):
        self.seen.append(ret)


with Names:
    env = pyc.exec("def make():\n    return lambda x: x\nfirst, second = make(), make()\ndef named(x):\n    return x")
    first, second, named = env["first"], env["second"], env["named"]
    assert first.__code__ is second.__code__ and first.__code__.co_name == "<lambda>"
    for function in (first, named):
        function.__code__ = function.__code__.replace(co_name="renamed")
        assert function.__code__.co_name == "renamed"
        Names.seen.clear()
        assert function(3) == 3 and Names.seen == [3]
    assert second(4) == 4 and Names.seen == [3, 4]
