"""Comprehensions are inlined: what locals, frames, tracebacks and cells show of that."""

import sys
import traceback


def names():
    x = "outer"
    inside = [sorted(locals()) for x in range(1)]
    frames = [sys._getframe().f_code.co_name for _ in range(1)]
    return inside, x, frames, sorted(locals())


def cells():
    functions = [lambda: (x, y) for x in range(2) for y in "a"]
    x = "kept"
    more = {k: (lambda: (k, x)) for k in range(2)}
    return [f() for f in functions], [f() for f in more.values()], x


def unbound():
    result = [later for later in range(2)]
    try:
        later
    except UnboundLocalError as error:
        result.append("unbound")
    except NameError as error:
        result.append(str(error))
    return result


def fails():
    return [
        1 / n
        for n in (1, 0)
        if [n + m for m in (n,)]
    ]


class Body:
    x = 1
    values = [n for n in range(3)]
    located = [sorted(k for k in locals() if not k.startswith("_")) for n in range(1)]
    nested = [[__class__ for __class__ in range(1)] for _ in range(1)]

    def method(self):
        return [super(Body, self).__init__ is not None for _ in range(1)], [__class__.x for _ in range(1)]


print(*names())
print(*cells())
print(unbound(), Body.located, Body.nested, Body().method())
print([n for n in range(2)], "n" in globals(), [globals().get("n") for n in range(1)])
try:
    fails()
except ZeroDivisionError as error:
    print(traceback.format_exc())
    print(error.__traceback__.tb_next.tb_frame.f_code.co_name, error.__traceback__.tb_next.tb_next, "n" in error.__traceback__.tb_next.tb_frame.f_locals)


def generator():
    x = 10
    values = [(yield_, x) for yield_ in range(2)]
    received = yield [v for v in values if (x := v[0]) is not None]
    yield [received for received in received], x


g = generator()
print(next(g), g.send("ab"))
