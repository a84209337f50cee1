"""The shell: what loading changes in it, and that all of it is put back."""

STATE = '''
from IPython.core.interactiveshell import InteractiveShell

def state():
    return {
        "input": list(ip.input_transformers_post),
        "trees": list(ip.ast_transformers),
        "shell": {name: value for name, value in vars(ip).items() if name == "transform_cell"},
        "compiler": sorted(vars(ip.compile)),
        "classes": [vars(cls).get("showtraceback") for cls in type(ip).__mro__],
        "events": {name: list(its) for name, its in ip.events.callbacks.items()},
        "magics": {kind: sorted(its) for kind, its in ip.magics_manager.magics.items()},
        "finders": list(sys.meta_path),
        "trace": sys.gettrace(),
        "stack": list(_TRACER_STACK),
    }

before = state()
'''


def test_unloading_puts_everything_back(shells):
    shells.run(
        STATE
        + """
load()
run("%pyc register Lines")
run("a = 1")
assert seen() == [1] and state() != before
run("%unload_ext pyccolo_native\\na = 2")
assert seen() == [1, 2], "a cell ends as it began"
run("b = 2")
assert seen() == [] and state() == before
from pyccolo_native.ipython.driver import drivers
assert drivers == {}
try:
    pyc.register_ipython_tracer("Lines", shell=ip)
except RuntimeError as error:
    assert "%load_ext pyccolo_native" in str(error) and "load_ext pyccolo)" in str(error)
else:
    raise AssertionError
run("%load_ext pyccolo_native")
assert pyc.registered_ipython_tracers() == []
run("%pyc register Lines")
run("%reload_ext pyccolo_native")
seen()
run("b = 3")
assert seen() == [1] and pyc.registered_ipython_tracers() == [namespace["Lines"]]
pyc.unload_ipython_extension(ip)
assert state() == before
pyc.unload_ipython_extension(ip)
"""
    )


def test_what_others_have_put_on_top_stays_and_works(shells):
    shells.run(
        STATE
        + """
load()
calls = []
ours = ip.transform_cell, ip.compile.cache, type(ip).showtraceback
ip.transform_cell = lambda cell: (calls.append("source"), ours[0](cell))[1]
ip.compile.cache = lambda *args, **kwargs: (calls.append("name"), ours[1](*args, **kwargs))[1]
type(ip).showtraceback = lambda *args, **kwargs: (calls.append("shown"), ours[2](*args, **kwargs))[1]
run("%pyc register Lines")
seen(), calls.clear()
run("a = 1")
ip.run_cell("1 / 0")
assert seen() == [1, 1] and calls == ["source", "name", "source", "name", "shown"]
run("%unload_ext pyccolo_native")
seen(), calls.clear()
run("a = 1")
ip.run_cell("1 / 0")
assert seen() == [] and calls == ["source", "name", "source", "name", "shown"]
run("%load_ext pyccolo_native")
run("%pyc register Lines")
run("a = 1\\na = 2")
assert seen() == [1, 2], "changed once more, each line is still told of once"
"""
    )


def test_magics_of_the_user_come_back(shells):
    shells.run(
        """
        def mine(line):
            return "mine " + line
        ip.register_magic_function(mine, "line", "pyc")
        assert run("%pyc list") == "mine list"
        load()
        run("%pyc register Lines")
        run("%unload_ext pyccolo_native")
        assert run("%pyc list") == "mine list"
        """
    )


def test_the_line_magic(shells):
    told = shells.run(
        """
        load()
        run("%pyccolo register Lines")
        run("%pyc register pyccolo_native.tracer.NoopTracer")
        run("%pyc list")
        run("%pyc")
        run("%pyc register")
        result = ip.run_cell("%pyc register Nope")
        assert "Nope" in str(result.error_in_exec) and type(result.error_in_exec).__name__ == "UsageError"
        run("%pyccolo deregister ALL")
        run("%pyccolo list")
        """
    )
    assert told.startswith("__main__.Lines\npyccolo_native.tracer.NoopTracer\nUsage: %pyccolo register")
    assert told.count("Usage: %pyccolo") == 2


