"""Hosts: programs that run the cells of a shell themselves, and drive the tracing."""


def test_a_host_takes_over_and_gives_back(shells):
    shells.run(
        """
        load()
        run("%pyc register Lines")
        before = list(ip.input_transformers_post), list(ip.ast_transformers)
        driver = pyc.take_over_ipython_driver(ip)
        assert driver is pyc.ipython_driver(ip) and driver._hosted
        assert "transform_cell" not in vars(ip) and (ip.input_transformers_post, ip.ast_transformers) == ([], [])
        assert _TRACER_STACK == []
        seen()
        run("pass")
        assert seen() == [], "nobody drives"
        run("%pyc list")

        told = []
        class Context:
            def __enter__(self): told.append("enter")
            def __exit__(self, *_): told.append("leave")
        driver.cell_contexts.append(Context)
        driver.on_cell_start.append(lambda cell: told.append(("start", cell.raw_cell)))
        driver.on_cell_end.append(lambda cell: told.append(("end", cell.cell_name)))
        original = ip.run_cell

        def hosted(source):
            with pyc.cell_tracing_context(ip, source, cell_name="<host-cell>", module_id=7) as cell:
                told.append([type(its).__name__ for its in cell.tracers])
                ip.transform_cell(source)
                original(source)

        hosted("a = 1\\nb = 2")
        assert seen() == [1, 2]
        assert told == [("start", "a = 1\\nb = 2"), "enter", ["Lines"], "leave", ("end", "<host-cell>")], told
        assert (ip.input_transformers_post, ip.ast_transformers) == ([], [])
        assert driver._cell is None and not driver._in_exec_phase

        pyc.release_ipython_driver(ip)
        assert not driver._hosted and driver.cell_contexts == [] and driver.on_cell_start == []
        run("a = 3")
        assert seen() == [1] and told[-1] == ("end", "<host-cell>")
        """
    )


def test_a_host_without_the_extension(shells):
    shells.run(
        """
        driver = pyc.take_over_ipython_driver(ip)
        pyc.register_ipython_tracer("pyccolo_native.tracer.NoopTracer", shell=ip)
        assert "pyc" not in ip.magics_manager.magics["line"]
        pyc.release_ipython_driver(ip)
        from pyccolo_native.ipython.driver import drivers
        assert drivers == {} and _TRACER_STACK == []
        """
    )


def test_loading_and_taking_over_in_either_order_and_inside_cells(shells):
    shells.run(
        """
        driver = pyc.take_over_ipython_driver(ip)
        load()
        assert "transform_cell" not in vars(ip)
        run("pyc.release_ipython_driver(get_ipython())")
        assert "transform_cell" in vars(ip)
        run("%pyc register Lines")
        run("pyc.take_over_ipython_driver(get_ipython())\\na = 1")
        assert seen() == [1, 2] and "transform_cell" not in vars(ip)
        run("%unload_ext pyccolo_native")
        assert pyc.registered_ipython_tracers() == [namespace["Lines"]], "the host has the driver still"
        """
    )


def test_the_extension_points(shells):
    shells.run(
        """
        load()
        driver = pyc.take_over_ipython_driver(ip)
        made = []

        class Rewriter(pyc.AstRewriter):
            def visit(self, node):
                made.append((self._path, self._module_id))
                return super().visit(node)

        driver.rewriter_factory = lambda tracers, path, module_id: Rewriter(tracers, path, module_id=module_id)
        driver.extra_tracers = lambda tracers: [*tracers, namespace["Lines"].instance()]
        with driver.cell_tracing_context("a = 1", cell_name="<one>", module_id=3) as cell:
            run("a = 1")
        assert seen() == [1] and made == [("<one>", 3)] and isinstance(cell.rewriter, Rewriter)
        assert driver.tracers() == []

        driver.syntax_transforms_only = True
        with driver.cell_tracing_context("a = 1", cell_name="<two>") as cell:
            run("a = 1")
        assert seen() == [] and cell.rewriter is not None and cell.transformed_source == "a = 1\\n"
        """
    )


def test_cells_that_a_host_has_left_open(shells):
    shells.run(
        """
        load()
        run("%pyc register Lines")
        driver = pyc.take_over_ipython_driver(ip)
        context = pyc.cell_tracing_context(ip, "a = 1", cell_name="<open>")
        ended = []
        driver.on_cell_end.append(ended.append)
        cell = context.__enter__()
        assert driver._cell is cell and driver._in_exec_phase and _TRACER_STACK[0].is_tracing_enabled
        pyc.end_ipython_cell(ip)
        assert ended == [cell] and driver._cell is None and not _TRACER_STACK[0].is_tracing_enabled
        context.__exit__(None, None, None)
        assert ended == [cell]
        driver._teardown_tracing()
        assert _TRACER_STACK == []
        driver.deregister_all()
        assert driver.tracers() == []
        """
    )


def test_errors_of_a_cell_and_of_hooks_end_it(shells):
    shells.run(
        """
        load()
        run("%pyc register Lines")
        driver = pyc.take_over_ipython_driver(ip)
        seen_by_context = []
        class Context:
            def __enter__(self): pass
            def __exit__(self, kind, *_): seen_by_context.append(kind)
        driver.cell_contexts.append(Context)
        try:
            with pyc.cell_tracing_context(ip, "a = 1", cell_name="<one>"):
                raise KeyError
        except KeyError:
            pass
        assert seen_by_context == [KeyError] and not driver._in_exec_phase
        def broken(cell):
            raise OSError
        driver.on_cell_start.append(broken)
        try:
            with pyc.cell_tracing_context(ip, "a = 1", cell_name="<one>"):
                raise AssertionError
        except OSError:
            pass
        assert not driver._in_exec_phase and not _TRACER_STACK[0].is_tracing_enabled
        """
    )


def test_the_source_of_an_announced_cell(shells):
    """Before IPython 9 an announcement has no transformed source: what was transformed last counts if it was that cell."""
    shells.run(
        """
        load()
        driver = pyc.ipython_driver(ip)
        class Info:
            raw_cell = "a + 1"
        driver._last_transform = ("a + 1", "a + 1\\n")
        assert driver._transformed_cell_for(Info(), "a + 1") == "a + 1\\n"
        assert driver._transformed_cell_for(Info(), "b + 2") is None
        driver._last_transform = None
        assert driver._transformed_cell_for(Info(), "a + 1") is None
        Info.transformed_cell = "told\\n"
        driver._last_transform = ("a + 1", "noted\\n")
        assert driver._transformed_cell_for(Info(), "a + 1") == "told\\n"
        """
    )


def test_an_older_ipyflow_is_told_through_its_own_registry(shells):
    shells.run(
        """
        import types
        module = types.ModuleType("ipyflow.shell.interactiveshell")
        module.IPyflowInteractiveShell = type(ip)
        magics = types.ModuleType("ipyflow.line_magics")
        ip.__dict__["registered_tracers"] = registered = ["its own"]
        find = lambda name: namespace[name.rpartition(".")[2]]
        magics.register_tracer = lambda name, shell_: registered.insert(0, find(name))
        magics.deregister_tracer = lambda name: registered.remove(find(name))
        sys.modules.update({"ipyflow": types.ModuleType("ipyflow"), module.__name__: module, magics.__name__: magics})
        load()
        assert "transform_cell" not in vars(ip), "it runs its cells itself"
        run("%pyc register Lines")
        run("%pyc register Doubled")
        assert registered == [namespace["Lines"], namespace["Doubled"], "its own"]
        run("%pyc deregister all")
        assert registered == ["its own"]
        """
    )
