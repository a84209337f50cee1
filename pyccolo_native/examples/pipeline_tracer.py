"""Pipelines: `values |> sorted |> $[0]` is `sorted(values)[0]`.

    with PipelineTracer:
        pyc.eval("(3, 1, 2) |> sorted |> $[0]")      # 1

| | | | | | |
|---|---|---|---|---|---|
| `x \\|> f` | `f(x)` | `x *\\|> f` | `f(*x)` | `x **\\|> f` | `f(**x)` |
| `f <\\| x` | `f(x)` | `f <\\|* x` | `f(*x)` | `f <\\|** x` | `f(**x)` |
| `x $> f` | `partial(f, x)` | `x *$> f` | `partial(f, *x)` | `x **$> f` | `partial(f, **x)` |
| `f <$ x` | `partial(f, x)` | `f <$* x` | `partial(f, *x)` | `f <$** x` | `partial(f, **x)` |
| `f . g` | `f(g(…))` | `f .* g` | `f(*g(…))` | `f .** g` | `f(**g(…))` |

`x |>> name` assigns x and gives it. All of these bind as `|` does, from left to right.

`$` is a placeholder: what it stands in becomes a lambda. That is the step of a pipeline (`x |> $ + 1`), a call that is not
itself a step (`add($, 1)`), or a whole pipeline that begins with it (`$ |> f |> g`). `$name` is the same parameter wherever it
stands; unnamed ones come first. A later step finds names where the step before has had them: in
`pair *|> ($a, $b) *|> $b - $a`, $a is the first of the pair.
"""
from __future__ import annotations

import ast
import builtins
import inspect
import operator
from contextlib import nullcontext
from functools import partial
from types import FrameType
from typing import Any, Callable

import pyccolo_native as pyc
from pyccolo_native.examples.expansion import Answers, Expansions, ExtractNames, OfNodes, make_lambda  # noqa: F401
from pyccolo_native.examples.optional_chaining import OptionalChainer  # noqa: F401  (found here in Pyccolo, as those above)
from pyccolo_native.examples.placeholders import PlaceholderReplacer, SingletonArgCounterMixin, is_pipeline  # noqa: F401
from pyccolo_native.stmt_mapper import StatementMapper

Operation = Callable[[Any, Any], Any]
Prepare = Callable[[Expansions, ast.BinOp, FrameType, Operation], Operation]
_Operation = tuple["Operation | None", "Prepare | None"]  # of the operands; what makes another one of it for each frame
_NONE: _Operation = None, None

_copy = StatementMapper.bookkeeping_propagating_copy
_NOT_EVALUATED = 0


def _operator(token: str, replacement: str = "|") -> pyc.AugmentationSpec:
    return pyc.AugmentationSpec(pyc.AugmentationType.binop, token, replacement)


def _has(node: ast.AST, *specs: pyc.AugmentationSpec) -> bool:
    return not pyc.BaseTracer.get_augmentations(node).isdisjoint(specs)


def allow_pipelines_in_loops_and_calls(function: Callable | None = None) -> Any:
    """Pyccolo needs this, around statements or as a decorator, to have pipelines in loops and functions; here they always are."""
    return nullcontext() if function is None else function


_ALLOW = allow_pipelines_in_loops_and_calls.__name__


