"""instrument() on every kind of code: with events it does what it does without, and gets its own code back."""
import importlib
import sys

import pytest

import pyccolo_native as pyc

CASES = {}
"""name: (source of a module, what is given to instrument(), an expression, functions that have events)"""


def case(name, source, given, expression, functions, since=(3, 11)):
    if sys.version_info >= since:
        CASES[name] = source, given, expression, functions


case("function", "def f(a, b=2, *c, d=4, **e):\n    return a, b, c, d, e", "f", "f(1), f(1, 3, 5, d=6, g=7)", ["f"])
case("one line", "def f(a): return a + 1", "f", "f(1)", ["f"])
case("recursion", "def f(n):\n    return 1 if n == 0 else n * f(n - 1)", "f", "f(9)", ["f"])
case("docstring", 'def f():\n    "Said."\n    return f.__doc__', "f", "f()", ["f"])
case(
    "future annotations",
    "from __future__ import annotations\ndef f(a: Missing):\n    b: Missing = a\n    return b, f.__annotations__",
    "f",
    "f(1)",
    ["f"],
)
case(
    "nested function",
    "def f(n):\n    def inner(m):\n        return m + n\n    return inner(1), inner.__qualname__",
    "f",
    "f(5)",
    ["f"],
)
case(
    "closures over changing cells",
    """
def make(n):
    def add(m):
        nonlocal n
        n += m
        return n
    def look():
        return n
    return add, look
add, look = make(10)
""",
    "add, look",
    "add(1), look(), add(-1), look()",
    ["make.<locals>.add", "make.<locals>.look"],
)
case(
    "free variables of several functions",
    """
def outer(zeta, alpha):
    middle = [zeta]
    def inner(x):
        return alpha, middle, zeta, x
    return inner
inner = outer(1, 2)
""",
    "inner",
    "inner(3)",
    ["outer.<locals>.inner"],
)
case("generator", "def f(n):\n    for i in range(n):\n        got = yield i\n        yield got", "f", "list(f(3))", ["f"])
case(
    "coroutine and asynchronous generator",
    """
import asyncio
async def numbers(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i
async def total(n):
    return sum([i async for i in numbers(n)])
def run():
    return asyncio.run(total(4))
""",
    "total, numbers",
    "run()",
    ["total", "numbers"],
)
case(
    "types.coroutine",
    "import types\n@types.coroutine\ndef f():\n    got = yield 1\n    return got\n"
    "async def g():\n    return await f()\n"
    "def run():\n    steps = g()\n    first = steps.send(None)\n    try:\n        steps.send(5)\n"
    "    except StopIteration as end:\n        return first, end.value",
    "f",
    "run()",
    ["f"],
)
case("method", "class C:\n    def m(self):\n        return self.x\nc = C(); c.x = 3", "c.m", "c.m()", ["C.m"])
case(
    "class",
    """
import functools
class Base:
    __slots__ = ("__private", "y", "__dict__")
    def __init__(self):
        self.__private = 1
        self.y = 2
    def read(self):
        return self.__private, self.y
class C(Base):
    def __init__(self):
        super().__init__()
        self.z = __class__.__name__
    @classmethod
    def made(cls):
        return cls()
    @staticmethod
    def static(a):
        return a * 2
    @property
    def prop(self):
        return self._p
    @prop.setter
    def prop(self, value):
        self._p = value
    @prop.deleter
    def prop(self):
        del self._p
    @functools.cached_property
    def cached(self):
        return [self.z]
    def scaled(self, by, times=1):
        return by * times
    twice = functools.partialmethod(scaled, times=2)
    @functools.singledispatchmethod
    def kind(self, arg):
        return "object"
    @kind.register
    def _(self, arg: int):
        return "int"
    class Nested:
        def m(self):
            return "nested"
def use():
    c = C.made()
    c.prop = 5
    got = [c.read(), c.z, c.static(2), c.prop, c.cached, c.twice(4), c.kind(1), c.kind("")]
    del c.prop
    return got, hasattr(c, "_p"), C.Nested().m()
""",
    "C, Base",
    "use()",
    ["Base.__init__", "Base.read", "C.__init__", "C.made", "C.static", "C.prop", "C.prop", "C.prop", "C.cached"]
    + ["C.scaled", "C.kind", "C._", "C.Nested.m"],
)
case(
    "dataclass",
    "from dataclasses import dataclass, field\n@dataclass(order=True)\nclass D:\n    a: int\n    b: list = field(default_factory=list)\n"
    "    def __post_init__(self):\n        self.b.append(self.a)\n    def total(self):\n        return sum(self.b)",
    "D",
    "repr(D(1)), D(1) < D(2), D(3, [4]).total()",
    ["D.__post_init__", "D.total"],
)
case(
    "enum",
    "import enum\nclass Color(enum.Enum):\n    RED = 1\n    BLUE = 2\n    def lower(self):\n        return self.name.lower()\n"
    "    @classmethod\n    def _missing_(cls, value):\n        return cls.RED\n    @property\n    def twice(self):\n"
    "        return self.value * 2",
    "Color",
    "Color.BLUE.lower(), Color(99), Color.BLUE.twice, list(Color)",
    ["Color.lower", "Color._missing_", "Color.twice"],
)
case(
    "namedtuple",
    "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n    y: int = 0\n    def norm(self):\n        return self.x + self.y",
    "P",
    "P(1), P(1, 2).norm(), P(1)._replace(x=3)",
    ["P.norm"],
)
case(
    "abstract class and metaclass",
    """
import abc
class Meta(abc.ABCMeta):
    def __call__(cls, *args):
        made = super().__call__(*args)
        made.tag = cls.__name__
        return made
    @property
    def label(cls):
        return cls.__name__ + "!"
class Shape(metaclass=Meta):
    @abc.abstractmethod
    def area(self):
        return 0
class Square(Shape):
    def __init__(self, n):
        self.n = n
    def area(self):
        return super().area() + self.n ** 2
def abstract():
    try:
        Shape()
    except TypeError as error:
        return "abstract" in str(error)
""",
    "Meta, Shape, Square",
    "Square(3).area(), Square(3).tag, Square.label, abstract()",
    ["Meta.__call__", "Meta.label", "Shape.area", "Square.__init__", "Square.area"],
)
case(
    "decorated with wraps",
    """
import functools
def twice(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(*args), f(*args)
    return wrapper
@twice
@twice
def f(a):
    return a + 1
""",
    "f",
    "f(1)",
    ["f", "f", "f"],
)
case(
    "decorated without wraps",
    "def twice(f):\n    def wrapper(*args):\n        return f(*args), f(*args)\n    return wrapper\n"
    "@twice\ndef f(a):\n    return a + 1",
    "f",
    "f(1)",
    ["twice.<locals>.wrapper", "f"],
)
case(
    "lru_cache and partial",
    "import functools\n@functools.lru_cache\ndef f(a):\n    return [a]\ng = functools.partial(f.__wrapped__, 3)",
    "f, g",
    "f(1), g()",
    ["f"],
)
case(
    "contextmanager",
    "from contextlib import contextmanager\n@contextmanager\ndef f(log):\n    log.append(1)\n    try:\n        yield log\n"
    "    finally:\n        log.append(2)\ndef use():\n    with f([]) as log:\n        log.append(5)\n    return log",
    "f",
    "use()",
    ["f"],
)
case(
    "singledispatch",
    "import functools\n@functools.singledispatch\ndef f(a):\n    return 'object'\n@f.register\ndef _(a: int):\n    return 'int'",
    "f",
    "f(1), f('')",
    ["f", "_"],
)
case(
    "overloads and redefinitions",
    "from typing import overload\n@overload\ndef f(a: int): ...\n@overload\ndef f(a: str): ...\ndef f(a):\n    return a\n"
    "def g():\n    return 1\nfirst = g\ndef g():\n    return 2",
    "f, g, first",
    "f(1), g(), first()",
    ["f", "g", "g"],
)
case(
    "conditional definitions",
    "import sys\nif sys.version_info > (3,):\n    def f():\n        return 'new'\nelse:\n    def f():\n        return 'old'\n"
    "try:\n    raise KeyError\nexcept KeyError:\n    def g():\n        return 'caught'\nfinally:\n    def h():\n        return 'finally'\n"
    "for i in (1, 2):\n    def k(i=i):\n        return i",
    "f, g, h, k",
    "f(), g(), h(), k()",
    ["f", "g", "h", "k"],
)
case("lambda", "f = lambda a, *, b=2: a + b", "f", "f(1)", ["<lambda>"])
case(
    "lambdas on one line",
    "f, g = (lambda a: a + 1), (lambda a: a + 2); h = lambda: (lambda a: a + 3)",
    "g, h",
    "f(1), g(1), h()(1)",
    ["<lambda>", "<lambda>"],
)
case(
    "definitions within guarded regions",
    "def f(n):\n    made = []\n    for i in range(n):\n        def inner(j=i):\n            return i, j\n"
    "        made.append(inner)\n    while n:\n        n -= 1\n        made.append(lambda n=n: n)\n    return made\nmade = f(2)",
    "(f, *made)",
    "[g() for g in made], [g() for g in f(2)]",
    ["f", "f.<locals>.inner", "f.<locals>.inner", "f.<locals>.<lambda>", "f.<locals>.<lambda>"],
)
case(
    "type parameters",
    "def f[T](a: T) -> T:\n    return a\nclass C[T]:\n    def m[U](self, a: T, b: U):\n        return a, b",
    "f, C",
    "f(1), C[int]().m(1, 2), f.__type_params__[0].__name__",
    ["f", "C.m"],
    since=(3, 12),
)
case(
    "module",
    """
'''About.'''
from json import dumps
from textwrap import dedent as borrowed
import functools
def decorator(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(*args)
    return wrapper
@decorator
def f(a):
    return dumps(a)
class C:
    def m(self):
        return f([1])
alias = C
""",
    "module",
    "f(1), C().m(), borrowed(' a')",
    ["decorator", "f", "f", "C.m"],
)


