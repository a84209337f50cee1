"""Blocks of statements given to a subscript as a function: `run{ … }` and `thunk{ … }`.

    with FuncBlockTracer:
        pyc.eval('''run{
            total = 0
            for n in range(5):
                total += n
            total
        }''')                                        # 10

`run[…]` calls what it is given, `thunk[…]` gives it back. That is all there is to them: any object whose subscript takes a
function can stand before the braces, if its name is in the `name_pattern` of a spec. What a block sees of the
variables around it, and of other syntax, is as in block_lambda.
"""
from __future__ import annotations

import sys
from typing import Any, Callable

import pyccolo_native as pyc
from pyccolo_native.examples.block_lambda import Blocks, Lent, Opener, block_spec, call

BLOCK_MACROS = ("run", "thunk")
_OPENERS = {"run": Opener("run", call), "thunk": Opener("thunk", lambda function: function)}


class FuncBlockTracer(pyc.BaseTracer):
    """Has no handlers: the source of a block becomes the argument of `__pyc_fn__`, which makes a function of it."""

    multiple_threads_allowed = True
    global_guards_enabled = False

    block_spec = block_spec(BLOCK_MACROS, "__pyc_fn__")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._blocks = Blocks(self)
        self._lent = Lent()

    def enter_tracing_hook(self) -> None:
        self._lent.lend({"__pyc_fn__": self.__pyc_fn__, **_OPENERS})

    def exit_tracing_hook(self) -> None:
        self._lent.take_back()
        self._blocks.clear()

    def __pyc_fn__(self, source: str, global_env: dict, local_env: dict) -> Callable[[], Any]:
        return self._blocks.function(source, global_env, local_env, sys._getframe(1))
