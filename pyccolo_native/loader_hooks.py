"""The places where imports pass while tracers are active: the methods of importlib's loaders that run source, and runpy's.

Loaders, specs and modules are those of a plain import; the methods stand hooked in their classes (see _native.Hooked), so
that a file is instrumented however its loader came about, and no frame of ours shows.
"""
import io
import os
import sys
from _thread import RLock, _local
from importlib import _bootstrap, _bootstrap_external
from types import CodeType, FunctionType, ModuleType
from zipimport import zipimporter

from ._native import Hooked, SkipAll, TracerCore, filter_error, in_main_thread
from .trace_events import TraceEvent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Sequence

    from .import_hooks import TraceFinder
    from .tracer import BaseTracer

SourceLoader = _bootstrap_external.SourceLoader
SourceFileLoader = _bootstrap_external.SourceFileLoader
_OWN_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")
_IMPORT_EVENTS = (TraceEvent.before_import, TraceEvent.after_import)
_MAGIC = _bootstrap_external.MAGIC_NUMBER
PASSES_NAME = sys.version_info >= (3, 15)  # source_to_code() is given the module's name
PATH_OF_RUNPY = 1 if sys.version_info < (3, 13) else 0  # which argument of runpy._get_code_from_file() is the file

finders: "list[TraceFinder]" = []
"""Those that patch_meta_path has put in place; the last one's tracers are asked."""

_lock = RLock()


class _Here(_local):
    """What this thread imports."""

    dismissed: "Any" = None
    """The loader whose file nobody cares for: get_code, which comes next, need not ask again."""

    def __init__(self) -> None:
        self.imports: "list[Import]" = []


_here = _Here()


# --- the tracers


def active() -> "Sequence[BaseTracer]":
    """The tracers that imports are looked at for."""
    return finders[-1].tracers if finders else ()


def wants(tracer: "BaseTracer", path: str) -> bool:
    """Whether the tracer instruments the file. Not if its filter raises, which is told; what weaves is never woven itself."""
    if path.startswith(_OWN_FOLDER):
        return False
    try:
        return tracer._should_instrument_file_impl(path)
    except Exception as error:
        filter_error(tracer, "should_instrument_file", path, error)
        return False


def listens(tracer: "BaseTracer", path: str) -> bool:
    """Whether the tracer is to be told of the import of this file, instrumented or not. Not of ours, which may come at any time."""
    if path.startswith(_OWN_FOLDER):
        return False
    handlers = tracer._event_handlers
    takes_all = type(tracer)._emit_event is not TracerCore._emit_event
    if not takes_all and handlers.keys().isdisjoint(_IMPORT_EVENTS):
        return False
    for event in _IMPORT_EVENTS:
        if takes_all or handlers.get(event):
            try:
                if tracer._file_passes_filter_impl(event.value, path):
                    return True
            except Exception as error:
                filter_error(tracer, "file_passes_filter_for_event", path, error)
    return False


def hearing(tracers: "Sequence[BaseTracer]") -> "Sequence[BaseTracer]":
    """Those of the tracers that hear of what this thread imports."""
    return tracers if in_main_thread() else [tracer for tracer in tracers if tracer.multiple_threads_allowed]


# --- hooks


class _Hook:
    """One attribute of a class or module that is replaced while tracers are active."""

    def __init__(self, owner: "Any", name: str, enter: "Callable", leave: "Callable | None" = None) -> None:
        self._owner, self._name = owner, name
        self._own = vars(owner).get(name)
        function = self._own.__func__ if isinstance(self._own, staticmethod) else self._own
        hooked = Hooked(getattr(owner, name) if function is None else function, enter, leave)
        self._put = staticmethod(hooked) if isinstance(self._own, staticmethod) else hooked
        setattr(owner, name, self._put)

    def remove(self) -> None:
        """Puts back what was there, unless somebody else has put something on top: that goes on to call the function."""
        if vars(self._owner).get(self._name) is not self._put:
            return
        if self._own is None:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._own)


_hooks: "list[_Hook]" = []


def add_hook(owner: "Any", name: str, enter: "Callable", leave: "Callable | None" = None) -> None:
    """Hooks an attribute until no tracer looks at imports any more. TypeError if the owner's attributes cannot be set."""
    with _lock:
        if finders and type(vars(owner).get(name)) is not Hooked:
            _hooks.append(_Hook(owner, name, enter, leave))


def install(finder: "TraceFinder") -> None:
    """Looks at imports for the tracers of `finder`, until remove() is called with it."""
    with _lock:
        finders.append(finder)
        if len(finders) > 1:
            return
        add_hook(SourceLoader, "exec_module", enter_exec_module, leave_exec_module)
        add_hook(SourceLoader, "get_code", _enter_get_code)
        add_hook(zipimporter, "exec_module", enter_exec_module, leave_exec_module)
        add_hook(zipimporter, "get_code", _enter_get_code)
        add_hook(_bootstrap.FrozenImporter, "exec_module", _enter_frozen, leave_exec_module)
        add_hook(_bootstrap, "_find_spec", _enter_find_spec, _leave_find_spec)
        for name, prepare in _WHEN_LOADED.items():
            if name in sys.modules:
                prepare(sys.modules[name])


