"""Elements of displays are evaluated from left to right, in a dict the key before its value."""

log = []


class Key:
    """Hashing and comparing are told too."""

    def __init__(self, name):
        self.name = name

    def __hash__(self):
        log.append(f"hash {self.name}")
        return 1

    def __eq__(self, other):
        log.append(f"{self.name}=={other.name}")
        return self.name == other.name

    def __repr__(self):
        return self.name


def at(name, value=None):
    log.append(name)
    return name if value is None else value


def told(what):
    print(what, "<-", ", ".join(log))
    log.clear()


told([at("a"), at("b"), [at("c"), at("d")], at("e")])
told((at("a"), (at("b"),), at("c")))
told(len({at("a"), at("b"), at("a")}))
told({at("k1"): at("v1"), at("k2"): at("v2"), at("k1"): at("v3")})
told({at("k1"): at("v1"), **at("d", {"x": 1}), at("k2"): at("v2"), **{at("k3"): at("v3")}})
told([at("a"), *at("b", [1, 2]), at("c"), *at("d", "xy")])
told((*at("a", [1]), at("b"), *at("c", {2: 3})))
told(len({*at("a", [1, 2]), at("b"), *at("c", [1])}))
told({Key("p"): at("v"), Key("q"): at("w"), Key("p"): at("x")})
told({Key("p"), Key("q"), Key("p")} and "set")
told({1: [at("inner 1"), {at("inner k"): at("inner v")}], 2: (at("inner 2"),)})
told({at("x"): 1}[at("x")])
told([at("zero"), at("one")][at("index", 1)])
told((at("zero"), at("one"))[at("lo", 0):at("hi", 1)])
told(at("list", [1, 2, 3])[at("lo", 0):at("hi", 3):at("step", 2)])
told([at("repeat")] * at("times", 2) + [at("tail")])
told({**at("empty", {})} == {})
told([*(), *[], *""] == [])
for attempt in (
    lambda: [at("a"), *at("b", 5), at("c")],
    lambda: (*at("a", [1]), *at("b", 5)),
    lambda: {at("a"): at("b"), **at("c", 5)},
    lambda: {at("k", []): at("v")},
    lambda: {at("a"), at("b", [])},
    lambda: at("a", [1])[at("index", 9)],
    lambda: at("a", {})[at("key")],
):
    try:
        attempt()
    except (TypeError, LookupError) as error:
        told(repr(error))
