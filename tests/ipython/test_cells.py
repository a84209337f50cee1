"""What tracers see of the cells of a shell, and what the user sees of the tracers."""
import pytest


def test_cells_are_traced_from_the_next_one_on_each_time_they_run(shells):
    shells.run(
        """
        load()
        run("%pyccolo register Lines")
        assert seen() == []
        for _ in range(2):
            run("a = 1\\nb = a + 1")
            assert seen() == [1, 2] and namespace["b"] == 2
        run("def f():\\n    return 1")
        seen()
        run("f()")
        assert seen() == [1, 2], "a function of an earlier cell"
        """
    )


@pytest.mark.parametrize(
    "events",
    [
        "before_stmt",
        "after_stmt",
        "after_module_stmt",
        "exit_module",
        "before_stmt after_stmt",
        "before_stmt after_module_stmt exit_module",
        "init_module before_stmt exit_module load_name",
    ],
)
def test_the_value_of_a_cell_is_displayed_whatever_is_woven(shell_9, events):
    told = shell_9.run(
        f"""
        load()
        handlers = {{name: getattr(pyc, name)(lambda self, ret, *_, **__: None) for name in {events.split()!r}}}
        namespace["T"] = type(pyc.BaseTracer)("T", (pyc.BaseTracer,), handlers)
        run("%pyc register T")
        assert run("1 + 1") == 2
        assert run("x = 2\\nx + 3") == 5
        assert run("'a string'") == "a string"
        assert run("y = 4") is None and run("if x:\\n    x") is None and run("x; y = 5") is None
        assert run("import asyncio\\nawait asyncio.sleep(0, 'awaited')") == "awaited"
        assert namespace["_"] == "awaited"
        assert 2 in namespace["Out"].values() and "a string" in namespace["Out"].values()
        run("x + 6;")
        """
    )
    assert "]: 2\n" in told and "]: 5\n" in told and "]: 'awaited'\n" in told
    assert "]: 8" not in told, "a semicolon still hides a value"


def test_a_statement_that_a_handler_skips_or_replaces_has_no_value_of_its_own(shell_9):
    shell_9.run(
        """
        load()
        run("class Skipping(pyc.BaseTracer):\\n    answer = pyc.Pass\\n    @pyc.before_stmt\\n"
            "    def skip(self, ret, *_, **__):\\n        return self.answer")
        run("%pyc register Skipping")
        assert run("1 / 0") is None
        namespace["Skipping"].answer = "lines.append('instead')"
        assert run("1 / 0") is None and seen() == ["instead"]
        """
    )


def test_of_several_tracers_the_first_registered_comes_first_and_those_of_hosts_last(shells):
    shells.run(
        """
        load()
        run("order = []")
        for name in "HAB":
            namespace[name] = type(pyc.BaseTracer)(name, (pyc.BaseTracer,), {
                "line": pyc.before_stmt(lambda self, ret, *_, **__: namespace["order"].append(type(self).__name__))})
        pyc.register_ipython_tracer("H", priority=pyc.HOST_TRACER_PRIORITY, shell=ip)
        run("%pyc register A")
        run("%pyc register B")
        assert [cls.__name__ for cls in pyc.registered_ipython_tracers()] == ["A", "B", "H"]
        namespace["order"].clear()
        run("pass")
        assert namespace["order"] == ["A", "B", "H"]
        assert [type(its).__name__ for its in _TRACER_STACK] == ["A", "B", "H"], "they stay between cells"
        assert not any(its.is_tracing_enabled for its in _TRACER_STACK)
        """
    )


def test_a_tracer_that_a_cell_defines_anew_takes_the_place_of_the_old_one(shells):
    shells.run(
        """
        load()
        run("%pyc register Lines")
        run("class Lines(pyc.BaseTracer):\\n    @pyc.before_stmt\\n    def line(self, ret, *_, **__):\\n        lines.append('new')")
        run("pass")
        assert "new" not in seen()
        run("%pyc register Lines")
        assert seen() == [1], "it takes effect with the next cell, and the old one falls silent at once"
        run("pass\\npass")
        assert seen() == ["new", "new"]
        assert len(pyc.registered_ipython_tracers()) == 1 and len(_TRACER_STACK) == 1
        """
    )


