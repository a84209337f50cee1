"""New syntax in cells, as AugmentationSpecs have it."""

PIPES = '''
load()
run("""
class Pipes(pyc.BaseTracer):
    pipe = pyc.AugmentationSpec(aug_type=pyc.AugmentationType.binop, token="|>", replacement="|")

    @pyc.before_binop
    def apply(self, ret, node):
        return (lambda x, f: f(x)) if self.pipe in self.get_augmentations(node) else ret

class Defaults(pyc.BaseTracer):
    default = pyc.AugmentationSpec(aug_type=pyc.AugmentationType.boolop, token="??", replacement=" or ")

    @pyc.before_boolop(when=lambda node: True)
    def choose(self, ret, node):
        return ret
""")
'''


def test_syntax_of_registered_tracers(shells):
    shells.run(
        PIPES
        + """
run("%pyc register Pipes")
assert run("(1, 2, 3) |> list") == [1, 2, 3]
assert run("(3, 4, 1) |> sorted |> tuple") == (1, 3, 4)
assert run("'1 |> 2', 1 | 2") == ("1 |> 2", 3)
assert run("é = 'ä ö'; é |> str.upper  # |>") == "Ä Ö"
run("def f(x):\\n    if x:\\n        return x |> str |> len\\n")
assert run("f(123)") == 3
assert run("%time (3, 1) |> sorted") == [1, 3]
run("%%time\\ny = 5 |> str")
assert namespace["y"] == "5"
run("%%capture told\\n5 |> str |> print")
assert namespace["told"].stdout == "5\\n"
assert run("import asyncio\\nawait (asyncio.sleep(0, 7) |> asyncio.ensure_future)") == 7
for _ in range(2):
    assert run("(1, 2, 3) |> list") == [1, 2, 3]
"""
    )


def test_syntax_of_one_cell(shells):
    shells.run(
        PIPES
        + """
assert run("%%pyc Pipes\\n(3, 1) |> sorted") == [1, 3]
assert run("%%pyc Pipes Defaults\\n\\nx = None ?? (3, 1) |> sorted\\nx") == [1, 3]
assert run("%%pyc Pipes\\n%time (3, 1) |> sorted") == [1, 3]
assert isinstance(ip.run_cell("(3, 1) |> sorted").error_before_exec, SyntaxError)
ip.run_cell_magic("pyc", "Pipes", "z = (3, 1) |> sorted")
assert namespace["z"] == [1, 3]
"""
    )


def test_of_two_tracers_each_has_its_syntax(shells):
    shells.run(
        PIPES
        + """
run("%pyc register Defaults")
run("%pyc register Pipes")
assert run("x = None ?? 5 |> str\\nx") == "5"
run("%pyc deregister Pipes")
assert run("None ?? 6") == 6
assert isinstance(ip.run_cell("5 |> str").error_before_exec, SyntaxError)
"""
    )


def test_a_source_that_is_transformed_several_times(shells):
    shells.run(
        PIPES
        + """
run("%pyc register Pipes")
cell = "a = 5 |> str"
between = []
ip.events.register("pre_run_cell", lambda info: [ip.transform_cell(source) for source in between])
for between[:] in ([], [cell], [cell, cell], ["b = 1"], ["bbbb = 1 |> str", "c"], ["a = 5 | str"], [cell, "bbbb = 1 |> str"]):
    namespace.pop("a", None)
    run(cell)
    assert namespace["a"] == "5", between
"""
    )


def test_hosts_transform_as_often_as_they_like(shells):
    shells.run(
        PIPES
        + """
run("%pyc register Pipes")
pyc.take_over_ipython_driver(ip)

def hosted(source, *transformed):
    with pyc.cell_tracing_context(ip, source, cell_name=f"<{len(transformed)}>"):
        last = source
        for its in transformed or (source,):
            last = ip.transform_cell(last if its is None else its)
        tree = ip.transform_ast(ip.compile.ast_parse(last))
        exec(compile(tree, "<cell>", "exec"), namespace)

for transformed in ((), ("a = 5 |> str",) * 2, ("a = 5 |> str", None), ("a = 5 |> str", "a = 5 | str;b = 1")):
    namespace.pop("a", None)
    hosted("a = 5 |> str", *transformed)
    assert namespace["a"] == "5", transformed
"""
    )


def test_errors_of_syntax_point_into_what_the_user_wrote(shells):
    told = shells.run(
        PIPES
        + """
run("%pyc register Pipes")
result = ip.run_cell("y = 1\\nx = 5 |> str |> )")
error = result.error_before_exec
assert isinstance(error, SyntaxError) and (error.lineno, error.offset) == (2, 17), (error.lineno, error.offset)
result = ip.run_cell("%%pyc Defaults\\ny = None ?? )")
error = result.error_before_exec
assert (error.lineno, error.offset) == (2, 13), (error.lineno, error.offset)
assert isinstance(ip.run_cell("x = )").error_before_exec, SyntaxError)
assert run("5 |> str") == "5"
"""
    )
    assert "Traceback" not in told
    lines = [line for line in told.splitlines() if ")" in line or "^" in line]
    for line, caret in (("x = 5 |> str |> )", ")"), ("y = None ?? )", ")"), ("x = )", ")")):
        at = next(number for number, its in enumerate(lines) if its.strip() == line)
        assert lines[at + 1].index("^") == lines[at].index(caret), told
