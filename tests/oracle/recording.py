"""Recorders: long-lived subprocesses that run programs under one library, and the comparison of their answers."""

import ast
import difflib
import importlib.util
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from . import differences

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = Path(__file__).with_name("recorder.py")
LIBRARY = os.environ.get("PYCCOLO_UNDER_TEST", "pyccolo_native")
EXAMPLES = int(os.environ.get("PYCCOLO_TEST_EXAMPLES", "150"))
SECONDS = float(os.environ.get("PYCCOLO_TEST_TIMEOUT", "60"))


ANSWERS_PER_PROCESS = 300
"""Pyccolo visits every guard it ever made whenever a tracer is entered: a process that lives long gets slow."""


class RecorderDied(Exception):
    """The process ended, or gave no answer in time."""


class Recorder:
    """One process of recorder.py, started when it is first asked, again after it has died, and now and then."""

    def __init__(self, module):
        self.module = module
        self.process = None
        self.asked = 0

    def start(self):
        spec = importlib.util.find_spec(self.module) if self.module != "plain" else None
        path = str(Path(spec.origin).parent.parent) if spec and spec.origin else str(ROOT)
        self.errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-X", "faulthandler", str(SCRIPT), self.module, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        self.answers = queue.Queue()
        threading.Thread(target=self.read, args=(self.process.stdout, self.answers), daemon=True).start()

    @staticmethod
    def read(stream, answers):
        for line in stream:
            answers.put(line)
        answers.put(None)

    def ask(self, request):
        if self.asked % ANSWERS_PER_PROCESS == 0:
            self.stop()
        self.asked += 1
        if self.process is None:
            self.start()
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.answers.get(timeout=SECONDS)
        except (queue.Empty, BrokenPipeError):
            line = None
        if line is None:
            self.stop()
            self.errors.seek(0)
            raise RecorderDied(f"{self.module} gave no answer to {request}\n{self.errors.read()[-4000:]}")
        return json.loads(line)

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.process = None


def woven_events():
    """Names of the events that are woven into source, from the one table that lists them."""
    table = (ROOT / "csrc" / "def" / "events.def").read_text()
    return [name for name in re.findall(r"^EVENT\((\w+), \"\w+\", Ast,", table, re.M) if not name.startswith("_")]


def observing(source, events, guards=True, entry="module"):
    """A request with one tracer whose handlers only look."""
    return {"source": source, "entry": entry, "guards": guards, "tracers": [{"handlers": [[e, "observe"] for e in events]}]}


def outcome(answer):
    """What a program did, whatever was observed."""
    return answer["weaving"], answer["environment"], differences.qualified_names(answer["error"]), answer["output"]


def shown(ours, theirs):
    lines = [[json.dumps(call) for call in stream] for stream in (theirs, ours)]
    return "\n".join([*difflib.unified_diff(*lines, "Pyccolo", "ours", lineterm="", n=3)][:60])


class Oracle:
    """Asks Pyccolo, the library under test and plain Python about the same programs."""

    def __init__(self, library=LIBRARY, reference="pyccolo"):
        self.plain, self.reference, self.library = Recorder("plain"), Recorder(reference), Recorder(library)
        self.compared = self.discarded = 0

    def stop(self):
        for recorder in (self.plain, self.reference, self.library):
            recorder.stop()

    def reference_answer(self, request):
        """Pyccolo's answer; None where it fails to run the program as Python does."""
        try:
            observed = self.reference.ask(observing_version(request))
            expected = self.plain.ask(request)
            if outcome(observed) != outcome(expected):
                return None
            return observed if request == observing_version(request) else self.reference.ask(request)
        except RecorderDied:
            return None

    def check_invisible(self, request):
        """Ours observes without being noticed. Returns our answer. (Pyccolo, compared with itself, need not.)"""
        ours = self.library.ask(request)
        if self.library.module != self.reference.module:
            assert outcome(ours) == outcome(self.plain.ask(request)), told(request)
        return ours

    def check_stream(self, request):
        """Ours calls the same handlers with the same arguments, in the same order, as Pyccolo. False: not comparable."""
        return self.compare(request, self.check_invisible(request))

    def check_override(self, request):
        """Handlers that replace values change the program in the same way. False: not comparable."""
        return self.compare(request, None)

    def compare(self, request, ours):
        theirs = self.reference_answer(request)
        if theirs is None or theirs["weaving"] or differences.is_broken(theirs):
            self.discarded += 1
            return False
        ours = ours or self.library.ask(request)
        self.compared += 1
        tree = ast.parse(request.get("plain", request["source"]))
        streams = [differences.normalised(answer["stream"], tree, request["guards"]) for answer in (ours, theirs)]
        assert streams[0] == streams[1], f"{told(request)}\n{shown(*streams)}"
        assert outcome(ours) == outcome(theirs), told(request)
        return True


def observing_version(request):
    """The same request with handlers that do nothing."""
    tracers = [{**tracer, "handlers": [[event, "observe"] for event, _ in tracer["handlers"]]} for tracer in request["tracers"]]
    return {**request, "tracers": tracers}


def told(request):
    handlers = [tracer["handlers"] for tracer in request["tracers"]]
    return f"entry {request['entry']}, guards {request['guards']}, handlers {handlers}\n{request['source']}"


def comparable(events, source):
    """The events without those whose difference cannot be normalised in a stream."""
    out = differences.incomparable_events(ast.parse(source))
    return [e for e in events if e not in out]
