"""A library with the calls that driver.py makes, and one fault per "event": what the harness must notice."""

import ast
import contextlib
import enum
import os

NOTICED_IN = {
    "shifts_lines": "frames",
    "shifts_columns": "frames",
    "leaves_a_name": "reserved names",
    "forgets_the_docstring": "globals",
    "evaluates_operands_twice": "stdout",
    "wraps_in_lambdas": "stderr",
    "swallows_the_error": "status",
    "refuses": "failed_to_weave",
    "ends_the_process": "process_ended",
    "warns": "warns",
}
"""The word by which the report on each fault is known."""

TraceEvent = enum.Enum("TraceEvent", ["no_fault", *NOTICED_IN])
chosen = None


def register_handler(event):
    global chosen
    chosen = event
    return lambda handler: handler


class Faulty(ast.NodeTransformer):
    def visit(self, tree):
        return getattr(self, chosen.name)(tree)

    def no_fault(self, tree):
        return tree

    def shifts_lines(self, tree):
        return ast.increment_lineno(tree)

    def shifts_columns(self, tree):
        for node in ast.walk(tree):
            if isinstance(node, ast.BinOp):
                node.end_col_offset += 1
        return tree

    def leaves_a_name(self, tree):
        tree.body.insert(0, ast.parse("_X5ix_left = 1").body[0])
        return tree

    def forgets_the_docstring(self, tree):
        del tree.body[0]
        return tree

    def evaluates_operands_twice(self, tree):
        for node in ast.walk(tree):
            if isinstance(node, ast.BinOp):
                node.left = ast.copy_location(ast.BoolOp(ast.And(), [node.left, node.left]), node.left)
        return tree

    def wraps_in_lambdas(self, tree):
        for node in ast.walk(tree):
            if isinstance(node, ast.Return):
                made = ast.parse("(lambda: 0)()", mode="eval").body
                made.func.body = node.value
                node.value = made
        return ast.fix_missing_locations(tree)

    def swallows_the_error(self, tree):
        made = ast.parse("try: pass\nexcept Exception: pass")
        made.body[0].body = tree.body
        return made

    def refuses(self, tree):
        raise SyntaxError("cannot weave this")

    def ends_the_process(self, tree):
        os._exit(3)

    def warns(self, tree):
        tree.body.append(ast.copy_location(ast.parse("() is ()").body[0], tree.body[0]))
        return ast.fix_missing_locations(tree)


class BaseTracer:
    @classmethod
    def instance(cls):
        return cls()

    def make_ast_rewriter(self, path):
        return Faulty()

    def tracing_enabled(self):
        return contextlib.nullcontext()

    tracing_disabled = tracing_enabled
