"""What shapes woven code, apart from its source: the events, predicates, guards and options of a stack of tracers."""
from __future__ import annotations

import os
import sys

from .. import _native
from ..ast_rewriter import AstRewriter
from ..predicate import Predicate
from ..trace_events import TraceEvent
from .digest import blake2b


class NotCached(Exception):
    """Why what is woven cannot be kept for another process."""


_compile = compile  # a traced program may take it away
_CHANGES_SOURCE = ("preprocess", "make_syntax_augmenter", "syntax_augmentation_specs")
_SEES_REWRITING = ("static_init_module", "_static_init_module_impl")
_SHAPING = (
    *("../ast_rewriter.py", "../predicate.py", "../registration.py", "../sandbox.py", "conditions.py", "shape.py"),
    *("../syntax_augmentation.py", "../tracer_syntax.py", "../augmenting.py", "../pairs.py", "../anchors.py", "../lexer.py"),
)
_ORDER = {event: number for number, event in enumerate(TraceEvent)}


def reasons(rewriter):
    """Why what this rewriter makes cannot be kept: a list of texts, empty if it can."""
    found = []
    _describe(rewriter, _weaving(rewriter), [], found.append)
    return found


def _refuse(reason):
    raise NotCached(reason)


def _weaving(rewriter):
    """Which of the rewriter's tracers it weaves for."""
    return [rewriter.should_instrument_with_tracer(tracer) for tracer in rewriter._tracers]


class Shapes:
    """Texts that say what shapes the code that rewriters make; equal texts, equal code.

    A text is made anew when anything that it was made from has changed.
    """

    def __init__(self):
        self._made = {}

    def of(self, rewriter):
        """The text for what `rewriter` makes. NotCached if there can be none."""
        weaving = _weaving(rewriter)
        snapshot = type(rewriter), [_snapshot(tracer, weaves) for tracer, weaves in zip(rewriter._tracers, weaving)]
        at = tuple(weaving)
        found = self._made.get(at)
        if found is not None:
            text, before, used = found
            if before == snapshot and all(where.get(name, _MISSING) is value for where, name, value in used):
                return text
        used = []
        text = "\n".join(_describe(rewriter, weaving, used, _refuse))
        self._made[at] = text, snapshot, [(where, name, where.get(name, _MISSING)) for where, name, _ in used]
        return text


_MISSING = object()


def interpreter():
    """What of the interpreter shapes code."""
    return (
        f"{sys.implementation.name} {sys.version} {sys.implementation.cache_tag} {sys.abiflags} "
        f"columns={_has_columns()} {sys.byteorder}"
    )


def library():
    """What of this package shapes code: its version, its core as built, and its Python parts."""
    digest = blake2b(digest_size=8)
    here = os.path.dirname(__file__)
    for name in _SHAPING:
        try:
            digest.update(__loader__.get_data(os.path.join(here, name)))
        except OSError as error:
            raise NotCached(f"this library's own sources cannot be read: {error}") from None
    return f"pyccolo_native {_native.__version__} {_native.__build__} {digest.hexdigest()}"


def _has_columns():
    # Off with -X no_debug_ranges and PYTHONNODEBUGRANGES.
    return next(_compile("a", "", "eval").co_positions())[2] is not None


def _name(tracer):
    return f"{type(tracer).__module__}.{type(tracer).__qualname__}"


def _overrides(tracer, names):
    from ..tracer import BaseTracer

    for name in names:
        base = next(vars(cls)[name] for cls in BaseTracer.__mro__ if name in vars(cls))
        if name in tracer.__dict__:
            return name
        for cls in type(tracer).__mro__:
            if name in cls.__dict__:
                if cls.__dict__[name] is not base:
                    return name
                break
    return None


def _reasons_of(tracer):
    found = []
    if not tracer.bytecode_caching_allowed:
        found.append(f"{_name(tracer)} has bytecode_caching_allowed = False")
    changed = _overrides(tracer, _CHANGES_SOURCE)
    if changed:
        found.append(f"{_name(tracer)} overrides {changed}(), which may change the source")
    if any(spec.is_custom for spec in tracer.syntax_augmentation_specs()):
        found.append(f"{_name(tracer)} has a CustomRewrite, which may do anything with the source")
    seen = _overrides(tracer, _SEES_REWRITING)
    if seen:
        found.append(f"{_name(tracer)} overrides {seen}(), which is called when a file is rewritten")
    return found


def _specs(tracer):
    handlers = tracer._event_handlers
    for event in sorted(tracer.events_with_registered_handlers, key=_ORDER.__getitem__):
        for spec in handlers.get(event) or (None,):
            yield event, spec


def _snapshot(tracer, weaves):
    """What a tracer's part of the text is made from, cheap to make and to compare."""
    handlers = tracer._event_handlers
    return (
        type(tracer),
        tracer.syntax_augmentation_specs(),
        bool(tracer.global_guards_enabled),
        _reasons_of(tracer),
        tracer.events_with_registered_handlers if weaves else None,
        [(event, tuple(specs)) for event, specs in handlers.items()],
    )


def _spec_key(spec, used):
    if spec is None:
        return "always"
    exempt = "exempt " if spec.exempt_from_guards else ""
    if spec.predicate is Predicate.TRUE:
        return f"{exempt}always"
    from .conditions import key_of

    return f"{exempt}{key_of(spec.predicate, used)}"


def _describe(rewriter, weaving, used, refuse):
    """The lines of a rewriter's text. What keeps it from having one is given to `refuse`."""
    kind = type(rewriter)
    if kind is not AstRewriter:
        refuse(f"{kind.__module__}.{kind.__qualname__} rewrites in a way of its own")
    tracers = rewriter._tracers
    lines = [f"guards {any(tracer.global_guards_enabled for tracer in tracers)}"]
    for tracer, weaves in zip(tracers, weaving):
        for reason in _reasons_of(tracer):
            refuse(reason)
        lines += [f"syntax {spec[:-1]}" for spec in tracer.syntax_augmentation_specs()]
        for event, specs in tracer._event_handlers.items():
            if any(spec.guard is not None for spec in specs):
                refuse(f"{_name(tracer)}: {event.name}: a handler has a local guard (guard=)")
        if not weaves:
            continue
        lines.append(f"tracer guards={bool(tracer.global_guards_enabled)}")
        keys = {}
        for event, spec in _specs(tracer):
            try:
                keys.setdefault((event, _spec_key(spec, used)))
            except NotCached as reason:
                refuse(f"{_name(tracer)}: {event.name}: {reason}")
        lines += [f"{event.name}: {key}" for event, key in keys]
    return lines
