"""Assignment expressions in every place that allows them, and the scope they bind in."""

import re

print((a := 1), a, [b := 2, b + 1], {"k": (c := 3)}, (d := 4, d), d)
print(max(e := 5, 3), (f := lambda: e)(), (g := [1, 2])[(h := 1)], (i := "text").upper(), -(j := 6), not (k := 0))
if (n := len("walrus")) > 5 and (m := n * 2):
    print(n, m)
while (n := n - 2) > 0:
    print(n)
for q in (seq := [1, 2, 3]):
    seq and print(q, end=" ")
print(seq)
print([y := x * 2 for x in range(3)], y, {z: (w := z) for z in "ab"}, w, {(v := u) for u in [9]}, v)
print(any((hit := number) > 2 for number in [1, 2, 3, 4]), hit)
print([[inner := (outer_, i2) for i2 in range(2)] for outer_ in range(2)], inner)
print([found for line in ["a=1", "b", "c=3"] if (found := re.match(r"(\w)=(\d)", line))][-1].groups(), found and found[0])
total = 0
print([total := total + n for n in range(5)], total)
print(f"{(formatted := 5)} {formatted} {(w2 := 8):>{w2}} {(x1 := 1)=}")
assert (checked := True), (message := "never")
print(checked, "message" in globals())
with (manager := __import__("contextlib").nullcontext("entered")) as entered:
    print(type(manager).__name__, entered)
print((lambda: (t := 5) + t)(), "t" in globals(), (lambda p=(default := 7): p)(), default)
print((one := 1) < (two := 2) < (three := 3), one, two, three, (p1 := False) and (p2 := 1), "p2" in globals())
values = [s1 := 0, s1 + 1][(s2 := 0):(s3 := 2)]
print(values, s1, s2, s3, (tern := 1) if (cond := 0) else (other := 2), cond, other, "tern" in globals())


def function(argument):
    if (local := argument + 1) > 1:
        captured = [(kept := v) + local for v in range(3)]
    inner_function = lambda: (own := local * 2, own)
    return local, captured, kept, inner_function(), sorted(locals())


print(function(1))


def with_global():
    global made_global
    [made_global := v for v in range(3)]
    return (made_global := made_global + 10)


print(with_global(), made_global)


def with_nonlocal():
    counter = 0

    def step():
        nonlocal counter
        return [counter := counter + 1 for _ in range(2)], (counter := counter * 10)

    return step(), counter


print(with_nonlocal())


def generator():
    while (received := (yield (sent := "ready"))) != "stop":
        print("received", received, sent)
    return (result := "done")


it = generator()
print(next(it), it.send(1))
try:
    it.send("stop")
except StopIteration as stop:
    print(stop.value)


class Body:
    if (attribute := 5) > 1:
        other = (second := attribute) + 1
    listed = [attribute, (third := second * 2)]


print(Body.attribute, Body.other, Body.second, Body.listed, Body.third)
match (subject := [1, 2]):
    case [first, *_] if (guard := first == 1):
        print(subject, first, guard)
try:
    print((bound_before := 1) and undefined)
except NameError as error:
    print(error, bound_before)
print({"a": (d1 := 1), **(d2 := {"b": 2})}, *(s4 := [1, 2]), d1, d2, s4, sep="|")
