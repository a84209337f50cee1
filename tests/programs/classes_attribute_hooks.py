"""__getattr__ and its kin, __missing__, truth and length, iteration: which hook is asked, in which order."""

log = []


class Loud:
    def __init__(self, name):
        object.__setattr__(self, "name", name)

    def __getattribute__(self, attribute):
        log.append(f"get {attribute}")
        return object.__getattribute__(self, attribute)

    def __getattr__(self, attribute):
        log.append(f"fallback {attribute}")
        if attribute.startswith("no"):
            raise AttributeError(attribute)
        return Loud(attribute)

    def __setattr__(self, attribute, value):
        log.append(f"set {attribute}={value!r}")

    def __delattr__(self, attribute):
        log.append(f"del {attribute}")

    def __getitem__(self, key):
        log.append(f"[{key!r}]")
        return self

    def __setitem__(self, key, value):
        log.append(f"[{key!r}]={value!r}")

    def __delitem__(self, key):
        log.append(f"del [{key!r}]")

    def __call__(self, *args, **kwargs):
        log.append(f"call {args} {kwargs}")
        return self

    def __iadd__(self, other):
        log.append(f"+= {other!r}")
        return self

    def __len__(self):
        log.append("len")
        return 0

    def __contains__(self, item):
        log.append(f"contains {item!r}")
        return item

    def __iter__(self):
        log.append("iter")
        return iter("ab")

    def __enter__(self):
        log.append("enter")
        return self

    def __exit__(self, *_):
        log.append("exit")

    def __index__(self):
        log.append("index")
        return 1

    def __repr__(self):
        return "loud"


def told(what=None):
    print(repr(what), "<-", ", ".join(log))
    log.clear()


loud = Loud("l")
told(loud.a.b.c)
told(loud.a(1, k=2).b[3][4:5].c())
loud.a.b = loud.c
told()
loud.a[loud.b] = 5
told()
loud.a += 1
told()
loud.a[0] += loud.b
told()
del loud.a.b, loud[0].c, loud[1:2]
told()
told(bool(loud) or not loud or (loud and 1))
told("yes" if loud else "no")
told((1 in loud, 0 in loud, 2 not in loud))
told([*loud, *loud.a])
for item in loud.a:
    told(item)
with loud.m as loud.target, loud:
    told()
told("abc"[loud])
told([10, 20, 30][loud:])
told(getattr(loud, "none", "default"))
told(hasattr(loud, "nothing"))
try:
    loud.no.such.attribute
except AttributeError as error:
    told(str(error))
a, b = loud
told((a, b))
first, *rest = loud.x, *loud
told(rest)
told(type(loud)("other").name)
told(f"{loud.a!r} {loud.b.c!r:>6}")
told(loud.f(*loud, **{"k": loud.v}))
told({loud.k: loud.v for _ in range(1)} and "made")


class Defaults(dict):
    def __missing__(self, key):
        self[key] = f"default {key}"
        return self[key]


d = Defaults(a=1)
print(d["a"], d["b"], d.get("c"), "c" in d, d)
d["e"] += "!"
print(d)
