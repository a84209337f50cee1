"""What is done with each module of the standard library once its source has been loaded, plain or woven.

An exercise gets the loaded copy and returns what is compared. `without` names C accelerators that must not be found, so
that the copy uses its own Python code; `doctests` runs the module's own examples too.
"""

import importlib.util
from typing import Callable, NamedTuple


class Exercise(NamedTuple):
    module: str
    function: Callable
    without: "tuple[str, ...]"
    doctests: bool


EXERCISES: "dict[str, Exercise]" = {}


def exercise(module, without=(), doctests=False):
    def register(function):
        EXERCISES[module] = Exercise(module, function, without, doctests)
        return function

    return register


def first_of(*modules):
    """The first of these modules that this Python has: where one was split, the part with the code."""
    for module in modules[:-1]:
        try:
            if importlib.util.find_spec(module):
                return module
        except ModuleNotFoundError:
            continue
    return modules[-1]


def error_of(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return type(error).__name__, str(error)


from . import data, language, text  # noqa: E402, F401 - each registers its exercises