class PipelineTracer(pyc.BaseTracer):
    """Evaluates pipelines. What is left of an operator is evaluated first, and each operand once."""

    multiple_threads_allowed = True
    global_guards_enabled = False

    pipeline_dict_op_spec = _operator("**|>")
    pipeline_tuple_op_spec = _operator("*|>")
    pipeline_op_assign_spec = _operator("|>>")
    pipeline_op_spec = _operator("|>")
    value_first_left_partial_apply_dict_op_spec = _operator("**$>")
    value_first_left_partial_apply_tuple_op_spec = _operator("*$>")
    value_first_left_partial_apply_op_spec = _operator("$>")
    function_first_left_partial_apply_dict_op_spec = _operator("<$**")
    function_first_left_partial_apply_tuple_op_spec = _operator("<$*")
    function_first_left_partial_apply_op_spec = _operator("<$")
    apply_dict_op_spec = _operator("<|**")
    apply_tuple_op_spec = _operator("<|*")
    apply_op_spec = _operator("<|")
    compose_dict_op_spec = _operator(".** ", "| ")
    compose_tuple_op_spec = _operator(".* ", "| ")
    compose_op_spec = _operator(". ", "| ")
    arg_placeholder_spec = pyc.AugmentationSpec(pyc.AugmentationType.dot_prefix, "$", "_")

    placeholder_replacer = PlaceholderReplacer(arg_placeholder_spec)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expansions = Expansions(self)
        self._operations: OfNodes[_Operation] = OfNodes()
        self._is_call = Answers(lambda node: _placeholders.search(node, allow_top_level=True))
        self._is_left_out = Answers(_is_left_out)

    def should_propagate_handler_exception(self, evt: pyc.TraceEvent, exc: Exception) -> bool:
        return True

    def enter_tracing_hook(self) -> None:
        setattr(builtins, _ALLOW, allow_pipelines_in_loops_and_calls)

    def exit_tracing_hook(self) -> None:
        builtins.__dict__.pop(_ALLOW, None)

    # What is asked when code is woven; handlers ask again, as they are called where another tracer's have wanted to be.

    def is_operation(self, node: ast.BinOp) -> bool:
        operation = _operation(node)
        return operation is not _NONE and bool(self._operations.add(node, operation))

    def is_call_with_placeholders(self, node: ast.expr) -> bool:
        return self._is_call.weave(node)

    def is_left_out(self, operand: ast.expr) -> bool:
        return self._is_left_out.weave(operand)

    def is_placeholder(self, node: ast.Name) -> bool:
        return node.id.startswith("_") and self.placeholder_replacer.is_placeholder(node)

    @pyc.before_binop(when=is_operation, static=True, reentrant=True)
    def operate(self, node: ast.BinOp, frame: FrameType) -> Callable | None:
        function, prepare = self._operations.get(id(node)) or self._operations.add(node, _operation(node))
        return function if prepare is None else prepare(self._expansions, node, frame, function)

    @pyc.before_load_complex_symbol(when=is_call_with_placeholders, static=True, reentrant=True)
    def call(self, node: ast.expr, frame: FrameType) -> Callable | None:
        return self._expansions.thunk(node, frame, _chain) if self._is_call(node) else None

    @pyc.register_handler(
        (pyc.before_left_binop_arg, pyc.before_right_binop_arg), when=is_left_out, static=True, reentrant=True
    )
    def leave_out(self, node: ast.expr) -> int | None:
        return _NOT_EVALUATED if self._is_left_out(node) else None

    @pyc.load_name(when=is_placeholder, static=True, reentrant=True)
    def refuse(self, node: ast.Name) -> None:
        if self.is_placeholder(node):
            raise NameError(f"line {node.lineno}: the placeholder ${node.id[1:]} stands in no call and in no step of a pipeline")


# ---- What operators do with their operands


def _pipe(value, function):
    __hide_pyccolo_frame__ = True
    return function(value)


def _pipe_tuple(values, function):
    __hide_pyccolo_frame__ = True
    return function(*values)


def _pipe_dict(values, function):
    __hide_pyccolo_frame__ = True
    return function(**values)


def _apply_tuple(function, values):
    __hide_pyccolo_frame__ = True
    return function(*values)


def _apply_dict(function, values):
    __hide_pyccolo_frame__ = True
    return function(**values)


def _composed(outer, inner):
    def composed(*args, **kwargs):
        __hide_pyccolo_frame__ = True
        return outer(inner(*args, **kwargs))

    return composed


def _composed_tuple(outer, inner):
    def composed(*args, **kwargs):
        __hide_pyccolo_frame__ = True
        return outer(*inner(*args, **kwargs))

    return composed


