"""Classes that the standard library makes from a class body: dataclass, Enum, NamedTuple, TypedDict."""

import collections
import dataclasses
import enum
import functools
import typing


@dataclasses.dataclass
class Point:
    """A point."""

    x: int
    y: int = 0
    tags: list = dataclasses.field(default_factory=list, compare=False)
    scale: dataclasses.InitVar[int] = 1
    count: typing.ClassVar[int] = 0

    def __post_init__(self, scale):
        self.x *= scale
        type(self).count += 1


@dataclasses.dataclass(frozen=True, order=True, slots=True, kw_only=True)
class Frozen(object):
    a: int
    b: str = "b"

    @property
    def both(self):
        return f"{self.a}{self.b}"


@dataclasses.dataclass
class Derived(Point):
    z: float = dataclasses.field(default=1.5, repr=False)


class Color(enum.Enum):
    RED = 1
    GREEN = enum.auto()
    BLUE = RED + 2
    ALIAS = RED
    _ignore_ = ["temporary"]
    temporary = 5

    @property
    def pretty(self):
        return self.name.title()

    @classmethod
    def _missing_(cls, value):
        return cls.RED if value == "default" else None


class Shape(enum.Enum):
    SQUARE = (4, "four")
    CIRCLE = 0, "none"

    def __init__(self, corners, text):
        self.corners = corners
        self.text = text


class Flags(enum.Flag):
    A = enum.auto()
    B = enum.auto()
    AB = A | B


class Number(enum.IntEnum):
    ONE = 1
    TWO = ONE << 1


class Pair(typing.NamedTuple):
    """A pair."""

    first: int
    second: str = "two"

    def swapped(self):
        return self.second, self.first


class Movie(typing.TypedDict, total=False):
    name: str
    year: int


Old = collections.namedtuple("Old", "a b c", defaults=[3])
print(Point(1), Point(1, 2, scale=5), Point(1) == Point(1, tags=["x"]), Point.count, Point.__doc__)
print(Frozen(a=1), Frozen(a=1).both, sorted([Frozen(a=2), Frozen(a=1, b="c"), Frozen(a=1)]), hash(Frozen(a=1)) == hash(Frozen(a=1)))
print(Derived(1, z=2.5), [f.name for f in dataclasses.fields(Derived)], dataclasses.asdict(Derived(1, 2)), dataclasses.replace(Frozen(a=5), b="n"))
print(list(Color), Color(2), Color["BLUE"], Color.ALIAS is Color.RED, Color("default"), Color.RED.pretty, Color.GREEN.value, hasattr(Color, "temporary"))
print(Shape.SQUARE.corners, Shape((0, "none")).text, Flags.A | Flags.B is Flags.AB, list(Flags.AB), Flags.AB & ~Flags.A, Number.TWO + 1, Number.ONE < Number.TWO)
print(Pair(1), Pair(1, "x").swapped(), Pair(1)._replace(first=9), Pair.__annotations__, Pair._field_defaults, [*Pair(5)])
print(Movie(name="n"), Movie.__total__, sorted(Movie.__annotations__), Old(1, 2), Old._make("xyz")._asdict(), Old.__module__, Pair.__module__)
for attempt in (lambda: Point(), lambda: Frozen(1), lambda: setattr(Frozen(a=1), "a", 2), lambda: Color(9), lambda: Color.PURPLE, lambda: Pair(), lambda: Point(1) < Point(2)):
    try:
        print(attempt())
    except (TypeError, AttributeError, ValueError) as error:
        print(type(error).__name__, error)


@functools.total_ordering
class Version:
    def __init__(self, *parts):
        self.parts = parts

    def __eq__(self, other):
        return self.parts == other.parts

    def __lt__(self, other):
        return self.parts < other.parts

    @functools.cached_property
    def text(self):
        print("computed once")
        return ".".join(map(str, self.parts))


v = Version(1, 2)
print(v.text, v.text, v >= Version(1, 1), v <= Version(1, 0), max(Version(1), v).text)
