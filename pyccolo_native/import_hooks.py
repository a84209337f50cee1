"""Instruments what the traced program imports: a finder in front of sys.meta_path, and the loader it puts into specs."""
import _thread
import sys
import warnings
from importlib.machinery import SourceFileLoader
from types import CodeType, FunctionType, ModuleType

from ._native import SkipAll, TracerCore
from .trace_events import TraceEvent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from typing import Any, Callable

    from .tracer import BaseTracer

_IMPORT_EVENTS = (TraceEvent.before_import, TraceEvent.after_import)


def _as_importlib(func: FunctionType) -> FunctionType:
    """Lets a function count as importlib's own: the interpreter leaves those out of tracebacks that pass through an import."""
    func.__code__ = func.__code__.replace(co_filename="<frozen importlib._bootstrap_external>")
    return func


def _listens_to_imports(tracer: "BaseTracer", path: str) -> bool:
    """Whether the tracer is to be told of the import of this file, instrumented or not."""
    takes_all = type(tracer)._emit_event is not TracerCore._emit_event
    return any(
        (takes_all or tracer._event_handlers.get(event)) and tracer._file_passes_filter_impl(event.value, path)
        for event in _IMPORT_EVENTS
    )


def _in_main_thread() -> bool:
    # Not imported, or not yet to its end: no other thread has been started by it.
    main = getattr(sys.modules.get("threading"), "_main_thread", None)
    return main is None or _thread.get_ident() == main.ident


class TraceLoader(SourceFileLoader):
    """Loads a source file for tracers: woven with the events of those that want the file, never from or into a .pyc file."""

    def __init__(self, tracers: "list[BaseTracer]", fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        self._tracers = tracers

    def get_tracers_for_path(self, path: str) -> "list[BaseTracer]":
        """The tracers that instrument this file."""
        return [tracer for tracer in self._tracers if tracer._should_instrument_file_impl(path)]

    def _listeners(self) -> "list[BaseTracer]":
        if _in_main_thread():
            return self._tracers
        return [tracer for tracer in self._tracers if tracer.multiple_threads_allowed]

    @_as_importlib
    def get_filename(self, name: "str | None" = None) -> str:
        """The file to load; handlers of before_import may name another."""
        path = super().get_filename(name)
        for tracer in reversed(self._listeners()):
            ret = tracer._emit_event(
                TraceEvent.before_import.value, None, sys._getframe(), ret=path, qualified_module_name=name
            )
            is_last = isinstance(ret, tuple) and len(ret) > 1 and ret[0] is SkipAll
            path = ret[1] if is_last else ret
            if is_last:
                break
        return path

    @_as_importlib
    def get_code(self, fullname: str) -> "CodeType | None":
        if not self.get_tracers_for_path(str(self.path)):
            return super().get_code(fullname)
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)

    @_as_importlib
    def source_to_code(self, data: "Any", path: str, *, _optimize: int = -1) -> CodeType:
        tracers = self.get_tracers_for_path(str(path))
        if tracers:
            code, error = _woven(data, str(path), tracers, _optimize)
            if code is not None:
                return code
        code = super().source_to_code(data, path, _optimize=_optimize)  # raises what is wrong with the source itself
        if tracers:
            warn_not_instrumented(str(path), error)
        return code

    @_as_importlib
    def exec_module(self, module: ModuleType) -> None:
        self.get_filename(module.__name__)
        super().exec_module(module)
        for tracer in self._listeners():
            ret = tracer._emit_event(TraceEvent.after_import.value, None, sys._getframe(), module=module)
            if isinstance(ret, tuple) and len(ret) > 1 and ret[0] is SkipAll:
                break


def _woven(data: "Any", path: str, tracers: "list[BaseTracer]", optimize: int) -> "tuple[CodeType | None, str]":
    """The instrumented code, or None and the reason why there is none."""
    from .sandbox import compile_source

    try:
        return compile_source(data, path, tracers=tracers, optimize=optimize), ""
    except Exception as error:
        return None, f"{type(error).__name__}: {error}".rstrip(": ")


def warn_not_instrumented(path: str, reason: str) -> None:
    """Says that a file runs as it is though a tracer wanted it."""
    warnings.warn(f"{path} is not instrumented: {reason}", RuntimeWarning, stacklevel=2)


def _loader_for(plain: SourceFileLoader, tracers: "list[BaseTracer]") -> TraceLoader:
    """A TraceLoader in the place of `plain`. What a subclass of SourceFileLoader overrides stays in force, in front of ours."""
    if type(plain) is SourceFileLoader:
        return TraceLoader(tracers, plain.name, plain.path)
    kind = type(plain)
    both = type(kind.__name__, (kind, TraceLoader), {"__module__": kind.__module__, "__qualname__": kind.__qualname__})
    loader = both.__new__(both)
    loader.__dict__.update(plain.__dict__)
    loader._tracers = tracers
    return loader


class TraceFinder:
    """Takes the spec that the finders behind it find, and lets a TraceLoader load it if a tracer cares for the file."""

    def __init__(self, tracers: "list[BaseTracer]") -> None:
        self.tracers = tracers

    def _other_finders(self) -> list:
        finders = list(sys.meta_path)
        for index, finder in enumerate(finders):
            if finder is self:
                return finders[index + 1 :]
        return finders

    @_as_importlib
    def _find_plain_spec(self, fullname: str, path: "Any", target: "Any") -> "ModuleSpec | None":
        for finder in self._other_finders():
            if isinstance(finder, TraceFinder):
                continue
            find_spec = getattr(finder, "find_spec", None)
            if find_spec is None:
                return None  # too old to be asked: importlib asks it, and those behind it
            spec = find_spec(fullname, path, target)
            if spec is not None:
                return spec
        return None

    @_as_importlib
    def find_spec(self, fullname: str, path: "Any" = None, target: "Any" = None) -> "ModuleSpec | None":
        spec = self._find_plain_spec(fullname, path, target)
        if spec is None:
            return None
        loader = spec.loader
        if isinstance(loader, SourceFileLoader) and not isinstance(loader, TraceLoader):
            file = str(loader.path)
            tracers = [
                tracer
                for tracer in list(self.tracers)
                if tracer._should_instrument_file_impl(file) or _listens_to_imports(tracer, file)
            ]
            if tracers:
                spec.loader = _loader_for(loader, tracers)
        return spec


def patch_meta_path_non_context(tracers: "list[BaseTracer]") -> "Callable[[], None]":
    """Puts a finder for these tracers first; in the place of one that is first already. Returns what undoes it."""
    finder, replaced = TraceFinder(tracers), None
    if sys.meta_path and isinstance(sys.meta_path[0], TraceFinder):
        replaced = sys.meta_path[0]
        sys.meta_path[0] = finder
    else:
        sys.meta_path.insert(0, finder)

    def cleanup() -> None:
        for index, entry in enumerate(sys.meta_path):
            if entry is finder:
                sys.meta_path[index : index + 1] = [] if replaced is None else [replaced]
                return

    return cleanup


class patch_meta_path:
    """A context in which imports are looked at for these tracers."""

    def __init__(self, tracers: "list[BaseTracer]") -> None:
        self._tracers = tracers

    def __enter__(self) -> None:
        self._cleanup = patch_meta_path_non_context(self._tracers)

    def __exit__(self, exc_type, exc, traceback) -> None:
        self._cleanup()
