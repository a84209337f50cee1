"""The order in which operands of operators are evaluated, told by the operands themselves."""

log = []


def at(name, value):
    log.append(name)
    return value


def told(what):
    print(what, "<-", " ".join(log))
    log.clear()


told(at("a", 1) + at("b", 2) * at("c", 3))
told((at("a", 1) + at("b", 2)) * at("c", 3))
told(at("a", 2) ** at("b", 3) ** at("c", 2))
told(at("a", 7) // at("b", 2) % at("c", 2) - at("d", 1))
told(-at("a", 1) + ~at("b", 2) - +at("c", 3))
told(at("a", 1) << at("b", 2) | at("c", 3) & at("d", 4) ^ at("e", 5) >> at("f", 1))
told(at("a", 0) and at("b", 1))
told(at("a", 1) and at("b", 0) or at("c", 3) and at("d", 4))
told(at("a", 0) or at("b", "") or at("c", ()) or at("d", None))
told(not at("a", 0) or at("b", 1))
told(at("then", 1) if at("test", True) else at("else", 2))
told(at("then", 1) if at("test", False) else at("else", 2))
told((at("x", 1) if at("t1", 0) else at("y", 2)) if at("t2", 1) else at("z", 3))
told(at("a", 1) + (at("b", 2) if at("c", 0) else at("d", 4)))


class Truth:
    """Something whose truth value can be watched, and can be no bool at all."""

    def __init__(self, name, value):
        self.name, self.value = name, value

    def __bool__(self):
        log.append(f"bool({self.name})")
        return self.value

    def __repr__(self):
        return self.name


yes, no = Truth("yes", True), Truth("no", False)
told(yes and no)
told(no and yes)
told(yes or no)
told(no or yes)
told(not yes)
told(yes and no or yes)
told(no or no and yes or no)
told(1 if yes and no else 2)
if yes and not no:
    told("if")
while no or no:
    raise SystemError
told("while")
told([x for x in (1, 2) if yes if no])
assert yes, at("never", "message")
told("assert")
try:
    assert no, at("message", "as told")
except AssertionError as error:
    told(error.args)
told(bool(yes) is True and bool(no) is False)
