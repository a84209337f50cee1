"""pyc.Disable: an event stops for a handler at a place, until the tracer is armed again."""
import copy
import gc
import pickle
import threading
import weakref

import pytest

import pyccolo_native as pyc
from pyccolo_native import _native


def tracer_of(event, result=pyc.Disable, **options):
    class Tracer(pyc.BaseTracer):
        @pyc.register_handler(event, **options)
        def handle(self, ret, *_, **__):
            self.calls += 1
            return result

    Tracer.calls = 0
    return Tracer()


def function(source, name="f"):
    return pyc.exec(source, {}, {})[name]


def test_the_sentinel():
    assert repr(pyc.Disable) == "pyccolo_native.Disable"
    assert pickle.loads(pickle.dumps(pyc.Disable)) is pyc.Disable is copy.deepcopy(pyc.Disable)
    assert pyc.Disable is _native.Disable and "Disable" in pyc.__all__


SHAPES = [
    (pyc.after_int, "def f(n):\n    return n + 1", [(2,), 3]),
    (pyc.load_name, "def f(n):\n    return n", [(2,), 2]),
    (pyc.before_call, "def f(n):\n    return str(n)", [(2,), "2"]),
    (pyc.after_call, "def f(n):\n    return str(n)", [(2,), "2"]),
    (pyc.before_binop, "def f(n):\n    return n * 3", [(2,), 6]),
    (pyc.before_unaryop, "def f(n):\n    return -n", [(2,), -2]),
    (pyc.before_compare, "def f(n):\n    return n < 3", [(2,), True]),
    (pyc.before_compare, "def f(n):\n    return 1 < n < 3", [(2,), True]),
    (pyc.before_subscript_load, "def f(n):\n    return [0, 1, 5][n]", [(2,), 5]),
    (pyc.before_subscript_slice, "def f(n):\n    return [0, 1, 5][n]", [(2,), 5]),
    (pyc.after_subscript_slice, "def f(n):\n    return [0, 1, 5][n]", [(2,), 5]),
    (pyc.before_attribute_load, "def f(n):\n    return n.real", [(2,), 2]),
    (pyc.before_stmt, "def f(n):\n    return n", [(2,), 2]),
    (pyc.after_stmt, "def f(n):\n    m = n\n    return m", [(2,), 2]),
    (pyc.after_assign_rhs, "def f(n):\n    m = n\n    return m", [(2,), 2]),
    (pyc.before_return, "def f(n):\n    return n", [(2,), 2]),
    (pyc.after_return, "def f(n):\n    return n", [(2,), 2]),
    (pyc.before_function_body, "def f(n):\n    return n", [(2,), 2]),
    (pyc.after_function_execution, "def f(n):\n    return n", [(2,), 2]),
    (pyc.before_lambda_body, "f = lambda n: n", [(2,), 2]),
    (pyc.after_if_test, "def f(n):\n    if n: return n", [(2,), 2]),
    (pyc.exception_handler_type, "def f(n):\n    try: 1 / 0\n    except ZeroDivisionError: return n", [(2,), 2]),
    (pyc.exception_handler_type, "def f(n):\n    try: 1 / 0\n    except: return n", [(2,), 2]),
    (pyc.after_fstring, "def f(n):\n    return f'{n}'", [(2,), "2"]),
    (pyc.after_list_literal, "def f(n):\n    return [n]", [(2,), [2]]),
]


@pytest.mark.parametrize("event, source, called", SHAPES)
def test_events_of_every_shape(event, source, called):
    arguments, result = called
    tracer = tracer_of(event)
    with tracer:
        f = function(source)
        calls = None
        for _ in range(4):
            assert f(*arguments) == result
            calls = tracer.calls if calls is None else calls
            assert tracer.calls == calls > 0
        tracer.calls = 0
        tracer.rearm()
        for _ in range(3):
            assert f(*arguments) == result
        assert tracer.calls > 0
        assert tracer.calls <= calls


@pytest.mark.parametrize("signature", ["self, ret, *_, **__", "self, ret", "self", "self, ret, node, frame"])
@pytest.mark.parametrize("raw", [False, True])
def test_handlers_of_every_signature(signature, raw):
    namespace = {}
    exec(f"def handle({signature}):\n    self.calls += 1\n    return Disable", {"Disable": pyc.Disable}, namespace)
    Tracer = type(
        "Tracer",
        (pyc.BaseTracer,),
        {"calls": 0, "handle": pyc.register_handler(pyc.before_call, use_raw_node_id=raw)(namespace["handle"])},
    )
    tracer = Tracer()
    with tracer:
        f = function("def f(): return int(), int()")
        assert [f() for _ in range(3)] == [(0, 0)] * 3
    assert tracer.calls == 2


