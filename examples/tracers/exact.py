"""Decimal arithmetic in a program that was written with floats: every float literal is made a Decimal.

    pyc prices.py -t tracers.exact.ExactFloats
"""

from __future__ import annotations

from decimal import Decimal

import pyccolo_native as pyc


class ExactFloats(pyc.BaseTracer):
    """Replaces float literals of the program's own files."""

    def should_instrument_file(self, filename: str) -> bool:
        return "site-packages" not in filename and "lib/python" not in filename

    @pyc.after_float
    def to_decimal(self, ret):
        return Decimal(repr(ret))
