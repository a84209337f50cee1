import ast
import weakref

import pyccolo as pyc

TABLES = ("ast_node_by_id", "containing_ast_by_id", "containing_stmt_by_id", "parent_stmt_by_id", "stmt_by_lineno_by_module_id")


class Names(pyc.BaseTracer):
    found = []

    @pyc.load_name
    def name(self, ret, node, *_, **__):
        self.found.append((node, self.containing_stmt_by_id[id(node)], self.parent_stmt_by_id[id(self.containing_stmt_by_id[id(node)])]))


for table in TABLES:
    assert isinstance(getattr(pyc.BaseTracer, table), dict)
    assert getattr(pyc.BaseTracer, table) is getattr(Names, table) is getattr(Names.instance(), table)

tracer = Names.instance()
with tracer:
    tree = ast.parse("if True:\n    y = [1]\n    y")
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # as other tools do: nothing follows it
    woven = tracer.make_ast_rewriter(path="<sandbox-tables>").visit(tree)
    nodes = tracer.ast_node_by_id
    newest = list(nodes.values())[-8:]
    # complete before anything runs, in order, genuine nodes
    assert {"If", "Assign", "List", "Name"} <= {type(node).__name__ for node in list(nodes.values())}
    assert all(nodes[id(node)] is node and isinstance(node, ast.AST) for node in nodes.values())
    assert list(nodes) == [id(node) for node in nodes.values()] and len(nodes) == len(list(nodes))
    assert all(weakref.ref(node)() is node for node in newest)
    tracer.exec_raw(woven, {}, {}, "<sandbox-tables>", instrument=False)
    [(node, stmt, around)] = tracer.found
    assert isinstance(node, ast.Name) and isinstance(stmt, ast.Expr) and isinstance(around, ast.If)
    kept = dict(nodes)
    assert kept == nodes and nodes == kept
    assert nodes.pop(id(node)) is node and id(node) not in nodes
    nodes[id(node)] = node
    assert list(nodes)[-1] == id(node)
    nodes.clear()
    assert not nodes and list(nodes.values()) == [] and len(nodes) == 0


# Ids of nodes serve as keys, also after the code is gone.
class Keys(pyc.BaseTracer):
    ids = []

    @pyc.load_name
    def name(self, ret, node, *_, **__):
        self.ids.append(id(node))


with Keys:
    for _ in range(500):
        assert pyc.eval("x", {"x": 1}, {}) == 1
assert len(set(Keys.ids)) == 500
