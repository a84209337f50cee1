"""For random programs and random sets of events, handlers are called as in Pyccolo."""

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from .programs import event_sets, programs
from .recording import EXAMPLES, comparable, observing, woven_events
from .test_snippets import events_of_both

SETTINGS = settings(deadline=None, print_blob=True, suppress_health_check=list(HealthCheck), phases=set(Phase) - {Phase.explain})
EVENTS = woven_events()


@settings(SETTINGS, max_examples=EXAMPLES)
@given(source=programs(), events=event_sets(EVENTS), guards=st.booleans(), entry=st.sampled_from(["module", "module", "exec"]))
def test_streams_equal_those_of_pyccolo(oracle, source, events, guards, entry):
    shared = [e for e in comparable(events, source) if e in events_of_both(oracle)]
    compared = oracle.check_stream(observing(source, shared, guards, entry))
    event("compared" if compared else "Pyccolo fails")


@settings(SETTINGS, max_examples=EXAMPLES)
@given(source=programs(most=5, depth=3), guards=st.booleans())
def test_programs_are_not_changed_by_all_events(oracle, source, guards):
    answer = oracle.check_invisible(observing(source, EVENTS, guards))
    assert answer["stream"] or answer["weaving"]
