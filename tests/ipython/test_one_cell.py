"""%%pyc: one cell with tracers of its own."""

AUGMENTING = '''
load()
run("""
class Shout(pyc.BaseTracer):
    # `a !! b` is a + b + 100
    shout = pyc.AugmentationSpec(aug_type=pyc.AugmentationType.binop, token="!!", replacement=" +")

    @pyc.before_binop
    def add(self, ret, node):
        return (lambda x, y: x + y + 100) if self.shout in self.get_augmentations(node) else ret
""")
'''


def test_one_cell_only(shells):
    shells.run(
        """
        load()
        assert run("%%pyc Lines Doubled\\na = 1\\n\\na + 1") == 4
        assert seen() == [2, 4], "lines are those of the cell"
        assert _TRACER_STACK == [] and pyc.registered_ipython_tracers() == []
        assert run("1") == 1 and seen() == []
        run("def f():\\n    return 2")
        run("%%pyc Lines, Doubled\\n\\n\\nassert f() == 1")
        assert seen() == [4], "code of other cells has no events"
        run("%pyc register Doubled")
        assert run("%%pyc Lines Doubled\\n1") == 2
        assert seen() == [2]
        assert [type(its).__name__ for its in _TRACER_STACK] == ["Doubled"]
        assert run("1") == 2
        """
    )


def test_it_comes_after_the_tracers_of_the_user_and_before_those_of_hosts(shell_9):
    shell_9.run(
        """
        load()
        run("order = []")
        for name in "HAB":
            namespace[name] = type(pyc.BaseTracer)(name, (pyc.BaseTracer,), {
                "line": pyc.before_stmt(lambda self, ret, *_, **__: namespace["order"].append(type(self).__name__))})
        pyc.register_ipython_tracer("H", priority=pyc.HOST_TRACER_PRIORITY)
        pyc.register_ipython_tracer("A")
        namespace["order"].clear()
        run("%%pyc B\\npass")
        assert namespace["order"] == ["A", "B", "H"]
        """
    )


def test_awaiting_magics_and_errors(shells):
    told = shells.run(
        """
        load()
        assert run("%%pyc Lines\\nimport asyncio\\nawait asyncio.sleep(0, 5)") == 5
        assert seen() == [2, 3]
        assert run("%%pyc Lines\\nx = 3\\n%time x") == 3
        assert seen() == [2, 3, 1]
        run("%%pyc Lines\\n%%capture told\\nprint(x)\\nprint(x)")
        assert namespace["told"].stdout == "3\\n3\\n" and seen()[-2:] == [1, 2]
        result = ip.run_cell("%%pyc Lines\\ny = 0\\n1 / y")
        assert isinstance(result.error_in_exec, ZeroDivisionError)
        assert not any(its.is_tracing_enabled for its in _TRACER_STACK)
        """
    )
    assert "----> 3 1 / y" in told


def test_mistakes_are_told_in_one_line(shells):
    told = shells.run(
        """
        load()
        for cell in ("%%pyc Nope\\n1", "%%pyc lines\\n1", "%%pyc\\n1", "%%pyc Lines\\n", "%%pyc ,\\n1"):
            result = ip.run_cell(cell)
            error = result.error_before_exec or result.error_in_exec
            assert type(error).__name__ == "UsageError", (cell, error)
        assert seen() == [] and run("3") == 3
        """
    )
    assert "Traceback" not in told


def test_its_syntax_reaches_the_augmenters(shells):
    shells.run(
        AUGMENTING
        + """
assert run("%%pyc Shout\\n'!! in a string'; 1 !! 2") == 103
assert run("%%pyc Shout\\nx = 1\\n%time x !! 2") == 103
assert run("%%pyc Shout\\n%%time\\nx !! 2") == 103
assert run("%%pyc Shout\\nimport asyncio\\nawait asyncio.sleep(0, 1 !! 2)") == 103
result = ip.run_cell("1 !! 2")
assert isinstance(result.error_before_exec or result.error_in_exec, SyntaxError)
run("%pyc register Shout")
assert run("1 !! 2") == 103
run("%%capture told\\nprint(1 !! 2)")
assert namespace["told"].stdout == "103\\n"
run("%%writefile text.txt\\n1 !! 2\\n")
assert open("text.txt").read() == "1 !! 2\\n", "the body of a cell magic is not Python"
pyc.ipython_driver().syntax_transforms_enabled = False
assert isinstance(ip.run_cell("1 !! 2").error_before_exec, SyntaxError)
"""
    )


def test_positions_are_found_by_the_rewriter_that_weaves(shells):
    shells.run(
        AUGMENTING
        + """
driver = pyc.ipython_driver()
cells = []
driver.on_cell_end.append(cells.append)
run("%pyc register Shout")
for cell in ("x = 1 !! 2", "%%pyc Lines\\n\\nx = 1 !! 2"):
    ip.transform_cell("y = 3")  # somebody asks what becomes of another cell
    ip.transform_cell(cell)     # and a kernel of this one, beforehand
    run(cell)
    number = 1 + cell.count("\\n")
    assert cells[-1].raw_cell == cell and namespace["x"] == 103
    assert dict(cells[-1].rewriter._augmented_positions_by_spec) == {namespace["Shout"].shout: {(number, 6)}}
    assert cells[-1].rewriter._path == cells[-1].cell_name and cells[-1].cell_name.startswith("<ipython-input-")
    assert cells[-1].transformed_source.endswith("x = 1 !! 2\\n")
"""
    )


def test_augmented_source_that_cannot_be_instrumented_does_not_run(shells):
    told = shells.run(
        AUGMENTING
        + """
run("class Broken(Shout):\\n    @pyc.load_name(when=lambda node: 1 / 0)\\n    def name(self, ret): pass")
run("%pyc register Broken")
result = ip.run_cell("y = lines !! []")
assert "ZeroDivisionError" in str(result.error_before_exec) and "y" not in namespace
"""
    )
    assert "its syntax needs tracers" in told


def test_called_as_a_function(shells):
    shells.run(
        AUGMENTING
        + """
ip.run_cell_magic("pyc", "Shout Lines", "z = 1 !! 2")
assert namespace["z"] == 103 and seen() == [1]
"""
    )
