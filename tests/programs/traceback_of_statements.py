"""The text of tracebacks for errors raised by statements of every kind."""

import traceback
from types import SimpleNamespace


class Refuses:
    def __setattr__(self, name, value):
        raise AttributeError(f"cannot set {name}")

    def __delattr__(self, name):
        raise AttributeError(f"cannot delete {name}")

    def __iadd__(self, other):
        raise TypeError("no +=")

    def __exit__(self, *_):
        raise ValueError("bad exit")

    def __enter__(self):
        return self


refuses, numbers = Refuses(), [1, 2]


def shown(function):
    try:
        function()
    except Exception:
        print(traceback.format_exc())


@shown
def assignment_to_attribute():
    refuses.name = 1


@shown
def assignment_to_subscript():
    x = numbers[0] = numbers[9] = 5


@shown
def augmented():
    local = refuses
    local += 1


@shown
def augmented_subscript():
    numbers[5] += 1


@shown
def unpacking():
    a, (b, c) = 1, [2]


@shown
def deletion():
    del numbers[0], numbers[5]


@shown
def deletion_of_attribute():
    del refuses.name


@shown
def local_before_assignment():
    print(later)
    later = 1


@shown
def assertion():
    assert numbers == [] and "compared", f"numbers are {numbers}"


@shown
def assertion_without_message():
    assert not numbers


@shown
def loop_over_nothing():
    for item in None:
        pass


@shown
def loop_target():
    for a, b in [(1, 2), (3,)]:
        pass


@shown
def while_test():
    while numbers.missing:
        pass


@shown
def with_exit():
    with refuses as r, refuses:
        pass


@shown
def with_no_manager():
    with open, 5:
        pass


@shown
def raising():
    raise ValueError("several", "arguments") from None


@shown
def raising_no_exception():
    raise numbers


@shown
def reraising_nothing():
    raise


@shown
def handler_type():
    try:
        1 / 0
    except numbers:
        pass


@shown
def importing():
    from os import no_such_thing


@shown
def class_definition():
    class Broken(SimpleNamespace, metaclass=print):
        attribute = undefined


@shown
def class_body():
    class Broken:
        good = 1
        bad = good / 0


@shown
def decorated():
    @numbers.append
    @(lambda f: f.missing)
    def inner():
        pass


@shown
def default_value():
    def inner(a=numbers[7]):
        pass


@shown
def returning():
    return (
        numbers[0]
        + numbers[1]
        + numbers[2]
    )


@shown
def annotation():
    value: int = undefined_value


@shown
def matching():
    match numbers:
        case [1, SimpleNamespace.missing]:
            pass


@shown
def executed_text():
    exec("first = 1\nsecond = first / 0\n", {})
