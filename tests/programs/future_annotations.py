"""With postponed annotations nothing in an annotation is evaluated."""

from __future__ import annotations
from __future__ import generator_stop, division

import dataclasses
import inspect
import typing

x: undefined_name = 1
y: 1 / 0
table = {}
table["k"]: never.evaluated = 2


def function(a: no_such_type, *args: Also["missing"], b: int = 2, **kw: "a string") -> typing.List[unknown]:
    local: nothing = a
    return local


class Body:
    field: Missing[int, ...]
    other: lambda: 0 = 5
    own: Body | None = None

    def method(self: Body, other: list[Body]) -> Body:
        return self


@dataclasses.dataclass
class Record:
    number: int
    items: typing.ClassVar[dict] = {}
    text: str = "s"
    init: dataclasses.InitVar[int] = 0

    def double(self, times: int = 2) -> Record:
        return Record(self.number * times, self.text)


print(__annotations__, table)
print(function.__annotations__, function(1), inspect.signature(function))
print(Body.__annotations__, typing.get_type_hints(Body.method), Body().method([]).own)
print(Record(1).double(), [f.name for f in dataclasses.fields(Record)], typing.get_type_hints(Record))
print(annotations.compiler_flag == function.__code__.co_flags & annotations.compiler_flag, eval("1 / 2"))
namespace = {}
exec("z: some.thing = 1\ndef f(a: b): pass", namespace)
print(namespace["__annotations__"], namespace["f"].__annotations__)
del namespace
print((lambda: 1)(), [n for n in range(2)], f"{x!r}")


async def coroutine(a: undefined) -> nothing:
    value: also_undefined = a
    return value


print(coroutine.__annotations__)
try:
    coroutine(7).send(None)
except StopIteration as stop:
    print(stop.value)
