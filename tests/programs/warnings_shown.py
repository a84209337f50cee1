"""Warnings: where they are said to come from, how often they are shown, filters and registries."""

import functools
import sys
import warnings


def deprecated(function):
    @functools.wraps(function)
    def wrapper(*args):
        warnings.warn(f"{function.__name__} is deprecated", DeprecationWarning, stacklevel=2)
        return function(*args)

    return wrapper


@deprecated
def old(x=0):
    return x + 1


def warn(text, level=2, category=UserWarning):
    warnings.warn(text, category, stacklevel=level)
    return text


class Own(UserWarning):
    pass


class Body:
    warn("in a class body")

    def method(self):
        return [warn("in a comprehension") for _ in range(2)], (lambda: warn("in a lambda"))()

    def __del__(self):
        pass


old()
for i in range(3):
    warn("three times, shown once")
    old(
        old(i)
    )
Body().method()
x = (warn("first line") and
     warn("second line")) or warn("never")
warn("with another category", category=Own)


def two_levels():
    warn("two levels up", level=3)


two_levels()
print(sorted(key[0] for key in __warningregistry__ if key != "version")[:3])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    old(); warn("recorded"); warn(f"{old()}")
    print([(str(w.message), w.lineno, w.category.__name__, w.filename == __file__) for w in caught])
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        result = old() + 1
    except DeprecationWarning as error:
        print(error, error.__traceback__.tb_lineno, error.__traceback__.tb_next.tb_lineno)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    warn("not shown")
with warnings.catch_warnings():
    warnings.showwarning = lambda message, category, filename, lineno, *_: print("shown:", message, category.__name__, lineno)
    warn("through showwarning")


def generator():
    warn("in a generator")
    yield


next(generator())
print("to stderr", file=sys.stderr)
warnings.warn_explicit("explicit", UserWarning, "file.py", 7)
{}.get(warn("in an argument"), [warn("in a list"), {warn("in a set")}])
del __warningregistry__  # counts how often filters changed in this process
