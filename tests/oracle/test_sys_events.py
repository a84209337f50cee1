"""Interpreter events come to handlers as in Pyccolo: the same tracer, the same program, the same calls."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from .differences import SYS_EVENTS
from .programs import programs
from .recording import EXAMPLES, RecorderDied

SETTINGS = settings(deadline=None, print_blob=True, suppress_health_check=list(HealthCheck), phases=set(Phase) - {Phase.explain})

FRAMES = ("call", "line", "return_", "exception")
"""A tracer without a handler of `call` hears nothing in Pyccolo, and `opcode` never comes: see differences.SYS_EVENTS."""

PROGRAMS = {
    "functions": "def f(a, b=2):\n    c = a + b\n    return c\ndef main():\n    f(1)\n    return f(1, b=5)",
    "recursion": "def fact(n):\n    return 1 if n < 2 else n * fact(n - 1)\ndef main():\n    fact(4)",
    "generators": "def gen(n):\n    for i in range(n):\n        got = yield i\n    return 'end'\ndef main():\n    g = gen(3)\n    next(g)\n    g.send('x')\n    g.close()\n    list(gen(2))",
    "delegation": "def inner():\n    x = yield 1\n    return x\ndef outer():\n    y = yield from inner()\n    yield y\ndef main():\n    g = outer()\n    next(g)\n    g.send(5)\n    try:\n        g.throw(KeyError('k'))\n    except KeyError:\n        pass",
    "coroutines": "async def one():\n    return 1\nasync def two():\n    return await one() + 1\ndef main():\n    try:\n        two().send(None)\n    except StopIteration as stop:\n        return stop.value",
    "async generators": "async def agen():\n    yield 1\n    yield 2\nasync def use():\n    return [x async for x in agen()]\ndef main():\n    try:\n        use().send(None)\n    except StopIteration as stop:\n        return stop.value",
    "comprehensions": "def main():\n    a = [i * 2 for i in range(3)]\n    b = {i: i for i in a}\n    c = sum(i for i in a)\n    return a, b, c",
    "classes": "class A:\n    x = 1\n    def method(self):\n        return self.x\n    @property\n    def prop(self):\n        return 5\ndef main():\n    class B(A):\n        y = 2\n    return B().method() + B().prop",
    "exceptions caught": "def f():\n    raise ValueError('v')\ndef main():\n    try:\n        f()\n    except ValueError as error:\n        return str(error)",
    "exceptions uncaught": "def f():\n    raise ValueError('v')\ndef main():\n    f()",
    "exceptions raised again": "def f():\n    try:\n        1 // 0\n    except ZeroDivisionError:\n        raise\ndef main():\n    try:\n        f()\n    except ArithmeticError as error:\n        try:\n            raise KeyError('k') from error\n        except KeyError:\n            pass",
    "finally": "def f():\n    try:\n        return 1\n    finally:\n        x = 2\ndef g():\n    for i in range(2):\n        try:\n            continue\n        finally:\n            x = i\ndef main():\n    f()\n    g()",
    "with": "class M:\n    def __enter__(self):\n        return self\n    def __exit__(self, *_):\n        return True\ndef main():\n    with M() as m:\n        raise KeyError('k')\n    with M():\n        pass",
    "lambdas": "def main():\n    f = lambda x: (\n        x + 1\n    )\n    return f(1), (lambda: 5)()",
    "loops": "def main():\n    n = 3\n    while n: n -= 1\n    for i in range(3): pass\n    for i in 'ab':\n        if i == 'b':\n            break\n    else:\n        n = 5",
    "a module": "x = 1\ndef f():\n    return x\nf()\ny = [i for i in 'ab']",
    "exec and eval": "def main():\n    names = {}\n    exec(compile('def f():\\n    return 7', '<program>', 'exec'), names)\n    names['f']()\n    return eval(compile('1 + 1', '<program>', 'eval'))",
    "other files": "def main():\n    names = {}\n    exec(compile('def f(back):\\n    return back()', '<other>', 'exec'), names)\n    return names['f'](lambda: 5)",
    "match": "def f(x):\n    match x:\n        case [a, *_]:\n            return a\n        case {'k': v}:\n            return v\n        case _:\n            return None\ndef main():\n    return f([1]), f({'k': 2}), f(3)",
    "decorators": "def deco(f):\n    return f\n\n@deco\n@deco\ndef g():\n    return 1\ndef main():\n    @deco\n    def h(x=g()):\n        return x\n    return h()",
    "callbacks of C": "def key(x):\n    return -x\ndef main():\n    return sorted([1, 2, 3], key=key), list(map(lambda x: x, [1]))",
    "assertions": "def main():\n    try:\n        assert 1 == 2, 'text'\n    except AssertionError:\n        pass",
}


def check(oracle, tracers, source):
    """Both libraries tell of the same; gives the stream."""
    request = {"op": "sys", "tracers": tracers, "source": source}
    theirs, ours = oracle.reference.ask(request), oracle.library.ask(request)
    assert ours == theirs, f"{tracers}\n{source}"
    return ours["stream"]


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("events", [FRAMES, ("call",), ("call", "return_"), ("call", "line"), ("call", "exception")], ids=" ".join)
def test_streams(oracle, name, events):
    assert check(oracle, f"TRACERS = [observer(*{events!r})()]", PROGRAMS[name])


@settings(SETTINGS, max_examples=EXAMPLES)
@given(source=programs())
def test_streams_of_random_programs(oracle, source):
    check(oracle, f"TRACERS = [observer(*{FRAMES!r})()]", source)


# ---- answers

TWO = "def f(x):\n    y = x + 1\n    return y\ndef main():\n    a = f(1)\n    return a + f(2)"
CAUGHT = PROGRAMS["exceptions raised again"]
HEAD = "class Tracer(Base):\n"
ANSWERS = {
    "Null at some calls": """
    @pyc.call
    def begins(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)
        return pyc.Null if frame.f_code.co_name == "main" else None

    @pyc.register_handler((pyc.line, pyc.return_))
    def others(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)
