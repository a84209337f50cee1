"""pyccolo_native.fast: nodes with the location of another."""
import ast
import threading

import pytest

from pyccolo_native import fast


def location(node):
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


THERE = ast.parse("first\n  \nsecond(third)").body[1].value


def test_nodes_are_where_the_context_says():
    with fast.location_of(THERE):
        name = fast.Name("x", ast.Load())
        call = fast.Call(name)
        with fast.location_of(THERE.args[0]):
            inner = fast.Constant(1)
        outer = fast.Tuple([call, inner], ast.Load())
    assert location(name) == location(call) == location(outer) == location(THERE)
    assert location(inner) == location(THERE.args[0])
    assert call.args == [] and call.keywords == []
    assert not hasattr(fast.Name("x", ast.Load()), "lineno")


def test_the_context_is_left_by_an_exception_and_is_of_one_thread():
    made = []
    with pytest.raises(KeyError), fast.location_of(THERE):
        thread = threading.Thread(target=lambda: made.append(fast.Name("x", ast.Load())))
        thread.start()
        thread.join()
        raise KeyError
    assert not hasattr(made[0], "lineno") and not hasattr(fast.Name("x", ast.Load()), "lineno")


def test_the_last_argument_gives_the_location():
    class Visitor:
        @fast.location_of_arg
        def visit(self, node, *, suffix=""):
            """Documented."""
            return fast.Name(node.id + suffix, ast.Load())

    made = Visitor().visit(THERE.func, suffix="!")
    assert made.id == "second!" and location(made) == location(THERE.func)
    assert Visitor.visit.__doc__ == "Documented."


def test_constants_by_their_old_names():
    made = [fast.Str("s"), fast.Num(1), fast.Bytes(b"b"), fast.NameConstant(None), fast.Ellipsis()]
    assert [type(node) for node in made] == [ast.Constant] * 5
    assert [node.value for node in made] == ["s", 1, b"b", None, ...]
    assert fast.Str.__name__ == "Str" and set(fast.backcompat_helpers) == {"Str", "Num", "Bytes", "NameConstant", "Ellipsis"}


def test_all_node_classes_and_functions_of_ast_are_there():
    for name in dir(ast):
        value = vars(ast).get(name)
        if isinstance(value, type) and issubclass(value, ast.AST) and not name.startswith("_"):
            assert callable(getattr(fast, name)) and getattr(fast, name) is getattr(fast.FastAst, name), name
    assert fast.walk is ast.walk and fast.unparse is ast.unparse


def test_parse():
    with fast.location_of(THERE):
        tree = fast.parse("\n    if x:\n        y\n")
    assert {location(node) for node in ast.walk(tree) if hasattr(node, "lineno")} == {location(THERE)}
    assert fast.parse("x", mode="eval").body.lineno == 1


def test_keywords_and_parameters():
    value = ast.Name("v", ast.Load())
    [keyword] = fast.kwargs(key=value)
    assert (keyword.arg, keyword.value) == (fast.kw("key", value).arg, value) == ("key", value)
    parameters = ast.parse("def f(a, /, b, *c, d, **e): pass").body[0].args
    assert [its.arg for its in fast.iter_arguments(parameters)] == list("abcde")
    assert list(fast.iter_arguments(ast.parse("lambda: 0").body[0].value.args)) == []


def test_copies_leave_behind_what_is_not_of_the_tree():
    tree = ast.parse("f(x, y=[1, 2])")
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node
    copy = fast.copy_ast(tree)
    assert ast.dump(copy, include_attributes=True) == ast.dump(tree, include_attributes=True)
    assert not any(hasattr(node, "parent") for node in ast.walk(copy))
    copied = {id(node) for node in ast.walk(copy) if not isinstance(node, ast.expr_context)}
    assert not copied & {id(node) for node in ast.walk(tree)}


@pytest.mark.parametrize(
    ("conditions", "op", "expected"),
    [
        (["a", None, ast.Name("b", ast.Load())], None, "a and b"),
        (["a", "b", "c"], ast.Or(), "a or b or c"),
        ([None, "a"], None, "a"),
    ],
)
def test_conditions(conditions, op, expected):
    assert ast.unparse(fast.make_composite_condition(conditions, op)) == expected


def test_small_things():
    assert ast.unparse(fast.make_test("a")) == "a" and ast.unparse(fast.make_test("a", negate=True)) == "not a"
    assert ast.unparse(fast.subscript_to_slice(ast.parse("a[1:2]").body[0].value)) == "1:2"


def test_versions():
    from pyccolo_native import __version__, _version, version

    assert version.__version__ == __version__ == _version.get_versions()["version"]
    assert version.version == ".".join(map(str, version.make_version_tuple()))
    assert version.make_version_tuple("v1.20.3rc1+local.7") == (1, 20)
    assert version.make_version_tuple("2.0+local") == (2, 0)
