"""Modules that are imported while a tracer is active fire the events of Pyccolo, in the same order."""

import pytest

from . import differences
from .recording import outcome, shown, woven_events
from .test_snippets import events_of_both

CASES = {
    "a module": ("import first\nprint(first.x)", {"first.py": "x = 1 + 2\n"}),
    "a module that imports another": ("import first", {"first.py": "import second\nfrom second import y\n", "second.py": "y = [1]\n"}),
    "a package": (
        "from package import part\nimport package.part as again\nprint(part is again, part.value())",
        {"package/__init__.py": "'docstring'\nname = __name__\n", "package/part.py": "from . import name\ndef value(): return name\n"},
    ),
    "functions called later": (
        "import first\nout = [first.f(n) for n in range(3)]",
        {"first.py": "def f(n):\n  for i in range(n): yield i\n  return n\n"},
    ),
    "a module that raises": (
        "try:\n  import first\nexcept ZeroDivisionError as error:\n  print(error)",
        {"first.py": "x = 1\ny = x / 0\n"},
    ),
    "a module imported twice": ("import first\nimport first\nimport importlib\nimportlib.reload(first)", {"first.py": "x = 1\n"}),
    "a module of another encoding": ("import first\nprint(ascii(first.x))", {"first.py": "# coding: utf-8\nx = 'é'\n"}),
    "a module that is not there": ("try:\n  import nowhere\nexcept ImportError as error:\n  print(error)", {"first.py": ""}),
}


def asked(name, events):
    program, files = CASES[name]
    return {
        "op": "import",
        "source": program,
        "files": files,
        "entry": "import",
        "guards": True,
        "tracers": [{"handlers": [[e, "observe"] for e in events]}],
    }


def stream(answer):
    """Docstrings are left out by position, which is the same in each file of a case."""
    calls = [rule_applied(call) for call in answer["stream"]]
    return [call for call in calls if not (call[2] and call[2][0] in ("Expr", "Constant") and call[2][1:3] == [1, 0])]


def rule_applied(call):
    for rule in differences.CALL_RULES:
        call = rule(call)
    return call


@pytest.mark.parametrize("events", ["import events", "all events"])
@pytest.mark.parametrize("name", CASES)
def test_imports_fire_as_in_pyccolo(oracle, name, events):
    imports = ["before_import", "after_import", "init_module", "exit_module"]
    wanted = imports if events == "import events" else [*imports[:2], *[e for e in woven_events() if e in events_of_both(oracle)]]
    request = asked(name, wanted)
    theirs, ours, plain = oracle.reference.ask(request), oracle.library.ask(request), oracle.plain.ask(request)
    assert outcome(ours) == outcome(plain)
    if differences.PYCCOLO_IMPORTS_NOTHING and name != "a module that is not there":
        assert "after_import" not in {call[1] for call in theirs["stream"]}
        assert "before_import" in {call[1] for call in ours["stream"]}
        return
    assert theirs["stream"] or name == "a module that is not there"
    assert stream(ours) == stream(theirs), shown(stream(ours), stream(theirs))
