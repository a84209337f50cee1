"""Sends every code object of some folders through a Code and back, in all ways, and counts.

    python -m tests.bytecode.sweep [--jobs N] [--step N] [--way NAME ...] [--problems N] [FOLDER ...]

The folders default to the standard library. The status is 1 if a code object did not come back as it was, a stack is too small,
or fewer than 99.9 % of the stack sizes are CPython's.
"""
import argparse
import multiprocessing
import os
import sys

from . import corpus

SHARE = 0.999
SLICES = 40  # of the files for each job


def sweep(paths, ways, jobs):
    """The Counts of the files, which are handed out in turn."""
    counts = corpus.Counts()
    slices = [paths[number :: jobs * SLICES] for number in range(jobs * SLICES)]
    tasks = [(part, ways) for part in slices if part]
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        for done in pool.imap_unordered(_take, tasks):
            counts.add(done)
    return counts


def _take(task):
    return corpus.take_files(*task)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.bytecode.sweep", description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", default=[corpus.stdlib()], metavar="FOLDER")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--step", type=int, default=1, help="take every so many-th file")
    parser.add_argument("--way", action="append", choices=list(corpus.WAYS), help="only this one (may be repeated)")
    parser.add_argument("--problems", type=int, default=20, help="how many to tell (default: %(default)s)")
    options = parser.parse_args(arguments)
    counts = sweep(corpus.files(options.folders, options.step), tuple(options.way or corpus.WAYS), options.jobs)
    for (path, name, way), told in sorted(counts.problems.items())[: options.problems]:
        print(f"{path}: {name} ({way})", *told, sep="\n    ")
    print(*counts.lines(), sep="\n")
    print(f"{len(counts.problems)} problems")
    few = counts.stack["equal"] < SHARE * counts.codes and "derived" in (options.way or corpus.WAYS)
    return bool(counts.problems) or few


if __name__ == "__main__":
    sys.exit(main())
