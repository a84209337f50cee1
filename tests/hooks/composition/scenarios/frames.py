"""Frames that begin and end in other orders than those of a stack, and stacks that are full."""
import asyncio
import contextlib
import sys
import threading

from recording import recorder


@contextlib.contextmanager
def recorded(log, ours):
    with ours():
        sys.settrace(recorder(log, __file__))
        try:
            yield
        finally:
            sys.settrace(None)


def numbers(n):
    try:
        for i in range(n):
            yield i
    except KeyError:
        yield "caught"
    finally:
        n = None


def delegating(n):
    return (yield from numbers(n))


def scenario_generators(log, ours):
    with recorded(log, ours):
        first, second = numbers(3), delegating(3)
        log(next(first), next(second), next(first), next(second))
        log(first.throw(KeyError()), list(second))
        first.close()
        unfinished = delegating(2)
        next(unfinished)
        del unfinished


def scenario_generators_over_our_ends(log, ours):
    trace = recorder(log, __file__)
    sys.settrace(trace)
    generators = [numbers(6), delegating(6)]
    for generator in generators:
        next(generator)
    with ours():
        log([next(generator) for generator in generators])
        generators.append(numbers(4))
        next(generators[2])
    log([next(generator) for generator in generators])
    with ours():
        log([next(generator) for generator in generators])
        log(generators[0].throw(KeyError()))
    for generator in generators:
        generator.close()
    sys.settrace(None)


def scenario_coroutines(log, ours):
    async def step(n):
        await asyncio.sleep(0)
        return n

    async def fails():
        await step(1)
        raise ValueError("fails")

    async def generator():
        for i in range(3):
            yield await step(i)

    async def main():
        found = [x async for x in generator()]
        results = await asyncio.gather(step(1), fails(), step(2), return_exceptions=True)
        task = asyncio.ensure_future(asyncio.sleep(10))
        await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        unfinished = generator()
        await unfinished.__anext__()
        await unfinished.aclose()
        return found, [str(result) for result in results]

    with recorded(log, ours):
        log(asyncio.run(main()))


def scenario_exceptions_through_frames(log, ours):
    def deepest():
        raise LookupError("deep")

    def middle():
        try:
            deepest()
        finally:
            log("finally")

    def outer():
        try:
            middle()
        except LookupError as error:
            raise ValueError("outer") from error

    with recorded(log, ours):
        try:
            outer()
        except ValueError as error:
            log(repr(error), repr(error.__cause__))
            lines = []
            traceback = error.__cause__.__traceback__
            while traceback is not None:
                lines.append((traceback.tb_frame.f_code.co_name, traceback.tb_lineno))
                traceback = traceback.tb_next
            log(lines)


def depth_reached():
    def deeper(n):
        nonlocal reached
        reached = n
        deeper(n + 1)

    reached = 0
    try:
        deeper(1)
    except RecursionError as error:
        return reached, str(error)
    return None


def scenario_recursion(log, ours):
    """A tracer's handlers need stack themselves, so the program may get less far, but not much."""
    with ours():
        reached, text = depth_reached()
        log(abs(reached - sys.getrecursionlimit()) < 100, "maximum recursion depth exceeded" in text)
        reached, text = depth_reached()
        log(abs(reached - sys.getrecursionlimit()) < 100)


def scenario_recursion_limit(log, ours):
    before = sys.getrecursionlimit()
    with ours():
        for limit in (200, 400, 3000):
            sys.setrecursionlimit(limit)
            reached, text = depth_reached()
            log(limit, abs(reached - limit) < 100, "maximum recursion depth exceeded" in text)
        sys.setrecursionlimit(before)
        log(sys.getrecursionlimit() == before)


def scenario_recursion_traced(log, ours):
    def trace(frame, event, arg):
        return trace

    with ours():
        sys.settrace(trace)
        reached, text = depth_reached()
        still = sys.gettrace() is trace
        sys.settrace(None)
    log(abs(reached - sys.getrecursionlimit()) < 100, still or "unset by the error in it")


def scenario_recursion_of_generators(log, ours):
    def nested(n):
        yield n
        yield from nested(n + 1)

    with ours():
        last = 0
        try:
            for last in nested(0):
                pass
        except RecursionError:
            log(abs(last - sys.getrecursionlimit()) < 100)


def scenario_current_frames(log, ours):
    ready, go = threading.Event(), threading.Event()
    seen = []

    def waits():
        ready.set()
        go.wait(60)

    with ours():
        thread = threading.Thread(target=waits)
        thread.start()
        ready.wait(60)
        frame = sys._current_frames()[thread.ident]
        while frame is not None:
            if frame.f_code.co_filename == __file__:
                seen.append((frame.f_code.co_name, frame.f_trace is None, frame.f_trace_opcodes))
            frame = frame.f_back
        go.set()
        thread.join()
        log(sys._current_frames()[threading.get_ident()].f_code.co_name)
    log(seen[0][:2])


def scenario_frames_that_outlive(log, ours):
    kept = []

    def keeps():
        local = "value"
        kept.append(sys._getframe())
        return local

    def raises():
        local = "other"
        raise ValueError(local)

    with recorded(log, ours):
        keeps()
        try:
            raises()
        except ValueError as error:
            kept.append(error.__traceback__.tb_next.tb_frame)
    for frame in kept:
        log(sorted(frame.f_locals), frame.f_lineno, frame.f_trace_lines, frame.f_trace_opcodes, frame.f_back is None)
        frame.clear()


def scenario_attributes_come_back(log, ours):
    def inner():
        return sys._getframe()

    def outer():
        with ours():
            frame = inner()
            log(frame.f_trace_lines, frame.f_trace_opcodes, frame.f_trace)
        own = sys._getframe()
        log(own.f_trace_lines, own.f_trace_opcodes, own.f_trace)

    outer()


# While a tracer follows a frame, what it needs of the frame shows in these.
scenario_attributes_come_back.where = ("inside",)


def scenario_exec_and_classes(log, ours):
    source = "class C:\n    x = [i for i in range(2)]\n    def m(self):\n        return self.x\nlog(C().m())\n"
    with recorded(log, ours):
        exec(compile(source, __file__, "exec"), {"log": log})
        log(eval(compile("(lambda: 1)()", __file__, "eval")))


def scenario_empty_builtins(log, ours):
    """Code whose builtins are an empty dict: there is no __import__ in it."""
    with recorded(log, ours):
        names = {"__builtins__": {}}
        exec(compile("def f(x):\n    return x.upper()\ny = f('a')\n", __file__, "exec"), names)
        log(names["y"])


def scenario_cleared_while_running(log, ours):
    class Finalised:
        def __del__(self):
            log("finalised", sys._getframe().f_code.co_name)

    with recorded(log, ours):
        held = Finalised()
        del held
        list(map(lambda x: Finalised() and None, range(2)))
