"""Events of syntax that only later Pythons have."""
import sys

import pytest

import pyccolo_native as pyc

since_314 = pytest.mark.skipif(sys.version_info < (3, 14), reason="syntax of 3.14")
since_315 = pytest.mark.skipif(sys.version_info < (3, 15), reason="syntax of 3.15")


def recording(*events, replaced=lambda ret: ret):
    seen = []

    def handle(self, ret, node, event):
        seen.append((event.value, type(node).__name__, ret))
        return replaced(ret)

    members = {f"on_{event.name}": pyc.register_handler(event)(handle) for event in events}
    tracer = type("Recording", (pyc.BaseTracer,), {**members, "instrument_all_files": True}).instance()
    return tracer, seen


@since_314
def test_values_in_template_strings_are_values_and_fixed_parts_are_none():
    tracer, seen = recording(pyc.load_name, pyc.after_string, replaced=lambda ret: ret * 2)
    ran = tracer.exec("t = t'fixed {name!r:>{width}} {\"s\"}'", {}, {"name": "n", "width": 4})
    assert seen == [("load_name", "Name", "n"), ("after_string", "Constant", ">"), ("load_name", "Name", 4), ("after_string", "Constant", "s")]
    template = ran["t"]
    assert template.strings == ("fixed ", " ", "") and template.values == ("nn", "ss")
    assert [part.expression for part in template.interpolations] == ["name", '"s"']
    assert template.interpolations[0].format_spec == ">>8"


@since_314
def test_types_of_exceptions_without_parentheses():
    tracer, seen = recording(pyc.exception_handler_type)
    ran = tracer.exec("try:\n    {}[1]\nexcept KeyError, ValueError:\n    x = 'caught'")
    assert ran["x"] == "caught" and seen == [("exception_handler_type", "Tuple", (KeyError, ValueError))]


@since_315
def test_what_comprehensions_unpack_is_no_element():
    events = pyc.after_comprehension_elt, pyc.after_dict_comprehension_key, pyc.after_dict_comprehension_value, pyc.load_name
    tracer, seen = recording(*events)
    ran = tracer.exec("a = [*row for row in rows]\nb = {**d for d in ds}", {}, {"rows": [[1, 2]], "ds": [{"k": 3}]})
    assert (ran["a"], ran["b"]) == ([1, 2], {"k": 3})
    assert seen == [
        ("load_name", "Name", [[1, 2]]),
        ("load_name", "Name", [1, 2]),
        ("load_name", "Name", [{"k": 3}]),
        ("load_name", "Name", {"k": 3}),
        ("after_dict_comprehension_value", "Name", {"k": 3}),
    ]


@since_315
def test_lazy_imports_stay_lazy(programs):
    programs.write("late.py", "print('imported')\nx = 1\n")
    programs.write("tracers.py", "import pyccolo_native as pyc\n\nclass T(pyc.BaseTracer):\n    instrument_all_files = True\n\n"
                   "    @pyc.after_int\n    def plus(self, ret):\n        return ret + 1\n\n"
                   "    @pyc.before_stmt\n    def statement(self, ret):\n        pass\n")
    programs.write("program.py", "lazy import late\nprint('first')\nprint(late.x)\n")
    assert programs.pyc("program.py", "-t", "tracers.T").stdout == "first\nimported\n2\n"
