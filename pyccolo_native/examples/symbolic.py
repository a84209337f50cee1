"""Symbolic numbers: values that know how they come from a program's inputs, and note the decisions made on them.

A `Sym` is a number and the term that gives it. Operators compute with both. Python asks for the truth of a value in many
places: if, while, and, or, not, assert, a < b < c, comprehensions, any(), sorted(). They all end in `Sym.__bool__`, so
decisions are noted in the order, and only as far, as they are made.
"""
from __future__ import annotations

import operator
from contextvars import ContextVar
from numbers import Number
from typing import Any, Callable, Iterable, Mapping, NamedTuple

Inputs = Mapping[str, int]

# ---- Terms: what is known of a value, as a tree over the inputs


class Term:
    """A value as it comes from the inputs. `parts` are the terms it is made of."""

    parts: tuple["Term", ...] = ()

    def eval(self, env: Inputs) -> Any:
        """The value for these inputs."""
        raise NotImplementedError

    def z3(self, zvars: Mapping[str, Any]) -> Any:
        """The same as an expression of z3."""
        raise NotImplementedError

    def variables(self) -> frozenset[str]:
        """The inputs it depends on."""
        return frozenset().union(*(part.variables() for part in self.parts))


class Var(Term):
    """An input."""

    def __init__(self, name: str) -> None:
        self.name = name

    def eval(self, env):
        return env[self.name]

    def z3(self, zvars):
        return zvars[self.name]

    def variables(self):
        return frozenset([self.name])

    def __str__(self):
        return self.name


class Lit(Term):
    """A number of the program."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def eval(self, env):
        return self.value

    def z3(self, zvars):
        import z3

        return z3.BoolVal(self.value) if isinstance(self.value, bool) else z3.IntVal(self.value)

    def __str__(self):
        return repr(self.value)


def _z3_floordiv(x, y):
    """z3 rounds so that the remainder is not negative, Python rounds down."""
    import z3

    return z3.If(y > 0, x / y, -x / -y)


_ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "%": operator.mod}
_COMPARISON = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne
}  # fmt: skip
_IN_Z3 = {**_ARITHMETIC, **_COMPARISON, "//": _z3_floordiv, "%": lambda x, y: x - y * _z3_floordiv(x, y)}


class _Operation(Term):
    """An operator between two terms."""

    table: dict[str, Callable] = {}

    def __init__(self, op: str, lhs: Term, rhs: Term) -> None:
        self.op, self.lhs, self.rhs = op, lhs, rhs
        self.parts = lhs, rhs

    def eval(self, env):
        return self.table[self.op](self.lhs.eval(env), self.rhs.eval(env))

    def z3(self, zvars):
        return _IN_Z3[self.op](_number_in_z3(self.lhs, zvars), _number_in_z3(self.rhs, zvars))

    def __str__(self):
        return f"({self.lhs} {self.op} {self.rhs})"


class Bin(_Operation):
    """Arithmetic: + - * // %."""

    table = _ARITHMETIC


class Cmp(_Operation):
    """A comparison: < <= > >= == !=."""

    table = _COMPARISON


class Not(Term):
    """The condition does not hold."""

    def __init__(self, t: Term) -> None:
        self.t = t
        self.parts = (t,)

    def eval(self, env):
        return not self.t.eval(env)

    def z3(self, zvars):
        import z3

        return z3.Not(condition_of(self.t).z3(zvars))

    def __str__(self):
        return f"!{self.t}"


class And(Term):
    """All of them; what `&` makes of conditions. (`and` makes decisions.)"""

    def __init__(self, args: Iterable[Term]) -> None:
        self.parts = self.args = tuple(args)

    def eval(self, env):
        return all(term.eval(env) for term in self.args)

    def z3(self, zvars):
        import z3

        return z3.And(*(condition_of(term).z3(zvars) for term in self.args))

    def __str__(self):
        return f"({' & '.join(map(str, self.args))})"


class Or(And):
    """Any of them; what `|` makes of conditions."""

    def eval(self, env):
        return any(term.eval(env) for term in self.args)

    def z3(self, zvars):
        import z3

        return z3.Or(*(condition_of(term).z3(zvars) for term in self.args))

    def __str__(self):
        return f"({' | '.join(map(str, self.args))})"


def condition_of(term: Term) -> Term:
    """The term as Python's truth takes it."""
    return term if isinstance(term, (Cmp, Not, And)) else Cmp("!=", term, Lit(0))


def _number_in_z3(term: Term, zvars: Mapping[str, Any]) -> Any:
    import z3

    lowered = term.z3(zvars)
    return z3.If(lowered, z3.IntVal(1), z3.IntVal(0)) if z3.is_bool(lowered) else lowered


# ---- Values, and the decisions that are made on them


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
    compute = _ARITHMETIC[op]

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
    compare = _COMPARISON[op]

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
