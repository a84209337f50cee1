"""Lazy imports: an import at the top level of a module is put off until one of its names is used.

    import numpy as np                  # takes no time
    from matplotlib import pyplot       # nor does this
    print(np.arange(3))                 # numpy is imported here, matplotlib never

A name that was put off stands for a `_LazySymbol` in the module. Each use of it in instrumented code is an event, which
imports; the name is bound to what was imported, and a guard keeps its later uses free of events. Other code that takes the
name from the module (`module.np`, `from module import np`) gets what was imported too: while a module has such names, its
class looks at its attributes.

Imported at once are

* what is loaded already;
* imports within functions, classes, loops, `try` and `with`: there it matters when they happen, and whether they fail;
* `import a.b`, which is there for its effect on `a`, and `from a import *`, as the names are not known;
* names that are also deleted, changed by `+=`, or used where no event is: in patterns of `match`, bounds of type parameters
  and annotations that are evaluated (without `from __future__ import annotations`);
* what is in `eager_packages`.
"""
from __future__ import annotations

import ast
import logging
import sys
from importlib.util import resolve_name
from threading import local
from types import ModuleType
from typing import Any, Iterator
from weakref import WeakSet

import pyccolo_native as pyc

logger = logging.getLogger(__name__)

_ABOUT_ITSELF = ("__name__", "__package__", "__spec__", "__path__", "__builtins__")


class _Importing(local):
    """What lazy symbols import in this thread at the moment."""

    def __init__(self) -> None:
        self.symbols: list[_LazySymbol] = []


_importing = _Importing()


