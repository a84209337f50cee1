"""PEP 810: imports that happen when their name is first used."""

import sys
import types

lazy import colorsys
lazy import xml.dom.minidom as minidom
lazy from fractions import Fraction, gcd_that_is_not_there
lazy from string import (
    ascii_lowercase as letters,
    digits,
)

if True:
    lazy import this_module_does_not_exist

__lazy_modules__ = ["html.entities"]
import html.entities as entities

print([name in sys.modules for name in ("colorsys", "xml.dom.minidom", "fractions", "html.entities")])
print([type(globals()[name]) is types.LazyImportType for name in ("colorsys", "minidom", "Fraction", "letters", "entities")])
print(colorsys.rgb_to_hsv(1, 0, 0), type(globals()["colorsys"]).__name__)
print(minidom.parseString("<a b='c'/>").documentElement.toxml())


def uses(number):
    return Fraction(number, 3) + Fraction(1, 3)


print(uses(1), letters[:3], digits, entities.name2codepoint["amp"])
for use in (lambda: this_module_does_not_exist.x, lambda: gcd_that_is_not_there):
    try:
        use()
    except ImportError as error:
        print(type(error).__name__, error, error.__traceback__.tb_lineno, type(error.__cause__).__name__)
print("this_module_does_not_exist" in globals(), [name in sys.modules for name in ("colorsys", "fractions")])
for wrong in (
    "def f():\n    lazy import os",
    "class A:\n    lazy import os",
    "try:\n    lazy import os\nfinally:\n    pass",
    "lazy from os import *",
    "lazy from __future__ import annotations",
):
    try:
        exec(wrong)
    except SyntaxError as error:
        print(error)
lazy = [name for name in ("a name, too",)]
print(lazy)
