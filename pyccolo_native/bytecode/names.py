"""The Opcodes of the running version by name: from pyccolo_native.bytecode.names import *"""
from __future__ import annotations

from .opcodes import opmap

globals().update(opmap)
__all__ = [*opmap]