def test_each_site_is_a_place_of_its_own():
    class Tracer(pyc.BaseTracer):
        seen = []

        @pyc.after_int
        def handle(self, ret):
            self.seen.append(ret)
            return pyc.Disable if ret < 3 else None

    with Tracer():
        f = function("def f(): return 1, 2, 3, 4")
        f(), f()
    assert Tracer.seen == [1, 2, 3, 4, 3, 4]


def test_the_value_of_earlier_handlers_stays():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def first(self, ret):
            return ret + 1

        @pyc.after_int
        def second(self, ret):
            return pyc.Disable

        @pyc.after_int
        def third(self, ret):
            return ret * 10

    with Tracer():
        f = function("def f(): return 1")
        assert [f(), f()] == [20, 20]


def test_only_the_handler_that_says_so():
    class Tracer(pyc.BaseTracer):
        one = two = 0

        @pyc.after_int
        def first(self):
            self.one += 1
            return pyc.Disable

        @pyc.after_int
        def second(self):
            self.two += 1
            return pyc.Disable if self.two == 3 else None

    tracer = Tracer()
    with tracer:
        f = function("def f(): return 1")
        for _ in range(5):
            f()
    assert (tracer.one, tracer.two) == (1, 3)


def test_only_the_tracer_whose_handler_says_so():
    one, two = tracer_of(pyc.after_int), tracer_of(pyc.after_int, None)
    with one, two:
        f = function("def f(): return 1")
        for _ in range(4):
            f()
        assert (one.calls, two.calls) == (1, 4)
        two.rearm()
        f()
        assert (one.calls, two.calls) == (1, 5)
        one.rearm()
        f(), f()
        assert (one.calls, two.calls) == (2, 7)


def test_instances_of_one_class_are_apart():
    one = tracer_of(pyc.after_int)
    two = type(one)()
    with one:
        f = function("def f(): return 1")
        f(), f()
    with two:
        f(), f()
    assert (one.calls, two.calls) == (1, 1)


def test_it_stays_disabled_when_the_tracer_comes_back():
    tracer, other = tracer_of(pyc.after_int), tracer_of(pyc.after_int, None)
    with tracer:
        f = function("def f(): return 1")
        f(), f()
    assert tracer.calls == 1
    with tracer:
        f()
        with other:
            f(), f()
        f()
        with tracer.tracing_disabled():
            f()
        f()
    assert (tracer.calls, other.calls) == (1, 2)


def test_a_tracer_that_comes_later_gets_events_of_quiet_sites():
    quiet, later = tracer_of(pyc.after_int), tracer_of(pyc.after_int, None)
    with quiet:
        f = function("def f(): return 1")
        f(), f()
        with later:
            f(), f()
        f()
        _native.TRACER_STACK.append(later)  # by hand
        f()
        _native.TRACER_STACK.pop()
    assert (quiet.calls, later.calls) == (1, 3)


def test_rearm_of_chosen_events():
    class Tracer(pyc.BaseTracer):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.seen = []

        @pyc.register_handler((pyc.after_int, pyc.after_string, pyc.before_assert))
        def handle(self, ret, node, frame, event, *_, **__):
            self.seen.append(event)
            return pyc.Disable

    tracer = Tracer()
    with tracer:
        f = function("def f():\n    assert 1, 'a'\n    return 'b'")
        f(), f()
        assert tracer.seen == [pyc.before_stmt, pyc.after_int, pyc.after_string]
        tracer.seen.clear()
        tracer.rearm(pyc.after_int)
        f(), f()
        assert tracer.seen == [pyc.after_int]
        tracer.seen.clear()
        tracer.rearm(pyc.before_assert, pyc.after_string)
        f(), f()
        assert tracer.seen == [pyc.before_stmt, pyc.after_string]
        tracer.rearm(pyc.load_name)  # it has no handler
    with pytest.raises(TypeError, match="did you mean pyc.after_int"):
        tracer.rearm("after_in")


