"""The IPython extension: `%load_ext pyccolo_native` lets tracers see every cell.

IPython is not imported before a shell is there to be used.
"""
from .ipython.cell import CellInfo
from .ipython.driver import CellTracingDriver, drivers
from .ipython.registry import HOST_TRACER_PRIORITY, coerce_tracer_class
from .ipython.tracebacks import filter_hidden_frames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ContextManager

    from .ipython.registry import TracerRef
    from .tracer import BaseTracer

_USER, _HOST = "pyccolo", "host"


def ipython_driver(shell: "Any" = None) -> CellTracingDriver:
    """The driver of a shell, by default the running one; made if there is none yet."""
    if shell is None:
        from IPython.core.getipython import get_ipython

        shell = get_ipython()
        if shell is None:
            raise RuntimeError("there is no IPython shell here: give one as `shell`")
    driver = drivers.get(id(shell))
    if driver is None:
        driver = drivers[id(shell)] = CellTracingDriver(shell)
    return driver


def register_ipython_tracer(tracer: "TracerRef", priority: int = 0, shell: "Any" = None) -> "type[BaseTracer]":
    """Traces the cells of a shell from the next one on; gives the class.

    tracer: a class, an instance, a name in the shell's namespace, or "module.Class".
    Of several, the first registered comes first at each event and in the source; those with a higher priority come later.
    """
    driver = ipython_driver(shell).require_loaded()
    cls = coerce_tracer_class(tracer, driver.shell)
    driver.register(cls, priority=priority)
    return cls


def deregister_ipython_tracer(tracer: "TracerRef", shell: "Any" = None) -> "type[BaseTracer]":
    """Ends what register_ipython_tracer() began, at once; gives the class."""
    driver = ipython_driver(shell).require_loaded()
    cls = coerce_tracer_class(tracer, driver.shell)
    driver.deregister(cls)
    return cls


def registered_ipython_tracers(shell: "Any" = None) -> "list[type[BaseTracer]]":
    """The registered classes, in order."""
    return ipython_driver(shell).tracers()


def cell_tracing_context(
    shell: "Any", raw_cell: str, cell_name: "str | None" = None, module_id: "int | None" = None
) -> "ContextManager[CellInfo | None]":
    """CellTracingDriver.cell_tracing_context() of a shell's driver, for hosts."""
    return ipython_driver(shell).cell_tracing_context(raw_cell, cell_name=cell_name, module_id=module_id)


def end_ipython_cell(shell: "Any") -> None:
    """Ends the cells of a shell that are open, before a host goes away say."""
    ipython_driver(shell).end_cell()


def take_over_ipython_driver(shell: "Any") -> CellTracingDriver:
    """Gives the driver to a host that enters cell_tracing_context() itself; nothing of the shell is changed any more."""
    driver = ipython_driver(shell)
    driver._loaded_by.add(_HOST)
    driver._hosted = True
    driver.sync_host()
    return driver


def release_ipython_driver(shell: "Any") -> None:
    """Ends what take_over_ipython_driver() began: cells are traced by the shell's events again, if the extension is loaded."""
    driver = ipython_driver(shell)
    driver._loaded_by.discard(_HOST)
    driver._hosted = False
    driver._reset_extension_points()
    if driver._loaded_by:
        driver.sync_host()
    else:
        driver.shutdown()


def load_ipython_extension(shell: "Any") -> None:
    """What %load_ext calls."""
    driver = ipython_driver(shell)
    driver._loaded_by.add(_USER)
    driver._magics.install()
    driver.sync_host()


def unload_ipython_extension(shell: "Any") -> None:
    """What %unload_ext calls. Tracers stay registered as long as a host has the driver."""
    driver = drivers.get(id(shell))
    if driver is None:
        return
    driver._loaded_by.discard(_USER)
    if driver._loaded_by:
        driver._magics.remove()
        driver.sync_host()
    else:
        driver.shutdown()


__all__ = [
    "CellInfo",
    "CellTracingDriver",
    "HOST_TRACER_PRIORITY",
    "cell_tracing_context",
    "coerce_tracer_class",
    "deregister_ipython_tracer",
    "end_ipython_cell",
    "filter_hidden_frames",
    "ipython_driver",
    "load_ipython_extension",
    "register_ipython_tracer",
    "registered_ipython_tracers",
    "release_ipython_driver",
    "take_over_ipython_driver",
    "unload_ipython_extension",
]
