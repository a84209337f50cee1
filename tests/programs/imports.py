"""Import statements of every form, in every scope."""

import collections.abc
import json, string as text_module, os.path
import xml.etree.ElementTree as tree
from collections import OrderedDict, abc as abstract
from os import (
    path,
    sep as separator,
)
from math import *

print(collections.abc.Mapping.__name__, json.dumps({"a": [1]}), text_module.digits, os.path is path, separator == os.sep)
print(tree.fromstring("<a><b/></a>")[0].tag, OrderedDict(a=1), abstract is collections.abc, floor(2.5), "pi" in globals(), "xml" in globals())


def in_function():
    import string
    import importlib.machinery as machinery, importlib.util
    from functools import partial as p, reduce

    return string.hexdigits, machinery.ModuleSpec.__name__, importlib.util.__name__, p(reduce, lambda a, b: a + b)([1, 2, 3]), sorted(locals())


def makes_globals():
    global bisect_module, heappush
    import bisect as bisect_module
    from heapq import heappush

    return bisect_module.bisect([1, 3], 2)


class Body:
    import math as mathematics
    from string import ascii_letters

    radius = mathematics.pi > 3


print(in_function(), makes_globals(), heappush.__name__, Body.radius, Body.ascii_letters[:3], Body().mathematics is Body.mathematics)
for statement in (lambda: __import__("no_such_module"), lambda: __import__("os.no_such")):
    try:
        statement()
    except ImportError as error:
        print(type(error).__name__, error, error.name)
try:
    from os import no_such_name
except ImportError as error:
    print(str(error).split(" (")[0], error.name)
try:
    import os.path.deeper
except ModuleNotFoundError as error:
    print(error)
try:
    from . import sibling
except ImportError as error:
    print(error)
try:
    import no_such_module as alias
except ModuleNotFoundError:
    alias = None
else:
    print("never")
print(alias, __import__("os.path").__name__, __import__("os.path", fromlist=["join"]) is path)
if True:
    import itertools as it; from operator import add; print([*it.accumulate([1, 2, 3], add)])
with open(os.devnull): import textwrap
try:
    import no_such_module
except ImportError:
    try:
        import no_such_either
    except ImportError as inner:
        print(repr(inner.__context__))
print(textwrap.dedent("  x"), [__import__("string").digits for _ in range(1)][0][:2])
