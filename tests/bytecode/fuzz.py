"""Functions of the library, changed at random: what verify() accepts must not bring the interpreter to harm.

    python -m tests.bytecode.fuzz [--seconds N] [--seed S] [--jobs N]
    python -m tests.bytecode.fuzz --show SEED NUMBER        lists one case, without running it
    python -m tests.bytecode.fuzz --shrink SEED NUMBER      takes out of it what it does not need to crash

The cases run in other processes (inside/fuzzing.py), with a debugging allocator. A process that a signal ends is a failure. A function
that does not come to an end is none: it is left out, and counted.
"""
import argparse
import os
import selectors
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

INSIDE = Path(__file__).resolve().parent / "inside" / "fuzzing.py"
CASES = 1500  # with one seed
ENOUGH = 30  # failures
PATIENCE = 15  # seconds without a word
FROM_OUTSIDE = {-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}
ENDLESS = 1  # the status of a process that gave up


class Failure:
    """A case that must not be.

    Attributes:
        seed, number: what it follows from.
        how: the signal, or what was wrong.
        text: what the process said of it.
    """

    def __init__(self, seed, number, how, text=""):
        self.seed, self.number, self.how, self.text = seed, number, how, text

    def __str__(self):
        return f"seed {self.seed}, number {self.number}: {self.how}\n{self.text}"


class Result:
    """What became of cases."""

    def __init__(self):
        self.accepted = self.refused = self.hung = 0
        self.failures = []

    def add(self, other):
        self.accepted += other.accepted
        self.refused += other.refused
        self.hung += other.hung
        self.failures += other.failures


def environment():
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONHASHSEED": "0", "PYTHONMALLOC": "debug", "PYTHONDONTWRITEBYTECODE": "1"}


