"""Generators: send, throw, close, return values, yield in every kind of expression."""


def conversation():
    trail = []
    received = yield "start"
    trail.append(received)
    trail.append((yield received) or "none sent")
    trail += [(yield 1), (yield 2)]
    trail.append({(yield "key"): (yield "value")})
    trail.append(((yield "a") + (yield "b")) * 2)
    trail.append(f"{(yield 'field')} {(yield 'width'):{(yield 'spec')}}")
    trail.append(max((yield "arg"), (yield "arg2"), key=(yield "key arg")))
    trail.append(trail[(yield "index")])
    trail[(yield "store index")] = (yield "stored")
    trail.append((yield "left") < (yield "middle") < (yield "right"))
    trail.append((yield "test") and (yield "and") or (yield "or"))
    trail.append("then" if (yield "condition") else "else")
    trail.append((lambda x: x)((yield "lambda argument")))
    trail.append(not (yield "negated"))
    trail.append((walrus := (yield "walrus")) is walrus)
    a, *b = yield "unpacked"
    trail.append([a, b])
    for item in (yield "iterable"):
        trail.append(item)
    while (yield "while"):
        pass
    if (yield "if"):
        trail.append("if")
    assert (yield "asserted"), (yield "message")
    try:
        raise (yield "raised")
    except ValueError as error:
        trail.append(repr(error))
    with (yield "manager") as entered:
        trail.append(entered)
    trail[0] += (yield "augmented")
    x: int = yield "annotated"
    del trail[(yield "deleted")]
    trail.append((yield "attribute").real)
    return trail, x


def drive(generator, answers):
    """Answers each question by name; a question without an answer gets itself."""
    asked = [next(generator)]
    try:
        while True:
            asked.append(generator.send(answers.get(asked[-1], asked[-1])))
    except StopIteration as stop:
        return asked, stop.value


import contextlib

answers = {
    "key arg": None, "index": 0, "store index": 1, "test": 0, "condition": False, "negated": 0, "unpacked": (1, 2, 3), "while": 0,
    "raised": ValueError("sent"), "manager": contextlib.nullcontext("entered"), "deleted": 1, "attribute": 5j, "width": "w", "spec": ">5",
}
asked, value = drive(conversation(), answers)
print(asked)
print(value)


def resilient():
    caught = []
    while len(caught) < 3:
        try:
            yield len(caught)
        except ValueError as error:
            caught.append(error.args)
        except GeneratorExit:
            caught.append("exit")
            print("closing", caught)
            raise
        else:
            caught.append("resumed")
        finally:
            caught.append("finally") if len(caught) == 1 else None
    return caught


g = resilient()
print(next(g), g.throw(ValueError("thrown")), g.gi_frame.f_locals["caught"])
g.close()
print(g.gi_frame, next(g, "exhausted"))
g = resilient()
next(g)
try:
    g.throw(KeyError("not caught inside"))
except KeyError as error:
    print(error, next(g, "finished"))
g = resilient()
next(g)
try:
    g.send(1), g.send(2), g.send(3)
except StopIteration as stop:
    print(stop.value)


def ignores_close():
    try:
        yield 1
    except GeneratorExit:
        yield 2


def bad_stop():
    yield 1
    raise StopIteration("inside")


g = ignores_close()
next(g)
for attempt in (g.close, lambda: list(bad_stop()), lambda: resilient().send("too early"), lambda: resilient().throw(TypeError("not started"))):
    try:
        attempt()
    except (RuntimeError, TypeError) as error:
        print(type(error).__name__, error, repr(error.__cause__))


def empty():
    return "no yield is reached"
    yield


def reentrant():
    yield next(self_reference)


self_reference = reentrant()
try:
    next(self_reference)
except ValueError as error:
    print(error)
print(list(empty()), resilient.__name__, type(empty()).__name__, (lambda: (yield))().gi_code.co_name)
primes = (n for n in range(2, 30) if all(n % d for d in range(2, n)))
print(next(primes), *primes)
lazily = (print("side effect", n) or n for n in range(3))
print("nothing yet", next(lazily), sum(lazily))


class Body:
    def method(self):
        yield self
        yield from (self for _ in range(1))

    generated = list(n for n in (lambda: (yield 5))())


print(len(list(Body().method())), Body.generated)
