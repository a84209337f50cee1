"""A registered handler and its options. The C++ core reads the fields by position."""
from __future__ import annotations

from collections import namedtuple

from .predicate import Predicate


class HandlerSpec(
    namedtuple("HandlerSpec", "handler use_raw_node_id reentrant predicate guard exempt_from_guards")
):
    __slots__ = ()

    @classmethod
    def empty(cls):
        """A handler for every node that does nothing: there is none."""
        return cls(None, False, False, Predicate.TRUE, None, False)
