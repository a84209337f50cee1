"""Ends with an unpacking error in a for loop's target within a lambda's argument."""

pairs = [(1, 2), (3, 4), (5,)]
apply = lambda function, *args: function(*args)


def total(items, start=0):
    for left, right in items:
        start += left * right
    else:
        print("never")
    return start


print(total(pairs[:2]))
print(apply(lambda items, *rest: total(items, *rest), pairs, 100))
