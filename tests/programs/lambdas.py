"""Lambdas with every kind of parameter, in every place, closing over everything."""

import functools
import inspect

plain = lambda: 0
one = lambda x: x
defaults = lambda x, y=2, *rest, z=3, **others: (x, y, rest, z, others)
positional = lambda a, b=1, /, c=2, *, d, e=5: [a, b, c, d, e]
nested = lambda a: lambda b: lambda c: (a, b, c)
recursive = lambda n: 1 if n < 2 else n * recursive(n - 1)
conditional = lambda x: "big" if x > 10 else "small" if x > 5 else "tiny"
print(plain(), one(1), defaults(1), defaults(1, 5, 6, 7, z=8, q=9), positional(0, d=4), positional(0, 9, c=8, d=7, e=6))
print(nested(1)(2)(3), recursive(10), [conditional(n) for n in (1, 7, 11)], (lambda: (lambda: (lambda: "deep")())())())
print((lambda *a: a)(1, 2), (lambda **k: k)(a=1), (lambda *, k=1: k)(), (lambda x, /: x)(5), (lambda: ...)(), (lambda: None)())
print(sorted("banana", key=lambda c: (-ord(c), c)), list(map(lambda a, b: a + b, [1, 2], [3, 4])), functools.reduce(lambda a, b: a * b, range(1, 6)))
print((lambda x: [x + i for i in range(3)])(10), (lambda x: {x: (lambda: x)()})(1), (lambda s: s.upper().strip("A"))("abca"), (lambda d: d["k"][0])({"k": [9]}))
print((lambda x: x and "yes" or "no")(0), (lambda x: not x)(0), (lambda a, b: a < b < 10)(1, 2), (lambda a: -a + ~a)(5), (lambda x: f"{x!r:>5}")("s"))
functions = [lambda: i for i in range(3)]
bound = [lambda i=i: i for i in range(3)]
print([f() for f in functions], [f() for f in bound], [f(9) for f in bound])
print((lambda x=(lambda: 5)(): x)(), (lambda x=[]: x.append(1) or x)(), (lambda f=one, *a: f(*a))(one, 7))
shared = lambda into=[]: into.append(len(into)) or into
print(shared(), shared(), shared([]), shared.__defaults__)


def maker(start):
    count = start
    get = lambda: count
    add = lambda step=1: (bump(step), get())[1]

    def bump(step):
        nonlocal count
        count += step

    return get, add


get, add = maker(10)
print(get(), add(), add(5), get())


class Holder:
    factor = 3
    triple = lambda self, n: n * self.factor
    static = staticmethod(lambda n: n + 1)
    by_class = classmethod(lambda cls: cls.__name__)
    prop = property(lambda self: self.factor * 100)
    items = [lambda: 1, lambda: 2]
    default = lambda self, f=factor: f

    def method(self):
        return (lambda: (self.factor, __class__.__name__, super(Holder, self).__str__ is not None))()


holder = Holder()
print(holder.triple(5), Holder.static(1), holder.by_class(), holder.prop, [f() for f in Holder.items], holder.default(), holder.method())
print(plain.__name__, plain.__qualname__, Holder.triple.__qualname__, get.__qualname__, nested(1).__qualname__)
print(inspect.signature(defaults), inspect.signature(positional), defaults.__defaults__, defaults.__kwdefaults__, positional.__code__.co_posonlyargcount)
print(plain.__code__.co_name, one.__code__.co_varnames, get.__code__.co_freevars, inspect.getsource(recursive).strip())
generator = lambda: (yield from [1, 2, (yield 0)])
print(list(generator()), inspect.isgeneratorfunction(generator), (lambda: (x for x in "ab"))().__name__)
multi = (
    lambda first, second: first
    + second
    * (
        first
        - second
    )
)
print(multi(5, 3))
for attempt in (lambda: one(), lambda: one(1, 2), lambda: positional(a=1, d=1), lambda: (lambda x: 1 / x)(0), lambda: recursive("a"), lambda: (lambda: missing)()):
    try:
        attempt()
    except (TypeError, ZeroDivisionError, NameError) as error:
        print(type(error).__name__, error)
