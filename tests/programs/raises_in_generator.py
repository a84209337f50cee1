"""Ends with an error that passes through generators, yield from and a for loop."""


def source(n):
    try:
        for i in range(n):
            yield 10 // (2 - i)
    finally:
        print("source closed")


def doubled(items):
    for item in items:
        yield item * 2


def delegating(n):
    print("delegating")
    result = yield from doubled(source(n))
    return result


total = 0
for value in delegating(5):
    total += value
    print(value, total)