class Statements(pyc.BaseTracer):
    instrument_lambdas = True

    @pyc.before_stmt
    def statement(self, node):
        self.seen.append(node)

    @pyc.before_lambda_body
    def body(self, ret, node):
        self.seen.append(node)

    seen: list = []


class Everything(pyc.BaseTracer):
    instrument_lambdas = True

    @pyc.register_universal_handler
    def event(self, ret, node, frame, event, *_, **__):
        self.seen.append(event)

    seen: list = []


@pytest.fixture
def module(request, importable):
    importable("loaded_kinds", CASES[request.param][0])
    return importlib.import_module("loaded_kinds"), *CASES[request.param][1:]


def given_by(module, expression):
    found = eval(expression, {**vars(module), "module": module})
    return found if type(found) is tuple else (found,)


def shape(function):
    """What must stay while a function is instrumented."""
    code = function.__code__
    return (
        (function.__name__, function.__qualname__, function.__defaults__, function.__kwdefaults__, function.__doc__),
        (function.__closure__, dict(function.__dict__), function.__module__, function.__globals__ is not None),
        (code.co_name, code.co_qualname, code.co_filename, code.co_firstlineno, code.co_freevars, code.co_flags),
        (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount),
    )


@pytest.mark.parametrize("tracer", [Statements, Everything])
@pytest.mark.parametrize("module", CASES, indirect=True)
def test_with_events_it_does_the_same(module, tracer):
    module, given, expression, names = module
    expected = repr(eval(expression, vars(module)))
    given = given_by(module, given)
    with tracer.instrument(*given) as handle:
        pass
    functions = handle.instrumented
    assert sorted(function.__qualname__ for function in functions) == sorted(names)
    codes = [function.__code__ for function in functions]
    shapes = [shape(function) for function in functions]

    tracer.seen.clear()
    with tracer.instrument(*given):
        assert all(function.__code__ is not code for function, code in zip(functions, codes))
        assert [shape(function) for function in functions] == shapes
        assert repr(eval(expression, vars(module))) == expected
    assert tracer.seen
    assert all(function.__code__ is code for function, code in zip(functions, codes))

    tracer.seen.clear()
    assert repr(eval(expression, vars(module))) == expected
    assert not tracer.seen
    tracer.clear_instance()


