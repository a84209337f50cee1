"""Greenlets: stacks that the program switches between."""
import sys

import greenlet
from recording import recorder


def ping_pong():
    order = []

    def ping(n):
        for i in range(n):
            order.append(("ping", i))
            second.switch(i)
        return "done"

    def pong(n):
        while True:
            order.append(("pong", n))
            n = first.switch()

    first, second = greenlet.greenlet(ping), greenlet.greenlet(pong)
    order.append(first.switch(3))
    return order


def nested():
    def inner():
        raised = None
        try:
            greenlet.getcurrent().parent.switch("from inner")
        except KeyError as error:
            raised = repr(error)
        return raised

    def outer():
        child = greenlet.greenlet(inner)
        first = child.switch()
        second = child.throw(KeyError("thrown"))
        return first, second

    return greenlet.greenlet(outer).switch()


def killed():
    seen = []

    def waits():
        try:
            greenlet.getcurrent().parent.switch()
        finally:
            seen.append("ended")

    waiting = greenlet.greenlet(waits)
    waiting.switch()
    del waiting
    return seen


def scenario_without_functions(log, ours):
    with ours():
        log(ping_pong(), nested(), killed())


def scenario_with_a_function(log, ours):
    with ours():
        sys.settrace(recorder(log, __file__))
        log(ping_pong())
        log(nested())
        log(killed())
        sys.settrace(None)


def scenario_a_function_before(log, ours):
    trace = recorder(log, __file__)
    sys.settrace(trace)
    with ours():
        log(ping_pong())
        log(nested())
    log(ping_pong())
    log(sys.gettrace() is trace)
    sys.settrace(None)


def scenario_over_our_ends(log, ours):
    """Greenlets that were begun before ours, and that end after it."""

    def counts():
        n = 0
        while n < 10:
            n += 1
            greenlet.getcurrent().parent.switch(n)
        return "end"

    first, second = greenlet.greenlet(counts), greenlet.greenlet(counts)
    log(first.switch())
    with ours():
        log(first.switch(), second.switch(), first.switch(), second.switch())
    log(first.switch(), second.switch(), second.switch())


def scenario_entered_in_one_left_in_another(log, ours):
    context = ours()

    def enters():
        context.__enter__()
        greenlet.getcurrent().parent.switch(len("entered"))
        return "end"

    def leaves():
        before = len("before")
        context.__exit__(None, None, None)
        return before

    first, second = greenlet.greenlet(enters), greenlet.greenlet(leaves)
    log(first.switch())
    log(second.switch())
    log(first.switch())
