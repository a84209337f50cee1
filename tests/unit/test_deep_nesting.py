"""Source that is nested very deeply is woven too: its outer levels, and a warning says where the rest begins."""
import contextlib
import sys
import warnings

import pytest

import pyccolo_native as pyc
from pyccolo_native import _native
from pyccolo_native.sandbox import compile_source

EVENTS = [row[0] for row in _native.event_table() if row[2] == "Ast" and not row[0].startswith("_")]
CHAINS = {
    "operators": lambda n: "x = " + " + ".join(["one"] * n),
    "negations": lambda n: "x = " + "not " * n + "one",
    "attributes": lambda n: "x = chain" + ".next" * n,
    "calls": lambda n: "x = chain" + ".itself()" * (n // 2),
    "subscripts": lambda n: "x = chain" + "[0]" * n,
    "conditionals": lambda n: "x = " + " ".join(f"{i} if one == {i} else" for i in range(n, 1, -1)) + " 1",
    "branches": lambda n: "if one == 2: x = 2\n" + "".join(f"elif one == {i}: x = {i}\n" for i in range(n, 0, -1)),
}


class Chain:
    @property
    def next(self):
        return self

    def itself(self):
        return self

    def __getitem__(self, key):
        return self


def make_tracer(*names):
    class Counts(pyc.BaseTracer):
        instrument_all_files = True
        fired = 0

        def handle(self, ret, *_, **__):
            self.fired += 1

        for name in names or EVENTS:
            pyc.register_handler(getattr(pyc, name))(handle)

    return Counts.instance()


def run(source, tracer):
    """(x after the source has run, texts of warnings)"""
    variables = {"one": 1, "chain": Chain()}
    with tracer, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        code = compile_source(source, "deep.py")
        exec(code, variables)
    return variables["x"], variables["chain"], [str(warning.message) for warning in caught]


@pytest.mark.parametrize("names", [(), ("before_stmt",), ("after_binop", "load_name")], ids=["all", "statements", "two"])
@pytest.mark.parametrize("depth", [190, 600, 1500])
@pytest.mark.parametrize("kind", CHAINS)
def test_deep_source_runs_as_plain(kind, depth, names):
    if kind == "calls":
        depth = min(depth, 800)  # deeper ones plain compile() does not take everywhere
    source = CHAINS[kind](depth)
    plain = {"one": 1, "chain": Chain()}
    exec(compile(source, "deep.py", "exec"), plain)
    tracer = make_tracer(*names)
    value, chain, told = run(source, tracer)
    if isinstance(plain["x"], Chain):
        assert value is chain
    else:
        assert value == plain["x"]
    assert tracer.fired > 0 or names == ("after_binop", "load_name")
    most = 1000 if kind == "branches" else 200
    if depth < most:
        assert told == []
    elif depth > most:
        assert len(told) == 1 and told[0].startswith("deep.py, line ")
        assert f"nested more than {most} levels deep" in told[0]


def test_the_outer_levels_have_their_events():
    tracer = make_tracer("after_binop")
    assert run(CHAINS["operators"](1500), tracer)[0] == 1500
    assert tracer.fired == 200


def test_an_ordinary_expression_after_a_deep_one_has_all_its_events():
    tracer = make_tracer("after_binop")
    run(CHAINS["operators"](1500) + "\nx = one + one + one", tracer)
    assert tracer.fired == 202


def room():
    """How many calls of Python functions are left."""
    try:
        return 1 + room()
    except RecursionError:
        return 1


def test_the_programs_own_recursion_limit_stays():
    limit, left = sys.getrecursionlimit(), room()
    tracer = make_tracer()
    run(CHAINS["operators"](1500), tracer)
    with contextlib.suppress(RecursionError), pytest.warns(RuntimeWarning, match="levels deep"), tracer:
        compile_source(CHAINS["branches"](2600), "deep.py")
    assert (sys.getrecursionlimit(), room()) == (limit, left)


def test_a_predicate_may_set_the_recursion_limit():
    limit = sys.getrecursionlimit()

    def condition(node):
        sys.setrecursionlimit(limit + 50)
        return True

    class Sets(pyc.BaseTracer):
        instrument_all_files = True

        @pyc.load_name(when=condition)
        def handle(self, ret):
            pass

    before = room()
    try:
        with Sets.instance():
            compile_source("a", "deep.py")
        assert sys.getrecursionlimit() == limit + 50 and room() == before + 50
    finally:
        sys.setrecursionlimit(limit)
    assert room() == before
