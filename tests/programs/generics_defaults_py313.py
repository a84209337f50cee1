"""PEP 696 defaults of type parameters, static attributes, locals as snapshots, and copy.replace."""

import copy
import typing
import warnings

evaluated = []


def note(value):
    evaluated.append(value)
    return value


type Box[T = note(int)] = list[T]
type Many[*Ts = *tuple[int, str], **P = [int, str]] = tuple[*Ts]


class Default[T = int, U: object = note(str)]:
    attribute: T

    def __init__(self):
        self.made = self.here = 1

    def method[V = U](self, value: V = None) -> V:
        self.later = value
        return V.__default__


def function[T = list[int]](x: T = note("now")) -> T:
    return T


print(evaluated)
print(Box.__type_params__[0].__default__, Many.__type_params__[0].__default__, Many.__type_params__[1].__default__, evaluated)
print(Default[float].__args__, Default.__type_params__[1].__default__, Default().method() is Default.__type_params__[1], function().__default__, evaluated)
print(typing.TypeVar("Q").has_default(), sorted(Default.__static_attributes__), Default.__firstlineno__)


def snapshot():
    x = 1
    before = locals()
    before["x"] = 2
    before["new"] = 3
    exec("x = 4; y = 5")
    return x, before, locals() == {"x": 1, "before": before}


print(snapshot())


def through_frame():
    import sys

    x = 1
    sys._getframe().f_locals["x"] = "written through"
    return x


print(through_frame(), [locals() for i in range(1)][0].get("i"))


class Replaceable:
    def __init__(self, **values):
        self.values = values

    def __replace__(self, **changes):
        return Replaceable(**self.values | changes)


print(copy.replace(Replaceable(a=1, b=2), b=3).values)


@warnings.deprecated("use another")
def old():
    return "old"


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(old(), [(str(w.message), w.lineno) for w in caught])


class Documented:
    """A docstring
        whose indent is stripped.
    """


print(repr(Documented.__doc__))
