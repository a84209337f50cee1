"""Runs one module of CPython's own tests, by itself or with all code of the standard library assembled anew.

    python recompiling.py plain|anew RECORD MODULE

RECORD, a file, is given {"rebuilt": number of modules and functions, "codes": of code objects}; beside it lies RECORD.xml with the
outcome of each test. "anew": every module is put together again from its instructions when it is imported, and every function that
was there before, those of the import system too.
"""
import gc
import importlib.machinery
import json
import runpy
import sys
import sysconfig
import types
from pathlib import Path

LIBRARY = sysconfig.get_paths()["stdlib"]
COUNTS = {"rebuilt": 0, "codes": 0}


def is_of_library(filename):
    return filename.startswith((LIBRARY, "<frozen ")) and "site-packages" not in filename


def rebuilt(code):
    """The code put together from copies of its instructions, nested code as well; nothing is taken over as it is."""
    from pyccolo_native.bytecode import Code, Instr

    old = Code.from_code(code)
    new = Code([item.copy() if isinstance(item, Instr) else item for item in old], **old.metadata())
    made = new.to_code(reuse=False)
    COUNTS["rebuilt"] += 1
    COUNTS["codes"] += sum(1 for _ in old.walk())
    return made


def install():
    """Modules are rebuilt from now on; functions that are there are at once."""
    plain = importlib.machinery.SourceFileLoader.get_code

    def get_code(self, fullname):
        code = plain(self, fullname)
        return rebuilt(code) if code is not None and is_of_library(code.co_filename) else code

    import pyccolo_native.bytecode  # what it needs is not in the middle of being rebuilt

    importlib.machinery.SourceFileLoader.get_code = get_code
    for found in gc.get_objects():
        if type(found) is types.FunctionType and is_of_library(found.__code__.co_filename):
            found.__code__ = rebuilt(found.__code__)


def main():
    how, record, module = sys.argv[1:]
    sys.path[0] = str(Path(__file__).resolve().parents[3])
    import pyccolo_native.bytecode  # both ways

    if how == "anew":
        install()
    sys.argv = ["test", "--junit-xml", f"{record}.xml", module]
    try:
        runpy.run_module("test", run_name="__main__", alter_sys=True)
    finally:
        Path(record).write_text(json.dumps(COUNTS))


if __name__ == "__main__":
    main()
