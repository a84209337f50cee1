"""F-strings: conversions, nested specs, self-documenting fields, and what format() makes of them."""

from datetime import date
from decimal import Decimal

name, number, ratio, items = "Ann", 42, 2 / 3, [1, "two", None]
width, precision, fill = 12, 3, "."

print(f"{name} {number} {ratio} {items}")
print(f"{name!r} {name!s} {name!a} {'é'!a} {items!r:>20}|")
print(f"{number:5}|{number:<5}|{number:^5}|{number:>5}|{number:05}|{number:+}|{number:#x}|{number:,}|{number:b}")
print(f"{ratio:.2f}|{ratio:10.3e}|{ratio:%}|{ratio:{width}.{precision}f}|{ratio:{fill}^{width}.{precision}}|")
print(f"{name:{fill}{'>'}{width}}|{name:{'*^' + str(width)}}|{name!r:{width}}|")
print(f"{number=} {number = } {number=:>6} {number=!r} {name=} {name=!s:>5} {ratio=:.1f} { name = }")
print(f"{number + 1=} {items[0]=} {name.upper()=} {len(items)=} {(1, 2)=} {'q'=}")
print(f"{{literal}} {{{number}}} {{{{{number}}}}} }}{{")
print(f"{'nested ' + f'{name}{number:>{width}}'}")
print(f"{f'{number}'}{f'{name!r}':>8}")
print(f"{items[1]} {items[-1]} {items[:2]} {dict(a=1)['a']} {(lambda x: x * 2)(number)} {[x for x in items if x]}")
print(f"{name if number > 1 else 'nobody'} {number > 1 and name} {not number} {number == 42} {number != 42}")
print(f"{date(2020, 1, 2):%Y/%m/%d} {Decimal('1.50'):.3f} {date(2020, 1, 2)!r}")
print(f"implicit {name}" " and " f"{number}" ' joined ' rf"\d{number}\n")
print(F"{name}" + fr"{name}\t" + Rf"{number}")
print(
    f"""several
{name}
  lines {
        number
    }"""
)
print(f"{number!r:>{width}}", f"{number:{width}d}", f"{name:{width}s}|", f"{number:{''}}")
print(f"%s {name} %d" % ("percent", 5), f"{name}".center(9, "-"), f"{name}"[0], len(f"{name}{number}"))
print(f"" == "", f"{''}" == "", f"a{''}b", type(f"{number}").__name__)
template = lambda value, spec="": f"[{value:{spec}}]"
print(template(3), template(3, "04"), template("x", ">3"))


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __repr__(self):
        return f"{type(self).__name__}({self.x!r}, {self.y!r})"

    def __format__(self, spec):
        return f"({self.x:{spec}}, {self.y:{spec}})" if spec else repr(self)


print(f"{Point(1, 2)} {Point(1.5, 2.25):.1f} {Point('a', None)!r} {Point(1, 2).x + Point(3, 4).y}")
print("\n".join(f"{i:>3} {'*' * i:<5}|" for i in range(4)))
print({f"key{i}": f"{i ** 2}" for i in range(3)}, [f"{a}{b}" for a in "xy" for b in range(2)])
for attempt in (lambda: f"{name:d}", lambda: f"{undefined}", lambda: f"{number:{name}}", lambda: f"{items:5}", lambda: f"{number!s:.{width}q}"):
    try:
        print(attempt())
    except (ValueError, TypeError, NameError) as error:
        print(type(error).__name__, error)
