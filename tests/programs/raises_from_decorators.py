"""Ends with an error in a wrapper made by a decorator with arguments."""

import functools


def checked(*types, strict=True):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for arg, kind in zip(args, types, strict=strict):
                if not isinstance(arg, kind):
                    raise TypeError(f"{function.__name__} wants {kind.__name__}, got {arg!r}")
            return function(*args, **kwargs)

        return wrapper

    return decorate


@checked(int, str)
def repeat(n, text):
    return text * n


@checked(str, strict=False)
@functools.lru_cache
def shout(text, *, mark="!"):
    return text.upper() + mark + repeat(text, 2)


print(repeat(2, "ab"))
shout("hello",
      mark="?")
