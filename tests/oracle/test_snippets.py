"""For each construct, every event fires as in Pyccolo, with the same arguments, in the same order."""

import pytest

from .recording import comparable, observing, woven_events
from .snippets import MODULES_ONLY, SNIPPETS

FAILS_IN_PYCCOLO = {
    "matching values": "constants in patterns become calls",
    "matching classes": "names in patterns become calls",
    "yield from": "the thunk of the value becomes a generator",
    "an await": "the thunk of the value is no coroutine",
    "assignment expressions": "the thunk becomes the scope of the name",
}
"""Snippets whose streams cannot be compared with all events on: there ours must only be invisible."""

SHARED = pytest.mark.parametrize("guards", [True, False], ids=["with guards", "without guards"])


def events_of_both(oracle):
    known = oracle.reference.ask({"op": "events"})
    return [event for event in woven_events() if event in known]


@SHARED
@pytest.mark.parametrize("entry, name", [(e, n) for e in ("module", "exec") for n in SNIPPETS if e == "module" or n not in MODULES_ONLY])
def test_all_events_fire_as_in_pyccolo(oracle, name, entry, guards):
    source = SNIPPETS[name]
    request = observing(source, comparable(events_of_both(oracle), source), guards, entry)
    assert oracle.check_stream(request) or name in FAILS_IN_PYCCOLO, "Pyccolo fails on this snippet"


@pytest.mark.parametrize("name", SNIPPETS)
def test_each_event_alone_fires_as_in_pyccolo(oracle, name):
    source = SNIPPETS[name]
    shared = comparable(events_of_both(oracle), source)
    fired = {call[1] for call in oracle.library.ask(observing(source, shared))["stream"]}
    for event in [e for e in shared if e in fired] or shared[:1]:
        oracle.check_stream(observing(source, [event]))


@pytest.mark.parametrize("name", SNIPPETS)
def test_all_events_are_invisible(oracle, name):
    oracle.check_invisible(observing(SNIPPETS[name], woven_events()))