def _composed_dict(outer, inner):
    def composed(*args, **kwargs):
        __hide_pyccolo_frame__ = True
        return outer(**inner(*args, **kwargs))

    return composed


_VALUE_FIRST = {
    PipelineTracer.pipeline_op_spec: _pipe,
    PipelineTracer.pipeline_tuple_op_spec: _pipe_tuple,
    PipelineTracer.pipeline_dict_op_spec: _pipe_dict,
    PipelineTracer.pipeline_op_assign_spec: None,
    PipelineTracer.value_first_left_partial_apply_op_spec: lambda value, function: partial(function, value),
    PipelineTracer.value_first_left_partial_apply_tuple_op_spec: lambda values, function: partial(function, *values),
    PipelineTracer.value_first_left_partial_apply_dict_op_spec: lambda values, function: partial(function, **values),
}
_FUNCTION_FIRST = {
    PipelineTracer.function_first_left_partial_apply_op_spec: partial,
    PipelineTracer.function_first_left_partial_apply_tuple_op_spec: lambda function, values: partial(function, *values),
    PipelineTracer.function_first_left_partial_apply_dict_op_spec: lambda function, values: partial(function, **values),
    PipelineTracer.apply_op_spec: operator.call,
    PipelineTracer.apply_tuple_op_spec: _apply_tuple,
    PipelineTracer.apply_dict_op_spec: _apply_dict,
    PipelineTracer.compose_op_spec: _composed,
    PipelineTracer.compose_tuple_op_spec: _composed_tuple,
    PipelineTracer.compose_dict_op_spec: _composed_dict,
}
_FUNCTION_OF = _VALUE_FIRST | _FUNCTION_FIRST
_placeholders = PipelineTracer.placeholder_replacer


def _operation(node: ast.BinOp) -> _Operation:
    """What to do for an operator."""
    spec = next((its for its in pyc.BaseTracer.get_augmentations(node) if its in _FUNCTION_OF), None)
    if spec is None:
        return _NONE
    function = _FUNCTION_OF[spec]
    if _is_section(node):
        return function, _prepare_section
    if _assigns(node):
        return function, _prepare_assignment
    return function, _PREPARE_LAMBDAS[_is_left_function(node), _is_right_function(node)]


# ---- Operations that need the frame: they are used up before it runs on


def _prepare_section(expansions: Expansions, node: ast.BinOp, frame: FrameType, _: Operation) -> Operation:
    return lambda _left, _right: expansions.thunk(node, frame, _pipeline)()


def _prepare_assignment(_: Expansions, node: ast.BinOp, frame: FrameType, __: Operation) -> Operation:
    def assign(value, _):
        _bind(frame, node.right.id, value)
        return value

    return assign


def _prepare_left(expansions: Expansions, node: ast.BinOp, frame: FrameType, operation: Operation) -> Operation:
    def operate(_, right):
        __hide_pyccolo_frame__ = True
        return operation(expansions.thunk(node.left, frame, _function)(), right)

    return operate


def _prepare_right(expansions: Expansions, node: ast.BinOp, frame: FrameType, operation: Operation) -> Operation:
    def operate(left, _):
        __hide_pyccolo_frame__ = True
        return operation(left, expansions.thunk(node.right, frame, lambda right: _step(node, right))())

    return operate


def _prepare_both(expansions: Expansions, node: ast.BinOp, frame: FrameType, operation: Operation) -> Operation:
    return _prepare_right(expansions, node, frame, _prepare_left(expansions, node, frame, operation))


_PREPARE_LAMBDAS = {
    (False, False): None,
    (True, False): _prepare_left,
    (False, True): _prepare_right,
    (True, True): _prepare_both,
}


# ---- What a pipeline is made of. These are asked when code is woven.


