"""Terms: what is known of a number of a program, as a tree over the program's inputs."""
from __future__ import annotations

import operator
from typing import Any, Callable, Iterable, Mapping

Inputs = Mapping[str, int]


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


ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "%": operator.mod}
COMPARISON = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne
}  # fmt: skip
_IN_Z3 = {**ARITHMETIC, **COMPARISON, "//": _z3_floordiv, "%": lambda x, y: x - y * _z3_floordiv(x, y)}


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

    table = ARITHMETIC


class Cmp(_Operation):
    """A comparison: < <= > >= == !=."""

    table = COMPARISON


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
