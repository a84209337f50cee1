"""inspect on functions, classes and code: signatures, sources, flags, names of arguments and closures."""

import ast
import functools
import inspect
import textwrap


def plain(a, b: int = 2, /, c=(1, 2), *args, d="x", e: "str", **kwargs) -> dict:
    """Docstring."""
    local = a  # a comment
    return local


def outer(captured):
    other = 1

    def inner(x):
        nonlocal other
        other += captured + x
        return other

    return inner


def generator():
    yield 1


async def coroutine():
    return 1


async def async_generator():
    yield 1


class Example:
    """Class docstring."""

    attribute = [n for n in range(3)]

    def method(self, a, *, b=None):
        return (lambda x: x * 2)(a)

    @classmethod
    def by_class(cls, a):
        return a

    @staticmethod
    def static(a=1):
        return a

    @functools.cached_property
    def cached(self):
        return 1

    def __call__(self, *args):
        return args


@functools.wraps(plain)
def wrapper(*args, **kwargs):
    return plain(*args, **kwargs)


FLAGS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR | inspect.CO_VARARGS | inspect.CO_VARKEYWORDS | inspect.CO_OPTIMIZED | inspect.CO_NEWLOCALS
for function in (plain, outer, outer(1), generator, coroutine, async_generator, Example.method, Example.by_class, Example.static, wrapper, Example):
    print(getattr(function, "__qualname__", function), inspect.signature(function))
    if code := getattr(inspect.unwrap(function), "__code__", None):
        arguments = code.co_argcount + code.co_kwonlyargcount
        print(" ", code.co_name, code.co_qualname, code.co_firstlineno, code.co_varnames[:arguments], code.co_freevars, code.co_flags & FLAGS, code.co_posonlyargcount)
    print(" ", inspect.getsource(function).splitlines()[0], inspect.getsourcelines(function)[1], ast.parse(textwrap.dedent(inspect.getsource(function))).body[0].__class__.__name__)
print(inspect.signature(Example()), inspect.signature(Example().method), inspect.getdoc(Example), inspect.getcomments(plain))
print([inspect.isgeneratorfunction(generator), inspect.iscoroutinefunction(coroutine), inspect.isasyncgenfunction(async_generator), inspect.isgeneratorfunction(plain)])
bound = inspect.signature(plain).bind(1, 2, 3, 4, e="e", z=0)
bound.apply_defaults()
print(bound.arguments, plain.__defaults__, plain.__kwdefaults__, plain.__annotations__)
closure = inspect.getclosurevars(outer(5))
print(closure.nonlocals, inspect.getclosurevars(wrapper).globals.keys(), outer(5).__closure__[0].cell_contents)
del closure
print([name for name, _ in inspect.getmembers(Example) if not name.startswith("__")], inspect.getmodule(plain).__name__, inspect.getsourcefile(plain) == __file__)
print(inspect.getfullargspec(plain).kwonlyargs, inspect.getmro(Example)[1].__name__, inspect.isroutine(len), inspect.ismethod(Example().method))
lambda_source = inspect.getsource(lambda a: a + 1)
print(lambda_source.strip(), plain.__code__.co_filename == __file__, plain.__globals__ is globals(), plain.__module__)
replaced = plain.__code__.replace(co_name="renamed")
new = type(plain)(replaced, globals(), "new", plain.__defaults__)
new.__kwdefaults__ = plain.__kwdefaults__
print(new(5, e=1), new.__name__, new.__code__.co_name)
plain.__code__, saved = (lambda a, b=0, *args, **kwargs: "swapped").__code__, plain.__code__
print(plain(1))
plain.__code__ = saved
print(plain(2, e=0), plain == plain, hash(plain) == hash(plain), callable(plain), plain.__get__(7)(e=1))
for line in [line for _, _, line in saved.co_lines() if line][:1]:
    print(line >= saved.co_firstlineno)
