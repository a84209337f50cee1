"""before_stmt handlers may run something else in the place of a statement."""
import ast

import pytest

import pyccolo_native as pyc


def replacing(replacement, when=lambda node: True):
    class Tracer(pyc.BaseTracer):
        after = []

        @pyc.before_stmt(when=when)
        def before(self, ret, node, *_, **__):
            return replacement(node) if callable(replacement) else replacement

        @pyc.after_stmt
        def handle_after(self, ret, node, *_, **__):
            self.after.append(type(node).__name__)

    return Tracer.instance()


def assigns(name):
    return lambda node: isinstance(node, ast.Assign) and node.targets[0].id == name


def test_none_runs_the_statement():
    assert replacing(None).exec("x = 1", local_env={}) == {"x": 1}


def test_pass_skips_it():
    assert replacing(pyc.Pass, assigns("x")).exec("x = 1\ny = 2", local_env={}) == {"y": 2}


def test_source_runs_in_its_place():
    found = []
    env = {"found": found}
    replacing("found.append(x)", assigns("y")).exec("x = 5\ny = 2", env, {})
    assert found == [5]


def test_source_of_several_statements():
    found = []
    replacing("for i in range(3):\n    found.append(i)", assigns("y")).exec("y = 2", {"found": found}, {})
    assert found == [0, 1, 2]


def test_a_tree_runs_in_its_place():
    found = []
    tree = ast.parse("found.append(3)")
    replacing(tree, assigns("y")).exec("y = 2", {"found": found}, {})
    replacing(tree.body[0], assigns("y")).exec("y = 2", {"found": found}, {})
    assert found == [3, 3]


def test_it_runs_in_the_statements_scope():
    found = []
    source = "def f(a):\n    b = a + 1\n    y = 2\n    return b\nf(5)"
    replacing("found.append((a, b))", assigns("y")).exec(source, {"found": found}, {})
    assert found == [(5, 6)]


def test_after_stmt_still_fires():
    tracer = replacing(pyc.Pass, assigns("x"))
    tracer.exec("x = 1", local_env={})
    assert tracer.after == ["Assign"]


def test_an_exception_in_a_replacement_is_the_programs():
    with pytest.raises(ZeroDivisionError):
        replacing("1 / 0", assigns("x")).exec("x = 1", local_env={})


def test_a_replacement_for_each_node():
    found = []
    tracer = replacing(lambda node: f"found.append({node.lineno})", lambda node: isinstance(node, ast.Pass))
    tracer.exec("pass\nif True:\n    pass\ndef f():\n    pass\nf()", {"found": found}, {})
    assert found == [1, 3, 5]


def test_the_last_handler_that_returns_something_wins():
    found = []

    class Tracer(pyc.BaseTracer):
        @pyc.before_stmt
        def one(self, *_, **__):
            return "found.append(1)"

        @pyc.before_stmt
        def two(self, *_, **__):
            return "found.append(2)"

    Tracer.instance().exec("pass", {"found": found}, {})
    assert found == [2]


def test_a_compound_statement_is_skipped_with_its_body():
    env = replacing(pyc.Pass, lambda node: isinstance(node, ast.If)).exec("if True:\n    x = 1\ny = 2", local_env={})
    assert env == {"y": 2}


def test_a_return_is_skipped():
    env = replacing(pyc.Pass, lambda node: isinstance(node, ast.Return)).exec(
        "def f():\n    return 1\nx = f()", local_env={}
    )
    assert env["x"] is None


def test_what_is_neither_source_nor_a_tree_is_an_error(unraisable):
    with pytest.raises(TypeError, match="3"):
        replacing(3).exec("pass", local_env={})


@pytest.mark.parametrize("kind", ["def f():", "async def f():", "class f:"])
def test_docstrings_are_kept(kind):
    class Tracer(pyc.BaseTracer):
        @pyc.register_handler((pyc.before_stmt, pyc.after_stmt, pyc.after_string, pyc.before_function_body))
        def handle(self, ret, *_, **__):
            pass

    env = Tracer.instance().exec(f"{kind}\n    'the docstring'\n    x = 1", local_env={})
    assert env["f"].__doc__ == "the docstring"


def test_a_modules_docstring_is_kept(forget_trees):
    class Tracer(pyc.BaseTracer):
        @pyc.register_handler((pyc.before_stmt, pyc.after_stmt, pyc.init_module, pyc.after_string))
        def handle(self, ret, *_, **__):
            pass

    with Tracer.instance():
        namespace = {}
        exec(compile(pyc.parse("'the docstring'\nx = __doc__"), "<sandbox>", "exec"), namespace)
    assert namespace["__doc__"] == namespace["x"] == "the docstring"


def test_future_imports_stay_first(forget_trees):
    class Tracer(pyc.BaseTracer):
        seen = []

        @pyc.before_stmt
        def handle(self, ret, node, *_, **__):
            self.seen.append(type(node).__name__)

    source = "'doc'\nfrom __future__ import annotations\ndef f(x: undefined): pass"
    with Tracer.instance():
        namespace = {}
        exec(compile(pyc.parse(source), "<sandbox>", "exec"), namespace)
    assert namespace["f"].__annotations__ == {"x": "undefined"}
    assert "FunctionDef" in Tracer.seen


def test_functions_global_and_nonlocal_declarations_hold():
    class Tracer(pyc.BaseTracer):
        @pyc.register_handler((pyc.before_stmt, pyc.after_stmt, pyc.load_name))
        def handle(self, ret, *_, **__):
            pass

    source = """
def outer():
    n = 0
    def inner():
        nonlocal n
        n += 1
        global m
        m = n
    inner()
    inner()
    return n
result = outer()
"""
    env = {}
    assert Tracer.instance().exec(source, env, {})["result"] == 2
    assert env["m"] == 2
