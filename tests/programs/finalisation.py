"""Objects are finalised at the same moments: temporaries at once, names when rebound, generators when dropped."""

import gc
import weakref

gc.disable()


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("gone:", self.name)

    def __add__(self, other):
        return Noisy(f"{self.name}+{other.name}")

    def method(self):
        print("method of", self.name)
        return self.name

    def __enter__(self):
        return Noisy(f"entered {self.name}")

    def __exit__(self, *_):
        pass

    def __bool__(self):
        return True

    def __eq__(self, other):
        return True

    def __getitem__(self, key):
        return Noisy(f"{self.name}[{key}]")


Noisy("statement")
print("after a statement")
Noisy("callee").method()
print("after a method call")
x = Noisy("first")
x = Noisy("second")
print("after rebinding")
del x
print("after del")
left = Noisy("left")  # CPython 3.14 alone lets go of a temporary left operand before the right one
left + Noisy("right")
print("after an operation")
print(len([Noisy("element"), Noisy("other")]), "after a list")
print(Noisy("compared") == Noisy("with"), "after a comparison")
print((Noisy("and") and Noisy("result")).name, "after and")
print(not Noisy("negated"), "after not")
Noisy("subscripted")["a"]["b"]
print("after subscripts")
if Noisy("test"):
    print("in if")
while Noisy("loop test"):
    print("in while")
    break
for item in [Noisy("item 1"), Noisy("item 2")]:
    print("loop", item.name)
del item
print("after the loop")
with Noisy("manager") as entered:
    print("inside", entered.name)
del entered
print("after with")
print(f"{Noisy('formatted').name} {Noisy('again').method()}")


def function(argument):
    local = Noisy("local")
    Noisy("temporary in function").method()
    print("leaving")
    return argument


function(Noisy("argument"))
print("after the call")
[Noisy(f"comprehended {i}").name for i in range(2)]
(lambda a: print("in lambda"))(Noisy("lambda argument"))
try:
    kept = Noisy("in try")
    raise ValueError(kept)
except ValueError as error:
    del kept
    print("handling")
print("after the handler")


def generator(name):
    keep = Noisy(f"inside {name}")
    try:
        yield 1
        yield 2
    finally:
        print("finally", name)


g = generator("g")
next(g)
del g
print("generator dropped")
for value in generator("in loop"):
    break
print("after break")
next(generator("temporary"))
print("after a temporary generator")
list(generator("exhausted"))
a, b = Noisy("a"), Noisy("b")
a, b = b, a
a = b = None
print("swapped and dropped")
ref = weakref.ref(Noisy("weakly"), lambda _: print("callback"))
print(ref())
holder = [Noisy("held")]
ref = weakref.ref(holder[0])
holder[0] = None
print(ref() is None)
d = {"k": Noisy("value")}
d["k"] = Noisy("new value")
d["k"] = None
lonely = Noisy("in a cycle")
lonely.me = lonely
del lonely
print("collected", gc.collect() > 0)
print("end")
