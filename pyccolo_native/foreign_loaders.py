"""Loaders that make code of their own: typeguard's, beartype's, pytest's, whoever overrides get_code or source_to_code.

Such a loader is let run; the tree that it gives compile() is woven on the way, with the nodes of the program for handlers
(see origins.py). While a loader turns a file into code, and no longer, the builtin compile() stands hooked; calls for other
files, and those of other threads, go through.
"""
import ast
import builtins
import os
import sys
from importlib import _bootstrap, _bootstrap_external
from types import CodeType, FunctionType, ModuleType

from . import _native, loader_hooks, origins
from .sandbox import FUTURE_FLAGS
from ._native import Hooked
from .loader_hooks import Import, SourceLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .tracer import BaseTracer

_compile = builtins.compile
_WITHOUT_SOURCE = (
    _bootstrap_external.ExtensionFileLoader,
    _bootstrap_external.SourcelessFileLoader,
    _bootstrap_external.NamespaceLoader,
)
_exec_module_code = _bootstrap_external._LoaderBasics.exec_module.__code__
_plain_source_to_code = SourceLoader.source_to_code


def makes_its_own_code(loader: "Any") -> bool:
    """Whether a loader may come to its code without the hooked get_code."""
    kind, own = type(loader), getattr(loader, "__dict__", ())
    if type(getattr(kind, "get_code", None)) is not Hooked or "get_code" in own:
        return True
    return getattr(kind.exec_module, "__code__", None) is not _exec_module_code or "exec_module" in own


def transforms_source(loader: "Any") -> bool:
    """Whether a loader that uses importlib's get_code turns source into code in its own way."""
    if not isinstance(loader, SourceLoader):
        return False
    method = getattr(loader, "source_to_code", None)
    return getattr(method, "__func__", method) is not _plain_source_to_code


def _name_of(loader: "Any") -> str:
    return f"{type(loader).__module__}.{type(loader).__qualname__}"


# --- while a loader makes code


class _CompileHook:
    """The hook of the builtin compile(), there while a loader makes code that is to be woven."""

    def __init__(self) -> None:
        self._users = 0
        self._hook: "Any" = None

    def add_user(self) -> None:
        with loader_hooks._lock:
            self._users += 1
            if self._users == 1:
                self._hook = loader_hooks._Hook(builtins, "compile", _enter_compile, _leave_compile)

    def remove_user(self) -> None:
        with loader_hooks._lock:
            self._users -= 1
            if self._users == 0:
                self._hook.remove()


_compile_hook = _CompileHook()


def begin(state: Import) -> None:
    """The next code that this thread compiles for the file of `state` is to be woven."""
    state.is_pending = True
    _compile_hook.add_user()


def end(state: Import) -> None:
    """The loader has made its code, or will not."""
    if not state.is_pending:
        return
    _settle(state)
    if not state.is_woven:
        state.reason = f"its loader, {_name_of(state.loader)}, makes code in a way that events cannot be woven into"


def _settle(state: Import) -> None:
    state.is_pending = False
    state.has_code = True
    _compile_hook.remove_user()


def transformed(
    loader: "Any", fullname: str, data: bytes, path: str, wanting: "list[BaseTracer]"
) -> "tuple[CodeType | None, str]":
    """What the loader's source_to_code makes of a file, woven; or code that is not, or None, with the reason.

    No reason is given when the loader raises: it will again.
    """
    state = loader_hooks.current()
    is_own = state is None or not state.is_pending or state.path != path
    if is_own:
        state = Import(loader, None, path, wanting, [])
        loader_hooks.push(state)
        begin(state)
    try:
        name = (fullname,) if loader_hooks.PASSES_NAME else ()
        code = loader.source_to_code(data, path, *name)
    except Exception:
        return None, ""
    finally:
        end(state)
        if is_own:
            loader_hooks.pop(state)
    return code, "" if state.is_woven else state.reason


def _enter_compile(*args: "Any", **kwargs: "Any") -> "Any":
    state = loader_hooks.current()
    if state is None or not state.is_pending:
        return NotImplemented
    asked = _asked(*args, **kwargs)
    if asked is None or asked[1] != state.path:
        return NotImplemented
    source, path, mode, flags, dont_inherit, optimize = asked
    if flags & ast.PyCF_ONLY_AST:
        return NotImplemented if isinstance(source, ast.AST) else [state, args, kwargs]
    if mode != "exec":
        return NotImplemented
    _settle(state)
    if not dont_inherit:
        flags |= sys._getframe(1).f_code.co_flags & FUTURE_FLAGS
    try:
        code, reason = _weave(state, source, flags, optimize)
    except Exception as error:
        code, reason = None, f"{type(error).__name__}: {error}".rstrip(": ")
    state.is_woven = code is not None
    if code is None:
        state.reason = reason
        return NotImplemented
    return (code,)


def _leave_compile(asked: list, failed: bool, tree: "Any") -> None:
    """The loader has parsed the file: which of its nodes is which is known now, and not when they have been transformed."""
    state, args, kwargs = asked
    if failed:
        return
    pristine = _compile(*args, **kwargs)
    state.trees.append((tree, pristine, origins.twins(tree, pristine)))


