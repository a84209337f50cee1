"""Concolic execution: the paths of functions, and the terms that lead to them."""
import threading

import pyccolo_native as pyc
import pytest
from pyccolo_native.examples import ConcolicTracer
from pyccolo_native.examples.concolic import (
    And,
    Bin,
    Cmp,
    Lit,
    Not,
    Or,
    Sym,
    Var,
    explore,
    solve_by_search,
    solve_with_z3,
)


@pytest.fixture(params=["search", "z3"])
def paths(request, fresh):
    """Explores a function; each result must be what its inputs give, and its constraints be true of them."""
    if request.param == "z3":
        pytest.importorskip("z3")
    solve = {"search": solve_by_search, "z3": solve_with_z3}[request.param]
    fresh(ConcolicTracer)

    def explored(func, max_runs=64, **inputs):
        results = explore(func, inputs, max_runs=max_runs, solve=solve)
        for result in results:
            try:
                expected = func(**result.inputs)
            except Exception as error:
                assert type(result.retval) is type(error)
            else:
                assert (result.retval, type(result.retval)) == (expected, type(expected))
            assert all(term.eval(result.inputs) for term in result.constraints)
        assert len({result.decisions for result in results}) == len(results)
        return results

    return explored


def values(results):
    return sorted(str(result.retval) for result in results)


def constraints(results):
    return [[str(term) for term in result.constraints] for result in results]


def test_branches_and_arithmetic(paths):
    def needs_solving(x, y):
        doubled = x * 2 - 1
        if doubled == 11:
            if x > 5:
                return "found" if 3 * y + 1 > 30 else "near"
            return "cannot be"
        return "no"

    assert values(paths(needs_solving, x=0, y=0)) == ["found", "near", "no"]


def test_loops(paths):
    def halvings(x):
        count = 0
        while x > 1:
            x = x // 2
            count += 1
            if count == 3:
                break
        return count

    results = paths(halvings, x=0)
    assert {result.retval for result in results} == {0, 1, 2, 3}
    assert len(results) == 4


def test_operands_of_and_and_or_are_decisions_as_far_as_they_are_evaluated(paths):
    def quadrant(x, y):
        if x > 0 and y > 0:
            return "first"
        if x < 0 or y < 0:
            return "negative"
        return "axis"

    results = paths(quadrant, x=1, y=1)
    assert set(values(results)) == {"first", "negative", "axis"}
    assert constraints(results)[0] == ["(x > 0)", "(y > 0)"]
    assert ["!(x > 0)", "(x < 0)"] in constraints(results)
    assert ["!(x > 0)", "!(x < 0)", "!(y < 0)"] in constraints(results)


def test_the_value_of_and_is_that_of_the_operand(paths):
    def sums(x, y):
        z = x and y
        return z + 1 if z != 7 else "seven"

    results = paths(sums, x=2, y=3)
    assert {result.retval for result in results} >= {4, 1, "seven"}


def test_not_stays_symbolic(paths):
    def inverted(x):
        unequal = not x == 5
        if not unequal:
            return "five"
        return "other"

    results = paths(inverted, x=0)
    assert values(results) == ["five", "other"]
    assert constraints(results)[0] == ["!!!(x == 5)"]


def test_decisions_without_an_event_of_their_own(paths):
    def many(x, y):
        assert x != 3
        inside = 0 < x < 10
        least = min(x, y)
        kept = [n for n in (x, y) if n > 20]
        return ("in" if inside else "out"), any(n == 30 for n in kept), least == y

    results = paths(many, x=1, y=2)
    found = {result.retval for result in results if isinstance(result.retval, tuple)}
    assert any(isinstance(result.retval, AssertionError) for result in results)
    assert {("in", True, False), ("out", True, True), ("out", False, False)} <= found


def test_divisions_by_zero_are_found(paths):
    def ratio(x, y):
        return 100 % (x - y)

    results = paths(ratio, x=5, y=1)
    assert [type(result.retval) for result in results] == [int, ZeroDivisionError]


def test_division_rounds_down_as_in_python(paths):
    def divided(x, y):
        if x // y == -4 and x % y == -1:
            return "found"
        return "no"

    assert "found" in values(paths(divided, x=9, y=1))


def test_numbers_that_are_used_as_such_are_decisions(paths):
    def looked_up(x):
        if x < 0 or x > 3:
            return "outside"
        return "abcd"[x], {0: "zero"}.get(x), x / 2, f"{x}", x**2, abs(x), range(x)

    assert {str(result.retval)[:4] for result in paths(looked_up, x=0)} == {"outs", *(f"('{letter}'" for letter in "abcd")}


def test_conditions_may_be_joined(paths):
    def joined(x, y):
        if (x > 3) & (y > 4) | (x < -60):
            return 1
        return 0

    results = paths(joined, x=0, y=0)
    assert constraints(results)[0] == ["!(((x > 3) & (y > 4)) | (x < -60))"]
    assert sorted(result.retval for result in results) == [0, 1]


