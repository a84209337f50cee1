"""Expressions that stand for other expressions: expanded and compiled once for each node, evaluated where the node stands.

    class Halves(pyc.BaseTracer):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.expansions = Expansions(self)

        @pyc.before_int
        def halve(self, node, frame):
            return self.expansions.thunk(node, frame, lambda node: ast.BinOp(node, ast.Div(), ast.Constant(2)))

What a node expands to is woven for the active tracers as any other code. It sees the variables of the frame; a function that
it makes keeps the values that they have then, as a default argument would.
"""
from __future__ import annotations

import ast
import inspect
from types import CellType, CodeType, FrameType, FunctionType
from typing import Callable, Iterable, TypeVar
from weakref import ref

import pyccolo_native as pyc
from pyccolo_native.stmt_mapper import StatementMapper
from pyccolo_native.tracer import TRACED_LAMBDA_NAME

Expand = Callable[[ast.expr], ast.expr]
_Value = TypeVar("_Value")


class OfNodes(dict[int, _Value]):
    """{id(node): value}: each value goes when its node does."""

    def __init__(self) -> None:
        super().__init__()
        self._refs: dict[int, ref] = {}

    def add(self, node: ast.AST, value: _Value) -> _Value:
        key = id(node)
        self._refs[key] = ref(node, lambda _: (self.pop(key, None), self._refs.pop(key, None)))
        self[key] = value
        return value


class Answers:
    """What a condition says of nodes.

    A handler whose `when=` is static asks again, as it is also called at places that another handler has wanted.
    """

    def __init__(self, condition: Callable[[ast.expr], bool]) -> None:
        self._condition = condition
        self._of_nodes: OfNodes[bool] = OfNodes()

    def weave(self, node: ast.expr) -> bool:
        """The answer when code is woven: most are no, and nobody asks again."""
        return self._condition(node) and self._of_nodes.add(node, True)

    def __call__(self, node: ast.expr) -> bool:
        answer = self._of_nodes.get(id(node))
        return self._of_nodes.add(node, bool(self._condition(node))) if answer is None else answer


class Expansions:
    """What nodes expand to."""

    def __init__(self, tracer: pyc.BaseTracer) -> None:
        self._tracer = tracer
        self._of_nodes: OfNodes[_Expansion] = OfNodes()

    def thunk(self, node: ast.expr, frame: FrameType, expand: Expand) -> Callable:
        """A function without parameters that evaluates expand(node) in the scope of the frame. The node itself stays as it is."""
        expansion = self._of_nodes.get(id(node)) or self._add(node, frame, expand)
        if not expansion.names:
            return FunctionType(expansion.codes[()], frame.f_globals)
        values = pyc.frame_locals(frame, expansion.names)
        code = expansion.code(tuple(values), self._tracer)
        return FunctionType(code, frame.f_globals, None, None, tuple([CellType(values[name]) for name in code.co_freevars]))

    def _add(self, node: ast.expr, frame: FrameType, expand: Expand) -> _Expansion:
        tree = ast.copy_location(expand(node), node)
        class_name = _class_around(node) if any(_is_private(_name_of(its)) for its in ast.walk(tree)) else ""
        if class_name:
            tree = _Mangled(class_name).visit(StatementMapper.bookkeeping_propagating_copy(tree))
        expansion = _Expansion(tree, frame)
        expansion.code((), self._tracer)
        return self._of_nodes.add(node, expansion)


class _Expansion:
    """What one node expands to, compiled for the variables that it finds bound."""

    def __init__(self, tree: ast.expr, frame: FrameType) -> None:
        self.tree = tree
        self.filename = frame.f_code.co_filename
        self.names = _variables(ExtractNames.extract_names(tree), frame)
        self.codes: dict[tuple[str, ...], CodeType] = {}

    def code(self, names: tuple[str, ...], tracer: pyc.BaseTracer) -> CodeType:
        """The code of `lambda: tree`, whose free variables are the names that it uses of these."""
        if names not in self.codes:
            tree = StatementMapper.bookkeeping_propagating_copy(self.tree)
            factory = make_lambda(names, make_lambda((), tree))
            inside = tracer.eval(ast.fix_missing_locations(factory), {}, {}).__code__.co_consts
            code = next(const for const in inside if isinstance(const, CodeType))
            self.codes[names] = _placed(code, self.filename).replace(co_name=TRACED_LAMBDA_NAME)
        return self.codes[names]


def make_lambda(names: Iterable[str], body: ast.expr) -> ast.Lambda:
    """The tree of a lambda with these parameters."""
    parameters = ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
    return ast.copy_location(ast.Lambda(parameters, body), body)


def _variables(names: set[str], frame: FrameType) -> tuple[str, ...]:
    """Those names that may be variables of the frame, not of its module."""
    code = frame.f_code
    if code.co_flags & inspect.CO_OPTIMIZED or frame.f_locals is frame.f_globals:
        names = names.intersection(code.co_varnames + code.co_cellvars + code.co_freevars)
    return tuple(sorted(names))


def _placed(code: CodeType, filename: str) -> CodeType:
    """Code as if it stood in a file."""
    consts = tuple(_placed(const, filename) if isinstance(const, CodeType) else const for const in code.co_consts)
    return code.replace(co_consts=consts, co_filename=filename, co_qualname=code.co_name)


def _class_around(node: ast.expr) -> str:
    """The name of the class that a node stands in, without underscores before it; "" for none."""
    stmt = pyc.BaseTracer.containing_stmt_by_id.get(id(node))
    while stmt is not None and not isinstance(stmt, ast.ClassDef):
        stmt = pyc.BaseTracer.parent_stmt_by_id.get(id(stmt))
    return "" if stmt is None else stmt.name.lstrip("_")


class _Mangled(ast.NodeTransformer):
    """Gives private names those that they have in a class, as the code of an expansion is compiled outside of it."""

    def __init__(self, class_name: str) -> None:
        self._prefix = f"_{class_name}"

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._mangled(node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        node.attr = self._mangled(node.attr)
        return self.generic_visit(node)

    def _mangled(self, name: str) -> str:
        return self._prefix + name if _is_private(name) else name


def _name_of(node: ast.AST) -> str:
    return getattr(node, "attr", "") or getattr(node, "id", "")


def _is_private(name: str) -> bool:
    return name.startswith("__") and not name.endswith("__")


class ExtractNames(ast.NodeVisitor):
    """Collects the names that an expression takes from around it."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    @classmethod
    def extract_names(cls, *nodes: ast.AST) -> set[str]:
        visitor = cls()
        for node in nodes:
            visitor.visit(node)
        return visitor.names

    def visit_Name(self, node: ast.Name) -> None:
        self.names.add(node.id)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        parameters = {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
        self.names |= self.extract_names(node.args) | (self.extract_names(node.body) - parameters)

    def visit_comprehension_expression(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        targets = [generator.target for generator in node.generators]
        inside = ExtractNames()
        inside.generic_visit(node)
        self.names |= inside.names - self.extract_names(*targets) | self.extract_names(node.generators[0].iter)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_comprehension_expression
