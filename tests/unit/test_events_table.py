"""The events: their names and values, the sets they are in, the ways to name them."""
import ast
import warnings

import pytest

import pyccolo_native as pyc
from pyccolo_native.trace_events import (
    AST_TO_EVENT_MAPPING,
    BEFORE_EXPR_EVENTS,
    EVT_TO_EVENT_MAPPING,
    SYS_TRACE_EVENTS,
    TraceEvent,
)

AST_EVENTS = """
before_import init_module exit_module after_import before_stmt after_stmt after_module_stmt after_expr_stmt load_name
after_bool after_bytes after_complex after_float after_int after_none after_string before_fstring after_fstring
before_for_loop_body after_for_loop_iter before_while_loop_body after_while_loop_iter before_for_iter after_for_iter
before_attribute_load before_attribute_store before_attribute_del after_attribute_load
before_subscript_load before_subscript_store before_subscript_del after_subscript_load
before_subscript_slice after_subscript_slice before_load_complex_symbol after_load_complex_symbol
after_if_test after_while_test before_lambda after_lambda decorator before_call after_call before_argument after_argument
before_return after_return before_dict_literal after_dict_literal before_list_literal after_list_literal
before_set_literal after_set_literal before_tuple_literal after_tuple_literal dict_key dict_value list_elt set_elt tuple_elt
before_assign_rhs after_assign_rhs before_augassign_rhs after_augassign_rhs before_assert after_assert
before_function_body after_function_execution before_lambda_body after_lambda_body
before_left_binop_arg after_left_binop_arg before_right_binop_arg after_right_binop_arg before_binop after_binop
before_unaryop_arg after_unaryop_arg before_unaryop after_unaryop before_boolop_arg after_boolop_arg before_boolop after_boolop
left_compare_arg compare_arg before_compare after_compare after_comprehension_if after_comprehension_elt
after_dict_comprehension_key after_dict_comprehension_value exception_handler_type ellipsis
""".split()
INTERNAL_EVENTS = ["_load_saved_expr_stmt_ret", "_load_saved_slice"]
SYS_EVENTS = ["line", "call", "return_", "exception", "opcode"]
PROFILE_EVENTS = ["c_call", "c_return", "c_exception"]

THUNK_EVENTS = """
argument assign_rhs augassign_rhs binop boolop boolop_arg compare dict_literal for_iter fstring lambda left_binop_arg
list_literal load_complex_symbol return right_binop_arg set_literal subscript_slice tuple_literal unaryop unaryop_arg
""".split()

ALIASES = {
    ast.arg: "after_argument",
    ast.stmt: "after_stmt",
    ast.Assign: "after_assign_rhs",
    ast.Module: "init_module",
    ast.Name: "load_name",
    ast.Attribute: "after_attribute_load",
    ast.Subscript: "after_subscript_load",
    ast.Call: "after_call",
    ast.Dict: "after_dict_literal",
    ast.List: "after_list_literal",
    ast.Tuple: "after_tuple_literal",
    ast.Set: "after_set_literal",
    ast.Return: "after_return",
    ast.BinOp: "after_binop",
    ast.UnaryOp: "after_unaryop",
    ast.Compare: "after_compare",
}


def test_every_event_is_there_and_no_other():
    assert len(AST_EVENTS) == 94
    expected = {*AST_EVENTS, *INTERNAL_EVENTS, *SYS_EVENTS, *PROFILE_EVENTS}
    assert {event.name for event in TraceEvent} == expected
    assert len(TraceEvent) == len(expected) == 104


def test_values_are_the_names_but_for_return():
    assert {event.name: event.value for event in TraceEvent if event.name != event.value} == {"return_": "return"}


def test_an_event_prints_as_its_value():
    assert (str(pyc.return_), repr(pyc.return_)) == ("return", "<return>")
    assert f"{pyc.before_stmt}" == "before_stmt"


def test_events_are_found_by_value():
    assert TraceEvent("return") is pyc.return_
    assert TraceEvent("before_stmt") is pyc.before_stmt
    with pytest.raises(ValueError, match="no_such_event"):
        TraceEvent("no_such_event")


def test_every_event_is_an_attribute_of_the_package():
    assert all(getattr(pyc, event.name) is event for event in TraceEvent)
    assert pyc.event is TraceEvent
    assert {event.name for event in TraceEvent} - set(INTERNAL_EVENTS) <= set(pyc.__all__)


def test_the_events_that_give_a_thunk():
    assert {event.name for event in BEFORE_EXPR_EVENTS} == {f"before_{name}" for name in THUNK_EVENTS}


def test_the_events_of_sys_settrace():
    assert {event.name for event in SYS_TRACE_EVENTS} == set(SYS_EVENTS)


def test_ast_classes_stand_for_events():
    mapping = dict(AST_TO_EVENT_MAPPING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        ellipsis = getattr(ast, "Ellipsis", None)
    assert mapping.pop(ellipsis, None) in (None, pyc.ellipsis)
    assert {node: event.name for node, event in mapping.items()} == ALIASES


def test_assert_events_stand_for_statement_events():
    assert EVT_TO_EVENT_MAPPING == {pyc.before_assert: pyc.before_stmt, pyc.after_assert: pyc.after_stmt}


def test_the_core_has_the_same_table_in_the_same_order():
    from pyccolo_native import _native

    assert [row[:2] for row in _native.event_table()] == [(event.name, event.value) for event in TraceEvent]


def test_events_are_hashable_and_picklable():
    import pickle

    assert all(pickle.loads(pickle.dumps(event)) is event for event in TraceEvent)
    assert len({*TraceEvent}) == 104


def test_the_aliases_register_handlers():
    for node, name in ALIASES.items():

        class Tracer(pyc.BaseTracer):
            @pyc.register_handler(node)
            def handle(self, ret, *_, **__):
                pass

        assert Tracer.instance().events_with_registered_handlers == {TraceEvent[name]}
        Tracer.clear_instance()
