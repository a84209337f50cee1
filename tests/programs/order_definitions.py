"""Decorators, defaults, annotations, bases and class keywords: what a definition evaluates, in which order."""

log = []


def at(name, value=None):
    log.append(name)
    return value


def told(what=""):
    print(what, "<-", " ".join(log))
    log.clear()


def decorator(name):
    log.append(f"make {name}")

    def apply(thing):
        log.append(f"apply {name} to {thing.__name__}")
        return thing

    return apply


@decorator("outer")
@decorator("inner")
def function(
    positional: at("ann positional", int) = at("default positional", 1),
    /,
    normal: at("ann normal", str) = at("default normal", 2),
    *args: at("ann args", float),
    keyword: at("ann keyword", bytes) = at("default keyword", 3),
    required,
    **kwargs: at("ann kwargs", dict),
) -> at("ann return", list):
    log.append("body")
    return positional, normal, args, keyword, required, kwargs


told("function defined")
told(function(required=at("required", 4)))
told(function(*at("star", [9, 8, 7]), required=at("required", 6), extra=at("extra", 5)))
told(sorted(function.__annotations__))


class Meta(type):
    @classmethod
    def __prepare__(metaclass, name, bases, **kwargs):
        log.append(f"prepare {name} {sorted(kwargs)}")
        return {}

    def __new__(metaclass, name, bases, namespace, **kwargs):
        log.append(f"new {name}")
        return super().__new__(metaclass, name, bases, namespace)

    def __init__(cls, name, bases, namespace, **kwargs):
        log.append(f"init {name}")
        super().__init__(name, bases, namespace)


class Base:
    pass


@decorator("class outer")
@decorator("class inner")
class Derived(at("base", Base), *at("more bases", ()), metaclass=at("metaclass", Meta), option=at("option", 1), **at("options", {"other": 2})):
    log.append("class body begins")
    attribute = at("attribute", 1)
    annotated: at("annotation", int) = at("annotated", 2)

    @decorator("method")
    def method(self, default=at("method default", attribute)):
        return default

    log.append("class body ends")


told(Derived.__name__)
told(Derived().method())
told([f(at("x", 1)) for f in [lambda a, b=at("lambda default", 2), *, c=at("lambda keyword default", 3): at("lambda body", (a, b, c))]])


async def coroutine(default=at("async default", 1)):
    return at("never", default)


told("coroutine function defined")
try:

    @decorator("applied?")
    @at("not callable", 5)
    def broken():
        """Never defined."""

except TypeError as error:
    told(error)
told("broken" in globals())