def test_deregistered_in_a_cell_a_tracer_falls_silent_and_the_cell_goes_on(shells):
    shells.run(
        """
        load()
        run("%pyc register Lines")
        run("%pyc register Doubled")
        seen()
        assert run("a = 1\\n%pyc deregister Lines\\nb = 1\\n[b, 1]") == [2, 2]
        assert seen() == [1, 2]
        assert [type(its).__name__ for its in _TRACER_STACK] == ["Doubled"]
        run("%pyc deregister all")
        assert run("1") == 1 and _TRACER_STACK == [] and seen() == []
        run("%pyc register Lines")
        run("pass")
        assert seen() == [1]
        run("del Lines")
        run("%pyc deregister Lines")
        assert pyc.registered_ipython_tracers() == [], "by its name, which nothing has any more"
        """
    )


def test_ways_to_name_a_tracer(shells):
    shells.write("a_module.py", "import pyccolo_native as pyc\nclass Tracer(pyc.BaseTracer): pass\n")
    shells.run(
        """
        load()
        Lines = namespace["Lines"]
        for name in (Lines, Lines.instance(), "Lines", "__main__.Lines", "a_module.Tracer", "pyccolo_native.tracer.NoopTracer"):
            cls = pyc.register_ipython_tracer(name)
            assert pyc.registered_ipython_tracers(shell=ip) == [cls] and issubclass(cls, pyc.BaseTracer)
            assert pyc.deregister_ipython_tracer(name) is cls
            assert pyc.registered_ipython_tracers() == []
        run("import a_module as short")
        assert pyc.coerce_tracer_class("short.Tracer", ip) is namespace["short"].Tracer
        for name, error in [("Nope", ValueError), ("no_module.Nope", ValueError), ("short.Nope", ValueError), (3, TypeError),
                            ("lines", TypeError), (int, TypeError)]:
            try:
                pyc.register_ipython_tracer(name)
            except error as raised:
                assert isinstance(name, type) or str(name) in str(raised) or "not []" in str(raised), raised
            else:
                raise AssertionError(name)
        Lines.clear_instance()
        Lines.instance()
        try:
            pyc.coerce_tracer_class(Lines())
        except ValueError as raised:
            assert "Lines" in str(raised)
        else:
            raise AssertionError
        """
    )


def test_a_registered_instance_is_the_one_that_traces(shell_9):
    shell_9.run(
        """
        load()
        tracer = namespace["Lines"]()
        pyc.register_ipython_tracer(tracer)
        run("pass")
        assert _TRACER_STACK == [tracer] and namespace["Lines"].instance() is tracer
        """
    )


def test_a_tracer_that_cannot_be_made_does_not_lock_the_shell(shells):
    shells.run(
        """
        load()
        run("class Broken(pyc.BaseTracer):\\n    def __init__(self, *_, **__):\\n        raise OSError('no disk')")
        run("%pyc register Broken")
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            assert run("1 + 1") == 2
        assert ["Broken is deregistered" in str(its.message) and "no disk" in str(its.message) for its in told] == [True]
        assert run("2") == 2 and pyc.registered_ipython_tracers() == []
        """
    )


def test_what_cannot_be_instrumented_is_told_of_and_runs(shells):
    shells.run(
        """
        load()
        run("class Choosy(pyc.BaseTracer):\\n    @pyc.before_stmt(when=lambda node: 1 / 0)\\n"
            "    def line(self, ret, *_, **__): pass")
        run("%pyc register Choosy")
        for _ in range(2):
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                assert run("1 + 1") == 2
            assert any("is not instrumented: ZeroDivisionError" in str(its.message) for its in told), told
        """
    )


def test_cells_in_cells_and_the_rest_of_the_outer_one(shells):
    shells.write("script.ipy", "q = 1\nq = 2\n")
    shells.run(
        """
        load()
        run("%pyc register Lines")
        run("a = 1\\nget_ipython().run_cell('b = 2\\\\nc = 3')\\nd = 4\\ne = 5")
        assert seen() == [1, 2, 1, 2, 3, 4]
        run("%%capture told\\nprint(1)\\nprint(2)")
        assert seen() == [1, 1, 2] and namespace["told"].stdout == "1\\n2\\n"
        assert run("%time 1 + 1") == 2
        assert seen() == [1, 1]
        run("%%time\\nx = 1\\nx = 2")
        assert seen() == [1, 1, 2]
        run("%run -i script.ipy\\npass")
        assert seen() == [1, 1, 2, 2]
        run("class Nested(pyc.BaseTracer):\\n"
            "    def __init__(self, *a, **k):\\n        super().__init__(*a, **k)\\n        self.count = 0\\n"
            "    @pyc.before_stmt\\n    def line(self, ret, *_, **__): self.count += 1")
        run("%pyc register Nested")
        run("pass\\nget_ipython().run_cell('pass')\\ncount = Nested.instance().count")
        assert namespace["count"] == 4, "the state of a tracer is that of the outer cell"
        run("count = Nested.instance().count")
        assert namespace["count"] == 1, "and begins anew with the next"
        """
    )


