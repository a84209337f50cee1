"""The functions that an object is made of: those of a class or a module, those that decorators and descriptors wrap."""
from __future__ import annotations

import functools
import inspect
import os
import sys
from collections import namedtuple
from types import (
    DynamicClassAttribute,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)

Skipped = namedtuple("Skipped", "object name reason")
Skipped.__doc__ = "What was not instrumented: the object, its name, and why."

_BUILTIN_FUNCTIONS = (type(len), type(str.join), type(object.__init__), type("".join), type("".__len__))
_DESCRIPTORS = (
    staticmethod,
    classmethod,
    property,
    DynamicClassAttribute,
    functools.partial,
    functools.partialmethod,
    functools.cached_property,
    functools.singledispatchmethod,
)


class Members:
    """Collects `functions`, {id: function}, and `skipped`; `refused` is what add() was given and has no function to take."""

    def __init__(self, lambdas, inherited):
        self.functions = {}
        self.skipped = []
        self.refused = []
        self._lambdas = lambdas
        self._inherited = inherited
        self._classes = set()
        self._seen = False  # anything written in Python of what is being added

    def add(self, obj):
        self._seen = False
        if _is(obj, ModuleType):
            self._add_module(obj)
            none = "it has no functions written in Python"
        elif _is(obj, type):
            for cls in reversed(type.mro(obj)) if self._inherited else [obj]:
                self._add_class(cls)
            none = "it has no functions written in Python"
        else:
            self._add_given(obj)
            none = "it is not written in Python"
            if not callable(obj) and not _is(obj, _DESCRIPTORS):
                none = "it is no function, class or module"
        if not self._seen:
            self.refused.append(Skipped(obj, name_of(obj), none))

    def _add_given(self, obj):
        functions = list(reached(obj))
        if not functions:
            return
        home = _innermost(functions[0]).__code__.co_filename
        for function in functions:
            if function.__code__.co_filename == home:
                self._take(function, self.refused)
            elif function is functions[0]:
                self._skip(function, f"the decorator is defined in {function.__code__.co_filename}")

    def _add_module(self, module):
        namespace = vars(module)
        name = module.__name__
        files = _files_of(module)

        def is_at_home(function):
            return function.__globals__ is namespace and _is_of(function.__code__.co_filename, files)

        for value in list(namespace.values()):
            if _is(value, type):
                if _namespace(value).get("__module__") == name:
                    self._add_class(value)
            elif not _is(value, ModuleType):
                outer = self._add_member(value, is_at_home)
                if outer is not None and outer.__module__ == name:
                    self._skip_foreign(outer)

    def _add_class(self, cls):
        if id(cls) in self._classes:
            self._seen = True
            return
        self._classes.add(id(cls))
        namespace = _namespace(cls)
        module, prefix = namespace.get("__module__"), f"{cls.__qualname__}."
        own = [(key, value) for key, value in namespace.items() if key not in _OF_ANNOTATIONS]
        files = _files_of(sys.modules.get(module))
        is_python = False
        for _, value in own:
            if not _is(value, type):
                codes = [function.__code__ for function in reached(value)]
                is_python = is_python or bool(codes)
                files |= {code.co_filename for code in codes if code.co_qualname.startswith(prefix)}
        for name, value in own:
            if not _is(value, type):
                outer = self._add_member(value, lambda function: _is_of(function.__code__.co_filename, files))
                if outer is not None:
                    self._skip_foreign(outer)
                elif is_python and _is(_unwrapped_once(value), _BUILTIN_FUNCTIONS):
                    reason = "it is not written in Python"
                    self.skipped.append(Skipped(value, f"{name_of(cls)}.{name}", reason))
            elif _namespace(value).get("__module__") == module and value.__qualname__.startswith(prefix):
                self._add_class(value)

    def _add_member(self, value, is_at_home):
        """Takes the functions of a value that are at home; gives the outermost one if none of them is."""
        functions = list(reached(value))
        at_home = [function for function in functions if is_at_home(function)]
        for function in at_home:
            self._take(function, self.skipped)
        return functions[0] if functions and not at_home else None

    def _skip_foreign(self, function):
        self._skip(function, f"it is defined in {function.__code__.co_filename}")

    def _take(self, function, otherwise):
        self._seen = True
        if function.__code__.co_name == "<lambda>" and not self._lambdas:
            reason = "it is a lambda; a tracer class with instrument_lambdas = True takes lambdas"
            otherwise.append(Skipped(function, name_of(function), reason))
        else:
            self.functions[id(function)] = function

    def _skip(self, function, reason):
        self._seen = True
        self.skipped.append(Skipped(function, name_of(function), reason))


