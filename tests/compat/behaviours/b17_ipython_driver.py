import sys

import pyccolo as pyc
from IPython.core.interactiveshell import InteractiveShell
from pyccolo.ipython_extension import load_ipython_extension, unload_ipython_extension


class Names(pyc.BaseTracer):
    seen = []

    @pyc.load_name
    def name(self, ret, node, *_, **__):
        self.seen.append(node.id)


shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "pyccolo")
assert "pyccolo" in shell.extension_manager.loaded
pyc.register_ipython_tracer(Names)
assert [pyc.coerce_tracer_class(its) for its in pyc.registered_ipython_tracers()] == [Names]
shell.run_cell("y = 1\ny").raise_error()
assert Names.seen == ["y"], Names.seen

driver = pyc.ipython_driver(shell)
assert isinstance(driver, pyc.CellTracingDriver)
for name in ("_hosted", "_teardown_tracing", "deregister_all", "syntax_transforms_enabled", "syntax_transforms_only"):
    assert hasattr(driver, name), name
pyc.deregister_ipython_tracer(Names)
shell.run_cell("y").raise_error()
assert Names.seen == ["y"] and not pyc.registered_ipython_tracers()

taken = pyc.take_over_ipython_driver(shell)
assert taken is not None
with pyc.cell_tracing_context(shell, "z = 1", cell_name="<cell>", module_id=0) as cell:
    pass
pyc.release_ipython_driver(shell)
shell.run_line_magic("unload_ext", "pyccolo")
assert callable(load_ipython_extension) and callable(unload_ipython_extension) and pyc.CellInfo and pyc.HOST_TRACER_PRIORITY is not None
