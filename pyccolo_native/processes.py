"""Children of multiprocessing under the tracers of their parent, for tracers with `trace_children = True`.

A forked child is a copy and has its tracers already. One that starts anew (spawn, forkserver) reads what its parent
pickled for it before it imports anything of the program: with it comes what makes the tracers again, and enables them.
What `export_results()` gives when a child ends goes into a file of its own in a folder of the first parent, which hands
it to `merge_results()` when it notices the end, and at the latest when the tracer leaves the stack.
"""
from __future__ import annotations

import builtins
import os
import sys

from . import _native
from .emit_event import _TRACER_STACK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any, Callable

    from .tracer import BaseTracer

_OPTIONS = (
    "allow_reentrant_events",
    "bytecode_caching_allowed",
    "global_guards_enabled",
    "instrument_all_files",
    "multiple_threads_allowed",
    "requires_ast_bookkeeping",
    "should_patch_meta_path",
    "trace_children",
)
_UNFINISHED, _FINISHED = ".part", ".results"

# Runs in the child while it unpickles, where nothing may go wrong and this package may not be on sys.path yet.
_START = """
import sys
before = sys.path[:]
sys.path[:] = places
try:
    from pyccolo_native.processes import start_child
    start_child(data)
except Exception as error:
    sys.stderr.write(f"pyccolo_native: this child process is not traced: {type(error).__name__}: {error}\\n")
finally:
    sys.path[:] = before
"""


class _Traced:
    """A tracer on the stack that wants children, and the folder their results go to: its owner merges and removes it."""

    def __init__(self, tracer: "BaseTracer", folder: str, owner: int) -> None:
        self.tracer = tracer
        self.folder = folder
        self.owner = owner

    @property
    def is_ours(self) -> bool:
        return self.owner == os.getpid()


class _Session:
    def __init__(self) -> None:
        self.traced: "list[_Traced]" = []
        self.inherited_folder: "str | None" = None  # of the tracer that is being made again
        self.new_process = 0  # the process, if it is a child that was not forked
        self.told_of: "set[type]" = set()
        self.undo: "list[Callable[[], None]]" = []


_session = _Session()


# ---- what the core calls


def begin(tracer: "BaseTracer") -> None:
    """A tracer that traces children is on the stack. TypeError if it has one of export_results and merge_results only."""
    exports, merges = hasattr(tracer, "export_results"), hasattr(tracer, "merge_results")
    if exports != merges:
        has, lacks = ("export_results", "merge_results") if exports else ("merge_results", "export_results")
        raise TypeError(f"{type(tracer).__name__} has {has}() and no {lacks}(): results of children need both")
    folder, owner = _session.inherited_folder, 0
    if folder is None:
        folder, owner = (_make_folder(), os.getpid()) if exports else ("", 0)
    if not _session.traced:
        _watch_multiprocessing()
    _session.traced.append(_Traced(tracer, folder, owner))


def end(tracer: "BaseTracer") -> None:
    """The tracer has left the stack: merges what its children have handed back."""
    for traced in _session.traced:
        if traced.tracer is tracer:
            break
    else:
        return
    if traced.is_ours:
        _merge_files(traced)
        _warn_of_late_children(tracer)
        _remove_folder(traced.folder)
    _session.traced.remove(traced)
    if not _session.traced:
        while _session.undo:
            _session.undo.pop()()


def collect() -> None:
    """Merges what children that have ended handed back so far, for the tracers that are active in this process."""
    for traced in list(_session.traced):
        if traced.is_ours:
            _merge_files(traced)


# ---- results


def _make_folder() -> str:
    from tempfile import mkdtemp

    return mkdtemp(prefix="pyccolo-native-")


def _remove_folder(folder: str) -> None:
    for name in _files(folder):
        _remove(os.path.join(folder, name))
    try:
        os.rmdir(folder)
    except OSError:
        pass  # a child is writing into it at this moment


def _files(folder: str) -> "list[str]":
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass


