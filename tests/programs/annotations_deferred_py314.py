"""PEP 649 and 749: annotations are evaluated when asked for, in their own scope, and can be had as source."""

import annotationlib
import typing
from annotationlib import Format
from dataclasses import dataclass, fields

evaluated = []


def note(value):
    evaluated.append(value)
    return value


def function(a: note(int), *args: "text", key: Later = 1, **more: note(str)[0] if False else bytes) -> Later | None:
    local: note("never") = a
    return local


print(function(1), evaluated)
print(annotationlib.get_annotations(function, format=Format.STRING))
print({name: type(value).__name__ for name, value in annotationlib.get_annotations(function, format=Format.FORWARDREF).items()})
try:
    function.__annotations__
except NameError as error:
    print(error, error.__traceback__.tb_next.tb_lineno)


class Later:
    itself: Later
    others: list[Later] = ()
    if len(evaluated) > 99:
        never: int
    else:
        always: note(complex)
    for number in (1, 2):
        again: note(number)
    number: str

    def method[T](self: Later, item: T, default: number = None) -> dict[T, __class__]:
        return item


print(function.__annotations__, evaluated)
print(Later.__annotations__, Later.number, evaluated)
print(annotationlib.get_annotations(Later, format=Format.STRING), annotationlib.get_annotations(Later.method, format=Format.STRING))
module_level: note("module") = 5
if module_level:
    conditional: note("conditional")
else:
    skipped: note("skipped")
print(list(__annotate__(1)), list(annotationlib.call_annotate_function(__annotate__, Format.STRING).values()), evaluated)


@dataclass
class Record:
    name: str
    parent: Record | None = None
    items: typing.ClassVar[list[Unknown]] = []

    def __post_init__(self):
        self.name: str = self.name.upper()


print(Record("a", Record("b")), [(field.name, field.type) for field in fields(Record)])


class Pair(typing.NamedTuple):
    left: int
    right: Pair | None = None


print(Pair(1, Pair(2)), typing.get_type_hints(Pair), typing.get_type_hints(Record) if "Unknown" in globals() else "")
type Alias[T] = dict[T, Missing]
try:
    Alias.__value__
except NameError as error:
    print(error)
print(annotationlib.call_evaluate_function(Alias.evaluate_value, Format.STRING), Alias.__type_params__)


def nested(flag):
    value: note("local") = 1

    def inner(a: value, b: flag) -> nested:
        return a

    return inner


print(list(nested("flag").__annotations__.items())[:2], annotationlib.get_annotations(nested(2), format=Format.STRING))