def test_rearm_in_a_handler():
    class Tracer(pyc.BaseTracer):
        ints = strings = 0

        @pyc.after_int
        def int(self):
            self.ints += 1
            self.rearm()
            return pyc.Disable

        @pyc.after_string
        def string(self):
            self.strings += 1
            self.rearm(pyc.after_int)

    tracer = Tracer()
    with tracer:
        f = function("def f(): return 1, 1, 'a'")
        f(), f()
    assert (tracer.ints, tracer.strings) == (4, 2)


def test_many_rounds_leave_nothing():
    tracer = tracer_of(pyc.after_int)
    with tracer:
        f = function("def f(): return 1")
        for _ in range(1000):
            f(), f()
            tracer.rearm()
    assert tracer.calls == 1000
    for _ in range(50):
        other = type(tracer)()
        other.calls = 0
        with other:
            f(), f()
        assert other.calls == 1


def test_followers_of_a_quiet_site_fire():
    class Tracer(pyc.BaseTracer):
        names = arguments = 0

        @pyc.load_name
        def name(self, ret):
            self.names += 1
            return pyc.Disable

        @pyc.after_argument
        def argument(self, ret):
            self.arguments += 1
            return ret + 1

    tracer = Tracer()
    with tracer:
        f = function("def f(n):\n    return abs(n)")
        assert [f(1) for _ in range(4)] == [2] * 4
    assert (tracer.names, tracer.arguments) == (2, 4)


def test_a_follower_may_be_quiet():
    class Tracer(pyc.BaseTracer):
        names = arguments = 0

        @pyc.load_name
        def name(self, ret, node):
            self.names += node.id == "n"

        @pyc.after_argument
        def argument(self):
            self.arguments += 1
            return pyc.Disable

    tracer = Tracer()
    with tracer:
        f = function("def f(n):\n    return abs(n)")
        assert [f(1) for _ in range(4)] == [1] * 4
    assert (tracer.names, tracer.arguments) == (4, 1)


def test_counters_go_on_where_handlers_are_disabled():
    class Tracer(pyc.BaseTracer):
        hits = pyc.count(pyc.after_int)
        calls = 0

        @pyc.after_int
        def handle(self):
            self.calls += 1
            return pyc.Disable

    tracer = Tracer()
    with tracer:
        f = function("def f(): return 1")
        for _ in range(4):
            f()
    assert tracer.calls == 1 and tracer.hits.total() == 4


def test_code_of_thunks_has_places_of_its_own():
    class Tracer(pyc.BaseTracer):
        allow_reentrant_events = True
        calls = 0

        @pyc.before_argument
        def argument(self, ret):
            return ret()

        @pyc.register_handler(pyc.after_int, reentrant=True)
        def int(self):
            self.calls += 1
            return pyc.Disable

    tracer = Tracer()
    with tracer:
        f = function("def f(): return abs(1)")
        assert [f() for _ in range(4)] == [1] * 4
    assert tracer.calls == 1


def test_guards_and_disable():
    class Tracer(pyc.BaseTracer):
        calls = 0

        @pyc.load_name(guard=lambda node: f"_X5ix_local_{node.id}")
        def handle(self, ret):
            self.calls += 1
            return pyc.Disable

    tracer = Tracer()
    with tracer:
        f = pyc.exec("def f():\n    return n\n", {"n": 1, "_X5ix_local_n": False}, {})["f"]
        assert [f() for _ in range(3)] == [1] * 3
        assert tracer.calls == 1


def test_marshalled_and_copied_code_shares_its_places():
    tracer = tracer_of(pyc.after_int)
    with tracer:
        f = function("def f(): return 1")
        f()
        f.__code__ = f.__code__.replace(co_name="g")
        f()
        bytes_too = type(f)(_through_marshal(f.__code__), {})
        bytes_too()
    assert tracer.calls == 1


def _through_marshal(code):
    import marshal

    return marshal.loads(marshal.dumps(code))


def test_inside_handlers():
    class Tracer(pyc.BaseTracer):
        allow_reentrant_events = True
        calls = 0

        @pyc.before_call
        def call(self):
            self.f()

        @pyc.register_handler(pyc.after_int, reentrant=True)
        def int(self):
            self.calls += 1
            return pyc.Disable

    tracer = Tracer()
    tracer.f = lambda: None
    with tracer:
        tracer.f = function("def f(): return 1")
        g = function("def g():\n    return int()", "g")
        g(), g()
    assert tracer.calls == 1