def _merge_files(traced: _Traced) -> None:
    import pickle

    for name in _files(traced.folder):
        if not name.endswith(_FINISHED):
            continue
        path = os.path.join(traced.folder, name)
        try:
            with open(path, "rb") as file:
                data = pickle.load(file)
        except Exception as error:
            who = type(traced.tracer).__name__
            _warn(f"the results of {who} in a child process cannot be read: {type(error).__name__}: {error}")
            continue
        finally:
            _remove(path)
        _call_quietly(traced.tracer.merge_results, data)


def _hand_back(traced: _Traced, data: "Any") -> None:
    """Writes the results under a name that the parent does not look at, then gives the file its name."""
    import pickle
    from time import time_ns

    path = os.path.join(traced.folder, f"{time_ns():020}-{os.getpid()}")
    try:
        pickled = pickle.dumps(data)
        with open(path + _UNFINISHED, "wb") as file:
            file.write(pickled)
        os.replace(path + _UNFINISHED, path + _FINISHED)
    except FileNotFoundError:
        pass  # the parent has stopped tracing, and said so
    except Exception as error:
        _remove(path + _UNFINISHED)
        who = type(traced.tracer).__name__
        _warn(f"the results of {who} in a child process are lost: {type(error).__name__}: {error}")


def _call_quietly(method: "Callable[..., Any]", *args: "Any") -> "tuple[bool, Any]":
    """(whether it came back, what it gave); what it raised is told as what handlers raise is."""
    try:
        return True, method(*args)
    except (Exception, SystemExit) as error:
        _native.report(error, method)
        return False, None


def _warn(message: str) -> None:
    from warnings import warn

    try:
        warn(message, RuntimeWarning, stacklevel=3)
    except RuntimeWarning:  # made an error by a filter, but no reason for the program to fail
        sys.stderr.write(f"pyccolo_native: {message}\n")


def _warn_of_late_children(tracer: "BaseTracer") -> None:
    process = sys.modules.get("multiprocessing.process")
    running = [child.name for child in list(process._children) if child._popen.poll() is None] if process else []
    if running:
        _warn(
            f"tracing with {type(tracer).__name__} has ended while its child processes {', '.join(sorted(running))} run: "
            "their results are not merged; join them first"
        )


# ---- the parent's side


class _Message:
    """Is pickled as what makes the tracers again in a child; gives None there."""

    def __init__(self, places: "list[str]", data: "dict[str, Any]") -> None:
        self.places = places
        self.data = data

    def __reduce__(self) -> "tuple[Any, ...]":
        return builtins.exec, (_START, {"places": self.places, "data": self.data})


def _message_for_child(preparation: "dict[str, Any]") -> "_Message | None":
    main_path = preparation.get("init_main_from_path")
    tracers = []
    for traced in _session.traced:
        tracer = traced.tracer
        if tracer._is_tracing_hard_disabled or not _can_be_found_again(tracer):
            continue
        files = set(tracer._tracing_enabled_files)
        if main_path is not None and tracer._should_instrument_file_impl(sys.modules["__main__"].__file__):
            files.add(main_path)
        cls = type(tracer)
        options = {name: bool(tracer.__dict__[name]) for name in _OPTIONS if name in tracer.__dict__}
        tracers.append((cls.__module__, cls.__qualname__, _place_of(cls.__module__), sorted(files), options, traced.folder))
    if not tracers:
        return None
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    data = {"tracers": tracers, "main_path": main_path, "alias": sys.modules.get("pyccolo") is sys.modules[__package__]}
    return _Message([*preparation["sys_path"], here], data)


def _can_be_found_again(tracer: "BaseTracer") -> bool:
    cls = type(tracer)
    found: "Any" = sys.modules.get(cls.__module__)
    for name in cls.__qualname__.split("."):
        found = getattr(found, name, None)
    if found is cls and cls.__module__ not in ("__main__", "__mp_main__"):
        return True
    if cls not in _session.told_of:
        _session.told_of.add(cls)
        why = "it is defined in the main program" if found is cls else "it is not what its module has under its name"
        _warn(
            f"child processes are not traced by {cls.__module__}.{cls.__qualname__}: {why}, and cannot be found there by a "
            "new process; define it at the top level of a module of its own"
        )
    return False


