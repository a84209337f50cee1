"""The reference page names everything."""
import re
from pathlib import Path

from pyccolo_native import bytecode
from pyccolo_native.bytecode import Code, Instr, emit, foreign, patterns

PAGE = (Path(__file__).resolve().parents[2] / "docs/reference/bytecode.md").read_text()
WORDS = set(re.findall(r"\w+", PAGE))


def public(namespace):
    return {name for name in vars(namespace) if not name.startswith("_")}


def own(module):
    return {name for name in public(module) if getattr(getattr(module, name), "__module__", None) == module.__name__}


def test_every_name_is_on_the_page():
    assert set(bytecode.__all__) - WORDS == set()
    for module in (emit, patterns, foreign):
        assert own(module) - WORDS == set(), module.__name__
    assert public(Instr) - WORDS == set()
    of_lists = {"append", "clear", "count", "extend", "index", "insert", "pop", "remove", "reverse"}
    assert (public(Code) | public(Code.__base__)) - of_lists - WORDS == set()
