import ast
from types import CodeType, FrameType
from typing import Any, Callable, ContextManager, Iterable, Literal, Optional, Sequence, TypeVar, Union, overload

from .ast_rewriter import AstRewriter as AstRewriter
from .counting import Counts
from .emit_event import (
    SANDBOX_FNAME as SANDBOX_FNAME,
    SANDBOX_FNAME_PREFIX as SANDBOX_FNAME_PREFIX,
    TRACEBACK_VISIBLE_SANDBOX_FILES as TRACEBACK_VISIBLE_SANDBOX_FILES,
    allow_reentrant_event_handling as allow_reentrant_event_handling,
    is_traceback_visible as is_traceback_visible,
    mark_traceback_visible as mark_traceback_visible,
)
from .extra_builtins import PYCCOLO_BUILTIN_PREFIX as PYCCOLO_BUILTIN_PREFIX, make_guard_name as make_guard_name
from .ipython_extension import (
    HOST_TRACER_PRIORITY as HOST_TRACER_PRIORITY,
    CellInfo as CellInfo,
    CellTracingDriver as CellTracingDriver,
    cell_tracing_context as cell_tracing_context,
    coerce_tracer_class as coerce_tracer_class,
    deregister_ipython_tracer as deregister_ipython_tracer,
    end_ipython_cell as end_ipython_cell,
    filter_hidden_frames as filter_hidden_frames,
    ipython_driver as ipython_driver,
    load_ipython_extension as load_ipython_extension,
    register_ipython_tracer as register_ipython_tracer,
    registered_ipython_tracers as registered_ipython_tracers,
    release_ipython_driver as release_ipython_driver,
    take_over_ipython_driver as take_over_ipython_driver,
    unload_ipython_extension as unload_ipython_extension,
)
from .loaded import Instrumentation as Instrumentation
from .predicate import CompositePredicate as CompositePredicate, Predicate as Predicate
from .registration import (
    register_handler as register_handler,
    register_raw_handler as register_raw_handler,
    register_universal_handler as register_universal_handler,
    skip_when_tracing_disabled as skip_when_tracing_disabled,
)
from .sandbox import compile_source as compile_source
from .syntax_augmentation import (
    AugmentationSpec as AugmentationSpec,
    AugmentationType as AugmentationType,
    CustomRewrite as CustomRewrite,
    Position as Position,
    is_pure_transform as is_pure_transform,
)
from .trace_events import TraceEvent as TraceEvent
from .trace_stack import TraceStack as TraceStack
from .tracer import BaseTracer as BaseTracer, MultipleInstanceError as MultipleInstanceError, NoopTracer as NoopTracer
from .utils import multi_context as multi_context, resolve_tracer as resolve_tracer, set_frame_local as set_frame_local

_F = TypeVar("_F", bound=Callable[..., Any])

__version__: str
Disable: Any
Null: Any
Pass: Any
Skip: Any
SkipAll: Any
event = TraceEvent

def tracer() -> BaseTracer: ...
def instance() -> BaseTracer: ...
def parse(code: str, mode: str = "exec", instrument: bool = True) -> ast.AST: ...
@overload
def transform(
    code: str, tracers: Optional[Sequence[BaseTracer]] = None, positions: None = None, pure: bool = False
) -> str: ...
@overload
def transform(
    code: str, tracers: Optional[Sequence[BaseTracer]] = None, *, positions: Sequence[tuple[int, int]], pure: bool = False
) -> tuple[str, list[Position]]: ...
@overload
def untransform(
    tree: ast.AST, tracers: Optional[Sequence[BaseTracer]] = None, positions: None = None, pure: bool = False
) -> str: ...
@overload
def untransform(
    tree: ast.AST, tracers: Optional[Sequence[BaseTracer]] = None, *, positions: Sequence[tuple[int, int]], pure: bool = False
) -> tuple[str, list[Position]]: ...
def eval(
    code: Union[str, ast.expr, ast.Expression],
    global_env: Optional[dict[str, Any]] = None,
    local_env: Optional[dict[str, Any]] = None,
    *,
    instrument: bool = True,
    filename: Optional[str] = None,
    num_extra_lookback_frames: int = 0,
) -> Any: ...
def exec(
    code: Union[str, ast.Module, ast.stmt],
    global_env: Optional[dict[str, Any]] = None,
    local_env: Optional[dict[str, Any]] = None,
    *,
    instrument: bool = True,
    filename: Optional[str] = None,
    num_extra_lookback_frames: int = 0,
) -> dict[str, Any]: ...
def execute(*args: Any, **kwargs: Any) -> dict[str, Any]: ...
def instrumented(tracers: Iterable[BaseTracer], mutate: bool = False) -> Callable[[_F], _F]: ...
def instrument(
    *objects: Any,
    tracers: Optional[Iterable[Union[BaseTracer, type[BaseTracer]]]] = None,
    on_error: Literal["raise", "warn", "skip"] = "raise",
    inherited: bool = False,
) -> Instrumentation: ...
def tracing_context(
    tracers: Optional[Sequence[BaseTracer]] = None, *args: Any, **kwargs: Any
) -> ContextManager[None]: ...
def tracing_enabled(tracers: Optional[Sequence[BaseTracer]] = None, **kwargs: Any) -> ContextManager[None]: ...
def tracing_disabled(tracers: Optional[Sequence[BaseTracer]] = None, **kwargs: Any) -> ContextManager[None]: ...
class _Count:
    by: str
    @overload
    def __get__(self, tracer: None, owner: type[BaseTracer]) -> "_Count": ...
    @overload
    def __get__(self, tracer: BaseTracer, owner: Optional[type[BaseTracer]] = None) -> Counts: ...

