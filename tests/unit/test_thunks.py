"""before_* events of expressions give a callable that evaluates the expression where it stands."""
import ast
import asyncio

import pytest

import pyccolo_native as pyc


def calling(*events):
    """A tracer whose handlers call the thunk and give a constant in its place."""
    seen = []

    class Tracer(pyc.BaseTracer):
        @pyc.register_handler(events)
        def handle(self, ret, *_, **__):
            value = ret()
            seen.append(value)
            return lambda: value

    return Tracer.instance(), seen


def test_the_thunk_evaluates_the_expression():
    tracer, seen = calling(pyc.before_assign_rhs)
    assert tracer.exec("x = 20 + 1", local_env={}) == {"x": 21}
    assert seen == [21]


def test_it_is_evaluated_once_if_the_handler_leaves_it():
    class Tracer(pyc.BaseTracer):
        @pyc.before_assign_rhs
        def handle(self, ret, *_, **__):
            assert callable(ret)

    assert Tracer.instance().exec("l = []\nx = l.append(1)", local_env={})["l"] == [1]


def test_a_callable_is_called_in_its_place():
    class Tracer(pyc.BaseTracer):
        @pyc.before_assign_rhs
        def handle(self, ret, *_, **__):
            return lambda: ret() * 2

    assert Tracer.instance().exec("x = 21", local_env={})["x"] == 42


def test_a_constant_stands_for_itself():
    class Tracer(pyc.BaseTracer):
        @pyc.before_assign_rhs
        def handle(self, ret, *_, **__):
            return 42

    assert Tracer.instance().exec("x = undefined_name", local_env={})["x"] == 42


def test_null_stands_for_none():
    class Tracer(pyc.BaseTracer):
        @pyc.before_assign_rhs
        def handle(self, ret, *_, **__):
            return pyc.Null

    assert Tracer.instance().exec("x = undefined_name", local_env={})["x"] is None


def test_handlers_wrap_each_other():
    class Tracer(pyc.BaseTracer):
        @pyc.before_assign_rhs
        def one(self, ret, *_, **__):
            return lambda: ret() + 1

        @pyc.before_assign_rhs
        def two(self, ret, *_, **__):
            return lambda: ret() * 10

    assert Tracer.instance().exec("x = 3", local_env={})["x"] == 40


SCOPES = {
    "function": "def f(a, b=2):\n    x = a + b\n    return x\nresult = f(1)",
    "closure": "def outer(a):\n    b = 10\n    def inner():\n        x = a + b\n        return x\n    return inner()\nresult = outer(1)",
    "nonlocal": "def outer():\n    n = 1\n    def inner():\n        nonlocal n\n        n = n + 1\n        return n\n    return inner()\nresult = outer()",
    "global": "y = 3\ndef f():\n    x = len('abc')\n    return x\nresult = f()",
    "class": "class A:\n    a = 2\n    b = a + 1\nresult = A.b",
    "class in a function": "def f(n):\n    class A:\n        a = n\n        b = a + n\n    return A.b\nresult = f(4)",
    "lambda": "g = lambda n: (lambda m: n + m)\nresult = g(1)(2)",
    "comprehension": "def f(k):\n    x = [i + k for i in range(3)]\n    return x\nresult = f(1)",
    "nested comprehension": "x = [[i * j for j in range(i)] for i in range(3)]\nresult = x",
    "generator": "def f():\n    for i in range(3):\n        x = i * 2\n        yield x\nresult = list(f())",
    "super": "class A:\n    def m(self):\n        return 1\nclass B(A):\n    def m(self):\n        x = super().m() + 1\n        return x\nresult = B().m()",
    "class cell": "class A:\n    def m(self):\n        x = __class__.__name__\n        return x\nresult = A().m()",
    "private names": "class A:\n    __x = 5\n    def m(self):\n        y = self.__x\n        return y\nresult = A().m()",
    "locals of a function": "def f(a):\n    b = 1\n    x = sorted(locals())\n    return x\nresult = f(0)",
    "default argument": "def f(a=[1, 2][1]):\n    return a + 1\nresult = f()",
    "decorator": "def d(n):\n    return lambda f: n\n@d(1 + 2)\ndef f():\n    pass\nresult = f",
    "f-string": "def f(a):\n    x = f'{a!r:>5}{a + 1}'\n    return x\nresult = f(1)",
    "conditional": "def f(a):\n    x = 'yes' if a > 1 and not a == 3 else 'no'\n    return x\nresult = f(2), f(3)",
    "starred": "def f(*a, **k):\n    return a, k\nx = [1, 2]\nresult = f(0, *x, 3, **{'k': x[0] + 1})",
    "except": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    x = str(e)\nresult = x",
    "del of a local": "def f():\n    a = 1\n    x = a + 1\n    del a\n    return x\nresult = f()",
}
THUNKS = sorted(pyc.trace_events.BEFORE_EXPR_EVENTS, key=lambda event: event.name)


