"""instrument(): the handle, nesting, what is refused, and which code has events for whom."""
import importlib
import inspect
import itertools
import linecache
import pickle
import sys
import threading
import traceback
import warnings

import pytest

import pyccolo_native as pyc
from pyccolo_native import recompile

SOURCE = """
def f(a):
    b = a + 1
    return b

def g(a):
    b = a + 2
    return b

class C:
    def m(self):
        return 1

    @property
    def p(self):
        return 2
"""


class Recorded:
    """What the recording tracers share. It is no tracer, as these would have one instance with it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.seen = []

    def taken(self):
        """The functions that events were seen of since the last time."""
        seen, self.seen = self.seen, []
        return "".join(dict.fromkeys(name for name, _ in seen))


def recording(name, **namespace):
    @pyc.before_stmt
    def statement(self, node, frame):
        self.seen.append((frame.f_code.co_name, node.lineno))

    return type(pyc.BaseTracer)(name, (Recorded, pyc.BaseTracer), {"statement": statement, **namespace})


A, B, D = map(recording, "ABD")


class Changing(pyc.BaseTracer):
    @pyc.after_assign_rhs
    def double(self, ret):
        return ret * 2


@pytest.fixture(autouse=True)
def fresh_tracers():
    yield
    for tracer in (A, B, D, Changing):
        tracer.clear_instance()


@pytest.fixture
def module(importable):
    importable("loaded_module", SOURCE)
    return importlib.import_module("loaded_module")


# ---- The handle


def test_a_function_has_events_in_place(module):
    f, code = module.f, module.f.__code__
    with pyc.instrument(f, tracers=[A]) as handle:
        assert module.f is f and f.__code__ is not code
        assert f(1) == 2
    assert A.instance().seen == [("f", 3), ("f", 4)]
    assert f.__code__ is code and handle.instrumented == [f]
    assert f(1) == 2 and len(A.instance().seen) == 2


def test_handlers_may_override(module):
    with Changing.instrument(module.f):
        assert (module.f(1), module.g(1)) == (4, 3)
    assert module.f(1) == 2


def test_without_tracers_the_active_ones_are_meant(module):
    with A, B:
        with pyc.instrument(module.f) as handle:
            module.f(1)
            assert handle.tracers == (A.instance(), B.instance())
    assert A.instance().taken() == B.instance().taken() == "f"
    with pytest.raises(ValueError, match="needs a tracer"):
        pyc.instrument(module.f)
    with pytest.raises(ValueError, match="needs a tracer"):
        pyc.instrument(module.f, tracers=[])


def test_given_tracers_are_active_until_the_end(module):
    hooks = []

    class Hooked(A):
        def enter_tracing_hook(self):
            hooks.append("enter")

        def exit_tracing_hook(self):
            hooks.append("exit")

    with Hooked.instance().instrument(module.f):
        assert pyc.tracer() is Hooked.instance() and Hooked.instance().is_tracing_enabled
        with Hooked.instrument(module.g):
            assert hooks == ["enter"]
    assert hooks == ["enter", "exit"] and not Hooked.instance().is_tracing_enabled
    Hooked.clear_instance()


def test_active_tracers_stay_active_after_it(module):
    with A:
        with A.instrument(module.f):
            pass
        assert A.instance().is_tracing_enabled


def test_without_a_with_block(module):
    code = module.f.__code__
    handle = A.instrument(module.f, module.C)
    assert handle.is_open and repr(handle) == "<instrumentation of 3 functions, open>"
    handle.restore()
    handle.restore()
    assert module.f.__code__ is code and not handle.is_open
    with pytest.raises(RuntimeError, match="restored already"):
        with handle:
            pass


def test_an_exception_in_the_block(module):
    code = module.f.__code__
    with pytest.raises(KeyError):
        with A.instrument(module.f):
            raise KeyError
    assert module.f.__code__ is code and pyc.tracer() is pyc.NoopTracer.instance()


def test_if_a_tracer_cannot_be_activated_nothing_is_changed(module):
    def fail(self):
        raise KeyError("no")

    Failing = recording("Failing", enter_tracing_hook=fail)
    code = module.f.__code__
    with pytest.raises(KeyError):
        pyc.instrument(module.f, tracers=[B, Failing])
    assert module.f.__code__ is code and pyc.tracer() is pyc.NoopTracer.instance()
    with A.instrument(module.f):  # and it is to be had again
        pass
    Failing.clear_instance()


def test_weaving_fails_as_a_whole(module):
    class Picky(pyc.BaseTracer):
        @pyc.before_stmt(when=lambda node: 1 / (node.lineno - 8), static=True)
        def statement(self, ret):
            pass

    codes = module.f.__code__, module.g.__code__
    with pytest.raises(ZeroDivisionError):
        Picky.instrument(module.f, module.g)
    assert (module.f.__code__, module.g.__code__) == codes and module.f.__code__ is codes[0]
    assert pyc.tracer() is pyc.NoopTracer.instance()
    Picky.clear_instance()


# ---- Nesting


@pytest.mark.parametrize("closing", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("given", [(A, B, D), (A, A, B), (A, A, A)])
def test_handles_can_be_left_in_any_order(module, given, closing):
    codes = module.f.__code__, module.g.__code__
    open_handles = {}
    for index, tracer in enumerate(given):
        open_handles[index] = tracer.instrument(module.f if index == 1 else module)
    for index in closing:
        open_handles.pop(index).restore()
        module.f(1)
        of_f = {given[its] for its in open_handles}
        assert {its for its in (A, B, D) if "f" in its.instance().taken()} == of_f
        module.g(1)
        of_g = {given[its] for its in open_handles if its != 1}
        assert {its for its in (A, B, D) if "g" in its.instance().taken()} == of_g
    assert module.f.__code__ is codes[0] and module.g.__code__ is codes[1]


def test_inner_handles_keep_the_events_of_outer_ones(module):
    with A.instrument(module.f, module.g):
        for _ in range(3):
            with B.instrument(module.f):
                module.f(1)
                assert (A.instance().taken(), B.instance().taken()) == ("f", "f")
        module.f(1), module.g(1)
        assert (A.instance().taken(), B.instance().taken()) == ("fg", "")


def test_code_that_somebody_else_put_there_is_left(module):
    other = module.g.__code__
    with pytest.warns(RuntimeWarning, match="the code of loaded_module.f was replaced by others"):
        with A.instrument(module.f, module.C):
            module.f.__code__ = other
    assert module.f.__code__ is other and module.C().m() == 1 and A.instance().taken() == ""


def test_code_that_somebody_else_put_there_can_be_instrumented(module):
    code, other = module.f.__code__, module.g.__code__
    outer = A.instrument(module.f)
    module.f.__code__ = other
    with B.instrument(module.f):
        assert module.f(1) == 3 and (A.instance().taken(), B.instance().taken()) == ("", "g")
    assert module.f.__code__ is other
    with pytest.warns(RuntimeWarning, match="replaced"):
        outer.restore()
    module.f.__code__ = code


def test_warnings_as_errors_do_not_stop_restoring(module):
    code = module.g.__code__
    handle = A.instrument(module.g, module.f)
    module.f.__code__ = code
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning):
            handle.restore()
    assert module.g.__code__ is code and not A.instance().is_tracing_enabled


# ---- Who gets which events


def test_only_code_that_was_instrumented_fires(module):
    with A.instrument(module.f), B.instrument(module.g):
        module.f(1), module.g(1), module.C().m()
    assert (A.instance().taken(), B.instance().taken()) == ("f", "g")


def test_code_instrumented_on_import_does_not_fire_for_others(importable):
    Importing = recording("Importing", should_instrument_file=lambda self, name: name.endswith("loaded_module.py"))
    importable("loaded_module", SOURCE)
    with Importing:
        module = importlib.import_module("loaded_module")
        codes = module.f.__code__, module.g.__code__
        Importing.instance().taken()
        with A.instrument(module.f):
            module.f(1), module.g(1)
        assert (Importing.instance().taken(), A.instance().taken()) == ("fg", "f")
        assert module.f.__code__ is codes[0]
        with pyc.instrument(module, tracers=[A]):
            module.g(1), module.C().m()
        assert (Importing.instance().taken(), A.instance().taken()) == ("gm", "gm")
        assert module.g.__code__ is codes[1]
    Importing.clear_instance()


def test_instrumented_code_whose_file_changed_is_refused(importable):
    Importing = recording("Importing", instrument_all_files=True)
    path = importable("loaded_module", SOURCE)
    with Importing:
        module = importlib.import_module("loaded_module")
    path.write_text(SOURCE.replace("a + 1", "a + 5"))
    with pytest.raises(OSError, match="loaded_module.f: its code is not what"):
        A.instrument(module.f)
    Importing.clear_instance()


def test_the_file_filter_is_not_asked_but_the_event_filter_is(module):
    asked = []

    class Filtering(Recorded, pyc.BaseTracer):
        def should_instrument_file(self, filename):
            return False

        def file_passes_filter_for_event(self, evt, filename):
            asked.append((evt, filename))
            return evt == "before_stmt"

        @pyc.before_stmt
        def statement(self, node, frame):
            self.seen.append((frame.f_code.co_name, node.lineno))

        @pyc.after_stmt
        def after(self, ret):
            self.seen.append(("after", 0))

    with Filtering.instrument(module.f):
        module.f(1)
    assert Filtering.instance().taken() == "f"
    assert ("after_stmt", module.__file__) in asked
    Filtering.clear_instance()


def test_events_inside_thunks(module):
    class Thunks(Recorded, pyc.BaseTracer):
        @pyc.before_binop
        def evaluated(self, ret):
            return ret

        @pyc.before_assign_rhs
        def value(self, ret):
            value = ret()
            return lambda: value

        @pyc.load_name
        def name(self, ret, node):
            self.seen.append((node.id, 0))

    with Thunks.instance().instrument(module.f), pyc.allow_reentrant_event_handling():
        assert module.f(1) == 2
    assert ("a", 0) in Thunks.instance().seen
    Thunks.clear_instance()


def test_nodes_and_tables_are_those_of_the_whole_file(module):
    found = []

    class Nodes(pyc.BaseTracer):
        @pyc.before_binop
        def binop(self, node):
            stmt = pyc.BaseTracer.containing_stmt_by_id[id(node)]
            function = pyc.BaseTracer.parent_stmt_by_id[id(stmt)]
            tree = pyc.BaseTracer.containing_ast_by_id[id(function)]
            found.append((node.lineno, node.col_offset, stmt.lineno, function.name, len(tree.body)))

        def static_init_module(self, node):
            found.append(type(node).__name__)

    with Nodes.instrument(module.g):
        module.g(1)
    assert found == ["Module", (7, 8, 7, "g", 3)]
    assert pyc.BaseTracer.current_module[0] is None or type(pyc.BaseTracer.current_module[0]).__name__ == "Module"
    Nodes.clear_instance()


def test_tracing_disabled_at_the_time_of_instrumenting(module):
    with A:
        with pyc.tracing_disabled():
            handle = pyc.instrument(module.f)
            module.f(1)
        assert A.instance().taken() == ""
        module.f(1)
        handle.restore()
    assert A.instance().taken() == "f"


def test_a_tracer_that_others_have_disabled_stays_so_until_they_enable_it(module):
    with A:
        with pyc.tracing_disabled():
            handle = A.instrument(module.f)
            module.f(1)
        assert A.instance().taken() == ""
        module.f(1)
        assert A.instance().taken() == "f"
        handle.restore()
        with A.instrument(module.g):
            module.g(1)
    assert A.instance().taken() == "g"


def test_running_generators_keep_their_code(importable):
    importable("loaded_module", "def f():\n    yield 1\n    yield 2\n    yield 3\n")
    module = importlib.import_module("loaded_module")
    before = module.f()
    next(before)
    with A.instrument(module.f):
        during = module.f()
        assert next(before) == 2 and A.instance().taken() == ""
        assert next(during) == 1 and A.instance().taken() == "f"
    with A:
        assert list(during) == [2, 3] and A.instance().taken() == ""


def test_inner_functions_have_events_until_the_end(importable):
    importable("loaded_module", "def f():\n    def g():\n        return 1\n    return g\nold = f()\n")
    module = importlib.import_module("loaded_module")
    with A.instrument(module.f):
        made = module.f()
        assert (made(), module.old()) == (1, 1) and A.instance().taken() == "fg"
    with A:
        assert made() == 1 and A.instance().taken() == ""


@pytest.mark.keeps_objects(reason="nodes of a function given to instrumented() are known as long as it is there")
def test_what_instrumented_gave_is_instrumented_with_its_function(module):
    f = A.instance().instrumented(module.f)
    with B.instrument(f) as handle:
        assert f(1) == 2 and module.f(1) == 2
        assert module.f in handle.instrumented
    assert B.instance().seen.count(("f", 3)) == 2  # each of the two functions
    assert A.instance().seen.count(("f", 3)) == 1  # active in one of them
    B.instance().taken()
    assert f(1) == 2 and B.instance().taken() == ""


# ---- What the program sees


def test_tracebacks_source_and_pickles_stay(importable):
    importable("loaded_module", "def f(a):\n    value = [a]\n    return (value[0].missing +\n        1)\n")
    module = importlib.import_module("loaded_module")

    def shown():
        with pytest.raises(AttributeError) as caught:
            module.f(1)
        entry = traceback.extract_tb(caught.value.__traceback__)[-1]
        places = entry.filename, entry.lineno, entry.end_lineno, entry.colno, entry.end_colno, entry.name, entry.line
        return places, inspect.getsource(module.f), pickle.dumps(module.f), inspect.signature(module.f)

    plain = shown()
    with A.instrument(module.f):
        assert shown() == plain


def test_nothing_is_run(importable):
    importable("loaded_module", "ran = []\nran.append(1)\ndef f(a=ran.append(2)):\n    return a\nclass C:\n    ran.append(3)\n")
    module = importlib.import_module("loaded_module")
    with A.instrument(module):
        assert module.ran == [1, 2, 3]


def test_a_module_is_woven_once(module, monkeypatch):
    woven = []
    weave = recompile.weave
    monkeypatch.setattr(recompile, "weave", lambda *args: woven.append(args) or weave(*args))
    with A.instrument(module, module.C, module.f):
        assert len(woven) == 1


def test_warnings_of_the_source_are_not_repeated(importable):
    importable("loaded_module", "def f(a):\n    return a is 1, '\\d'\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = importlib.import_module("loaded_module")
        warnings.simplefilter("error")
        with A.instrument(module.f):
            module.f(1)
    assert A.instance().taken() == "f"


def test_optimized_code(programs):
    programs.write("program.py", 'def f(a):\n    "Said."\n    assert a, "never"\n    return __debug__, f.__doc__\n')
    programs.write(
        "main.py",
        "import tracers_of_tests, program\n"
        "with tracers_of_tests.Observer.instrument(program) as handle:\n    print(program.f(0), len(handle.instrumented))\n",
    )
    for flag, expected in ("-O", "(False, 'Said.') 1\n"), ("-OO", "(False, None) 1\n"):
        done = programs.python("main.py", flags=[flag])
        assert (done.stdout, done.stderr) == (expected, "")


def test_without_columns_lambdas_of_a_line_are_refused(programs):
    programs.write("program.py", "f, g = (lambda a: a + 1), (lambda a: a + 1)\ndef h():\n    return f(1)\n")
    programs.write(
        "main.py",
        "import pyccolo_native as pyc, program\nclass T(pyc.BaseTracer):\n    instrument_lambdas = True\n"
        "    @pyc.before_stmt\n    def s(self, node):\n        print(node.lineno)\n"
        "with T.instrument(program.h):\n    program.h()\n"
        "try:\n    T.instrument(program.g)\nexcept OSError as error:\n    print(error)\n",
    )
    done = programs.python("main.py", flags=["-X", "no_debug_ranges"])
    assert done.stdout == "3\ncannot instrument program.<lambda>: there are lambdas in line 1 that cannot be told apart\n"


def test_code_compiled_at_another_level(importable):
    path = importable("loaded_module", "")
    source = "def f(a):\n    assert a\n    return 1\n"
    path.write_text(source)
    namespace = {}
    exec(compile(source, str(path), "exec", optimize=1), namespace)
    with A.instrument(namespace["f"]):
        assert namespace["f"](0) == 1
    assert A.instance().taken() == "f"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring is of 3.12")
def test_code_that_is_being_monitored(module):
    monitoring = sys.monitoring
    lines = []
    monitoring.use_tool_id(4, "test")
    monitoring.register_callback(4, monitoring.events.LINE, lambda code, line: lines.append(line))
    try:
        monitoring.set_local_events(4, module.f.__code__, monitoring.events.LINE)
        module.f(1)
        with A.instrument(module.f):
            module.f(1)
        module.f(1)
    finally:
        monitoring.register_callback(4, monitoring.events.LINE, None)
        monitoring.free_tool_id(4)
    assert lines == [3, 4, 3, 4] and A.instance().taken() == "f"


# ---- What is refused


@pytest.mark.parametrize(
    "given, reason",
    [
        (len, "<built-in function len>: it is not written in Python"),
        (int, "builtins.int: it has no functions written in Python"),
        (sys, "module sys: it has no functions written in Python"),
        (3, "3: it is no function, class or module"),
        ("loaded_module.f", "'loaded_module.f': it is no function, class or module"),
        (lambda: 1, "it is a lambda; a tracer class with instrument_lambdas = True takes lambdas"),
    ],
)
def test_wrong_objects(module, given, reason):
    code = module.f.__code__
    with pytest.raises(TypeError) as caught:
        A.instrument(module.f, given)
    assert reason in str(caught.value) and module.f.__code__ is code


def test_bad_arguments(module):
    with pytest.raises(TypeError, match="at least one"):
        A.instrument()
    with pytest.raises(TypeError, match="takes tracers and tracer classes, not 3"):
        pyc.instrument(module.f, tracers=[3])
    with pytest.raises(ValueError, match="'raise', 'warn', 'skip', not 'ignore'"):
        A.instrument(module.f, on_error="ignore")


def test_a_changed_file_is_noticed(importable):
    path = importable("loaded_module", SOURCE)
    module = importlib.import_module("loaded_module")
    path.write_text(SOURCE.replace("a + 1", "a - 1").replace("return 1", "return 7"))
    code = module.g.__code__
    with pytest.raises(OSError) as caught:
        A.instrument(module)
    text = str(caught.value)
    assert "loaded_module.f: its code is not what" in text and "loaded_module.C.m: " in text
    assert "loaded_module.g" not in text and module.g.__code__ is code
    with A.instrument(module.g):
        module.g(1)
    assert A.instance().taken() == "g"


def test_lines_that_moved_are_noticed(importable):
    path = importable("loaded_module", SOURCE)
    module = importlib.import_module("loaded_module")
    path.write_text("# moved\n" + SOURCE)
    with pytest.raises(OSError, match="its code is not what"):
        A.instrument(module.f)


def test_a_changed_file_whose_text_is_known_from_before(importable):
    path = importable("loaded_module", SOURCE)
    module = importlib.import_module("loaded_module")
    assert "a + 1" in inspect.getsource(module.f)
    path.write_text("")
    with A.instrument(module.f):
        assert module.f(1) == 2
    assert A.instance().taken() == "f"


def test_files_that_do_not_compile_or_are_gone(importable):
    path = importable("loaded_module", SOURCE)
    module = importlib.import_module("loaded_module")
    path.write_text("def f(:\n")
    with pytest.raises(OSError, match="does not compile: "):
        A.instrument(module.f)
    linecache.clearcache()
    path.unlink()
    with pytest.raises(OSError, match="no source: cannot read '.*loaded_module.py'"):
        A.instrument(module.f)


def test_code_without_a_file():
    namespace = {}
    exec("def f():\n    return 1", namespace)
    with pytest.raises(OSError, match="no source: cannot read '<string>'"):
        A.instrument(namespace["f"])


def test_code_that_was_transformed():
    def f(a):
        assert a == 1  # rewritten by pytest

    with pytest.raises(OSError, match="something else than a plain import made the code"):
        A.instrument(f)


def test_going_on_without_what_cannot_be_instrumented(importable):
    path = importable("loaded_module", SOURCE)
    module = importlib.import_module("loaded_module")
    path.write_text(SOURCE.replace("a + 1", "a - 1"))
    with pytest.warns(RuntimeWarning, match="cannot instrument\n  .*len.*: it is not written(.|\n)*loaded_module.f: ") as told:
        handle = pyc.instrument(module, len, tracers=[A], on_error="warn")
    assert told[0].filename == __file__
    with handle:
        module.f(1), module.g(1)
    assert {(its.object, its.name) for its in handle.skipped} == {
        (module.f, "loaded_module.f"),
        (len, "<built-in function len>"),
    }
    assert module.f not in handle.instrumented and A.instance().taken() == "g"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with A.instrument(module, len, on_error="skip") as handle:
            assert len(handle.skipped) == 2


def test_while_other_threads_run_it(module):
    Threaded = recording("Threaded", multiple_threads_allowed=True)
    wrong, done = [], threading.Event()

    def work():
        while not done.is_set():
            if module.f(1) != 2:
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            with Threaded.instrument(module):
                module.f(1)
                assert ("f", 3) in Threaded.instance().seen
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert not wrong
    Threaded.clear_instance()