def _steps_to_first(node: ast.expr) -> int:
    """How many operands to the left a pipeline of values begins; 0 for what is none."""
    steps = 0
    while isinstance(node, ast.BinOp) and _has(node, *_VALUE_FIRST):
        node, steps = node.left, steps + 1
    return 0 if is_pipeline(node) else steps


def _first(node: ast.expr, steps: int) -> ast.expr:
    for _ in range(steps):
        node = node.left
    return node


def _is_section(node: ast.expr) -> bool:
    """Is it a pipeline that begins with a placeholder?"""
    if not _placeholders.is_any():
        return False
    steps = _steps_to_first(node)
    return steps > 0 and _placeholders.search(_first(node, steps), allow_top_level=False)


def _is_function(operand: ast.expr) -> bool:
    return _placeholders.search(operand, allow_top_level=not is_pipeline(operand))


def _is_right_function(node: ast.BinOp) -> bool:
    return _placeholders.is_any() and is_pipeline(node) and _is_function(node.right)


def _is_left_function(node: ast.BinOp) -> bool:
    return _placeholders.is_any() and is_pipeline(node) and not _has(node, *_VALUE_FIRST) and _is_function(node.left)


def _assigns(node: ast.BinOp) -> bool:
    if not _has(node, PipelineTracer.pipeline_op_assign_spec):
        return False
    if not isinstance(node.right, ast.Name) or _placeholders.is_placeholder(node.right):
        raise SyntaxError(f"line {node.right.lineno}: |>> assigns to a name")
    return True


def _is_left_out(operand: ast.expr) -> bool:
    """Does the operator not need the value of its operand?"""
    if not _placeholders.is_any() and not pyc.BaseTracer.augmented_node_ids_by_spec[PipelineTracer.pipeline_op_assign_spec]:
        return False
    node = pyc.BaseTracer.containing_ast_by_id.get(id(operand))
    if not is_pipeline(node):
        return False
    if operand is node.left:
        return _is_section(node) or _is_left_function(node)
    return _is_section(node) or _assigns(node) or _is_right_function(node)


# ---- What things with placeholders become


def _function(operand: ast.expr) -> ast.expr:
    tree = _copy(operand)
    return make_lambda(_placeholders.rewrite(tree, allow_top_level=not is_pipeline(tree)), tree)


def _step(node: ast.BinOp, operand: ast.expr) -> ast.expr:
    tree, named = _copy(operand), _names_of_step(node)
    names = _placeholders.rewrite(tree, allow_top_level=not is_pipeline(tree))
    return make_lambda([*(name for name in names if name not in named), *named], tree)


def _names_of_step(node: ast.expr) -> list[str]:
    """The named placeholders of the step that a pipeline ends with, in the order of its parameters."""
    if not is_pipeline(node):
        return []
    before = _names_of_step(node.left)
    names = _placeholders.names(node.right, allow_top_level=not is_pipeline(node.right))
    return sorted(names, key=lambda name: before.index(name) if name in before else len(before))


def _pipeline(node: ast.BinOp) -> ast.expr:
    tree = _copy(node)
    first = _first(tree, _steps_to_first(tree))
    return make_lambda(_placeholders.rewrite(first, allow_top_level=False), tree)


def _chain(node: ast.expr) -> ast.expr:
    """Calls of a call with placeholders are calls of the lambda: sorted($, key=f)(values)."""
    tree = inner = _copy(node)
    outer = None
    while (
        isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Call)
        and not _placeholders.search([*inner.args, *inner.keywords], allow_top_level=True)
    ):
        outer, inner = inner, inner.func
    made = make_lambda(_placeholders.rewrite(inner, allow_top_level=True), inner)
    if outer is None:
        return made
    outer.func = made
    return tree


def _bind(frame: FrameType, name: str, value: Any) -> None:
    """Binds a function's own variable, else a global one."""
    code = frame.f_code
    if code.co_flags & inspect.CO_OPTIMIZED and name in code.co_varnames + code.co_cellvars + code.co_freevars:
        pyc.set_frame_local(frame, name, value)
    else:
        frame.f_globals[name] = value