def _place_of(module_name: str) -> "str | None":
    """The folder that a module is imported from, which need not be on sys.path any more."""
    file = getattr(sys.modules[module_name], "__file__", None)
    if not file:
        return None
    place = os.path.dirname(os.path.abspath(file))
    for _ in range(module_name.count(".") + os.path.basename(file).startswith("__init__.")):
        place = os.path.dirname(place)
    return place


class _Running(set):
    """The set in which multiprocessing keeps its children: when one is found to have ended, its results are there."""

    def discard(self, child: "Any") -> None:
        super().discard(child)
        if _native.in_main_thread():
            collect()


def _patch_spawn(module: "ModuleType") -> None:
    original = module.get_preparation_data

    def get_preparation_data(name: str) -> "dict[str, Any]":
        preparation = original(name)
        message = _message_for_child(preparation)
        if message is not None:
            preparation["pyccolo_native"] = message
        return preparation

    module.get_preparation_data = get_preparation_data
    _session.undo.append(lambda: _put_back(module, "get_preparation_data", get_preparation_data, original))


def _patch_process(module: "ModuleType") -> None:
    base = module.BaseProcess
    original = base._bootstrap

    def _bootstrap(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        _begin_target()
        try:
            return original(self, *args, **kwargs)
        finally:
            _end_target()

    base._bootstrap = _bootstrap
    _session.undo.append(lambda: _put_back(base, "_bootstrap", _bootstrap, original))
    running = module._children = _Running(module._children)
    _session.undo.append(lambda: _put_back(module, "_children", running, set(running)))


def _patch_forkserver(module: "ModuleType") -> None:
    """From 3.14 on the fork server imports the main program, and so what that imports, before it has any tracer: children
    import it themselves meanwhile, as they did before. What the program itself has named is preloaded."""
    server = module._forkserver
    if server._preload_modules == ["__main__"]:
        original, server._preload_modules = server._preload_modules, (nothing := [])
        _session.undo.append(lambda: _put_back(server, "_preload_modules", nothing, original))


def _put_back(owner: "Any", name: str, ours: "Any", original: "Any") -> None:
    if owner.__dict__.get(name) is ours:
        setattr(owner, name, original)


_PATCHES = {
    "multiprocessing.process": _patch_process,
    "multiprocessing.spawn": _patch_spawn,
    "multiprocessing.forkserver": _patch_forkserver,
}


def _watch_multiprocessing() -> None:
    """Patches what is imported of multiprocessing, and the rest when it is: importing it earlier would be noticed."""
    waiting = []
    for name, patch in _PATCHES.items():
        module = sys.modules.get(name)
        if module is None:
            waiting.append(name)
        else:
            patch(module)
    if waiting:
        watcher = _Watcher(waiting)
        sys.meta_path.insert(0, watcher)
        _session.undo.append(lambda: sys.meta_path.remove(watcher) if watcher in sys.meta_path else None)


class _Watcher:
    """A finder that lets others find, and patches a module when it has been imported."""

    def __init__(self, names: "list[str]") -> None:
        self._names = names

    def find_spec(self, fullname: str, path: "Any" = None, target: "Any" = None) -> "Any":
        if fullname not in self._names:
            return None
        finders = list(sys.meta_path)
        for finder in finders[finders.index(self) + 1 :] if self in finders else ():
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                self._names.remove(fullname)
                spec.loader = _PatchingLoader(spec.loader)
                return spec
        return None


class _PatchingLoader:
    def __init__(self, plain: "Any") -> None:
        self._plain = plain

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._plain, name)

    def create_module(self, spec: "Any") -> "Any":
        return self._plain.create_module(spec)

    def exec_module(self, module: "ModuleType") -> None:
        module.__spec__.loader = module.__loader__ = self._plain  # type: ignore[union-attr]
        self._plain.exec_module(module)
        if _session.traced:
            _PATCHES[module.__name__](module)


