"""Optional chaining: `a?.b` is None if a is, `a.?b` is None if a has no b, `a ?? b` is b if a is None.

    with OptionalChainer:
        pyc.exec("print(None?.name.upper(), 0 ?? 1)")           # None 0

| | |
|---|---|
| `a?.b` | None if `a` is None. What follows in the chain is not evaluated then: `a?.b.c(d())[e]` is None and calls nothing |
| `f?.(x)` | None if `f` is None, in the same way |
| `a.?b` | None if `a` has no attribute `b`; the chain goes on with that |
| `a ?? b` | `b` if `a` is None; binds as `or` does, also among others: `a or b ?? c` |

    pyc program.py -t pyccolo_native.examples.ScriptOptionalChainer
"""
from __future__ import annotations

import ast
from threading import local
from typing import Any, Callable

import pyccolo_native as pyc


class ResolvesToNone:
    """Goes through the rest of a chain that has met None: whatever is done with it, it stays."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> ResolvesToNone:
        return self

    def __getitem__(self, key: Any) -> ResolvesToNone:
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> ResolvesToNone:
        return self


class _Permissive:
    """An object all of whose attributes exist: None stands for those that do not."""

    __slots__ = ("_object",)

    def __init__(self, obj: Any) -> None:
        self._object = obj

    def __getattribute__(self, name: str) -> Any:
        return getattr(_object_of(self), name, None)


_object_of = _Permissive._object.__get__


class _Some:
    """A value that is true because it is not None."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def by_syntax(condition: Callable[[ast.expr], bool]) -> pyc.Predicate:
    """A condition for `when=` that is decided by what stands in the source, so that woven code can be cached."""
    return pyc.Predicate(condition, static=True, cache_version=1)


class _Chain(local):
    """The chain that a thread is in."""

    met_none = False


class OptionalChainer(pyc.BaseTracer):
    """Evaluates optional chains and `??`. Nothing is kept from one chain to the next, so errors leave nothing behind."""

    ResolvesToNone = ResolvesToNone
    resolves_to_none_eventually = ResolvesToNone()

    multiple_threads_allowed = True
    global_guards_enabled = False

    call_optional_chaining_spec = pyc.AugmentationSpec(pyc.AugmentationType.call, "?.(", "(")
    optional_chaining_spec = pyc.AugmentationSpec(pyc.AugmentationType.dot_suffix, "?.", ".")
    permissive_attr_dereference_spec = pyc.AugmentationSpec(pyc.AugmentationType.dot_suffix, ".?", ".")
    nullish_coalescing_spec = pyc.AugmentationSpec(pyc.AugmentationType.boolop, "??", " or ")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._chain = _Chain()

    # ---- Conditions, asked when code is woven; handlers are also called where another tracer's have wanted to be

    def is_optional_call(self, node: ast.Call) -> bool:
        return self.call_optional_chaining_spec in self.get_augmentations(node)

    def is_special(self, node: ast.Attribute) -> bool:
        marks = self.get_augmentations(node)
        return self.optional_chaining_spec in marks or self.permissive_attr_dereference_spec in marks

    def is_optional_chain(self, node: ast.expr) -> bool:
        """May the evaluation of this chain, or of what follows in it, meet None?"""
        while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
            marks = self.get_augmentations(node)
            if self.optional_chaining_spec in marks or self.call_optional_chaining_spec in marks:
                return True
            node = node.func if isinstance(node, ast.Call) else node.value
        return False

    def is_argument_in_chain(self, node: ast.expr) -> bool:
        """Is it an argument of a call in such a chain?"""
        if not self._is_any():
            return False
        call = self.containing_ast_by_id.get(id(node))
        while isinstance(call, (ast.keyword, ast.Starred)):
            call = self.containing_ast_by_id.get(id(call))
        return isinstance(call, ast.Call) and self.is_optional_chain(call)

    def _is_any(self) -> bool:
        marked = self.augmented_node_ids_by_spec
        return bool(marked[self.optional_chaining_spec] or marked[self.call_optional_chaining_spec])

    def is_coalescing(self, node: ast.BoolOp) -> bool:
        return any(self.coalesces(value) for value in node.values[:-1])

    def coalesces(self, node: ast.expr) -> bool:
        return self.nullish_coalescing_spec in self.get_augmentations(node)

    # ---- Chains. While one has met None nothing but our own handlers runs in the thread, until the chain is over.

    @pyc.before_attribute_load(when=by_syntax(is_special), reentrant=True)
    def load_attribute(self, ret: Any, node: ast.Attribute) -> Any:
        marks = self.get_augmentations(node)
        if self.optional_chaining_spec in marks:
            return self._enter(ret)
        if self.permissive_attr_dereference_spec in marks and ret is not self.resolves_to_none_eventually:
            return _Permissive(ret)

    @pyc.before_call(when=by_syntax(is_optional_call), reentrant=True)
    def load_callee(self, ret: Any, node: ast.Call) -> Any:
        return self._enter(ret) if self.is_optional_call(node) else None

    def _enter(self, value: Any) -> Any:
        if value is self.resolves_to_none_eventually:
            return None
        self._chain.met_none = value is None
        return self.resolves_to_none_eventually if value is None else None

    @pyc.before_argument(when=by_syntax(is_argument_in_chain), reentrant=True)
    def leave_out_argument(self, is_starred: bool, is_kwstarred: bool) -> Any:
        if self._chain.met_none:
            return () if is_starred else {} if is_kwstarred else False

    @pyc.before_subscript_slice(when=by_syntax(is_optional_chain), reentrant=True)
    def leave_out_key(self) -> Any:
        return False if self._chain.met_none else None

    @pyc.after_load_complex_symbol(when=by_syntax(is_optional_chain), reentrant=True)
    def leave_chain(self, ret: Any) -> Any:
        if ret is self.resolves_to_none_eventually:
            self._chain.met_none = False
            return pyc.Null

    # ---- `??`: what is not None stops an `or` that it stands in

    @pyc.after_boolop_arg(when=by_syntax(coalesces), reentrant=True)
    def stop_unless_none(self, ret: Any, node: ast.expr) -> Any:
        return _Some(ret) if ret is not None and self.coalesces(node) else None

    @pyc.after_boolop(when=by_syntax(is_coalescing), reentrant=True)
    def coalesced(self, ret: Any) -> Any:
        if isinstance(ret, _Some):
            return pyc.Null if ret.value is None else ret.value


class ScriptOptionalChainer(OptionalChainer):
    """OptionalChainer for all files that are run or imported."""

    def should_instrument_file(self, filename: str) -> bool:
        return True