""",
    "a local trace function": """
    @pyc.call
    def begins(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)
        return local if frame.f_code.co_name == "f" else None

    @pyc.register_handler((pyc.line, pyc.return_))
    def others(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)

def local(frame, event, value):
    say("local")
    note(event, frame, value)
""",
    "one local trace function after the other": """
    @pyc.call
    def begins(self, ret, node, frame, event, *_, **__):
        return first

def first(frame, event, value):
    say("first")
    note(event, frame, value)
    return second

def second(frame, event, value):
    say("second")
    note(event, frame, value)
    return first
""",
    "a local trace function at a line": """
    @pyc.call
    def begins(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)

    @pyc.line
    def line(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)
        return local

def local(frame, event, value):
    say("local")
    note(event, frame, value)
    return local
""",
    "Skip": """
    @pyc.register_handler((pyc.call, pyc.line, pyc.return_))
    def one(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)
        return pyc.Skip

    @pyc.register_handler((pyc.call, pyc.line, pyc.return_))
    def two(self, ret, node, frame, event, *_, **__):
        say("not reached")
""",
    "a second handler": """
    @pyc.register_handler((pyc.call, pyc.line, pyc.return_))
    def one(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)

    @pyc.register_handler((pyc.call, pyc.line, pyc.return_))
    def two(self, ret, node, frame, event, *_, **__):
        say("second")
        note(event, frame, None)
""",
    "a handler that raises": """
    @pyc.register_handler((pyc.call, pyc.line, pyc.return_))
    def one(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)
        raise ValueError("handler")
""",
    "a handler that calls the program": """
    @pyc.register_handler((pyc.call, pyc.line, pyc.return_))
    def one(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)
        if frame.f_code.co_name == "f":
            frame.f_globals["main"]()
""",
    "the filter of events": """
    def file_passes_filter_for_event(self, evt, filename):
        return evt != "line"

    @pyc.register_handler((pyc.call, pyc.line, pyc.return_))
    def one(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)
""",
    "no file passes": """
    def should_instrument_file(self, filename):
        say("asked") if False else None
        return False

    @pyc.call
    def one(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)

TRACERS = [Tracer(), observer("call")()]
""",
    "a predicate": """
    @pyc.register_handler(pyc.call, when=lambda node: False)
    def one(self, ret, node, frame, event, *_, **__):
        say("not reached")

    @pyc.register_handler((pyc.call, pyc.return_))
    def two(self, ret, node, frame, event, *_, **__):
        note(event, frame, None)
""",
    "a handler that switches off": """
    @pyc.register_handler((pyc.call, pyc.return_))
    def one(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)
        if frame.f_code.co_name == "f":
            self._disable_tracing(check_enabled=False)