def child(seed, first, count, dropped=(), until=None):
    """Runs cases in one process: a Run; `until`: when it is ended at the latest."""
    read, write = os.pipe()
    command = [sys.executable, str(INSIDE), str(seed), str(first), str(count), ",".join(map(str, dropped))]

    def give():
        os.dup2(write, 3)

    process = subprocess.Popen(
        command,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=(3, write),
        preexec_fn=give,
    )
    os.close(write)
    text, told = b"", b""
    with selectors.DefaultSelector() as selector:
        selector.register(read, selectors.EVENT_READ)
        selector.register(process.stderr, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(PATIENCE if until is None else max(0, min(PATIENCE, until - time.monotonic())))
            if not ready or (until is not None and time.monotonic() > until):
                process.kill()
                ready = [(key, 0) for key in selector.get_map().values()]
            for key, _ in ready:
                part = os.read(key.fd, 1 << 16)
                if not part:
                    selector.unregister(key.fileobj)
                elif key.fd == read:
                    text += part
                else:
                    told = (told + part)[-20000:]
    os.close(read)
    process.stderr.close()
    return Run(process.wait(), first - 1, text.decode("utf-8", "replace"), told.decode("utf-8", "replace"))


class Run:
    """What one process did.

    Attributes:
        status: with which it ended.
        reached: the number of the last case that it told of.
        was_running: whether that case had been accepted.
        errors: (number, text) of what must not be.
        accepted, refused: how many functions.
        is_complete: whether it came to the end.
        printed: what it wrote to stderr.
    """

    def __init__(self, status, reached, text, printed):
        self.status, self.reached, self.printed = status, reached, printed
        self.errors, self.accepted, self.refused, self.is_complete, self.was_running = [], 0, 0, False, False
        for line in text.splitlines():
            kind, number, rest = line.split(" ", 2)
            self.reached = int(number)
            if kind == "E":
                self.errors.append((self.reached, rest))
            else:
                self.accepted, self.refused = map(int, rest.split())
                self.is_complete, self.was_running = kind == "N", kind == "R"


def fuzz_seed(seed, until, cases=CASES):
    """The Result of all cases of one seed, as far as time allows."""
    result, first = Result(), 0
    while first < cases and time.monotonic() < until and len(result.failures) < ENOUGH:
        run = child(seed, first, cases - first, until=until)
        result.accepted += run.accepted
        result.refused += run.refused
        result.failures += [Failure(seed, number, what) for number, what in run.errors]
        is_over = time.monotonic() > until and run.status == -signal.SIGKILL
        if is_over or run.status in FROM_OUTSIDE or (run.status == 0 and run.is_complete):
            break
        if run.status == -signal.SIGKILL or (run.status == ENDLESS and run.was_running):
            result.hung += 1
        elif run.status < 0:
            result.failures.append(crash(seed, run))
        else:
            result.failures.append(Failure(seed, run.reached, f"status {run.status}", run.printed[-3000:]))
        first = run.reached + 1
    return result


def crash(seed, run):
    """The Failure of a process that a signal ended."""
    number, how = run.reached, signal.Signals(-run.status).name
    how += " when run" if run.was_running else " before it was accepted"
    how += ", alone too" if child(seed, number, 1).status < 0 else f", not alone (the cases before {number} matter)"
    return Failure(seed, number, how, f"{run.printed[-2500:]}\n{show(seed, number)}")


def show(seed, number, dropped=()):
    """The listing of a case, and what was done to the function. It is made in this process, and not run."""
    program = (
        "import sys; sys.path[:0] = [sys.argv[1], sys.argv[2]]; import fuzzing; from tests.bytecode import fuzz; "
        "print(fuzz.listed(fuzzing, int(sys.argv[3]), int(sys.argv[4]), eval(sys.argv[5])))"
    )
    arguments = [str(INSIDE.parent), str(INSIDE.parents[3]), str(seed), str(number), repr(list(dropped))]
    told = subprocess.run([sys.executable, "-c", program, *arguments], env=environment(), capture_output=True, text=True, errors="replace")
    return told.stdout + told.stderr


def listed(fuzzing, seed, number, dropped):
    path, changed, told = fuzzing.make(seed, number, fuzzing.sources(seed), dropped)
    lines = [f"{changed.qualname} of {path}, line {changed.firstlineno}", *(f"  {text}" for text in told)]
    attributes = {name: value for name, value in changed.metadata().items() if name not in ("consts", "names", "filename")}
    lines += [f"  {attributes}", *(f"{index:4} {item!r}" for index, item in enumerate(changed))]
    return "\n".join(lines)


def shrink(seed, number, seconds=120):
    """The listing of the case with as few items as still crash."""
    count = sum(line[:5].strip().isdigit() for line in show(seed, number).splitlines())
    dropped, until = [], time.monotonic() + seconds
    size = max(1, count // 2)
    while size and time.monotonic() < until:
        gained = False
        for begin in range(count - size, -1, -max(1, size // 2)):
            trial = sorted({*dropped, *range(begin, begin + size)})
            if trial != dropped and child(seed, number, 1, trial).status < 0:
                dropped, gained = trial, True
        size = size if gained and size > 1 else size // 2
    return show(seed, number, dropped)


def fuzz(seed, seconds, jobs=1, say=None):
    """The Result of as many cases as there is time for."""
    until, total, seeds = time.monotonic() + seconds, Result(), iter(range(seed, seed + 1_000_000))

    def work():
        while time.monotonic() < until and len(total.failures) < ENOUGH:
            done = fuzz_seed(next(seeds), until)
            total.add(done)
            for failure in done.failures if say else ():
                say(failure)

    with ThreadPoolExecutor(jobs) as pool:
        for worker in [pool.submit(work) for _ in range(jobs)]:
            worker.result()
    return total


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.bytecode.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0, help="the first one; further ones follow")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--show", nargs=2, type=int, metavar=("SEED", "NUMBER"))
    parser.add_argument("--shrink", nargs=2, type=int, metavar=("SEED", "NUMBER"))
    options = parser.parse_args(arguments)
    if options.show or options.shrink:
        print(show(*options.show) if options.show else shrink(*options.shrink))
        return 0
    result = fuzz(options.seed, options.seconds, options.jobs, say=lambda failure: print(failure, flush=True))
    print(
        f"Python {'.'.join(map(str, sys.version_info[:3]))}: {result.accepted:,} functions accepted and run, {result.refused:,} refused, "
        f"{result.hung} without end, {len(result.failures)} failures"
    )
    return bool(result.failures)


if __name__ == "__main__":
    sys.exit(main())
