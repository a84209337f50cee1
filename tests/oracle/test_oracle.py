"""The oracle itself: Pyccolo equals Pyccolo, a changed stream is noticed, the generator makes programs that run."""

import copy
import warnings

import pytest
from hypothesis import HealthCheck, given, settings

from . import differences
from .programs import programs
from .recording import Oracle, observing
from .test_snippets import events_of_both


@pytest.fixture(scope="module")
def reflexive(oracle):
    """An oracle that compares Pyccolo with itself."""
    made = Oracle(library="pyccolo")
    yield made
    made.stop()


def test_pyccolo_equals_itself(reflexive):
    events = events_of_both(reflexive)
    assert reflexive.check_stream(observing("x = thing.items[a] + same(b)\nfor i in xs: x += i\n", events))


@pytest.mark.parametrize(
    "part, value",
    [(0, 1), (1, "load_name"), (2, None), (3, "other"), (4, {"key": 1})],
    ids=["tracer", "event", "node", "value", "keywords"],
)
def test_a_changed_call_is_noticed(reflexive, monkeypatch, part, value):
    real = reflexive.library.ask

    def ask(request):
        answer = real(request)
        answer["stream"][3][part] = value
        return answer

    monkeypatch.setattr(reflexive.library, "ask", ask)
    with pytest.raises(AssertionError, match="Pyccolo"):
        reflexive.check_stream(observing("x = a + 1", events_of_both(reflexive)[:-1]))


def test_a_missing_call_is_noticed(reflexive, monkeypatch):
    real = reflexive.library.ask
    monkeypatch.setattr(reflexive.library, "ask", lambda request: {**real(request), "stream": real(request)["stream"][:-1]})
    with pytest.raises(AssertionError, match="exit_module"):
        reflexive.check_stream(observing("x = 1", events_of_both(reflexive)))


def test_a_changed_environment_is_noticed(reflexive, monkeypatch):
    real = reflexive.library.ask
    monkeypatch.setattr(reflexive.library, "ask", lambda request: {**real(request), "environment": {"x": 2}})
    with pytest.raises(AssertionError):
        reflexive.check_stream(observing("x = 1", ["after_int"]))


def test_rules_hide_nothing_but_what_they_name():
    call = [0, "load_name", ["Name", 1, 0, 1, 1], 5, {"obj_name": "a", "guard": True}]
    for rule in differences.CALL_RULES:
        assert rule(copy.deepcopy(call)) == call


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(source=programs())
def test_generated_programs_compile(source):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        compile(source, "<generated>", "exec")
