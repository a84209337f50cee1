"""Augmented assignment to names, attributes and subscripts, in place and not, in every scope."""


class InPlace:
    def __init__(self, parts=()):
        self.parts = list(parts)

    def __iadd__(self, other):
        self.parts.append(("+=", other))
        return self

    def __isub__(self, other):
        return "replaced by something else"

    def __add__(self, other):
        return InPlace([*self.parts, ("+", other)])

    def __mul__(self, other):
        return InPlace([*self.parts, ("*", other)])

    def __ior__(self, other):
        return NotImplemented

    def __or__(self, other):
        return f"or {other}"

    def __repr__(self):
        return f"I{self.parts}"


x = y = InPlace()
x += 1
print(x is y, x)
x *= 2
print(x is y, x, y)
x -= 3
y |= 4
print(x, y)
numbers = alias = [1]
numbers += (2, 3)
numbers *= 2
print(numbers is alias, alias)
numbers = numbers + [4]
print(numbers is alias)
text = "a"
text += "b" "c"
text *= 2
text %= ()
print(text)
s = {1, 2, 3}; s |= {4}; s &= {2, 3, 4}; s -= {3}; s ^= {9}
print(sorted(s))
d = {"k": 1}
d["k"] += 1; d["k"] <<= 3; d |= {"j": 2}
print(d)
t = ([],)
try:
    t[0] += [1]
except TypeError as error:
    print(error, t)
matrix = [[1, 2], [3, 4]]
matrix[1][0] += matrix[0][1] * 10
matrix[0] += [matrix[1][0]]
matrix[0][0:1] *= 3
print(matrix)


class Holder:
    total = 10
    total += 5
    items = []
    items += [total]
    total -= len(items)

    def __init__(self):
        self.total += 1
        self.items += ["instance"]
        self.count = 0
        self.count += self.total

    @property
    def computed(self):
        return self._c if hasattr(self, "_c") else 0

    @computed.setter
    def computed(self, value):
        self._c = value * 10


h = Holder()
h.computed += 1
h.computed += 2
h.__dict__["total"] **= 2
print(Holder.total, Holder.items, h.total, h.items is Holder.items, h.count, h.computed)
i = 0
def index():
    global i
    i += 1
    return i - 1
counts = [0, 0, 0]
counts[index()] += 5
counts[index()] += counts[index() - 2]
print(counts, i)


def in_function(a, b=2):
    a += b
    b = a = a * 2
    c = [0]
    c[-1] += a

    def inner():
        nonlocal b
        b += c[0]
        return b

    inner()
    b //= 3
    return a, b, c, inner()


print(in_function(1))


def unbound():
    try:
        value += 1
    except UnboundLocalError as error:
        return str(error)
    value = 1


print(unbound())
a = b = c = 5
a += b; b -= (c := 2); c = -c
print(a, b, c)
a += 1 if b else 2
b = a if a > b else b; b *= a == b
print(a, b)
z = 1
z += (lambda: z)() + [z for z in range(3)][-1] + sum(z for z in range(4))
print(z)
