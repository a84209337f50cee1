"""Symbolic numbers: values that know how they come from a program's inputs, and note the decisions made on them.

A `Sym` is a number and the term that gives it. Operators compute with both. Python asks for the truth of a value in many
places: if, while, and, or, not, assert, a < b < c, comprehensions, any(), sorted(). They all end in `Sym.__bool__`, so
decisions are noted in the order, and only as far, as they are made.
"""
from __future__ import annotations

import operator
from contextvars import ContextVar
from numbers import Number
from typing import Any, Callable, NamedTuple

from .terms import ARITHMETIC, COMPARISON, And, Bin, Cmp, Lit, Not, Or, Term, condition_of


class Branch(NamedTuple):
    """A decision: where (the id of the node, if it is known), which way, on what condition."""

    node_id: int | None
    took: bool
    cond: Term

    @property
    def constraint(self) -> Term:
        """What the inputs have to fulfil for the decision to be the same."""
        return self.cond if self.took else Not(self.cond)


class Run:
    """The decisions of a run. One that was made before is not noted again: it follows.

    `place` is the id of the node where the next one is made, if that is known.
    """

    def __init__(self) -> None:
        self.path: list[Branch] = []
        self.place: int | None = None
        self._decided: set[str] = set()

    def decide(self, cond: Term, took: bool) -> None:
        place, self.place = self.place, None
        if str(cond) not in self._decided and cond.variables():
            self._decided.add(str(cond))
            self.path.append(Branch(place, took, cond))


current_run: ContextVar[Run | None] = ContextVar("current_run", default=None)


class Sym:
    """A number `v` and the term `t` it comes from.

    Where a plain number is needed (an index, a key, a float, an operator there are no terms for), it becomes one, and
    that it has this value is a decision of the run. Text of it is that of the number, without a decision.
    """

    __slots__ = ("v", "t")

    def __init__(self, v: int, t: Term) -> None:
        self.v, self.t = v, t

    def __bool__(self):
        took, run = bool(self.v), current_run.get()
        if run is not None:
            run.decide(condition_of(self.t), took)
        return took

    def concrete(self) -> int:
        """The number itself."""
        bool(self == self.v)  # the decision
        return self.v

    def __index__(self):
        return int(self.concrete())

    __int__ = __index__

    def __float__(self):
        return float(self.concrete())

    def __hash__(self):
        return hash(self.concrete())

    def __neg__(self):
        return 0 - self

    def __pos__(self):
        return self + 0

    def __invert__(self):
        return -1 - self

    def __abs__(self):
        return -self if self < 0 else self + 0

    def __divmod__(self, other):
        return self // other, self % other

    def __rdivmod__(self, other):
        return other // self, other % self

    def __and__(self, other):
        return self._joined(other, operator.and_, And)

    def __or__(self, other):
        return self._joined(other, operator.or_, Or)

    def _joined(self, other, plain, connective):
        if isinstance(self.v, bool) and isinstance(getattr(other, "v", other), bool):
            value, term = _parts_of(other)
            return Sym(plain(self.v, value), connective([condition_of(self.t), condition_of(term)]))
        return plain(self.concrete(), _concrete(other))

    def __str__(self):
        return str(self.v)

    def __format__(self, spec):
        return format(self.v, spec)

    def __repr__(self):
        return f"Sym(v={self.v!r}, t={self.t})"


def _parts_of(value: Any) -> tuple[Any, Term]:
    return (value.v, value.t) if isinstance(value, Sym) else (value, Lit(value))


def _concrete(value: Any) -> Any:
    return value.concrete() if isinstance(value, Sym) else value


def _arithmetic(op: str, swapped: bool) -> Callable:
    compute = ARITHMETIC[op]

    def operate(self, other):
        if not isinstance(other, (int, Sym)):
            return compute(other, self.concrete()) if swapped else compute(self.concrete(), other)
        left, right = (other, self) if swapped else (self, other)
        if op in ("//", "%") and isinstance(right, Sym):
            bool(right == 0)  # whether the division raises is a decision as well
        (x, x_term), (y, y_term) = _parts_of(left), _parts_of(right)
        return Sym(compute(x, y), Bin(op, x_term, y_term))

    return operate


def _comparison(op: str) -> Callable:
    compare = COMPARISON[op]

    def operate(self, other):
        if not isinstance(other, (int, Sym)):
            return compare(self.concrete() if isinstance(other, Number) else self.v, other)
        value, term = _parts_of(other)
        return Sym(compare(self.v, value), Cmp(op, self.t, term))

    return operate


def _on_plain_numbers(compute: Callable, swapped: bool) -> Callable:
    if swapped:
        return lambda self, other: compute(other, self.concrete())
    return lambda self, other: compute(self.concrete(), _concrete(other))


for _name, _op in {"add": "+", "sub": "-", "mul": "*", "floordiv": "//", "mod": "%"}.items():
    setattr(Sym, f"__{_name}__", _arithmetic(_op, swapped=False))
    setattr(Sym, f"__r{_name}__", _arithmetic(_op, swapped=True))
for _name, _op in {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}.items():
    setattr(Sym, f"__{_name}__", _comparison(_op))
for _name in ("truediv", "pow", "lshift", "rshift", "xor"):
    setattr(Sym, f"__{_name}__", _on_plain_numbers(getattr(operator, _name), swapped=False))
    setattr(Sym, f"__r{_name}__", _on_plain_numbers(getattr(operator, _name), swapped=True))
for _name in ("and_", "or_"):
    setattr(Sym, f"__r{_name[:-1]}__", _on_plain_numbers(getattr(operator, _name), swapped=True))
