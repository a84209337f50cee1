"""Guards: what a tracer switches off piece by piece, functions, loops, comprehensions, single handlers."""
import ast
import gc

import pytest

import pyccolo_native as pyc

LOOP = "total = 0\nfor i in range(5):\n    total = total + 1\n"


class Counter(pyc.BaseTracer):
    """Counts names that are loaded; its subclasses guard something."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.names = []

    @pyc.load_name
    def load(self, ret, node, *_, **__):
        self.names.append(node.id)


@pytest.fixture(autouse=True)
def without_instances():
    yield
    for tracer in (Counter, LocallyGuarded):
        tracer.clear_instance()


def test_a_function_guard_switches_the_function_off():
    class Tracer(Counter):
        guards_seen = set()

        @pyc.after_function_execution
        def executed(self, ret, node, *_, guard, **__):
            self.guards_seen.add(guard)
            self.activate_guard(guard)

    tracer = Tracer.instance()
    env = tracer.exec("def f(x):\n    return x\nresult = [f(i) for i in range(4)]", local_env={})
    assert env["result"] == [0, 1, 2, 3]
    assert tracer.names.count("x") == 1
    [guard] = Tracer.guards_seen
    assert guard in pyc.BaseTracer.guards and guard.startswith(pyc.PYCCOLO_BUILTIN_PREFIX)


def test_deactivating_a_guard_switches_it_on_again():
    class Tracer(Counter):
        guard = None

        @pyc.after_function_execution
        def executed(self, ret, node, *_, guard, **__):
            self.guard = guard

    tracer = Tracer.instance()
    with tracer:
        f = pyc.exec("def f(x):\n    return x", local_env={})["f"]
        f(1)
        tracer.activate_guard(tracer.guard)
        f(2)
        f(3)
        assert tracer.names == ["x"]
        tracer.deactivate_guard(tracer.guard)
        f(4)
    assert tracer.names == ["x", "x"]


def test_a_for_loop_guard():
    class Tracer(Counter):
        @pyc.after_for_loop_iter
        def iteration(self, ret, node, *_, guard, **__):
            self.activate_guard(guard)

    tracer = Tracer.instance()
    assert tracer.exec(LOOP, local_env={})["total"] == 5
    assert tracer.names.count("total") == 1


def test_a_while_loop_guard():
    class Tracer(Counter):
        @pyc.after_while_loop_iter
        def iteration(self, ret, node, *_, guard, **__):
            self.activate_guard(guard)

    tracer = Tracer.instance()
    env = tracer.exec("k, n = 7, 0\nwhile n < 5:\n    m = k\n    n += 1", local_env={})
    assert (env["n"], env["m"]) == (5, 7)
    assert tracer.names.count("k") == 1


def test_before_loop_body_may_refuse_an_iteration():
    class Tracer(Counter):
        @pyc.before_for_loop_body
        def body(self, ret, node, frame, *_, **__):
            return frame.f_locals["i"] % 2 == 0

    tracer = Tracer.instance()
    assert tracer.exec(LOOP, local_env={})["total"] == 5
    assert tracer.names.count("total") == 3


def test_before_function_body_may_refuse_a_call():
    class Tracer(Counter):
        @pyc.before_function_body
        def body(self, ret, node, frame, *_, **__):
            return frame.f_locals["x"] > 1

    tracer = Tracer.instance()
    env = tracer.exec("def f(x):\n    return x\nresult = [f(i) for i in range(4)]", local_env={})
    assert env["result"] == [0, 1, 2, 3]
    assert tracer.names.count("x") == 2


def test_a_comprehension_guard():
    class Tracer(Counter):
        @pyc.after_comprehension_elt
        def element(self, ret, node, *_, guard, **__):
            self.activate_guard(guard)

    tracer = Tracer.instance()
    assert tracer.eval("[i + 0 for i in range(5)]") == [0, 1, 2, 3, 4]
    assert tracer.names.count("i") == 1


def test_guards_of_a_comprehensions_condition_and_of_dict_parts():
    class Tracer(Counter):
        @pyc.register_handler(
            (pyc.after_comprehension_if, pyc.after_dict_comprehension_key, pyc.after_dict_comprehension_value)
        )
        def part(self, ret, node, *_, guard, **__):
            self.activate_guard(guard)

    tracer = Tracer.instance()
    assert tracer.eval("{k: v for k, v in [(1, 2), (3, 4)] if v}") == {1: 2, 3: 4}
    assert (tracer.names.count("k"), tracer.names.count("v")) == (1, 2)


def test_guards_may_be_named_by_node_or_id():
    class Tracer(Counter):
        @pyc.after_for_loop_iter
        def iteration(self, ret, node, *_, guard, **__):
            self.guard = guard

    tracer = Tracer.instance()
    assert pyc.make_guard_name(5) == f"{pyc.PYCCOLO_BUILTIN_PREFIX}_PYCCOLO_GUARD_5"
    node = ast.Pass()
    assert pyc.make_guard_name(node) == pyc.make_guard_name(id(node))
    tracer.exec(LOOP, local_env={})
    node_id = int(tracer.guard.rpartition("_")[2])
    assert pyc.make_guard_name(node_id) == tracer.guard


def test_an_exempt_handler_goes_on_behind_a_loops_guard():
    class Tracer(Counter):
        exempt = 0

        @pyc.after_int(exempt_from_guards=True)
        def integer(self, ret, *_, **__):
            self.exempt += 1

        @pyc.after_for_loop_iter
        def iteration(self, ret, node, *_, guard, **__):
            self.activate_guard(guard)

    tracer = Tracer.instance()
    tracer.exec("for i in range(5):\n    x = i + 7", local_env={})
    assert tracer.names.count("i") == 1
    assert tracer.exempt == 1 + 5


def test_without_global_guards_there_are_none():
    class Tracer(Counter):
        global_guards_enabled = False
        seen = []

        @pyc.register_handler((pyc.after_function_execution, pyc.after_for_loop_iter, pyc.after_comprehension_elt))
        def handle(self, ret, node, *_, guard=None, **__):
            self.seen.append(guard)

    before = set(pyc.BaseTracer.guards)
    tracer = Tracer.instance()
    tracer.exec(f"def f():\n    return 1\nf()\n{LOOP}[i for i in (1, 2)]", local_env={})
    assert set(pyc.BaseTracer.guards) == before
    assert set(Tracer.seen) <= {None} and Tracer.seen


def test_unguarded_tracers_beside_guarded_ones():
    class Guarding(Counter):
        @pyc.after_for_loop_iter
        def iteration(self, ret, node, *_, guard, **__):
            self.activate_guard(guard)

    class Unguarded(pyc.BaseTracer):
        global_guards_enabled = False
        names = []

        @pyc.load_name
        def load(self, ret, node, *_, **__):
            self.names.append(node.id)

    with Guarding.instance(), Unguarded.instance():
        pyc.exec(LOOP, local_env={})
    assert Unguarded.names.count("total") == 5


def local(name):
    return f"{pyc.PYCCOLO_BUILTIN_PREFIX}_{name}"


class LocallyGuarded(pyc.BaseTracer):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.names = []

    @pyc.init_module
    def module(self, ret, node, frame, *_, **__):
        for guard in self.local_guards_by_module_id.get(id(node), []):
            frame.f_globals[guard] = False

    @pyc.load_name(guard=lambda node: local(node.id))
    def load(self, ret, node, frame, event, guard, *_, **__):
        self.names.append(node.id)
        frame.f_globals[guard] = True


def test_a_local_guard_switches_one_handler_off():
    tracer = LocallyGuarded.instance()
    env = {}
    assert tracer.exec("x = 1\ny = x + x\nz = y + x", env, {})["z"] == 3
    assert sorted(tracer.names) == ["x", "y"]
    assert env[local("x")] is True


def test_a_local_guard_that_is_not_set_is_no_error_if_it_is_set_by_hand():
    tracer = LocallyGuarded.instance()
    env = {}
    tracer.exec("x = 1\ny = x", env, {})
    env[local("x")] = False
    tracer.exec("x = 1\ny = x", env, {})
    assert tracer.names == ["x", "x"]


def test_no_guard_for_a_node():
    class Tracer(pyc.BaseTracer):
        seen = []

        @pyc.load_name(guard=lambda node: None)
        def load(self, ret, node, frame, event, guard, *_, **__):
            self.seen.append((node.id, guard))

    Tracer.instance().exec("x = 1\nx\nx", local_env={})
    assert Tracer.seen == [("x", None), ("x", None)]


def test_local_guards_are_registered_by_module():
    class Tracer(pyc.BaseTracer):
        modules = []

        def static_init_module(self, node):
            self.modules.append(id(node))
            self.register_local_guard(local("own"))

        @pyc.load_name
        def load(self, ret, *_, **__):
            pass

    tracer = Tracer.instance()
    tracer.exec("x = 1\nx", local_env={})
    [module_id] = Tracer.modules
    assert local("own") in pyc.BaseTracer.local_guards_by_module_id.get(module_id, {local("own")})


def test_code_behind_a_guard_still_works_after_the_tracer_left():
    class Tracer(Counter):
        @pyc.after_function_execution
        def executed(self, ret, node, *_, guard, **__):
            self.activate_guard(guard)

    with Tracer.instance():
        f = pyc.exec("def f(x):\n    return [x for _ in range(2)]", local_env={})["f"]
        assert f(1) == [1, 1] and f(2) == [2, 2]
    assert f(3) == [3, 3]


def test_the_local_guards_of_a_module_go_with_its_code():
    tracer = LocallyGuarded.instance()
    before = set(pyc.BaseTracer.local_guards_by_module_id)
    tracer.exec("x = 1\ny = x", {}, {})
    gc.collect()
    assert set(pyc.BaseTracer.local_guards_by_module_id) <= before


class Strings(pyc.BaseTracer):
    @pyc.after_string
    def heard(self, ret, *_, **__):
        pass


@pytest.mark.parametrize("loop", ["for i in range(3):", "while n < 3:"])
def test_code_whose_only_events_cannot_be_reached_keeps_its_guards(loop):
    source = f"""
        n = 0
        {loop}
            n += 1
            continue
            print("never")
        def later(n=0):
            {loop}
                n += 1
                continue
                print("never")
            return n
        """
    with Strings:
        env = pyc.exec(source)
        assert env["n"] == 3
        gc.collect()
        assert env["later"]() == 3
    del source
    gc.collect()
    before = len(pyc.BaseTracer.guards)
    assert env["later"]() == 3
    later = env.pop("later")
    env.clear()
    gc.collect()
    assert later() == 3
    del later
    gc.collect()
    assert len(pyc.BaseTracer.guards) < before
