"""benchmarks/bytecode.py: code objects of the standard library read, listed and put together again, beside `bytecode` and dis.

All code of the library but its tests. Where nested code is assembled with what is around it, modules are given, so that each code
object is assembled once. What a peer cannot do counts against it by no more than the time it took to say so.
"""

from __future__ import annotations

import dis
import functools
import gc
import importlib
import importlib.util
import types
import warnings
from time import perf_counter
from typing import Any, Callable, Iterator, Optional

from benchmarks.figures import Bar, Row, ratio
from benchmarks.memory import grown, malloc_bytes
from benchmarks.peers import BYTECODE, OURS, PLAIN
from benchmarks.stdlib import stdlib_files

TITLE = "Bytecode"
ROUNDS = 5
TESTS = {"test", "tests", "idle_test"}
SPEEDS: dict[str, dict[str, int]] = {  # rounds by peer
    "round trip": {OURS: ROUNDS, BYTECODE: 2},
    "given back": {OURS: ROUNDS},
    "anew": {OURS: ROUNDS},
    "untouched": {OURS: ROUNDS},
    "list": {OURS: ROUNDS, PLAIN: 3, BYTECODE: 2},
}
MEMORY: dict[str, dict[str, int]] = {
    "memory untouched": {OURS: 1},
    "memory": {OURS: 1, PLAIN: 1, BYTECODE: 1},
}

WHOLE = {"round trip", "given back", "anew"}  # nested code goes with what is around it, in ours

Action = Callable[[types.CodeType], Any]


def FRESH(case: str) -> bool:
    """Memory is measured in a process of its own."""
    return case in MEMORY


def environment(case: str) -> dict[str, str]:
    return {"PYTHONMALLOC": "malloc"} if case in MEMORY else {}


def cases(quick: bool) -> dict[str, dict[str, int]]:
    return {**SPEEDS, **MEMORY}


