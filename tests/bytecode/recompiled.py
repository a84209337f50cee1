"""CPython's own tests, on the standard library as it is and on one whose code has all been assembled anew: outcomes must not differ.

    python -m tests.bytecode.recompiled [--jobs N] [--seconds S] [MODULE ...]

Each module of the `test` package runs in a process of its own, twice (inside/recompiling.py says how). What differs is run again,
and counts if it differs again.
"""
import argparse
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

INSIDE = Path(__file__).resolve().parent / "inside" / "recompiling.py"
FAILED = 2  # status of the test runner
QUICK = "test_generators", "test_scope", "test_with"
MODULES = (
    *("test_asyncio", "test_abc", "test_argparse", "test_ast", "test_asyncgen", "test_augassign", "test_bdb", "test_binop"),
    *("test_builtin", "test_calendar", "test_call", "test_class", "test_cmd", "test_code", "test_codeop", "test_collections"),
    *("test_compare", "test_compile", "test_configparser", "test_context", "test_contextlib", "test_contextlib_async"),
    *("test_copy", "test_coroutines", "test_csv", "test_dataclasses", "test_datetime", "test_decimal", "test_decorators"),
    *("test_defaultdict", "test_deque", "test_descr", "test_dict", "test_dictcomps", "test_difflib", "test_dis"),
    *("test_doctest", "test_email", "test_enum", "test_except_star", "test_exception_group", "test_exception_variations"),
    *("test_exceptions", "test_extcall", "test_fractions", "test_frame", "test_fstring", "test_funcattrs", "test_functools"),
    *("test_gc", "test_generator_stop", "test_generators", "test_genexps", "test_global", "test_grammar", "test_heapq"),
    *("test_html", "test_importlib", "test_index", "test_ipaddress", "test_iter", "test_itertools", "test_json"),
    *("test_keywordonlyarg", "test_listcomps", "test_logging", "test_metaclass", "test_monitoring", "test_named_expressions"),
    *("test_opcodes", "test_operator", "test_optparse", "test_pathlib", "test_patma", "test_pdb", "test_pep646_syntax"),
    *("test_pkgutil", "test_positional_only_arg", "test_pprint", "test_property", "test_queue", "test_raise", "test_random"),
    *("test_re", "test_runpy", "test_scope", "test_set", "test_setcomps", "test_shlex", "test_shutil", "test_slice"),
    *("test_sort", "test_statistics", "test_string", "test_subclassinit", "test_super", "test_syntax", "test_sys_setprofile"),
    *("test_sys_settrace", "test_textwrap", "test_tokenize", "test_traceback", "test_tuple", "test_type_annotations"),
    *("test_type_params", "test_types", "test_typing", "test_unittest", "test_unpack", "test_unpack_ex", "test_userdict"),
    *("test_weakref", "test_with", "test_xml_etree", "test_yield_from", "test_zipfile"),
)

# Tests that notice it, and why that is no fault.
KNOWN = {
    "test.test_bdb.StateTestCase.test_skip": "while a module is imported, it sees the functions that assemble code",
    "test.test_compile.TestSpecifics.test_merge_code_attrs": "equal bytes are one object in all code that was compiled together",
    "test.test_compile.TestSpecifics.test_merge_constants": "equal tuples are one object in all code that was compiled together",
}


class Outcome:
    """How one run of a module ended.

    Attributes:
        status: of the process.
        tests: {test: "passed", "failed", "error" or "skipped"}.
        codes: how many code objects were assembled anew.
        text: what was printed.
    """

    def __init__(self, status, tests, codes, text, seconds):
        self.status, self.tests, self.codes, self.text, self.seconds = status, tests, codes, text, seconds


def has(module):
    """Not every version has every module, not every Python its tests."""
    try:
        return importlib.util.find_spec(f"test.{module}") is not None
    except ModuleNotFoundError:
        return False


def run(module, how, seconds=600):
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "record"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
        environment |= {"PYTHONFAULTHANDLER": "1", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
        command = [sys.executable, "-X", "frozen_modules=off", str(INSIDE), how, str(record), module]
        start = time.monotonic()
        try:
            ended = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                stdin=subprocess.DEVNULL,
            )
            status, text = ended.returncode, ended.stdout + ended.stderr
        except subprocess.TimeoutExpired:
            status, text = f"no end in {seconds} s", ""
        codes = json.loads(record.read_text())["codes"] if record.exists() else 0
        results = Path(f"{record}.xml")
        tests = read_results(results) if results.exists() else {}
        return Outcome(status, tests, codes, text, time.monotonic() - start)


def read_results(path):
    """{test: outcome} of what the test runner wrote."""
    found = {}
    for case in xml.parse(path).iter("testcase"):
        kinds = {"failure": "failed", "error": "error", "skipped": "skipped"}
        told = next((kinds[part.tag] for part in case if part.tag in kinds), "passed")
        # Some names are there several times, such as those of doctests.
        name = f"{case.get('classname') or ''} {case.get('name')}".strip()
        while name in found:
            name += "'"
        found[name] = told
    return found


def differences(plain, anew):
    """Texts; what is KNOWN is left out."""
    told, known = [], 0
    for test in {**plain.tests, **anew.tests}:
        sides = plain.tests.get(test, "not run"), anew.tests.get(test, "not run")
        if sides[0] == sides[1]:
            continue
        if test in KNOWN:
            known += 1
        else:
            told.append(f"{test}: {sides[0]} plain, {sides[1]} anew")
    if plain.status != anew.status and (told or not known or anew.status != FAILED):
        told.insert(0, f"status: {status_text(plain.status)} plain, {status_text(anew.status)} anew")
    return told


def status_text(status):
    return signal.Signals(-status).name if isinstance(status, int) and status < 0 else str(status)


def compare(module, seconds=600):
    """(plain, anew, what differs) of a module; what does not differ again is not told."""
    plain, anew = run(module, "plain", seconds), run(module, "anew", seconds)
    found = differences(plain, anew)
    if found:
        again = {text for _ in range(2) for text in differences(run(module, "plain", seconds), run(module, "anew", seconds))}
        found = [text for text in found if text in again]
    if not anew.codes:
        found.append("no code was assembled anew")
    return plain, anew, found


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.bytecode.recompiled", description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="of the test package (default: those listed here)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=int, default=600, help="for one run of one module")
    options = parser.parse_args(arguments)
    modules = [module for module in options.modules or MODULES if has(module)]
    tests, failed, codes, start = 0, [], 0, time.monotonic()
    with ThreadPoolExecutor(options.jobs) as pool:
        for module, (plain, anew, found) in zip(modules, pool.map(lambda its: compare(its, options.seconds), modules)):
            tests += len(plain.tests)
            codes += anew.codes
            outcomes = [list(plain.tests.values()).count(kind) for kind in ("passed", "skipped", "failed", "error")]
            told = ", ".join(f"{n} {kind}" for n, kind in zip(outcomes, ("passed", "skipped", "failed", "error")) if n)
            seconds = f"{plain.seconds:.1f} s plain, {anew.seconds:.1f} s anew"
            print(f"{module}: {told} plain; {anew.codes:,} code objects; {seconds}", flush=True)
            if found:
                failed.append(module)
                print(*(f"    DIFFERS {text}" for text in found), *anew.text.splitlines()[-15:], sep="\n")
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"Python {version}: {len(modules)} modules, {tests:,} tests, {codes:,} code objects, {time.monotonic() - start:.0f} s")
    print(f"not as plain: {', '.join(failed) or 'none'}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
