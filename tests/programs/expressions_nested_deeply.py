"""Expressions that are nested deeper than events are woven: what they give, and where they fail."""
import traceback


class Step:
    def __init__(self, number=0):
        self.number = number

    def next(self):
        if self.number == 120:
            raise LookupError(f"no step after {self.number}")
        return Step(self.number + 1)

    def __repr__(self):
        return f"Step({self.number})"


def one():
    return 1


total = (
    one() + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1
    + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1
    + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1 + one()
    + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1
    + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1
    + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1
    + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1
    + one() + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1
    + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1
    + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1 + one()
    + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1
    + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1
    + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1
    + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1
    + one() + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1
    + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1
    + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1 + one()
    + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1
    + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1
    + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1 + one() + 1
    + 1 + 1 + 1 + 1 + 1 + one() + 1 + 1 + 1 + 1 + 1 + 1
    + one() + 1 + 1 + 1 + 1 + 1 + 1 + one()
)
print(total)

reached = (
    Step()
    .next().next().next().next().next().next().next().next().next().next().next().next()
    .next().next().next().next().next().next().next().next().next().next().next().next()
    .next().next().next().next().next().next().next().next().next().next().next().next()
    .next().next().next().next().next().next().next().next().next().next().next().next()
    .next().next().next().next().next().next().next().next().next().next().next().next()
    .next().next().next().next().next().next().next().next().next().next().next().next()
    .next().next().next().next().next().next().next().next().next().next().next().next()
    .next().next().next().next().next().next().next().next().next().next().next().next()
    .next().next().next().next().next().next().next().next().next().next().next().next()
)
print(reached)


def too_far():
    return (
        Step()
        .next().next().next().next().next().next().next().next().next().next().next().next()
        .next().next().next().next().next().next().next().next().next().next().next().next()
        .next().next().next().next().next().next().next().next().next().next().next().next()
        .next().next().next().next().next().next().next().next().next().next().next().next()
        .next().next().next().next().next().next().next().next().next().next().next().next()
        .next().next().next().next().next().next().next().next().next().next().next().next()
        .next().next().next().next().next().next().next().next().next().next().next().next()
        .next().next().next().next().next().next().next().next().next().next().next().next()
        .next().next().next().next().next().next().next().next().next().next().next().next()
        .next().next().next().next().next().next().next().next().next().next().next().next()
        .next().next().next().next().next().next().next().next().next().next().next().next()
    )


try:
    too_far()
except LookupError:
    traceback.print_exc()

nested = [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[one()]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
depth = 0
while isinstance(nested, list):
    depth, nested = depth + 1, nested[0]
print(depth, nested)
