"""When the parts of comprehensions are evaluated, and how often."""

log = []


def at(name, value=None):
    log.append(str(name))
    return name if value is None else value


def told(what):
    print(what, "<-", " ".join(log))
    log.clear()


told([at(x) for x in at("iter", [1, 2])])
told([at(x) for x in at("iter", range(4)) if at(f"if{x}", x % 2 == 0)])
told([at(x) for x in at("iter", range(4)) if at(f"a{x}", x > 0) if at(f"b{x}", x < 3)])
told([at((x, y)) for x in at("outer", "ab") for y in at(f"inner {x}", [1, 2])])
told([at((x, y)) for x in at("outer", [1, 2]) if at(f"if{x}", x > 1) for y in at(f"inner{x}", [3, 4]) if at(f"y{y}", y > 3)])
told({at(f"k{x}"): at(f"v{x}") for x in at("iter", [1, 2])})
told(len({at(x % 2, "s") for x in at("iter", [1, 2, 3])}))
told([[at((x, y)) for y in at(f"in{x}", range(x))] for x in at("out", range(3))])
told({x: {at(y) for y in at(f"in{x}", [x])} for x in at("out", [1, 2])})
generator = (at(x) for x in at("the first iterable at once", [1, 2, 3]) for _ in at(f"others later {x}", [0]))
told("made")
told(next(generator))
told(list(generator))
told(sum(at(n, n) for n in at("iter", (1, 2, 3))))
told(any(at(n, n) > 1 for n in (1, 2, 3)))
told(all(at(n, n) > 1 for n in (2, 1, 3)))
told(max((at(n, n) for n in (2, 3, 1)), key=lambda n: at(f"key{n}", -n)))
told([f(at("arg", 2)) for f in [lambda n: at("body", n * i) for i in at("closures", [1, 2])]])
told(list(map(lambda n: at(f"m{n}", n * 2), filter(lambda n: at(f"f{n}", n > 1) is not None and n > 1, [1, 2, 3]))))
told([(lambda: at(x))() for x in [1, 2]])
told([x for x in at("it", [at("e0"), at("e1")]) if x != at("compared", "e0")])
told([y for x in [at("one", 1)] for y in [x + at("two", 2)] for z in [y * at("three", 3)] if z == at("nine", 9)])
try:
    told([at(1 // x) for x in [1, 0, 2]])
except ZeroDivisionError:
    told("stopped at the error")
try:
    generator = (x for x in at("not iterable", 5))
except TypeError as error:
    told(error)
