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
