"""Where pyccolo_native differs from Pyccolo on purpose, each with its reason; nothing else may differ.

A call is [tracer number, event, node, value, keywords], as recorder.py writes it; a node is [type, line, column, end line,
end column] or None. Every rule is applied to both streams, so a rule can hide only what it names.
"""

import ast
import re

GUARDED_BODIES = {"before_function_body", "before_for_loop_body", "before_while_loop_body"}
ENDS = {
    "after_function_execution": ("FunctionDef", "AsyncFunctionDef"),
    "after_for_loop_iter": ("For",),
    "after_while_loop_iter": ("While",),
}
LOCAL_PREFIX = re.compile(r"[\w.<>]*<locals>\.")


def guard_table_keyword(call):
    """(a) `guards_by_handler_spec_id` is Pyccolo's inner bookkeeping: keyed by ids, always None without local guards."""
    call[4].pop("guards_by_handler_spec_id", None)
    return call


def nodes_of_ends(call):
    """(b) The node of the end of a body is None in Pyccolo (its copy is never entered in the tables); ours is the statement."""
    if call[2] and call[2][0] in ENDS.get(call[1], ()):
        call[2] = None
    return call


def node_of_bare_except(call):
    """(c) A bare `except:` has no type to be the node: None in Pyccolo, the ExceptHandler in ours."""
    if call[1] == "exception_handler_type" and call[2] and call[2][0] == "ExceptHandler" and call[3] == "type BaseException":
        call[2] = None
    return call


def absent_guards(call):
    """(d) Names of guards contain ids, so only their presence counts; without guards Pyccolo leaves some out and passes None for others."""
    if not call[4].get("guard"):
        call[4].pop("guard", None)
    return call


def subscript_names(call):
    """(i) Pyccolo looks at the key after it has put a call in its place, so `subscript_name` is always None; ours is the name."""
    call[4].pop("subscript_name", None)
    return call


def values_of_replaced_statements(call):
    """(m) After a module's statement was replaced, Pyccolo's after_stmt is given the names of the sandbox; ours None."""
    if call[1] in ("after_stmt", "after_module_stmt") and isinstance(call[3], list) and call[3][1:2] == [["__name__", "__oracle__"]]:
        call[3] = None
    return call


CALL_RULES = (guard_table_keyword, nodes_of_ends, node_of_bare_except, absent_guards, subscript_names, values_of_replaced_statements)


def docstrings(tree):
    """(e) Pyccolo takes the docstrings of modules and classes away and reports some of functions; ours stay and are no event's node.

    (n) It also treats any other constant at the head of a function, such as `...`, as a docstring.
    """
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for owner in ast.walk(tree):
        if not isinstance(owner, (ast.Module, ast.ClassDef, *functions)) or not owner.body:
            continue
        first = owner.body[0]
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and (isinstance(owner, functions) or isinstance(first.value.value, str))
        ):
            for node in (owner.body[0], owner.body[0].value):
                yield [type(node).__name__, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset]


def has_chained_comparison(tree):
    """(f) Under before_compare Pyccolo evaluates all operands of a chain; ours stops at the first that fails, as Python does."""
    return any(isinstance(node, ast.Compare) and len(node.ops) > 1 for node in ast.walk(tree))


def incomparable_events(tree):
    """Events that are not asked for when streams of this program are compared."""
    return {"before_compare"} if has_chained_comparison(tree) else set()


def innermost_statement_handlers(tracers):
    """(j) Pyccolo asks the innermost tracer for a statement's replacement, whichever gave it: it must handle before_stmt too."""
    return [["before_stmt", "observe"]] if len(tracers) > 1 else []


def is_broken(answer):
    """(k) Where a part of an f-string is replaced by what is no string, Pyccolo ends in a SystemError of the interpreter."""
    return bool(answer["error"]) and answer["error"][0] == "SystemError"


LOOPS_WITH_TWO_GUARDS = "after_while_loop_iter"
"""(l) In Pyccolo the test of a while loop has a guard of its own, of which no handler is told: it cannot be silenced."""


def unguarded_events(guards):
    """(g) With guards disabled Pyccolo never says that a body begins; ours does."""
    return set() if guards else GUARDED_BODIES


def qualified_names(error):
    """(h) In Pyccolo a function made in a thunk has the thunk in its qualified name, which messages show."""
    return error and [error[0], LOCAL_PREFIX.sub("", str(error[1]))]


def normalised(stream, tree, guards):
    """The stream without what differs on purpose."""
    dropped, hidden = unguarded_events(guards), list(docstrings(tree))
    result = []
    for call in stream:
        if call[1] in dropped or call[2] in hidden:
            continue
        for rule in CALL_RULES:
            call = rule(call)
        result.append(call)
    return result
