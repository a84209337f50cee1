"""Module docstring,
over two lines."""

import inspect


def function():
    """Function docstring."""
    return 1


def only_docstring():
    """Nothing else."""


def with_global():
    """Docstring before a global statement."""
    global made
    made = 1


def not_a_docstring():
    f"""An f-string {1 + 1} is none."""
    return not_a_docstring.__doc__


def neither():
    b"bytes"


def nor_this():
    ("implicit " "concatenation " 'counts')


def expression():
    "a" + "b"


def late():
    x = 1
    """Too late."""
    return x


async def coroutine():
    """Of a coroutine function."""


def generator():
    """Of a generator."""
    yield


class Documented:
    """Class docstring."""

    attribute = 1
    """Not a docstring of the attribute."""

    def method(self):
        """Method docstring."""

    @property
    def prop(self):
        """Property docstring."""

    class Nested:
        """Nested class docstring."""


class OnlyDocstring:
    """Only this."""


class NoDocstring:
    pass


class Computed:
    __doc__ = "assigned " + "docstring"


class Sees:
    """Known in its own body."""

    copied = __doc__.upper()


class WithSlots:
    """With slots."""

    __slots__ = ("x",)


"""A string in the middle of the module."""
for thing in (function, only_docstring, with_global, not_a_docstring, neither, nor_this, expression, late, coroutine, generator, Documented, Documented.method, Documented.prop, Documented.Nested, OnlyDocstring, NoDocstring, Computed, WithSlots):
    print(getattr(thing, "__name__", "prop"), repr(thing.__doc__))
print(repr(__doc__), Sees.copied, not_a_docstring(), (lambda: "not a docstring").__doc__)
print(inspect.getdoc(Documented), inspect.cleandoc(__doc__), list(vars(Documented))[:3], function.__code__.co_consts[0])
__doc__ += " Changed."
print(__doc__)
