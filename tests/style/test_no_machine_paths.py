"""No file names a folder of the machine it was written on."""
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MACHINE_PATH = re.compile(r"(?<![\w./-])/(?:root|work|home/\w+)/")


def tracked_files():
    """As Git lists them, new ones too; an unpacked source distribution has no Git, and nothing else in it either."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if not (ROOT / ".git").exists():
        return [path for path in ROOT.rglob("*") if path.is_file()]
    names = subprocess.run(command, cwd=ROOT, check=True, text=True, capture_output=True).stdout.split("\0")
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_no_machine_paths():
    found = []
    for path in tracked_files():
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if MACHINE_PATH.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert found == []
