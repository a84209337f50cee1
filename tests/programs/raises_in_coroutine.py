"""Ends with an error in a task, through await, async with and async for."""

import asyncio


class Resource:
    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, value, traceback):
        print("closed after", kind.__name__)

    async def items(self):
        for n in (2, 1, 0):
            await asyncio.sleep(0)
            yield 4 // n


async def consume(resource):
    return [item async for item in resource.items()]


async def main():
    async with Resource() as resource:
        first, second = await asyncio.gather(
            asyncio.sleep(0, "fine"),
            consume(resource),
        )
    print("never")


asyncio.run(main())
