"""asyncio and contextvars: events of tasks, contexts that tasks enter in turns, and what handlers see of the task."""
import asyncio
import contextvars
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import pyccolo_native as pyc

PROGRAM = """
async def nap():
    await asyncio.sleep(0)

async def task(name, rounds):
    for i in range(rounds):
        note(name + str(i))
        await nap()
    return 1

async def numbers(count):
    try:
        for i in range(count):
            yield 1
            await nap()
    finally:
        note("closed")

async def consume(count):
    return [x async for x in numbers(count)]

def one():
    return 1
"""


class Tracing(pyc.BaseTracer):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.seen = []

    @pyc.after_return
    def returned(self, ret, *_, **__):
        self.seen.append(ret)

    @pyc.after_int
    def number(self, ret, *_, **__):
        return ret + 10 if ret == 1 else ret


class InAllThreads(pyc.BaseTracer):
    multiple_threads_allowed = True

    @pyc.after_int
    def number(self, ret, *_, **__):
        return ret + 10 if ret == 1 else ret


@pytest.fixture(autouse=True)
def without_instances():
    yield
    Tracing.clear_instance()
    InAllThreads.clear_instance()


class Program:
    """The names of the woven program. pytest keeps a fixture's object for longer than the test."""


@pytest.fixture
def program():
    made = Program()
    made.notes = []
    with Tracing.instance(), InAllThreads.instance():
        made.__dict__.update(pyc.exec(PROGRAM, {"asyncio": asyncio, "note": made.notes.append}, {}))
    Tracing.instance().seen.clear()
    yield made
    made.__dict__.clear()


def test_tasks_take_turns(program):
    async def main():
        return await asyncio.gather(*(program.task(name, 3) for name in "abc"))

    with Tracing.instance():
        assert asyncio.run(main()) == [11, 11, 11]
    assert program.notes == [name + str(i) for i in range(3) for name in "abc"]
    assert Tracing.instance().seen == [11, 11, 11]
    assert asyncio.run(main()) == [1, 1, 1]


def test_a_task_group(program):
    async def main():
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(program.task(name, 2)) for name in "abcd"]
        return [task.result() for task in tasks]

    with Tracing.instance():
        assert asyncio.run(main()) == [11] * 4


def test_async_generators(program):
    async def main():
        left = program.numbers(3)
        first = await left.__anext__()
        whole = await asyncio.gather(program.consume(2), program.consume(3))
        await left.aclose()
        return first, whole

    with Tracing.instance():
        assert asyncio.run(main()) == (11, [[11] * 2, [11] * 3])
    assert program.notes == ["closed"] * 3


def test_async_generators_that_are_closed_by_the_loop_or_the_collector(program):
    async def main():
        generator = program.numbers(5)
        async for _ in generator:
            break
        del generator
        return program.numbers(2)

    with Tracing.instance():
        left = asyncio.run(main())
        del left
    assert program.notes == ["closed"]


def test_cancelled_tasks(program):
    async def main():
        task = asyncio.create_task(program.task("a", 1000))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await program.task("b", 1)

    with Tracing.instance():
        assert asyncio.run(main()) == 11


def test_tracing_is_on_as_long_as_one_task_wants_it(program):
    tracer = Tracing.instance()
    observed = []

    async def enabling(before, inside):
        await before.wait()
        with tracer.tracing_enabled():
            await inside.wait()

    async def turns():
        for _ in range(3):
            await asyncio.sleep(0)

    async def main():
        events = [asyncio.Event() for _ in range(4)]
        tasks = [asyncio.create_task(enabling(events[0], events[2])), asyncio.create_task(enabling(events[1], events[3]))]
        observed.append(program.one())
        for event in events:  # the first enters, the second enters, the first leaves, the second leaves
            event.set()
            await turns()
            observed.append(program.one())
        await asyncio.gather(*tasks)

    asyncio.run(main())
    assert observed == [1, 11, 11, 11, 1]
    assert pyc._TRACER_STACK == [] and not tracer.is_tracing_enabled


def test_tracing_is_off_as_long_as_one_task_wants_it(program):
    tracer = Tracing.instance()
    observed = []

    async def disabling(before, inside):
        await before.wait()
        with pyc.tracing_disabled():
            await inside.wait()

    async def main():
        events = [asyncio.Event() for _ in range(4)]
        tasks = [asyncio.create_task(disabling(events[0], events[2])), asyncio.create_task(disabling(events[1], events[3]))]
        for event in events:
            event.set()
            for _ in range(3):
                await asyncio.sleep(0)
            observed.append(program.one())
        await asyncio.gather(*tasks)
        observed.append(program.one())

    with tracer:
        asyncio.run(main())
        assert not tracer._is_tracing_hard_disabled
    assert observed == [1, 1, 1, 11, 11]