MODULES = {
    "json.encoder": "module.JSONEncoder(indent=2, sort_keys=True).encode({'b': [1, None, 2.5], 'a': 'é'})",
    "json.decoder": 'module.JSONDecoder(strict=False).decode(\'[1, {"a": null}]\')',
    "textwrap": "module.fill('one two three ' * 9, 20), module.dedent('  a\\n   b')",
    "heapq": "list(module.merge([1, 4], [2, 3], key=lambda n: n)), module.nsmallest(2, [3, 1, 2], key=abs)",
    "posixpath": "module.relpath('/a/b', '/a/c'), module.expanduser('~') != '', module.splitext('a.b')",
    "functools": "module.reduce(max, [1, 3]), sorted([2, 1], key=module.cmp_to_key(lambda a, b: a - b)), module.lru_cache(lambda: 5)()",
    "enum": "[m.name for m in module.Enum('Made', 'A B')], repr(module.IntFlag('F', 'X Y')(3))",
    "dataclasses": "module.asdict(module.make_dataclass('D', ['a', ('b', int, 3)])(1))",
    "fractions": "module.Fraction('3/4') + module.Fraction(1.5) ** 2",
    "difflib": "list(module.unified_diff(['a', 'b'], ['a', 'c'], lineterm=''))",
}


