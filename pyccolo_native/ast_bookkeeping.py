"""What is known of the nodes of one file: tables from their ids."""
from __future__ import annotations

import ast
from collections import namedtuple

from . import _native


class AstBookkeeper(
    namedtuple(
        "AstBookkeeper",
        "path module_id ast_node_by_id containing_ast_by_id containing_stmt_by_id parent_stmt_by_id stmt_by_lineno",
    )
):
    __slots__ = ()

    @classmethod
    def create(cls, path, module_id):
        return cls(path, module_id, {}, {}, {}, {}, {})

    def remap(self, new_module_id):
        """The bookkeeper with the ids that its nodes have now (they were pickled, say), and {old id: new id}."""
        new_ids = {old: id(node) for old, node in self.ast_node_by_id.items()}
        nodes = {id(node): node for node in self.ast_node_by_id.values()}
        tables = [
            {new: table[old] for old, new in new_ids.items() if old in table}
            for table in (self.containing_ast_by_id, self.containing_stmt_by_id, self.parent_stmt_by_id)
        ]
        bookkeeper = type(self)(self.path, new_module_id, nodes, *tables, self.stmt_by_lineno)
        return bookkeeper, {self.module_id: new_module_id, **new_ids}


class BookkeepingVisitor(ast.NodeVisitor):
    """Fills a bookkeeper with the nodes of a tree."""

    def __init__(self, bookkeeper):
        self.ast_node_by_id = bookkeeper.ast_node_by_id
        self.containing_ast_by_id = bookkeeper.containing_ast_by_id
        self.containing_stmt_by_id = bookkeeper.containing_stmt_by_id
        self.parent_stmt_by_id = bookkeeper.parent_stmt_by_id
        self.stmt_by_lineno = bookkeeper.stmt_by_lineno
        self._stmt = None
        self._owner = None

    def generic_visit(self, node):
        outer_stmt, outer_owner = self._stmt, self._owner
        self.ast_node_by_id[id(node)] = node
        if isinstance(node, ast.stmt):
            self._stmt = self._owner = node
            # A frame of a decorated function begins on the line of its first decorator.
            for located in (node, *getattr(node, "decorator_list", ())):
                self.stmt_by_lineno[located.lineno] = node
        elif not isinstance(node, (ast.ExceptHandler, ast.match_case)):
            self._owner = None
        if self._stmt is not None:
            self.containing_stmt_by_id[id(node)] = self._stmt
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                self._visit_child(value, node, None)
            elif isinstance(value, list):
                for child in value:
                    if isinstance(child, ast.AST):
                        self._visit_child(child, node, self._owner)
        self._stmt, self._owner = outer_stmt, outer_owner

    def _visit_child(self, child, parent, owner):
        self.containing_ast_by_id[id(child)] = parent
        if owner is not None:
            self.parent_stmt_by_id[id(child)] = owner
        self.visit(child)


class KeptRewrites:
    """{path: rewrites} of rewriters that collect no garbage."""

    def __init__(self):
        self._by_path = {}

    def add(self, path, rewrite):
        self._by_path.setdefault(path, []).append(rewrite)

    def last(self, path):
        return self._by_path.get(path, (None,))[-1]

    def remove(self, bookkeeper):
        """Lets go of the rewrites of the nodes in a bookkeeper."""
        kept = [its for its in self._by_path.pop(bookkeeper.path, ()) if id(its.tree) not in bookkeeper.ast_node_by_id]
        if kept:
            self._by_path[bookkeeper.path] = kept

    def clear(self):
        self._by_path.clear()


KEPT = KeptRewrites()


class BookkeepersByPath(dict):
    """Path -> AstBookkeeper of the last tree rewritten under that path, made when somebody asks."""

    def __missing__(self, path):
        rewrite = _native.kept(path) or KEPT.last(path)
        if rewrite is None:
            raise KeyError(path)
        bookkeeper = AstBookkeeper.create(path, rewrite.module_id)
        BookkeepingVisitor(bookkeeper).visit(rewrite.tree)
        return bookkeeper

    def __contains__(self, path):
        return super().__contains__(path) or (_native.kept(path) or KEPT.last(path)) is not None

    def get(self, path, default=None):
        try:
            return self[path]
        except KeyError:
            return default

    def pop(self, path, *default):
        if path not in self and default:
            return default[0]
        bookkeeper = self[path]
        super().pop(path, None)
        _native.release(path)
        return bookkeeper
