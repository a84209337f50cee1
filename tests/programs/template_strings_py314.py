"""PEP 750: template strings, their parts and what is evaluated when."""

from string.templatelib import Interpolation, Template, convert

log = []


def note(value):
    log.append(value)
    return value


class Shown:
    def __format__(self, spec):
        raise AssertionError("a template formats nothing")

    def __repr__(self):
        return "Shown()"


def parts(template):
    return [
        part if isinstance(part, str) else (part.value, part.expression, part.conversion, part.format_spec) for part in template
    ]


name, width, nested = "World", 8, {"key": [1, 2]}
print(parts(t"Hello {name}!"), parts(t""), parts(t"only text"), parts(t"{name}{width}"))
print(parts(t"{name!r:>{width}} {note(1) + note(2)=} {nested['key'][0]:{'0'}{note(3)}d}"), log)
print(type(t"{name}"), t"{name}".strings, t"{name}".interpolations, t"{name}".values, parts(t"a{Shown()!s:anything}b"))
print(parts(t"a" t"{name}" t"b"), parts(t"one {name} " + t"two {width}"), parts(rt"\n{name}\t"), parts(t'''{
    name
    + "!"
}'''))
print(parts(t"{t'{name} inside'}")[0][0].values, f"{t'{width}'.values[0]:>4}", parts(t"{f'{name:>7}'}"), parts(t"{{}}{(lambda x: x * 2)(4)}"))


def late():
    value = [0]
    template = t"{value[0]} {value}"
    value[0] = 1
    return parts(template)


print(late(), parts(t"{[x := number * 2 for number in range(3)]} {x}"), x)


async def awaited():
    async def inner():
        return 5

    return parts(t"{await inner()} {[number async for number in numbers()]}")


async def numbers():
    yield 1
    yield 2


def yields():
    got = t"{(yield 'out')} and {(yield 'more')}"
    return parts(got)


running = yields()
print(next(running), running.send("first"))
try:
    running.send("second")
except StopIteration as stop:
    print(stop.value)
running = awaited()
try:
    running.send(None)
except StopIteration as stop:
    print(stop.value)


def html(template: Template) -> str:
    shown = []
    for part in template:
        if isinstance(part, Interpolation):
            part = format(convert(part.value, part.conversion), part.format_spec).replace("<", "&lt;")
        shown.append(part)
    return "".join(shown)


print(html(t"<b>{'<script>'}</b> {3.14159:.2f} {'quoted'!r}"))
try:
    t"{name} {undefined_name} {note('never')}"
except NameError as error:
    print(error, error.__traceback__.tb_lineno, "never" in log)
match t"{name}":
    case Template(interpolations=(Interpolation(value),)):
        print(value)
