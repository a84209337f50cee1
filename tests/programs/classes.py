"""Classes: namespaces, methods of all kinds, properties, slots, inheritance, operators on classes."""

import abc


class Base:
    shared = []
    counter = 0

    def __new__(cls, *args, **kwargs):
        self = super().__new__(cls)
        self.made_by = cls.__name__
        return self

    def __init__(self, x=1, *, y=2):
        self.x, self.y = x, y
        type(self).counter += 1
        Base.shared.append(x)

    def method(self):
        return f"Base.method({self.x})"

    @classmethod
    def create(cls, *args):
        return cls(*args)

    @staticmethod
    def helper(a, b=3):
        return a * b

    @property
    def total(self):
        """The total."""
        return self.x + self.y

    @total.setter
    def total(self, value):
        self.x = value - self.y

    @total.deleter
    def total(self):
        self.x = self.y = 0

    def __repr__(self):
        return f"{type(self).__name__}({self.x}, {self.y})"

    def __eq__(self, other):
        return isinstance(other, Base) and (self.x, self.y) == (other.x, other.y)

    def __len__(self):
        return self.x

    def __call__(self, *args):
        return self.x, args

    def __contains__(self, item):
        return item in (self.x, self.y)


class Left(Base):
    def method(self):
        return f"Left>{super().method()}"


class Right(Base):
    def method(self):
        return f"Right>{super().method()}"


class Both(Left, Right):
    def method(self):
        return f"Both>{super().method()}"

    create_many = classmethod(lambda cls, n: [cls(i) for i in range(n)])


class Slotted:
    __slots__ = ("a", "b", "__private")

    def __init__(self):
        self.a = 1
        self.__private = 2


class Abstract(abc.ABC):
    @property
    @abc.abstractmethod
    def needed(self):
        ...


b = Base()
print(b, b.total, b.made_by, bool(b), len(b), b(1, 2), 2 in b, 5 in b, b == Base(), b != Left(3))
b.total = 10
print(b, b.total)
del b.total
print(b, bool(b), Base.create(5, ), Both.create(1).method(), Both.__mro__, Both.create_many(2))
print(Base.counter, Both.counter, Base.shared, b.helper(2), Base.helper(2, b=1), Base.total.__doc__)
s = Slotted()
for attempt in (lambda: s.c, lambda: setattr(s, "c", 1), lambda: s.b, lambda: Abstract(), lambda: hash(b), lambda: Base(1, 2), lambda: Base().missing, lambda: Base.missing):
    try:
        print(attempt())
    except (AttributeError, TypeError) as error:
        print(type(error).__name__, error)
print(sorted(Slotted.__slots__), hasattr(s, "__dict__"), s.a, s._Slotted__private)


class Body:
    print("in body:", __name__, __module__, __qualname__, sorted(k for k in locals() if k.startswith("__"))[:2])
    x = 1
    if x:
        y = x + 1
    for z in range(3):
        x += z
    while x > 5:
        x -= 1
    def f(self): return self.x
    g = f
    try:
        undefined
    except NameError:
        w = "handled"
    with open(__import__("os").devnull):
        opened = True
    class Inner: value = "inner"; also = __qualname__
    lam = lambda self: self.y
    t, *rest = "abc"
    [u, v] = (x, y)
    del z
    print(sorted(k for k in vars() if not k.startswith("__")))


print(Body().f(), Body().g(), Body().lam(), Body.Inner.also, Body.w, Body.rest, [k for k in vars(Body) if not k.startswith("__")])
Dynamic = type("Dynamic", (Base,), {"method": lambda self: "dynamic " + super(Dynamic, self).method(), "extra": 5})
print(Dynamic(4).method(), Dynamic.extra, isinstance(Dynamic(), Base), issubclass(Dynamic, (int, Base)))
class Empty: ...
class OneLine: a = 1; b = a + 1
class Parens(): pass
print(Empty.__name__, OneLine.b, Parens.__bases__, Empty.__dict__.get("__doc__"))
