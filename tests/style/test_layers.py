"""The layers of csrc/ (docs: architecture): includes go strictly down, and what is special stays in its place."""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CSRC = ROOT / "csrc"

LINES = [
    ("core",),
    ("py", "bytecode", "flow"),
    ("compat",),
    ("ast",),
    ("site",),
    ("rewrite", "dispatch", "augment", "codeobject"),
    ("hooks",),
    ("module",),
]
LAYERS = {layer: height for height, line in enumerate(LINES) for layer in line}
MAX_LINES = {".cpp": 600, ".c": 600, ".hpp": 300, ".h": 300, ".py": 700}

# file: why it may be longer
LONG_FILES: dict[str, str] = {}

VAGUE_NAMES = {"utils", "util", "helpers", "common", "misc", "manager"}


def sources():
    return [path for path in sorted(CSRC.rglob("*")) if path.suffix in (".c", ".h", ".cpp", ".hpp")]


def name(path):
    return path.relative_to(CSRC).as_posix()


def test_every_source_is_in_a_layer():
    assert [name(path) for path in sources() if path.relative_to(CSRC).parts[0] not in LAYERS] == []


def test_includes_go_strictly_down():
    wrong = []
    for path in sources():
        layer = path.relative_to(CSRC).parts[0]
        for include in re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(), re.M):
            target = include.split("/")[0]
            if target in (layer, "def") or (layer == "compat" and path.suffix == ".c" and target == "internal"):
                continue
            if target not in LAYERS or LAYERS[target] >= LAYERS[layer]:
                wrong.append(f'{name(path)}: "{include}"')
    assert wrong == []


def test_only_py_and_the_c_side_of_compat_include_python():
    allowed = re.compile(r"py/python\.hpp|compat/[^/]+\.[ch]")
    including = [name(path) for path in sources() if re.search(r"#\s*include\s*[<\"]Python\.h", path.read_text())]
    assert [path for path in including if not allowed.fullmatch(path)] == []


def test_only_py_and_compat_ask_for_the_version():
    asking = [name(path) for path in sources() if re.search(r"PY_(VERSION_HEX|M[AI][JN]OR_VERSION)", path.read_text())]
    assert [path for path in asking if not path.startswith(("py/", "compat/"))] == []


def test_files_are_small():
    folders = ("csrc", "pyccolo_native", "tests", "tools", "benchmarks", "examples")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in MAX_LINES]
    lengths = {path.relative_to(ROOT).as_posix(): (len(path.read_text().splitlines()), path.suffix) for path in files}
    long = {path for path, (lines, suffix) in lengths.items() if lines > MAX_LINES[suffix]}
    assert long - LONG_FILES.keys() == set()
    assert LONG_FILES.keys() - long == set(), "exempt without need"


def test_files_are_named_after_their_concept():
    assert [name(path) for path in sources() if path.stem in VAGUE_NAMES] == []


def test_the_first_line_says_what_the_file_is():
    """A header names itself and its concept; a source without a header at least has a sentence."""
    wrong = []
    for path in sources():
        first = path.read_text().partition("\n")[0]
        if path.suffix in (".hpp", ".h"):
            described = re.match(rf"(//|/\*) {re.escape(name(path))}: \S", first)
        else:
            described = first.startswith(("//", "/*")) or path.with_suffix(".hpp").exists()
        if not described:
            wrong.append(name(path))
    assert wrong == []
