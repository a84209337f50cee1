"""PEP 798: comprehensions that unpack what they yield."""

import asyncio

log = []


def note(value):
    log.append(value)
    return value


rows = [[1, 2], (), {3: "c"}, "de"]
print([*row for row in rows], {*row for row in rows} == {1, 2, 3, "d", "e"}, [*(row for row in rows if row)])
print([*note(row) for row in rows if note(len(row)) > 0], log)
log.clear()
print({**mapping for mapping in ({"a": 1}, {"b": 2}, {"a": 3})}, {**{note(key): note(key * 2)} for key in (1, 2)}, log)
log.clear()
lazy = (*note(row) for row in rows)
print(next(lazy), log, list(lazy), log)
print([*[*(inner * 2 for inner in row)] for row in ((1, 2), (3,))], [*(yes if yes else [0]) for yes in ([], [1])])
print([*[x, y := x * x] for x in range(3)], y)


class Body:
    rows = rows
    flat = [*row for row in rows]
    merged = {**dict.fromkeys(row) for row in rows}


print(Body.flat, Body.merged)
for wrong in (
    lambda: [*number for number in (1, 2)],
    lambda: {**pair for pair in [(1, 2)]},
    lambda: list((*number for number in ([1], None))),
    lambda: {*item for item in [[[]]]},
):
    try:
        wrong()
    except TypeError as error:
        print(error, error.__traceback__.tb_next.tb_lineno)


def generator():
    yield [*row for row in rows if row]
    yield [*row for row in (yield "more")]


running = generator()
print(next(running), next(running), running.send(["sent", [1]]))


async def numbers(n):
    for number in range(n):
        yield [number] * number


async def main():
    print([*part async for part in numbers(4)], [*await asyncio.sleep(0, part) for part in ("ab", "c")])
    print([part async for part in (*row async for row in numbers(3))])


asyncio.run(main())
