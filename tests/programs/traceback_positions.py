"""Line and column of every frame of a traceback, from co_positions, and of frames that are still running."""

import sys


def positions(traceback):
    found = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        found.append((code.co_qualname, traceback.tb_lineno, list(code.co_positions())[traceback.tb_lasti // 2]))
        traceback = traceback.tb_next
    return found


def running(depth):
    frame = sys._getframe(1)
    for _ in range(depth):
        code = frame.f_code
        yield code.co_qualname, frame.f_lineno, list(code.co_positions())[frame.f_lasti // 2]
        frame = frame.f_back


def here(*_, depth=2, **__):
    return list(running(depth))[1:]


def fails(x=0):
    return 1 / x


class Namespace:
    where = here(1, 2)
    try:
        value = [fails(n) for n in (1, 0)]
    except ZeroDivisionError as error:
        failed = positions(error.__traceback__)

    def method(self, n=2):
        return self.method(n - 1) if n else here(depth=4)

    @property
    def prop(self):
        return fails(0)

    def __add__(self, other):
        return here(depth=3)


def nested():
    def inner():
        return (lambda: fails() + 1)()

    return [inner() for _ in range(1)]


def generator():
    yield here(depth=3)
    yield fails(
        x=0)


print(*Namespace.where, sep="\n")
print(*Namespace.failed, sep="\n")
print(*Namespace().method(), sep="\n")
print(*(Namespace() + 1 if True else None), sep="\n")
print(*next(generator()), sep="\n")
print(here(), here(here(), here()), [here() for _ in range(2)], {"k": here()}["k"], (lambda: here(depth=3))())
print(f"{here()} {'nested'}", here()[0] if here() else None, not here(), here() == here(), here() + here())
x = y = here(); z = here()
print(x, z)
(a, b), *c = (here(), here()), here()
print(a, b, c)
if here() and (w := here()):
    print(w)
for attempt in (nested, lambda: Namespace().prop, lambda: list(generator()), lambda: max([1, 2], key=lambda n: fails(n - 1)), lambda: fails(
        fails(1) - 1) + fails(2), lambda: {**{}, "k": [fails()]}, lambda: fails("é日本" and 0) + len("after wide characters")):
    try:
        attempt()
    except ZeroDivisionError as error:
        print(*positions(error.__traceback__), sep="\n")
        print()
