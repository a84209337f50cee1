"""Where pyccolo_native differs from Pyccolo on purpose, each with its reason; nothing else may differ.

A call is [tracer number, event, node, value, keywords], as recorder.py writes it; a node is [type, line, column, end line,
end column] or None. Every rule is applied to both streams, so a rule can hide only what it names.
"""

import ast
import re
import sys
from typing import NamedTuple

GUARDED_BODIES = {"before_function_body", "before_for_loop_body", "before_while_loop_body"}
ENDS = {
    "after_function_execution": ("FunctionDef", "AsyncFunctionDef"),
    "after_for_loop_iter": ("For",),
    "after_while_loop_iter": ("While",),
}
PYCCOLO_IMPORTS_NOTHING = sys.version_info >= (3, 15)
"""importlib gives source_to_code() the module's name, which that of Pyccolo 0.0.96 does not take: each import that it traces fails."""

LOCAL_PREFIX = re.compile(r"[\w.<>]*<locals>\.")


def guard_table_keyword(call):
    """(a) `guards_by_handler_spec_id` is Pyccolo's inner bookkeeping: keyed by ids, always None without local guards."""
    call[4].pop("guards_by_handler_spec_id", None)
    return call


def nodes_of_ends(call):
    """(b) The node of the end of a body is None in Pyccolo (its copy is never entered in the tables); ours is the statement."""
    if call[2] and call[2][0] in ENDS.get(call[1], ()):
        call[2] = None
        call[4].pop("augmentations", None)
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
    if call[1] in ("after_stmt", "after_module_stmt") and call[3] == "a namespace":
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


# ---- new syntax: what syntax_recorder.py gets of each library


def normalised_syntax(answer, has_pairs):
    """(o) Imported names, parameters and keywords are marked in ours only, beside the statements of single imports.

    (p) Pyccolo takes all that is in a pair for replaced, so that the positions in it come to lie before it.
    """
    marks = [mark for mark in answer["marks"] or [] if mark[0] not in ("alias", "arg", "keyword")]
    return {**answer, "marks": marks, "positions": None if has_pairs else answer["positions"]}


def places_in_files(call):
    """(q) The nodes of a file are where its source as written has them; in Pyccolo where the replaced source has them."""
    if call[2]:
        call[2] = call[2][:2]
    for name, value in call[4].items():
        if name.endswith("_node_id") and value:
            call[4][name] = value[:2]
    return call


class SyntaxDifference(NamedTuple):
    tracers: tuple
    source: str
    code: str
    """Ours; Pyccolo's code, marks, positions or way back is another."""
    marks: list


SYNTAX = {
    # Its range for an operand of `or` is from that operand's start to the next one's end.
    "or around another or": SyntaxDifference((["or else"],), "x = nothing or (a ?? b)", "x = nothing or (a or b)", ["Name ??"]),
    # It wants the token right behind the value.
    "a value in parentheses": SyntaxDifference((["?."],), "x = (a + b)?.real", "x = (a + b).real", ["Attribute ?."]),
    "a function in parentheses": SyntaxDifference((["!("],), "x = (same)!(a)", "x = (same)(a)", ["Call !("]),
    "a token on a line of its own": SyntaxDifference((["?."],), "x = (thing\n  ?.value)", "x = (thing\n  .value)", ["Attribute ?."]),
    "an attribute on a line of its own": SyntaxDifference((["$"],), "x = (thing.\n  $value)", "x = (thing.\n  value)", ["Attribute $"]),
    "more blanks than one": SyntaxDifference((["$"],), "def   $f(): pass", "def   f(): pass", ["FunctionDef $"]),
    # Columns of nodes count bytes, those of tokens characters.
    "characters beyond ASCII": SyntaxDifference((["?."],), "x = 'é', thing?.value", "x = 'é', thing.value", ["Attribute ?.", "Name ?."]),
    # Between tokens it writes spaces.
    "tabs": SyntaxDifference((["|>"],), "x = a\t|>\tb\nif a:\n\ty = a |> b", "x = a\t|\tb\nif a:\n\ty = a | b", ["BinOp |>"] * 2),
    # It looks at text, not at tokens, and into whatever ends with a token.
    "a comment that ends with the token": SyntaxDifference((["?."],), "x = 1 # ?.", "x = 1 # ?.", []),
    "a token that is part of Python's own": SyntaxDifference((["* "],), "x = a ** b * c", "x = a ** b | c", ["BinOp * "]),
    "the dot of a number": SyntaxDifference(([". "],), "x = 5. + 1", "x = 5. + 1", []),
    "the dot of an import": SyntaxDifference(([". "],), "from . import x", "from . import x", []),
    # It takes the specs in their order.
    "the shorter token first": SyntaxDifference((["?", "?."],), "x = thing?.value", "x = thing.value", ["Attribute ?.", "Name ?."]),
    "text of a format": SyntaxDifference((["?."],), "x = f'{a:?.}'", "x = f'{a:?.}'", []),
    # On the way back a token that stands for nothing comes once for each node that it marks.
    "a token that stands for nothing": SyntaxDifference((["@@"],), "x = @@thing.value", "x = thing.value", ["Attribute @@", "Name @@"]),
    "a parameter and a keyword": SyntaxDifference((["$"],), "def f($x): pass\nf($x=1)", "def f(x): pass\nf(x=1)", ["arg $", "keyword $"]),
    "an imported name": SyntaxDifference((["$"],), "from os import path, $sep", "from os import path, sep", ["alias $"]),
    "places in a pair": SyntaxDifference((["{}"],), "x = xs{a + 1}", "x = xs[a + 1]", ["Subscript {"]),
}
if sys.version_info < (3, 12):  # where such a string is one token
    SYNTAX["a field of a string of several lines"] = SyntaxDifference(
        (["?."],), 'x = f"""\n{thing?.value} {a:{b?.real}}"""', 'x = f"""\n{thing.value} {a:{b.real}}"""', ["Attribute ?.", "Name ?."] * 2
    )


