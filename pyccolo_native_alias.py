"""The import name `pyccolo` for pyccolo_native: `import pyccolo.tracer` gives pyccolo_native.tracer, the same object.

By itself, and importing next to nothing, for it is what a process runs at its start with PYCCOLO_NATIVE_ALIAS=1; programs
use pyccolo_native.as_pyccolo.
"""
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import FunctionType, ModuleType

OURS = "pyccolo_native"
ALIAS = "pyccolo"
VARIABLE = "PYCCOLO_NATIVE_ALIAS"
PLACE = os.path.dirname(os.path.abspath(__file__))  # where pyccolo_native lies too
FOLDER = os.path.join(PLACE, OURS, "shim")
"""A folder that has a package `pyccolo` which is this library, for sys.path or PYTHONPATH."""


def _counterpart(name: str, package: str, other: str) -> "str | None":
    """What `package`, or a module in it, is called in `other`."""
    if name == package or name.startswith(f"{package}."):
        return other + name[len(package) :]
    return None


def _plain_spec(ours: str, path) -> "ModuleSpec | None":
    """Of a module of ours, as importlib has it or would find it."""
    loaded = sys.modules.get(ours)
    if loaded is not None and _is_ours(loaded):
        return loaded.__spec__
    return PathFinder.find_spec(ours, [PLACE] if ours == OURS else path)


class AliasFinder:
    """Finds `pyccolo` and what is in it, and gives what is imported of pyccolo_native both names."""

    @staticmethod
    def find_spec(fullname: str, path=None, target=None) -> "ModuleSpec | None":
        ours = _counterpart(fullname, ALIAS, OURS)
        if ours is not None:
            plain = _plain_spec(ours, path)
            return None if plain is None else _alias_spec(fullname, ours, plain)
        if _counterpart(fullname, OURS, ALIAS) is None:
            return None
        spec = PathFinder.find_spec(fullname, [PLACE] if fullname == OURS else path)
        if spec is not None and spec.loader is not None:
            spec.loader = _Naming(spec.loader)
        return spec

    @staticmethod
    def invalidate_caches() -> None:
        pass


class _Wrapper:
    """A loader that is another one in everything else."""

    def __init__(self, plain) -> None:
        self._plain = plain

    def __getattr__(self, name: str):
        return getattr(self._plain, name)


class _Naming(_Wrapper):
    """Loads a module of ours as its own loader does; then it has both names."""

    def create_module(self, spec: ModuleSpec) -> "ModuleType | None":
        return self._plain.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__.loader = module.__loader__ = self._plain
        self._plain.exec_module(module)
        _name_as_alias(module)


class _Alias(_Wrapper):
    """What loads a module under the alias: it is the one that there is, left as it is."""

    def __init__(self, plain, name: str) -> None:
        super().__init__(plain)
        self._name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        from importlib import import_module

        module = import_module(self._name)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec  # importlib has set it to that of the alias

    def get_code(self, fullname: str):
        """For `python -m`, which runs the code in a module of its own."""
        return self._plain.get_code(self._name)

    def get_source(self, fullname: str) -> "str | None":
        return self._plain.get_source(self._name)

    def get_filename(self, fullname: str) -> str:
        return self._plain.get_filename(self._name)

    def is_package(self, fullname: str) -> bool:
        return self._plain.is_package(self._name)


def _alias_spec(fullname: str, ours: str, plain: ModuleSpec) -> ModuleSpec:
    places = plain.submodule_search_locations
    spec = ModuleSpec(fullname, _Alias(plain.loader, ours), origin=plain.origin, is_package=places is not None)
    spec.submodule_search_locations = places
    spec.has_location = plain.has_location
    spec.cached = plain.cached
    return spec


def _name_as_alias(module: ModuleType) -> None:
    """Lets a module of ours, its functions and its classes say that they are Pyccolo's: programs ask by these names whose code
    something is, and pickles hold them."""
    ours = module.__spec__.name
    alias = _counterpart(ours, OURS, ALIAS)
    sys.modules[alias] = module
    if ours == f"{OURS}._native":
        module.keep_addresses()  # Pyccolo's nodes live for ever, so programs take their ids for keys
    module.__name__ = alias
    _rename_members(vars(module), ours, alias)


def _rename_members(namespace, ours: str, alias: str) -> None:
    for member in list(namespace.values()):
        if isinstance(member, property):
            parts = [member.fget, member.fset, member.fdel]
        else:
            parts = [getattr(member, "__func__", member)]
        for part in parts:
            if isinstance(part, (FunctionType, type)) and getattr(part, "__module__", None) == ours:
                part.__module__ = alias
                if isinstance(part, type):
                    _rename_members(vars(part), ours, alias)


def _is_ours(module: ModuleType) -> bool:
    spec = getattr(module, "__spec__", None)
    return spec is not None and _counterpart(spec.name, OURS, ALIAS) is not None


def child_environment(environment=None) -> "dict[str, str]":
    """A copy of an environment, by default of this process's, in which Python programs have the alias from the start."""
    environment = dict(os.environ if environment is None else environment)
    places = [place for place in environment.get("PYTHONPATH", "").split(os.pathsep) if place and place != FOLDER]
    environment["PYTHONPATH"] = os.pathsep.join([FOLDER, *places])
    environment[VARIABLE] = "1"
    return environment


def install() -> None:
    """Switches the alias on for the rest of the process. ImportError if Pyccolo has been imported already."""
    if AliasFinder in sys.meta_path:
        return
    for name, module in sorted(sys.modules.items()):
        if _counterpart(name, ALIAS, OURS) is not None and module is not None and not _is_ours(module):
            raise ImportError(
                f"{name} is imported already, from {getattr(module, '__file__', None)}: import pyccolo_native.as_pyccolo before "
                f"anything that imports pyccolo, or run the program with {VARIABLE}=1",
                name=name,
            )
    sys.meta_path.insert(0, AliasFinder)
    for name, module in list(sys.modules.items()):
        if _counterpart(name, OURS, ALIAS) is not None and module is not None and _is_ours(module):
            _name_as_alias(module)
