"""A small language: tokenizer, parser, evaluator and pretty printer, as a program would have them."""

import re
from dataclasses import dataclass, field
from typing import Iterator

TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[a-z_]\w*)|(?P<op>\*\*|==|<=|[-+*/()=<,;]))")


class CalculatorError(Exception):
    """What can go wrong, and where."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} at {position}")
        self.position = position


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    position: int


def tokenize(source: str) -> Iterator[Token]:
    position = 0
    while position < len(source.rstrip()):
        if (match := TOKEN.match(source, position)) is None:
            raise CalculatorError(f"unexpected {source[position]!r}", position)
        position = match.end()
        yield Token(match.lastgroup or "", match[match.lastgroup], match.start(match.lastgroup))
    yield Token("end", "", len(source))


@dataclass
class Parser:
    source: str
    tokens: list[Token] = field(init=False)
    index: int = 0

    LEVELS = (("==", "<", "<="), ("+", "-"), ("*", "/"))

    def __post_init__(self):
        self.tokens = list(tokenize(self.source))

    @property
    def current(self):
        return self.tokens[self.index]

    def accept(self, *texts):
        if self.current.kind == "op" and self.current.text in texts:
            self.index += 1
            return self.tokens[self.index - 1].text
        return None

    def expect(self, text):
        if not self.accept(text):
            raise CalculatorError(f"expected {text!r}", self.current.position)

    def binary(self, level=0):
        if level == len(self.LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while op := self.accept(*self.LEVELS[level]):
            left = (op, left, self.binary(level + 1))
        return left

    def unary(self):
        if self.accept("-"):
            return ("neg", self.unary())
        base = self.atom()
        return ("**", base, self.unary()) if self.accept("**") else base

    def atom(self):
        token = self.current
        self.index += 1
        match token:
            case Token(kind="number", text=text):
                return float(text) if "." in text else int(text)
            case Token("name", name) if self.accept("("):
                arguments = []
                while not self.accept(")"):
                    arguments.append(self.binary())
                    self.accept(",") or self.current.text == ")" or self.expect(",")
                return ("call", name, *arguments)
            case Token("name", name):
                return ("=", name, self.binary()) if self.accept("=") else ("name", name)
            case Token("op", "("):
                inner = self.binary()
                self.expect(")")
                return inner
        self.index -= 1
        raise CalculatorError(f"unexpected {token.text or token.kind!r}", token.position)


class Evaluator:
    operations = {
        "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
        "**": lambda a, b: a**b, "==": lambda a, b: a == b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    }
    functions = {"max": max, "min": min, "abs": abs, "sum": lambda *a: sum(a)}

    def __init__(self):
        self.variables = {}

    def __call__(self, tree):
        match tree:
            case int() | float():
                return tree
            case ("name", str(name)):
                try:
                    return self.variables[name]
                except KeyError:
                    raise CalculatorError(f"no variable {name}", -1) from None
            case ("=", name, value):
                self.variables[name] = result = self(value)
                return result
            case ("neg", operand):
                return -self(operand)
            case ("call", name, *arguments):
                return self.functions[name](*map(self, arguments))
            case (op, left, right):
                return self.operations[op](self(left), self(right))


evaluate = Evaluator()
for source in ("1 + 2 * 3", "(1 + 2) * 3", "2 ** 3 ** 2", "-2 ** 2", "x = 5 / 2", "x * x - 1 <= 10 == 1", "max(1, x, min(9, 4)) + sum()", "abs(-7) - -7", "1 +", "y", "2 $ 3", "(1", "max(1 2)", "1 / 0", "nope(1)"):
    try:
        tree = Parser(source).binary()
        print(f"{source:32} {evaluate(tree)!r:>8} {tree}")
    except (CalculatorError, ArithmeticError, LookupError) as error:
        print(f"{source:32} {type(error).__name__}: {error}")
print(evaluate.variables)
