"""Registering handlers: the decorators of a tracer's class body."""
from __future__ import annotations

import ast
import functools
from collections import defaultdict

from .handler import HandlerSpec
from .predicate import Predicate
from .trace_events import AST_TO_EVENT_MAPPING, EVT_TO_EVENT_MAPPING, TraceEvent

PENDING = defaultdict(list)
"""Event -> handlers registered since the last tracer class was made; the next class takes them."""


class UniversalHandlerSpec(HandlerSpec):
    """A handler of every event: it takes what comes and asks for none in particular."""

    __slots__ = ()


class AssertPredicate(Predicate):
    """Holds for assert statements that a further predicate holds for."""

    def __init__(self, condition):
        super().__init__(condition, use_raw_node_id=condition.use_raw_node_id)

    def clone(self):
        return type(self)(self.condition)

    def __call__(self, node):
        return self._holds(node, self.condition)

    def dynamic_call(self, node):
        return self._holds(node, self.condition.dynamic_call)

    def bound(self, method_of):
        inner = self.condition.bound(method_of)
        return self if inner is self.condition else type(self)(inner)

    @staticmethod
    def _holds(node, condition):
        if isinstance(node, int):
            from .tracer import BaseTracer

            node = BaseTracer.ast_node_by_id.get(node)
        return isinstance(node, ast.Assert) and condition(node)


def register_handler(
    event,
    when=None,
    reentrant=False,
    static=False,
    use_raw_node_id=False,
    guard=None,
    exempt_from_guards=False,
    cache_version=None,
):
    """Decorates a method of a tracer class: it handles `event`, an event, an ast class, or a tuple of these.

    when: a function of the node, or a Predicate: which nodes are meant; with `static` it is asked only while code is
    rewritten. reentrant: also when the event fires inside a handler. use_raw_node_id: give the node's id instead of the
    node, to `when` too. guard: a function of the node that names its guard; the handler is quiet while the guard is on.
    exempt_from_guards: fire where a loop or function guard has switched instrumentation off. cache_version: see Predicate.
    """
    events = event if isinstance(event, tuple) else (event,)
    resolved = [(one, _event_of(one)) for one in events]
    predicate = _make_predicate(when, static, use_raw_node_id, cache_version)
    if guard is not None and not callable(guard):
        raise TypeError(f"guard= takes a function of the node, not {guard!r}")
    return _registrar(HandlerSpec, resolved, predicate, reentrant, use_raw_node_id, guard, exempt_from_guards)


def register_raw_handler(event, **kwargs):
    """register_handler() for a handler that is given node ids."""
    return register_handler(event, use_raw_node_id=True, **kwargs)


def register_universal_handler(handler):
    """Decorates a method of a tracer class: it handles every event."""
    resolved = [(event, event) for event in TraceEvent if event not in EVT_TO_EVENT_MAPPING]
    return _registrar(UniversalHandlerSpec, resolved, Predicate.TRUE, False, False, None, False)(handler)


def _registrar(spec_type, resolved, predicate, reentrant, use_raw_node_id, guard, exempt_from_guards):
    def register(handler):
        for asked, event in resolved:
            restricted = predicate if asked is event or asked not in EVT_TO_EVENT_MAPPING else AssertPredicate(predicate)
            spec = spec_type(handler, use_raw_node_id, reentrant, restricted, guard, exempt_from_guards)
            PENDING[event].append(spec)
        return handler

    return register


def _make_predicate(when, static, use_raw_node_id, cache_version):
    if when is None or when is Predicate.TRUE:
        return Predicate.TRUE
    if isinstance(when, Predicate):
        predicate = when.clone()
        predicate.static = predicate.static or static
        predicate.use_raw_node_id = use_raw_node_id
        if cache_version is not None:
            predicate.cache_version = cache_version
        return predicate
    if not callable(when):
        raise TypeError(f"when= takes a function of the node or a Predicate, not {when!r}")
    return Predicate(when, static=static, use_raw_node_id=use_raw_node_id, cache_version=cache_version)


def _event_of(event):
    """The event that handlers of `event` are called for."""
    if isinstance(event, TraceEvent):
        return EVT_TO_EVENT_MAPPING.get(event, event)
    found = AST_TO_EVENT_MAPPING.get(event) if isinstance(event, type) else None
    if found is None:
        raise TypeError(_unknown(event))
    return found


def _unknown(event):
    from difflib import get_close_matches

    if isinstance(event, type) and issubclass(event, ast.AST):
        known = [its.__name__ for its in AST_TO_EVENT_MAPPING]
        close = [f"ast.{name}" for name in get_close_matches(event.__name__, known)]
        return f"no event is registered by ast.{event.__name__}; did you mean {' or '.join(close or ['an event by its name'])}?"
    close = get_close_matches(event, [its.name for its in TraceEvent]) if isinstance(event, str) else []
    hint = f"; did you mean {' or '.join(f'pyc.{name}' for name in close)}?" if close else ""
    return f"{event!r} is not an event{hint}"


def skip_when_tracing_disabled(handler):
    """Decorates a handler, or any method of a tracer: it does nothing while tracing is disabled."""

    @functools.wraps(handler)
    def skipping(self, *args, **kwargs):
        if self._is_tracing_enabled:
            return handler(self, *args, **kwargs)
        return None

    return skipping
