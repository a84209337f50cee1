"""Runs a file of scenarios, once per hook."""
import json
import os
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
HOOKS = ("settrace", "monitoring") if sys.version_info >= (3, 12) else ("settrace",)


def environment(**more):
    """Without what would trace the processes too: pytest-cov's, and a debugger's."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("COV_CORE", "COVERAGE"))}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**own, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYCCOLO_CACHE_DIR": "", **more}


def python(*arguments, cwd=None, env=None, **options):
    options = {"capture_output": True, "text": True, "timeout": 300, **options}
    command = [sys.executable, "-X", "faulthandler", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd or ROOT, env=environment(**(env or {})), **options)


def scenarios(name):
    return re.findall(r"^def (scenario_\w+)", (HERE / f"scenarios/{name}.py").read_text(), re.M)


@lru_cache(None)
def results(name, hook):
    """scenario: where it differed under a tracer of ours. And what went wrong on the whole."""
    done = python(HERE / "run.py", HERE / f"scenarios/{name}.py", hook)
    found = {}
    for line in done.stdout.splitlines():
        told = json.loads(line)
        found[told["scenario"]] = told["found"]
    return found, (done.returncode, done.stderr)