# ---- interpreter events: what sys_recorder.py gets of each library


class SysDifference(NamedTuple):
    tracers: str
    source: str
    ours: list
    theirs: list


FUNCTION = "def f():\n    return 1\ndef main():\n    f()"
SAID = """class Tracer(Base):
    @pyc.{event}
    def one(self, ret, node, frame, event, *_, **__):
        {first}

    @pyc.{event}
    def two(self, ret, node, frame, event, *_, **__):
        say("function" if callable(ret) else "a value")

TRACERS = [Tracer()]
"""
ANSWERING = """class Tracer(Base):
    @pyc.call
    def begins(self, ret, node, frame, event, *_, **__):
        {at_call}

    @pyc.line
    def line(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)
        {at_line}

TRACERS = [Tracer()]
"""
SKIPPING = """
def FOREIGN(frame, event, value):
    if frame.f_code.co_filename == FILE:
        say(event)
        return FOREIGN

class Tracer(Base):
    @pyc.call
    def begins(self, ret, node, frame, event, *_, **__):
        say("tracer")
        return pyc.SkipAll

TRACERS = [Tracer()]
"""
REENTERING = """class Tracer(Base):
    @pyc.load_name
    def name(self, ret, node, frame, event, *_, **__):
        say("name")
        FUNCTION()

    @pyc.call
    def begins(self, ret, node, frame, event, *_, **__):
        note(event, frame, ret)

names = {}
exec(compile("def f(): pass", FILE, "exec"), names)
FUNCTION = names["f"]
TRACERS = [Tracer()]
"""
SYS_EVENTS = {
    # Pyccolo hands a `call` that nobody handles back to the interpreter as None, which ends the frame's events.
    "no handler of call": SysDifference(
        "TRACERS = [observer('return_')()]", FUNCTION, [["return", "f", 2, 1], ["return", "main", 4, None]], []
    ),
    # It clears f_trace_opcodes again before the frame begins.
    "opcodes": SysDifference(
        "class Tracer(Base):\n"
        "    @pyc.call\n"
        "    def begins(self, ret, *_, **__): pass\n"
        "    @pyc.opcode\n"
        "    def opcode(self, ret, node, frame, event, *_, **__):\n"
        "        if not self.__dict__.get('told'): say('opcode')\n"
        "        self.told = True\n"
        "TRACERS = [Tracer()]",
        # 3.12 heeds the attribute from the next sys.settrace on, 3.13 from a function's second call on.
        "import sys\nsys._getframe().f_trace_opcodes = True\ndef f():\n    return 1\ndef main():\n    f()\n    f()",
        [["opcode"]],
        [],
    ),
    # Of `call` and `exception` its next handler gets the trace function that it would give the interpreter.
    "the value for a second handler of call": SysDifference(
        SAID.format(event="call", first="return None"), "def main(): pass", [["a value"]], [["function"]]
    ),
    "the value for a second handler of exception": SysDifference(
        SAID.format(event="exception", first="return None").replace("class Tracer(Base):", "class Tracer(Base):\n    @pyc.call\n    def begins(self, *_, **__): pass\n"),
        "def main():\n    try:\n        1 // 0\n    except ArithmeticError: pass",
        [["a value"]],
        [["function"]],
    ),
    # It gives the interpreter None, which after the call means: as before.
    "Null at a line": SysDifference(
        ANSWERING.format(at_call="pass", at_line="return pyc.Null"),
        "def main():\n    x = 1\n    y = 2",
        [["line", "main", 2, None]],
        [["line", "main", 2, None], ["line", "main", 3, None]],
    ),
    # A function that was kept from the call is told of the lines; in ours, as by the interpreter, of nothing in that frame.
    "SkipAll and an existing trace function": SysDifference(
        SKIPPING, "def main():\n    return 1", [["tracer"]], [["tracer"], ["line"], ["return"]]
    ),
    # Its trace function does not know of handlers that run.
    "events from inside handlers of woven code": SysDifference(
        REENTERING,
        "def main():\n    TRACERS[0].exec('x = 1\\nx', {}, {})",
        [["call", "main", 1, None], ["name"]],
        [["call", "main", 1, None], ["name"], ["call", "f", 1, None]],
    ),
}
