"""The tracers of a shell: how they are named, and in which order they take effect."""
import sys
from bisect import insort

from ..tracer import BaseTracer
from ..utils import resolve_tracer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Union

    TracerRef = Union[str, type[BaseTracer], BaseTracer]

HOST_TRACER_PRIORITY = 100
"""The priority of tracers that a host registers for itself: they come after those of the user, who registers with 0."""


def coerce_tracer_class(tracer: "TracerRef", shell: "Any" = None) -> "type[BaseTracer]":
    """The tracer class meant by a class, an instance, a name in the shell's namespace or a path "module.Class".

    An instance becomes the instance of its class; ValueError if the class has another one.
    """
    found = _named(tracer.strip(), {} if shell is None else shell.user_ns) if isinstance(tracer, str) else tracer
    if isinstance(found, BaseTracer):
        _make_singleton(found)
        return type(found)
    if isinstance(found, type) and issubclass(found, BaseTracer):
        return found
    raise TypeError(f"a tracer class or an instance of one is needed, not {found!r}")


def _named(name: str, namespace: dict) -> "Any":
    module, _, attribute = name.rpartition(".")
    if not module or module == "__main__" and attribute in namespace:
        if attribute not in namespace:
            raise ValueError(f"there is no {name!r} in the shell's namespace; a tracer of a module is named module.Class")
        return namespace[attribute]
    try:
        return resolve_tracer(name)
    except (AttributeError, ImportError) as error:
        value = namespace.get(module.partition(".")[0])
        for part in name.split(".")[1:] if value is not None else ():
            value = getattr(value, part, None)
        if value is None:
            raise ValueError(f"there is no tracer {name!r}: {error}") from error
        return value


def _make_singleton(tracer: BaseTracer) -> None:
    cls = type(tracer)
    if cls.initialized() and cls.instance() is not tracer:
        raise ValueError(f"{cls.__name__} has another instance already: give the class, or {cls.__name__}.instance()")
    for its in cls._singletons():
        its._set_instance(tracer)


def qualified_name(cls: "type[BaseTracer]") -> str:
    return f"{cls.__module__}.{cls.__name__}"


class TracerRegistry:
    """The registered classes by priority, those of one priority in the order they came in."""

    def __init__(self) -> None:
        self._entries: "list[tuple[int, int, type[BaseTracer]]]" = []
        self._count = 0

    def classes(self, also: "Iterable[type[BaseTracer]]" = ()) -> "list[type[BaseTracer]]":
        """The classes in order, with those of `also`, which come as if just registered, and in place of their namesakes."""
        if not also:
            return [cls for _, _, cls in self._entries]
        names = {cls.__name__ for cls in also}
        entries = [entry for entry in self._entries if entry[2].__name__ not in names]
        for cls in also:
            insort(entries, (0, self._count, cls), key=_rank)
        return [cls for _, _, cls in entries]

    def add(self, cls: "type[BaseTracer]", priority: int) -> None:
        """Registers a class, in place of one of the same name: a class that a cell defines anew is another one."""
        self.remove(cls)
        insort(self._entries, (priority, self._count, cls), key=_rank)
        self._count += 1

    def remove(self, cls: "type[BaseTracer]") -> bool:
        """Takes out a class and its namesakes. Their instances fall silent at once and are forgotten."""
        leaving = [entry for entry in self._entries if entry[2].__name__ == cls.__name__]
        for entry in leaving:
            self._entries.remove(entry)
            if entry[2].initialized():
                entry[2].instance()._is_tracing_hard_disabled = True  # until the end of the cell it stays on the stack
                entry[2].clear_instance()
        return bool(leaving)


def _rank(entry: tuple) -> "tuple[int, int]":
    return entry[:2]


# An ipyflow from before there was this driver runs its cells itself, and keeps a list of tracers of its own.


def is_older_ipyflow(shell: "Any") -> bool:
    """Is the shell an ipyflow that knows nothing of CellTracingDriver?"""
    cls = getattr(sys.modules.get("ipyflow.shell.interactiveshell"), "IPyflowInteractiveShell", None)
    return cls is not None and isinstance(shell, cls) and not getattr(cls, "uses_pyccolo_driver", False)


def tell_older_ipyflow(shell: "Any", before: "list[type[BaseTracer]]", now: "list[type[BaseTracer]]") -> None:
    """Brings the list of such a shell in step. It puts what it is given in front of what it has."""
    from ipyflow.line_magics import deregister_tracer, register_tracer

    there = list(getattr(shell, "registered_tracers", ()))
    for cls in before:
        if cls in there:
            deregister_tracer(qualified_name(cls))
    for cls in reversed(now):
        register_tracer(qualified_name(cls), shell_=shell)