class _LazySymbol:
    """What stands for a module, or for an attribute of one, until it is imported.

    Code without events may call it or ask for attributes.
    """

    def __init__(self, namespace: dict, name: str, origin: tuple[str, str | None], place: tuple[ast.stmt, str]) -> None:
        self._namespace, self._name, (self._module, self._attribute), self._place = namespace, name, origin, place

    def _resolve(self) -> Any:
        """Imports it and binds the name. Gives the symbol itself where it is not there yet, in a circular import."""
        is_circular = any(symbol._module == self._module for symbol in _importing.symbols)
        if is_circular:
            value = self._already_there()
            if value is not self or any(symbol is self for symbol in _importing.symbols):
                return value
        _importing.symbols.append(self)
        try:
            with pyc.allow_reentrant_event_handling():
                value = self._import()
        except ImportError:
            if is_circular:
                return self
            raise
        finally:
            _importing.symbols.pop()
        if self._namespace.get(self._name) is self:
            self._namespace[self._name] = value
        if type(self._namespace.get(self._name)) is not _LazySymbol:
            self._namespace[_guard_of(self._name)] = True
            _unwatch(self._namespace)
        return value

    def _import(self) -> Any:
        """Runs an import statement at the place of the one that was put off, so that errors are its own."""
        names = [ast.alias(self._attribute or self._module, "value")]
        statement = ast.ImportFrom(self._module, names, 0) if self._attribute else ast.Import(names)
        original, filename = self._place
        statement = ast.fix_missing_locations(ast.copy_location(statement, original))
        scratch = {name: self._namespace[name] for name in _ABOUT_ITSELF if name in self._namespace}
        exec(compile(ast.Module([statement], []), filename, "exec"), scratch)
        return scratch["value"]

    def _already_there(self) -> Any:
        """What there is of it while its module is being imported."""
        module = sys.modules.get(self._module)
        if module is None or self._attribute is None:
            return self if module is None else module
        submodule = sys.modules.get(f"{self._module}.{self._attribute}", self)
        return vars(module).get(self._attribute, submodule)

    def __getattr__(self, name: str) -> Any:
        value = self._resolve()
        if value is self:
            raise AttributeError(f"{self._name!r} is only being imported, and has no attribute {name!r} yet")
        return getattr(value, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__getattr__("__call__")(*args, **kwargs)


class _ModuleWithLazySymbols(ModuleType):
    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        return value._resolve() if type(value) is _LazySymbol else value


def _module_of(namespace: dict) -> ModuleType | None:
    """The module with this namespace, if it is a plain one that is being imported or was."""
    module = sys.modules.get(namespace.get("__name__"))
    return module if type(module) in (ModuleType, _ModuleWithLazySymbols) and vars(module) is namespace else None


def _unwatch(namespace: dict) -> None:
    if not any(type(value) is _LazySymbol for value in list(namespace.values())):
        module = _module_of(namespace)
        if module is not None:
            module.__class__ = ModuleType


def _guard_of(name: str) -> str:
    return f"{pyc.PYCCOLO_BUILTIN_PREFIX}_lazy_{name}"


class _Woven(local):
    """The names that may be lazy in the module that this thread weaves."""

    def __init__(self) -> None:
        self.names: set[str] = set()


_woven = _Woven()


def _may_be_lazy(node: ast.Name) -> bool:
    return node.id in _woven.names


def _guard_if_lazy(node: ast.Name) -> str | None:
    """Asked for every name with an event, as other tracers have some too."""
    return _guard_of(node.id) if _may_be_lazy(node) else None


class LazyImportTracer(pyc.BaseTracer):
    """Puts off the imports of the files it instruments: say which, by should_instrument_file or instrument_all_files.

    When tracing ends, what is put off is imported, as uses have no events from then on; where the program ends with it,
    set `import_pending_on_exit = False`.
    """

    eager_packages: frozenset[str] | set[str] = frozenset()
    import_pending_on_exit = True

    multiple_threads_allowed = True
    global_guards_enabled = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        with self.persistent_fields():
            self._put_off: WeakSet[ast.stmt] = WeakSet()
            self._pending: list[_LazySymbol] = []
            self._parts: dict[str, dict[str, Any]] = {}  # module -> full names of what was put off below it, and where

    def should_propagate_handler_exception(self, evt, exc):
        return True

    def static_init_module(self, node):
        _woven.names = names = set()
        imports = [stmt for stmt in _outer_imports(node) if _can_be_put_off(stmt)]
        if imports:
            unseen = set(_names_used_without_event(node))
            for stmt in imports:
                bound = {alias.asname or alias.name for alias in stmt.names}
                if bound.isdisjoint(unseen):
                    self._put_off.add(stmt)
                    # … and the submodules that the package it is in would get as attributes
                    names |= bound.union((getattr(stmt, "module", None) or "").split("."))

    @pyc.init_module
    def begin_module(self, node, frame):
        for guard in self.local_guards_by_module_id.get(id(node), ()):
            frame.f_globals[guard] = True

    # ---- Putting off

    def is_put_off(self, node) -> bool:
        return node in self._put_off

    @pyc.before_stmt(when=is_put_off, reentrant=True)
    def put_off(self, node, frame):
        namespace = frame.f_globals
        module = _module_of(namespace)
        if module is None or frame.f_locals is not namespace:
            return None
        origins = [_origin(node, alias, namespace) for alias in node.names]
        if all(_is_loaded(*origin) for origin in origins):
            return None
        if any(name.partition(".")[0] in self.eager_packages for name, _ in origins):
            return None
        place = node, frame.f_code.co_filename
        for alias, origin in zip(node.names, origins):
            self._stand_in(module, alias.asname or alias.name, origin, place)
            self._note_parts(origin[0], place)
        return pyc.Pass

    def _stand_in(self, module, name, origin, place):
        namespace = vars(module)
        namespace[name] = symbol = _LazySymbol(namespace, name, origin, place)
        namespace[_guard_of(name)] = False
        module.__class__ = _ModuleWithLazySymbols
        self._pending.append(symbol)

    def _note_parts(self, full_name, place):
        """Importing a.b.c makes b an attribute of a, and c one of a.b: of those that are loaded, or will be."""
        parent = full_name.rpartition(".")[0]
        while parent:
            self._parts.setdefault(parent, {})[full_name] = place
            if parent in sys.modules:
                self._stand_in_for_part(sys.modules[parent], full_name, place)
            parent = parent.rpartition(".")[0]

    def _stand_in_for_part(self, package, full_name, place):
        child = full_name.removeprefix(f"{package.__name__}.").partition(".")[0]
        child_name = f"{package.__name__}.{child}"
        if _module_of(vars(package)) is package and child not in vars(package) and child_name not in sys.modules:
            self._stand_in(package, child, (child_name, None), place)

    @pyc.after_import(reentrant=True)
    def stand_in_for_parts(self, module):
        for full_name, place in list(self._parts.get(module.__name__, {}).items()):
            self._stand_in_for_part(module, full_name, place)

    # ---- Using

    @pyc.load_name(when=_may_be_lazy, guard=_guard_if_lazy, static=True, reentrant=True)
    def use(self, ret, node, frame, guard):
        if type(ret) is _LazySymbol:
            value = ret._resolve()
            if value is ret:
                raise NameError(f"name {node.id!r} is not defined, as it is only being imported", name=node.id)
            return pyc.Null if value is None else value
        if guard is not None and type(frame.f_globals.get(node.id)) is not _LazySymbol:
            frame.f_globals[guard] = True

    # ---- The end

    def import_pending(self):
        """Imports all that is still put off; what cannot be imported is told of, and fails where it is used."""
        while self._pending:
            symbol = self._pending.pop()
            if symbol._namespace.get(symbol._name) is symbol:
                try:
                    symbol._resolve()
                except Exception as error:
                    logger.warning("%s of %s: %s", symbol._name, symbol._place[1], str(error))

    def exit_tracing_hook(self):
        if self.import_pending_on_exit and self._pending:
            with self.tracing_enabled():  # what is imported uses names that are put off
                self.import_pending()
        self._pending.clear()


def _outer_imports(block: ast.Module | ast.If) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports at top level, in branches of `if` at most."""
    for stmt in (*block.body, *getattr(block, "orelse", ())):
        if isinstance(stmt, (ast.Import, ast.ImportFrom)):
            yield stmt
        elif isinstance(stmt, ast.If):
            yield from _outer_imports(stmt)


def _can_be_put_off(stmt: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(stmt, ast.Import):
        return all(alias.asname or "." not in alias.name for alias in stmt.names)
    return stmt.module != "__future__" and stmt.names[0].name != "*"


_ALWAYS_UNSEEN = (ast.pattern, getattr(ast, "type_param", ast.pattern))


def _names_used_without_event(module: ast.Module) -> Iterator[str]:
    annotations_run = not any(
        isinstance(stmt, ast.ImportFrom) and stmt.module == "__future__" and any(its.name == "annotations" for its in stmt.names)
        for stmt in module.body
    )
    for node in ast.walk(module):
        match node:
            case ast.AugAssign(target=part) | ast.Delete(targets=part):
                yield from _names_in(part)
            case ast.AnnAssign(annotation=part) | ast.arg(annotation=part) if annotations_run:
                yield from _names_in(part)
            case ast.FunctionDef(returns=part) | ast.AsyncFunctionDef(returns=part) if annotations_run:
                yield from _names_in(part)
            case _ if isinstance(node, _ALWAYS_UNSEEN):
                yield from _names_in(node)


def _names_in(part: ast.AST | list[ast.expr] | None) -> Iterator[str]:
    for node in part if isinstance(part, list) else [part] if part is not None else []:
        yield from (name.id for name in ast.walk(node) if isinstance(name, ast.Name))


def _origin(stmt: ast.Import | ast.ImportFrom, alias: ast.alias, namespace: dict) -> tuple[str, str | None]:
    """The module that a statement imports, by its full name, and the attribute it takes from it if not the module."""
    if isinstance(stmt, ast.Import):
        return alias.name, None
    name = "." * stmt.level + (stmt.module or "")
    name = resolve_name(name, namespace.get("__package__") or namespace["__name__"])
    if name == namespace["__name__"]:  # a package that has no such attribute so far
        return f"{name}.{alias.name}", None
    return name, alias.name


def _is_loaded(origin: str, attribute: str | None) -> bool:
    module = sys.modules.get(origin)
    if module is None or attribute is None:
        return module is not None
    return attribute in vars(module) and type(vars(module)[attribute]) is not _LazySymbol
