"""Chained comparisons evaluate each operand once, and stop at the first that fails."""

log = []


def at(name, value):
    log.append(name)
    return value


def told(what):
    print(what, "<-", " ".join(log))
    log.clear()


told(at("a", 1) < at("b", 2) < at("c", 3))
told(at("a", 3) < at("b", 2) < at("c", 3))
told(at("a", 1) < at("b", 2) > at("c", 0) != at("d", 9) == at("e", 9))
told(at("a", 1) < at("b", 2) > at("c", 5) != at("d", 9) == at("e", 9))
told(at("a", 1) in at("b", [1]) is not at("c", None))
told(at("a", 1) not in at("b", [1]) in at("c", [True]))
told(at("a", 1) == at("b", 1) in at("c", [1, 2]))
told((at("a", 1) < at("b", 2)) < at("c", 3))
told(at("a", 1) < (at("b", 2) < at("c", 3)))
told(at("a", 1) is at("b", None) is at("c", None))
told(not at("a", 1) < at("b", 2) < at("c", 2))
told(at("a", 1) < at("b", 2) and at("c", 2) < at("d", 1))
told([x for x in range(9) if at(f"lo{x}", 2) < x < at(f"hi{x}", 5)])


class Verdict:
    """What a comparison gives need not be a bool; the chain asks for its truth."""

    def __init__(self, truth):
        self.truth = truth

    def __bool__(self):
        log.append(f"bool:{self.truth}")
        return self.truth

    def __repr__(self):
        return f"Verdict({self.truth})"


class Number:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        log.append(f"{self.n}<{getattr(other, 'n', other)}")
        return Verdict(self.n < getattr(other, "n", other))

    def __gt__(self, other):
        log.append(f"{self.n}>{getattr(other, 'n', other)}")
        return Verdict(self.n > getattr(other, "n", other))

    def __eq__(self, other):
        log.append(f"{self.n}=={getattr(other, 'n', other)}")
        return NotImplemented

    def __contains__(self, item):
        log.append(f"{item}in{self.n}")
        return item

    __hash__ = None


one, two, three = Number(1), Number(2), Number(3)
told(one < two)
told(one < two < three)
told(three < two < one)
told(5 < one)
told(5 > one > 0)
told(one == two)
told(one != two)
told(0 in one)
told(7 in one)
told(7 not in one)
told(1 if one < two < three else 2)
told(bool(one < two) is True)
while one < two < one:
    raise SystemError
told("while")
