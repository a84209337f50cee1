"""%pyccolo, its other spelling %pyc, and %%pyc."""
import re

from .registry import coerce_tracer_class, qualified_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from ..tracer import BaseTracer
    from .driver import CellTracingDriver

_USAGE = "Usage: %pyccolo register TRACER | deregister TRACER | deregister all | list"
_CELL_USAGE = "Usage: %%pyc TRACER [TRACER ...], and the cell in the lines below"
_FIRST_LINE = re.compile(r"\s*%%pyc[ \t]+(?P<tracers>\S[^\n]*)\n(?:[^\S\n]*\n)*(?=\s*\S)")


def split_cell(raw_cell: str) -> "tuple[str, int, str] | None":
    """What stands behind %%pyc, the number of lines up to its body, and the body; None for other cells."""
    if "%%pyc" not in raw_cell:
        return None
    first = _FIRST_LINE.match(raw_cell)
    if first is None:
        return None
    return first["tracers"], first[0].count("\n"), raw_cell[first.end() :]


def named_tracers(names: str, shell: "Any") -> "tuple[type[BaseTracer], ...]":
    """The classes of a list of names, with blanks or commas between them."""
    found = [_tracer(name, shell) for name in names.replace(",", " ").split()]
    if not found:
        raise _usage_error(_CELL_USAGE)
    return tuple(dict.fromkeys(found))


def _tracer(name: str, shell: "Any") -> "type[BaseTracer]":
    try:
        return coerce_tracer_class(name, shell)
    except (TypeError, ValueError) as error:
        raise _usage_error(str(error)) from error


def _usage_error(message: str) -> Exception:
    from IPython.core.error import UsageError  # shown as one line

    return UsageError(message)


class TracerMagics:
    """The magics of one shell, and those that had their names before."""

    def __init__(self, driver: "CellTracingDriver") -> None:
        self._driver = driver
        self._replaced: "dict[tuple[str, str], Callable | None] | None" = None

    def install(self) -> None:
        if self._replaced is not None:
            return
        self._replaced = {}
        for kind, name, magic in self._magics():
            table = self._driver.shell.magics_manager.magics[kind]
            self._replaced[kind, name] = table.get(name)
            table[name] = magic

    def remove(self) -> None:
        if self._replaced is None:
            return
        for kind, name, magic in self._magics():
            table = self._driver.shell.magics_manager.magics[kind]
            before = self._replaced[kind, name]
            if table.get(name) != magic:
                continue  # somebody else's by now
            if before is None:
                del table[name]
            else:
                table[name] = before
        self._replaced = None

    def _magics(self) -> "list[tuple[str, str, Callable]]":
        return [("line", "pyccolo", self.pyccolo), ("line", "pyc", self.pyccolo), ("cell", "pyc", self.pyc)]

    def pyccolo(self, line: str) -> None:
        """Adds a tracer to the cells from the next one on, takes one away, or shows which there are.

        %pyccolo register TRACER
        %pyccolo deregister TRACER
        %pyccolo deregister all
        %pyccolo list

        TRACER is the name of a class in this namespace, or module.Class.
        """
        driver = self._driver
        command, _, name = line.strip().partition(" ")
        name = name.strip()
        if command == "register" and name:
            driver.require_loaded().register(_tracer(name, driver.shell))
        elif command == "deregister" and name.lower() == "all":
            driver.deregister_all()
        elif command == "deregister" and name:
            registered = [cls for cls in driver.tracers() if name in (cls.__name__, qualified_name(cls))]
            driver.deregister(registered[0] if registered else _tracer(name, driver.shell))
        elif command == "list" and not name:
            for cls in driver.tracers():
                print(qualified_name(cls))
        else:
            print(_USAGE)

    def pyc(self, line: str, cell: str) -> None:
        """Runs this cell with more tracers, their syntax included.

        %%pyc TRACER [TRACER ...]
        the cell

        TRACER is the name of a class in this namespace, or module.Class.
        """
        # Cells of an installed driver do not come here: it takes the first line away before IPython sees it.
        driver = self._driver
        with driver._sources.with_extra_classes(named_tracers(line, driver.shell)):
            driver.shell.run_cell(cell)
