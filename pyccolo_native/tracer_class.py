"""What tracer classes are: how one is made, its instance, and what is read from the class."""
from __future__ import annotations

import sys
from _thread import _local
from collections import defaultdict

from . import _native, registration, sandbox
from .predicate import Predicate
from .syntax_augmentation import AugmentationSpec

_ANSWERS = {"should_instrument_file", "file_passes_filter_for_event", "instrument_all_files", "multiple_threads_allowed"}


def _specs_in(namespace):
    specs = tuple(value for value in namespace.values() if isinstance(value, AugmentationSpec))
    if specs:
        from . import anchors, pairs  # noqa: F401  before they, and what they import, could be instrumented with these specs
    return specs


class MultipleInstanceError(Exception):
    """instance() of a tracer class while the instance of a relative of it stands in its place."""


class MetaTracer(type):
    """Makes tracer classes: gives each the handlers of its body; `with` and enable() of a class are those of its instance."""

    _own_specs = ()
    _root = None
    """BaseTracer, the first class that is made. Its own instance is apart from those of the classes below it."""

    def __init__(cls, name, bases, namespace, **kwargs):
        pending = dict(registration.PENDING)
        registration.PENDING.clear()
        super().__init__(name, bases, namespace, **kwargs)
        if MetaTracer._root is None:
            MetaTracer._root = cls
        cls.defined_file = sys._getframe(1).f_code.co_filename
        cls._own_handlers = defaultdict(list, pending)
        cls._own_specs = _specs_in(namespace)
        if pending:
            cls._check_handlers()

    def _check_handlers(cls):
        checked = {}
        for event, specs in cls._own_handlers.items():
            for spec in specs:
                checked.setdefault(id(spec.handler), (spec.handler, []))[1].append(event)
        for handler, events in checked.values():
            _native.check_handler(handler, events)
            if isinstance(handler, _native.Count) and not handler.__name__:
                raise TypeError(f"a count of {cls.__name__} has no name: calls = pyc.count(pyc.before_call), in the class body")
        if any(spec.predicate is not Predicate.TRUE for specs in cls._own_handlers.values() for spec in specs):
            from .cache import conditions  # noqa: F401  before a traced program could notice what it imports

    def __setattr__(cls, name, value):
        super().__setattr__(name, value)
        if name != "_own_specs" and (isinstance(value, AugmentationSpec) or cls._own_specs):
            cls._own_specs = _specs_in(cls.__dict__)
        if name in _ANSWERS:
            _native.invalidate()  # code that was rejected runs without asking again

    def __delattr__(cls, name):
        super().__delattr__(name)
        cls._own_specs = _specs_in(cls.__dict__)

    def __call__(cls, *args, **kwargs):
        tracer = super().__call__(*args, **kwargs)
        tracer._post_init_hook_end()
        return tracer

    def _singletons(cls):
        """The classes that have the same instance as this one has."""
        if cls is MetaTracer._root:
            return [cls]
        return [its for its in cls.__mro__ if isinstance(its, MetaTracer) and its is not MetaTracer._root]

    def _current_instance(cls):
        return cls._base_instance if cls is MetaTracer._root else cls._instance

    def _set_instance(cls, tracer):
        setattr(cls, "_base_instance" if cls is MetaTracer._root else "_instance", tracer)

    def enable(cls, **kwargs):
        cls.instance().enable_tracing(**kwargs)

    def disable(cls):
        cls.instance().disable_tracing()

    def __enter__(cls):
        return cls.instance().__enter__()

    def __exit__(cls, *exc_info):
        return cls.instance().__exit__(*exc_info)


class HandlersByClass:
    """{tracer class: {event: handlers}} of the classes that are alive."""

    def __get__(self, tracer, owner):
        found = {}
        pending = [MetaTracer._root]
        while pending:
            cls = pending.pop(0)
            if cls not in found:
                found[cls] = cls._own_handlers
                pending.extend(type.__subclasses__(cls))
        return found


class EventLogger:
    """The logger that programs find on tracers; logging is imported when they do."""

    def __get__(self, tracer, owner):
        import logging

        logger = logging.getLogger("events")
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.WARNING)
        return logger


class SandboxCounter:
    """How many sandbox file names there are."""

    def __get__(self, tracer, owner):
        return sandbox.sandbox_fnames_made()


class PerThread(list):
    """A list of one item, which each thread has its own of: threads weave at the same time."""

    def __init__(self, first):
        super().__init__(first)
        self._own = _local()

    def __getitem__(self, index):
        first = super().__getitem__(index)
        return self._own.__dict__.get("item", first)

    def __setitem__(self, index, item):
        super().__getitem__(index)  # which raises where there is none
        self._own.item = item


class Instrumenting:
    """instrument() of a tracer, and of a tracer class: that of its instance."""

    def __get__(self, tracer, owner):
        def instrument(*objects, on_error="raise", inherited=False):
            """pyc.instrument() for this tracer."""
            from .loaded import instrument

            tracers = [owner.instance() if tracer is None else tracer]
            return instrument(*objects, tracers=tracers, on_error=on_error, inherited=inherited)

        return instrument
