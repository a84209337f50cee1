"""The Python code of README.md and docs/ runs and prints what is said there; links lead somewhere."""
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pyccolo_native

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PACKAGE_PARENT = Path(pyccolo_native.__file__).resolve().parents[1]
RUNNER = Path(__file__).with_name("pages.py")
LINK = re.compile(r"\]\(([^)\s]+)\)")

_spec = importlib.util.spec_from_file_location("pages", RUNNER)
pages = importlib.util.module_from_spec(_spec)
sys.modules["pages"] = pages
_spec.loader.exec_module(pages)


def name_of(page):
    return str(page.relative_to(ROOT))


WITH_CODE = [page for page in PAGES if pages.programs(page.read_text("utf-8"))]


@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_code_of_a_page_runs(page, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE_PARENT), "PYTHONIOENCODING": "utf-8"}
    told = subprocess.run(
        [sys.executable, str(RUNNER), str(page)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert told.returncode == 0, told.stderr
    assert told.stderr == "", "a handler raised"


def anchors(page):
    """The names that links into a page may use: its headings, as GitHub spells them, and <a name>."""
    text = page.read_text("utf-8")
    found = set(re.findall(r'<a name="([^"]+)">', text))
    for heading in re.findall(r"^#+ +(.+)$", text, re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(plain.replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_of_a_page_lead_somewhere(page):
    for target in LINK.findall(page.read_text("utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        assert linked.exists(), f"{target} does not exist"
        assert not anchor or anchor in anchors(linked), f"{target}: no such heading"


def test_a_page_that_prints_something_else_is_an_error(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1)\n```\n\n```text output\n2\n```\n")
    with pytest.raises(AssertionError, match="line 2: printed"):
        pages.run(page)


def test_blocks_not_to_be_run_are_left_out():
    page = "```python no-run\n1 / 0\n```\n```python\nx = 1\n```\n```sh\nfalse\n```\n"
    assert [program.block.text for program in pages.programs(page)] == ["x = 1\n"]
