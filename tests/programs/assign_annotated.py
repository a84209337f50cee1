"""Annotated assignments with and without values, in modules, classes and functions."""

import typing

evaluated = []


def note(annotation):
    evaluated.append(annotation)
    return annotation


number: note(int) = 1
declared: note(str)
(parenthesised): note(float) = 2.0
table: dict[str, list[int]] = {"a": [1]}
table["b"]: note("subscript annotation") = [2]
number += 1
if number > 1:
    conditional: note(bytes) = b"yes"
else:
    unreached: note(bytes)
for index in range(2):
    looped: note("each time") = index
pair: tuple[int, ...] = 1, 2, *(3, 4)
print(number, "declared" in globals(), parenthesised, table, conditional, looped, pair)
print(evaluated, sorted(typing.get_type_hints(type("T", (), {"__annotations__": {"x": int}}))))
evaluated.clear()


class Body:
    field: note(int) = 5
    declared: note(str)
    "a string after a declaration"
    other: note(list) = [field]
    other[0]: note("ignored by __annotations__") = field + 1
    __private: note(set) = {1}
    if field:
        inner: note(complex) = 1j

    def method(self, argument: note("argument") = note("default")) -> note("returns"):
        local: note("never evaluated") = argument
        self.attribute: note("attribute in a function") = local
        declared: undefined_name
        self.other: undefined_name.also
        (grouped): note("parentheses make no difference") = 2
        return local, sorted(locals())


print(Body.field, hasattr(Body, "declared"), Body.other, Body.inner, sorted(Body.__annotations__))
print(evaluated, Body().method.__annotations__)
evaluated.clear()
try:
    print(Body().method())
except NameError as error:
    print(error)
print(evaluated)
evaluated.clear()


def only_declared():
    value: int
    try:
        return value
    except UnboundLocalError as error:
        return str(error)


def declared_after_use():
    seen = []
    for round_ in range(2):
        try:
            seen.append(value)
        except UnboundLocalError:
            seen.append("unbound")
        value: int = round_
    return seen


def with_default(a: int = 1, /, b: "forward" = 2, *c: int, d: list[str] = [], **e: object) -> None:
    a: str = "rebound"
    return a, b, c, d, e


print(only_declared(), declared_after_use(), with_default(), with_default.__annotations__)
walrus_in: int = (inner_value := 5)
print(walrus_in, inner_value)
lambda_value: typing.Callable = lambda x: x + 1
print(lambda_value(1), typing.get_type_hints(with_default, localns={"forward": str}) if False else "")
try:
    failing: undefined_name = note("the value comes first")
except NameError as error:
    print(error, evaluated, failing)
