"""Subscripts in braces: `f{_ + 1}` is `f[_ + 1]`, over as many lines as one likes.

    with QuickLambdaTracer, BraceSubscriptTracer:
        pyc.eval("map{ _ + 1 }([1, 2])")             # [2, 3]

Braces directly behind a name are a subscript; other tracers say what it means. All others stay sets and dicts, those behind a
keyword (`return{1}`) too. What is between the braces is an expression; for statements see func_block and block_lambda.
"""
from __future__ import annotations

import pyccolo_native as pyc


class BraceSubscriptTracer(pyc.BaseTracer):
    """Has no handlers: a pair of tokens is all there is to it. A `name_pattern` would say which names may stand before."""

    global_guards_enabled = False

    brace_subscript_spec = pyc.AugmentationSpec(
        aug_type=pyc.AugmentationType.subscript, token="{", replacement="[", close_token="}", close_replacement="]"
    )
