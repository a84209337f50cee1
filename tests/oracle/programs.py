"""Hypothesis strategies for programs: source text from a small grammar, over the names of environment.py.

Expressions are typed loosely, so that most programs run to their end; all loops are bounded. Names assigned in a scope
are remembered, so that they are read as well.
"""

from dataclasses import dataclass, replace

from hypothesis import strategies as st

NOTED = "  out.append(caught())"
ERRORS = ("ValueError", "KeyError", "ZeroDivisionError", "(TypeError, LookupError)")


@dataclass(frozen=True)
class Scope:
    """Where a statement or expression stands, and which numbers it can name."""

    numbers: "tuple[str, ...]" = ("a", "b", "c")
    kind: str = "module"
    in_loop: bool = False
    walrus: bool = True
    in_thunks: bool = True

    def having(self, *names):
        return replace(self, numbers=(*self.numbers, *names))


class Writer:
    """Draws source text; `depth` bounds the nesting."""

    def __init__(self, draw):
        self.draw = draw
        self.made = 0

    def pick(self, *choices):
        return self.draw(st.sampled_from(choices))

    def chance(self, one_in):
        return self.draw(st.integers(0, one_in - 1)) == one_in - 1

    def some(self, make, least=1, most=3):
        return [make() for _ in range(self.draw(st.integers(least, most)))]

    def new_name(self, prefix):
        self.made += 1
        return f"{prefix}{self.made}"

    # expressions

    def number(self, s, d):
        if d <= 0:
            return self.pick(*s.numbers, "0", "1", "7")
        n = lambda: self.number(s, d - 1)  # noqa: E731
        kind = self.draw(st.integers(0, 29))
        if kind < 4:
            return f"{n()} {self.pick('+', '-', '*', '&', '|', '^')} {self.parenthesised(n())}"
        if kind == 4:
            return f"({n()} {self.pick('//', '%')} {self.pick('2', '3', n())})"
        if kind == 5:
            return f"{self.pick('-', '+', '~')}({n()})"
        if kind == 6:
            return f"({n()} if {self.truth(s, d - 1)} else {n()})"
        if kind < 10:
            return f"{self.pick('function', 'same', 'thing.method', 'thing.itself().method', 'max')}({self.number(s, d - 1)}, {self.arguments(s, d - 1)})"
        if kind == 10:
            return self.pick(
                "thing.value", "thing.inner.value", "thing.inner.inner.value", "thing.items[0]", "thing.table['k']", "thing.inner.items[-1]"
            )
        if kind == 11:
            return f"thing.itself({self.arguments(s, d - 1)}).{self.pick('value', 'inner.value', 'items[1]', 'itself()[0]')}"
        if kind == 12:
            return f"xs[({n()}) % len(xs)]"
        if kind == 13:
            return f"thing[{self.key(s, d - 1)}].value" if self.chance(2) else f"thing[{n()}]"
        if kind == 14:
            return f"[{n()}, {n()}][{self.pick('0', '1', '-1')}]"
        if kind == 15:
            return f"({n()}, {n()})[0]"
        if kind == 16:
            return f"{{{self.pick('1', repr('k'), 'a')}: {n()}, **table}}[{self.pick(repr('k'), repr('j'))}]"
        if kind == 17:
            return f"len({self.listing(s, d - 1)})"
        if kind == 18:
            return f"sum({self.listing(s, d - 1)})" if self.chance(2) else f"sum({self.comprehension(s, d - 1)})"
        if kind == 19:
            return self.called_lambda(s, d - 1)
        if kind == 20:
            return f"({n()} {self.pick('and', 'or')} {n()} {self.pick('and', 'or')} {n()})"
        if kind == 21 and s.walrus:
            return f"({self.pick('w1', 'w2')} := {n()})"
        if kind == 22:
            return f"int({self.truth(s, d - 1)})"
        if kind == 23:
            return f"len({self.string(s, d - 1)})"
        if kind == 24:
            return f"table[{self.pick(repr('k'), repr('j'))}]"
        if kind == 25:
            return f"(thing + {n()}).value"
        return self.pick(*s.numbers, "0", "1", "2", "9")

    @staticmethod
    def parenthesised(text):
        return f"({text})"

    def truth(self, s, d):
        if d <= 0:
            return self.pick("yes", "nothing", "True", "False", *s.numbers)
        n = lambda: self.number(s, d - 1)  # noqa: E731
        kind = self.draw(st.integers(0, 9))
        if kind < 3:
            return f"{n()} {self.pick('<', '>', '==', '!=', '<=', '>=')} {n()}"
        if kind == 3:
            return f"{n()} {self.pick('<', '<=')} {n()} {self.pick('<', '!=')} {n()}"
        if kind == 4:
            return f"not {self.parenthesised(self.truth(s, d - 1))}"
        if kind == 5:
            return f"({self.truth(s, d - 1)} {self.pick('and', 'or')} {self.truth(s, d - 1)})"
        if kind == 6:
            return f"{n()} {self.pick('in', 'not in')} {self.listing(s, d - 1)}"
        if kind == 7:
            return f"{self.pick('nothing', n())} {self.pick('is', 'is not')} None"
        if kind == 8:
            return f"thing < {n()}"
        return self.pick("yes", "True", "thing.value > 1", "thing")

    def string(self, s, d):
        if d <= 0:
            return self.pick("text", "'s'", "''", "'two' 'parts'")
        kind = self.draw(st.integers(0, 7))
        if kind < 2:
            return self.formatted(s, d)
        if kind == 2:
            return f"({self.string(s, d - 1)} + {self.string(s, d - 1)})"
        if kind == 3:
            return f"text[{self.key(replace(s), d - 1, slices_only=True)}]"
        if kind == 4:
            return f"{self.pick('text', repr('Lit'))}.upper().{self.pick('lower', 'strip', 'title')}()"
        if kind == 5:
            return f"','.join(str(x) for x in {self.listing(s, d - 1)})"
        if kind == 6:
            return f"'%s' % ({self.number(s, d - 1)},)"
        return f"str({self.anything(s, d - 1)})" if self.chance(3) else "text"

    def formatted(self, s, d):
        without_quotes = lambda e: e.replace("'", '"')  # noqa: E731
        field = without_quotes(self.number(replace(s, walrus=False), d - 1))
        tail = self.pick("", "!r", "!s", ":>5", ":>{b + 3}", "!r:<4", "=")
        if any(c in field for c in '{}"\\!:=') or "lambda" in field:
            field, tail = self.pick("a", "thing.value", "xs[0]", "a + b", "same(c)"), tail
        return f"f'{self.pick('', 'x ', '{{')}{{{field}{tail}}}{self.pick('', ' y', '{b}', '}}')}'"

    def listing(self, s, d):
        if d <= 0:
            return self.pick("xs", "[1, 2]", "thing.items", "[]")
        n = lambda: self.number(s, d - 1)  # noqa: E731
        kind = self.draw(st.integers(0, 8))
        if kind < 2:
            return f"[{', '.join(self.some(n, 0))}]"
        if kind == 2:
            return f"[{n()}, *{self.listing(s, d - 1)}, {n()}]"
        if kind < 5:
            return f"[{self.comprehension(s, d - 1)}]"
        if kind == 5:
            return f"xs[{self.key(s, d - 1, slices_only=True)}]"
        if kind == 6:
            return f"sorted({self.listing(s, d - 1)}, key=lambda k: {self.number(replace(s.having('k'), walrus=False), d - 1)})"
        if kind == 7:
            return f"({self.listing(s, d - 1)} + {self.listing(s, d - 1)})"
        return f"list({self.pick('range(2)', 'map(same, xs)', 'thing.items', '(1, 2)')})"

    def comprehension(self, s, d):
        """The inside of brackets; also a generator expression as the only argument of a call."""
        inner = replace(s.having("x"), walrus=False)
        first = f"for x in {self.listing(replace(s, walrus=False), d - 1)}"
        condition = f" if {self.truth(inner, d - 1)}" if self.chance(2) else ""
        if self.chance(4):
            inner = inner.having("y")
            condition += f" for y in {self.pick('xs', 'range(2)', '[x, x]')}"
        return f"{self.number(inner, d - 1)} {first}{condition}"

    def key(self, s, d, slices_only=False):
        n = lambda: self.number(s, d - 1)  # noqa: E731
        bound = lambda: self.pick("", "0", "1", "-1", f"({n()})")  # noqa: E731
        part = lambda: f"{bound()}:{bound()}{self.pick('', '', ':', ':2')}"  # noqa: E731
        if slices_only or self.chance(2):
            return part()
        return self.pick(f"{n()}, {part()}", "...", f"({n()}, {n()})", f"{part()}, ...", "text", "'k'", f"{n()},")

    def arguments(self, s, d):
        made = self.some(lambda: self.number(s, d), 0, 2)
        if self.chance(4):
            made.append("*xs")
        if self.chance(4):
            made.append(f"key={self.pick('None', 'abs', 'same')}")
        if self.chance(8):
            made.append("*pairs[0]")
        return ", ".join(made)

    def called_lambda(self, s, d):
        inner = replace(s.having("x", "y"), walrus=False)
        return self.pick(
            f"(lambda x, y={self.number(s, d - 1)}: {self.number(inner, d)})({self.number(s, d - 1)})",
            f"(lambda *x: len(x))({self.arguments(s, d - 1)})",
            f"(lambda x: lambda y: {self.number(inner, d - 1)})(1)({self.number(s, d - 1)})",
            f"(lambda x=1, *, y: {self.number(inner, d - 1)})(y={self.number(s, d - 1)})",
        )

    def anything(self, s, d):
        n = lambda: self.number(s, d - 1)  # noqa: E731
        kind = self.draw(st.integers(0, 14))
        simple = ("None", "...", "1.5", "2j", "b'x'", "()", "{}", "text", "'s'")
        if d <= 0 or kind < 2:
            return self.pick(*simple)
        if kind < 5:
            return n()
        if kind == 5:
            return self.listing(s, d)
        if kind == 6:
            return f"({n()}, {self.anything(s, d - 1)})"
        if kind == 7:
            return f"{{{n()}, {n()}}}"
        if kind == 8:
            return f"{{'k': {self.anything(s, d - 1)}, {n()}: {n()}{self.pick('', ', **table')}}}"
        if kind == 9:
            return f"{{x: {self.number(replace(s.having('x'), walrus=False), d - 1)} for x in {self.listing(replace(s, walrus=False), d - 1)}}}"
        if kind == 10:
            return f"{{{self.comprehension(s, d)}}}"
        if kind == 11:
            return f"lambda x, *y, z={n()}: {self.number(replace(s.having('x', 'z'), walrus=False), d - 1)}"
        if kind == 12:
            return self.string(s, d)
        return self.truth(s, d)

    # statements: each gives lines and the scope after them

    def block(self, s, d, least=1, most=2):
        lines = []
        for _ in range(self.draw(st.integers(least, most))):
            made, s = self.statement(s, d)
            lines += made
        return ["  " + line for line in lines]

    def statement(self, s, d):
        kinds = SIMPLE if d <= 0 else SIMPLE + COMPOUND
        kind = self.draw(st.sampled_from(kinds))
        made = getattr(self, kind)(s, d)
        return made if isinstance(made, tuple) else (made, s)

    def assign(self, s, d):
        name = self.pick("a", "b", "v", "u") if s.kind == "module" else self.pick("p", "v", "u")
        return [f"{name} = {self.number(s, 2)}"], s.having(name)

    def assign_other(self, s, d):
        return (
            self.pick(
                [f"other = {self.anything(s, 2)}"],
                [f"v = u = {self.number(s, 2)}"],
                [f"v, u = {self.number(s, 1)}, {self.number(s, 1)}"],
                [f"v, *rest = {self.number(s, 1)}, *{self.listing(s, 1)}"],
                [f"[v, (u, rest)] = {self.number(s, 1)}, pairs[0]"],
            ),
            s,
        )

    def assign_into(self, s, d):
        target = self.pick(
            "thing.value",
            "thing.inner.value",
            f"thing[{self.key(s, 1)}]",
            f"xs[({self.number(s, 1)}) % len(xs)]",
            "table['k']",
            f"table[{self.number(s, 1)}]",
            "thing.itself().value",
            "thing.table['new']",
        )
        return [f"{target} = {self.number(s, 2)}"]

    def assign_augmented(self, s, d):
        name = self.pick("a", "b") if s.kind == "module" else "p"
        target = self.pick(
            name, "thing.value", "xs[0]", "table['k']", f"thing.itself({self.number(s, 1)}).value", f"thing[{self.number(s, 1)}]"
        )
        return [f"{target} {self.pick('+=', '-=', '*=', '|=')} {self.number(s, 2)}"]

    def assign_annotated(self, s, d):
        return [
            self.pick(
                f"v: int = {self.number(s, 2)}",
                "u: same(int)",
                f"thing.value: int = {self.number(s, 1)}",
                f"w: 'text' = {self.anything(s, 1)}",
            )
        ]

    def expression(self, s, d):
        return [
            self.pick(
                f"out.append({self.anything(s, 2)})",
                f"function({self.arguments(s, 2)})",
                f"print({self.number(s, 2)}, {self.string(s, 1)})",
                self.number(s, 2),
                "'a string'",
                "thing.itself().inner.method(a)",
            )
        ]

    def assertion(self, s, d):
        return [f"assert {self.truth(s, 2)} or True, {self.string(s, 1)}" if self.chance(2) else f"assert {self.truth(s, 1)} or yes"]

    def deletion(self, s, d):
        return self.pick(
            ["v = 1", "del v"], ["del xs[:1]"], ["table['d'] = 1", "del table['d']"], ["thing.extra = 1", "del thing.extra, thing[0]"]
        )

    def small(self, s, d):
        return self.pick(["pass"], ["import math"], ["from math import floor as fl"], ["..."], ["None"])

    def control(self, s, d):
        if s.in_loop:
            return [f"if {self.truth(s, 1)}: {self.pick('break', 'continue')}"]
        return self.leave(s, d)

    def leave(self, s, d):
        if s.kind == "function":
            return [f"if {self.truth(s, 1)}: return {self.pick('', self.anything(s, 2))}"]
        return self.small(s, d)

    def if_(self, s, d):
        lines = [f"if {self.truth(s, 2)}:", *self.block(s, d - 1)]
        if self.chance(3):
            lines += [f"elif {self.truth(s, 1)}:", *self.block(s, d - 1)]
        if self.chance(2):
            lines += ["else:", *self.block(s, d - 1)]
        return lines

    def for_(self, s, d):
        iterable = self.pick("range(2)", "xs[:2]", f"{self.listing(s, 1)}[:2]", "table", "'ab'", "pairs")
        numeric = iterable not in ("table", "'ab'", "pairs")
        target = "i" if iterable != "pairs" else self.pick("i, j", "i", "(i, *j)")
        inner = replace(s.having("i") if numeric else s, in_loop=True)
        lines = [f"for {target} in {iterable}:", *self.block(inner, d - 1)]
        if self.chance(3):
            lines += ["else:", *self.block(s, d - 1)]
        return lines

    def while_(self, s, d):
        count = self.new_name("n")
        inner = replace(s, in_loop=True)
        lines = [
            f"{count} = {self.pick('0', '1', '2')}",
            f"while {count} > 0{self.pick('', f' and {self.truth(s, 1)}')}:",
            f"  {count} -= 1",
            *self.block(inner, d - 1),
        ]
        if self.chance(3):
            lines += ["else:", *self.block(s, d - 1)]
        return lines

    def try_(self, s, d):
        lines = ["try:", *self.block(s, d - 1)]
        if self.chance(2):
            lines.append(f"  {self.pick('raise ValueError(a)', '1 // 0', '{}[a]', 'raise KeyError', 'int(text)')}")
        for _ in range(self.draw(st.integers(0, 1))):
            lines += [f"except {self.pick(*ERRORS)}{self.pick('', ' as error')}:", NOTED, *self.block(s, d - 1)]
        lines += [
            self.pick(
                "except Exception as error:",
                "except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError):",
                "except:",
                "except Exception:",
            ),
            NOTED,
            *self.block(s, d - 1),
        ]
        if self.chance(3):
            lines += ["else:", *self.block(s, d - 1)]
        if self.chance(3):
            lines += ["finally:", *self.block(replace(s, in_loop=False, kind=s.kind if s.kind != "function" else "body"), d - 1)]
        return lines

    def with_(self, s, d):
        item = self.pick(
            "managed(a) as v",
            "thing",
            f"managed({self.number(s, 1)}) as thing.value",
            "thing, managed() as v",
            "managed(1) as v, managed(v) as u",
            "thing.itself() as m",
        )
        return [f"with {item}:", *self.block(s, d - 1)]

    def function(self, s, d):
        name = self.new_name("f")
        inner = Scope(("a", "c", "p", "q"), "function", walrus=s.walrus)
        lines = [f"@{self.pick('decorate', 'decorate_with(1, a)', 'same')}"] if self.chance(3) else []
        lines.append(
            f"def {name}(p, q={self.number(s, 1)}, *rest{self.pick('', ', key=None', ': int')}, **others){self.pick('', ' -> int')}:"
        )
        if self.chance(4):
            lines.append("  'docstring'")
        if self.chance(4):
            lines += ["  global b", "  b = p"]
        lines += self.block(inner, d - 1, 1, 3)
        lines.append(f"  return {self.anything(inner, 2)}" if self.chance(2) else "  pass")
        lines.append(f"out.append({name}({self.number(s, 1)}, {self.arguments(s, 1)}))")
        return lines

    def closure(self, s, d):
        name = self.new_name("f")
        inner = Scope(("a", "p", "cell"), "function", walrus=False)
        lines = [f"def {name}(p):", "  cell = p", "  def inner(q=cell):"]
        if self.chance(2):
            lines += ["    nonlocal cell", "    cell += q"]
        lines += ["  " + line for line in self.block(replace(inner, numbers=("a", "q")), d - 2)]
        lines += [
            f"    return {self.pick('q', 'cell', 'p')}",
            f"  return inner(), inner({self.number(inner, 1)}), cell",
            f"out.append({name}({self.number(s, 1)}))",
        ]
        return lines

    def generator(self, s, d):
        name = self.new_name("g")
        inner = Scope(("a", "p"), "function", walrus=False)
        lines = [f"def {name}(p):", f"  {self.pick('r = ', '')}yield {self.number(inner, 1)}"]
        lines += self.block(inner, d - 2)
        lines += [f"  {self.pick('yield from xs', 'yield', 'yield p')}", f"out.append(list({name}({self.number(s, 1)})))"]
        return lines

    def coroutine(self, s, d):
        name = self.new_name("co")
        inner = Scope(("a", "p"), "function", walrus=False)
        return [
            f"async def {name}(p):",
            *self.block(inner, d - 2),
            f"  return {self.number(inner, 1)}",
            f"out.append(drive({name}({self.number(s, 1)})))",
        ]

    def class_(self, s, d):
        name = self.new_name("K")
        inner = Scope(("a", "b"), "class", walrus=False)
        method = Scope(("a", "p"), "function", walrus=False)
        lines = [f"class {name}{self.pick('', '(Thing)', '(same(Thing))', '()')}:"]
        if self.chance(3):
            lines.append("  'docstring'")
        lines += self.block(inner, d - 2)
        lines += [
            f"  def method(self, p={self.number(s, 1)}):",
            *["  " + line for line in self.block(method, d - 2)],
            f"    return {self.pick('p', 'self.value', 'type(self).__name__', 'super().method(p)')}",
        ]
        lines += ["try:", f"  out.append({name}().method({self.pick('', self.number(s, 1))}))", "except Exception:", NOTED]
        return lines

    def match_(self, s, d):
        return [
            f"match {self.anything(s, 1)}:",
            f"  case [v, *rest]{self.pick('', f' if {self.truth(s, 1)}')}:",
            *["  " + line for line in self.block(s, d - 2)],
            "  case int() | str() as v:",
            *["  " + line for line in self.block(s, d - 2)],
            "  case _:",
            *["  " + line for line in self.block(s, d - 2)],
        ]


SIMPLE = [
    "assign",
    "assign",
    "assign_other",
    "assign_into",
    "assign_augmented",
    "assign_annotated",
    "expression",
    "expression",
    "assertion",
    "deletion",
    "small",
    "control",
]
COMPOUND = [
    "if_",
    "if_",
    "for_",
    "for_",
    "while_",
    "try_",
    "with_",
    "function",
    "function",
    "closure",
    "generator",
    "coroutine",
    "class_",
    "match_",
]


@st.composite
def programs(draw, most=4, depth=2):
    """A program of a few statements."""
    writer, scope, lines = Writer(draw), Scope(), []
    if writer.chance(12):
        lines.append('"""Docstring of the module."""')
    for _ in range(draw(st.integers(1, most))):
        made, scope = writer.statement(scope, depth)
        lines += made
    return "\n".join(lines) + "\n"


@st.composite
def event_sets(draw, events):
    """All events, one, a few, or any half of them."""
    size = draw(st.sampled_from(("one", "few", "half", "all")))
    if size == "all":
        return list(events)
    if size == "half":
        return [e for e in events if draw(st.booleans())] or [events[0]]
    most = 1 if size == "one" else 6
    return sorted(draw(st.sets(st.sampled_from(events), min_size=1, max_size=most)))