def test_many_tasks_that_enable_and_disable_at_random(program):
    import random

    tracer = Tracing.instance()
    draw = random.Random(5)
    open_contexts = []
    files = tracer._tracing_enabled_files

    async def task(number):
        for _ in range(20):
            kind = draw.choice([tracer.tracing_enabled, tracer.tracing_disabled])
            file = draw.choice([None, "a.py", "b.py", f"{number}.py"])
            entry = (kind == tracer.tracing_disabled, file)
            with kind(tracing_enabled_file=file):
                open_contexts.append(entry)
                for _ in range(draw.randrange(4)):
                    # the one entered last decides
                    assert program.one() == (1 if open_contexts[-1][0] else 11)
                    assert tracer._tracing_enabled_files == files | {its for _, its in open_contexts if its}
                    await asyncio.sleep(0)
                del open_contexts[next(i for i, its in enumerate(open_contexts) if its is entry)]
            await asyncio.sleep(0)

    async def main():
        await asyncio.gather(*map(task, range(10)))

    asyncio.run(main())
    assert pyc._TRACER_STACK == [] and tracer._tracing_enabled_files == files
    assert not tracer._is_tracing_hard_disabled and not tracer.is_tracing_enabled


def test_entering_a_tracer_itself_a_second_time_is_refused_in_tasks_too(program):
    tracer = Tracing.instance()
    errors = []

    async def task():
        try:
            with tracer:
                await asyncio.sleep(0)
        except AssertionError as error:
            errors.append(str(error))

    async def main():
        await asyncio.gather(task(), task())

    asyncio.run(main())
    assert len(errors) == 1 and "was enabled before" in errors[0]
    assert pyc._TRACER_STACK == []


def test_handlers_see_the_context_variables_of_the_task(program):
    variable = contextvars.ContextVar("variable", default="none")
    seen = []

    class Reading(pyc.BaseTracer):
        multiple_threads_allowed = True

        @pyc.before_call
        def called(self, frame):
            if frame.f_code.co_name == "task":
                seen.append((variable.get(), frame.f_locals["name"]))

        @pyc.after_return
        def returned(self):
            variable.set(f"set by the handler of {variable.get()}")

    async def run(name):
        variable.set(name)
        await task(name, 2)
        return variable.get()

    async def main():
        return await asyncio.gather(*map(run, "abc"))

    with Reading.instance():
        task = pyc.exec(PROGRAM, {"asyncio": asyncio, "note": lambda _: None}, {})["task"]
        assert asyncio.run(main()) == [f"set by the handler of {name}" for name in "abc"]
    assert seen and all(name == value for name, value in seen) and {name for name, _ in seen} == set("abc")
    assert variable.get() == "none"


def test_threads_of_asyncio(program):
    async def main():
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as pool:
            return [
                program.one(),
                await asyncio.to_thread(program.one),
                await loop.run_in_executor(None, program.one),
                await loop.run_in_executor(pool, program.one),
            ]

    with Tracing.instance():
        assert asyncio.run(main()) == [11, 1, 1, 1]
    with InAllThreads.instance():
        assert asyncio.run(main()) == [11, 11, 11, 11]


def test_a_loop_in_another_thread(program):
    results = []

    def run():
        results.append(asyncio.run(program.task("a", 2)))

    for tracer, result in ((Tracing.instance(), 1), (InAllThreads.instance(), 11)):
        with tracer:
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
        assert results.pop() == result


def test_loops_of_several_threads_at_once(program):
    async def main():
        return await asyncio.gather(*(program.task(name, 20) for name in "abc"))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with InAllThreads.instance(), ThreadPoolExecutor(4) as pool:
            results = [pool.submit(asyncio.run, main()) for _ in range(4)]
            assert [result.result(60) for result in results] == [[11] * 3] * 4
    finally:
        sys.setswitchinterval(interval)


def test_a_handler_that_runs_a_loop_of_its_own(program):
    async def inner():
        return program.one()

    class Nesting(pyc.BaseTracer):
        results = []

        @pyc.after_int
        def number(self, ret, *_, **__):
            self.results.append(asyncio.run(inner()))

    with Nesting.instance():
        assert program.one() == 1
    assert Nesting.results == [1]


def test_replaced_awaits_and_calls(program):
    class Replacing(pyc.BaseTracer):
        @pyc.after_call
        def called(self, ret, *_, **__):
            async def instead():
                await asyncio.sleep(0)
                return 5

            if asyncio.iscoroutine(ret):
                ret.close()
                return instead()

    source = "async def f():\n    return [await g(), await g()]\n\nasync def g():\n    return 1"
    with Replacing.instance():
        env = {}
        env.update(pyc.exec(source, env, {}))

        async def main():
            return await asyncio.gather(env["f"](), env["f"]())

        assert asyncio.run(main()) == [[5, 5], [5, 5]]
