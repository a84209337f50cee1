"""The tables by node id: what is in them, in what order, and for how long."""
import ast
import gc
import weakref

import pytest

import pyccolo_native as pyc

TABLES = ["ast_node_by_id", "containing_ast_by_id", "containing_stmt_by_id", "parent_stmt_by_id"]


class Names(pyc.BaseTracer):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.nodes = []
        self.looks = []

    @pyc.load_name
    def load(self, ret, node, *_, **__):
        self.nodes.append(node)
        self.looks.append(
            (
                self.ast_node_by_id[id(node)] is node,
                type(self.containing_ast_by_id.get(id(node))).__name__,
                type(self.containing_stmt_by_id.get(id(node))).__name__,
                type(self.parent_stmt_by_id.get(id(self.containing_stmt_by_id.get(id(node))))).__name__,
                self.is_outer_stmt(node),
                self.is_initial_frame_stmt(node),
            )
        )


@pytest.fixture(autouse=True)
def clean():
    pyc.BaseTracer.reset_bookkeeping()
    yield
    Names.clear_instance()
    pyc.BaseTracer.reset_bookkeeping()


def looks(source):
    tracer = Names.instance()
    tracer.exec(source, local_env={})
    return tracer.looks


def test_a_name_in_a_call():
    assert looks("print(end='')") == [(True, "Call", "Expr", "NoneType", True, True)]


def test_names_in_blocks():
    seen = looks("x = [1]\nif True:\n    for i in x:\n        i\n")
    assert seen == [(True, "For", "For", "If", True, True), (True, "Expr", "Expr", "For", False, True)]


def test_a_name_in_a_function():
    assert looks("x = 1\ndef f():\n    return x\nf()")[-1] == (True, "Return", "Return", "FunctionDef", False, False)


def test_is_outer_stmt_of_the_package():
    seen = []

    class Tracer(pyc.BaseTracer):
        @pyc.before_stmt
        def handle(self, ret, node, *_, **__):
            seen.append((node.lineno, pyc.is_outer_stmt(node), pyc.is_outer_stmt(id(node), {ast.If})))

    Tracer.instance().exec("x = 1\nif x:\n    y = 2\nfor i in (1,):\n    z = 3", local_env={})
    assert seen == [(1, True, True), (2, True, True), (3, True, False), (4, True, True), (5, False, False)]


def test_nodes_are_plain_ast_nodes_of_the_source():
    tracer = Names.instance()
    tracer.exec("x = 1\ny = (x +\n     x)", local_env={})
    one, two = tracer.nodes
    assert type(one) is ast.Name and one.id == "x" and isinstance(one.ctx, ast.Load)
    assert (one.lineno, one.col_offset, one.end_lineno, one.end_col_offset) == (2, 5, 2, 6)
    assert (two.lineno, two.col_offset) == (3, 5)
    assert weakref.ref(one)() is one


def test_the_whole_tree_is_in_the_tables_during_execution():
    found = {}

    class Tracer(pyc.BaseTracer):
        @pyc.init_module
        def module(self, ret, node, *_, **__):
            found["tree"] = [self.ast_node_by_id.get(id(child)) is child for child in ast.walk(node) if _is_own(child)]
            found["types"] = {type(child).__name__ for child in self.ast_node_by_id.values()}
            found["parents"] = all(
                self.containing_ast_by_id.get(id(child)) is parent
                for parent in ast.walk(node)
                for child in ast.iter_child_nodes(parent)
                if _is_own(child)
            )

    Tracer.instance().exec("def f(a, *b, c=1):\n    return [i for i in a if i]\nx = {1: f}", local_env={})
    assert all(found["tree"]) and len(found["tree"]) > 15 and found["parents"]
    assert {"Module", "FunctionDef", "arguments", "arg", "comprehension", "Dict"} <= found["types"]


def _is_own(node):
    """Contexts and operators are shared between trees."""
    return not isinstance(node, (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop))


def test_tables_are_ordered_newest_last(forget_trees):
    tracer = Names.instance()
    with tracer:
        pyc.parse("a")
        pyc.parse("b")
    names = [node.id for node in tracer.ast_node_by_id.values() if isinstance(node, ast.Name)]
    assert names == ["a", "b"]


def test_tables_are_dicts(forget_trees):
    with Names.instance():
        pyc.parse("if a:\n    a + 1")
    for name in TABLES:
        table = getattr(pyc.BaseTracer, name)
        assert isinstance(table, dict) and len(table) == len(list(table)) == len(table.values()) > 0
        key = next(iter(table))
        assert key in table and table[key] is table.get(key) is dict(table)[key]
        assert table.get(-1) is None and -1 not in table
        with pytest.raises(KeyError):
            table[-1]
        assert table == dict(table)


def test_statements_by_line(forget_trees):
    with Names.instance():
        pyc.parse("a = 1\nif a:\n    b = 2\n\n@a\ndef f():\n    pass")
    [lines] = pyc.BaseTracer.stmt_by_lineno_by_module_id.values()
    kinds = {line: type(stmt).__name__ for line, stmt in lines.items()}
    assert kinds == {1: "Assign", 2: "If", 3: "Assign", 5: "FunctionDef", 6: "FunctionDef", 7: "Pass"}


