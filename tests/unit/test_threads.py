"""Threads: who gets the events of which thread, and contexts that come and go meanwhile."""
import sys
import threading

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
