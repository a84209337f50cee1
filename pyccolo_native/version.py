"""The version of the package."""
from ._native import __version__


def make_version_tuple(vstr=None):
    """The numbers that a version begins with: (0, 2) for "v0.2rc1"."""
    numbers = []
    for part in (__version__ if vstr is None else vstr).removeprefix("v").partition("+")[0].split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)


version = ".".join(map(str, make_version_tuple()))