def remove(finder: "TraceFinder") -> None:
    """Ends what install() began."""
    with _lock:
        if finder not in finders:
            return
        finders.remove(finder)
        while not finders and _hooks:
            _hooks.pop().remove()


# --- one import


class Import:
    """A module that is being loaded by this thread."""

    __slots__ = (
        "loader", "module", "path", "wanting", "listening", "has_code", "is_woven", "reason", "is_pending", "trees", "raised"
    )  # fmt: skip

    def __init__(self, loader: "Any", module: "ModuleType | None", path: str, wanting: list, listening: list) -> None:
        self.loader, self.module, self.path, self.wanting, self.listening = loader, module, path, wanting, listening
        self.has_code = self.is_woven = self.is_pending = self.raised = False
        self.reason: "str | None" = None
        self.trees: list = []


def current() -> "Import | None":
    """The innermost import of this thread."""
    stack = _here.imports
    return stack[-1] if stack else None


def push(state: Import) -> None:
    _here.imports.append(state)


def pop(state: Import) -> None:
    stack = _here.imports
    while stack.pop() is not state:
        pass


def path_of(loader: "Any", name: str, module: "ModuleType | None" = None) -> "str | None":
    """The source file that a loader runs, or None where there is none that is known."""
    kind = type(loader)
    if kind is SourceFileLoader and loader.name == name:
        return str(loader.path)
    try:
        if isinstance(loader, SourceLoader):
            return str(loader.get_filename(name))
        if isinstance(loader, zipimporter):
            place = f"{loader.archive}{os.sep}{loader.prefix}{name.rpartition('.')[2]}"
            return place + (f"{os.sep}__init__.py" if loader.is_package(name) else ".py")
        spec = getattr(module, "__spec__", None)
        return spec.origin if spec is not None and spec.has_location and isinstance(spec.origin, str) else None
    except Exception:
        return None  # importlib says what is wrong


def _as_importlib(func: FunctionType) -> FunctionType:
    """Lets a function count as importlib's own: handlers of before_import and after_import are given its frame."""
    func.__code__ = func.__code__.replace(co_filename="<frozen importlib._bootstrap_external>")
    return func


@_as_importlib
def announce(tracers: "Sequence[BaseTracer]", name: str, path: str) -> str:
    """Fires before_import; gives the file to load, for which handlers may name another."""
    for tracer in reversed(hearing(tracers)):
        ret = tracer._emit_event(
            TraceEvent.before_import.value, None, sys._getframe(), ret=path, qualified_module_name=name
        )
        is_last = isinstance(ret, tuple) and len(ret) > 1 and ret[0] is SkipAll
        path = ret[1] if is_last else ret
        if is_last:
            break
    return path


@_as_importlib
def conclude(tracers: "Sequence[BaseTracer]", module: ModuleType) -> None:
    """Fires after_import."""
    for tracer in hearing(tracers):
        ret = tracer._emit_event(TraceEvent.after_import.value, None, sys._getframe(), module=module)
        if isinstance(ret, tuple) and len(ret) > 1 and ret[0] is SkipAll:
            break


# --- loaders


def enter_exec_module(loader: "Any", module: ModuleType) -> "Any":
    tracers = active()
    if not tracers or hasattr(type(loader), "get_tracers_for_path"):
        return NotImplemented
    name = module.__name__
    above = current()
    if above is not None and above.module is module and not above.has_code:
        return NotImplemented  # what another loader has put around this one; the import is looked at already
    path = path_of(loader, name, module)
    wanting, listening = _who_cares(tracers, path)
    if not listening and name not in _WHEN_LOADED:
        _here.dismissed = loader
        return NotImplemented
    state = Import(loader, module, path or "", wanting, listening)
    if listening:
        announce(listening, name, state.path)
    push(state)
    if wanting:
        from . import foreign_loaders

        if foreign_loaders.makes_its_own_code(loader):
            foreign_loaders.begin(state)
    return state


def _who_cares(tracers: "Sequence[BaseTracer]", path: "str | None") -> "tuple[list[BaseTracer], list[BaseTracer]]":
    """The tracers that instrument a file, and those that hear of its import."""
    wanting: "list[BaseTracer]" = []
    listening: "list[BaseTracer]" = []
    if path is None:
        return wanting, listening
    for tracer in list(tracers):
        if wants(tracer, path):
            wanting.append(tracer)
            listening.append(tracer)
        elif listens(tracer, path):
            listening.append(tracer)
    return wanting, listening


