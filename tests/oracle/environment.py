"""The names that every program of the oracle starts with: plain objects that no library has woven."""

import builtins
import contextlib
import re
import sys

NOT_PORTABLE = re.compile(r" at 0x[0-9a-fA-F]+|[\w.<>]*<locals>\.")


class Thing:
    """Attributes of every kind, methods that give something to look at, operators, a context manager."""

    kind = "thing"

    def __init__(self, value=5):
        self.value = value
        self.items = [1, 2, 3]
        self.table = {"k": 1, 2: "two"}

    @property
    def inner(self):
        return Thing(self.value + 1)

    def method(self, *args, **kwargs):
        return len(args) + len(kwargs)

    def itself(self, *_, **__):
        return self

    def __getitem__(self, key):
        return self.value if isinstance(key, int) else self

    def __setitem__(self, key, value):
        self.value = value

    def __delitem__(self, key):
        self.value = 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        return kind is not None and issubclass(kind, ArithmeticError)

    def __add__(self, other):
        return Thing(self.value + (other if isinstance(other, int) else 1))

    def __lt__(self, other):
        return self.value < 3

    def __bool__(self):
        return self.value % 2 == 1

    def __repr__(self):
        return f"Thing({self.value!r})"


def function(*args, **kwargs):
    return len(args) + 2 * len(kwargs)


def same(x=None, *_, **__):
    return x


def negate(x):
    return not x


def decorate(f):
    return f


def decorate_with(*_):
    return decorate


def caught():
    """The exception that is being handled, for programs to note: two errors that are caught alike are not the same."""
    error = sys.exc_info()[1]
    return [type(error).__name__, NOT_PORTABLE.sub("", str(error))]


@contextlib.contextmanager
def managed(value=None):
    yield value


def drive(coroutine):
    """Runs a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("the coroutine waits")


def make():
    """Fresh names for one run."""
    return {
        "__name__": "__oracle__",
        "__builtins__": builtins,
        "Thing": Thing,
        "function": function,
        "same": same,
        "negate": negate,
        "_a": 4,
        "_xs": [5],
        "_": 9,
        "decorate": decorate,
        "decorate_with": decorate_with,
        "managed": managed,
        "drive": drive,
        "caught": caught,
        "a": 1,
        "b": 2,
        "c": 3,
        "text": "abc",
        "xs": [3, 1, 2],
        "pairs": [(1, 2), (3, 4)],
        "table": {"k": 1, "j": 2},
        "thing": Thing(),
        "nothing": None,
        "yes": True,
        "out": [],
    }
