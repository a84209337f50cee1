"""A class that answers to every operator, forward, reflected and in place."""

import operator


class Term:
    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text

    def __eq__(self, other):
        return Term(f"({self} == {other})")

    def __hash__(self):
        return hash(self.text)


def define(name, sign):
    def forward(self, other):
        return Term(f"({self} {sign} {other})")

    def reflected(self, other):
        return Term(f"({other} {sign} {self})r")

    def in_place(self, other):
        return Term(f"({self} {sign}= {other})i")

    setattr(Term, f"__{name}__", forward)
    setattr(Term, f"__r{name}__", reflected)
    setattr(Term, f"__i{name}__", in_place)


for name, sign in {
    "add": "+", "sub": "-", "mul": "*", "matmul": "@", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "lshift": "<<", "rshift": ">>", "and": "&", "or": "|", "xor": "^",
}.items():
    define(name, sign)
for name, sign in {"neg": "-", "pos": "+", "invert": "~"}.items():
    setattr(Term, f"__{name}__", lambda self, sign=sign: Term(f"({sign}{self})"))
for name, sign in {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "ne": "!="}.items():
    setattr(Term, f"__{name}__", lambda self, other, sign=sign: Term(f"({self} {sign} {other})"))

a, b, c = Term("a"), Term("b"), Term("c")
print(a + b, a - b, a * b, a @ b, a / b, a // b, a % b, a**b, a << b, a >> b, a & b, a | b, a ^ b)
print(1 + a, 1 - a, 1 * a, 1 @ a, 1 / a, 1 // a, 1 % a, 1**a, 1 << a, 1 >> a, 1 & a, 1 | a, 1 ^ a)
print(-a, +a, ~a, -~+a, not a)
print(a < b, a <= b, a > b, a >= b, a == b, a != b, 1 < a, 1 == a)
print(a + b * c - a @ b**c // 2 | (a & b ^ c) << 1)
print(a < b < c, a == b == c)
x = y = z = a
x += 1; x -= 2; x *= 3; x @= 4; x /= 5; x //= 6; x %= 7
y **= 1; y <<= 2; y >>= 3; y &= 4; y |= 5; y ^= 6
z += b + c
print(x, y, z, a, sep="\n")
box = [a, b]
box[0] += box[1]
box[-1] @= 2
print(box)
a.value = b
a.value *= c
print(a.value)


class OnlyAdd:
    def __add__(self, other):
        return NotImplemented

    def __radd__(self, other):
        return f"radd {other}"


class Child(OnlyAdd):
    def __radd__(self, other):
        return "the subclass is asked first"


print(1 + OnlyAdd(), OnlyAdd() + Child(), operator.add(2, OnlyAdd()))
for attempt in (
    lambda: OnlyAdd() + 1,
    lambda: OnlyAdd() @ 1,
    lambda: [] - [],
    lambda: -"a",
    lambda: ~1.5,
    lambda: {} < {},
    lambda: 1 in 2,
    lambda: 3 @ 4,
    lambda: None + 1,
    lambda: print >> 1,
    lambda: object() > object(),
):
    try:
        print(attempt())
    except TypeError as error:
        print(error)
