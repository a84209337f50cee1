"""PEP 695: type parameters of functions, classes and aliases, their scopes and lazy evaluation."""

import typing

evaluated = []


def note(value):
    evaluated.append(getattr(value, "__name__", value))
    return value


type Simple = int
type Pair[T] = tuple[T, T]
type Recursive = list[Recursive] | int
type Lazy = note(undefined_until_asked)
type Bounded[T: note(int), U: (note(str), bytes), *Ts, **P] = dict[T, tuple[U, *Ts]] | typing.Callable[P, T]
print(Simple, Simple.__value__, Pair[int], Pair.__type_params__, Recursive.__value__, Bounded.__type_params__, evaluated)
try:
    Lazy.__value__
except NameError as error:
    print(error)
undefined_until_asked = float
print(Lazy.__value__, Bounded.__type_params__[0].__bound__, Bounded.__type_params__[1].__constraints__, evaluated)
evaluated.clear()


def first[T](items: list[T], default: T | None = note(None)) -> T:
    """A generic function."""
    local: T = default
    return items[0] if items else (lambda: (T, local))()


def bounded[T: note(int), **P](function: typing.Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return function(*args, **kwargs)


print(first([1]), first.__type_params__, first.__annotations__, first([])[0] is first.__type_params__[0], first.__doc__)
print(bounded(lambda a, b=2: a + b, 1, b=5), bounded.__type_params__[0].__bound__, evaluated)
evaluated.clear()


class Stack[T]:
    """A generic class."""

    items: list[T]
    alias = T
    type Inner[U] = dict[T, U]

    def __init__(self, *items: T):
        self.items = [*items]

    def push[U](self, item: T | U) -> "Stack[T | U]":
        self.items.append(item)
        return super().__init__ and self

    def parameter(self):
        return T, [T for _ in range(1)], __class__.__name__

    class Nested[V](list):
        both = (T, V)


class Derived[K, V: note(int)](Stack[K], metaclass=note(type)):
    value = [note(n) for n in range(2)]


print(Stack[int](1, 2).push("x").items, Stack.__type_params__, Stack.alias is Stack.__type_params__[0], Stack.__orig_bases__, Stack.Inner[int].__value__)
print(Stack().parameter(), Stack.Nested.both, Derived.__type_params__, Derived.__mro__[1].__name__, evaluated)
T = "module T"
async def coroutine[T](x: T) -> T: return x, T
print(coroutine.__type_params__, T)


def outer():
    captured = int
    type Local[T] = tuple[T, captured]
    captured = str

    def inner[S: captured]():
        nonlocal captured
        captured = bytes
        return S

    return Local.__value__, inner().__bound__, Local.__value__


print(outer())


class Scope:
    x = "class"
    type Alias = list[x]

    def method[T: x](self, y: x = x) -> x:
        return T.__bound__, y


print(Scope.Alias.__value__, Scope().method())
@note
@(lambda f: f)
def decorated[T](x: T = note("default evaluated first")): ...
print(evaluated, decorated.__name__, decorated.__qualname__)
print([*typing.get_type_hints(first)], type(Simple).__name__)
type type = type
print(type.__name__)
