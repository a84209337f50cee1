"""del of names, attributes, subscripts, slices, tuples of them, in each scope."""

a = b = c = d = e = 1
del a
del b, (c, [d])
print([n for n in "abcde" if n in globals()])
try:
    a
except NameError as error:
    print(error)
try:
    del a
except NameError as error:
    print(error)


class Watched:
    kind = "class attribute"

    def __init__(self):
        self.x = self.y = 1

    def __delattr__(self, name):
        print("delattr", name)
        super().__delattr__(name)

    def __delitem__(self, key):
        print("delitem", key)

    def __getitem__(self, key):
        return self


w = Watched()
del w.x, w[0], w["a":"b"], w[1, 2], w[0][1]
del (w.y)
try:
    del w.x
except AttributeError as error:
    print(error)
del Watched.kind
print(hasattr(w, "kind"), vars(w))
numbers = list(range(10))
del numbers[0], numbers[-1], numbers[2:4], numbers[::3]
print(numbers)
del numbers[:]
nested = {"a": {"b": [1, 2, {"c": 3}]}}
del nested["a"]["b"][2]["c"], nested["a"]["b"][0]
print(numbers, nested)
try:
    del nested["missing"]
except KeyError as error:
    print(repr(error))


def in_function(argument, other=2):
    local = [argument]
    del argument
    try:
        argument
    except UnboundLocalError as error:
        print(error)
    argument = "again"
    for item in local:
        del item
    del other, local[0]
    return argument, local, sorted(locals())


print(in_function(1))


def closures():
    cell = "value"
    other = 1

    def use():
        return cell

    def remove():
        nonlocal cell
        del cell

    print(use())
    remove()
    try:
        use()
    except NameError as error:
        print(error)
    try:
        cell
    except NameError as error:
        print(type(error).__name__, error)
    cell = "back"
    del other
    return use()


print(closures())


def global_deleted():
    global e
    del e


global_deleted()
print("e" in globals())


class Body:
    temporary = 1
    kept = temporary + 1
    del temporary
    for loop in range(3):
        pass
    del loop
    try:
        temporary
    except NameError as error:
        message = str(error)
    del kept


print(sorted(n for n in vars(Body) if not n.startswith("__")), Body.message)
for x in range(3):
    del x
print("x" in globals())
try:
    1 / 0
except ZeroDivisionError as error:
    del error
print("error" in globals())
with open(__import__("os").devnull) as handle:
    handle.close()
    del handle
print("handle" in globals())