def count(
    *events: Union[TraceEvent, type[ast.AST]],
    by: Literal["event", "site", "code", "line"] = "event",
    when: Union[Callable[..., Any], Predicate, None] = None,
    static: bool = False,
    reentrant: bool = False,
    exempt_from_guards: bool = False,
    cache_version: Union[str, int, None] = None,
) -> _Count: ...
def is_outer_stmt(
    node_or_id: Union[int, ast.AST], exclude_outer_stmt_types: Optional[set[type[ast.AST]]] = None
) -> bool: ...

# @generated by tools/gen_events.py from csrc/def/events.def: from here to the end
before_import: TraceEvent
init_module: TraceEvent
exit_module: TraceEvent
after_import: TraceEvent
before_stmt: TraceEvent
after_stmt: TraceEvent
after_module_stmt: TraceEvent
after_expr_stmt: TraceEvent
_load_saved_expr_stmt_ret: TraceEvent
load_name: TraceEvent
after_bool: TraceEvent
after_bytes: TraceEvent
after_complex: TraceEvent
after_float: TraceEvent
after_int: TraceEvent
after_none: TraceEvent
after_string: TraceEvent
before_fstring: TraceEvent
after_fstring: TraceEvent
before_for_loop_body: TraceEvent
after_for_loop_iter: TraceEvent
before_while_loop_body: TraceEvent
after_while_loop_iter: TraceEvent
before_for_iter: TraceEvent
after_for_iter: TraceEvent
before_attribute_load: TraceEvent
before_attribute_store: TraceEvent
before_attribute_del: TraceEvent
after_attribute_load: TraceEvent
before_subscript_load: TraceEvent
before_subscript_store: TraceEvent
before_subscript_del: TraceEvent
after_subscript_load: TraceEvent
before_subscript_slice: TraceEvent
after_subscript_slice: TraceEvent
_load_saved_slice: TraceEvent
before_load_complex_symbol: TraceEvent
after_load_complex_symbol: TraceEvent
after_if_test: TraceEvent
after_while_test: TraceEvent
before_lambda: TraceEvent
after_lambda: TraceEvent
decorator: TraceEvent
before_call: TraceEvent
after_call: TraceEvent
before_argument: TraceEvent
after_argument: TraceEvent
before_return: TraceEvent
after_return: TraceEvent
before_dict_literal: TraceEvent
after_dict_literal: TraceEvent
before_list_literal: TraceEvent
after_list_literal: TraceEvent
before_set_literal: TraceEvent
after_set_literal: TraceEvent
before_tuple_literal: TraceEvent
after_tuple_literal: TraceEvent
dict_key: TraceEvent
dict_value: TraceEvent
list_elt: TraceEvent
set_elt: TraceEvent
tuple_elt: TraceEvent
before_assign_rhs: TraceEvent
after_assign_rhs: TraceEvent
before_augassign_rhs: TraceEvent
after_augassign_rhs: TraceEvent
before_assert: TraceEvent
after_assert: TraceEvent
before_function_body: TraceEvent
after_function_execution: TraceEvent
before_lambda_body: TraceEvent
after_lambda_body: TraceEvent
before_left_binop_arg: TraceEvent
after_left_binop_arg: TraceEvent
before_right_binop_arg: TraceEvent
after_right_binop_arg: TraceEvent
before_binop: TraceEvent
after_binop: TraceEvent
before_unaryop_arg: TraceEvent
after_unaryop_arg: TraceEvent
before_unaryop: TraceEvent
after_unaryop: TraceEvent
before_boolop_arg: TraceEvent
after_boolop_arg: TraceEvent
before_boolop: TraceEvent
after_boolop: TraceEvent
left_compare_arg: TraceEvent
compare_arg: TraceEvent
before_compare: TraceEvent
after_compare: TraceEvent
after_comprehension_if: TraceEvent
after_comprehension_elt: TraceEvent
after_dict_comprehension_key: TraceEvent
after_dict_comprehension_value: TraceEvent
exception_handler_type: TraceEvent
ellipsis: TraceEvent
line: TraceEvent
call: TraceEvent
return_: TraceEvent
exception: TraceEvent
opcode: TraceEvent
c_call: TraceEvent
c_return: TraceEvent
c_exception: TraceEvent
ellipses: TraceEvent