def test_reset_empties_the_tables(forget_trees):
    with Names.instance():
        pyc.parse("a + 1")
    pyc.BaseTracer.reset_bookkeeping()
    assert [len(getattr(pyc.BaseTracer, name)) for name in TABLES] == [0, 0, 0, 0]
    assert len(pyc.BaseTracer.stmt_by_lineno_by_module_id) == 0


def test_code_runs_on_after_a_reset(forget_trees):
    tracer = Names.instance()
    with tracer:
        f = pyc.exec("def f(a):\n    return a", local_env={})["f"]
        pyc.BaseTracer.reset_bookkeeping()
        tracer.nodes = []
        tracer.load = lambda *_: None
        assert f(3) == 3


def test_clear_of_one_table_by_hand(forget_trees):
    with Names.instance():
        pyc.parse("a + 1")
        pyc.BaseTracer.ast_node_by_id.clear()
        assert len(pyc.BaseTracer.ast_node_by_id) == 0
        pyc.parse("b")
        assert len(pyc.BaseTracer.ast_node_by_id) > 0


def test_rows_go_with_the_code():
    with Names.instance() as _:
        f = pyc.exec("def f(a):\n    return a", local_env={})["f"]
        assert len(pyc.BaseTracer.ast_node_by_id) > 0
        del f
        gc.collect()
        assert len(pyc.BaseTracer.ast_node_by_id) == 0


def test_rows_stay_while_a_part_of_the_code_does():
    with Names.instance():
        inner = pyc.exec("def f():\n    return lambda a: a\ng = f()", local_env={})["g"]
        gc.collect()
        assert {"Module", "Lambda"} <= {type(node).__name__ for node in pyc.BaseTracer.ast_node_by_id.values()}
        assert inner(1) == 1


def test_rows_stay_with_a_replaced_code_object():
    tracer = Names.instance()
    with tracer:
        f = pyc.exec("def f(a):\n    return a", local_env={})["f"]
        code = f.__code__.replace(co_name="renamed")
        del f
        gc.collect()
        assert len(pyc.BaseTracer.ast_node_by_id) > 0
        assert type(lambda: 0)(code, {})(5) == 5
    assert [node.id for node in tracer.nodes] == ["a"]
    del code


def test_without_bookkeeping_the_tables_stay_empty():
    class Tracer(pyc.BaseTracer):
        requires_ast_bookkeeping = False
        nodes = []

        @pyc.load_name
        def load(self, ret, node, *_, **__):
            self.nodes.append(len(self.ast_node_by_id))

    Tracer.instance().exec("x = 1\nx", local_env={})
    assert Tracer.nodes == [0]


def test_additional_tables_are_kept_in_step():
    class Tracer(pyc.BaseTracer):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            with self.register_additional_ast_bookkeeping():
                self.extra = {}

        @pyc.load_name
        def load(self, ret, node, *_, **__):
            self.extra[id(node)] = node.id

    tracer = Tracer.instance()
    assert pyc.BaseTracer.additional_ast_bookkeeping["extra"] is tracer.extra
    with tracer:
        f = tracer.exec("x = 1\ndef f(): return x", local_env={})["f"]
        f()
        assert list(tracer.extra.values()) == ["x"]
        del f  # and with it the nodes
        gc.collect()
        assert tracer.extra == {}
        f = tracer.exec("x = 1\ndef f(): return x", local_env={})["f"]
        f()
    pyc.BaseTracer.reset_bookkeeping()
    assert tracer.extra == {}
    del pyc.BaseTracer.additional_ast_bookkeeping["extra"]


def test_static_init_module_gets_the_tree():
    class Tracer(pyc.BaseTracer):
        seen = []

        def static_init_module(self, node):
            self.seen.append((type(node).__name__, self.current_module[0] is node))

        @pyc.load_name
        def load(self, ret, *_, **__):
            pass

    Tracer.instance().exec("x = 1", local_env={})
    assert ("Module", True) in Tracer.seen
    pyc.BaseTracer.current_module[0] = None


@pytest.mark.parametrize("bookkeeping", [True, False])
def test_predicates_see_the_tables(bookkeeping):
    class Tracer(pyc.BaseTracer):
        requires_ast_bookkeeping = bookkeeping
        seen = []

        @pyc.load_name(when=pyc.Predicate(lambda node: pyc.is_outer_stmt(node), static=True))
        def load(self, ret, node, *_, **__):
            self.seen.append(node.id)

    tracer = Tracer.instance()
    tracer.exec("x = y = 1\nx\nfor i in [1]:\n    y\ndef f():\n    return x\nf()", local_env={})
    Tracer.clear_instance()
    assert tracer.seen == ["x", "f"]


def test_conditions_that_are_asked_while_code_is_woven_find_the_tables():
    answers = []

    def is_in_an_or(node_id):
        parent = pyc.BaseTracer.containing_ast_by_id.get(node_id)
        answers.append(type(parent).__name__)
        return isinstance(parent, ast.BoolOp)

    class Operands(pyc.BaseTracer):
        seen = []

        @pyc.register_raw_handler(pyc.load_name, when=is_in_an_or)
        def operand(self, ret, *_, **__):
            self.seen.append(ret)

    with Operands:
        pyc.exec("a = 0\nb = 2\nc = a or b\nd = b")
    assert Operands.seen == [0, 2]
    assert answers[:3] == ["BoolOp", "BoolOp", "Assign"]
