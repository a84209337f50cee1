"""Causes, contexts, notes and suppressed contexts, as traceback prints them."""

import traceback


def lookup(mapping, key):
    try:
        return mapping[key]
    except KeyError as error:
        raise LookupError(f"no {key}") from error


def implicit():
    try:
        lookup({}, "a")
    except LookupError:
        int("x")


def suppressed():
    try:
        implicit()
    except ValueError:
        raise RuntimeError("fresh start") from None


def from_class():
    try:
        1 / 0
    except ZeroDivisionError as error:
        raise KeyError from error


def in_finally():
    try:
        raise ValueError("in try")
    finally:
        raise TypeError("in finally")


def in_else():
    try:
        pass
    except ValueError:
        pass
    else:
        raise OSError(2, "no such thing", "name")


def reraised():
    try:
        lookup({}, "b")
    except LookupError as error:
        error.add_note("seen once")
        error.add_note("and\nover two lines")
        raise


def reraised_later():
    kept = None
    try:
        1 / 0
    except ZeroDivisionError as error:
        kept = error
    try:
        raise kept
    except ZeroDivisionError:
        raise kept.with_traceback(None)


def deep(n):
    try:
        if n == 0:
            raise ValueError("bottom")
        deep(n - 1)
    except ValueError as error:
        raise type(error)(f"level {n}") from (error if n % 2 else None)


class Custom(Exception):
    def __init__(self, code, *, reason):
        super().__init__(code, reason)
        self.code, self.reason = code, reason

    def __str__(self):
        return f"{self.code}: {self.reason}"


def custom():
    try:
        raise Custom(5, reason="because")
    except Custom as error:
        error.__cause__ = ValueError("set by hand")
        raise


for function in (implicit, suppressed, from_class, in_finally, in_else, reraised, reraised_later, lambda: deep(3), custom):
    try:
        function()
    except Exception as error:
        print(traceback.format_exc())
        print(repr(error), repr(error.__cause__), repr(error.__context__), error.__suppress_context__)
try:
    raise Custom
except TypeError as error:
    print(error)
try:
    try:
        raise ValueError("first")
    except ValueError as error:
        first = error
        raise error from error
except ValueError as error:
    print(error.__cause__ is first, error.__context__)
print("error" in globals(), "first" in globals())
