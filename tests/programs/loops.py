"""for and while with else, break and continue, inside and around everything."""


def search(items, wanted):
    for index, item in enumerate(items):
        if item == wanted:
            break
    else:
        return "not found"
    return index


print(search("abc", "b"), search("abc", "z"), search("", "a"))
n = 5
while n:
    n -= 1
    if n == 3:
        continue
    if n == 1:
        break
    print(n, end=" ")
else:
    print("never")
print("after", n)
while n:
    n -= 1
else:
    print("else", n)
for i in range(3):
    for j in range(3):
        if j == i:
            continue
        if i + j == 3:
            break
        print(i, j, end="; ")
    else:
        print("inner else", i, end="; ")
        continue
    print("broke")
    break
else:
    print("outer else")
for letter in "ab":
    pass
print(letter, i, j)
for x in []:
    unset = x
print("unset" in globals(), "x" in globals())
for a, (b, *c) in [(1, "xyz"), (2, [3])]:
    print(a, b, c)
holder = {"k": None, "list": [0, 0]}
for holder["k"] in range(2):
    for holder["list"][0] in "p":
        print(holder)


class Target:
    values = []

    def __setattr__(self, name, value):
        self.values.append((name, value))


target = Target()
for target.attribute in "xy":
    pass
print(target.values)
for item in (growing := [1]):
    if item < 4:
        growing.append(item + 1)
print(growing)
for item in list(growing):
    growing.remove(item)
print(growing)


class Countdown:
    def __init__(self, start):
        self.start = start

    def __iter__(self):
        self.current = self.start
        return self

    def __next__(self):
        if not self.current:
            raise StopIteration("done")
        self.current -= 1
        return self.current


class OldStyle:
    def __getitem__(self, index):
        if index == 3:
            raise IndexError
        return index * index


print([*Countdown(3)], [*OldStyle()], 4 in OldStyle(), 5 in Countdown(3))
for number in Countdown(2):
    print(number, end=" ")
for number in OldStyle():
    print(number, end=" ")
for line in iter(lambda it=iter("ab."): next(it), "."):
    print(line, end=" ")
print()
iterator = iter(range(6))
for number in iterator:
    print(number, next(iterator, "end"), end=" ")
print()
while True:
    while True:
        break
    else:
        print("never")
    if (n := n + 1) > 2: break
print(n)
for i in range(2): print(i); continue
while 0: print("never")
for i in range(3): pass
else: print("one-line else", i)
total = 0
for i in range(10):
    if i % 2: continue
    elif i == 8: break
    else: total += i
print(total)
for i in range(2):
    def inside(i=i):
        return i
    class Inside:
        value = i
    print(inside(), Inside.value, [i for i in range(i)], i)
