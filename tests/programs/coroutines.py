"""Coroutines: await in every kind of expression, async with, async for, and driving them by hand."""

import asyncio


class Value:
    """Awaitable that suspends once, then gives its value."""

    def __init__(self, value):
        self.value = value

    def __await__(self):
        received = yield f"waiting for {self.value}"
        return self.value if received is None else received


def drive(coroutine):
    waits = []
    try:
        while True:
            waits.append(coroutine.send(None))
    except StopIteration as stop:
        return stop.value, len(waits)


V = Value


async def everywhere():
    r = []
    r.append(await V(1) + await V(2) * await V(3))
    r.append([await V(1), *(await V([2, 3])), {await V("k"): await V("v")}, {await V(4)}, (await V(5), await V(6))])
    r.append(f"{await V('f')!r:>{await V(6)}} {await V(7)=}")
    r.append(max(await V(1), await V(9), key=await V(None)))
    r.append((await V("attribute")).upper().center(await V(13), await V("*")))
    r.append((await V([1, 2, 3]))[await V(1) : await V(3)])
    r.append(await V(1) < await V(2) < await V(0) < await V(5))
    r.append(await V(0) or await V("") or await V("last"))
    r.append(await V("then") if await V(True) else await V("never"))
    r.append(not await V(0))
    r.append(-await V(5) ** await V(2))
    r.append((lambda x, y=await V("default"): (x, y))(await V("argument")))
    r.append((w := await V("walrus")) + w)
    r[await V(0)] = await V("stored")
    r[await V(0)] += await V(" and augmented")
    x: int = await V("annotated")
    a, *b = await V((x, 2, 3))
    r.append([a, b])
    for item in await V("ab"):
        r.append(item)
    while await V(0):
        pass
    if await V(1) and not await V(0):
        r.append("if")
    assert await V(True), await V("message")
    try:
        raise await V(ValueError("raised"))
    except (await V(ValueError)) as error:
        r.append(str(error))
    finally:
        r.append(await V("finally"))
    del r[await V(1)]
    r.append([await V(i) for i in range(3) if await V(i)])
    r.append({await V(i): await V(j) for i in range(2) for j in await V([i, i + 1])})
    r.append([[await V((i, j)) for j in range(i)] for i in range(3)])
    generator = (await V(i) for i in await V([7, 8]))
    r.append([i async for i in generator])
    match await V([1, 2]):
        case [first, second] if await V(first) == 1:
            r.append(await V(second))

    @(await V(lambda f: f))
    def decorated(default=await V("in default")):
        return default

    class Body:
        attribute = decorated()

    r.append(decorated() + Body.attribute)
    return await V(r)


class Manager:
    def __init__(self, name, suppress=False):
        self.name, self.suppress = name, suppress

    async def __aenter__(self):
        await V("enter")
        print("enter", self.name)
        return self.name

    async def __aexit__(self, kind, value, traceback):
        await V("exit")
        print("exit", self.name, kind and kind.__name__)
        return self.suppress


class Numbers:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        return await V(self.n)


async def statements():
    async with Manager("a") as a, Manager("b", suppress=True) as b:
        print(a, b)
        raise KeyError("suppressed")
    async with (Manager("c"), Manager("d") as d,):
        pass
    collected = []
    async for n in Numbers(4):
        if n == 2:
            continue
        if n == 0:
            break
        collected.append(n)
    else:
        collected.append("never")
    async for n in Numbers(1):
        collected.append(n)
    else:
        collected.append("else")
    collected.append([n async for n in Numbers(3) if n != 1])
    collected.append({n: await V(n) async for n in Numbers(2)})
    collected.append({m async for n in Numbers(2) async for m in Numbers(n + 1)} == {0, 1})
    for n in range(2):
        async with Manager(n):
            if n == 0:
                continue
            return collected, d


async def errors():
    try:
        await V(1) + (await V("x"))
    except TypeError as error:
        print(error)
    try:
        await 5
    except TypeError as error:
        print(error)
    try:
        async for _ in [1]:
            pass
    except TypeError as error:
        print(error)
    try:
        async with V(1):
            pass
    except TypeError as error:
        print(str(error)[:50])


print(drive(everywhere()))
print(drive(statements()))
print(drive(errors()))
coroutine = everywhere()
print(coroutine.send(None), coroutine.cr_running, coroutine.cr_await is not None, coroutine.__name__)
try:
    coroutine.throw(LookupError("thrown in"))
except LookupError as error:
    print(error, coroutine.cr_frame)
coroutine = statements()
coroutine.send(None)
coroutine.close()


async def gathered(name, n):
    for i in range(n):
        await asyncio.sleep(0)
        print(name, i)
    return name * n


async def main():
    return await asyncio.gather(gathered("a", 2), gathered("b", 3), return_exceptions=True)


print(asyncio.run(main()))