def test_conditions_count_as_numbers(paths):
    def counted(x, y):
        if (x > 3) + (y > 4) == 2:
            return "both"
        return "not both"

    assert values(paths(counted, x=0, y=0)) == ["both", "not both"]


def test_other_types_beside_numbers(paths):
    def mixed(x):
        if x == "text" or x is None:
            return "text"
        return [x, (x + 1, {"key": x})], x < 2.5

    results = paths(mixed, x=1)
    assert results[0].retval == ([1, (2, {"key": 1})], True)


def test_decisions_say_where(paths):
    def places(x):
        if x > 1:
            return 1
        return 0 if x > 0 else -1

    nodes = [node_id for node_id, _, _ in paths(places, x=0)[0].decisions]
    assert nodes[0] is not None and nodes[1] is None


def test_a_decision_is_noted_once(paths):
    def repeated(x):
        return [x > 1 and 1 for _ in range(5)], "big" if x > 1 else "small"

    results = paths(repeated, x=0)
    assert [len(result.decisions) for result in results] == [1, 1]


def test_constants_are_no_decisions(paths):
    def constant(x):
        if 2 > 1 and x * 0 + 1 == x * 0 + 1:
            return "yes"

    assert len(paths(constant, x=0)) == 1
    assert paths(lambda x: "constant", x=0)[0].decisions == ()


def test_number_of_runs_is_bounded(paths):
    def endless(x):
        n = 0
        while n < x:
            n += 1
        return n

    assert len(paths(endless, x=0, max_runs=5)) == 5


def test_function_is_left_as_it_was(paths):
    def function(x):
        if x:
            return 1

    code = function.__code__
    paths(function, x=0)
    assert function.__code__ is code


def test_inputs_that_do_not_fit_are_an_error():
    with pytest.raises(TypeError, match="missing a required argument: 'y'"):
        explore(lambda x, y: 0, {"x": 1})


def test_functions_without_source_are_an_error(fresh):
    fresh(ConcolicTracer)
    with pytest.raises(TypeError, match="written in Python"):
        explore(pow, {"base": 1, "exp": 2})


def test_explorations_in_threads_do_not_mix(paths):
    def first(x):
        if x > 1:
            return 1
        return 0

    found = {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: paths(first, x=n)})) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(found[n]) for n in range(4)] == [2] * 4


def test_a_symbolic_number_outside_of_a_run_is_a_number():
    x = Sym(3, Var("x"))
    assert [str(term.t) for term in (x * 2 + 1, 10 - x, -x, ~x, +x)] == [
        "((x * 2) + 1)", "(10 - x)", "(0 - x)", "(-1 - x)", "(x + 0)"
    ]  # fmt: skip
    assert repr(x > 2) == "Sym(v=True, t=(x > 2))"
    assert (divmod(x, 2)[0].v, divmod(7, x)[1].v, abs(-x).v, hash(x), int(x), float(x)) == (1, 1, 3, 3, 3, 3.0)
    assert (x << 1, 1 << x, x ^ 1, x & 2, 2 | x, x / 2, 2**x) == (6, 8, 2, 2, 3, 1.5, 8)


def test_terms():
    x, y = Var("x"), Var("y")
    term = Or([And([Cmp(">", x, Lit(0)), Not(Cmp("==", Bin("%", y, Lit(2)), Lit(0)))]), Cmp("<", y, Lit(-5))])
    assert str(term) == "(((x > 0) & !((y % 2) == 0)) | (y < -5))"
    assert term.variables() == {"x", "y"}
    assert [term.eval({"x": n, "y": m}) for n, m in ((1, 1), (1, 2), (0, 1), (0, -6))] == [True, False, False, True]


@pytest.mark.parametrize("op", ["+", "-", "*", "//", "%"])
def test_z3_computes_as_python_does(op):
    z3 = pytest.importorskip("z3")
    term = Bin(op, Var("x"), Var("y"))
    for x in range(-7, 8, 3):
        for y in (-3, -1, 2, 5):
            lowered = term.z3({"x": z3.IntVal(x), "y": z3.IntVal(y)})
            assert z3.simplify(lowered).as_long() == term.eval({"x": x, "y": y}), (x, op, y)


def test_search_is_bounded():
    total = Bin("+", Bin("+", Var("a"), Var("b")), Bin("+", Var("c"), Var("d")))
    odd = Cmp("==", Bin("*", total, Lit(2)), Lit(7))
    assert solve_by_search([odd], dict.fromkeys("abcd", 0), max_tries=1000) is None


def test_search_finds_numbers_that_are_mentioned():
    assert solve_by_search([Cmp(">", Var("x"), Lit(10_000))], {"x": 0, "y": 0}) == {"x": 10_001}


def test_tracer_alone_changes_nothing(fresh):
    with fresh(ConcolicTracer):
        assert pyc.exec("x = not 1\nif not x and 5:\n    y = [n for n in range(3) if n]")["y"] == [1, 2]
