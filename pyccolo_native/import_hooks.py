"""Instruments what the traced program imports. What is hooked, and how, is in loader_hooks.py."""
import sys
import warnings
from importlib.machinery import SourceFileLoader
from types import CodeType, ModuleType

from . import _native, foreign_loaders, loader_hooks, sandbox  # noqa: F401  (loaded now, not by the first import that is looked at)
from .cache import woven_code
from .elsewhere import names_from
from .loader_hooks import _as_importlib
from .tracer_syntax import changes_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from typing import Any, Callable

    from .tracer import BaseTracer


def _woven(data: "Any", path: str, tracers: "list[BaseTracer]", optimize: int) -> "tuple[CodeType | None, str]":
    """The instrumented code, or None and the reason why there is none. SyntaxError for source that only they can read."""
    try:
        return woven_code(data, path, tracers, optimize), ""
    except SyntaxError as error:
        if any(changes_source(tracer) for tracer in tracers):
            raise error.with_traceback(None)
        return None, f"{type(error).__name__}: {error}"
    except Exception as error:
        return None, f"{type(error).__name__}: {error}".rstrip(": ")


def warn_not_instrumented(path: str, reason: str) -> None:
    """Says that a file runs as it is though a tracer wanted it; never by breaking its import, whatever the filters of warnings are."""
    try:
        warnings.warn(f"{path} is not instrumented: {reason}", RuntimeWarning, stacklevel=2)
    except RuntimeWarning as warning:
        _native.report(warning, path)


class TraceLoader(SourceFileLoader):
    """Loads a source file for tracers that it is given, whatever others look at: never from or into a .pyc file.

    tracers: those that may instrument the file, and hear of its import.
    """

    def __init__(self, tracers: "list[BaseTracer]", fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        self._tracers = tracers

    def get_tracers_for_path(self, path: str) -> "list[BaseTracer]":
        """The tracers that instrument this file."""
        return [tracer for tracer in self._tracers if loader_hooks.wants(tracer, path)]

    @_as_importlib
    def get_filename(self, name: "str | None" = None) -> str:
        """The file to load; handlers of before_import may name another."""
        return loader_hooks.announce(self._tracers, name, super().get_filename(name))

    @_as_importlib
    def get_code(self, fullname: str) -> "CodeType | None":
        if not self.get_tracers_for_path(str(self.path)):
            return super().get_code(fullname)
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path, fullname)

    @_as_importlib
    def source_to_code(self, data: "Any", path: str, fullname: "str | None" = None, *, _optimize: int = -1) -> CodeType:
        tracers = self.get_tracers_for_path(str(path))
        if tracers:
            code, error = _woven(data, str(path), tracers, _optimize)
            if code is not None:
                return code
        name = (fullname,) if loader_hooks.PASSES_NAME else ()
        code = super().source_to_code(data, path, *name, _optimize=_optimize)  # raises what is wrong with the source itself
        if tracers:
            warn_not_instrumented(str(path), error)
        return code

    @_as_importlib
    def exec_module(self, module: ModuleType) -> None:
        self.get_filename(module.__name__)
        super().exec_module(module)
        loader_hooks.conclude(self._tracers, module)


class TraceFinder:
    """Stands first in sys.meta_path while imports are looked at. One that was put there by hand finds modules itself.

    tracers: a list, which may change; those that are asked about each file.
    """

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
        """None where patch_meta_path is at work: the other finders' specs and loaders serve as they are."""
        if self in loader_hooks.finders:
            return None
        spec = self._find_plain_spec(fullname, path, target)
        if spec is None:
            return None
        loader = spec.loader
        if type(loader) is SourceFileLoader:
            file = str(loader.path)
            tracers = [
                tracer
                for tracer in list(self.tracers)
                if loader_hooks.wants(tracer, file) or loader_hooks.listens(tracer, file)
            ]
            if tracers:
                spec.loader = TraceLoader(tracers, loader.name, loader.path)
        return spec


def patch_meta_path_non_context(tracers: "list[BaseTracer]") -> "Callable[[], None]":
    """Instruments imports for these tracers.

    tracers: a list, which may change. Returns what undoes it.
    Its finder stands first in sys.meta_path, in the place of one that is first already.
    """
    finder, replaced = TraceFinder(tracers), None
    if sys.meta_path and isinstance(sys.meta_path[0], TraceFinder):
        replaced = sys.meta_path[0]
        sys.meta_path[0] = finder
    else:
        sys.meta_path.insert(0, finder)
    loader_hooks.install(finder)

    def cleanup() -> None:
        loader_hooks.remove(finder)
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


__getattr__ = names_from(__name__, {"ast_bookkeeping": "AstBookkeeper", "trace_events": "TraceEvent", "utils": "clone_function"})
