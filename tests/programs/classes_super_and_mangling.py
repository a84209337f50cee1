"""Zero-argument super, __class__, and private names in every place they may stand."""


class Base:
    def __init__(self):
        self.trail = ["Base"]

    def greet(self, n=0):
        return f"base greet {n}"

    @classmethod
    def make(cls):
        return [cls.__name__]

    @property
    def prop(self):
        return "base prop"

    def __getitem__(self, key):
        return f"item {key}"

    def numbers(self):
        yield from (1, 2)


class Child(Base):
    def __init__(self):
        super().__init__()
        self.trail.append(__class__.__name__)

    def greet(self, n=0):
        return "child " + super().greet(n + 1)

    @classmethod
    def make(cls):
        return super().make() + [__class__ is cls]

    @property
    def prop(self):
        return super().prop.upper()

    @staticmethod
    def static():
        return __class__.__name__

    def __getitem__(self, key):
        return super().__getitem__(key)[::-1] if key else super()[key] if False else "zero"

    def numbers(self):
        yield from super().numbers()
        yield [n + 1 for n in super().numbers()]
        yield (lambda: __class__.__name__)()

    def comprehension(self):
        parent = super()
        return [parent.greet(i) for i in range(2)], {__class__.__name__ for _ in range(2)}, [super(Child, self).greet(i) for i in range(1)]

    def nested(self):
        def inner(self):
            return super().greet("nested")

        return inner(self), (lambda self: super().greet("lambda"))(self)

    def in_everything(self):
        result = [super().greet()] + [super().greet(1) if super() else None]
        result += super().greet(2), f"{super().greet(3)}"
        result[super().greet() and 0] += super().greet(4)[-1]
        for item in super().greet(5)[-1:]:
            result.append(item)
        while not super().greet:
            pass
        assert super().greet(6), super().greet(7)
        with __import__("contextlib").nullcontext(super().greet(8)) as value:
            result.append({"k": super().prop, **{"v": value}})
        return result, not super().greet() or -len(super().greet()) < 0

    def shadowed(self):
        other = self
        self = None
        try:
            return super().greet()
        except AttributeError as error:
            return str(error), super(Child, other).greet(9)

    def cell(self, change=True):
        get = lambda: self
        return super().greet("cell"), get() is self

    async def coroutine(self):
        return super().greet(await self.awaited())

    async def awaited(self):
        return __class__.__qualname__


class Mangled:
    __class_level = 1
    __list = [__class_level, 2]
    _single, __dunder__ = 3, 4

    def __init__(self, __argument=5):
        self.__private = __argument
        self.__dict__["other"] = __argument
        __local = self.__private + 1
        (lambda __parameter: setattr(self, "from_lambda", __parameter))(__local)

    def __method(self, *, __keyword=1):
        return self.__private, __keyword

    def use(self):
        global __global_name
        __global_name = "mangled global"
        import os.path as __module
        for __loop in range(2):
            pass
        try:
            raise ValueError("v")
        except ValueError as __error:
            caught = str(__error)
        self.__private += 1
        del self.__dict__["other"]
        return self.__method(_Mangled__keyword=2), [__x for __x in self.__list], __loop, caught, __module.__name__[-4:], sorted(locals())

    class __Nested:
        __value = "nested"

        def get(self):
            return self.__value

    def nested(self):
        return self.__Nested().get(), self.__Nested.__name__

    def matching(self):
        match {"k": self}:
            case {"k": Mangled(_Mangled__private=__captured)}:
                return __captured


class __Underscored:
    __x = "mangled without the leading underscores"

    def get(self):
        return self.__x


child = Child()
print(child.trail, child.greet(), Child.make(), child.prop, Child.static(), child[1], child[0], list(child.numbers()))
print(child.comprehension(), child.nested(), child.in_everything(), child.shadowed(), child.cell())
try:
    child.coroutine().send(None)
except StopIteration as stop:
    print(stop.value)
mangled = Mangled()
print(mangled.use(), _Mangled__global_name, mangled.nested(), mangled.matching(), sorted(vars(mangled)))
print([n for n in vars(Mangled) if "class_level" in n or "list" in n or "ested" in n or "method" in n], __Underscored().get(), vars(__Underscored)["_Underscored__x"])
print(Mangled.__init__.__code__.co_varnames[:2], Mangled._Mangled__method.__name__)
try:
    mangled.__private
except AttributeError as error:
    print(error)