""",
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("source", [TWO, CAUGHT, PROGRAMS["generators"]], ids=["calls", "exceptions", "generators"])
def test_answers(oracle, name, source):
    tracers = HEAD + ANSWERS[name]
    if "TRACERS" not in tracers:
        tracers += "\nTRACERS = [Tracer()]\n"
    check(oracle, tracers, source)


def test_an_exception_that_reaches_the_program(oracle):
    tracers = """
class Tracer(Base):
    def should_propagate_handler_exception(self, evt, exc):
        return True

    @pyc.call
    def one(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)
        if frame.f_code.co_name == "f":
            raise ValueError("handler")

TRACERS = [Tracer()]
"""
    check(oracle, tracers, "def f():\n    pass\ndef main():\n    try:\n        f()\n    except ValueError as error:\n        return str(error)")


# ---- several

SKIPS_ALL = """
class Tracer(Base):
    @pyc.register_handler({events})
    def one(self, ret, node, frame, event, *_, **__):
        say("inner")
        note(event, frame, ret)
        return pyc.SkipAll

TRACERS = [observer(*{observed!r}, name="outer")(), Tracer()]
"""


@pytest.mark.parametrize("name", ["functions", "recursion", "generators", "exceptions raised again", "with"])
@pytest.mark.parametrize("number", [2, 3])
def test_tracers_are_served_from_the_last_to_the_first(oracle, name, number):
    tracers = ", ".join(f"observer(*{FRAMES!r}, name='{n}')()" for n in range(number))
    check(oracle, f"TRACERS = [{tracers}]", PROGRAMS[name])


def test_skip_all_keeps_the_call_from_earlier_tracers(oracle):
    stream = check(oracle, SKIPS_ALL.format(events="pyc.call", observed=("call",)), TWO)
    assert ["outer"] not in stream


def test_tracers_of_different_events(oracle):
    check(oracle, "TRACERS = [observer('call', 'line', name='a')(), observer('call', 'return_', name='b')()]", TWO)


FOREIGN = """
def FOREIGN(frame, event, value):
    if frame.f_code.co_filename == FILE:
        say("foreign")
        note(event, frame, value)
        return FOREIGN

"""


@pytest.mark.parametrize("name", ["functions", "recursion", "exceptions raised again", "finally", "loops"])
def test_an_existing_trace_function_is_told_after_the_tracers(oracle, name):
    check(oracle, FOREIGN + f"TRACERS = [observer(*{FRAMES!r})()]", PROGRAMS[name])


# ---- contexts

CONTEXTS = {
    "tracing_disabled": "def f():\n    return 1\ndef main():\n    f()\n    with TRACERS[0].tracing_disabled():\n        f()\n    f()",
    "enabled within": "def f():\n    return 1\ndef main():\n    with TRACERS[0].tracing_enabled():\n        f()\n    f()",
    "disabled, enabled": "def f():\n    return 1\ndef main():\n    with TRACERS[0].tracing_disabled():\n        f()\n    f()\n    with TRACERS[0].tracing_enabled():\n        f()",
}


@pytest.mark.parametrize("name", CONTEXTS)
def test_contexts_within(oracle, name):
    check(oracle, "TRACERS = [observer('call', 'return_')()]", CONTEXTS[name])


@pytest.mark.parametrize("source", ["def f():\n    return 1\nf()\nx = [f() for _ in 'ab']", "class A:\n    def m(self): return 1\nA().m()"])
def test_source_given_to_exec(oracle, source):
    program = f"def main():\n    TRACERS[0].exec({source!r}, {{}}, {{}}, filename='<program>')"
    stream = check(oracle, "TRACERS = [observer('call', 'return_', 'exception')()]", program)
    assert stream


# ---- differences


@pytest.mark.parametrize("name", SYS_EVENTS)
def test_what_differs_on_purpose_does(oracle, name):
    """A difference that is none any more is to be taken off the list."""
    difference = SYS_EVENTS[name]
    request = {"op": "sys", "tracers": difference.tracers, "source": difference.source}
    streams = [recorder.ask(request)["stream"] for recorder in (oracle.library, oracle.reference)]
    assert streams == [difference.ours, difference.theirs]


def test_a_dead_recorder_is_told_of(oracle):
    with pytest.raises(RecorderDied):
        oracle.library.ask({"op": "sys"})
