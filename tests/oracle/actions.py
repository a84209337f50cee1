"""What the handlers of the oracle do after they have been written down, by name."""

import ast
import re
from typing import Any, NamedTuple

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
MOST_CALLS = 20_000


class TooLong(BaseException):
    """A program that a handler has made endless is stopped; no `except Exception` of a library holds it."""


class Call(NamedTuple):
    """One call of a handler; `number` counts those for the same event at the same node."""

    pyc: Any
    tracer: Any
    ret: Any
    node: Any
    event: Any
    kwargs: dict
    number: int


ACTIONS = {}


def action(function):
    ACTIONS[function.__name__] = function
    return function


@action
def observe(call):
    return None


@action
def give_back(call):
    return call.ret


@action
def add_one(call):
    return call.ret + 1 if type(call.ret) is int else None


@action
def upper(call):
    return call.ret.upper() if type(call.ret) is str else None


@action
def negate(call):
    return not call.ret


@action
def null(call):
    return call.pyc.Null


@action
def skip(call):
    return call.pyc.Skip


@action
def skip_all(call):
    return call.pyc.SkipAll


@action
def skip_every_other(call):
    return call.pyc.Skip if call.number % 2 else None


@action
def skip_all_every_third(call):
    return call.pyc.SkipAll if call.number % 3 == 0 else None


@action
def constant(call):
    return 7


@action
def constant_thunk(call):
    return lambda *_: 7


@action
def wrap_thunk(call):
    thunk = call.ret
    return lambda *operands: thunk(*operands)


@action
def call_thunk_twice(call):
    thunk = call.ret
    return lambda *operands: (thunk(*operands), thunk(*operands))[1]


@action
def null_thunk(call):
    return call.pyc.Null


@action
def text_thunk(call):
    return lambda *_: "replaced"


@action
def pass_every_other(call):
    return call.pyc.Pass if call.node.lineno % 2 == 0 else None


@action
def pass_assignments(call):
    return call.pyc.Pass if isinstance(call.node, (ast.Assign, ast.AugAssign)) else None


@action
def replace_with_source(call):
    return "out.append('instead')" if call.node.lineno % 3 == 0 else None


@action
def replace_with_tree(call):
    return ast.parse("out.append(len(out))").body[0] if call.node.lineno % 3 == 0 else None


@action
def false_every_other(call):
    return False if call.number % 2 else None


@action
def activate_guard(call):
    if guard := call.kwargs.get("guard"):
        call.tracer.activate_guard(guard)


@action
def fail(call):
    raise ValueError("a handler that fails")


@action
def fail_every_other(call):
    if call.number % 2:
        raise ValueError("a handler that fails")
    return call.ret if type(call.ret) is not int else call.ret + 1