# ---- the child's side


def start_child(data: "dict[str, Any]") -> None:
    """Makes the tracers that the parent named and enables them; called before the child imports the program."""
    _session.new_process = os.getpid()
    if data["alias"]:
        from . import as_pyccolo  # noqa: F401  for the program, and to find what has names of the alias
    for module_name, qualname, place, files, options, folder in data["tracers"]:
        try:
            tracer = _make_again(module_name, qualname, place)
        except (Exception, SystemExit) as error:
            _warn(f"this child process is not traced by {module_name}.{qualname}: {type(error).__name__}: {error}")
            continue
        for name, value in options.items():
            setattr(tracer, name, value)
        tracer._tracing_enabled_files = set(tracer._tracing_enabled_files) | set(files)
        _session.inherited_folder = folder
        try:
            tracer.tracing_context().__enter__()
        finally:
            _session.inherited_folder = None
    if data["main_path"] is not None:
        _instrument_main(data["main_path"])


def _make_again(module_name: str, qualname: str, place: "str | None") -> "BaseTracer":
    from importlib import import_module

    try:
        found: "Any" = import_module(module_name)
    except ModuleNotFoundError:
        if place is None or place in sys.path:
            raise
        sys.path.append(place)  # sys.path is put back by whoever called
        found = import_module(module_name)
    for name in qualname.split("."):
        found = getattr(found, name)
    return found.instance()


def _instrument_main(main_path: str) -> None:
    """multiprocessing runs the main program's file by runpy, which compiles it without asking loaders."""
    import runpy

    from .loader_hooks import PATH_OF_RUNPY

    tracers = [its.tracer for its in _session.traced if its.tracer._should_instrument_file_impl(main_path)]
    if not tracers or not main_path.endswith(".py"):
        return
    if getattr(sys.modules["__main__"], "__file__", None) == main_path:
        _warn(
            f"{main_path} has no events in this child process: the fork server has imported it before; see "
            "multiprocessing.set_forkserver_preload"
        )
        return
    original = runpy._get_code_from_file  # type: ignore[attr-defined]

    def get_code_from_file(*args: "Any") -> "Any":
        plain = original(*args)
        path = args[PATH_OF_RUNPY]
        if os.path.normpath(path) != main_path:
            return plain
        put_back()
        code = _woven_main(path, tracers)
        if code is None:
            return plain
        return (code, *plain[1:]) if isinstance(plain, tuple) else code

    def put_back() -> None:
        _put_back(runpy, "_get_code_from_file", get_code_from_file, original)

    runpy._get_code_from_file = get_code_from_file  # type: ignore[attr-defined]
    _session.undo.append(put_back)


def _woven_main(path: str, tracers: "list[BaseTracer]") -> "CodeType | None":
    from .import_hooks import _woven, warn_not_instrumented

    with open(path, "rb") as file:
        source = file.read()
    code, reason = _woven(source, path, tracers, -1)
    if code is None:
        warn_not_instrumented(path, reason)
    return code


def _begin_target() -> None:
    """A child begins. One that was forked has what its parent had seen: that is not to be handed back again."""
    if _session.new_process == os.getpid():
        return
    for traced in _session.traced:
        if traced.folder and not _call_quietly(traced.tracer.reset)[0]:
            traced.folder = ""


def _end_target() -> None:
    """A child ends: takes the tracers off and hands their results back. It ends as it would have, whatever happens here."""
    ended = list(_session.traced)
    try:
        for traced in ended:
            traced.tracer._disable_tracing(check_enabled=False)
            if traced.tracer in _TRACER_STACK:
                _TRACER_STACK.remove(traced.tracer)
        for traced in ended:
            if not hasattr(traced.tracer, "export_results"):
                _call_quietly(traced.tracer.exit_tracing_hook)
            elif traced.folder:
                came_back, data = _call_quietly(traced.tracer.export_results)
                if came_back:
                    _hand_back(traced, data)
    except KeyboardInterrupt:
        pass