@pytest.mark.parametrize("name", MODULES)
def test_modules_of_the_standard_library(name):
    module = importlib.import_module(name)
    expected = repr(eval(MODULES[name]))
    with Everything.instrument(module) as handle:
        codes = [function.__code__ for function in handle.instrumented]
    originals = [function.__code__ for function in handle.instrumented]
    assert originals and all(one is not other for one, other in zip(originals, codes))
    Everything.seen.clear()
    with Everything.instrument(module):
        assert repr(eval(MODULES[name])) == expected
    assert Everything.seen
    assert [function.__code__ for function in handle.instrumented] == originals
    Everything.clear_instance()


@pytest.mark.parametrize("index", range(4))
def test_of_guarded_regions_the_woven_code_is_taken(importable, index):
    importable("loaded_kinds", CASES["definitions within guarded regions"][0])
    module = importlib.import_module("loaded_kinds")
    with Statements.instrument(module.made[index]):
        Statements.seen.clear()
        module.made[index]()
        assert len(Statements.seen) == 1
        module.made[index - 1]()
        assert len(Statements.seen) == 1
    Statements.clear_instance()


def test_what_a_module_only_imports_is_not_of_it(importable):
    importable("loaded_kinds", CASES["module"][0])
    module = importlib.import_module("loaded_kinds")
    with Statements.instrument(module) as handle:
        assert {function.__module__ for function in handle.instrumented} == {"loaded_kinds"}
    assert handle.skipped == []


def test_generated_functions_are_skipped(importable):
    importable("loaded_kinds", CASES["dataclass"][0] + "\n    __len__ = dict.__len__")
    module = importlib.import_module("loaded_kinds")
    with Statements.instrument(module.D) as handle:
        reasons = {skipped.name.rpartition(".")[2]: skipped.reason for skipped in handle.skipped}
    assert "defined in" in reasons["__init__"] and reasons["__len__"] == "it is not written in Python"


def test_inherited_functions_are_taken_when_asked_for(importable):
    importable("loaded_kinds", CASES["class"][0])
    module = importlib.import_module("loaded_kinds")
    with Statements.instrument(module.C) as handle:
        assert module.Base.read not in handle.instrumented
    with Statements.instrument(module.C, inherited=True) as handle:
        assert module.Base.read in handle.instrumented


def test_nothing_of_the_objects_is_asked(importable):
    importable(
        "loaded_kinds",
        """
class Proxy:
    def __getattribute__(self, name):
        raise RuntimeError(f"{name} was looked up")
class Meta(type):
    def __getattribute__(cls, name):
        if name in ("__dict__", "__wrapped__", "f"):
            raise RuntimeError(f"{name} was looked up")
        return super().__getattribute__(name)
class C(metaclass=Meta):
    class Descriptor:
        def __get__(self, instance, owner):
            raise RuntimeError("the descriptor was asked")
    held = Descriptor()
    proxy = Proxy()
    def f(self):
        return 1
proxy = Proxy()
""",
    )
    module = importlib.import_module("loaded_kinds")
    with Statements.instrument(module) as handle:
        names = {function.__qualname__ for function in handle.instrumented}
    assert names == {"Proxy.__getattribute__", "Meta.__getattribute__", "C.Descriptor.__get__", "C.f"}
