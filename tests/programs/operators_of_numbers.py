"""Every operator on every kind of number, with the errors that belong to them."""

values = [0, 1, -3, 7, 2**70, True, 2.5, -0.0, 1e300, 3j, 1 - 2j]
operators = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b if abs(b) < 9 else None,
    "<<": lambda a, b: a << (b & 7),
    ">>": lambda a, b: a >> (b & 7),
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
for name, operator in operators.items():
    row = []
    for a in values:
        for b in values[::2]:
            try:
                row.append(repr(operator(a, b)))
            except (TypeError, ZeroDivisionError, OverflowError, ValueError) as error:
                row.append(type(error).__name__[0])
    print(name, " ".join(row))

for value in values:
    results = [+value, -value, not value, not not value]
    try:
        results.append(~value)
    except TypeError as error:
        results.append(str(error))
    print(value, results)

print(0x_FF, 0b1010_1010, 0o17, 1_000_000, 1e3, .5, 5., 1_0.0_1, 1E-2, 10j, 1e2j)
print(2**200, -(2**200), -2**2, (-2) ** 2, 2**-1, 2**3**2, 10**20 // 7, -7 // 2, -7 % 2, 7 % -2)
print(1 + 2 * 3 - 4 / 5 // 6 % 7 ** 8 << 1 if False else 1 | 6 ^ 3 & 5)
print(0.1 + 0.2, 1 / 3, 1e308 * 10, -1e308 * 10, (1e308 * 10 - 1e308 * 10) != 0)
print(1 if 0.0 == -0.0 else 2, str(-0.0), 1 == 1.0 == True == (1 + 0j))
x = 10
x += 5; x -= 3; x *= 4; x //= 5; x %= 6; x **= 5; x <<= 2; x >>= 1; x |= 1; x &= 0xFF; x ^= 0x0F
print(x)
x /= 3
print(x)
