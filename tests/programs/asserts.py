"""assert with and without messages, and __debug__."""

calls = []


def told(value, name="call"):
    calls.append(name)
    return value


assert True
assert told(1), told("never evaluated", "message")
assert (1, "a tuple is true") if told(1) else 0
for condition, message in ((0, "zero"), ([], ("a", "tuple")), ("", None), (None, ValueError("an exception"))):
    try:
        assert condition, message
    except AssertionError as error:
        print(error.args, str(error), repr(error))
try:
    assert not calls
except AssertionError as error:
    print(error.args, bool(calls))
try:
    assert told(0), told(f"message {len(calls)}", "message")
except AssertionError as error:
    print(error, calls)
try:
    assert told(0), 1 / 0
except ZeroDivisionError as error:
    print(error, repr(error.__context__))
except AssertionError:
    print("never")


def in_function(x):
    assert isinstance(x, int) and x > 0, "positive int"
    assert x < 100
    return x


class Body:
    assert True, "in class"
    try:
        assert False, (lambda: "from a lambda")()
    except AssertionError as error:
        message = str(error)


for value in (1, -1, "s", 1000):
    try:
        print(in_function(value))
    except AssertionError as error:
        print(repr(error), error.__traceback__.tb_next.tb_lineno)
print(getattr(Body, "message", "assertions are off"), __debug__, "debug" if __debug__ else "optimised")
if __debug__:
    print("only when debugging")
if not __debug__:
    print("only when optimised")
print([x for x in range(3) if __debug__ and x], (lambda: __debug__)())
while not __debug__:
    break
AssertionError = ValueError
try:
    assert False, "AssertionError is not looked up by name"
except Exception as error:
    print(type(error).__name__, type(error) is ValueError)
