"""Nothing outlives its use: tracers, nodes, code and environments die when they are dropped."""
import gc
import weakref

import pytest

import pyccolo_native as pyc


class Observer(pyc.BaseTracer):
    @pyc.register_handler((pyc.before_stmt, pyc.after_int, pyc.load_name, pyc.after_call, pyc.before_assign_rhs))
    def handle(self, ret, *_, **__):
        pass


@pytest.fixture(autouse=True)
def without_instances():
    yield
    Observer.clear_instance()


class Thing:
    pass


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def test_the_environment_of_exec_dies():
    env = {"thing": Thing()}
    died = weakref.ref(env["thing"])
    with Observer.instance():
        pyc.exec("x = thing\ndef f():\n    return thing", env, {})
        pyc.eval("thing", env, {})
    del env
    gc.collect()
    assert died() is None


def test_values_that_went_through_events_die():
    with Observer.instance():
        died = weakref.ref(pyc.exec("x = T()", {"T": Thing}, {})["x"])
    gc.collect()
    assert died() is None


def test_a_tracer_dies_after_its_context():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            return ret + 1

    tracer = Tracer()
    with tracer:
        assert pyc.eval("1", {}, {}) == 2  # its own variables: a frame keeps a copy of its locals
    died = weakref.ref(tracer)
    del tracer
    gc.collect()
    assert died() is None


def test_a_tracer_class_dies():
    def use():
        class Tracer(pyc.BaseTracer):
            @pyc.after_int
            def handle(self, ret, *_, **__):
                return ret + 1

        assert Tracer.instance().eval("1") == 2
        return weakref.ref(Tracer)

    died = use()
    gc.collect()
    assert died() is None


def test_nodes_die_with_the_code():
    nodes = []

    class Tracer(pyc.BaseTracer):
        @pyc.load_name
        def handle(self, ret, node, *_, **__):
            nodes.append(weakref.ref(node))

    with Tracer.instance():
        f = pyc.exec("def f(x):\n    return x", local_env={})["f"]
        f(1)
        gc.collect()
        assert nodes[0]() is not None
        del f
        pyc.BaseTracer.current_module[0] = None  # the last tree
        gc.collect()
        assert nodes[0]() is None


def test_code_dies():
    import sys

    with Observer.instance():
        f = pyc.exec("def f(x):\n    return x", local_env={})["f"]
        died = weakref.ref(f.__code__)
        f(1)
        del f
        gc.collect()
        assert died() is None
    assert sys.getrefcount(Observer) < 50


def test_instrumented_functions_die():
    def f(n):
        x = n
        return x

    tracer = Observer.instance()
    traced = tracer.instrumented(f)
    traced(1)
    died = weakref.ref(traced)
    del traced
    gc.collect()
    assert died() is None


def test_the_replacement_of_a_statement_dies():
    class Tracer(pyc.BaseTracer):
        @pyc.before_stmt
        def handle(self, ret, node, *_, **__):
            return "thing"

    env = {"thing": Thing()}
    died = weakref.ref(env["thing"])
    Tracer.instance().exec("x = 1", env, {})
    del env
    gc.collect()
    assert died() is None


def test_an_exception_in_a_handler_keeps_nothing(unraisable):
    class Tracer(pyc.BaseTracer):
        @pyc.after_call
        def handle(self, ret, *_, **__):
            raise ValueError(ret)

    env = {"T": Thing}
    died = weakref.ref(Tracer.instance().exec("x = T()", env, {})["x"])
    gc.collect()
    assert died() is None


SNIPPET = "x = [i * 2 for i in range(3)]\ny = len(x)\nz = f'{y}' if y > 1 else None"


@pytest.mark.parametrize("run", ["exec", "eval", "parse"])
def test_memory_does_not_grow(run):
    def once():
        if run == "exec":
            pyc.exec(SNIPPET, {}, {})
        elif run == "eval":
            pyc.eval("[i + 1 for i in range(3)]", {}, {})
        else:
            Observer.instance().parse(SNIPPET, filename="<sandbox-same>")

    with Observer.instance():
        for _ in range(1000):
            once()
        before = resident()
        for _ in range(3000):
            once()
        grown = resident() - before
    pyc.BaseTracer.reset_bookkeeping()
    assert grown < 3_000_000


def test_builtins_do_not_fill_with_guards():
    import builtins

    class Tracer(pyc.BaseTracer):
        @pyc.register_handler((pyc.before_function_body, pyc.after_for_loop_iter))
        def handle(self, ret, *_, **__):
            pass

    with Tracer.instance():
        pyc.exec("def f(): pass\nfor i in (1,): f()", {}, {})
        before = len(vars(builtins)), len(pyc.BaseTracer.guards)
        for _ in range(100):
            pyc.exec("def f(): pass\nfor i in (1,): f()", {}, {})
        after = len(vars(builtins)), len(pyc.BaseTracer.guards)
    assert after[0] <= before[0] + 10 and after[1] <= before[1] + 10


def test_contexts_leak_no_references():
    import sys

    tracer = Observer.instance()
    for _ in range(10):
        with tracer.tracing_enabled(), tracer.tracing_disabled():
            pass
    before = sys.getrefcount(tracer)
    for _ in range(1000):
        with tracer.tracing_enabled(), tracer.tracing_disabled():
            pass
    assert sys.getrefcount(tracer) <= before + 2
