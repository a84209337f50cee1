"""Async generators: asend, athrow, aclose, finalisation, async comprehensions, contextlib."""

import asyncio
import contextlib


async def numbers(n, log):
    try:
        for i in range(n):
            received = yield i
            if received:
                log.append(received)
            await asyncio.sleep(0)
    except ValueError as error:
        log.append(repr(error))
        yield "recovered"
    finally:
        await asyncio.sleep(0)
        log.append("finally")


async def expressions():
    total = (yield 1) + (yield 2) + await asyncio.sleep(0, 10)
    pair = [(yield "a"), {(yield "k"): (yield "v")}]
    yield total, pair
    text = f"{(yield 'f')}{await asyncio.sleep(0, 'g')}"
    yield text if (yield "test") else "else"
    async for inner in numbers(2, []):
        yield (yield inner)


@contextlib.asynccontextmanager
async def managed(name):
    print("before", name)
    try:
        yield name.upper()
    finally:
        print("after", name)


async def main():
    log = []
    g = numbers(5, log)
    print(await g.__anext__(), await g.asend("one"), await g.asend(None), await g.athrow(ValueError("thrown")))
    try:
        await g.__anext__()
    except StopAsyncIteration:
        print(log)
    log = []
    g = numbers(3, log)
    await anext(g)
    await g.aclose()
    print(log, await anext(g, "default"))
    async for n in (g := numbers(5, log)):
        if n == 2:
            break
    await g.aclose()
    print(log)
    e = expressions()
    sent, got = [None, 100, 20, "A", "K", "V", None, "F", None, True, None, "I", None], []
    for value in sent:
        got.append(await e.asend(value))
    print(got)
    await e.aclose()
    print([n async for n in numbers(3, log)], {n: [m async for m in numbers(n, log)] async for n in numbers(3, log) if n})
    print([await asyncio.sleep(0, n) async for n in numbers(2, log)], [[n async for n in numbers(i, log)] for i in range(3)])
    lazily = (n * 2 async for n in numbers(3, log) if await asyncio.sleep(0, n))
    print(type(lazily).__name__, [n async for n in lazily])
    async with managed("x") as x, contextlib.AsyncExitStack() as stack:
        y = await stack.enter_async_context(managed("y"))
        print(x, y)
    with contextlib.suppress(KeyError):
        async with managed("z"):
            raise KeyError
    try:
        [n async for n in numbers(2, log) if 1 / n]
    except ZeroDivisionError as error:
        print(error)
    print(len(log), log[-1])
    try:
        await numbers(1, log).asend("too early")
    except TypeError as error:
        print(error)
    return await asyncio.wait_for(collect(numbers(2, log)), timeout=None)


async def collect(iterable):
    return [item async for item in iterable]


class Iterable:
    def __init__(self, items):
        self.items = items

    async def __aiter__(self):
        for item in self.items:
            yield item

    async def method(self):
        return [self.items[i] async for i in Iterable(range(len(self.items)))], __class__.__name__


print(asyncio.run(main()))
print(asyncio.run(Iterable("ab").method()), asyncio.run(collect(Iterable([Iterable]))) == [Iterable])
