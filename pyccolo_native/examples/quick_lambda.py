"""Quick lambdas: `f[_ + _]` is `lambda a, b: a + b`.

    with QuickLambdaTracer:
        pyc.eval("f[_ + _](3, 4)")                   # 7
        pyc.eval("map[_ * 2]([1, 2])")               # [2, 4]

| | |
|---|---|
| `f[expression]` | the lambda of an expression; if it has no placeholders, its value |
| `map[expression]`, `filter[expression]` | a function from values to values: from a list to a list, from others to an iterator |
| `imap[expression]`, `ifilter[expression]` | the same, always to an iterator |
| `reduce[expression]` | a function that puts values together |

Each `_` is a parameter. With PipelineTracer `$` is one too, and `$name` the same one wherever it stands. They belong to the
innermost quick lambda around them; `$` in the steps of a pipeline to the steps. The names are in `builtins` while the tracer
is active: a variable of the program of such a name hides them.
"""
from __future__ import annotations

import ast
import builtins
from functools import partial, reduce
from types import FrameType
from typing import Any, Callable

import pyccolo_native as pyc
from pyccolo_native.examples.expansion import Expansions, make_lambda
from pyccolo_native.examples.pipeline_tracer import PipelineTracer
from pyccolo_native.examples.placeholders import LAMBDA_MACROS, is_pipeline
from pyccolo_native.examples.quasiquote import Quasiquoter, is_macro
from pyccolo_native.stmt_mapper import StatementMapper


class _Macro:
    """What stands before the brackets: makes something of the function that the brackets give."""

    def __init__(self, name: str, make: Callable[[Callable], Any]) -> None:
        self._name, self._make = name, make

    def __getitem__(self, function: Callable) -> Any:
        return self._make(function)

    def __repr__(self) -> str:
        return f"{self._name}[...]"


def _listed(kind: type) -> Callable[[Callable], Callable]:
    def make(function: Callable) -> Callable:
        def over(values):
            __hide_pyccolo_frame__ = True
            found = kind(function, values)
            return list(found) if type(values) is list else found

        return over

    return make


f = _Macro("f", lambda function: function)
_MACROS = {
    "f": f,
    "map": _Macro("map", _listed(map)),
    "imap": _Macro("imap", lambda function: partial(map, function)),
    "filter": _Macro("filter", _listed(filter)),
    "ifilter": _Macro("ifilter", lambda function: partial(filter, function)),
    "reduce": _Macro("reduce", lambda function: partial(reduce, function)),
}
_VALUES = {"f": f, "map": map, "imap": map, "filter": filter, "ifilter": filter, "reduce": reduce}
"""What the names stand for where no brackets follow."""


_is_quick_lambda = is_macro(LAMBDA_MACROS)


class QuickLambdaTracer(Quasiquoter):
    """Makes quick lambdas, and quotes."""

    lambda_macros = LAMBDA_MACROS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.macros.update(self.lambda_macros)
        self._lambdas = Expansions(self)
        self._names_lent: list[str] = []

    def enter_tracing_hook(self) -> None:
        super().enter_tracing_hook()
        self._names_lent = [name for name in _VALUES if not hasattr(builtins, name)]
        for name in self._names_lent:
            setattr(builtins, name, _VALUES[name])

    def exit_tracing_hook(self) -> None:
        for name in self._names_lent:
            delattr(builtins, name)
        self._names_lent = []
        super().exit_tracing_hook()

    def has_key_to_expand(self, node: ast.Subscript) -> bool:
        return _is_quick_lambda(node) or super().has_key_to_expand(node)

    def expanded_key(self, node: ast.Subscript, frame: FrameType) -> Callable | None:
        name = getattr(node.value, "id", None)
        if name not in _VALUES:
            return super().expanded_key(node, frame)
        if _found(name, frame) is _VALUES[name]:
            return self._lambdas.thunk(node.slice, frame, _lambda)

    @pyc.before_subscript_load(when=is_macro(tuple(_MACROS.keys() - {"f"})), static=True, reentrant=True)
    def macro(self, ret: Any, node: ast.Subscript) -> _Macro | None:
        name = getattr(node.value, "id", None)
        if name in _VALUES and ret is _VALUES[name]:
            return _MACROS[name]


def _found(name: str, frame: FrameType) -> Any:
    """What a name stands for in a frame."""
    found = pyc.frame_locals(frame, (name,)) or frame.f_globals
    return found[name] if name in found else frame.f_builtins.get(name)


def _lambda(key: ast.expr) -> ast.expr:
    tree = StatementMapper.bookkeeping_propagating_copy(key)
    own = _Placeholders()
    own.visit(tree)
    names = PipelineTracer.placeholder_replacer.replace(list(own.found.values()))
    return make_lambda(names, tree) if names else tree


class _Placeholders(ast.NodeVisitor):
    """Finds the placeholders of a quick lambda. `_` is none where the program binds that name."""

    def __init__(self) -> None:
        self.found: dict[int, ast.Name] = {}
        self._in_step = self._is_bound = False

    def visit_Name(self, node: ast.Name) -> None:
        if PipelineTracer.placeholder_replacer.is_placeholder(node):
            is_own = not self._in_step
        else:
            is_own = node.id == "_" and not self._is_bound
        if is_own:
            self.found[id(node)] = node

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not _is_quick_lambda(node):
            self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        before, self._in_step = self._in_step, self._in_step or is_pipeline(node)
        self.generic_visit(node)
        self._in_step = before

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        self._inside(self.visit, node.body, any(its.arg == "_" for its in ast.walk(node.args) if isinstance(its, ast.arg)))

    def visit_comprehension_expression(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        self.visit(node.generators[0].iter)
        targets = (its for generator in node.generators for its in ast.walk(generator.target))
        self._inside(self.generic_visit, node, any(isinstance(its, ast.Name) and its.id == "_" for its in targets))

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_comprehension_expression

    def _inside(self, visit: Callable[[ast.AST], None], node: ast.AST, binds: bool) -> None:
        before, self._is_bound = self._is_bound, self._is_bound or binds
        visit(node)
        self._is_bound = before
