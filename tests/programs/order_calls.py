"""Callee, positional, starred, keyword and double-starred arguments: who is evaluated when."""

log = []


def at(name, value=None):
    log.append(name)
    return value


def told(what):
    print(what, "<-", " ".join(log))
    log.clear()


def take(*args, **kwargs):
    log.append("call")
    return args, kwargs


told(at("f", take)(at("a", 1), at("b", 2)))
told(at("f", take)(at("a", 1), *at("b", [2, 3]), at("c", 4)))
told(at("f", take)(*at("a", [1]), *at("b", [2]), k=at("k", 3)))
told(at("f", take)(k=at("k", 1), j=at("j", 2), **at("d", {"x": 1})))
told(at("f", take)(k=at("k", 1), *at("a", [2]), **at("d", {"x": 1}), m=at("m", 5)))
told(at("f", take)(**at("d1", {"a": 1}), **at("d2", {"b": 2})))
told(take(take(at("inner", 1)), key=take(k=at("inner k", 2))))
told(at("f", lambda x, y=at("default", 9): (x, y))(at("x", 1)))
told(take(*(at("i", i) for i in range(3)), last=at("last", 0)))
told(take(at("only", i) for i in range(2)) and "generator")
told(print(*[at("p", 1), at("q", 2)], sep=at("sep", "+")))
told(sorted([at("one", 3), at("two", 1)], key=lambda n: at(f"key{n}", -n), reverse=at("rev", True)))
told((at("c1", lambda a: lambda b: at("body", (a, b))))(at("a", 1))(at("b", 2)))


class Loud:
    def __getattribute__(self, name):
        log.append(f".{name}")
        return super().__getattribute__(name)

    def method(self, *args, **kwargs):
        log.append("method")
        return self

    def keys(self):
        return ["k1", "k2"]

    def __getitem__(self, key):
        log.append(f"[{key}]")
        return key

    def __iter__(self):
        log.append("iter")
        yield from (at("y1", 1), at("y2", 2))

    def __call__(self, *args, **kwargs):
        log.append("__call__")
        return args, kwargs


loud = Loud()
told(type(loud.method(at("a"), k=at("k"))).__name__)
told(type(loud.method(at("a")).method(at("b")).method(at("c"))).__name__)
told(loud(*loud, **loud))
told(loud(at("x"), *loud, at("y"), z=at("z"), **loud))

for attempt in (
    lambda: take(*None),
    lambda: take(**None),
    lambda: take(a=1, **{"a": 2}),
    lambda: at("callee")(at("a"), *at("b", 5)),
    lambda: at("callee", 5)(at("a"), b=at("b")),
    lambda: take(**{1: 2}),
    lambda: (lambda a: a)(),
    lambda: (lambda *, a: a)(at("x"), b=at("y")),
    lambda: loud.method.missing(at("never")),
):
    try:
        attempt()
    except (TypeError, AttributeError) as error:
        told(str(error))
