"""with: one item and many, targets, suppression, errors in enter and exit, contextlib."""

import contextlib

log = []


class Manager:
    def __init__(self, name, fail_in=None, suppress=False):
        log.append(f"make {name}")
        self.name, self.fail_in, self.suppress = name, fail_in, suppress

    def __enter__(self):
        log.append(f"enter {self.name}")
        if self.fail_in == "enter":
            raise LookupError("enter")
        return self.name

    def __exit__(self, kind, value, traceback):
        log.append(f"exit {self.name} {kind.__name__ if kind else None} {traceback.tb_lineno if traceback else ''}")
        if self.fail_in == "exit":
            raise LookupError("exit")
        return self.suppress


def told(what=None):
    print(what, "<-", ", ".join(log))
    log.clear()


with Manager("a"):
    log.append("body")
told()
with Manager("a") as x, Manager("b") as y, Manager("c"):
    told((x, y))
told()
with (Manager("a") as x, Manager("b") as (first), Manager("cd") as (p, q),):
    told((x, first, p, q))
told()
with Manager("outer", suppress=True) as outer, Manager("inner") as inner:
    told(1 / 0)
told((outer, inner))
with Manager("first", suppress=True), Manager("second", fail_in="enter"), Manager("never"):
    log.append("never")
told()
with Manager("first", suppress=True), Manager("second", fail_in="exit"):
    raise ValueError
told()
try:
    with Manager("a"), Manager("b", fail_in="exit"):
        log.append("body")
except LookupError as error:
    told(repr(error.__context__))


def returns():
    with Manager("r") as value:
        return value + " returned"


def returns_suppressed():
    with Manager("s", suppress=True):
        return 1 // 0
    return "after"


def loops():
    for i in range(3):
        with Manager(i) as i:
            if i == 1:
                break
            continue
    return i


print(returns(), returns_suppressed(), loops())
told()
d, o = {}, type("O", (), {})()
with Manager("k") as d["k"], Manager("attr") as o.attr, Manager("list") as [*o.letters]:
    told((d, o.attr, o.letters))
told()


@contextlib.contextmanager
def generated(name):
    log.append(f"before {name}")
    try:
        yield name.upper()
    except ZeroDivisionError as error:
        log.append(f"caught {error}")
    finally:
        log.append(f"after {name}")


with generated("g") as g, contextlib.suppress(KeyError), contextlib.closing(generated("c")) if False else contextlib.nullcontext(5) as n:
    {}[g, n]
told(g)
with generated("h"):
    1 // 0
told()
with contextlib.ExitStack() as stack:
    names = [stack.enter_context(Manager(n)) for n in "xyz"]
    stack.callback(log.append, "callback")
    told(names)
told()


@generated("decorator")
def decorated(n):
    return log.append("call") or n


told(decorated(5))
with contextlib.redirect_stdout(__import__("io").StringIO()) as captured: print("hidden")
print(repr(captured.getvalue()))
with Manager("lock") as l: pass
told(l)


class Body:
    with Manager("in class") as attribute:
        other = attribute * 2


told(Body.other)
