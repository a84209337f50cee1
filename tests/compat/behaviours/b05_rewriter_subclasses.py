import ast

import pyccolo as pyc
from pyccolo.ast_rewriter import AstRewriter


class Rewriter(AstRewriter):
    made = 0

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        Rewriter.made += 1
        self.visited = []

    def visit(self, node, *args, **kwargs):
        self.visited.append(node)
        return super().visit(node, *args, **kwargs)

    def should_instrument_with_tracer(self, tracer):
        return not isinstance(tracer, Ignored) and super().should_instrument_with_tracer(tracer)


class Names(pyc.BaseTracer):
    ast_rewriter_cls = Rewriter
    heard = 0

    @pyc.load_name
    def name(self, *_, **__):
        type(self).heard += 1


class Ignored(Names):
    pass


assert issubclass(pyc.AstRewriter, ast.NodeTransformer)
tracer = Names.instance()
with tracer:
    pyc.exec("y = 1\ny")
    assert (Names.heard, Rewriter.made) == (1, 1)
    rewriter = tracer.make_ast_rewriter(path="<sandbox-first>")
    assert isinstance(rewriter, Rewriter) and rewriter._path == "<sandbox-first>" and rewriter._tracers is not None
    tree = ast.parse("z = 2\nz")
    name = tree.body[1].value
    woven = rewriter.visit(tree)
    copy = rewriter.orig_to_copy_mapping[id(name)]
    assert isinstance(copy, ast.Name) and copy.id == "z"
    assert rewriter.visited == [tree] and rewriter._get_order_of_specs_applied() == ()
    assert rewriter._augmented_positions_by_spec == {}
    # once more, on the live object
    rewriter.__init__(rewriter._tracers, "<sandbox-second>", module_id=7)
    assert (rewriter._path, rewriter._module_id, rewriter.visited) == ("<sandbox-second>", 7, [])
    again = rewriter.visit(ast.parse("z"))
    rewriter._path = "<sandbox-third>"
    rewriter._module_id = 8
    rewriter.gc_bookkeeping = False
    third = rewriter.visit(ast.parse("z"))
    tracer.exec_raw(third, {"z": 1}, {}, "<sandbox-third>", instrument=False)
    assert Names.heard == 2
Names.clear_instance()
with Ignored.instance():
    pyc.exec("y = 1\ny")
    assert Names.heard == 2 and Ignored.heard == 2
