"""A program that gives its own meaning to builtin names, keywords of the library and module dunders."""

import builtins

real_print = print
slice = "my slice"
type = "my type"
locals = lambda: "my locals"
globals = lambda: "my globals"
NameError = ValueError
BaseException = KeyError
Exception = LookupError
True_, object = True, 5
tuple = dict = set = frozenset = None
super = lambda: "my super"
range = lambda n: [n, n]
len = lambda x: -1
iter = next = callable = isinstance = getattr = None
AssertionError = StopIteration = KeyError
__name__ = "renamed"
__file_alias__ = __file__[-3:]
__debug_alias__ = __debug__
event = ret = node = frame = guard = emit = self = args = kwargs = evt = "names of handlers' parameters"


def print(*values, sep=" "):
    real_print("my print:", *values)


numbers = [1, 2, 3, 4]
print(numbers[1:3], numbers[::2], (1, 2), {1: 2}, {3}, [*numbers[:1]], numbers[slice == "my slice":])
print(len("four"), range(3), [x for x in range(2)], type, locals(), globals(), super())
numbers[1:2] = "xy"
del numbers[:1]
print(numbers, f"{numbers[0]!r:>4}", numbers[-1:] == [4], 1 if object else 2)


class Body:
    slice = "class slice"
    property = staticmethod = classmethod = 1
    part = [1, 2, 3][1:]

    def method(self, slice=None, lambda_=lambda *a, **k: (a, k)):
        return [1, 2, 3][:2], slice, super(), lambda_(*self.part, k=1)


print(Body().method(), Body.slice, Body.part)
try:
    undefined
except builtins.NameError as error:
    print(error)
try:
    raise KeyError("k")
except BaseException as error:
    print("BaseException is", error)
try:
    try:
        raise TypeError("not caught by my names")
    except (Exception, NameError):
        print("never")
    finally:
        print("finally")
except:
    print("bare except still catches all")


def uses(frame, event, *args, **kwargs):
    ret, node, self = event, frame, [frame, event, args, kwargs]
    evt = [ret for ret in self]
    emit = lambda guard: (guard, node)
    return ret, emit(evt)


print(uses(1, 2, 3, guard=4))
for range in [1, 2]:
    print(range)
with __builtins__.open(__file__) if hasattr(__builtins__, "open") else builtins.open(__file__) as len:
    pass
x, y, _op_x, _ = 1, 2, 3, 4
print(x + y * _op_x - _, x < y < _op_x, -x, not y, x and y or _)
assert True is True_ and None is None and ... is Ellipsis
del print, slice, range, len
print(__name__, [0, 1][0:1], len("ab"), [*range(2)])


def redefines():
    __builtins__ = {}
    return sum([1, 2])


print(redefines())
namespace = {"__builtins__": {"len": lambda x: "restricted len"}}
print(eval("len([])", namespace))
