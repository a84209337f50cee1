"""Instrumenting code that is loaded already, in place: functions get woven code for a while, and their own back."""
from __future__ import annotations

import warnings
from _thread import RLock

from . import _native
from .members import Members, Skipped, name_of
from .recompile import locate
from .sandbox import FUTURE_FLAGS
from .tracer_class import MetaTracer

_ON_ERROR = ("raise", "warn", "skip")
_lock = RLock()
_layers = {}
"""{id of a function: its _Layers, in the order in which they came}"""
_activations = {}
"""{id of a tracer: [how many handles have activated it, the context]}"""


def instrument(*objects, tracers=None, on_error="raise", inherited=False):
    """Instruments functions, classes and modules that are loaded already, until the handle that it gives is left.

    The functions stay the same objects; their `__code__` is exchanged for one with events, and put back by the handle's
    restore(), which the end of a `with` block calls. Of a class all functions in its namespace are taken, of a module all
    that it defines, in each case also those that decorators and descriptors wrap.

    tracers: tracers or tracer classes, which are active until then; without, those that are active now.
    on_error: "raise" an error that names each function whose source is missing or not the one that was loaded, with nothing
    changed; or "warn", or "skip", and let the handle's `skipped` tell.
    inherited: of classes, also the functions of their bases.

    Raises TypeError for what is no function, class or module written in Python, OSError for a function without its source,
    ValueError if there is no tracer.
    """
    if not objects:
        raise TypeError("instrument() takes at least one function, class or module")
    if on_error not in _ON_ERROR:
        raise ValueError(f"on_error is one of {', '.join(map(repr, _ON_ERROR))}, not {on_error!r}")
    given = tracers is not None
    tracers = _as_tracers(_native.TRACER_STACK if tracers is None else tracers)
    if not tracers:
        raise ValueError("instrument() needs a tracer: name some by tracers=, or activate one first")
    members = Members(any(tracer.instrument_lambdas for tracer in tracers), inherited)
    for obj in objects:
        members.add(obj)
    if members.refused and on_error == "raise":
        raise TypeError(_listed(members.refused))
    with _lock:
        handle = Instrumentation(tracers, members)
        plan = _Plan(members.functions.values())
        failed = plan.failed
        if failed and on_error == "raise":
            raise OSError(_listed(failed))
        handle.skipped += failed
        handle._begin(plan.targets, activate=given)
    failed = members.refused + failed
    if failed and on_error == "warn":
        warnings.warn(_listed(failed), RuntimeWarning, stacklevel=2)
    return handle


def _as_tracers(tracers):
    found = []
    for tracer in tracers:
        if isinstance(tracer, MetaTracer):
            tracer = tracer.instance()
        if not isinstance(tracer, _native.TracerCore):
            raise TypeError(f"tracers= takes tracers and tracer classes, not {tracer!r}")
        if not any(tracer is its for its in found):
            found.append(tracer)
    return tuple(found)


def _listed(failures):
    if len(failures) == 1:
        return f"cannot instrument {failures[0].name}: {failures[0].reason}"
    return "cannot instrument\n" + "\n".join(f"  {its.name}: {its.reason}" for its in failures)


class Instrumentation:
    """What instrument() has done, and the way back. A context manager that restores at its end."""

    def __init__(self, tracers, members):
        self.tracers = tracers
        self.instrumented = []
        """The functions that have events."""
        self.skipped = members.skipped + members.refused
        """What has none though it is part of what was given: (object, name, reason)."""
        self.is_open = False
        self._placed = []
        self._weaves = []
        self._activated = []

    def __repr__(self):
        state = "open" if self.is_open else "restored"
        return f"<instrumentation of {len(self.instrumented)} functions, {state}>"

    def __enter__(self):
        if not self.is_open:
            raise RuntimeError("this instrumentation was restored already; call instrument() again")
        return self

    def __exit__(self, *_):
        self.restore()

    def _begin(self, targets, activate):
        made, self._weaves = _woven(targets, self)
        self.is_open = True
        try:
            for weave in self._weaves:
                weave.begin()
            if activate:
                for tracer in self.tracers:
                    if _activate(tracer):
                        self._activated.append(tracer)
            for function, code in made:
                self._placed.append(_Layer(self, function, code))
        except BaseException:
            self.restore()
            raise
        self.instrumented = [function for function, _ in made]

    def restore(self):
        """Gives the functions the code that they had; again has no effect.

        A function whose code somebody else has exchanged meanwhile is left as it is, with a RuntimeWarning.
        """
        with _lock:
            if not self.is_open:
                return
            self.is_open = False
            replaced = [layer.function for layer in reversed(self._placed) if not layer.remove()]
            self._placed.clear()
            for weave in self._weaves:
                weave.closed(self)
            self._weaves.clear()
            activated, self._activated = self._activated, []
        _deactivate_all(activated)
        if replaced:
            names = ", ".join(map(name_of, replaced))
            warnings.warn(
                f"the code of {names} was replaced by others while it was instrumented; it is left as it is",
                RuntimeWarning,
                stacklevel=2,
            )


