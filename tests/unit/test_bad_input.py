"""Bad input ends in a clear error, and leaves nothing behind."""
import ast
import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

import pyccolo_native as pyc
from pyccolo_native import _native

ROOT = Path(__file__).resolve().parents[2]


def run(source):
    """In a process of its own, which may crash."""
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", source], capture_output=True, text=True, timeout=120, cwd=ROOT
    )


class Increment(pyc.BaseTracer):
    @pyc.after_int
    def handle(self, ret, *_, **__):
        return ret + 1


class Everything(pyc.BaseTracer):
    @pyc.register_handler(tuple(event for event in pyc.TraceEvent if event.name.startswith(("before_", "after_"))))
    def handle(self, ret, *_, **__):
        pass


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    assert pyc.tracer() is pyc.NoopTracer.instance()
    for tracer in (Increment, Everything):
        tracer.clear_instance()
    pyc.BaseTracer.current_module[0] = None


def test_unknown_events():
    with pytest.raises(AttributeError, match="before_nothing"):
        pyc.before_nothing
    with pytest.raises(ValueError, match="before_nothing"):
        pyc.TraceEvent("before_nothing")


@pytest.mark.parametrize("event", ["before_stmt", 3, None, int, ast.Pass, ("after_int",)])
def test_registering_for_what_is_no_event(event):
    with pytest.raises((TypeError, ValueError, KeyError)) as caught:
        pyc.register_handler(event)(lambda self, ret: None)
    assert str(caught.value)


def test_emitting_an_unknown_event():
    with pytest.raises((ValueError, TypeError)):
        Increment.instance()._emit_event("no_such_event", None, sys._getframe(), ret=1)


@pytest.mark.parametrize("tracer", [int, 3, None, "Tracer", object()])
def test_what_is_no_tracer(tracer):
    with pytest.raises((TypeError, AttributeError)):
        with pyc.tracing_enabled([tracer]):
            raise AssertionError("not reached")


@pytest.mark.parametrize("when", [3, "condition", []])
def test_a_condition_that_cannot_be_called(when):
    with pytest.raises((TypeError, AssertionError)):

        class Tracer(pyc.BaseTracer):
            @pyc.after_int(when=when)
            def handle(self, ret, *_, **__):
                pass

        Tracer.instance().eval("1")


SYNTAX = ["x = = 1", "def f(:", "(", "x = 'unclosed", "if True:\nx", "\tx\n  y", "yield = 1", "f(**a, *b)", "a\x00b"]


@pytest.mark.parametrize("source", SYNTAX)
def test_syntax_errors_are_the_plain_ones(source):
    with pytest.raises((SyntaxError, ValueError)) as plain:
        ast.parse(source.strip(), "given.py")
        compile(source.strip(), "given.py", "exec")
        pytest.skip("fine on this Python")
    with pytest.raises(type(plain.value)) as caught:
        Increment.instance().exec(source, local_env={}, filename="given.py")
    if isinstance(plain.value, SyntaxError):
        assert (caught.value.msg, caught.value.lineno, caught.value.offset) == (
            plain.value.msg,
            plain.value.lineno,
            plain.value.offset,
        )


def test_undecodable_source():
    with pytest.raises(SyntaxError):
        from pyccolo_native.sandbox import compile_source

        compile_source(b"x = '\xff'", "given.py", tracers=[Increment.instance()])


@pytest.mark.parametrize("node", [ast.Pass(), ast.Constant(1), ast.parse("1", mode="single"), ast.Load(), None, 3])
def test_trees_that_cannot_be_rewritten(node):
    with pytest.raises(TypeError):
        _native.rewrite(node, [Increment.instance()], "given.py", None)
    with pytest.raises((TypeError, AssertionError)):
        Increment.instance().make_ast_rewriter("given.py").visit(node)


PRELUDE = """
import ast, sys
import pyccolo_native as pyc
from pyccolo_native import _native

def bare(kind, **fields):
    # a node without some of its fields, which constructors of 3.15 do not make
    node = kind.__new__(kind)
    node.__dict__.update(fields)
    return node

class Increment(pyc.BaseTracer):
    @pyc.after_int
    def handle(self, ret, *_, **__):
        return ret + 1

class Everything(pyc.BaseTracer):
    @pyc.register_handler(tuple(event for event in pyc.TraceEvent if event.name.startswith(("before_", "after_"))))
    def handle(self, ret, *_, **__):
        pass
"""

