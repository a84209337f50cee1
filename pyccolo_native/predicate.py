"""Which nodes a handler is for."""
from __future__ import annotations

import ast
import builtins


class Predicate:
    """A condition on nodes, or on their ids if `use_raw_node_id`.

    A `static` one is asked only while code is being rewritten, never when events fire. `cache_version`, a str or an int,
    lets woven code be cached where the condition's code does not tell what it depends on: it stands for what the
    condition answers, and must change when that does.
    """

    def __init__(self, condition, use_raw_node_id=False, static=False, cache_version=None):
        self.condition = condition
        self.use_raw_node_id = use_raw_node_id
        self.static = static
        self.cache_version = cache_version

    def clone(self):
        return type(self)(self.condition, self.use_raw_node_id, self.static, self.cache_version)

    def __call__(self, node):
        if self.use_raw_node_id and isinstance(node, ast.AST):
            node = id(node)
        return self.condition(node)

    def dynamic_call(self, node):
        """The answer when an event fires."""
        return True if self.static else self(node)

    def bound(self, method_of):
        """This predicate with conditions that are named like a method replaced by the method.

        `method_of` gives the method for a condition, or None. The predicate itself is not changed.
        """
        method = method_of(self.condition)
        if method is None:
            return self
        its = self.clone()
        its.condition = method
        return its


Predicate.TRUE = Predicate(lambda *_: True)
Predicate.FALSE = Predicate(lambda *_: False)


class CompositePredicate(Predicate):
    """Several predicates, reduced to one answer by any() or all()."""

    def __init__(self, base_predicates, reducer=builtins.any):
        self.base_predicates = list(base_predicates)
        self.dynamic_base_predicates = [its for its in self.base_predicates if not its.static]
        self.static = not self.dynamic_base_predicates
        self.use_raw_node_id = builtins.all(its.use_raw_node_id for its in self.base_predicates)
        self.reducer = reducer

    def clone(self):
        return type(self)(self.base_predicates, reducer=self.reducer)

    def __call__(self, node, predicates=None):
        asked = self.base_predicates if predicates is None else predicates
        return self.reducer(predicate(node) for predicate in asked)

    def dynamic_call(self, node):
        return True if self.static else self(node, predicates=self.dynamic_base_predicates)

    def bound(self, method_of):
        now = [predicate.bound(method_of) for predicate in self.base_predicates]
        if builtins.all(new is old for new, old in zip(now, self.base_predicates)):
            return self
        its = self.clone()
        its.__init__(now, reducer=self.reducer)
        return its

    @classmethod
    def any(cls, base_predicates):
        """The predicate that holds if one of these does."""
        return cls._coalesced(base_predicates, Predicate.TRUE, Predicate.FALSE, builtins.any)

    @classmethod
    def all(cls, base_predicates):
        """The predicate that holds if all of these do."""
        return cls._coalesced(base_predicates, Predicate.FALSE, Predicate.TRUE, builtins.all)

    @classmethod
    def _coalesced(cls, base_predicates, decisive, neutral, reducer):
        base_predicates = list(base_predicates)
        if builtins.any(predicate is decisive for predicate in base_predicates):
            return decisive
        if not base_predicates:
            return Predicate.TRUE
        if builtins.all(predicate is neutral for predicate in base_predicates):
            return neutral
        return cls(base_predicates, reducer=reducer)