class _Layer:
    """One handle's code in one function."""

    __slots__ = ("before", "code", "function", "handle")

    def __init__(self, handle, function, code):
        self.handle = handle
        self.function = function
        self.before = function.__code__
        self.code = code
        function.__code__ = code
        _layers.setdefault(id(function), []).append(self)

    def remove(self):
        """Takes the code out of the function, or out from under the code that was put over it; False: it is in neither."""
        layers = _layers[id(self.function)]
        layers.remove(self)
        if not layers:
            del _layers[id(self.function)]
        for above in layers:
            if above.before is self.code:
                above.before = self.before
                return True
        if self.function.__code__ is not self.code:
            return False
        self.function.__code__ = self.before
        return True


def _layers_below(function):
    """The layers that are in force in a function, and the code under them."""
    code, below = function.__code__, []
    for layer in reversed(_layers.get(id(function), ())):
        if layer.code is code:
            below.append(layer)
            code = layer.before
    return below, code


# ---- Weaving


class _Target:
    """A function, the handles that instrument it already, the code under theirs, and that code as its source gives it."""

    __slots__ = ("code", "function", "handles", "plain", "source")

    def __init__(self, function):
        self.function = function
        below, self.code = _layers_below(function)
        self.handles = tuple(layer.handle for layer in reversed(below))


class _Plan:
    """Which functions can be instrumented, and from which source; why the others cannot."""

    def __init__(self, functions):
        self.targets = []
        self.failed = []
        by_file = {}
        for function in functions:
            target = _Target(function)
            key = target.code.co_filename, target.code.co_flags & FUTURE_FLAGS
            by_file.setdefault(key, []).append(target)
        for (filename, flags), targets in by_file.items():
            codes = [target.code for target in targets]
            source, plain, missing = locate(codes, filename, flags, targets[0].function.__globals__)
            for index, target in enumerate(targets):
                if index in missing:
                    function = target.function
                    self.failed.append(Skipped(function, name_of(function), missing[index]))
                else:
                    target.source, target.plain = source, plain[index]
                    self.targets.append(target)


def _woven(targets, handle):
    """[(function, woven code)] and the _Weaves. A file is woven once for all functions that the same handles instrument."""
    groups = {}
    for target in targets:
        groups.setdefault((target.source, target.handles), []).append(target)
    made, weaves = [], []
    for (source, handles), group in groups.items():
        weave = _Weave((*handles, handle))
        code, weave.rewrite = source.woven(weave.tracers())
        try:
            made += [(target.function, code.find(target.plain, target.code)) for target in group]
        except LookupError as error:
            raise OSError(f"cannot instrument {name_of(group[0].function)} and others: {error.args[0]}") from None
        weaves.append(weave)
    return made, weaves


class _Weave:
    """A source woven for some handles, of which the last had it made."""

    def __init__(self, handles):
        self._handles = handles
        self.rewrite = None

    def tracers(self):
        """The tracers of all its handles, each once."""
        found = []
        for handle in self._handles:
            found += [tracer for tracer in handle.tracers if not any(tracer is its for its in found)]
        return found

    def begin(self):
        for other in self._handles[:-1]:
            other._weaves.append(self)
        self._grant()

    def _grant(self):
        _native.grant(self.rewrite, tuple(self.tracers()))

    def closed(self, handle):
        """One of the handles has been closed: its tracers get no more events by it."""
        if handle is self._handles[-1]:
            # The code is out of its functions; where it still runs it goes quiet.
            _native.grant(self.rewrite, ())
            for other in self._handles[:-1]:
                other._weaves.remove(self)
        else:
            self._handles = tuple(its for its in self._handles if its is not handle)
            self._grant()


# ---- Tracers


def _activate(tracer):
    """Activates a tracer for one more handle; False: it is active by others, who may have disabled it, and is left to them."""
    entry = _activations.get(id(tracer))
    if entry is None:
        if any(tracer is its for its in _native.TRACER_STACK):
            return False
        context = tracer.tracing_enabled()
        context.__enter__()
        entry = _activations[id(tracer)] = [0, context]
    entry[0] += 1
    return True


def _deactivate_all(tracers):
    problem = None
    for tracer in reversed(tracers):
        with _lock:
            entry = _activations[id(tracer)]
            entry[0] -= 1
            if entry[0]:
                continue
            del _activations[id(tracer)]
        try:
            entry[1].__exit__(None, None, None)
        except BaseException as error:
            problem = problem or error
    if problem is not None:
        raise problem
