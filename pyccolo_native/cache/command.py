"""`pyc cache`: what is in the cache of instrumented code, and why something is not.

    pyc cache info
    pyc cache clear
    pyc cache --explain -t package.module.Tracer [-t Another] [file.py ...]"""
from __future__ import annotations

import argparse
import os
import sys

from . import clear, explain, info


def _parser():
    parser = argparse.ArgumentParser(
        prog="pyc cache",
        usage="pyc cache info | clear | --explain -t TRACER [-t TRACER ...] [FILE ...]",
        description="The cache of instrumented code: what is in it, empty it, why something is or is not cached.",
        allow_abbrev=False,
    )
    parser.add_argument("words", nargs="*", metavar="info | clear | FILE", help="what to do; with --explain: files to be woven")
    parser.add_argument("--explain", action="store_true", help="say whether what these tracers weave is cached, and why not")
    parser.add_argument("-t", "--tracer", action="append", default=[], help="a tracer class, package.module.Class")
    return parser


def main(arguments):
    """Runs `pyc cache` with these arguments; returns the exit status."""
    parser = _parser()
    args = parser.parse_args(arguments)
    if args.explain:
        return _explain([ref for value in args.tracer for ref in value.split(",") if ref], args.words)
    if args.tracer:
        parser.error("-t goes with --explain")
    if args.words not in (["info"], ["clear"]):
        parser.error("say info, clear or --explain")
    try:
        return _info() if args.words == ["info"] else _clear()
    except OSError as error:
        return _failed(error)


def _failed(error):
    print(f"pyc cache: {error}", file=sys.stderr)
    return 2


def _info():
    found = info()
    print(f"folder   {found['folder']}")
    print(f"entries  {found['entries']}")
    print(f"size     {_size(found['bytes'])} of at most {_size(found['limit'])}")
    return 0


def _clear():
    count, total = clear()
    print(f"removed {count} entries, {_size(total)}")
    return 0


def _size(count):
    for unit in ("bytes", "KB", "MB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GB"


def _explain(refs, files):
    from ..utils import resolve_tracer

    if not refs:
        return _failed("--explain needs a tracer: -t package.module.Class")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    tracers = []
    for ref in refs:
        try:
            tracers.append(resolve_tracer(ref).instance())
        except Exception as error:
            return _failed(f"cannot use the tracer {ref}: {error}")
    try:
        for file in files or [None]:
            _print_explanation(file, explain(tracers, None if file is None else os.path.abspath(file)))
    except OSError as error:
        return _failed(error)
    return 0


def _print_explanation(file, found):
    what = "what these tracers weave" if file is None else file
    if not found["cached"]:
        print(f"{what} is not cached:")
        for reason in found["reasons"]:
            print(f"  {reason}")
        return
    if file is None:
        print(f"{what} is cached")
    else:
        print(f"{what} is {'in the cache: ' + found['entry'] if found['entry'] else 'to be cached when it is imported first'}")
    for line in found["key"].splitlines():
        print(f"  {line}")