def walk(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from walk(constant)


@functools.cache
def modules(quick: bool) -> list[types.CodeType]:
    """The code objects of modules, in the order of the files."""
    found = []
    for path in stdlib_files(quick):
        if TESTS.isdisjoint(path.parts):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found.append(compile(path.read_bytes(), str(path), "exec", dont_inherit=True))
            except (SyntaxError, ValueError):
                continue
    gc.collect()
    gc.freeze()  # so that collections are about what is measured
    return found


@functools.cache
def codes(quick: bool) -> list[types.CodeType]:
    """They and all inside them."""
    return [code for module in modules(quick) for code in walk(module)]


def actions(peer: str, module: str) -> dict[str, Action]:
    """What each case does to one code object."""
    if peer == PLAIN:
        return {"list": lambda code: list(dis.get_instructions(code)), "memory": lambda code: list(dis.get_instructions(code))}
    if peer == BYTECODE:
        Bytecode = importlib.import_module("bytecode").Bytecode
        return {
            "round trip": lambda code: Bytecode.from_code(code).to_code(),
            "list": Bytecode.from_code,
            "memory": Bytecode.from_code,
        }
    bc = importlib.import_module(f"{module}.bytecode")
    Code, Instr = bc.Code, bc.Instr

    def look(code: Any) -> Any:
        for item in code:
            if type(item) is Instr:
                item.name, item.arg, item.offset
        return code

    def look_at_all(code: Any) -> Any:
        for one in code.walk():
            look(one)
        return code

    return {
        "round trip": lambda code: look_at_all(Code.from_code(code)).to_code(reuse=False),
        "given back": lambda code: look_at_all(Code.from_code(code)).to_code(),
        "anew": lambda code: Code.from_code(code).to_code(reuse=False),
        "untouched": lambda code: Code.from_code(code).to_code(),
        "list": lambda code: look(Code.from_code(code)),
        "memory untouched": Code.from_code,
        "memory": lambda code: look(Code.from_code(code)),
    }


def on_all(action: Action, those: list[types.CodeType]) -> list[Any]:
    """What the action gives for each; no more than one in a hundred may fail."""
    made, failed = [], 0
    for code in those:
        try:
            made.append(action(code))
        except Exception:
            failed += 1
            if failed * 100 > len(those):
                raise
    return made


def seconds(action: Action, those: list[types.CodeType]) -> float:
    """Of all of them; results are dropped at once, as whoever goes through many would."""
    gc.collect()
    start = perf_counter()
    for code in those:
        try:
            action(code)
        except Exception:
            continue
    return perf_counter() - start


@functools.cache
def instruction_count(quick: bool) -> int:
    return sum(1 for code in codes(quick) for its in dis.get_instructions(code) if its.opname not in ("CACHE", "EXTENDED_ARG"))


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    those = codes(quick)
    known = actions(peer, module)

    def sample(case: str) -> dict[str, float]:
        action = known[case]
        if case in MEMORY:
            instructions = instruction_count(quick)
            on_all(action, those[:20])  # what is made only once
            kept, made = grown(malloc_bytes, lambda: on_all(action, those))
            if kept is None:
                return {}
            return {"instruction": kept / instructions, "code": kept / len(made)}
        given = modules(quick) if peer == OURS and case in WHOLE else those
        on_all(action, given[:: max(1, len(given) // 100)])
        return {"each second": len(those) / seconds(action, given)}

    return sample


def faster_than(tool: str, ours: Optional[float], other: Optional[float], limit: float) -> Bar:
    return Bar(f"at least {limit:g} times faster than {tool}", limit, ratio(ours, other), at_least=True)


def at_least(limit: float, ours: Optional[float]) -> Bar:
    return Bar(f"at least {limit:,.0f} a second", limit, ours, at_least=True, unit="/s")


def at_most(limit: float, ours: Optional[float]) -> Bar:
    return Bar(f"at most {limit:g} bytes an instruction", limit, ours, unit="B")


def row(what: str, unit: str, missing: bool, **figures: Any) -> Row:
    if missing and importlib.util.find_spec("bytecode") is None:
        what += "; bytecode: not measured: it is not installed"
    return Row(what, unit, group=what.partition(";")[0] if figures.get("bars") else "", **figures)


def rows(medians: Any, quick: bool) -> list[Row]:
    def speed(case: str, peer: str) -> Optional[float]:
        return medians(case, peer, "each second")

    trip, their_trip = speed("round trip", OURS), speed("round trip", BYTECODE)
    listed, dis_listed = speed("list", OURS), speed("list", PLAIN)
    untouched = speed("untouched", OURS)
    untouched_memory = medians("memory untouched", OURS, "instruction")
    memory = {peer: medians("memory", peer, "instruction") for peer in (OURS, PLAIN, BYTECODE)}
    return [
        row(
            "code objects read, each instruction looked at, assembled anew; other: bytecode",
            "/s",
            their_trip is None,
            ours=trip,
            other=their_trip,
            bars=[faster_than("bytecode", trip, their_trip, 30)],
        ),
        row("… read, each instruction looked at, and to_code()", "/s", False, ours=speed("given back", OURS)),
        row("… read and assembled anew, not looked at", "/s", False, ours=speed("anew", OURS)),
        row("code objects read and given back, untouched", "/s", False, ours=untouched, bars=[at_least(100_000, untouched)]),
        row(
            "code objects whose instructions are listed; plain: dis, other: bytecode",
            "/s",
            speed("list", BYTECODE) is None,
            ours=listed,
            plain=dis_listed,
            other=speed("list", BYTECODE),
            bars=[faster_than("dis.get_instructions", listed, dis_listed, 10)],
        ),
        row("memory of an untouched Code", "B", False, ours=medians("memory untouched", OURS, "code")),
        row("memory of an untouched Code, by instruction", "B", False, ours=untouched_memory, bars=[at_most(150, untouched_memory)]),
        row(
            "memory of instructions once looked at, each; plain: dis, other: bytecode",
            "B",
            memory[BYTECODE] is None,
            ours=memory[OURS],
            plain=memory[PLAIN],
            other=memory[BYTECODE],
            bars=[at_most(150, memory[OURS])],
        ),
    ]
