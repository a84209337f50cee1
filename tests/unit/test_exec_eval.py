"""exec, eval, execute, parse and their kin: environments, file names, kinds of code."""
import ast
import inspect
import linecache
import traceback

import pytest

import pyccolo_native as pyc


class Increment(pyc.BaseTracer):
    @pyc.after_int
    def handle(self, ret, *_, **__):
        return ret + 1


def test_exec_gives_the_variables_that_the_code_sets():
    assert pyc.exec("x = 1", local_env={}) == {"x": 1}
    assert pyc.exec("y = x + 1", local_env={"x": 1}) == {"x": 1, "y": 2}


def test_exec_leaves_the_given_environment_alone():
    env = {"x": 1}
    pyc.exec("x = 2\ny = 3", local_env=env)
    assert env == {"x": 1}


def test_exec_uses_the_callers_variables():
    here = 5
    assert pyc.exec("there = here + 1")["there"] == 6
    assert here == 5


def test_eval_uses_the_callers_variables():
    here = 5
    assert pyc.eval("here + 1") == 6
    assert Increment.instance().eval("here + 1") == 7
    with Increment.instance():
        assert pyc.eval("here + 1") == 7
    assert here == 5


def test_frames_further_out():
    def inner():
        return pyc.eval("here", num_extra_lookback_frames=1), pyc.exec("x = here", num_extra_lookback_frames=1)["x"]

    here = 5
    assert inner() == (5, 5) and here == 5


def test_execute_is_exec():
    tracer = Increment.instance()
    assert tracer.execute("x = 1", local_env={})["x"] == 2
    assert pyc.execute("x = 1", local_env={})["x"] == 1


def test_calling_and_indexing_a_tracer_runs_source():
    here = 5
    tracer = Increment.instance()
    assert tracer("x = here + 1")["x"] == 7
    assert tracer["x = here + 1"]["x"] == 7 and here == 5


def test_globals_are_where_functions_look():
    env = {"g": 10}
    f = pyc.exec("def f():\n    return g", env, {})["f"]
    assert f() == 10 and f.__globals__ is env
    env["g"] = 11
    assert f() == 11


def test_global_statements_reach_the_globals():
    env = {}
    pyc.exec("def f():\n    global x\n    x = 3\nf()", env, {})
    assert env["x"] == 3


def test_indented_source():
    assert pyc.exec("\n        x = 1\n        if x:\n            y = 2\n        ", local_env={}) == {"x": 1, "y": 2}


def test_trees_run_too():
    tracer = Increment.instance()
    assert tracer.exec(ast.parse("x = 1"), local_env={})["x"] == 2
    assert tracer.exec(ast.parse("x = 1").body[0], local_env={})["x"] == 2
    assert tracer.eval(ast.parse("1", mode="eval")) == 2
    assert tracer.eval(ast.parse("1", mode="eval").body) == 2


def test_a_given_tree_is_not_changed():
    tree = ast.parse("x = 1\nfor i in range(2):\n    x = x + i")
    before = ast.dump(tree, include_attributes=True)
    with Increment.instance():
        pyc.exec(tree, local_env={})
        pyc.exec(tree, local_env={})
    assert ast.dump(tree, include_attributes=True) == before


def test_without_instrumentation():
    with Increment.instance() as _:
        assert pyc.exec("x = 1", local_env={}, instrument=False)["x"] == 1
        assert pyc.eval("1", instrument=False) == 1


def test_a_tracer_that_is_off_is_on_for_its_own_code():
    tracer = Increment.instance()
    assert not tracer.is_tracing_enabled
    assert tracer.exec("x = 1", local_env={})["x"] == 2
    assert not tracer.is_tracing_enabled


def test_a_disabled_tracer_stays_disabled():
    tracer = Increment.instance()
    with tracer.tracing_disabled():
        assert tracer.eval("1") == 1


def test_sandbox_file_names_are_new_each_time():
    names = [Increment.make_sandbox_fname(), pyc.BaseTracer.make_sandbox_fname(), Increment.make_sandbox_fname()]
    assert len(set(names)) == 3
    assert all(name.startswith(pyc.SANDBOX_FNAME_PREFIX) and name.endswith(">") for name in names)


def test_file_names():
    assert pyc.exec("def f(): pass", local_env={})["f"].__code__.co_filename.startswith(pyc.SANDBOX_FNAME_PREFIX)
    with Increment.instance():
        f = pyc.exec("def f(): return 1", local_env={}, filename="given.py")["f"]
    assert f.__code__.co_filename == "given.py"