def name_of(obj):
    """What messages call an object."""
    if _is(obj, FunctionType):
        return f"{obj.__module__}.{obj.__qualname__}"
    if _is(obj, type):
        return f"{obj.__module__}.{obj.__qualname__}"
    if _is(obj, ModuleType):
        return f"module {obj.__name__}"
    return object.__repr__(obj) if type(obj).__module__ != "builtins" else repr(obj)


def reached(obj):
    """The functions that an object is, wraps or closes over, the outermost first. None of their code is run."""
    seen = {}  # the objects, which have to live as long as their ids are looked at
    pending = [obj]
    while pending:
        part = pending.pop()
        if id(part) in seen:
            continue
        seen[id(part)] = part
        if _is(part, FunctionType):
            yield part
        pending.extend(reversed(list(_parts(part))))


def _parts(obj):
    if _is(obj, FunctionType):
        yield obj.__dict__.get("__wrapped__")
        for cell in obj.__closure__ or ():
            try:
                content = cell.cell_contents
            except ValueError:
                continue  # not bound yet
            if not _is(content, (type, MethodType, ModuleType)):
                yield content
        registry = obj.__dict__.get("registry")
        if _is(registry, _MAPPING_PROXY):  # of singledispatch
            yield from registry.values()
    elif _is(obj, (MethodType, staticmethod, classmethod)):
        yield obj.__func__
    elif _is(obj, (property, DynamicClassAttribute)):
        yield from (obj.fget, obj.fset, obj.fdel)
    elif _is(obj, (functools.partial, functools.partialmethod, functools.cached_property)):
        yield obj.func
    elif _is(obj, functools.singledispatchmethod):
        yield from (obj.func, obj.dispatcher)
    elif not _is(obj, (type, ModuleType)):
        yield _wrapped_by(obj)


def _wrapped_by(obj):
    """What an object has as __wrapped__, without its class being asked."""
    wrapped = inspect.getattr_static(obj, "__wrapped__", None)
    if _is(wrapped, (GetSetDescriptorType, MemberDescriptorType)):  # of a C type
        try:
            wrapped = wrapped.__get__(obj)
        except Exception:
            return None
    return None if _is(wrapped, (property, type)) else wrapped


def _innermost(function):
    """What the outermost of some decorators was given in the end."""
    seen = set()
    while id(function) not in seen:
        seen.add(id(function))
        for part in reached(function.__dict__.get("__wrapped__")):
            function = part
            break
    return function


def _unwrapped_once(obj):
    return obj.__func__ if _is(obj, (staticmethod, classmethod)) else obj


def _files_of(module):
    """The names that the file of a module goes by in code objects."""
    if not _is(module, ModuleType):
        return set()
    namespace = vars(module)
    spec = namespace.get("__spec__")
    origin = getattr(spec, "origin", None)
    if origin == "frozen":
        return {f"<frozen {getattr(spec.loader_state, 'origname', module.__name__)}>"}
    names = {name for name in (namespace.get("__file__"), origin) if type(name) is str}
    return names | {os.path.abspath(name) for name in names}


def _is_of(filename, files):
    return filename in files or not filename.startswith("<") and os.path.abspath(filename) in files


def _is(obj, kinds):
    """isinstance() that does not ask the object, which may be a proxy."""
    return issubclass(type(obj), kinds)


_namespace = type.__dict__["__dict__"].__get__
_MAPPING_PROXY = type(type.__dict__)
_OF_ANNOTATIONS = ("__annotate__", "__annotate_func__")  # functions that the compiler makes from 3.14 on
