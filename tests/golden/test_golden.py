"""What is woven for each event, and for some events together: as the golden files show it.

`make golden` writes them anew; read the diff. A file holds for every Python version, unless there is one beside it that is
named for the last version it holds for: NAME.until-3.11.txt. To make one, copy NAME.txt and regenerate with that Python.
"""
import ast
import re
import sys
from pathlib import Path

import pytest

from pyccolo_native import _native

from .woven import Golden

HERE = Path(__file__).parent
UNTIL = re.compile(r"\.until-3\.(\d+)$")
AST_EVENTS = [name for name, _, origin, *_ in _native.event_table() if origin == "Ast"]
MAIN = sorted(path for path in HERE.glob("*/*.txt") if not UNTIL.search(path.stem))


def overrides(path: Path) -> dict[int, Path]:
    """The files that stand in for this one, by the last minor version they hold for."""
    return {int(UNTIL.search(its.stem)[1]): its for its in sorted(path.parent.glob(f"{path.stem}.until-3.*.txt"))}


def for_this_python(path: Path) -> Path:
    return next((its for last, its in sorted(overrides(path).items()) if sys.version_info.minor <= last), path)


def compiles(tree: ast.AST) -> None:
    tree = tree if isinstance(tree, ast.mod) else ast.Module([tree], [])
    _native.compile(tree, "golden", "eval" if isinstance(tree, ast.Expression) else "exec")


@pytest.mark.parametrize("path", MAIN, ids=[f"{path.parent.name}/{path.stem}" for path in MAIN])
def test_golden(path, request):
    file = for_this_python(path)
    golden = Golden.read(file.read_text())
    if sys.version_info < golden.since:
        pytest.skip(f"syntax of {golden.options['since']}")
    tree = golden.parse()
    pristine = ast.dump(tree, include_attributes=True)
    compiles(tree)
    woven, rewrite = golden.weave(tree, path.stem)
    compiles(woven)
    assert ast.dump(tree, include_attributes=True) == pristine
    text = golden.text(woven, rewrite)
    if request.config.getoption("regenerate"):
        file.write_text(text)
    assert file.read_text() == text


def test_every_event_of_the_tree_has_a_file():
    assert {path.stem for path in MAIN if path.parent.name == "events"} == set(AST_EVENTS)


@pytest.mark.parametrize("event", AST_EVENTS)
def test_the_file_of_an_event_shows_it(event):
    delivered = {"before_assert": "before_stmt", "after_assert": "after_stmt"}.get(event, event)
    _, _, sites = (HERE / f"events/{event}.txt").read_text().rpartition("# --- sites\n")
    assert re.search(rf"^(\+ )?{delivered}[ @]", sites, re.M)


def test_no_file_for_a_version_repeats_another():
    repeated = []
    for path in MAIN:
        texts = [its.read_text() for _, its in sorted(overrides(path).items())] + [path.read_text()]
        repeated += [path.stem for one, next_one in zip(texts, texts[1:]) if one == next_one]
    assert repeated == []
