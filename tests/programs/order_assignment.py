"""Right side first, then targets from left to right; a target's object before its key."""

log = []


def at(name, value=None):
    log.append(name)
    return value


def told(what=""):
    print(what, "<-", " ".join(log))
    log.clear()


class Box:
    def __init__(self, name):
        object.__setattr__(self, "name", name)

    def __setattr__(self, name, value):
        log.append(f"{self.name}.{name}={value!r}")

    def __setitem__(self, key, value):
        log.append(f"{self.name}[{key!r}]={value!r}")

    def __getitem__(self, key):
        log.append(f"{self.name}[{key!r}]")
        return 10

    def __delitem__(self, key):
        log.append(f"del {self.name}[{key!r}]")

    def __delattr__(self, name):
        log.append(f"del {self.name}.{name}")

    def __getattr__(self, name):
        log.append(f"{self.name}.{name}")
        return 20


box, other = Box("box"), Box("other")
at("obj", box)[at("key", 1)] = at("value", 2)
told("subscript")
at("obj", box).field = at("value", 2)
told("attribute")
at("o1", box)[at("k1", 1)] = at("o2", other).x = name = at("value", 3)
told(name)
at("o1", box)[at("k1", 1)], (at("o2", other).x, *rest), last = at("v1", 1), (at("v2", 2), at("v3", 3), at("v4", 4)), at("v5", 5)
told((rest, last))
[at("o1", box).a, at("o1", box)[at("k", 0)]] = at("ab", "ab")
told("string unpacked")
at("obj", box)[at("key", 1)] += at("value", 2)
told("augmented subscript")
at("obj", box).field -= at("value", 2)
told("augmented attribute")
at("obj", box)[at("lo", 1):at("hi", 2):at("step", 3)] *= at("value", 2)
told("augmented slice")
at("obj", box)[at("i", 1), at("lo", 2):at("hi", 3), ...] = at("value", 4)
told("tuple of slices")
del at("obj", box)[at("key", 1)], at("obj2", other).field, at("obj", box)[at("lo", 1):]
told("deleted")
at("obj", box).field: at("annotation", int) = at("value", 5)
told("annotated attribute")
at("obj", box)[at("key", 1)]: at("annotation", int)
told("annotated subscript without value")
plain: at("annotation", int) = at("value", 6)
told(globals().get("__annotations__"))
for at("obj", box)[at("key", "for")] in at("iterable", [1, 2]):
    log.append("body")
told("for target")


class Manager:
    def __enter__(self):
        return at("entered", 7)

    def __exit__(self, *_):
        at("left")


with at("manager", Manager()) as at("obj", box)[at("key", "with")]:
    log.append("body")
told("with target")
i = 0
i, box[i] = 1, at("i is already 1", 2)
told(i)
try:
    at("o", box)[at("k", 1)], missing = at("v", [1])
except ValueError as error:
    told(error)
try:
    at("o", box)[1 // 0] = at("v", 1)
except ZeroDivisionError as error:
    told(error)