def test_the_extension_needs_no_ipython_to_be_imported(shell_9):
    shell_9.run(
        """
        import sys
        import pyccolo_native.ipython_extension as extension
        assert not {"IPython", "traitlets", "ipykernel", "zmq", "comm"} & sys.modules.keys()
        import pyccolo_native
        assert "pyccolo_native.ipython_extension" in sys.modules
        assert all(getattr(pyccolo_native, name) is getattr(extension, name) for name in extension.__all__)
        try:
            extension.ipython_driver()
        except RuntimeError as error:
            assert "no IPython shell" in str(error)
        else:
            raise AssertionError
        """,
        preamble="",
    )
    shell_9.run("import sys, pyccolo_native\nassert 'pyccolo_native.ipython_extension' not in sys.modules", preamble="")


def test_tracebacks_have_no_frames_of_the_library(shells):
    shells.write("helper.py", "def fail():\n    raise KeyError('deep')\n")
    told = shells.run(
        """
        load()
        run("%pyc register Lines")
        run("import helper")
        print("=== plain")
        ip.run_cell("def f():\\n    return 1 / 0\\nf()")
        print("=== through the library")
        ip.run_cell("pyc.exec('helper.fail()')")
        print("=== chained")
        ip.run_cell("try:\\n    pyc.exec('helper.fail()')\\nexcept KeyError:\\n    pyc.exec('1 / 0')")
        print("=== group")
        ip.run_cell("try:\\n    pyc.exec('helper.fail()')\\nexcept KeyError as error:\\n    raise ExceptionGroup('g', [error])")
        print("=== developing")
        import os
        os.environ["PYCCOLO_DEV_MODE"] = "1"
        ip.run_cell("pyc.exec('helper.fail()')")
        """
    )
    plain, library, chained, group, developing = (part.split("\n", 1)[1] for part in told.split("=== ")[1:])
    assert "1 / 0" in plain and "ZeroDivisionError" in plain
    for part in (plain, library, chained):
        assert "pyccolo_native/" not in part and "sandbox" not in part, part
    assert "helper.py" in library and "fail" in library
    assert "helper.py" in chained and "ZeroDivisionError" in chained
    assert "helper.py" in developing and "pyccolo_native/" in developing


def test_filtering_a_traceback(shell_9):
    shell_9.run(
        """
        import sys, traceback
        import pyccolo_native as pyc

        def code(source, name):
            namespace = {"inner": inner}
            exec(compile(source, name, "exec"), namespace)
            return namespace["f"]

        def names(*functions):
            global inner
            def bottom():
                raise ValueError
            f = bottom
            for make in reversed(functions):
                f = make(f)
            try:
                f()
            except ValueError as error:
                pyc.filter_hidden_frames(error.__traceback__)
                return [frame.name for frame in traceback.extract_tb(error.__traceback__)][1:]

        def in_file(name, body="", called="f"):
            def make(inner):
                namespace = {"inner": inner}
                exec(compile(f"def {called}():\\n    {body}; inner()", name, "exec"), namespace)
                return namespace[called]
            return make

        pyc.mark_traceback_visible("<sandbox_seen>")
        assert names(in_file("user.py", "0")) == ["f", "bottom"]
        assert names(in_file("my_pyccolo_notes.py", "0")) == ["f", "bottom"], "only the library's own folder counts"
        assert names(in_file(pyc.__file__, "0"), in_file(pyc.__file__, "0")) == ["bottom"]
        assert names(in_file("<sandbox_1>", "0"), in_file("user.py", "0")) == ["f", "bottom"]
        assert names(in_file("<sandbox_seen>", "0")) == ["f", "bottom"]
        assert names(in_file("user.py", "__hide_pyccolo_frame__ = True")) == ["bottom"]
        assert names(in_file("user.py", "__hide_pyccolo_frame__ = False")) == ["f", "bottom"]
        pyc.filter_hidden_frames(None)
        """,
        preamble="",
    )
