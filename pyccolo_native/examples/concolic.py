"""Concolic execution: finds inputs that lead a function of integers along each of its paths.

A run is concrete and symbolic at once: its arguments are numbers that know how they come from the inputs (`Sym`). What
the program decides on them is noted as a constraint. To get to another path, keep the first decisions of a run, turn the
next one round, have the constraints solved, by z3 if it is installed, else by a search, and run with what was found.

    for result in explore(function, {"x": 0, "y": 0}):
        print(result.inputs, result.retval)

Tracing adds what an object cannot know by itself: where in the program it is asked for its truth, and that `not` is about
to make a plain bool of it.
"""
from __future__ import annotations

import ast
import inspect
from collections import deque
from importlib.util import find_spec
from threading import Lock
from typing import Any, Callable, NamedTuple

import pyccolo_native as pyc

from .symbolic import Branch, Run, Sym, current_run
from .terms import And, Bin, Cmp, Inputs, Lit, Not, Or, Term, Var, condition_of  # noqa: F401

_HAVE_Z3 = find_spec("z3") is not None
_z3_lock = Lock()  # z3's terms are not for several threads at a time


class ConcolicTracer(pyc.BaseTracer):
    """Keeps `not` symbolic, and tells runs where decisions are made."""

    instrument_lambdas = True
    multiple_threads_allowed = True
    global_guards_enabled = False

    @pyc.register_handler((pyc.after_if_test, pyc.after_while_test, pyc.after_comprehension_if))
    def note_place(self, ret, node):
        run = current_run.get()
        if run is not None and isinstance(ret, Sym):
            run.place = id(node)

    @pyc.after_boolop_arg
    def note_place_of_operand(self, ret, node, is_last):
        if not is_last:  # the truth of the last one is not asked for
            self.note_place(ret, node)

    @pyc.before_unaryop(when=lambda node: isinstance(node.op, ast.Not))
    def negate(self, ret):
        return lambda value: Sym(not value.v, Not(condition_of(value.t))) if isinstance(value, Sym) else ret(value)


# ---- Solving: inputs that fulfil all constraints, or None; inputs that do not matter may be left out


def solve_with_z3(constraints: list[Term], inputs: Inputs, timeout_ms: int = 2000) -> dict[str, int] | None:
    """Asks z3; where that cannot tell, searches."""
    import z3

    with _z3_lock:
        zvars = {name: z3.Int(name) for name in inputs}
        solver = z3.Solver()
        solver.set("timeout", timeout_ms)
        solver.add(*(term.z3(zvars) for term in constraints))
        answer = solver.check()
        if answer == z3.sat:
            model = solver.model()
            return {name: model[var].as_long() for name, var in zvars.items() if model[var] is not None}
    return None if answer == z3.unsat else solve_by_search(constraints, inputs)


def solve_by_search(
    constraints: list[Term], inputs: Inputs, bound: int = 64, max_tries: int = 200_000
) -> dict[str, int] | None:
    """Tries small numbers and those that the constraints mention, the nearest to `inputs` first."""
    names = sorted(frozenset().union(*(term.variables() for term in constraints)))
    near = {*range(-bound, bound + 1), *(n + step for n in _numbers_in(constraints) for step in (-1, 0, 1))}
    candidates = {name: sorted(near | {inputs[name]}, key=lambda n: abs(n - inputs[name])) for name in names}
    # What can be checked as soon as the variable has a value.
    checks: dict[str, list[Term]] = {name: [] for name in names}
    for term in constraints:
        if term.variables():
            checks[max(term.variables())].append(term)
    env: dict[str, int] = {}
    tries = 0

    def search(position: int) -> bool:
        nonlocal tries
        if position == len(names):
            return True
        name = names[position]
        for env[name] in candidates[name]:
            tries += 1
            if tries > max_tries:
                return False
            if all(_holds(term, env) for term in checks[name]) and search(position + 1):
                return True
        return False

    return env if search(0) else None


def _numbers_in(terms):
    for term in terms:
        if isinstance(term, Lit):
            yield int(term.value)
        yield from _numbers_in(term.parts)


def _holds(term: Term, env: Inputs) -> bool:
    try:
        return bool(term.eval(env))
    except ZeroDivisionError:
        return False


# ---- Exploring


class Result(NamedTuple):
    """One path: inputs that lead along it, its decisions, and what came of it, an exception if it raised one."""

    inputs: dict[str, int]
    decisions: tuple[tuple[int | None, bool, str], ...]
    constraints: list[Term]
    retval: Any


def explore(
    func: Callable, initial_inputs: Inputs, max_runs: int = 64, solve: Callable | None = None
) -> list[Result]:
    """The paths of `func` that can be found in so many runs, beginning with that of the inputs given.

    `solve` is solve_with_z3 if z3 is installed, else solve_by_search.
    """
    if solve is None:
        solve = solve_with_z3 if _HAVE_Z3 else solve_by_search
    inspect.signature(func).bind(**initial_inputs)  # raises if there is one too many or too few
    traced = ConcolicTracer.instance().instrumented(func)
    results: list[Result] = []
    ways: dict[tuple, dict[tuple, Term]] = {}  # beginning of a path -> the decisions it goes on with, and their constraints
    tried = set()
    queue = deque([dict(initial_inputs)])
    for _ in range(max_runs):
        if not queue:
            break
        inputs = queue.popleft()
        path, retval = _run(traced, inputs)
        decisions = tuple((branch.node_id, branch.took, str(branch.cond)) for branch in path)
        if any(result.decisions == decisions for result in results):
            continue
        constraints = [branch.constraint for branch in path]
        results.append(Result(inputs, decisions, constraints, retval))
        for i, (node_id, took, cond) in enumerate(decisions):
            known = ways.setdefault(decisions[:i], {})
            known[decisions[i]] = constraints[i]
            # A decision has two ways; that a number has some value is one of many, in search of the next.
            attempt = decisions[:i], len(known)
            if (node_id, not took, cond) in known or attempt in tried:
                continue
            tried.add(attempt)
            found = solve(constraints[:i] + [Not(term) for term in known.values()], inputs)
            if found is not None:
                queue.append({**inputs, **found})
    return results


def _run(traced: Callable, inputs: Inputs) -> tuple[list[Branch], Any]:
    run = Run()
    token = current_run.set(run)
    try:
        retval = traced(**{name: Sym(value, Var(name)) for name, value in inputs.items()})
    except Exception as error:  # a path that raises is one too
        retval = error
    finally:
        current_run.reset(token)
    return run.path, _plain(retval)


def _plain(value: Any) -> Any:
    """The value with plain numbers in it."""
    if isinstance(value, Sym):
        return value.v
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(map(_plain, value))
    if type(value) is dict:
        return {_plain(key): _plain(item) for key, item in value.items()}
    return value
