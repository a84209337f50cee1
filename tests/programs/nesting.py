"""Nesting as deep as programs have it, and as wide."""

print(((((((((((((((((((((((((((((((1 + 1)))))))))))))))))))))))))))))))
print([[[[[[[[[[[[[[[[[[[[[[[[[[[[[["deep"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]][0][0][0][0][0][0][0][0][0][0])
print(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(-(5)))))))))))))))))))), not not not not not not not not not not True)
print((lambda a: lambda b: lambda c: lambda d: lambda e: lambda f: lambda g: lambda h: (a, b, c, d, e, f, g, h))(1)(2)(3)(4)(5)(6)(7)(8))
print(str(str(str(str(str(str(str(str(str(str(len(str(str(str(str(str(str(str(str("x"))))))))))))))))))))
print("x".upper().lower().upper().lower().upper().lower().upper().lower().upper().lower().upper().strip().strip().strip().strip())
print(1 + 2 - 3 + 4 - 5 + 6 - 7 + 8 - 9 + 10 - 11 + 12 - 13 + 14 - 15 + 16 - 17 + 18 - 19 + 20 - 21 + 22 - 23 + 24 - 25 + 26 - 27 + 28 - 29 + 30)
print(1 and 2 and 3 and 4 and 5 and 6 and 7 and 8 and 9 and 10 and 11 and 12 and 13 and 14 or 15 or 16 or 17 or 18 or 19 or 20)
print(1 < 2 < 3 < 4 < 5 < 6 < 7 < 8 < 9 < 10 < 11 < 12 < 13 < 14 < 15 < 16 < 17 < 18 < 19 < 20)
print("a" if 0 else "b" if 0 else "c" if 0 else "d" if 0 else "e" if 0 else "f" if 0 else "g" if 0 else "h" if 0 else "i" if 0 else "j")
print({1: {2: {3: {4: {5: {6: {7: {8: {9: {10: [({"x"},)]}}}}}}}}}}[1][2][3][4][5][6][7][8][9][10])
print([[[[[[w for w in range(v)] for v in range(u)] for u in range(t)] for t in range(s)] for s in range(r)] for r in range(3)])
print(f"{f'{1}{2}'}{[f'{x}' for x in range(3)]}{(lambda: f'{(lambda: 5)()}')()}")


def one():
    def two():
        def three():
            def four():
                def five():
                    def six():
                        def seven():
                            class Eight:
                                def nine(self):
                                    nonlocal depth
                                    depth += 1
                                    return lambda: [depth for _ in range(depth)]
                            return Eight().nine()
                        return seven()
                    return six()
                return five()
            return four()
        return three()
    depth = 1
    return two()()


print(one())
value = 7
if value == 0: text = "zero"
elif value == 1: text = "one"
elif value == 2: text = "two"
elif value == 3: text = "three"
elif value == 4: text = "four"
elif value == 5: text = "five"
elif value == 6: text = "six"
elif value == 7: text = "seven"
elif value == 8: text = "eight"
else: text = "many"
print(text)
try:
    try:
        try:
            try:
                try:
                    1 / 0
                finally:
                    text += " 1"
            except ValueError:
                text = ""
            finally:
                text += " 2"
        except (TypeError, KeyError):
            text = ""
    finally:
        text += " 3"
except ZeroDivisionError:
    with open(__file__) as x1, open(__file__) as x2, open(__file__) as x3:
        text += " 4"
print(text)
many = lambda a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0=0, b1=1, b2=2, b3=3, *, c0, c1=1, c2=2: a0 + a9 + b3 + c0 + c2
print(many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, c0=100), max(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35))
a = b = c = d = e = f = g = h = i = j = (k, l, (m, [n, o, *p])) = (1, 2, (3, [4, 5, 6, 7]))
print(a == j, k, l, m, n, o, p)