def test_silent_cells_are_not_traced(shells):
    shells.run(
        """
        load()
        run("%pyc register Lines")
        ip.run_cell("a = 1", silent=True)
        assert seen() == [] and namespace["a"] == 1
        run("a = 1")
        assert seen() == [1]
        """
    )


def test_cells_without_the_futures_of_others(shells):
    shells.run(
        """
        load()
        run("%pyc register Lines")
        assert ip.run_cell("a = 1\\na", shell_futures=False).result == 1
        assert seen() == [1, 2]
        """
    )


def test_awaiting_in_cells(shells):
    shells.run(
        """
        load()
        run("%pyc register Lines")
        run("import asyncio\\nasync def f(n):\\n    await asyncio.sleep(0)\\n    return n")
        seen()
        assert run("await f(1)\\nx = await f(2)\\nx") == 2
        assert seen() == [1, 3, 4, 2, 3, 4, 3]
        """
    )


def test_source_is_transformed_after_the_cell_is_announced(shells):
    """run_cell_async() of IPython 8 without a transformed cell; and transformations in between change nothing."""
    shells.run(
        """
        import asyncio, IPython

        load()
        run("%pyc register Lines")
        other = "y = 1"
        ip.transform_cell(other)
        given = {} if IPython.version_info < (9,) else {"transformed_cell": ip.transform_cell("a = 1\\nb = 2")}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            asyncio.run(ip.run_cell_async("a = 1\\nb = 2", **given))
        assert seen() == [1, 2]
        # nobody has said that it has ended
        run("c = 3")
        assert seen() == [1] and not any(its.is_tracing_enabled for its in _TRACER_STACK)
        """
    )


def test_calls_and_the_trace_function_of_others(shells):
    shells.run(
        """
        load()
        run("calls = []\\nclass Calls(pyc.BaseTracer):\\n    @pyc.call\\n    def called(self, ret, node, frame, *_, **__):\\n"
            "        calls.append(frame.f_code.co_name)")
        run("%pyc register Calls")
        assert run("def f():\\n    return 7\\nf()") == 7
        assert "f" in namespace["calls"] and sys.gettrace() is trace_function
        result = ip.run_cell("raise ValueError(1)")
        assert isinstance(result.error_in_exec, ValueError)
        run("%pyc deregister all")
        assert sys.gettrace() is trace_function
        """
    )


def test_imports_are_instrumented_in_cells_and_plain_in_between(shells):
    for name in ("in_a_cell", "in_between"):
        shells.write(f"{name}.py", "x = 1\ny = 2\n")
    shells.run(
        """
        import importlib

        load()
        run("class Files(Lines):\\n    def should_instrument_file(self, name):\\n        return '/in_' in name")
        plain = list(sys.meta_path), importlib.machinery.SourceFileLoader.get_code
        run("%pyc register Files")
        run("import in_a_cell")
        assert seen() == [1, 1, 2]
        assert (list(sys.meta_path), importlib.machinery.SourceFileLoader.get_code) == plain
        import in_between
        run("pass")
        assert seen() == [1]
        """
    )


def test_cells_of_other_threads(shells):
    """As ipykernel's subshells run them, while a cell of the main thread goes on."""
    shells.run(
        """
        import threading

        load()
        run("%pyc register Lines")
        namespace["aside"] = lambda: [
            thread.start() or thread.join() for thread in [threading.Thread(target=ip.run_cell, args=("x = 1\\nx = 2",))]]
        run("a = 1\\naside()\\nb = 2")
        assert seen() == [1, 2, 3] and namespace["x"] == 2, "tracers hear of the main thread"
        run("c = 3")
        assert seen() == [1] and not any(its.is_tracing_enabled for its in _TRACER_STACK)
        """
    )


def test_a_class_and_one_derived_from_it(shell_9):
    shell_9.run(
        """
        load()
        run("class More(Lines): pass")
        run("%pyc register More")
        run("pass")
        run("%pyc register Lines")
        seen()
        run("pass\\npass")
        assert seen() == [1, 2] and len(_TRACER_STACK) == 1
        """
    )
