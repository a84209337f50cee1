"""Python blocks of Markdown pages: found, and run in order. `python pages.py PAGE` runs one page.

A block is code between ```python and ```; ```python no-run is left out. A block followed by ```text output must print
that, where an address (` at 0x…`) may be left out. All blocks of a page share one namespace.
"""
import contextlib
import io
import linecache
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Optional

FENCE = re.compile(r"^```(.*)$")
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


@dataclass
class Block:
    language: str
    line: int  # of its first line in the page
    text: str


@dataclass
class Program:
    block: Block
    output: Optional[str]


def blocks(page: str) -> Iterator[Block]:
    """All fenced blocks; an error if one is not closed."""
    inside: Optional[Block] = None
    for number, line in enumerate(page.splitlines(), 1):
        fence = FENCE.match(line)
        if inside is None and fence:
            inside = Block(fence[1].strip(), number + 1, "")
        elif inside is not None and fence:
            yield inside
            inside = None
        elif inside is not None:
            inside.text += line + "\n"
    if inside is not None:
        raise ValueError(f"the block at line {inside.line} has no end")


def programs(page: str) -> list[Program]:
    """The blocks to run, with the output each must have."""
    found: list[Program] = []
    before: Optional[Block] = None
    for block in blocks(page):
        if block.language == "python":
            found.append(Program(block, None))
        elif block.language == "text output":
            if before is None or before.language != "python":
                raise ValueError(f"the output at line {block.line} follows no python block")
            found[-1].output = block.text
        before = block
    return found


def run(path: Path) -> None:
    """Runs a page; raises what its code raises, or AssertionError where it prints something else."""
    page = path.read_text("utf-8")
    namespace = {"__name__": "page", "__file__": str(path)}
    linecache.checkcache(str(path))
    for program in programs(page):
        # Lines are those of the page, in tracebacks and for inspect.getsource.
        source = "\n" * (program.block.line - 1) + program.block.text
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(source, str(path), "exec", dont_inherit=True), namespace)
        told = ADDRESS.sub("", printed.getvalue())
        if program.output is not None and told != program.output:
            raise AssertionError(
                f"{path.name}, line {program.block.line}: printed\n{told}instead of\n{program.output}"
            )


if __name__ == "__main__":
    run(Path(sys.argv[1]))
