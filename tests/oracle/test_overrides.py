"""Handlers that replace values, skip others or fail change programs exactly as in Pyccolo."""

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

import pytest

from .differences import LOOPS_WITH_TWO_GUARDS, innermost_statement_handlers, unguarded_events
from .programs import event_sets, programs
from .recording import EXAMPLES, comparable, woven_events
from .snippets import SNIPPETS
from .test_snippets import events_of_both

SETTINGS = settings(deadline=None, print_blob=True, suppress_health_check=list(HealthCheck), phases=set(Phase) - {Phase.explain})
THUNK_ACTIONS = ("constant", "constant_thunk", "wrap_thunk", "call_thunk_twice", "null_thunk", "text_thunk", "give_back")
VALUE_ACTIONS = ("add_one", "upper", "null", "give_back", "fail", "fail_every_other", "skip_every_other", "skip_all_every_third")
STATEMENT_ACTIONS = ("pass_every_other", "pass_assignments", "replace_with_source", "replace_with_tree", "skip", "observe")
BODY_ACTIONS = ("false_every_other", "observe")
GUARDED = {
    "after_for_loop_iter",
    "after_while_loop_iter",
    "after_function_execution",
    "after_comprehension_if",
    "after_comprehension_elt",
    "after_dict_comprehension_key",
    "after_dict_comprehension_value",
}
OBSERVED_ONLY = {"init_module", "exit_module", "after_stmt", "before_assert", "after_assert", *GUARDED}


def actions_for(name):
    """Actions that make sense as answer to an event; conditions of loops must not become endless."""
    if name in ("before_stmt", "before_assert"):
        return STATEMENT_ACTIONS
    if name in ("before_function_body", "before_for_loop_body", "before_while_loop_body", "before_lambda_body"):
        return BODY_ACTIONS
    if name in GUARDED and name != LOOPS_WITH_TWO_GUARDS:
        return ("activate_guard", "observe", "give_back")
    if name in OBSERVED_ONLY:
        return ("observe", "give_back", "fail")
    if name in ("after_if_test", "after_boolop_arg"):
        return (*VALUE_ACTIONS, "negate")
    if name.startswith("before_") and name not in (
        "before_call",
        "before_attribute_load",
        "before_attribute_store",
        "before_attribute_del",
        "before_subscript_load",
        "before_subscript_store",
        "before_subscript_del",
    ):
        return THUNK_ACTIONS
    return VALUE_ACTIONS


@st.composite
def requests(draw, most_tracers=1):
    """A program, and one or more tracers whose handlers act."""
    source, guards = draw(programs()), draw(st.booleans())
    events = [e for e in comparable(woven_events(), source) if e not in unguarded_events(guards)]
    tracers = []
    for _ in range(draw(st.integers(1, most_tracers))):
        handlers = [[e, draw(st.sampled_from(actions_for(e)))] for e in draw(event_sets(events))]
        if draw(st.booleans()):
            handlers += [[e, draw(st.sampled_from(actions_for(e)))] for e, _ in handlers[:3]]
        tracers.append({"handlers": handlers})
    tracers[-1]["handlers"] += innermost_statement_handlers(tracers)
    return {"source": source, "entry": "module", "guards": guards, "tracers": tracers}


def shared(request, oracle):
    known = set(events_of_both(oracle))
    tracers = [{"handlers": [h for h in tracer["handlers"] if h[0] in known]} for tracer in request["tracers"]]
    return {**request, "tracers": tracers}


@settings(SETTINGS, max_examples=EXAMPLES)
@given(request=requests())
def test_one_tracer_overrides_as_in_pyccolo(oracle, request):
    event("compared" if oracle.check_override(shared(request, oracle)) else "Pyccolo fails")


@settings(SETTINGS, max_examples=EXAMPLES)
@given(request=requests(most_tracers=3))
def test_stacked_tracers_override_as_in_pyccolo(oracle, request):
    event("compared" if oracle.check_override(shared(request, oracle)) else "Pyccolo fails")


def one_action(source, events, action, guards=True):
    return {"source": source, "entry": "module", "guards": guards, "tracers": [{"handlers": [[e, action] for e in events]}]}


def snippets_firing(oracle, name, most=4):
    """A few snippets in which the event fires."""
    found = []
    for source in SNIPPETS.values():
        answer = oracle.reference.ask(one_action(source, [name], "observe"))
        if any(call[1] in (name, "before_stmt", "after_stmt") for call in answer["stream"]):
            found.append(source)
        if len(found) == most:
            break
    return found


@pytest.mark.parametrize("name", woven_events())
def test_each_override_of_an_event_is_as_in_pyccolo(oracle, name):
    if name not in events_of_both(oracle):
        pytest.skip("Pyccolo has no such event")
    sources = [source for source in snippets_firing(oracle, name) if name in comparable([name], source)]
    compared = [oracle.check_override(one_action(source, [name], action)) for source in sources for action in actions_for(name)]
    assert any(compared), "no snippet makes this event fire"


@pytest.mark.parametrize("first", ["skip", "skip_all", "skip_every_other", "skip_all_every_third", "null", "observe"])
@pytest.mark.parametrize("second", ["add_one", "null", "skip"])
def test_sentinels_reach_handlers_and_tracers_as_in_pyccolo(oracle, first, second):
    source = "x = 1 + 2\ny = [a, b, same(3)]\nfor i in y: z = -i\nw = f'{z}' + text"
    events = ["after_int", "load_name", "after_binop", "list_elt", "after_call", "after_assign_rhs", "after_unaryop", "after_argument"]
    both = [[e, action] for e in events for action in (first, second)]
    again = [[e, "add_one"] for e in events]
    request = {"source": source, "entry": "module", "guards": True, "tracers": [{"handlers": both}, {"handlers": again}]}
    assert oracle.check_override(request)


@pytest.mark.parametrize("guards", [True, False], ids=["with guards", "without guards"])
def test_activated_guards_silence_the_same_calls(oracle, guards):
    source = "for i in range(4):\n  [j for j in xs if j]\n  {k: k for k in xs}\nn = 3\nwhile True:\n  n -= 1\n  if not n: break\ndef f(): return a\nf(), f(), f()"
    tests_of_loops = {"after_while_test", "after_bool"}
    events = [e for e in comparable(events_of_both(oracle), source) if e not in tests_of_loops]
    handlers = [[e, "activate_guard" if e in GUARDED else "observe"] for e in events]
    assert oracle.check_override({"source": source, "entry": "module", "guards": guards, "tracers": [{"handlers": handlers}]})
