"""Ends with a failed assertion whose test spans lines."""


def invariant(items):
    assert all(
        a <= b
        for a, b in zip(items, items[1:])
    ), f"not sorted: {items}"
    return items


print(invariant([1, 2, 3]))
for candidate in ([], [1], [2, 1]):
    invariant(candidate)