def leave_exec_module(state: Import, failed: bool, result: None) -> None:
    from . import foreign_loaders

    foreign_loaders.end(state)
    pop(state)
    if failed or state.module is None:
        return
    prepare = _WHEN_LOADED.get(state.module.__name__)
    if prepare is not None:
        prepare(state.module)
    if state.reason is not None and not state.is_woven:
        from .import_hooks import warn_not_instrumented

        warn_not_instrumented(state.path, state.reason)
    if state.listening:
        conclude(state.listening, state.module)


def _enter_frozen(module: ModuleType) -> "Any":
    if not active() or module.__name__ not in _WHEN_LOADED:
        return NotImplemented
    state = Import(None, module, "", [], [])
    push(state)
    return state


def _enter_get_code(loader: "Any", fullname: str) -> "Any":
    """The woven code of a file that a tracer wants. What it cannot give, and what raises, is left to the loader itself."""
    here = _here
    dismissed, here.dismissed = here.dismissed, None
    tracers = active()
    if dismissed is loader or not tracers or hasattr(type(loader), "get_tracers_for_path"):
        return NotImplemented
    path = path_of(loader, fullname)
    if path is None:
        return NotImplemented
    state = current()
    if state is not None and state.loader is loader and state.path == path and not state.has_code:
        wanting, listening = state.wanting, state.listening
        state.has_code = True
    else:
        state = None
        wanting, listening = _who_cares(tracers, path)
    if not listening:
        return NotImplemented
    chosen = str(announce(listening, fullname, path))
    if chosen != path:
        wanting = [tracer for tracer in listening if wants(tracer, chosen)]
    if not wanting and chosen == path:
        return NotImplemented
    try:
        data = loader.get_data(chosen)
    except Exception:
        return NotImplemented
    code = _code(loader, fullname, data, chosen, wanting, state)
    return NotImplemented if code is None else (code,)


def _code(
    loader: "Any", fullname: str, data: bytes, path: str, wanting: "list[BaseTracer]", state: "Import | None"
) -> "CodeType | None":
    from . import foreign_loaders, import_hooks

    if not wanting:
        return compile(data, path, "exec", dont_inherit=True)  # another file, that a handler has named
    if foreign_loaders.transforms_source(loader):
        code, reason = foreign_loaders.transformed(loader, fullname, data, path, wanting)
    else:
        if state is not None:
            foreign_loaders.end(state)
        code, reason = import_hooks._woven(data, path, wanting, -1)
    if reason and (code is not None or _compiles(data, path)):
        import_hooks.warn_not_instrumented(path, reason)
    if state is not None:
        state.is_woven = code is not None and not reason
        state.reason = None
    return code


def _compiles(data: bytes, path: str) -> bool:
    try:
        compile(data, path, "exec", dont_inherit=True)
    except Exception:
        return False
    return True


# --- finders


def _enter_find_spec(name: str, path: "Any", target: "Any" = None) -> "Any":
    return name if active() else NotImplemented


def _leave_find_spec(name: str, failed: bool, spec: "Any") -> None:
    loader = getattr(spec, "loader", None)
    if loader is None or type(loader) is SourceFileLoader or type(getattr(type(loader), "exec_module", None)) is Hooked:
        return
    from . import foreign_loaders

    foreign_loaders.found(spec)


# --- runpy


def _enter_run_path(*arguments: "Any") -> "Any":
    """runpy's code of a file, (code, name) up to Python 3.12."""
    from . import import_hooks

    given = arguments[PATH_OF_RUNPY]
    name = os.fsdecode(given)
    wanting = [tracer for tracer in active() if wants(tracer, name)]
    if not wanting:
        return NotImplemented
    try:
        with io.open_code(os.path.abspath(name)) as file:
            data = file.read()
    except Exception:
        return NotImplemented
    if data.startswith(_MAGIC):
        import_hooks.warn_not_instrumented(name, "it holds bytecode, not source")
        return NotImplemented
    code, reason = import_hooks._woven(data, name, wanting, -1)
    if code is None:
        if _compiles(data, name):
            import_hooks.warn_not_instrumented(name, reason)
        return NotImplemented
    return ((code, given),) if PATH_OF_RUNPY else (code,)


def _prepare_runpy(runpy: ModuleType) -> None:
    if hasattr(runpy, "_get_code_from_file"):
        add_hook(runpy, "_get_code_from_file", _enter_run_path)


def _prepare_pytest(rewrite: ModuleType) -> None:
    from . import foreign_loaders

    foreign_loaders.prepare_pytest(rewrite)


# What is hooked as soon as it is loaded.
_WHEN_LOADED = {"runpy": _prepare_runpy, "_pytest.assertion.rewrite": _prepare_pytest}
