"""The library under test, its events, and where a subprocess finds it.

PYCCOLO_UNDER_TEST names another module to weave with: `pyccolo` shows what the harness detects in a library that is
not transparent, `plain` that it reports nothing where nothing is woven.
"""

import importlib.util
import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LIBRARY = os.environ.get("PYCCOLO_UNDER_TEST", "pyccolo_native")


def search_path(module=LIBRARY):
    """What a subprocess needs in front of sys.path to import the module that this process would import."""
    spec = importlib.util.find_spec(module.partition(".")[0]) if module != "plain" else None
    if spec is None or spec.origin is None:
        return [str(ROOT)]
    return [str(Path(spec.origin).parent.parent)]


def woven_events():
    """Names of the events that are woven into source, from the one table that lists them."""
    table = (ROOT / "csrc" / "def" / "events.def").read_text()
    return [name for name in re.findall(r"^EVENT\((\w+), \"\w+\", Ast,", table, re.M) if not name.startswith("_")]