def _asked(source=None, filename="", mode="", flags=0, dont_inherit=False, optimize=-1, **other) -> "tuple | None":
    try:
        return source, os.fsdecode(filename), mode, int(flags), dont_inherit, int(optimize)
    except Exception:
        return None  # compile() says what is wrong


def _weave(state: Import, source: "Any", flags: int, optimize: int) -> "tuple[CodeType | None, str]":
    from . import import_hooks, sandbox

    if not isinstance(source, ast.AST):
        if not flags:
            return import_hooks._woven(source, state.path, state.wanting, optimize)
        return sandbox.compile_source(source, state.path, state.wanting, "exec", flags, optimize), ""
    if not isinstance(source, ast.Module):
        return None, f"its loader, {_name_of(state.loader)}, compiles a tree that is no module"
    tree, pristine, known = _parsed(state, source)
    rewriter = state.wanting[-1].make_ast_rewriter(state.path, tracers=state.wanting)
    rewriter.transformed = origins.trace(tree, pristine, known) if tree is not pristine else None
    woven = rewriter.visit_to_compile(pristine)
    try:
        return _native.compile(woven, state.path, "exec", flags, True, optimize), ""
    finally:
        _native.release(state.path, rewriter.last_rewrite)


def _parsed(state: Import, tree: ast.Module) -> "tuple[ast.Module, ast.Module, dict]":
    """The tree, the pristine tree of the program, and which nodes of the one are nodes of the other."""
    for parsed, pristine, known in reversed(state.trees):
        if parsed is tree:
            return tree, pristine, known
    for _, pristine, known in reversed(state.trees):
        if isinstance(pristine, ast.Module):
            return tree, pristine, known
    try:
        with open(state.path, "rb") as file:
            return tree, _compile(file.read(), state.path, "exec", ast.PyCF_ONLY_AST, True), {}
    except Exception:
        return tree, tree, {}  # no Python source: the tree is all there is


# --- loaders that finders have found


def found(spec: "Any") -> None:
    """Sees to it that a loader with an exec_module of its own is looked at, if a tracer cares for the file."""
    origin = spec.origin
    if not isinstance(origin, str):
        return
    loader = spec.loader
    tracers = loader_hooks.active()
    if isinstance(loader, type) or isinstance(loader, _WITHOUT_SOURCE):
        if not isinstance(loader, _bootstrap_external.NamespaceLoader):
            _tell_of_missing_source(spec, tracers)
        return
    if not spec.has_location or not any(
        loader_hooks.wants(tracer, origin) or loader_hooks.listens(tracer, origin) for tracer in tracers
    ):
        return
    if not _hook_class(type(loader)) or "exec_module" in getattr(loader, "__dict__", ()):
        if any(loader_hooks.wants(tracer, origin) for tracer in tracers):
            from .import_hooks import warn_not_instrumented

            warn_not_instrumented(origin, f"its loader, {_name_of(loader)}, has no exec_module that can be looked at")


def _hook_class(kind: type) -> bool:
    """Hooks exec_module where it is defined."""
    for definer in kind.__mro__:
        method = vars(definer).get("exec_module")
        if type(method) is Hooked:
            return True
        if method is None:
            continue
        if not isinstance(method, FunctionType):
            return False
        try:
            loader_hooks.add_hook(definer, "exec_module", loader_hooks.enter_exec_module, loader_hooks.leave_exec_module)
        except TypeError:
            return False
        return True
    return False


def _tell_of_missing_source(spec: "Any", tracers: "Any") -> None:
    """Files without source are left alone; where a tracer asks for just this one, that is told."""
    if not spec.has_location:
        return  # "built-in" and "frozen" name no file
    is_bytecode = isinstance(spec.loader, _bootstrap_external.SourcelessFileLoader)
    for tracer in tracers:
        asks = spec.origin in tracer._tracing_enabled_files
        if not asks and is_bytecode and not tracer.instrument_all_files:
            asks = loader_hooks.wants(tracer, spec.origin)
        if asks:
            from .import_hooks import warn_not_instrumented

            kind = "bytecode" if is_bytecode else "compiled code"
            warn_not_instrumented(spec.origin, f"it holds {kind}, and only source can be instrumented")
            return


# --- pytest


def prepare_pytest(rewrite: ModuleType) -> None:
    """pytest keeps rewritten modules in files of its own: none is read or written for a module that is woven.

    With --import-mode=importlib it asks its finder itself, so its loader is hooked before it is found.
    """
    if hasattr(rewrite, "AssertionRewritingHook"):
        _hook_class(rewrite.AssertionRewritingHook)
    if hasattr(rewrite, "_read_pyc") and hasattr(rewrite, "_write_pyc"):
        loader_hooks.add_hook(rewrite, "_read_pyc", _enter_read_pyc)
        loader_hooks.add_hook(rewrite, "_write_pyc", _enter_write_pyc)


def _enter_read_pyc(source: "Any", *rest: "Any", **kwargs: "Any") -> "Any":
    state = loader_hooks.current()
    is_ours = state is not None and state.is_pending and state.path == os.fspath(source)
    return (None,) if is_ours else NotImplemented


def _enter_write_pyc(*args: "Any", **kwargs: "Any") -> "Any":
    state = loader_hooks.current()
    return (False,) if state is not None and state.is_woven and state.has_code else NotImplemented