BROKEN = {
    "a statement without fields": "ast.Module(body=[bare(ast.Assign)], type_ignores=[])",
    "a number as an expression": "ast.Module(body=[ast.Expr(value=3)], type_ignores=[])",
    "None in a body": "ast.Module(body=[None], type_ignores=[])",
    "a statement as an expression": "ast.Module(body=[ast.Expr(value=ast.Pass())], type_ignores=[])",
    "an expression as a statement": "ast.Module(body=[ast.Constant(value=1)], type_ignores=[])",
    "no positions": "ast.Module(body=[ast.Expr(value=ast.Constant(value=1))], type_ignores=[])",
    "a string as a body": "ast.Module(body='pass', type_ignores=[])",
    "a function without arguments": "ast.Module(body=[bare(ast.FunctionDef, name='f', body=[], decorator_list=[])], type_ignores=[])",
    "an operator that is none": "ast.Expression(ast.BinOp(ast.Constant(1), ast.Load(), ast.Constant(2)))",
    "fewer keys than values": "ast.Expression(ast.Dict(keys=[], values=[ast.Constant(1)]))",
    "an attribute that is no string": "ast.Expression(ast.Attribute(ast.Constant(1), 3, ast.Load()))",
    "lists of the wrong things": "ast.Expression(ast.Call(ast.Constant(1), [ast.Pass(), None], [ast.Constant(1)]))",
    "a comparison without operators": "ast.Expression(ast.Compare(ast.Constant(1), [], []))",
    "empty boolean operation": "ast.Expression(ast.BoolOp(ast.And(), []))",
    "nothing": "ast.Module()",
    "no expression": "bare(ast.Expression)",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_trees_are_errors_of_python(name):
    source = f"""{PRELUDE}
for tracer in (Increment, Everything):
    for positions in (False, True):
        tree = {BROKEN[name]}
        try:
            if positions:
                ast.fix_missing_locations(tree)
            (tracer.instance().eval if isinstance(tree, ast.Expression) else tracer.instance().exec)(tree, {{}}, {{}})
        except (TypeError, ValueError, AttributeError):
            pass
print("alive")
"""
    done = run(source)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr


def test_a_tree_that_contains_itself():
    source = f"""{PRELUDE}
tree = ast.parse("if x: pass")
tree.body[0].body.append(tree.body[0])
try:
    Everything.instance().exec(tree, {{}}, {{}})
except (RecursionError, ValueError):
    print("alive")
"""
    done = run(source)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr


NESTED = ["'(' * n + '1' + ')' * n", "'-' * n + '1'", "'1' + '+1' * n", "'x' + '.y' * n", "'[' * n + ']' * n"]
NESTED += ["'not ' * n + '1'", "'f' + '(0)' * n", "'lambda: ' * n + '1'", "'x[' * n + '0' + ']' * n"]


@pytest.mark.parametrize("nested", NESTED)
def test_deep_nesting_is_an_error_at_worst(nested):
    source = f"""{PRELUDE}
for tracer in (Increment, Everything):
    for n in (50, 90, 100_000) if "lambda" in {nested!r} else (50, 90, 300, 1000, 3000, 100_000):
        try:
            with tracer.instance():
                compile(pyc.parse({nested}, mode="eval"), "<sandbox>", "eval")
        except (RecursionError, MemoryError, SyntaxError):
            pass
print("alive")
"""
    done = run(source)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr


def test_deep_trees_made_by_hand():
    source = f"""{PRELUDE}
node = ast.Constant(1, lineno=1, col_offset=0)
for _ in range(50_000):
    node = ast.UnaryOp(ast.USub(), node, lineno=1, col_offset=0)
try:
    woven, rewrite = _native.rewrite(ast.Expression(node), [Everything.instance()], "<sandbox>", None)
    _native.compile(woven, "<sandbox>", "eval")
except RecursionError:
    print("alive", flush=True)
import os
os._exit(0)  # deallocating the tree is as deep
"""
    done = run(source)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr


def test_handlers_that_delete_the_variables_of_the_frame():
    class Tracer(pyc.BaseTracer):
        @pyc.before_stmt
        def handle(self, ret, node, frame, *_, **__):
            frame.f_locals.clear() if sys.version_info < (3, 13) else None
            frame.f_globals.pop("g", None)
            frame.f_globals.pop("__builtins__", None)

    env = Tracer.instance().exec("x = 1\ny = [x for _ in range(2)]", {"g": 1}, {})
    assert env["y"] == [1, 1]


def test_handlers_that_remove_the_builtins():
    source = """
import builtins
import pyccolo_native as pyc
class Tracer(pyc.BaseTracer):
    @pyc.after_int
    def handle(self, ret, *_, **__):
        for name in [name for name in vars(builtins) if name.startswith("_X5ix")]:
            delattr(builtins, name)
try:
    Tracer.instance().exec("x = 1\\ny = 2\\nfor i in (1, 2): pass", local_env={})
except NameError as error:
    assert "_X5ix" in str(error)
print("alive")
"""
    assert run(source).stdout == "alive\n"


@pytest.mark.parametrize("ending", ["raise SystemExit(5)", "import os; os._exit(5)", "import sys; sys.exit(5)"])
def test_handlers_that_finish_the_interpreter(ending):
    source = f"""
import pyccolo_native as pyc
class Tracer(pyc.BaseTracer):
    @pyc.after_int
    def handle(self, ret, *_, **__):
        {ending}
Tracer.instance().exec("x = 1", local_env={{}})
"""
    done = run(source)
    assert (done.returncode, done.stderr) == (5, "")


ENDS_WHILE_TRACING = """
import sys
import pyccolo_native as pyc
class Tracer(pyc.BaseTracer):
    multiple_threads_allowed = True
    @pyc.register_handler((pyc.after_int, pyc.before_stmt, pyc.load_name))
    def handle(self, ret, *_, **__):
        pass
Tracer.enable()
class Late:
    def __del__(self):
        self.f()
late = Late()
Late.f = pyc.exec("def f(self):\\n    x = 1\\n    print('late', x)", local_env={})["f"]
"""


def test_the_interpreter_ends_while_tracing():
    done = run(ENDS_WHILE_TRACING)
    assert (done.returncode, done.stdout, done.stderr) == (0, "late 1\n", "")


def test_the_interpreter_ends_while_a_daemon_thread_is_traced():
    # The thread's frame keeps the program's variables, so `late` is not finalized: as without a tracer.
    source = ENDS_WHILE_TRACING + """
import threading, time
g = pyc.exec("def g():\\n    while True:\\n        x = [1, 2]", local_env={})["g"]
threading.Thread(target=g, daemon=True).start()
time.sleep(0.05)
print("ends")
"""
    done = run(source)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ends\n", "")


def test_the_interpreter_ends_in_the_middle_of_a_generator():
    source = """
import pyccolo_native as pyc
class Tracer(pyc.BaseTracer):
    @pyc.register_handler((pyc.after_int, pyc.before_stmt, pyc.after_function_execution))
    def handle(self, ret, *_, **__):
        pass
with Tracer.instance():
    generator = pyc.exec("def f():\\n    try:\\n        yield 1\\n    finally:\\n        print('closed')", {})["f"]()
    next(generator)
"""
    done = run(source)
    assert (done.returncode, done.stdout, done.stderr) == (0, "closed\n", "")


WRONG_CALLS = [
    "rewrite()",
    "rewrite(ast.parse('1'), None, 'x', None)",
    "rewrite(ast.parse('1'), [3], 'x', None)",
    "rewrite(ast.parse('1'), [], 3, None)",
    "rewrite(ast.parse('1'), [], 'x', 'y')",
    "compile(3, 'x', 'exec')",
    "compile(ast.parse('1'), 'x', 'nonsense')",
    "parse(3)",
    "NodeTable('nonsense')",
    "NodeTable()",
    "keep(3)",
    "release(3)",
    "check_handler(3, [pyc.after_int])",
    "check_handler(lambda self: None, [3])",
    "file_passes(3, 'x')",
    "sandbox_function(ast.parse('1'), ['not an identifier'], 'x')",
    "sandbox_function(3, [], 'x')",
    "configure()",
]


@pytest.mark.parametrize("call", WRONG_CALLS)
def test_wrong_arguments_to_the_core_are_errors_at_worst(call):
    source = f"""{PRELUDE}
try:
    _native.{call}
except (TypeError, ValueError, AttributeError):
    pass
print("alive")
"""
    done = run(source)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr


def test_a_tracer_whose_init_does_not_call_up():
    source = f"""{PRELUDE}
class Tracer(pyc.BaseTracer):
    def __init__(self):
        pass
try:
    with Tracer.instance():
        pyc.eval("1")
except (AttributeError, RuntimeError, TypeError):
    pass
print("alive")
"""
    done = run(source)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr


@pytest.mark.parametrize("stranger", ["3", "None", "'tracer'", "object()", "Increment", "Everything()"])
def test_strangers_on_the_stack(stranger):
    source = f"""{PRELUDE}
with Increment.instance():
    f = pyc.exec("def f():\\n    return 1", {{}}, {{}})["f"]
    stranger = {stranger}
    _native.TRACER_STACK.append(stranger)
    try:
        f()
    except (TypeError, AttributeError):
        pass
    finally:
        _native.TRACER_STACK.remove(stranger)
    print(f())
"""
    done = run(source)
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr


def test_cancelled_coroutines():
    with Everything.instance():
        f = pyc.exec("import asyncio\nasync def f():\n    await asyncio.sleep(10)", {})["f"]

        async def main():
            task = asyncio.ensure_future(f())
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        asyncio.run(main())
