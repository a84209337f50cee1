"""Runs programs with handlers on chosen events of one library and writes down every call of a handler.

    python -P recorder.py MODULE       MODULE: pyccolo, pyccolo_native, or plain

Reads one JSON request per line from stdin and answers each with one line of JSON, until stdin ends.

Request    {"op": "events"}: the names of the library's events;
           {"op": "import", "files": {path: source}, ...}: as below, but the program runs unwoven and imports these files,
           which are woven; {"op": "sys", ...}: interpreter events, see sys_recorder.py;
           {"op": "syntax", ...}: source to source, see syntax_recorder.py; or
    source   the program
    plain    the program without new syntax, if it has any; "plain_files" likewise
    entry    "module": rewritten, compiled and executed as a module; "exec", "eval": given to tracer.exec or .eval
    guards   value of global_guards_enabled
    tracers  one object per tracer, outermost first: {"handlers": [[event, action], ...], "specs": names of syntax}
Answer
    stream     [tracer number, event, node, value, keywords] for every call, in order; the augmentations of a node that
               has any are among its keywords
    environment  the program's names and described values
    output     what it printed
    error      type and text of an uncaught exception, or null
    weaving    type and text of the exception that rewriting or compiling raised, or null
"""

import ast
import collections
import contextlib
import importlib
import io
import json
import os

import sys
import tempfile
import textwrap
import traceback
import types
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import actions  # noqa: E402
import environment  # noqa: E402
import sys_recorder  # noqa: E402
import syntax_recorder  # noqa: E402
from actions import ADDRESS  # noqa: E402

THUNKS = {
    "before_argument",
    "before_assign_rhs",
    "before_augassign_rhs",
    "before_binop",
    "before_boolop",
    "before_boolop_arg",
    "before_compare",
    "before_dict_literal",
    "before_for_iter",
    "before_fstring",
    "before_lambda",
    "before_left_binop_arg",
    "before_list_literal",
    "before_load_complex_symbol",
    "before_return",
    "before_right_binop_arg",
    "before_set_literal",
    "before_subscript_slice",
    "before_tuple_literal",
    "before_unaryop",
    "before_unaryop_arg",
}
FILE = "<oracle>"
RESERVED_PREFIX = "_X5ix"


def describe(value, depth=3):
    """A value as JSON that two libraries can agree on: no addresses, no identities, no qualified names."""
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind in (float, complex, bytes, range, slice) or value is ... or value is NotImplemented:
        return repr(value)
    if kind in (list, tuple) and depth:
        return [kind.__name__, *[describe(v, depth - 1) for v in value]]
    if kind in (set, frozenset) and depth:
        return [kind.__name__, *sorted((describe(v, depth - 1) for v in value), key=json.dumps)]
    if kind is dict and "__builtins__" in value:
        return "a namespace"
    if kind is dict and depth:
        return ["dict", *[[describe(k, depth - 1), describe(v, depth - 1)] for k, v in value.items()]]
    if isinstance(value, type) or kind in (types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.ModuleType):
        return f"{kind.__name__} {value.__name__}"
    if isinstance(value, BaseException):
        return [kind.__name__, ADDRESS.sub("", str(value))]
    if isinstance(value, environment.Thing) and depth:
        return [kind.__name__, *[[name, describe(v, depth - 1)] for name, v in sorted(vars(value).items())]]
    return f"a {kind.__name__}"


