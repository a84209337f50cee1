"""count(): events that are counted in the core, without entering Python."""
from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping

from . import _native, registration
from .handler import HandlerSpec

Line = namedtuple("Line", "filename lineno")
Place = namedtuple("Place", "filename lineno col_offset end_lineno end_col_offset")

_MAKE_KEY = {"line": Line._make, "site": Place._make}


def count(
    *events, by="event", when=None, static=False, reentrant=False, exempt_from_guards=False, cache_version=None
):
    """Counts events, in a tracer's class body: `calls = pyc.count(pyc.before_call, by="line")`; read `tracer.calls`.

    events: as register_handler() takes them; the options are its options. by: what is told apart: "event" the events, "code"
    the code objects that run, "line" the lines that nodes begin in, "site" the places of nodes.
    """
    if not events:
        raise TypeError("count() takes the events to count: count(pyc.before_call, by='line')")
    counting = Count(by)
    resolved = [(asked, registration._event_of(asked)) for asked in dict.fromkeys(events)]
    predicate = registration._make_predicate(when, static, False, cache_version)
    registrar = registration._registrar(HandlerSpec, resolved, predicate, reentrant, False, None, exempt_from_guards)
    return registrar(counting)


class Count(_native.Count):
    """What count() gives: stands where a handler stands, and reads as the Counts of the tracer it is read from."""

    __name__ = ""

    def __set_name__(self, owner, name):
        if not self.__name__:
            self.__name__ = name
            self.__qualname__ = f"{owner.__qualname__}.{name}"
            self.__module__ = owner.__module__

    def __get__(self, tracer, owner=None):
        return self if tracer is None else Counts(self, tracer)

    def __set__(self, tracer, value):
        raise AttributeError(f"{self.__name__} of {type(tracer).__name__} counts events; clear() lets it begin anew")

    def __repr__(self):
        return f"<count {self.__qualname__} by {self.by}>" if self.__name__ else f"<count by {self.by}>"


class Counts(Mapping):
    """What a tracer has counted: key -> how often, by event in their order, else in the order of the first times.

    A view: it goes on counting. What was never counted is 0, as with collections.Counter.
    """

    __slots__ = ("_count", "_counter")

    def __init__(self, count, tracer):
        self._count = count
        self._counter = count.counter(tracer)

    @property
    def by(self):
        """What is told apart: "event", "site", "code" or "line"."""
        return self._count.by

    def _now(self):
        make_key = _MAKE_KEY.get(self.by)
        found = {}
        for key, number in self._counter.items():
            if make_key is not None:
                key = make_key(key)
            found[key] = found.get(key, 0) + number
        return found

    def __getitem__(self, key):
        return self._now().get(key, 0)

    def get(self, key, default=None):
        return self._now().get(key, default)

    def __contains__(self, key):
        return key in self._now()

    def __iter__(self):
        return iter(self._now())

    def __len__(self):
        return len(self._now())

    def keys(self):
        return self._now().keys()

    def values(self):
        return self._now().values()

    def items(self):
        return self._now().items()

    def total(self):
        """How many events were counted."""
        return sum(number for _, number in self._counter.items())

    def most_common(self, n=None):
        """The n keys with the most events, or all, and how many: the most first."""
        found = sorted(self._now().items(), key=lambda item: item[1], reverse=True)
        return found if n is None else found[: max(n, 0)]

    def clear(self):
        """Forgets what was counted."""
        self._counter.clear()

    def __repr__(self):
        return f"<{self._count.__qualname__} by {self.by}: {dict(self.most_common())!r}>"
