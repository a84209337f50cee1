"""yield from: values, sends, throws and closes pass through; recursion; non-generator iterables."""


def inner(name, n):
    log = []
    try:
        for i in range(n):
            log.append((yield f"{name}{i}"))
    except ValueError as error:
        log.append(repr(error))
        yield "recovered"
    except GeneratorExit:
        print("closed", name, log)
        raise
    finally:
        print("finally", name)
    return log


def outer():
    first = yield from inner("a", 2)
    second = yield from inner("b", 2)
    third = [(yield from inner("c", 1)), (yield from "xy")]
    return first, second, third


g = outer()
print(next(g), g.send(1), g.send(2), g.throw(ValueError("thrown")), g.send("after"), g.send(3), g.send(None))
try:
    next(g)
except StopIteration as stop:
    print(stop.value)
g = outer()
next(g)
print(g.gi_yieldfrom.__name__)
g.close()


class Node:
    def __init__(self, value, *children):
        self.value, self.children = value, children

    def __iter__(self):
        yield self.value
        for child in self.children:
            yield from child

    def depth_first(self, level=0):
        yield level, self.value
        for child in self.children:
            yield from child.depth_first(level + 1)


tree = Node(1, Node(2, Node(3)), Node(4, Node(5), Node(6)))
print([*tree], [*tree.depth_first()], sum(tree), max(tree.depth_first()))


class Iterator:
    def __init__(self):
        self.sent = []

    def __iter__(self):
        return self

    def __next__(self):
        return "next"

    def send(self, value):
        self.sent.append(value)
        if value == "stop":
            raise StopIteration(self.sent)
        return f"sent {value}"

    def throw(self, *error):
        return f"thrown {type(error[0]).__name__}"

    def close(self):
        print("iterator closed")


def delegates():
    result = yield from Iterator()
    print("result", result)
    yield from ()
    yield from [1, 2]
    yield from {"k": 1}.items()
    yield from range(2)
    yield from (x * x for x in range(2))
    return (yield from map(str, [1]))


g = delegates()
print(next(g), g.send("hello"), g.throw(KeyError("k")), g.send("stop"), *g)
g = delegates()
next(g)
g.close()


def returns_from(n):
    if n == 0:
        return "bottom"
    value = yield n
    result = yield from returns_from(n - 1)
    return [value, result]


g = returns_from(3)
print([next(g), g.send("x"), g.send("y")])
try:
    g.send("z")
except StopIteration as stop:
    print(stop.value)


def flatten(item):
    try:
        if isinstance(item, str):
            raise TypeError
        for part in item:
            yield from flatten(part)
    except TypeError:
        yield item


def in_expressions():
    total = (yield from inner("e", 1)) + (yield from inner("f", 1))
    return {"t": total, "c": (yield from inner("g", 0)) or "empty", "s": f"{(yield from inner('h', 0))}"}


print([*flatten([1, [2, "three", (4, [5])], {6: 7}])])
g = in_expressions()
values = []
try:
    while True:
        values.append(next(g))
except StopIteration as stop:
    print(values, stop.value)
try:
    [*(lambda: (yield from 5))()]
except TypeError as error:
    print(error)
