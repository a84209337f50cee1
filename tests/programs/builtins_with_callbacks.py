"""Builtins and C functions that call back into woven code, eagerly and lazily."""

import bisect
import functools
import itertools
import operator
import re
import weakref

calls = []


def told(x):
    calls.append(x)
    return x


def show(*values):
    print(*values, calls)
    calls.clear()


show(sorted([3, 1, 2], key=told), min([3, 1], key=lambda x: told(-x)), max("ab", "cde", key=lambda s: told(len(s))))
show(list(map(told, "ab")), list(filter(lambda x: told(x) > 1, [1, 2, 3])), functools.reduce(lambda a, b: told(a * b), [1, 2, 3, 4]))
lazy = map(lambda x, y: told(x + y), [1, 2], itertools.count(10))
show("lazy")
show(next(lazy), next(lazy), next(lazy, "end"))
show(re.sub(r"\d", lambda m: told(str(int(m[0]) * 2)), "a1b2"), re.compile("(x)|(y)").sub(lambda m: m[1] and "X" or "Y", "xyx"))
show(list(itertools.takewhile(lambda x: told(x) < 3, itertools.count())), [*itertools.groupby([1, 1, 2], key=told)].__len__())
show(list(iter(iter([1, 2, 0, 3]).__next__, 0)), bisect.bisect([1, 2, 3], 2, key=told), sum(map(told, range(3))), any(map(told, [0, 2, 3])), all(told(x) for x in [1, 0, 2]))
show(dict(zip("ab", map(told, [1, 2]))), [*enumerate(map(told, "x"), start=5)], [*reversed([told(1), told(2)])], [*zip(*[map(told, [1, 2])] * 2)])


class Calls:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return told(self.value) < other.value

    def __eq__(self, other):
        calls.append("eq")
        return isinstance(other, Calls) and self.value == other.value

    def __hash__(self):
        calls.append("hash")
        return 7

    def __len__(self):
        return told(3)

    def __getitem__(self, index):
        if index >= 2:
            raise IndexError
        return told(index)

    def __reversed__(self):
        return (told(x) for x in "ba")

    def __abs__(self):
        return told("abs")

    def __round__(self, digits=None):
        return told(("round", digits))

    def __divmod__(self, other):
        return told(("divmod", other))

    def __int__(self):
        return told(5)

    def __index__(self):
        return told(2)

    def __float__(self):
        return told(1.5)

    def __bytes__(self):
        return told(b"b")

    def __dir__(self):
        return told(["z", "a"])

    def __instancecheck__(self, instance):
        return told(True)

    def __length_hint__(self):
        return told(1)

    def __fspath__(self):
        return told("path")

    def __complex__(self):
        return told(1j)


c = Calls(1)
show([x.value for x in sorted([Calls(2), Calls(1)])], len(c), [*c], [*reversed(c)], abs(c), round(c, 2), round(c), divmod(c, 2))
show(int(c), float(c), bytes(c), dir(c), complex(c), "abc"[c], [0, 1, 2][:c], range(c), hex(c), isinstance(5, c), __import__("os").fspath(c))
show({Calls(1): "a"}[Calls(1)], Calls(1) in [0, Calls(1)], len({Calls(1), Calls(1), Calls(2)}), [Calls(0), Calls(1)].index(Calls(1)))
show(operator.itemgetter(1)(c), operator.attrgetter("value")(c), operator.methodcaller("__len__")(c), list(operator.lt(a, b) for a, b in [(Calls(1), Calls(2))]))
show(functools.cmp_to_key(lambda a, b: told(b) - told(a))(1) < functools.cmp_to_key(lambda a, b: b - a)(2), functools.partial(told, 5)(), type("T", (), {"__call__": lambda self, x: told(x)})()(9))


class Finalised:
    pass


finalised = Finalised()
weakref.finalize(finalised, told, "finalised")
reference = weakref.ref(finalised, lambda _: told("reference"))
del finalised
show(reference())
show(getattr(c, "missing", None), hasattr(c, "missing"), setattr(c, "new", told(1)), vars(c), callable(c), id(c) == id(c), type(c).__name__, issubclass(Calls, object))
show("%s %r" % (told("x"), Calls), "{0.value} {1[k]}".format(c, {"k": told("v")}), "{:>{}}".format("r", told(3)), format(1.5, told(".2f")), ",".join(map(told, "ab")), "abc".translate({97: told("A")}))
