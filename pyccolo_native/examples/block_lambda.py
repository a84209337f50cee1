"""Blocks of statements in expressions: `do{ … }`, `fn{ … }`, `gen{ … }`.

    with BlockLambdaTracer:
        pyc.exec('''
            evens = list(gen{
                for n in range(6):
                    if n % 2 == 0:
                        yield n
            })
        ''')                                         # evens is [0, 2, 4]

| | |
|---|---|
| `do{ … }` | runs the block; its value is that of the last statement, if that is an expression |
| `fn{ … }` | the block as a function |
| `gen{ … }`, `map{ … }` | the generator of a block that yields |

A block is a function of its own: it sees the variables around it as they are when it is made, and what it binds is its own.
Syntax of other tracers can stand in it if they are entered later than this one.
"""
from __future__ import annotations

import ast
import builtins
import sys
from functools import lru_cache
from types import CellType, CodeType, FrameType, FunctionType
from typing import Any, Callable

import pyccolo_native as pyc
from pyccolo_native.emit_event import _TRACER_STACK


@lru_cache
def block_spec(names: tuple[str, ...], wrapper: str) -> pyc.AugmentationSpec:
    """NAME{ … } is NAME[wrapper("…", globals(), locals())] for these names."""
    return pyc.AugmentationSpec(
        pyc.AugmentationType.subscript, "{", "[", "}", "]", name_pattern="|".join(names), body_func_wrapper=wrapper
    )


class Blocks:
    """The functions of blocks. Each block is compiled once, for the tracers that are active then."""

    def __init__(self, tracer: pyc.BaseTracer) -> None:
        self._tracer = tracer
        self._codes: dict[tuple, CodeType] = {}

    def function(self, source: str, global_env: dict, local_env: dict, frame: FrameType) -> Callable[[], Any]:
        """A function that runs the source of a block, which stands where the frame is now."""
        names = () if local_env is global_env else tuple(name for name in local_env if name in source and name.isidentifier())
        place = frame.f_code.co_filename, frame.f_lineno
        key = source, names, place, tuple(map(id, _TRACER_STACK))
        code = self._codes.get(key)
        if code is None:
            code = self._codes[key] = self._compiled(source, names, *place)
        return FunctionType(code, global_env, None, None, tuple([CellType(local_env[name]) for name in code.co_freevars]))

    def clear(self) -> None:
        self._codes.clear()

    def _compiled(self, source: str, names: tuple[str, ...], filename: str, line: int) -> CodeType:
        sandbox = self._tracer.make_sandbox_fname()
        tree = ast.parse(f"def around({', '.join(names)}):\n def block(): pass")
        block = tree.body[0].body[0]
        body = self._statements(source, sandbox, line)
        used, bound = _names_in(body)
        inner = sorted({*names} - used - bound)  # those that blocks in it use, which are text as yet
        block.body = [*([ast.Nonlocal(inner, lineno=1, col_offset=0)] if inner else []), *_with_result(body)]
        around = self._tracer.exec(tree, {}, {}, filename=sandbox)["around"]
        code = next(const for const in around.__code__.co_consts if isinstance(const, CodeType))
        return _in_file(code, filename)

    def _statements(self, source: str, filename: str, line: int) -> list[ast.stmt]:
        first = next((its for its in source.splitlines() if its.strip()), "pass")
        is_indented = first[0].isspace()
        source = f"if 1:\n{source}" if is_indented else source
        tree = self._tracer.parse(source, filename=filename, instrument=False)
        ast.increment_lineno(tree, line - 1 - is_indented)
        return tree.body[0].body if is_indented else tree.body


def _names_in(body: list[ast.stmt]) -> tuple[set[str], set[str]]:
    """The names that statements use, and those that they bind."""
    used, bound = set(), set()
    for node in (node for stmt in body for node in ast.walk(stmt)):
        match node:
            case ast.Name(name, ast.Load()):
                used.add(name)
            case ast.Name(name) | ast.ExceptHandler(name=name) | ast.MatchMapping(rest=name):
                bound.add(name)
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name) | ast.MatchStar(name):
                bound.add(name)
            case ast.MatchAs(name=name):
                bound.add(name)
            case ast.alias(name, asname):
                bound.add(asname or name.partition(".")[0])
            case ast.Global(names) | ast.Nonlocal(names):
                bound.update(names)
    return used, bound


def _with_result(body: list[ast.stmt]) -> list[ast.stmt]:
    """A block whose last expression is what it returns."""
    match body:
        case [*before, ast.Expr(ast.Yield() | ast.YieldFrom())]:
            return body
        case [*before, ast.Expr(value) as last]:
            return [*before, ast.copy_location(ast.Return(value), last)]
    return body or [ast.Pass(lineno=1, col_offset=0, end_lineno=1, end_col_offset=0)]


def _in_file(code: CodeType, filename: str) -> CodeType:
    consts = tuple(_in_file(const, filename) if isinstance(const, CodeType) else const for const in code.co_consts)
    return code.replace(co_consts=consts, co_filename=filename)


class Opener:
    """What stands before the braces: makes something of the block's function."""

    def __init__(self, name: str, make: Callable[[Callable[[], Any]], Any]) -> None:
        self._name, self._make = name, make

    def __getitem__(self, function: Callable[[], Any]) -> Any:
        __hide_pyccolo_frame__ = True
        return self._make(function)

    def __repr__(self) -> str:
        return f"{self._name}{{...}}"


def call(function: Callable[[], Any]) -> Any:
    __hide_pyccolo_frame__ = True
    return function()


class Lent:
    """Names that are in builtins for a while; those that are there already stay."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def lend(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            if not hasattr(builtins, name):
                setattr(builtins, name, value)
                self._names.append(name)

    def take_back(self) -> None:
        while self._names:
            builtins.__dict__.pop(self._names.pop(), None)  # somebody else may have taken it away


class BlockLambdaTracer(pyc.BaseTracer):
    """Makes functions of blocks. A subclass may have other names in `block_macros`; those that are new give the function."""

    multiple_threads_allowed = True
    global_guards_enabled = False

    block_macros = ("map", "gen", "do", "fn")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._blocks = Blocks(self)
        self._lent = Lent()

    @classmethod
    def syntax_augmentation_specs(cls) -> list[pyc.AugmentationSpec]:
        return [*super().syntax_augmentation_specs(), block_spec(cls.block_macros, "__pyc_block__")]

    def enter_tracing_hook(self) -> None:
        self._lent.lend({"__pyc_block__": self.__pyc_block__, **{name: _opener(name) for name in self.block_macros}})

    def exit_tracing_hook(self) -> None:
        self._lent.take_back()
        self._blocks.clear()

    def is_block(self, node: ast.Subscript) -> bool:
        return block_spec(self.block_macros, "__pyc_block__") in self.get_augmentations(node)

    @pyc.before_subscript_load(when=is_block, static=True, reentrant=True)
    def open(self, node: ast.Subscript) -> Opener | None:
        return _opener(node.value.id) if self.is_block(node) else None  # builtins has another map, and the program may have a variable of that name

    def __pyc_block__(self, source: str, global_env: dict, local_env: dict) -> Callable[[], Any]:
        return self._blocks.function(source, global_env, local_env, sys._getframe(1))


_CALLED = ("map", "gen", "do")


@lru_cache
def _opener(name: str) -> Opener:
    return Opener(name, call if name in _CALLED else lambda function: function)
