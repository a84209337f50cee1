"""In which order truth values are asked for: operators, conditions, loops, filters, assertions.

An operand that decides an `and` or `or` within another one, or within a test, may be asked once more when its value is
handed to a handler in between (docs/differences.md); so repeated questions count as one here.
"""

log = []


def at(name, value):
    log.append(name)
    return value


def told(what):
    asked = [name for i, name in enumerate(log) if not (i and name == log[i - 1] and name.startswith("bool("))]
    print(what, "<-", " ".join(asked))
    log.clear()


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
