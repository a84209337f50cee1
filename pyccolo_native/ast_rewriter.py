"""Turning a tree into the tree that tells tracers what happens."""
from __future__ import annotations

import ast
from collections import defaultdict

from . import _native
from .ast_bookkeeping import KEPT
from .elsewhere import names_from
from .emit_event import scope
from .extra_builtins import EMIT_EVENT
from .syntax_augmentation import Position

_REWRITABLE = (ast.Module, ast.Expression, ast.FunctionDef, ast.AsyncFunctionDef)
_REWRITE = "_pyccolo_rewrite"  # of a woven tree: what it lives by until it is compiled


class AstRewriter(ast.NodeTransformer):
    """Weaves the events that `tracers` have handlers for into trees of the file `path`.

    visit() gives the woven tree; the given tree stays as it is, and its nodes are those that handlers get.
    """

    gc_bookkeeping = True
    """A new tree of a path takes the place of the one before in the tables of nodes. Those of a class that says False stay there until
    reset_bookkeeping(), or remove_bookkeeping() for one."""

    transformed = None
    """What somebody else has made of the tree that visit() is given, to be woven in its place: see origins.py."""

    last_rewrite = None
    _mapping = None

    def __init__(self, tracers, path, module_id=None):
        self._tracers = tracers
        self._path = path
        self._module_id = module_id
        self._augmented_positions_by_spec = defaultdict(set)
        self._journal = None
        self._marked = None

    @property
    def orig_to_copy_mapping(self):
        """{id of a node of the last tree: the node that handlers get}, which is the same; None before visit()."""
        if self._mapping is None and self.last_rewrite is not None:
            self._mapping = {id(node): node for node in self.last_rewrite.nodes()}
        return self._mapping

    @orig_to_copy_mapping.setter
    def orig_to_copy_mapping(self, mapping):
        self._mapping = mapping

    def should_instrument_with_tracer(self, tracer):
        return self._path is None or tracer._should_instrument_file_impl(self._path)

    def visit(self, node, instrument=True):
        woven = self._weave(node, instrument)
        if isinstance(woven, ast.Module) and woven is not node:
            _keep_together(woven)
        return woven

    def visit_to_give_out(self, node):
        """visit() for who hands the woven tree on: it may be changed, and the nodes of handlers are as they were."""
        woven = self.visit(node)
        if woven is node:
            return node
        given = _native.unshared(woven)
        if hasattr(woven, _REWRITE):
            setattr(given, _REWRITE, getattr(woven, _REWRITE))
        return given

    def visit_to_compile(self, node):
        """visit() for who compiles the woven tree right away, and does nothing else with it."""
        return (self._weave if type(self).visit is AstRewriter.visit else self.visit)(node)

    def _weave(self, node, instrument=True):
        if not isinstance(node, _REWRITABLE):
            kinds = ", ".join(kind.__name__ for kind in _REWRITABLE)
            raise TypeError(f"can rewrite {kinds}, not {type(node).__name__}")
        self._mapping = None
        path, tracers = self._path, self._tracers
        if self._augmented_positions_by_spec and node is not self._marked:
            from .anchors import mark_nodes

            mark_nodes(self, node)
        if not instrument:
            self._hold(_native.annotate(node, path, self._module_id), node)
            return node
        if isinstance(node, ast.Module):
            for tracer in tracers:
                tracer._static_init_module_impl(node)
        bookkeeping = False
        for tracer in tracers:
            bookkeeping = bookkeeping or tracer.requires_ast_bookkeeping
        woven, rewrite = _native.rewrite(
            node,
            [tracer for tracer in tracers if self.should_instrument_with_tracer(tracer)],
            path,
            self._module_id,
            all_tracers=list(tracers),
            bookkeeping=bookkeeping,
            transformed=self.transformed,
        )
        self._hold(rewrite, woven)
        return woven

    def _hold(self, rewrite, tree):
        """Lets the rewrite live until there is code that holds it."""
        self.last_rewrite = rewrite
        if self.gc_bookkeeping and self._path is not None:
            _native.keep(rewrite)
        elif not type(self).gc_bookkeeping:
            KEPT.add(self._path, rewrite)
        elif tree is not rewrite.tree:  # which holds its tree: a circle that nothing would break
            setattr(tree, _REWRITE, rewrite)

    @scope
    def tracer_override_context(self, tracers, path):
        before = self._tracers, self._path
        self._tracers, self._path = tracers, path
        try:
            yield
        finally:
            self._tracers, self._path = before

    def mark_and_relocate(self, tree):
        """Marks the nodes of the source's tree now, and gives them the places of the source as it was written."""
        journal = self._journal
        if journal is None or not journal.passes:
            return
        from .anchors import mark_nodes

        mark_nodes(self, tree)
        journal.relocate_tree(tree)
        self._marked = tree

    def register_augmented_position(self, aug_spec, lineno, col_offset):
        """Notes that a token of `aug_spec` stood here in the source as it is now: a line, and a column in characters."""
        from .augmenting import journal_of

        position = Position(lineno, col_offset)
        self._augmented_positions_by_spec[aug_spec].add(position)
        journal_of(self).note(aug_spec, position)

    def _get_order_of_specs_applied(self):
        return tuple(dict.fromkeys(spec for tracer in self._tracers for spec in tracer.last_applied_specs))


__getattr__ = names_from(
    __name__,
    {
        "ast_bookkeeping": "AstBookkeeper BookkeepingVisitor",
        "handler": "HandlerSpec",
        "predicate": "CompositePredicate Predicate",
        "stmt_mapper": "StatementMapper",
        "syntax_augmentation": "AugmentationSpec AugmentationType Position Range fix_positions",
        "trace_events": "TraceEvent",
    },
)


def emitted_event(stmt):
    """The event that a woven statement only emits, by name; None if it does something else."""
    call = stmt.value if isinstance(stmt, ast.Expr) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == EMIT_EVENT and len(call.args) == 1):
        return None
    return _native.event_of(call.args[0].value)


def _keep_together(woven):
    """Makes one statement of each and what is emitted after it: IPython runs those of a module one by one, each in a frame of its own."""
    body = []
    for stmt in woven.body:
        if body and getattr(body[-1], "module", None) != "__future__" and emitted_event(stmt) == "after_stmt":
            always = ast.copy_location(ast.Constant(True), stmt)
            stmt = ast.copy_location(ast.If(always, [body.pop(), stmt], []), stmt)
        body.append(stmt)
    woven.body = body
