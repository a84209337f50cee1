"""Frames as a program sees them: callers, lines, names, stack depth, logging and warnings that look back."""

import inspect
import logging
import sys
import warnings


def caller(depth=1):
    frame = sys._getframe(depth + 1)
    return frame.f_code.co_name, frame.f_lineno


def stack():
    names, frame = [], sys._getframe(1)
    while frame is not None and frame.f_code.co_filename == __file__:
        names.append(frame.f_code.co_name)
        frame = frame.f_back
    return names


def identity(x, *rest):
    return x


def plain():
    return caller(0), caller()


def in_expressions():
    return [
        caller(0),
        identity(caller(0), caller(0)),
        f"{caller(0)}",
        caller(0) + caller(0),
        caller(0)[0],
        caller(0) == caller(0) != None,
        not caller(0) or caller(0),
        caller(0) if caller(0) else 0,
        (lambda: caller(0))(),
        [caller(0) for _ in range(1)],
        (w := caller(0)),
        identity(identity)(caller(0)),
        *caller(0),
        -len(caller(0)),
    ]


print(plain(), caller(-1 + 1), in_expressions())


class Body:
    where = caller(0)
    listed = stack()

    def method(self):
        return stack(), self.prop

    @property
    def prop(self):
        return stack()

    def __enter__(self):
        return stack()

    def __exit__(self, *_):
        print(stack())

    def __iter__(self):
        yield stack()

    def __add__(self, other):
        return stack()

    def __getitem__(self, key):
        return stack()

    def __setitem__(self, key, value):
        print(stack())

    def __setattr__(self, name, value):
        print(stack())

    def __bool__(self):
        print(stack())
        return True

    def __format__(self, spec):
        return str(stack())

    def __lt__(self, other):
        return stack()

    def __call__(self):
        return stack()


body = Body()
print(Body.where, Body.listed, body.method(), body + 1, body[1], body < 1, f"{body}", body(), [*body])
body.x = body["k"] = 1
print(bool(not body), 1 if body else 2, body and 1)
with body as entered:
    print(entered)
for item in body:
    print(item)


def deco(f):
    print(stack())
    return f


@deco
def decorated(x=stack()):
    return x, stack()


def generator():
    yield stack()
    return (yield from (stack() for _ in range(1)))


def recursive(n):
    return stack() if n == 0 else recursive(n - 1)


def nested():
    def inner():
        return (lambda: [stack() for _ in range(1)][0])()

    return inner()


print(decorated(), list(generator()), recursive(3), nested()[-3:], sorted([1, 2], key=lambda _: len(stack())))
print([(f.function, f.lineno, f.code_context[0].strip()) for f in inspect.stack()[:1]], inspect.currentframe().f_lineno, sys._getframe().f_code.co_name)


def argument_values(a, *b, c=1, **d):
    local = 2
    info = inspect.getargvalues(inspect.currentframe())
    return info.args, info.varargs, sorted(info.locals)


print(argument_values(1, 2, e=3))


def set_caller_local():
    return sorted(sys._getframe(1).f_locals), sys._getframe(1).f_globals is globals()


def has_locals(p):
    q = 1
    return set_caller_local()


print(has_locals(0))


def warner():
    warnings.warn("look at my caller", UserWarning, stacklevel=2)


warner()
identity(
    1,
    warner(),
)
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(logging.Formatter("%(funcName)s:%(lineno)d %(message)s"))
logger = logging.Logger("own")
logger.addHandler(handler)


def logs():
    logger.warning("logged %s", identity("here"))
    (lambda: logger.error("from a lambda"))()


logs()
tb = None
try:
    body.method(5)
except TypeError as error:
    tb = error.__traceback__
print(tb.tb_frame.f_code.co_name, tb.tb_lineno, tb.tb_next)
del __warningregistry__
