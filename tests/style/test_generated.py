"""What is generated from csrc/def/*.def and committed is up to date."""
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_generated_files_are_up_to_date():
    done = subprocess.run([sys.executable, ROOT / "tools/gen_events.py", "--check"], text=True, capture_output=True)
    assert done.returncode == 0, f"run `make gen`\n{done.stdout}{done.stderr}"