def describe_node(node):
    """[type, line, column, end line, end column]; None for no node."""
    if node is None:
        return None
    return [type(node).__name__, *[getattr(node, name, None) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset")]]


class Recorder:
    """Makes tracers whose handlers write down their calls, then act."""

    def __init__(self, pyc):
        self.pyc = pyc
        self.stream = []
        self.seen = collections.Counter()

    def describe(self, value):
        for name in ("Null", "Pass", "Skip", "SkipAll"):
            if value is getattr(self.pyc, name):
                return f"pyc.{name}"
        return describe(value)

    def describe_keyword(self, tracer, name, value):
        if name.endswith("_node_id") and value is not None:
            return describe_node(tracer.ast_node_by_id.get(value))
        if name in ("guard", "guards_by_handler_spec_id"):
            return value is not None
        return describe(value)

    def handler(self, number, action_name):
        action = actions.ACTIONS[action_name]

        def handle(tracer, ret, node, frame, event, local_guard, /, **kwargs):
            place = describe_node(node)
            self.seen[number, event, str(place)] += 1
            if len(self.stream) > actions.MOST_CALLS:
                raise actions.TooLong
            value = "thunk" if event.name in THUNKS else self.describe(ret)
            keywords = {name: self.describe_keyword(tracer, name, v) for name, v in sorted(kwargs.items())}
            if marks := syntax_recorder.tokens(tracer, node):
                keywords["augmentations"] = marks
            self.stream.append([number, event.name, place, value, keywords])
            return action(actions.Call(self.pyc, tracer, ret, node, event, kwargs, self.seen[number, event, str(place)]))

        return handle

    def tracer(self, number, description, guards, members=None):
        for event, action in description["handlers"]:
            self.pyc.register_handler(getattr(self.pyc.TraceEvent, event))(self.handler(number, action))
        members = members or {"instrument_all_files": True, "should_patch_meta_path": False}
        members = {**members, **syntax_recorder.members(self.pyc, description.get("specs", ()))}
        return type(self.pyc.BaseTracer)(f"Tracer{number}", (self.pyc.BaseTracer,), {**members, "global_guards_enabled": guards})()


def described_environment(names, before):
    """The names of the program with their values; without functions and classes that were there before."""
    return {
        name: describe(value)
        for name, value in sorted(names.items())
        if not name.startswith(("__", RESERVED_PREFIX)) and not (callable(value) and before.get(name) is value)
    }


def run_module(tree_or_source, names):
    exec(compile(tree_or_source, FILE, "exec", dont_inherit=True), names)
    return names


def woven(pyc, recorder, request):
    """A callable that runs the program in the names it is given, and the context in which it does."""
    stack = contextlib.ExitStack()
    tracers = [recorder.tracer(n, t, request["guards"]) for n, t in enumerate(request["tracers"])]
    for tracer in tracers:
        stack.enter_context(tracer.tracing_enabled())
    last = tracers[-1]
    if request["entry"] == "exec":
        return lambda names: last.exec(request["source"], names, {}, filename=FILE), stack
    if request["entry"] == "eval":
        return lambda names: {"result": last.eval(request["source"], names, {}, filename=FILE)}, stack
    try:
        if any(tracer.syntax_augmentation_specs() for tracer in tracers):
            tree = last.parse(request["source"], filename=FILE)
        else:
            tree = last.make_ast_rewriter(FILE).visit(ast.parse(request["source"], FILE))
        code = compile(tree, FILE, "exec", dont_inherit=True)
    except BaseException:
        stack.close()
        raise

    def run(names):
        exec(code, names)
        return names

    return run, stack


def plain(request):
    program = request.get("plain", request["source"])
    if request["entry"] == "eval":
        return lambda names: {"result": eval(program, names)}, contextlib.nullcontext()
    if request["entry"] == "exec":
        body = textwrap.indent(textwrap.dedent(program).strip(), " ")
        function, result = f"{RESERVED_PREFIX}_sandbox", f"{RESERVED_PREFIX}_result"
        source = f"def {function}(**__):\n{body}\n return locals()\n{result} = {function}()"
        return lambda names: run_module(source, names)[result], contextlib.nullcontext()
    return lambda names: run_module(program, names), contextlib.nullcontext()


def answer(pyc, request):
    recorder = Recorder(pyc)
    names = environment.make()
    before = dict(names)
    output = io.StringIO()
    result = {"stream": recorder.stream, "environment": {}, "error": None, "weaving": None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            run, context = plain(request) if pyc is None else woven(pyc, recorder, request)
        except Exception as error:
            return {**result, "weaving": [type(error).__name__, str(error), traceback.format_exc()], "output": ""}
        made = None
        with context, contextlib.redirect_stdout(output):
            try:
                made = run(names)
            except BaseException as error:
                result["error"] = describe(error)
                error.__traceback__ = None
        result["environment"] = described_environment(names if made is None else {**names, **made}, before)
    result["output"] = ADDRESS.sub("", output.getvalue())
    return result


def answer_import(pyc, request):
    """Runs a plain program while the import hook weaves the modules that it imports from a directory of their own."""
    recorder, output = Recorder(pyc), io.StringIO()
    names, result = {"__name__": "__oracle__"}, {"stream": recorder.stream, "environment": {}, "error": None, "weaving": None}
    loaded = set(sys.modules)
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        files = request["files"] if pyc is not None else request.get("plain_files", request["files"])
        for path, source in files.items():
            (Path(directory) / path).parent.mkdir(exist_ok=True)
            (Path(directory) / path).write_text(source)
        sys.path.insert(0, directory)
        try:
            if pyc is not None:
                members = {"should_instrument_file": lambda self, name: name.startswith(directory)}
                for number, description in enumerate(request["tracers"]):
                    tracer = recorder.tracer(number, description, request["guards"], members)
                    stack.enter_context(tracer.tracing_enabled())
            stack.enter_context(contextlib.redirect_stdout(output))
            exec(compile(request["source"], FILE, "exec"), names)
        except Exception as error:
            result["error"] = describe(error)
        finally:
            sys.path.remove(directory)
            for name in set(sys.modules) - loaded:
                del sys.modules[name]
        for call in recorder.stream:
            call[3] = call[3].replace(directory, "DIRECTORY") if isinstance(call[3], str) else call[3]
    return {**result, "environment": described_environment(names, {}), "output": output.getvalue()}


def answer_syntax(pyc, request):
    recorder = Recorder(pyc)
    tracers = [recorder.tracer(n, {"handlers": [], **its}, True) for n, its in enumerate(request["tracers"])]
    with contextlib.ExitStack() as stack:
        for tracer in tracers:
            stack.enter_context(tracer.tracing_enabled())
        return syntax_recorder.answer(tracers, request, describe_node)


def keep_copies_alive():
    """Pyccolo names guards by the ids of copies that it drops at once: two loops may share a name. Kept, they cannot."""
    fast = importlib.import_module("pyccolo.fast")
    original, kept = fast.copy_ast, []

    def copy_ast(node):
        kept.append(original(node))
        return kept[-1]

    fast.copy_ast = copy_ast


def main():
    module = sys.argv[1]
    sys.path[:0] = sys.argv[2:]
    pyc = None if module == "plain" else importlib.import_module(module)
    if module == "pyccolo":
        keep_copies_alive()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("op") == "events":
            result = [event.name for event in pyc.TraceEvent]
        elif request.get("op") == "import":
            result = answer_import(pyc, request)
        elif request.get("op") == "sys":
            result = sys_recorder.answer(pyc, request, describe, environment.make())
        elif request.get("op") == "syntax":
            result = answer_syntax(pyc, request)
        else:
            result = answer(pyc, request)
        print(json.dumps(result), file=answers, flush=True)


if __name__ == "__main__":
    main()
