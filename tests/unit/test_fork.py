"""os.fork: what a child goes on with."""
import os
import sys
import threading
from types import SimpleNamespace

import pytest

import pyccolo_native as pyc

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


def in_fork(function):
    """What the function gives in a forked child, as text."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, repr(function()).encode())
        except BaseException as error:
            os.write(writer, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return text


def in_thread(function):
    result = []
    thread = threading.Thread(target=lambda: result.append(function()))
    thread.start()
    thread.join()
    return result[0]


class AddOne(pyc.BaseTracer):
    @pyc.after_int
    def handle(self, ret, *_, **__):
        return ret + 1


@pytest.fixture
def add_one():
    holder = SimpleNamespace()  # pytest keeps what a fixture gives, and the test that nothing is kept comes before
    with AddOne.instance():
        holder.run = pyc.exec("def f():\n    return 1", local_env={})["f"]
        yield holder
    del holder.run
    AddOne.clear_instance()


def test_a_forked_child_has_events(add_one):
    assert in_fork(add_one.run) == "2"
    assert in_fork(lambda: in_thread(add_one.run)) == "1"
    assert in_fork(lambda: pyc.eval("5")) == "6"


def test_the_thread_that_forks_is_the_main_one_of_the_child(add_one):
    assert in_thread(add_one.run) == 1
    assert in_thread(lambda: in_fork(add_one.run)) == "2"
    assert in_thread(lambda: in_fork(lambda: in_thread(add_one.run))) == "1"
    assert in_thread(add_one.run) == 1


@pytest.mark.parametrize("in_main", [True, False])
def test_forking_while_another_thread_is_in_a_handler(in_main):
    inside, go_on = threading.Event(), threading.Event()

    class Waiting(pyc.BaseTracer):
        multiple_threads_allowed = True

        @pyc.after_int
        def handle(self, ret, *_, **__):
            if ret == 7:
                inside.set()
                go_on.wait(60)
            return ret + 1

    with Waiting.instance():
        env = pyc.exec("def f():\n    return 1\n\ndef g():\n    return [7]", local_env={})
        waiting = threading.Thread(target=env["g"])
        waiting.start()
        assert inside.wait(60)
        child = lambda: in_fork(lambda: (env["f"](), in_thread(env["f"]), in_fork(env["f"])))  # noqa: E731
        result = child() if in_main else in_thread(child)
        go_on.set()
        waiting.join()
    assert result == "(2, 2, '2')"


def test_forking_within_a_handler():
    class Forking(pyc.BaseTracer):
        result = None
        handled = 0

        @pyc.after_int
        def handle(self, ret, *_, **__):
            self.handled += 1
            if ret == 1:
                self.result = in_fork(lambda: (self.inner(), self.handled))
            return ret + 1

    tracer = Forking.instance()
    with tracer:
        env = pyc.exec("def f():\n    return 1\n\ndef g():\n    return 2", local_env={})
        tracer.inner = env["g"]
        assert env["f"]() == 2 and env["g"]() == 3
    assert tracer.result == "(2, 1)"  # in the child the handler runs still


def test_what_other_threads_had_switched_off_is_on_in_the_child(add_one):
    inside, go_on = threading.Event(), threading.Event()
    tracer = AddOne.instance()

    def disable():
        with tracer.tracing_disabled():
            inside.set()
            go_on.wait(60)

    thread = threading.Thread(target=disable)
    thread.start()
    assert inside.wait(60)
    assert add_one.run() == 1
    assert in_fork(add_one.run) == "2"
    with tracer.tracing_disabled():
        assert in_fork(add_one.run) == "1"
    with tracer.tracing_enabled():
        assert in_fork(add_one.run) == "2"
    go_on.set()
    thread.join()
    assert add_one.run() == 2


def test_what_other_threads_had_switched_on_is_on_in_the_child():
    inside, go_on = threading.Event(), threading.Event()
    tracer = AddOne.instance()
    with tracer:
        f = pyc.exec("def f():\n    return 1", local_env={})["f"]

    def enable():
        with tracer:
            inside.set()
            go_on.wait(60)

    thread = threading.Thread(target=enable)
    thread.start()
    assert inside.wait(60)
    assert in_fork(f) == "2"
    go_on.set()
    thread.join()
    AddOne.clear_instance()
    assert in_fork(f) == "1"


def test_forks_under_load(add_one):
    class Everywhere(pyc.BaseTracer):
        multiple_threads_allowed = True

        @pyc.after_int
        def handle(self, ret, *_, **__):
            return ret + 10

    stop = threading.Event()
    source = "def g():\n    while not stop.is_set():\n        x = [1, 2, 3]"
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with Everywhere.instance():
            g = pyc.exec(source, {"stop": stop}, {})["g"]
            threads = [threading.Thread(target=g) for _ in range(3)]
            for thread in threads:
                thread.start()
            results = {in_fork(add_one.run) for _ in range(30)}
            stop.set()
            for thread in threads:
                thread.join()
    finally:
        stop.set()
        sys.setswitchinterval(interval)
    assert results == {"12"}
