"""Small tools: variables of running frames, finding tracer classes by name, entering several contexts, copying functions."""
import sys
from types import CodeType, FrameType, FunctionType

from ._native import frame_locals as frame_locals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable

    from .tracer import BaseTracer


def set_frame_local(frame: FrameType, name: str, value: "Any") -> None:
    """Binds `name` in a running frame so that its function sees the new value.

    It lasts for names the function has as locals; others live only as long as the frame's `f_locals` is not refreshed."""
    frame.f_locals[name] = value
    if sys.version_info < (3, 13):  # there f_locals writes through (PEP 667); here the snapshot has to be copied back
        import ctypes

        ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))


def _is_missing(error: ModuleNotFoundError, module: str) -> bool:
    """Whether the module itself, or a package it is in, is missing: not something that it imports."""
    return error.name is not None and (module == error.name or module.startswith(f"{error.name}."))


def resolve_tracer(ref: str) -> "type[BaseTracer]":
    """The tracer class that a dotted path such as "package.module.Tracer" names."""
    from importlib import import_module

    from .tracer import BaseTracer

    module_name, _, name = ref.rpartition(".")
    if not module_name or not name or module_name.startswith("."):
        raise ValueError(f"a tracer is named module.Class, not {ref!r}")
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        if not _is_missing(error, module_name):
            raise
        missing = error.name
    else:
        try:
            tracer = getattr(module, name)
        except AttributeError:
            raise AttributeError(f"module {module_name!r} has no tracer {name!r}", name=name, obj=module) from None
        if not (isinstance(tracer, type) and issubclass(tracer, BaseTracer)):
            raise TypeError(f"{ref} is no subclass of BaseTracer: {tracer!r}")
        return tracer
    raise ModuleNotFoundError(f"no module {missing!r} to take the tracer {ref!r} from", name=missing)


class importable_from:
    """A context in which modules may also lie in these folders: they are on sys.path meanwhile."""

    def __init__(self, places: "Iterable[str]") -> None:
        self._places = places

    def __enter__(self) -> None:
        self._added = [place for place in self._places if place not in sys.path]
        sys.path[:0] = self._added

    def __exit__(self, *_: "Any") -> None:
        for place in self._added:
            if place in sys.path:
                sys.path.remove(place)


class multi_context:
    """Enters context managers in order and leaves them in reverse, also when one of them fails; gives what they gave."""

    def __init__(self, cms: "Iterable[Any]") -> None:
        self._cms = cms

    def __enter__(self) -> list:
        from contextlib import ExitStack

        with ExitStack() as stack:  # leaves what was entered if a later one raises
            entered = [stack.enter_context(manager) for manager in self._cms]
            self._leave = stack.pop_all().__exit__
        return entered

    def __exit__(self, exc_type, exc, traceback) -> "bool | None":
        return self._leave(exc_type, exc, traceback)


def clone_function(func: FunctionType) -> FunctionType:
    """A function with the code of `func` over its globals and closure, and nothing else of it: no defaults, no attributes."""
    return FunctionType(func.__code__, func.__globals__, func.__name__, None, func.__closure__)


def _captured(func: FunctionType) -> dict:
    """The values of the variables that `func` closes over; those not bound yet are left out."""
    values = {}
    for name, cell in zip(func.__code__.co_freevars, func.__closure__ or ()):
        try:
            values[name] = cell.cell_contents
        except ValueError:
            pass
    return values


def copy_function_with_code(func: FunctionType, code: CodeType) -> FunctionType:
    """A function like `func` that runs `code`.

    Code with as many free variables as `func` keeps its cells. Code without any, of a function that has some, was compiled from
    source on its own and looks those variables up as globals: it gets a copy of the globals with the captured values on top."""
    namespace, closure = func.__globals__, func.__closure__
    if closure and not code.co_freevars:
        closure, captured = None, _captured(func)
        if captured:
            namespace = {**namespace, **captured}
    copy = FunctionType(code, namespace, func.__name__, func.__defaults__, closure if code.co_freevars else None)
    for name in ("__kwdefaults__", "__qualname__", "__module__", "__doc__", "__annotations__", "__type_params__"):
        if hasattr(func, name):
            setattr(copy, name, getattr(func, name))
    copy.__dict__.update(func.__dict__)
    return copy


def clear_keys(container: "dict | set", keys: "Iterable[Any]") -> None:
    """Takes `keys` out of a dict or a set; those that are not in it do not matter."""
    if isinstance(container, dict):
        for key in keys:
            container.pop(key, None)
    elif isinstance(container, set):
        container.difference_update(keys)
    else:
        raise TypeError(f"neither a dict nor a set: {type(container)}")
