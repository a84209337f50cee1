"""What is changed in a shell so that its cells are traced, and put back."""
import ast
from functools import wraps

from . import tracebacks
from .patch import Patch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .driver import CellTracingDriver


class InputTransformer:
    """The one entry in the shell's input_transformers_post."""

    def __init__(self, driver: "CellTracingDriver") -> None:
        self._driver = driver

    def __call__(self, lines: "list[str]") -> "list[str]":
        return self._driver._sources.transform_input(lines)


class AstTransformer(ast.NodeTransformer):
    """The one entry in the shell's ast_transformers."""

    def __init__(self, driver: "CellTracingDriver") -> None:
        self._driver = driver

    def visit(self, node: ast.AST) -> ast.AST:
        return self._driver._sources.transform_tree(node)


class Transformers:
    """Both transformers, last in the lists of the shell."""

    def __init__(self, driver: "CellTracingDriver") -> None:
        self._shell = driver.shell
        self._input = InputTransformer(driver)
        self._ast = AstTransformer(driver)

    def add(self, with_trees: bool = True) -> bool:
        """False if they are there already."""
        if self._input in self._shell.input_transformers_post:
            return False
        self._shell.input_transformers_post.append(self._input)
        if with_trees:
            self._shell.ast_transformers.append(self._ast)
        return True

    def remove(self) -> None:
        for entries, own in ((self._shell.input_transformers_post, self._input), (self._shell.ast_transformers, self._ast)):
            if own in entries:
                entries.remove(own)


class ShellAdapter:
    """Lets a shell's own events begin and end its cells.

    IPython transforms the source before it announces the cell, or, where run_cell_async() is given no source that is transformed,
    afterwards; so the transformers stay for as long as this is installed.
    """

    def __init__(self, driver: "CellTracingDriver") -> None:
        self._driver = driver
        self._patches: "list[Patch]" = []
        self.is_installed = False

    def install(self) -> None:
        if self.is_installed:
            return
        driver, shell = self._driver, self._driver.shell
        self.is_installed = True
        # The compiler makes the name that the code of a cell gets; shells without the futures of others bypass it.
        self._patches = [
            Patch(shell.compile, "cache", self._naming(shell.compile.cache)),
            Patch(shell.compile, "ast_parse", self._relocating(shell.compile.ast_parse)),
            Patch(shell, "transform_cell", self._recording(shell.transform_cell)),
        ]
        shell.events.register("pre_run_cell", driver._pre_run_cell)
        shell.events.register("post_run_cell", driver._post_run_cell)
        driver._transformers.add()
        tracebacks.install(shell)

    def uninstall(self) -> None:
        if not self.is_installed:
            return
        driver, shell = self._driver, self._driver.shell
        self.is_installed = False
        tracebacks.uninstall(shell)
        driver._transformers.remove()
        for event, callback in (("pre_run_cell", driver._pre_run_cell), ("post_run_cell", driver._post_run_cell)):
            if callback in shell.events.callbacks[event]:
                shell.events.unregister(event, callback)
        while self._patches:
            self._patches.pop().remove()

    def _naming(self, cache: "Any") -> "Any":
        @wraps(cache)
        def naming_cache(transformed_code, number=0, *args, **kwargs):
            name = cache(transformed_code, number, *args, **kwargs)
            if self.is_installed:
                self._driver._sources.name_cell(transformed_code, name, number)
            return name

        return naming_cache

    def _relocating(self, ast_parse: "Any") -> "Any":
        @wraps(ast_parse)
        def relocating_ast_parse(source, filename="<unknown>", *args, **kwargs):
            if not self.is_installed:
                return ast_parse(source, filename, *args, **kwargs)
            return self._driver._sources.parse(ast_parse, source, filename, *args, **kwargs)

        return relocating_ast_parse

    def _recording(self, transform_cell: "Any") -> "Any":
        @wraps(transform_cell)
        def recording_transform_cell(raw_cell):
            if not self.is_installed:
                return transform_cell(raw_cell)
            return self._driver._sources.transform_cell(transform_cell, raw_cell)

        return recording_transform_cell
