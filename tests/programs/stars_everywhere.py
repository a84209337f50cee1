"""Starred expressions in calls, displays, targets, subscripts, returns, yields and loops."""


def take(*args, **kwargs):
    return args, kwargs


xs, ys, empty, d, e = [1, 2], (3, 4), (), {"a": 1}, {"b": 2, "c": 3}
print(take(*xs), take(*xs, *ys), take(0, *xs, 9, *ys, 8), take(*empty), take(*"ab", *{5: 6}, *range(2)))
print(take(**d), take(**d, **e), take(k=0, **d, m=9, **e), take(*xs, k=1, *ys, **d), take(**{}))
print([*xs, *ys], (*xs, *ys), {*xs, *ys, *xs}, [*xs], (*xs,), [*empty], [0, *xs, 9], {**d, **e}, {**d, "a": 5}, {"a": 5, **d})
print([*[*[*xs]]], [*(x + 1 for x in xs)], [*map(str, xs)], [*xs, [*ys, [*xs]]], (*xs, *(*ys,)))
print(*xs, *ys, sep="-", end="!\n")
print(*[*[]], sep="")

a, *b = xs
*c, d1 = "wxyz"
f, *g, h = range(5)
(i, *j), *k = [(1, 2, 3), 4, 5]
[l, [*m, n], *o] = "p", "qrs", "t", "u"
*p, = xs
q, *r = [0]
print(a, b, c, d1, f, g, h, i, j, k, l, m, n, o, p, q, r)
for first, *rest in [(1, 2, 3), "xyz", [0]]:
    print(first, rest)
for x in *xs, *ys:
    print(x, end=" ")
print()
for (u, *v), w in [((1, 2), 3)]:
    print(u, v, w)
print([(head, tail) for head, *tail in ["abc", (1,)]], {k: v for k, *v in ["ab"]}, list((t, h) for *h, t in ["abc"]))


def returns():
    return 0, *xs, *ys


def yields():
    yield 0, *xs
    received = yield *ys, 5
    yield (*received, "end")


generator = yields()
print(returns(), next(generator), next(generator), generator.send("rx"))


def signature(a, b=2, *args, c, d=4, **kwargs):
    return a, b, args, c, d, kwargs


print(signature(*[1], c=3), signature(*range(5), **{"c": 3, "z": 26}), signature(1, *[], c=0, *[7, 8]))


def forwarding(*args, **kwargs):
    return signature(*args, **kwargs), (lambda *a, **k: (a, k))(*args, *args, **kwargs)


print(forwarding(1, 2, 3, c=4, q=5))
print((lambda *a: a)(*xs), (lambda **k: k)(**e), (lambda *, k: k)(**{"k": "only"}), (lambda a, /, *, b: (a, b))(*[1], **{"b": 2}))
with_items = {**{n: n * n for n in xs}, **dict(zip("ab", ys))}
print(with_items)
subscript = {(1, 2): "tuple", (1, 2, 3): "triple"}
print(subscript[*xs], subscript[*xs, 3])
subscript[*xs] = "set"
print(subscript)
for attempt in (lambda: [*5], lambda: take(*None), lambda: take(**[1]), lambda: {**[(1, 2)]}, lambda: take(**d, a=2), lambda: take(**{1: 2})):
    try:
        attempt()
    except TypeError as error:
        print(error)
try:
    s, *t, u = [1]
except ValueError as error:
    print(error)
try:
    s, t = 1, 2, 3
except ValueError as error:
    print(error)
