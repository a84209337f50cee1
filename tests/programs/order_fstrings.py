"""Fields of f-strings are evaluated, converted and formatted one after the other."""

log = []


class Told:
    def __init__(self, name):
        self.name = name

    def __format__(self, spec):
        log.append(f"format {self.name} {spec!r}")
        return f"<{self.name}:{spec}>"

    def __repr__(self):
        log.append(f"repr {self.name}")
        return f"R{self.name}"

    def __str__(self):
        log.append(f"str {self.name}")
        return f"S{self.name}"


def at(name, value=None):
    log.append(name)
    return Told(name) if value is None else value


def told(what):
    text = ", ".join(log)
    log.clear()
    print(what, "<-", text)


told(f"{at('a')} and {at('b')}")
told(f"{at('a')!r} and {at('b')!s} and {at('c')!a}")
told(f"{at('a'):>10} and {at('b'):{at('width', 5)}}")
told(f"{at('a')!r:>{at('w', 8)}.{at('p', 4)}}")
told(f"{at('a'):{at('fill', '*')}{at('align', '^')}{at('w', 9)}}")
told(f"{at('a')=}")
told(f"{at('a') = !s}")
told(f"{at('n', 3.14159)=:.{at('digits', 2)}f}")
told(f"{[at('x', 1), at('y', 2)]} {({'k': at('v', 3)})['k']}")
told(f"{at('t', True) and at('f', 'chosen')} {(lambda: at('lambda', 'called'))()}")
told(f"{f'{at(chr(97))!s}{at(chr(98))!r}'}{at('c')}")
told(f"{at('a')}" f"{at('b')}" "literal" f"{at('c')}")
told(f"{at('a')}" + f"{at('b')!r}" % ())
told(f"{{{at('braces', 1)}}} {at('percent', 50)}%")
told(f"{', '.join(at(n, n) for n in 'xyz')}")
told(f"""{
    at('multi', 1)
    + at('line', 2)
}""")
try:
    told(f"{at('first')}{1 // 0}{at('never')}")
except ZeroDivisionError as error:
    told(error)
try:
    told(f"{at('number', 1):{at('spec', 'nonsense')}}")
except ValueError as error:
    told(error)
