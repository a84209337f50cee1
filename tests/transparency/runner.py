"""Runs programs through driver.py in subprocesses and compares what they did."""

import difflib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from . import corpus, library
from .stdlib import EXERCISES
from .variants import Variant

DRIVER = Path(__file__).with_name("driver.py")
STDLIB_DRIVER = Path(__file__).with_name("stdlib_driver.py")
SECONDS = float(os.environ.get("PYCCOLO_TEST_TIMEOUT", "120"))
JOBS = int(os.environ.get("PYCCOLO_TEST_JOBS", "2"))


def start(request, flags=(), driver=DRIVER):
    """One driver process: (exit status or "timeout", lines of JSON, what it wrote to the real stderr)."""
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        [sys.executable, "-P", "-X", "faulthandler", *flags, str(driver)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment,
    )
    try:
        out, err = process.communicate(json.dumps(request), SECONDS)
        status = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        status = "timeout"
    complete = [line for line in out.splitlines() if line.endswith("}")]
    return status, [json.loads(line) for line in complete], err


def run_batch(programs, request, flags=(), driver=DRIVER):
    """Results by program name. A program that takes the process down is reported; the rest goes on in a new process."""
    results, waiting = {}, [str(p) for p in programs]
    while waiting:
        status, lines, err = start({**request, "programs": waiting}, flags, driver)
        for line in lines:
            results[line["program"]] = line
        waiting = [p for p in waiting if os.path.basename(p) not in results]
        if waiting:
            results[os.path.basename(waiting.pop(0))] = {"process_ended": status, "process_stderr": err[-4000:]}
    return results


def in_parallel(batches, run_one):
    """The results of all batches, run on JOBS processes at a time."""
    results = {}
    with ThreadPoolExecutor(JOBS) as pool:
        for part in pool.map(run_one, [batch for batch in batches if batch]):
            results |= part
    return results


def request_for(library_name, variant):
    return {"library": library_name, "sys_path": library.search_path(library_name), **variant.request()}


def run(paths, library_name, variant):
    """Results of programs of the corpus by name."""
    request = request_for(library_name, variant)
    together = [p for p in paths if not corpus.needs_own_process(p)]
    batches = [[p] for p in paths if corpus.needs_own_process(p)] + [together[n::JOBS] for n in range(JOBS)]
    return in_parallel(batches, lambda batch: run_batch(batch, request, variant.flags))


def run_stdlib(modules, library_name, variant):
    """Results of exercises of standard library modules by module name."""
    request = request_for(library_name, variant)
    return in_parallel([modules[n::JOBS] for n in range(JOBS)], lambda batch: run_batch(batch, request, variant.flags, STDLIB_DRIVER))


@lru_cache(maxsize=None)
def plain(flags):
    """What the programs of the corpus do by themselves under these flags of the interpreter."""
    return run(corpus.programs(), "plain", Variant("plain", flags=flags))


@lru_cache(maxsize=None)
def plain_stdlib():
    return run_stdlib(list(EXERCISES), "plain", Variant("plain"))


def differences(expected, found):
    """Human-readable differences between a plain and a woven run; empty when there are none."""
    if problem := [key for key in ("failed_to_weave", "process_ended") if key in found]:
        return [f"{key}: {found[key]}\n{found.get('process_stderr', '')}" for key in problem]
    told = []
    for key in ("status", "frames", "stdout", "stderr"):
        if expected[key] != found[key]:
            told.append(f"{key} differs:\n{shown(expected[key], found[key])}")
    if expected["globals"] != found["globals"]:
        told.append(f"globals differ:\n{shown(lines_of(expected['globals']), lines_of(found['globals']))}")
    if found["reserved"]:
        told.append(f"reserved names in the program's globals: {found['reserved']}")
    if added := [w for w in found["compiler_warnings"] if w not in expected["compiler_warnings"]]:
        told.append(f"compiling the woven tree warns of {added}")
    return told


def lines_of(pairs):
    return "\n".join(f"{name} = {text}" for name, text in pairs)


def shown(expected, found):
    if not isinstance(expected, str):
        expected, found = (json.dumps(side, indent=1) for side in (expected, found))
    diff = difflib.unified_diff(expected.splitlines(), found.splitlines(), "plain", "woven", lineterm="", n=2)
    return "\n".join([*diff][:60])
