"""Tasks, task groups, cancellation, timeouts, queues, context variables and futures."""

import asyncio
import contextvars

variable = contextvars.ContextVar("variable", default="unset")
trail = []


async def child(name):
    before = variable.get()
    variable.set(name)
    await asyncio.sleep(0)
    trail.append((name, before, variable.get()))
    return name


async def cancelled():
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        trail.append("cancelled")
        raise
    finally:
        await asyncio.sleep(0)
        trail.append("cleaned up")


async def failing(error):
    await asyncio.sleep(0)
    raise error


async def producer(queue, n):
    for i in range(n):
        await queue.put(i)
        trail.append(f"put {i}")
    await queue.put(None)


async def consumer(queue):
    got = []
    while (item := await queue.get()) is not None:
        got.append(item)
        queue.task_done()
    return got


async def main():
    variable.set("main")
    print(await asyncio.gather(*(child(n) for n in "abc")), variable.get(), trail)
    trail.clear()
    task = asyncio.create_task(cancelled(), name="task")
    await asyncio.sleep(0)
    print(task.cancel(), task.get_name())
    try:
        await task
    except asyncio.CancelledError:
        print(trail, task.cancelled())
    trail.clear()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child("in group"))
            group.create_task(failing(ValueError("v")))
            group.create_task(failing(KeyError("k")))
            group.create_task(cancelled())
    except* ValueError as errors:
        print("values", errors.exceptions)
    except* LookupError as errors:
        print("lookups", errors.exceptions)
    print(trail)
    trail.clear()
    queue = asyncio.Queue(maxsize=2)
    _, got = await asyncio.gather(producer(queue, 4), consumer(queue))
    print(got, trail)
    results = await asyncio.gather(failing(OSError("o")), child("last"), return_exceptions=True)
    print(results)
    try:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()
    except TimeoutError as error:
        print(type(error).__name__)
    lock, order = asyncio.Lock(), []

    async def guarded(n):
        async with lock:
            order.append(n)
            await asyncio.sleep(0)
            order.append(-n)

    await asyncio.gather(*[guarded(n) for n in (1, 2, 3)])
    print(order, lock.locked())
    future = asyncio.get_running_loop().create_future()
    future.add_done_callback(lambda f: trail.append(f.result()))
    asyncio.get_running_loop().call_soon(future.set_result, "set")
    print(await future, trail[-1] == "set" or "callback later")
    context = contextvars.copy_context()
    print(context.run(lambda: (variable.set("inside"), variable.get())[1]), variable.get(), context[variable])
    token = variable.set("temporary")
    variable.reset(token)
    return variable.get()


print(asyncio.run(main()), variable.get())