def test_source_is_kept_for_tracers_that_ask():
    class Keeping(pyc.BaseTracer):
        keep_sandbox_source = True

    with Increment.instance():
        f = pyc.eval("lambda x: x + 1")
        with pytest.raises(OSError):
            inspect.getsource(f)
    with Keeping.instance():
        g = pyc.eval("lambda x: x + 1")
        assert inspect.getsource(g).strip() == "lambda x: x + 1"
    linecache.clearcache()


def test_parse_gives_a_tree_that_can_be_compiled(forget_trees):
    with Increment.instance():
        tree = pyc.parse("x = 1")
        assert isinstance(tree, ast.Module)
        namespace = {}
        exec(compile(tree, "<sandbox>", "exec"), namespace)
        assert namespace["x"] == 2
        assert isinstance(pyc.parse("1", mode="eval"), ast.Expression)


def test_parse_without_instrumentation_gives_the_plain_tree(forget_trees):
    with Increment.instance():
        tree = pyc.parse("x = 1", instrument=False)
    assert ast.dump(tree) == ast.dump(ast.parse("x = 1"))


def test_exec_raw_runs_in_exactly_its_environments():
    env = {}
    tracer = Increment.instance()
    tracer.exec_raw("x = 1", env, env, "<sandbox-raw>")
    assert env["x"] == 2
    assert tracer.exec_raw("x + 1", env, env, "<sandbox-raw>", do_eval=True) == 4


def test_fragments(forget_trees):
    tracer = Increment.instance()
    with tracer:
        tree = tracer.parse_fragment("y = 1")
        env = {}
        tracer.exec_raw(tree, env, env, "<sandbox-f>", instrument=False)
        assert env["y"] == 2
        local = {"a": 5}
        assert tracer.exec_fragment("b = a + 1", {}, local) is local and local["b"] == 7


def test_exceptions_leave_the_stack_clean():
    with pytest.raises(IndexError):
        Increment.instance().exec("x = [][0]", local_env={})
    assert pyc.tracer() is pyc.NoopTracer.instance()


def test_tracebacks_name_the_right_lines():
    source = "x = 1\n\ndef f():\n    y = 2\n    return undefined\n\nf()"
    with pytest.raises(NameError) as caught:
        Increment.instance().exec(source, local_env={})
    lines = [f.lineno for f in traceback.extract_tb(caught.value.__traceback__) if f.filename.startswith("<sandbox")]
    assert lines == [7, 5]


@pytest.mark.parametrize(
    "source, line",
    [("x = = 1", 1), ("x = 1\ndef f(:\n  pass", 2), ("return 1\nyield = 1", 2), ("if True:\nx = 1", 2)],
)
def test_syntax_errors_are_the_plain_ones(source, line):
    with pytest.raises(SyntaxError) as plain:
        compile(source, "given.py", "exec")
    with pytest.raises(SyntaxError) as caught:
        Increment.instance().exec(source, local_env={}, filename="given.py")
    assert (caught.value.msg, caught.value.lineno) == (plain.value.msg, line)


def test_variables_that_are_no_identifiers_are_left_out():
    assert pyc.exec("x = 1", local_env={"@py_assert": 1, "a b": 2, "__": 3}) == {"x": 1}


def test_a_nonlocal_statement_for_a_variable_of_the_environment_is_a_syntax_error():
    with pytest.raises(SyntaxError):
        pyc.exec("nonlocal x\nx = 1", local_env={"x": 1})


def test_empty_source():
    assert pyc.exec("", local_env={}) == {}
    assert Increment.instance().exec("", local_env={}) == {}
    assert Increment.instance().exec("# nothing", local_env={}) == {}


def test_trace_lambda_renames_code():
    f = Increment.instance().trace_lambda(lambda x: x + 1)
    assert f(1) == 2 and f.__code__.co_name == "<traced_lambda>"


def test_names_of_sandbox_files_are_counted():
    before = pyc.BaseTracer.sandbox_fname_counter
    pyc.exec("x = 1", {}, {})
    assert pyc.BaseTracer.sandbox_fname_counter == before + 1


def test_a_woven_tree_may_be_changed():
    """The nodes that handlers get stay as the source has them."""

    class Renames(ast.NodeTransformer):
        def visit_Name(self, node):
            return ast.copy_location(ast.Name("b", node.ctx), node) if node.id == "a" else node

    class Names(pyc.BaseTracer):
        @pyc.after_binop
        def operator(self, ret, node):
            seen.append((ast.unparse(node), ret))

    seen = []
    tracer = Names.instance()
    with tracer:
        tree = Renames().visit(tracer.parse_fragment("c = [a, {a: a + 1}]"))
        env = {"b": 2}
        tracer.exec_raw(ast.fix_missing_locations(tree), env, env, "<sandbox-changed>", instrument=False)
    Names.clear_instance()
    pyc.BaseTracer.reset_bookkeeping()
    assert env["c"] == [2, {2: 3}]
    assert seen == [("a + 1", 3)]
