"""Parameters of all kinds, defaults that are shared, errors of calls, attributes of functions."""

import functools
import inspect


def everything(a, b=1, /, c=2, *args, d, e=3, **kwargs):
    """Takes everything."""
    return a, b, c, args, d, e, kwargs


def only_keywords(*, a, b="b"):
    return a + b


def only_positional(a, b=(), /):
    return a, b


def mutable(x, into=[], table={}):
    into.append(x)
    table[x] = len(into)
    return into, table


def annotated(a: int, *args: "str", b: list[int] = [1], **kw: {"k": 1}["k"]) -> bool:
    return a


def no_body_but_docstring():
    """Only a docstring."""


def ellipsis_body(): ...


def pass_body(): pass


def one_line(x): y = x * 2; return y


def returns_nothing(flag):
    if flag:
        return
    return None


def conditional(n):
    if n > 1:
        def chosen(): return "big"
    elif n == 1:
        def chosen(): return "one"
    else:
        chosen = lambda: "small"
    return chosen()


def recursive(n, trail=()):
    return trail if n == 0 else recursive(n - 1, (*trail, n))


def attributes():
    attributes.calls = getattr(attributes, "calls", 0) + 1
    return attributes.calls


print(everything(1, d=2), everything(1, 2, 3, 4, 5, d=6, e=7, f=8), everything(*"xy", d="d", **{"c": 9, "a": "kw a"}))
print(only_keywords(a="a"), only_positional(1), mutable(1), mutable(2), mutable(3, []), annotated(5))
print(no_body_but_docstring(), ellipsis_body(), pass_body(), one_line(4), returns_nothing(0), returns_nothing(1))
print([conditional(n) for n in (0, 1, 2)], recursive(4), attributes(), attributes(), attributes.calls)
print(inspect.signature(everything), inspect.signature(annotated), inspect.getfullargspec(only_keywords))
print(everything.__defaults__, everything.__kwdefaults__, everything.__doc__, everything.__name__, everything.__qualname__, everything.__module__)
print(no_body_but_docstring.__doc__, ellipsis_body.__doc__, annotated.__annotations__, everything.__code__.co_argcount, everything.__code__.co_varnames[:7])
for call in (
    lambda: everything(),
    lambda: everything(1),
    lambda: everything(1, a=2),
    lambda: only_keywords("a"),
    lambda: only_keywords(b=1),
    lambda: only_keywords(a=1, c=2),
    lambda: only_positional(a=1),
    lambda: only_positional(1, 2, 3),
    lambda: one_line(),
    lambda: conditional(1, 2),
):
    try:
        call()
    except TypeError as error:
        print(error)


def decorator_with_arguments(prefix, *, times=1):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return [f"{prefix}{function(*args, **kwargs)}" for _ in range(times)]

        return wrapper

    return decorate


@decorator_with_arguments("a-", times=2)
@decorator_with_arguments(prefix="b-")
@functools.lru_cache(maxsize=None)
def decorated(x):
    """Decorated thrice."""
    return x * 2


@(lambda f: f)
@[lambda f: f, None][0]
@functools.partial(lambda extra, f: f, "extra")
def odd_decorators():
    return "odd"


print(decorated(2), decorated.__name__, decorated.__doc__, odd_decorators(), decorated.__wrapped__.__wrapped__.cache_info().misses)


@functools.singledispatch
def dispatched(x):
    return "object"


@dispatched.register
def _(x: int):
    return "int"


@dispatched.register(list)
def _(x):
    return ["list", *map(dispatched, x)]


print(dispatched(1.5), dispatched(1), dispatched([1, "s", [2]]), functools.partial(everything, 1, d=0)(5, x=1))