def test_a_tracer_that_overrides_emit_event():
    class Tracer(pyc.BaseTracer):
        passed = calls = 0

        def _emit_event(self, *args, **kwargs):
            self.passed += 1
            return super()._emit_event(*args, **kwargs)

        @pyc.after_int
        def handle(self):
            self.calls += 1
            return pyc.Disable

    tracer = Tracer()
    with tracer:
        f = function("def f(): return 1, 2")
        f(), f()
    assert tracer.calls == 2 and tracer.passed == 4


def test_an_emit_event_that_appears_later_is_called():
    tracer = tracer_of(pyc.after_int)
    with tracer:
        f = function("def f(): return 1")
        f(), f()
        seen = []
        type(tracer)._emit_event = lambda self, evt, *args, **kwargs: seen.append(evt) or kwargs["ret"]
        assert f() == 1
        assert seen == ["after_int"]


def test_filters_and_disable(importable):
    importable("woven_quiet", "def f(): return 1")

    class Other(pyc.BaseTracer):
        @pyc.after_int
        def handle(self):
            raise AssertionError("its filter says no")

    class Tracer(pyc.BaseTracer):
        calls = 0

        def should_instrument_file(self, filename):
            return "woven_quiet" in filename

        @pyc.after_int
        def handle(self):
            self.calls += 1
            return pyc.Disable

    tracer, other = Tracer(), Other()
    with tracer, other:
        from woven_quiet import f

        for _ in range(4):
            assert f() == 1
        assert tracer.calls == 1
        other.instrument_all_files = True
        told = []
        Other.should_propagate_handler_exception = lambda self, evt, exc: told.append(exc) or True
        with pytest.raises(AssertionError, match="its filter"):
            f()
        told.clear()


def test_imports_have_no_place(importable):
    importable("woven_one", "x = 1")
    importable("woven_two", "x = 1")

    class Tracer(pyc.BaseTracer):
        calls = 0

        def should_instrument_file(self, filename):
            return "woven_" in filename

        @pyc.after_import
        def handle(self):
            self.calls += 1
            return pyc.Disable

    tracer = Tracer()
    with tracer:
        import woven_one  # noqa: F401
        import woven_two  # noqa: F401

        assert tracer.calls == 1
        tracer.rearm(pyc.after_import)
        importable("woven_three", "x = 1")
        import woven_three  # noqa: F401
    assert tracer.calls == 2


def test_threads():
    class Tracer(pyc.BaseTracer):
        multiple_threads_allowed = True
        calls = 0

        @pyc.after_int
        def handle(self):
            self.calls += 1
            return pyc.Disable

    tracer = Tracer()
    with tracer:
        f = function("def f():\n    for _ in range(500): 1; 2; 3")
        tracer.calls = 0

        def run():
            for _ in range(10):
                f()
                tracer.rearm()

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tracer.rearm()
        tracer.calls = 0
        f(), f()
        assert tracer.calls == 4


def test_nothing_is_kept_alive():
    f = None

    def disable():
        nonlocal f
        tracer = tracer_of(pyc.after_int)
        with tracer:
            f = f or function("def f(): return 1")
            f(), f()
        return weakref.ref(tracer), weakref.ref(type(tracer))

    died = [*disable(), *disable()]
    gc.collect()
    assert [its() for its in died] == [None] * 4
    again = tracer_of(pyc.after_int)
    with again:
        f(), f()
    assert again.calls == 1


def test_a_tracer_with_a_cycle_dies():
    tracer = tracer_of(pyc.after_int)
    tracer.itself = tracer
    with tracer:
        function("def f(): return 1")()
    died = weakref.ref(tracer)
    del tracer
    gc.collect()
    assert died() is None


def test_rearming_asks_no_filter_again(importable):
    importable("woven_asked", "def f(): return 1")

    class Tracer(pyc.BaseTracer):
        asked = calls = 0

        def should_instrument_file(self, filename):
            self.asked += 1
            return "woven_asked" in filename

        @pyc.after_int
        def handle(self):
            self.calls += 1
            return pyc.Disable

    tracer = Tracer()
    with tracer:
        from woven_asked import f

        f()
        asked = tracer.asked
        for _ in range(3):
            tracer.rearm()
            f(), f()
    assert tracer.calls == 4 and tracer.asked == asked
