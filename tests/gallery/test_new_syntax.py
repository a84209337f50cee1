"""The tracers with new syntax side by side: in any order, in files, and beside tracers that watch everything."""
from itertools import permutations

import pyccolo_native as pyc
import pytest
from pyccolo_native import examples

SYNTAX = ("PipelineTracer", "QuickLambdaTracer", "BraceSubscriptTracer", "OptionalChainer")
PROGRAM = """\
class Node:
    def __init__(self, name, child=None):
        self.name, self.child = name, child

    def find(self, test):
        return self if test(self) else self.child?.find(test)

tree = Node("ä", Node("b", Node("c")))
names = ["c", "x", None] |> map{ $ ?? "ä" } |> map[tree.find((lambda w: f[_.name == w])(_))?.name ?? "none"]
total = [None, 1, 2] |> filter[_?.real is not None] |> map{
    _ + 1  # one more
} |> reduce[_ + _]
lengths = f"{names |> map[len($)] |> sum} {tree?.child?.child?.child?.name ?? f[_](7)}"
quoted = q[u[total] + 1]

def count(values, n=2):
    return values |> map{ $ * n } |> $ + [n] |> sum

counted = [count([i]) for i in (1, 2)]
"""


@pytest.mark.parametrize("order", list(permutations(SYNTAX))[::5])
def test_any_order(fresh, order):
    with pyc.multi_context([fresh(getattr(examples, name)) for name in order]):
        env = pyc.exec(PROGRAM, {}, {})
    assert (env["names"], env["total"], env["lengths"], env["counted"]) == (["c", "none", "ä"], 5, "6 7", [4, 6])
    assert env["quoted"].left.value == 5


class Everything(pyc.BaseTracer):
    """Has a handler for all that new syntax has handlers for, and what stands near."""

    events = 0

    @pyc.register_handler(
        (
            pyc.before_binop, pyc.after_binop, pyc.before_left_binop_arg, pyc.before_right_binop_arg, pyc.before_boolop,
            pyc.before_boolop_arg, pyc.after_boolop_arg, pyc.after_boolop, pyc.before_attribute_load, pyc.after_attribute_load,
            pyc.before_subscript_load, pyc.before_subscript_slice, pyc.after_subscript_slice, pyc.after_subscript_load,
            pyc.before_load_complex_symbol, pyc.after_load_complex_symbol, pyc.before_call, pyc.after_call, pyc.before_argument,
            pyc.after_argument, pyc.load_name, pyc.before_lambda, pyc.after_lambda, pyc.before_stmt, pyc.before_fstring,
        )
    )  # fmt: skip
    def count(self, *_, **__):
        type(self).events += 1


@pytest.mark.parametrize("is_outer", [True, False])
def test_beside_a_tracer_that_watches_everything(fresh, is_outer):
    classes = [fresh(getattr(examples, name)) for name in SYNTAX]
    classes.insert(0 if is_outer else len(classes), fresh(Everything))
    with pyc.multi_context(classes):
        env = pyc.exec(PROGRAM + "plain = [x | 1 for x in (2,)], {'a': [5]}['a'][0], None or 3, (lambda x: x)(4)\n", {}, {})
    assert (env["names"], env["total"], env["lengths"], env["counted"]) == (["c", "none", "ä"], 5, "6 7", [4, 6])
    assert env["plain"] == ([3], 5, 3, 4) and Everything.events > 100


def test_in_files(module, fresh):
    path = module("program", PROGRAM)

    def of_file(cls):
        return fresh(type(cls.__name__, (cls,), {"should_instrument_file": lambda self, filename: filename == str(path)}))

    with pyc.multi_context([of_file(getattr(examples, name)) for name in SYNTAX]):
        import program
    assert (program.names, program.total, program.counted) == (["c", "none", "ä"], 5, [4, 6])


def test_what_is_not_marked_is_not_woven(fresh):
    plain = "x = a.b(c)[d] | e or g\ny = [h[i](j) for i in k]\n"
    with pyc.multi_context([fresh(getattr(examples, name)) for name in SYNTAX]):
        code = pyc.compile_source(plain, pyc.BaseTracer.make_sandbox_fname())
    assert not any(name.startswith(pyc.PYCCOLO_BUILTIN_PREFIX) for name in code.co_names)
    pyc.BaseTracer.reset_bookkeeping()
