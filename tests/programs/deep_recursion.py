"""Recursion that uses most of the interpreter's limit: woven code has nearly the same room."""

import sys


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def mutual_a(n):
    if n <= 0:
        return []
    return [n % 2, *mutual_b(n - 1)][:3]


def mutual_b(n):
    result = mutual_a(n - 1)
    return result


def through_generator(n):
    if n:
        yield from through_generator(n - 1)
    yield n


class Tree:
    def __init__(self, n):
        self.child = Tree(n - 1) if n else None

    def __len__(self):
        return 1 + (len(self.child) if self.child is not None else 0)


def endless(n=0):
    return endless(n + 1)


def deepest():
    reached = 0

    def go(n):
        nonlocal reached
        reached = n
        go(n + 1)

    try:
        go(1)
    except RecursionError as error:
        return reached, str(error)[:32]


print(depth(900), mutual_a(900), sum(through_generator(300)), len(Tree(150)))
for attempt in (endless, lambda: depth(10**6), lambda: (lambda f: f(f))(lambda f: f(f)), lambda: [endless()], lambda: {endless(): endless()}, lambda: f"{endless()}"):
    try:
        attempt()
    except RecursionError as error:
        print(type(error).__name__, str(error)[:32])
reached, message = deepest()
print(sys.getrecursionlimit() - 60 < reached <= sys.getrecursionlimit(), message)
del reached
old = sys.getrecursionlimit()
sys.setrecursionlimit(3000)
print(depth(2800))
sys.setrecursionlimit(old)


class Endless:
    def __getattr__(self, name):
        return getattr(self, name + "x") if len(name) < 5000 else None

    def __add__(self, other):
        return self + other

    def __bool__(self):
        return not self


for attempt in (lambda: Endless() + 1, lambda: bool(Endless())):
    try:
        attempt()
    except RecursionError:
        print("RecursionError")
