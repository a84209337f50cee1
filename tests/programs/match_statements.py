"""match with every kind of pattern, guards, captures, and the order of tests."""

import enum

log = []


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Names:
    ONE = 1
    inner = type("inner", (), {"TEXT": "text"})


class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y=0, **extra):
        self.x, self.y = x, y
        self.__dict__.update(extra)


class Told:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        log.append(f"=={other!r}")
        return self.value == other

    def __getattr__(self, name):
        log.append(f".{name}")
        raise AttributeError(name)


def classify(subject):
    match subject:
        case None | True | False:
            return "singleton"
        case 0:
            return "zero"
        case -1 | 1.5 | 2j | 1 - 3j:
            return "number literal"
        case "text" "joined":
            return "string"
        case b"bytes":
            return "bytes"
        case Color.RED | Names.inner.TEXT:
            return "dotted"
        case Color():
            return "other color"
        case int(n) if n > 100:
            return f"big {n}"
        case int() | float() as n:
            return f"number {n}"
        case str(s) if (length := len(s)) > 3:
            return f"long {s} {length}"
        case str():
            return "short"
        case []:
            return "empty sequence"
        case [x]:
            return f"one {x}"
        case [0, *rest] | (1, *rest):
            return f"starts {rest}"
        case [first, [a, b], *_, last]:
            return f"nested {first} {a} {b} {last}"
        case [Point(x=0), Point(0, y)]:
            return f"points {y}"
        case first, second:
            return f"pair {first} {second}"
        case [*everything]:
            return f"all {everything}"
        case {"kind": "a" | "b" as kind, "n": int(n), **others}:
            return f"mapping {kind} {n} {others}"
        case {"nested": {"list": [_, y, *_]}}:
            return f"deep {y}"
        case {1: one, Names.ONE.real: same} if False:
            return "never"
        case {"point": Point(x, y=1) | Point(x, 2)}:
            return f"or class {x}"
        case {}:
            return "any mapping"
        case Point(0, 0):
            return "origin"
        case Point(x, y) if x == y:
            return f"diagonal {x}"
        case Point(x=px, extra=[e, *_]):
            return f"extra {px} {e}"
        case Point():
            return "point"
        case set() | frozenset():
            return "set"
        case unknown:
            return f"other {type(unknown).__name__}"


for subject in (
    None, True, 0, -1, 2j, 1 - 3j, "textjoined", b"bytes", Color.RED, Color.BLUE, "text", 500, 7, 2.25, "long one", "abc", "",
    [], [5], (0, 1, 2), [1, 5], (1,), ["s", (3, 4), 5, 6], [Point(0), Point(0, 9)], (2, 3), range(4), [2, 3, 4],
    {"kind": "b", "n": 3, "x": 4}, {"kind": "c", "n": 3}, {"nested": {"list": (1, 2, 3)}}, {"point": Point(5, 2)}, {"point": Point(5, 3)},
    Point(0), Point(4, 4), Point(1, 2, extra=["e", "f"]), Point(1, 2), {1}, object, b"", ...,
):
    print(classify(subject))


def guards(x):
    match x:
        case n if log.append("first guard"):
            pass
        case n if log.append(f"second guard {n}") or n > 1:
            return n
        case _ if not x:
            return "falsy"
    return "nothing", n


print(guards(2), guards(0), guards(1), log)
log.clear()
match Told(3):
    case 1 | 2:
        pass
    case Point(x=1):
        pass
    case {"k": 1} | [1]:
        pass
    case 3 as three:
        print(type(three).__name__, log)
match log, *log:
    case captured, *_:
        print(captured is log)
match (yes := 5), yes + 1:
    case a, b if a < b < 10: print("one line", a, b)
match = case = type = 5
match match:
    case case: print(case)
for item in [1, [2, 3], {"k": 4}]:
    match item:
        case int():
            continue
        case [_, x]:
            y = x
        case {"k": x}:
            break
print(x, y)


class Body:
    match [1, 2]:
        case [attribute, other]:
            total = attribute + other


print(Body.total, Body.attribute)
try:
    match 5:
        case int(1, 2):
            pass
except TypeError as error:
    print(error)
try:
    match 5:
        case print():
            pass
except TypeError as error:
    print(error)
