"""What the running interpreter knows of its opcodes, as JSON: python opcode_facts.py

{"version": [3, 12], "extended_arg": number,
 "opcodes": {name: {"number", "caches", "has_arg", "net", "popped", "pushed"}}}
net: {arg: [without a jump, with a jump]}, null where the interpreter refuses the argument.
popped, pushed: {arg: how many}; null below 3.13, and where the headers of the interpreter are not installed.

Specialized, instrumented and pseudo instructions are left out, so are CACHE, EXTENDED_ARG and the like.
"""
import json
import opcode
import re
import sys
import sysconfig
from pathlib import Path

ARGS = [*range(21), 255, 256, 257, 511]
NO_INSTRUCTIONS = {"CACHE", "EXTENDED_ARG", "RESERVED", "ENTER_EXECUTOR", "TRACE_RECORD"}


def compiler_opcodes():
    """{name: number} of what a code object may hold before it runs."""
    specialized = {*getattr(opcode, "_specialized_instructions", ()), *getattr(opcode, "_specialized_opmap", ())}
    return {
        name: number
        for name, number in opcode.opmap.items()
        if number < 256
        and name not in specialized
        and name not in NO_INSTRUCTIONS
        and not name.startswith("INSTRUMENTED_")
    }


def caches_of(name, number):
    if hasattr(opcode, "_inline_cache_entries"):
        entries = opcode._inline_cache_entries
        return entries.get(name, 0) if hasattr(entries, "get") else entries[number]
    return sum(opcode._cache_format.get(name, {}).values())


def takes_argument(number):
    return number in opcode.hasarg if hasattr(opcode, "hasarg") else number >= opcode.HAVE_ARGUMENT


def net_effect(number, arg, jump):
    try:
        return opcode.stack_effect(number, arg if takes_argument(number) else None, jump=jump)
    except (ValueError, RuntimeError):
        return None


def counts_of_header(what):
    """{name: function of the argument} as the interpreter's header has it, or None."""
    header = Path(sysconfig.get_path("include"), "internal", "pycore_opcode_metadata.h")
    if not header.exists():
        return None
    found = re.search(rf"^int _PyOpcode_num_{what}\(.*?\)\s*\{{(.*?)^\}}", header.read_text(), re.M | re.S)
    if found is None:
        return None
    counts = {}
    for name, expression in re.findall(r"case (\w+):\s*return ([^;]+);", found[1]):
        expression = re.sub(r"\(\(?([^()?]+|\([^()]+\))\)? \? (\w+) : (\w+)\)", r"(\2 if \1 else \3)", expression)
        counts[name] = eval(f"lambda oparg: {expression}", {})  # an expression in oparg and integers
    return counts


def facts():
    popped, pushed = counts_of_header("popped"), counts_of_header("pushed")

    def counted(counts, name, args):
        return {arg: counts[name](arg) for arg in args} if counts and name in counts else None

    opcodes = {}
    for name, number in sorted(compiler_opcodes().items()):
        args = ARGS if takes_argument(number) else [0]
        opcodes[name] = {
            "number": number,
            "caches": caches_of(name, number),
            "has_arg": takes_argument(number),
            "net": {arg: [net_effect(number, arg, jump) for jump in (False, True)] for arg in args},
            "popped": counted(popped, name, args),
            "pushed": counted(pushed, name, args),
        }
    return {"version": sys.version_info[:2], "extended_arg": opcode.opmap["EXTENDED_ARG"], "opcodes": opcodes}


if __name__ == "__main__":
    json.dump(facts(), sys.stdout, indent=1)
