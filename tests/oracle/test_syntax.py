"""Programs with new syntax become the same source, mark the same nodes, fire the same events and come back as in Pyccolo."""

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from . import differences
from .augmented import AUGMENTED, Augmented, augmented_programs
from .programs import event_sets
from .recording import EXAMPLES, comparable, outcome, shown, woven_events
from .test_snippets import events_of_both

SETTINGS = settings(deadline=None, print_blob=True, suppress_health_check=list(HealthCheck), phases=set(Phase) - {Phase.explain})


def asked(program):
    """What becomes of the source, and of each of its places."""
    places = [[line, column] for line, text in enumerate(program.source.splitlines(), 1) for column in range(len(text))]
    return {
        "op": "syntax",
        "source": program.source,
        "mode": program.mode,
        "tracers": [{"specs": specs} for specs in program.tracers],
        "positions": places,
    }


def run(program, entry, events, guards=True):
    tracers = [{"handlers": [[name, "observe"] for name in events], "specs": specs} for specs in program.tracers]
    return {"source": program.source, "plain": program.plain, "entry": entry, "guards": guards, "tracers": tracers}


def check_syntax(oracle, program):
    """False: Pyccolo cannot do it."""
    ours, theirs = oracle.library.ask(asked(program)), oracle.reference.ask(asked(program))
    assert not ours["error"], ours["error"]
    assert ours["code"] == program.plain
    assert ours["again"] == ours["back"], "untransform() of what it gave is something else"
    if theirs["error"] or theirs["code"] != ours["code"]:
        return False
    has_pairs = any(name.endswith("{}") for specs in program.tracers for name in specs)
    ours, theirs = (differences.normalised_syntax(answer, has_pairs) for answer in (ours, theirs))
    assert ours == theirs, f"{program}\n{shown(ours['marks'], theirs['marks'])}"
    return True


@pytest.mark.parametrize("name", AUGMENTED)
def test_source_marks_and_the_way_back(oracle, name):
    assert check_syntax(oracle, AUGMENTED[name]), "Pyccolo fails on this snippet"


@pytest.mark.parametrize("guards", [True, False], ids=["with guards", "without guards"])
@pytest.mark.parametrize(
    "entry, name",
    [(entry, name) for name, its in AUGMENTED.items() for entry in (("eval",) if its.mode == "eval" else ("module", "exec"))],
)
def test_events_and_their_augmentations(oracle, name, entry, guards):
    program = AUGMENTED[name]
    events = comparable(events_of_both(oracle), program.plain)
    if "locals()" in program.plain:
        events = [its for its in events if not its.startswith("before")]  # in a lambda of Pyccolo's there are other locals
    assert oracle.check_stream(run(program, entry, events, guards)), "Pyccolo fails on this snippet"


@pytest.mark.parametrize("name", [name for name, its in AUGMENTED.items() if its.mode == "exec" and "wrapped" not in name])
def test_imported_modules(oracle, name):
    program = AUGMENTED[name]
    head = "import environment; vars().update(environment.make())\n"
    request = {
        **run(program, "import", ["init_module", "after_attribute_load", "after_binop", "load_name", "after_call", "after_subscript_load"]),
        "op": "import",
        "source": "try:\n  import first\nexcept AttributeError as error:\n  print(error)",
        "files": {"first.py": head + program.source},
        "plain_files": {"first.py": head + program.plain},
    }
    theirs, ours, plain = oracle.reference.ask(request), oracle.library.ask(request), oracle.plain.ask(request)
    assert outcome(ours) == outcome(plain)
    streams = [[apply_rules(call) for call in answer["stream"] if call[2] and (call[2][1] or 0) > 1] for answer in (ours, theirs)]
    assert streams[0] == streams[1], shown(*streams)
    assert any("augmentations" in call[4] for call in ours["stream"]) or "definitions" in name or "missing" in program.source


def apply_rules(call):
    for rule in (*differences.CALL_RULES, differences.places_in_files):
        call = rule(call)
    return call


@pytest.mark.parametrize("name", differences.SYNTAX)
def test_differences_of_syntax(oracle, name):
    tracers, source, code, marks = differences.SYNTAX[name]
    program = Augmented(tracers, source, code)
    ours, theirs = oracle.library.ask(asked(program)), oracle.reference.ask(asked(program))
    assert not ours["error"] and ours["code"] == code
    assert sorted(f"{mark[0]} {token}" for mark in ours["marks"] for token in mark[-1]) == sorted(marks)
    assert ours != theirs, "Pyccolo does the same: this is no difference any more"


@settings(SETTINGS, max_examples=EXAMPLES)
@given(program=augmented_programs())
def test_drawn_source_marks_and_the_way_back(oracle, program):
    event("compared" if check_syntax(oracle, program) else "Pyccolo fails")


@settings(SETTINGS, max_examples=EXAMPLES)
@given(program=augmented_programs(), events=event_sets(woven_events()), guards=st.booleans(), entry=st.sampled_from(["module", "exec"]))
def test_drawn_events_and_their_augmentations(oracle, program, events, guards, entry):
    names = [e for e in comparable(events, program.plain) if e in events_of_both(oracle)]
    event("compared" if oracle.check_stream(run(program, entry, names, guards)) else "Pyccolo fails")
