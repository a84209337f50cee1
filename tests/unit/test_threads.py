"""Threads: who gets the events of which thread, and contexts that come and go meanwhile."""
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

import pyccolo_native as pyc


def in_thread(function, *args):
    result = []
    thread = threading.Thread(target=lambda: result.append(function(*args)))
    thread.start()
    thread.join()
    return result[0]


def test_other_threads_have_no_events_for_a_tracer_that_does_not_ask():
    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            return ret + 1

    with Tracer.instance():
        f = pyc.exec("def f():\n    return 1", local_env={})["f"]
        assert f() == 2
        assert in_thread(f) == 1


def test_a_tracer_may_take_events_of_all_threads():
    class Tracer(pyc.BaseTracer):
        multiple_threads_allowed = True

        @pyc.after_int
        def handle(self, ret, *_, **__):
            return ret + 1

    with Tracer.instance():
        f = pyc.exec("def f():\n    return 1", local_env={})["f"]
        assert in_thread(f) == 2
    assert in_thread(f) == 1


def test_only_those_that_ask_are_called():
    class One(pyc.BaseTracer):
        multiple_threads_allowed = True

        @pyc.after_int
        def handle(self, ret, *_, **__):
            return ret + 1

    class Two(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            return ret * 10

    with One.instance(), Two.instance():
        f = pyc.exec("def f():\n    return 1", local_env={})["f"]
        assert (f(), in_thread(f)) == (20, 2)


def test_a_handler_that_runs_in_one_thread_does_not_stop_events_of_another():
    class Tracer(pyc.BaseTracer):
        multiple_threads_allowed = True
        seen = []

        @pyc.after_int
        def handle(self, ret, *_, **__):
            self.seen.append(ret)
            if ret == 1:
                in_thread(self.other)

    tracer = Tracer.instance()
    with tracer:
        tracer.other = pyc.exec("def f():\n    return 2", local_env={})["f"]
        pyc.eval("1")
    assert Tracer.seen == [1, 2]


def test_many_threads_at_once():
    class Tracer(pyc.BaseTracer):
        multiple_threads_allowed = True

        @pyc.register_handler((pyc.after_int, pyc.load_name, pyc.after_call, pyc.before_binop))
        def handle(self, ret, *_, **__):
            pass

        @pyc.after_binop
        def add(self, ret, *_, **__):
            return ret + 1

    source = "def f(n):\n    total = 0\n    for i in range(n):\n        total = total + int('1')\n    return total"
    results = []
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with Tracer.instance():
            f = pyc.exec(source, local_env={})["f"]
            threads = [threading.Thread(target=lambda: results.append(f(300))) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert results == [600] * 8


def test_tracing_goes_on_and_off_while_threads_run():
    class Tracer(pyc.BaseTracer):
        multiple_threads_allowed = True
        count = 0

        @pyc.after_int
        def handle(self, ret, *_, **__):
            self.count += 1

    source = "def f():\n    while not stop.is_set():\n        x = [1, 2, 3]\n    return x"
    stop = threading.Event()
    tracer = Tracer.instance()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with tracer:
            f = pyc.exec(source, {"stop": stop}, {})["f"]
        results = []
        threads = [threading.Thread(target=lambda: results.append(f())) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(300):
            with tracer:
                with tracer.tracing_disabled():
                    pass
                pyc.eval("4")
        stop.set()
        for thread in threads:
            thread.join()
    finally:
        stop.set()
        sys.setswitchinterval(interval)
    assert results == [[1, 2, 3]] * 4 and tracer.count >= 300


def test_code_is_woven_in_several_threads():
    class Tracer(pyc.BaseTracer):
        multiple_threads_allowed = True

        @pyc.after_int
        def handle(self, ret, *_, **__):
            return ret + 1

    with Tracer.instance():
        results = []

        def run(n):
            for _ in range(50):
                results.append(pyc.eval(f"{n}") == n + 1)

        threads = [threading.Thread(target=run, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == [True] * 300


def test_a_thread_may_end_within_a_handler():
    class Tracer(pyc.BaseTracer):
        multiple_threads_allowed = True

        @pyc.after_int
        def handle(self, ret, *_, **__):
            raise SystemExit

    with Tracer.instance():
        f = pyc.exec("def f():\n    return 1", local_env={})["f"]
        thread = threading.Thread(target=f)
        thread.start()
        thread.join()
    assert not thread.is_alive()


# ---- a thread more or less


class Shared(pyc.BaseTracer):
    """Adds one to each number, in any thread, and notes the thread."""

    multiple_threads_allowed = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.threads = []  # append() is atomic

    @pyc.after_int
    def handle(self, ret, *_, **__):
        self.threads.append(threading.get_ident())
        return ret + 1


class MainOnly(pyc.BaseTracer):
    @pyc.after_int
    def handle(self, ret, *_, **__):
        return ret * 10


@pytest.fixture(autouse=True)
def without_instances():
    yield
    for cls in (Shared, MainOnly):
        cls.clear_instance()


@contextmanager
def switching_often():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def woven(*tracers, source="def f():\n    return 1"):
    with pyc.tracing_enabled([tracer.instance() for tracer in tracers]):
        return pyc.exec(source, local_env={})["f"]


def leave(context):
    context.__exit__(None, None, None)


def test_a_thread_that_runs_already_and_one_that_is_started_later(script):
    f = woven(Shared)
    assert script.run(0, f) == 1
    with Shared.instance():
        assert (script.run(0, f), script.run(1, f), f()) == (2, 2, 2)
    assert (script.run(0, f), script.run(1, f), f()) == (1, 1, 1)


def test_a_tracer_enabled_in_a_thread_has_the_events_of_all(script):
    f = woven(Shared, MainOnly)
    script.run(0, Shared.instance().__enter__)
    try:
        assert (script.run(0, f), script.run(1, f), f()) == (2, 2, 2)
    finally:
        script.run(0, leave, Shared.instance())
    script.run(0, MainOnly.instance().__enter__)
    try:
        assert (script.run(0, f), script.run(1, f), f()) == (1, 1, 10)
    finally:
        leave(MainOnly.instance())  # in another thread than it was entered in


def test_which_thread_is_the_main_one_is_known_without_asking_the_program():
    class Everything(pyc.BaseTracer):
        instrument_all_files = True
        seen = []

        @pyc.before_stmt
        def statement(self, ret, *_, **__):
            self.seen.append(threading.get_ident())

    original = threading.main_thread
    with Everything.instance():
        source = "def f():\n    return 1\n\ndef main_thread():\n    return original()"
        env = pyc.exec(source, {"original": original}, {})
        threading.main_thread = env["main_thread"]
        try:
            Everything.seen.clear()
            in_thread(env["f"])
        finally:
            threading.main_thread = original
    assert Everything.seen == []


def test_what_a_thread_leaves_open_goes_with_it():
    seen = []

    class Tracer(pyc.BaseTracer):
        multiple_threads_allowed = True

        @pyc.after_int
        def handle(self, ret, *_, **__):
            seen.append(ret)
            if ret == 1:
                self.inner()

    tracer = Tracer.instance()
    with tracer:
        f = pyc.exec("def f():\n    return 1\n\ndef g():\n    return 2", local_env={})
        tracer.inner = f["g"]

        def allow_and_go():
            pyc.allow_reentrant_event_handling().__enter__()
            f["f"]()

        in_thread(allow_and_go)
        assert seen == [1, 2]
        for _ in range(20):  # threads that get the idents, and the memory, of those before them
            seen.clear()
            in_thread(f["f"])
            assert seen == [1]


def test_blocks_that_allow_reentrant_events_may_overlap():
    f = woven(Shared)
    one, two = pyc.allow_reentrant_event_handling(), pyc.allow_reentrant_event_handling()
    one.__enter__()
    two.__enter__()
    leave(one)
    leave(two)
    seen = []

    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, *_, **__):
            seen.append(ret)
            if len(seen) < 5:
                f()

    with Tracer.instance():
        f()
    assert seen == [1]


def test_a_handler_that_waits_holds_up_no_other_thread(script):
    inside, go_on = threading.Event(), threading.Event()
    seen = []

    class Waiting(pyc.BaseTracer):
        multiple_threads_allowed = True

        @pyc.after_int
        def handle(self, ret, *_, **__):
            seen.append(ret)
            if ret == 1:
                inside.set()
                assert go_on.wait(60)

    with Waiting.instance():
        env = pyc.exec("def f():\n    return 1\n\ndef g():\n    return [2, 3]", local_env={})
        waiting = script.pools[0].submit(env["f"])
        assert inside.wait(60)
        assert env["g"]() == [2, 3] and script.run(1, env["g"]) == [2, 3]
        assert seen == [1, 2, 3, 2, 3]
        go_on.set()
        assert waiting.result(60) == 1


# ---- under load


def test_events_are_neither_lost_nor_doubled_while_tracers_come_and_go():
    class Unconcerned(pyc.BaseTracer):
        multiple_threads_allowed = True
        called = False

        def file_passes_filter_for_event(self, evt, filename):
            return False

        @pyc.after_int
        def handle(self, ret, *_, **__):
            Unconcerned.called = True

    class Passing(pyc.BaseTracer):
        multiple_threads_allowed = True

        @pyc.load_name
        def name(self, ret, *_, **__):
            pass

        @pyc.after_int
        def handle(self, ret, *_, **__):
            pass

    source = "def f(n):\n    total = n - n\n    while total < n:\n        total = total + 0\n    return total"
    tracer = Shared.instance()
    rounds, workers = 2000, 4
    f = woven(Shared, Passing, source=source)
    stop = threading.Event()

    def come_and_go(kind):
        while not stop.is_set():
            with kind.instance():
                pass
            with kind.instance().tracing_enabled():
                pass

    movers = [threading.Thread(target=come_and_go, args=(kind,)) for kind in (Unconcerned, Passing)]
    results = []
    try:
        with switching_often(), tracer:
            for thread in movers:
                thread.start()
            threads = [threading.Thread(target=lambda: results.append(f(rounds))) for _ in range(workers)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        stop.set()
        for thread in movers:
            thread.join()
    assert results == [rounds] * workers and not Unconcerned.called
    assert len(tracer.threads) == rounds * workers


def test_tracers_whose_class_runs_code_when_it_is_asked():
    """Plans are made by asking; what is asked lets other threads run, which push, pop, and make plans themselves."""

    class Slow(pyc.BaseTracer):
        @property
        def multiple_threads_allowed(self):
            time.sleep(0)
            return True

        @property
        def _event_handlers(self):
            time.sleep(0)
            return self._handlers

        @_event_handlers.setter
        def _event_handlers(self, handlers):
            self._handlers = handlers

        @pyc.after_int
        def handle(self, ret, *_, **__):
            return ret + 1

    class Other(Slow):
        @pyc.after_int
        def again(self, ret, *_, **__):
            time.sleep(0)

        @pyc.load_name
        def name(self, ret, *_, **__):
            time.sleep(0)

    slow, other = Slow(), Other()
    with slow.tracing_enabled():
        f = pyc.exec("def f():\n    x = 1\n    return x", local_env={})["f"]
    results = []

    def run():
        for _ in range(300):
            results.append(f())

    with switching_often(), slow.tracing_enabled():
        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            with other.tracing_enabled():
                Slow.option = object()  # makes everything known of the class stale
        for thread in threads:
            thread.join()
    assert len(results) == 1200 and set(results) <= {2, 3}


def test_contexts_of_many_threads_leave_no_trace():
    tracer = Shared.instance()
    before = tracer._tracing_enabled_files
    finders = list(sys.meta_path)
    failures = []

    def run(number):
        try:
            for _ in range(100):
                with tracer.tracing_enabled():
                    if pyc.eval("1") not in (1, 2):
                        raise AssertionError
                    with tracer.tracing_disabled(tracing_enabled_file=f"{number}.py"):
                        pyc.exec("x = 1", {}, {})
        except BaseException as error:
            failures.append(error)

    with switching_often():
        threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert pyc._TRACER_STACK == [] and sys.meta_path == finders
    assert tracer._tracing_enabled_files == before and not tracer.is_tracing_enabled
    assert not tracer._is_tracing_hard_disabled


def test_modules_woven_at_the_same_time_keep_their_local_guards():
    class Guarding(pyc.BaseTracer):
        multiple_threads_allowed = True
        by_module = {}

        def static_init_module(self, node):
            name = node.body[0].targets[0].id
            time.sleep(0)
            self.register_local_guard(f"guard_{name}")
            self.by_module[name] = set(self.local_guards_by_module_id[id(node)])

        @pyc.after_int
        def handle(self, ret, *_, **__):
            pass

    tracer = Guarding.instance()
    tracer.local_guards_by_module_id.clear()  # of modules that are gone, whose ids come again

    def weave(number):
        return tracer.parse(f"name{number} = 1")

    with switching_often(), tracer:
        with ThreadPoolExecutor(4) as pool:
            trees = list(pool.map(weave, range(100)))
    assert Guarding.by_module == {f"name{number}": {f"guard_name{number}"} for number in range(100)}
    del trees
    pyc.BaseTracer.reset_bookkeeping()


# ---- imports


def test_modules_imported_in_other_threads(importable):
    for number in range(6):
        # circular ones fail in CPython itself now and then, when several threads import them at once
        imports = f"import in_thread_{number + 1}\n" if number < 5 else ""
        importable(f"in_thread_{number}", f"{imports}VALUE = {number}\n")

    class Imports(pyc.BaseTracer):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.seen = []

        def should_instrument_file(self, filename):
            return "in_thread_" in filename

        @pyc.before_import
        def before(self, ret, *_, qualified_module_name, **__):
            self.seen.append(("before", qualified_module_name))

        @pyc.init_module
        def begins(self, ret, node, frame, *_, **__):
            self.seen.append(("begins", frame.f_globals["__name__"]))

        @pyc.after_import
        def after(self, ret, *_, module, **__):
            self.seen.append(("after", module.__name__))

        @pyc.after_int
        def handle(self, ret, *_, **__):
            return ret + 100

    class OfAllThreads(Imports):
        multiple_threads_allowed = True

    main, everywhere = Imports(), OfAllThreads()
    with switching_often(), main.tracing_enabled(), everywhere.tracing_enabled():
        with ThreadPoolExecutor(6) as pool:
            modules = list(pool.map(__import__, [f"in_thread_{number}" for number in range(6)]))
    assert [module.VALUE for module in modules] == [100, 101, 102, 103, 104, 105]
    assert [its for its in main.seen if "in_thread_" in its[1]] == []
    counts = Counter(its for its in everywhere.seen if "in_thread_" in its[1])
    assert set(counts) == {(what, f"in_thread_{n}") for what in ("before", "begins", "after") for n in range(6)}
    assert {count for (what, _), count in counts.items() if what in ("begins", "after")} == {1}
