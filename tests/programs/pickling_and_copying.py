"""Functions, classes and instances survive pickle, copy and deepcopy."""

import collections
import copy
import dataclasses
import enum
import functools
import pickle
import types


def function(x, y=2):
    return x * y


class Plain:
    def __init__(self, value, child=None):
        self.value, self.child = value, child

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    def method(self):
        return self.value

    class Nested:
        level = 2

        def __reduce__(self):
            return (Plain.Nested, ())


class WithState(Plain):
    def __getstate__(self):
        return {"value": self.value * 2, "child": None}

    def __setstate__(self, state):
        self.__dict__.update(state, restored=True)


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a

    def __copy__(self):
        return Slotted(f"copy of {self.a}")

    def __deepcopy__(self, memo):
        return Slotted(f"deep copy of {self.a}")


class Reduced:
    def __init__(self, *args):
        self.args = args

    def __reduce__(self):
        return Reduced, (*self.args, "reduced")


@dataclasses.dataclass
class Data:
    items: list
    name: str = "n"


class Color(enum.Enum):
    RED = "r"


Pair = collections.namedtuple("Pair", "a b")


class Singleton:
    def __reduce__(self):
        return "singleton"


singleton = Singleton()


def round_trip(value):
    return [pickle.loads(pickle.dumps(value, protocol)) for protocol in (2, pickle.HIGHEST_PROTOCOL)][-1]


print(round_trip(function) is function, round_trip(Plain) is Plain, round_trip(Plain.Nested) is Plain.Nested, round_trip(Plain.method) is Plain.method)
tree = Plain(1, Plain([2, {"k": (3,)}]))
tree.child.child = tree
again = round_trip(tree)
print(again is not tree, again.child.child is again, again.child.value, round_trip(Plain(5)) == Plain(5), round_trip(Plain(3).method)())
print(vars(round_trip(WithState(4))), round_trip(Slotted(1)).a, round_trip(Reduced(1)).args, round_trip(Data([1], "x")), round_trip(Color.RED) is Color.RED)
print(round_trip(Pair(1, 2)), round_trip(singleton) is singleton, round_trip(functools.partial(function, 3))(), type(round_trip(Plain.Nested())).__qualname__)
print(round_trip([ValueError("v", 1)])[0].args, round_trip(collections.OrderedDict(a=1)), round_trip(collections.Counter("aab")), round_trip({1, (2, 3)}), round_trip(range(3)))
shared = [1]
original = {"a": shared, "b": shared, "plain": Plain(shared), "f": function}
shallow, deep = copy.copy(original), copy.deepcopy(original)
print(shallow["a"] is shared, deep["a"] is shared, deep["a"] is deep["b"], deep["plain"].value is deep["a"], deep["f"] is function)
print(copy.copy(Slotted(1)).a, copy.deepcopy([Slotted(2)])[0].a, copy.copy(Data([1])).items, copy.deepcopy(Color.RED) is Color.RED, copy.copy(function) is function)
for attempt in (lambda: pickle.dumps(lambda: 0), lambda: pickle.dumps((n for n in ())), lambda: pickle.dumps(types), lambda: copy.deepcopy(n for n in ()), lambda: pickle.dumps(make_local()())):
    def make_local():
        class Local:
            pass

        return Local

    try:
        attempt()
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        print(type(error).__name__)
import marshal

code = marshal.loads(marshal.dumps(compile("a + 1", "<marshalled>", "eval")))
print(eval(code, {"a": 2}), types.FunctionType(function.__code__, {"__name__": "elsewhere"})(4, 5))
