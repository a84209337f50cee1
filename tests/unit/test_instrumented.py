"""Functions are instrumented from their source: closures, metadata and scope stay."""
import functools
import gc
import inspect

import pytest

import pyccolo_native as pyc

GLOBAL = 10


class Increment(pyc.BaseTracer):
    instrument_lambdas = True

    @pyc.after_assign_rhs
    def assigned(self, ret, *_, **__):
        return ret + 1 if isinstance(ret, int) else None

    @pyc.before_lambda_body
    def body(self, ret, *_, **__):
        pass

    @pyc.after_int
    def integer(self, ret, *_, **__):
        return ret + 100


class Assigning(pyc.BaseTracer):
    @pyc.after_assign_rhs
    def assigned(self, ret, *_, **__):
        return ret + 1


def assigning(n):
    """Documented."""
    x = n
    return x


@pytest.mark.keeps_objects(reason="the function is the module's, and its nodes are known as long as it is there")
def test_a_function_runs_instrumented():
    traced = Assigning.instance().instrumented(assigning)
    assert (traced(41), assigning(41)) == (42, 41)


def test_calling_the_tracer_is_the_same():
    assert Assigning.instance()(assigning)(41) == 42
    assert Assigning.instance()[assigning](41) == 42


def test_as_a_decorator():
    @Assigning.instance()
    def f(n):
        x = n
        return x

    assert f(1) == 2


def test_the_package_function_takes_tracers():
    @pyc.instrumented([Assigning.instance()])
    def f(n):
        x = n
        return x

    assert f(1) == 2


def test_the_tracer_is_active_while_it_runs():
    tracer = Assigning.instance()

    def f():
        return tracer.is_tracing_enabled

    assert tracer.instrumented(f)() is True
    assert not tracer.is_tracing_enabled


def test_metadata_stays():
    traced = Assigning.instance().instrumented(assigning)
    assert (traced.__name__, traced.__doc__, traced.__wrapped__) == ("assigning", "Documented.", assigning)
    assert inspect.signature(traced) == inspect.signature(assigning)


def test_the_original_is_left_alone():
    code = assigning.__code__
    Assigning.instance().instrumented(assigning)
    assert assigning.__code__ is code


def test_mutate_changes_the_function_itself():
    def f(n):
        x = n
        return x

    code = f.__code__
    Assigning.instance().instrumented(f, mutate=True)
    assert f.__code__ is not code
    with Assigning.instance():
        assert f(1) == 2


def test_closures_stay_closures():
    def make(offset):
        def inner(n):
            x = n + offset
            return x

        def change(value):
            nonlocal offset
            offset = value

        return inner, change

    inner, change = make(10)
    traced = Assigning.instance().instrumented(inner)
    assert traced(1) == 12
    change(20)
    assert traced(1) == 22


def test_a_closure_that_is_written_to():
    count = 0

    def f():
        nonlocal count
        count = count + 1
        return count

    traced = Assigning.instance().instrumented(f)
    assert (traced(), traced()) == (2, 4) and count == 4


def test_globals_are_the_live_ones(monkeypatch):
    def f():
        x = GLOBAL
        return x

    traced = Assigning.instance().instrumented(f)
    assert traced() == 11
    monkeypatch.setitem(globals(), "GLOBAL", 20)
    assert traced() == 21


def test_defaults_and_keyword_only_arguments():
    def f(a, b=2, *args, c=3, **kwargs):
        x = a + b + c
        return x, args, kwargs

    traced = Assigning.instance().instrumented(f)
    assert traced(1) == (7, (), {})
    assert traced(1, 1, 9, c=1, d=5) == (4, (9,), {"d": 5})


def test_a_method_with_super():
    class Base:
        def m(self):
            return 1

    class Derived(Base):
        def m(self):
            x = super().m()
            return x

    Derived.m = Assigning.instance().instrumented(Derived.m)
    assert Derived().m() == 2


def test_a_method_with_private_names():
    class Private:
        __hidden = 5

        def m(self):
            x = self.__hidden
            return x

    Private.m = Assigning.instance().instrumented(Private.m)
    assert Private().m() == 6


def test_a_decorated_function_is_not_decorated_again():
    calls = []

    def decorator(f):
        calls.append(f.__name__)

        @functools.wraps(f)
        def wrapper(*args):
            return f(*args)

        return wrapper

    @Assigning.instance()
    @decorator
    def f(n):
        x = n
        return x

    assert calls == ["f"]
    assert f(1) in (1, 2)


def test_generators():
    def f(n):
        for i in range(n):
            x = i
            yield x

    tracer = Assigning.instance()
    traced = tracer.instrumented(f)
    with tracer:
        assert list(traced(3)) == [1, 2, 3]


def test_coroutines():
    import asyncio

    async def f(n):
        x = n
        await asyncio.sleep(0)
        return x

    tracer = Assigning.instance()
    traced = tracer.instrumented(f)
    with tracer:
        assert asyncio.run(traced(1)) == 2


def test_recursion():
    def f(n):
        x = n
        return x if n <= 0 else f(n - 1)

    assert Assigning.instance().instrumented(f)(3) in (0, 1)


def test_tracebacks_point_into_the_source():
    def f():
        x = 1
        raise ValueError(x)

    with pytest.raises(ValueError) as caught:
        Assigning.instance().instrumented(f)()
    entry = caught.traceback[-1]
    assert entry.path.name == "test_instrumented.py" and entry.lineno == inspect.getsourcelines(f)[1] + 1


def test_lambdas_for_tracers_that_ask():
    try:
        f = Increment.instance().instrumented(lambda n: n + 1)
        assert f(1) == 102
    finally:
        Increment.clear_instance()


def test_lambdas_with_closures():
    offset = 5
    try:
        f = Increment.instance().instrumented(lambda n: n + offset)
        assert f(1) == 6
    finally:
        Increment.clear_instance()


def test_two_functions_of_one_file():
    def one(n):
        x = n
        return x

    def two(n):
        x = n * 2
        return x

    tracer = Assigning.instance()
    traced_one, traced_two = tracer.instrumented(one), tracer.instrumented(two)
    assert (traced_one(1), traced_two(1), traced_one(1)) == (2, 3, 2)


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError):
        Assigning.instance().instrumented(3)
    with pytest.raises(TypeError):
        Assigning.instance()(3)


def test_a_function_without_source_is_an_error():
    namespace = {}
    exec("def f():\n    return 1", namespace)
    with pytest.raises((OSError, TypeError)):
        Assigning.instance().instrumented(namespace["f"])
    with pytest.raises((AttributeError, TypeError, OSError)):
        Assigning.instance().instrumented(len)
    assert pyc.tracer() is pyc.NoopTracer.instance()


def test_nodes_are_known_as_long_as_the_function_that_was_instrumented():
    def helper(x):
        return x + 1

    tracer = Increment.instance()
    before = set(pyc.BaseTracer.ast_node_by_id)
    tracer.instrumented(helper)
    nodes = set(pyc.BaseTracer.ast_node_by_id) - before
    assert nodes
    del helper
    gc.collect()
    assert not nodes & set(pyc.BaseTracer.ast_node_by_id)
