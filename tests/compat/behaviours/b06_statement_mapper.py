import ast

import pyccolo as pyc
from pyccolo.stmt_mapper import StatementMapper


class Extra(pyc.BaseTracer):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        with self.register_additional_ast_bookkeeping():
            self.ids = set()
            self.notes = {}


tree = ast.parse("def f(a, *b):\n    return a + b[0]")
mapping = StatementMapper()(tree)
assert set(mapping) == {id(node) for node in ast.walk(tree)}
assert all(type(mapping[id(node)]) is type(node) and mapping[id(node)] is not node for node in ast.walk(tree.body[0].body[0].value.left))
copy = mapping[id(tree)]
assert ast.dump(copy, include_attributes=True) == ast.dump(tree, include_attributes=True)

tracer = Extra.instance()
with tracer:
    left = tree.body[0].body[0].value.left
    tracer.ids.add(id(left))
    tracer.notes[id(left)] = "left"
    mapping = StatementMapper([tracer])(tree)
    assert id(mapping[id(left)]) in tracer.ids and tracer.notes[id(mapping[id(left)])] == "left"
    copy = StatementMapper.bookkeeping_propagating_copy(left)
    assert copy is not left and ast.dump(copy) == ast.dump(left) and tracer.notes[id(copy)] == "left"
