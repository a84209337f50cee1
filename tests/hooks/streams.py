"""Streams of events, as streams_driver.py writes them down, compared."""

import difflib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

DRIVER = Path(__file__).with_name("streams_driver.py")
ROOT = DRIVER.parents[2]
HOOKS = ["settrace", *(["monitoring"] if sys.version_info >= (3, 12) else [])]
OF_FRAMES = "call,line,return,exception"
OF_CALLS = "c_call,c_return,c_exception"

_spec = importlib.util.spec_from_file_location("programs_of_tests", ROOT / "tests" / "transparency" / "corpus.py")
corpus = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(corpus)


class Streams:
    """The same programs, run in every way in processes of their own."""

    def __init__(self, folder, programs, events):
        self.events = events
        self.results = {way: folder / way for way in ("none", "plain", *HOOKS)}
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}
        processes = {}
        for way, results in self.results.items():
            results.mkdir()
            command = [sys.executable, str(DRIVER), way, events, str(results), *map(str, programs)]
            processes[way] = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        for way, process in processes.items():
            errors = process.communicate(timeout=300)[1]
            assert process.returncode == 0 and errors == "", f"{way}: {process.returncode}\n{errors}"

    def of(self, way, name):
        return json.loads((self.results[way] / f"{name}.json").read_text())

    def outcome(self, way, name):
        result = self.of(way, name)
        return result["output"], result["error"]


def without(stream, event):
    return [entry for entry in stream if entry[0] != event]


def is_part_of(few, many):
    """Do the entries of one stream stand in the other, in this order?"""
    rest = iter(many)
    return all(any(entry == its for its in rest) for entry in few)


def shown(plain, ours):
    lines = [[json.dumps(entry) for entry in stream] for stream in (plain, ours)]
    return "\n".join([*difflib.unified_diff(*lines, "plain", "ours", lineterm="", n=3)][:40])