@pytest.mark.parametrize("scope", SCOPES)
def test_observing_thunks_changes_nothing(scope):
    class Tracer(pyc.BaseTracer):
        @pyc.register_handler(tuple(THUNKS))
        def handle(self, ret, *_, **__):
            assert callable(ret)

    plain: dict = {}
    exec(SCOPES[scope], plain)
    with Tracer.instance():
        traced = dict(__name__=__name__)
        exec(compile(pyc.parse(SCOPES[scope]), "<sandbox-x>", "exec"), traced)
        pyc.BaseTracer.reset_bookkeeping()
    assert traced["result"] == plain["result"]


@pytest.mark.parametrize("scope", SCOPES)
def test_thunks_evaluate_in_their_scope(scope):
    plain: dict = {}
    exec(SCOPES[scope], plain)
    tracer, seen = calling(pyc.before_assign_rhs, pyc.before_return, pyc.before_argument)
    with tracer:
        traced = dict(__name__=__name__)
        exec(compile(pyc.parse(SCOPES[scope]), "<sandbox-x>", "exec"), traced)
        pyc.BaseTracer.reset_bookkeeping()
    assert traced["result"] == plain["result"]
    assert scope == "decorator" or seen


def test_binary_operators_are_thunks_of_their_operands():
    class Tracer(pyc.BaseTracer):
        @pyc.before_binop
        def handle(self, ret, *_, **__):
            return lambda x, y: ret(x, y) * 100 + x + y

    assert Tracer.instance().eval("3 - 1") == 204


def test_unary_operators_are_thunks_of_their_operand():
    class Tracer(pyc.BaseTracer):
        @pyc.before_unaryop
        def handle(self, ret, *_, **__):
            return lambda x: (ret(x), x)

    assert Tracer.instance().eval("-(3)") == (-3, 3)


def test_comparisons_are_thunks():
    class Tracer(pyc.BaseTracer):
        @pyc.before_compare
        def handle(self, ret, *_, **__):
            assert callable(ret)
            return lambda *args: (ret(*args), args)

    value, args = Tracer.instance().eval("1 < 2")
    assert value is True and args in ((1, 2), ())


def test_the_thunk_of_a_lambda_makes_it():
    class Tracer(pyc.BaseTracer):
        @pyc.before_lambda
        def handle(self, ret, *_, **__):
            return lambda: (ret()(1), "made")

    assert Tracer.instance().eval("lambda x: x + 1") == (2, "made")


THUNKS_THAT_CANNOT_BE_CALLED = {
    "yield": "def f():\n    x = (yield 5)\n    yield x\ng = f()\nresult = (next(g), g.send(7))",
    "yield from": "def f():\n    x = yield from [1, 2]\nresult = list(f())",
    "walrus": "def f():\n    x = (y := 5) + 1\n    return x, y\nresult = f()",
}


@pytest.mark.parametrize("name", THUNKS_THAT_CANNOT_BE_CALLED)
def test_expressions_that_need_their_frame_work_unless_called(name):
    source = THUNKS_THAT_CANNOT_BE_CALLED[name]
    plain: dict = {}
    exec(source, plain)
    errors = []

    class Tracer(pyc.BaseTracer):
        call = False

        @pyc.before_assign_rhs(when=lambda node: type(node).__name__ in ("Yield", "YieldFrom", "BinOp"))
        def handle(self, ret, *_, **__):
            if self.call:
                try:
                    ret()
                except RuntimeError as error:
                    errors.append(str(error))

    tracer = Tracer.instance()
    assert tracer.exec(source, local_env={})["result"] == plain["result"]
    Tracer.call = True
    assert tracer.exec(source, local_env={})["result"] == plain["result"]
    assert len(errors) == 1 and errors[0]


def test_await_works_unless_called():
    source = "import asyncio\nasync def f():\n    x = await asyncio.sleep(0, 5)\n    return x"
    errors = []

    class Tracer(pyc.BaseTracer):
        @pyc.before_assign_rhs
        def handle(self, ret, *_, **__):
            try:
                ret()
            except RuntimeError as error:
                errors.append(error)

    with Tracer.instance():
        f = pyc.exec(source, local_env={})["f"]
        assert asyncio.run(f()) == 5
    assert len(errors) == 1
    errors.clear()


def test_such_an_expression_can_still_be_replaced():
    class Tracer(pyc.BaseTracer):
        @pyc.before_assign_rhs(when=lambda node: isinstance(node, ast.Yield))
        def handle(self, ret, *_, **__):
            return 42

    source = "def f():\n    x = (yield 5)\n    yield x\nresult = list(f())"
    assert Tracer.instance().exec(source, local_env={})["result"] == [42]


def test_an_exception_in_a_thunk_is_the_programs_if_it_is_called_in_its_place():
    class Tracer(pyc.BaseTracer):
        @pyc.before_assign_rhs
        def handle(self, ret, *_, **__):
            return lambda: ret()

    with pytest.raises(ZeroDivisionError):
        Tracer.instance().exec("x = 1 / 0", local_env={})
