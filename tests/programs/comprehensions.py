"""Comprehensions: nesting, conditions, scopes, closures and generator expressions."""

x, y = "outer x", "outer y"
rows = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
print([v for row in rows for v in row], [[row[i] for row in rows] for i in range(3)], [v for row in rows if row[0] > 1 for v in row if v % 2])
print({v % 3 for row in rows for v in row}, {i: {j: i * j for j in range(2)} for i in range(3)}, {k: v for v, k in enumerate("abc")})
print([x for x in range(3)], x, [y for x in range(2) for y in range(x + 1)], y)
print([(x, y) for x in [x for x in range(2)] for y in (y for y in "ab")], x, y)
print([x if x else "zero" for x in range(3) if x != 1 or not x], [not x for x in (0, 1)], [-x for x in rows[0]][::-1])
print([[[(a, b, c) for c in range(b)] for b in range(a)] for a in range(4)])
print(sum(v for row in rows for v in row), sum((v for v in rows[0]), 100), max((len(str(v)), v) for v in range(12)), any(v > 8 for row in rows for v in row))
print(list(zip(*(row for row in rows))), tuple(v * 2 for v in range(3)), ",".join(str(v) for v in range(3)), dict((k, v) for k, v in [(1, 2)]))
print([f(10) for f in [lambda v: v + i for i in range(3)]], [f() for f in [lambda i=i: i for i in range(3)]])
print([(lambda a: [a + b for b in range(a)])(n) for n in range(3)], [*(lambda: (yield))()])
print([last := n for n in range(4)], last, [m for n in range(3) if (m := n * 2) > 1], m)
print([(a, b) for a, (b, *_) in [(1, "xyz"), (2, "w")]], [i.append(1) or i for i in [[], [2]]], [d["k"] for d["k"] in [5, 6]] if (d := {}) == {} else 0, d)


def in_function(argument):
    local = 5
    free = [local + v for v in argument]
    nested = [[local * w for w in range(v)] for v in argument]
    functions = [lambda: (local, v, argument) for v in argument]
    generator = (local + v + w for v in argument for w in [v])
    local = 7
    return free, nested, [f() for f in functions], list(generator), [name for name in sorted(locals())]


print(in_function([1, 2, 3]))


def shadowing(x):
    result = [x for x in [x, x + 1]]
    return result, x, [x for _ in range(2)], {x: x for x in "k"}, (lambda: x)()


print(shadowing(9))


class Holder:
    values = [1, 2, 3]
    doubled = [v * 2 for v in values]
    pairs = {v: [w for w in range(v)] for v in values}
    generated = list(v + 1 for v in values)
    try:
        broken = [v for v in range(2) for w in values]
    except NameError as error:
        broken = str(error)


print(Holder.doubled, Holder.pairs, Holder.generated, Holder.broken, hasattr(Holder, "v"))
generator = (n * n for n in range(5))
print(next(generator), generator.__name__, generator.gi_running, [*generator], next(generator, "exhausted"))
chain = (b for b in (a + 1 for a in range(3)))
print(list(chain), type(chain).__name__, (i for i in ()).__qualname__)
try:
    [n / (n - 2) for n in range(4)]
except ZeroDivisionError as error:
    print(error, error.__traceback__.tb_lineno)
