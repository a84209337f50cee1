"""Programs in processes of their own: for the rest of a process the alias is on, and cannot be switched off."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pyccolo_native_alias as alias  # by itself it does not switch the alias on

HERE = Path(__file__).resolve().parent
ROOT = Path(alias.FOLDER).parents[1]


def plain_environment():
    """Pyccolo is the one that is installed, pyccolo_native the one that is tested."""
    environment = {name: value for name, value in os.environ.items() if name != "PYCCOLO_NATIVE_ALIAS"}
    places = [place for place in environment.get("PYTHONPATH", "").split(os.pathsep) if place and place != alias.FOLDER]
    return {**environment, "PYTHONPATH": os.pathsep.join([str(ROOT), *places])}


def alias_environment():
    return alias.child_environment(plain_environment())


def run(*arguments, environment=None, **options):
    """What `python ARGUMENTS` printed; an error if it failed or said anything on stderr."""
    command = [sys.executable, *map(str, arguments)]
    environment = alias_environment() if environment is None else environment
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, **options)
    assert ended.returncode == 0 and not ended.stderr, f"status {ended.returncode}\n{ended.stdout}{ended.stderr}"
    return ended.stdout


def evaluated(*arguments, **options):
    """What the program printed as JSON."""
    return json.loads(run(*arguments, **options))
