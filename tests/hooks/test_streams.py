"""Handlers are told what plain functions of sys.settrace and sys.setprofile are told, by either hook, of every program."""

import sys

import pytest

from .streams import HOOKS, OF_CALLS, OF_FRAMES, Streams, corpus, is_part_of, shown, without

LEFT_OUT = {
    "deep_recursion": "at the limit of recursion a trace function in Python finds no room, ours does",
    # CPython 3.15: see PycFrame_MakesGenerator.
    **({"order_comprehensions": "plain functions are told that the module returns"} if sys.version_info[:2] == (3, 15) else {}),
}
LEFT_OUT_FOR_OPCODES = {
    **LEFT_OUT,
    # CPython 3.12: f_trace_opcodes is one switch for all threads, which it reads while they change it.
    **({"threads": "plain opcode tracing crashes the interpreter"} if sys.version_info[:2] == (3, 12) else {}),
}

OPCODES_THAT_SETTRACE_LACKS = sys.version_info >= (3, 13)
"""The one difference from a Python function given to sys.settrace: from CPython 3.13 on it asks for the opcode events of a code object when its
first frame has begun, and does not tell the function of those of that frame. Both hooks tell of all."""

FEW = ["line", "call", "return", "exception", "opcode", "call,return", "line,exception", "c_call", "c_return,c_exception"]
MIXED = f"{OF_FRAMES},{OF_CALLS}"


def names(out=LEFT_OUT, of=corpus.programs):
    return [path.stem for path in of() if path.stem not in out]


def run(factory, events, out=LEFT_OUT, of=corpus.programs):
    return Streams(factory.mktemp("streams"), [corpus.PROGRAMS / f"{name}.py" for name in names(out, of)], events)


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    return run(tmp_path_factory, OF_FRAMES)


@pytest.fixture(scope="module")
def opcodes(tmp_path_factory):
    return run(tmp_path_factory, f"{OF_FRAMES},opcode", LEFT_OUT_FOR_OPCODES)


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    return run(tmp_path_factory, OF_CALLS)


def check(streams, hook, name):
    """The stream is that of the plain functions, and the program does what it does alone, or under those."""
    plain, ours = streams.of("plain", name)["stream"], streams.of(hook, name)["stream"]
    if "opcode" in streams.events and OPCODES_THAT_SETTRACE_LACKS:
        assert is_part_of(plain, ours)
        plain, ours = without(plain, "opcode"), without(ours, "opcode")
    assert plain == ours, shown(plain, ours)
    assert streams.outcome(hook, name) in (streams.outcome("none", name), streams.outcome("plain", name))


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("name", names())
def test_events_of_frames(frames, hook, name):
    check(frames, hook, name)


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("name", names(LEFT_OUT_FOR_OPCODES))
def test_events_of_opcodes(opcodes, hook, name):
    check(opcodes, hook, name)


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("name", names())
def test_events_of_calls_of_c_functions(calls, hook, name):
    check(calls, hook, name)


@pytest.mark.parametrize("events", [*FEW, MIXED])
def test_some_events(tmp_path_factory, events):
    streams = run(tmp_path_factory, events, of=corpus.sample)
    for hook in HOOKS:
        for name in names(of=corpus.sample):
            check(streams, hook, name)


def test_the_corpus_has_all_events(frames, opcodes, calls):
    told = {entry[0] for streams in (frames, opcodes, calls) for name in names(LEFT_OUT_FOR_OPCODES) for entry in streams.of("plain", name)["stream"]}
    assert told == {"call", "line", "return", "exception", "opcode", "c_call", "c_return", "c_exception"}
