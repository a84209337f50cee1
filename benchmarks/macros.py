"""benchmarks/macros.py: macro expansion: 4,000 small fragments expanded, woven and run inside handlers.

A program of subscripts `macro[…]`, each of which a handler of before_subscript_slice expands as programs built on
Pyccolo do. Four ways, a thousand fragments each: source built and run with exec_fragment(), source parsed with
parse_fragment() and run with exec_raw(), a copy of the node rewritten and evaluated with eval(), and with exec().
"""

from __future__ import annotations

import ast
import importlib
from typing import Any, Callable

from benchmarks import timing, tracers
from benchmarks.figures import Row, faster
from benchmarks.peers import OURS, PYCCOLO

TITLE = "Macro expansion in handlers"
ROUNDS = 3
FRAGMENTS = {True: 250, False: 1000}  # of each way, by whether it is to be quick
HEARD = ("load_name", "after_binop", "after_call", "after_int", "after_stmt")
WAYS = {
    "exec_fragment": "source, exec_fragment()",
    "parse_fragment": "source, parse_fragment() and exec_raw()",
    "eval": "a copy of the node, rewritten, eval()",
    "exec": "a copy of the node, rewritten, exec()",
}
FILE = "<program with macros>"


class Placeholders(ast.NodeTransformer):
    """`_` becomes the name of a variable."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name("item", node.ctx), node) if node.id == "_" else node


def program(fragments: int) -> str:
    """As many macros as that, no two alike."""
    return "".join(f"total += macro[_ * {number} + same(_ - 1) + {number % 7}]\n" for number in range(fragments))


def expected(fragments: int) -> int:
    return sum(3 * number + 2 + number % 7 for number in range(fragments))


class Macro:
    """What `macro` is: a subscript gives the key, which the handler has computed."""

    def __getitem__(self, value: Any) -> Any:
        return value


def make_expander(pyc: Any, way: str) -> Any:
    """A tracer whose handler expands `macro[…]`, beside handlers that hear what the fragments do."""
    mapper = importlib.import_module(f"{pyc.__name__}.stmt_mapper").StatementMapper
    heard = tracers.make_star()
    made: dict[str, int] = {"fragments": 0}

    def names(frame: Any) -> dict[str, Any]:
        return {"item": 3, "same": frame.f_globals["same"]}

    def source_of(node: Any) -> str:
        number = node.slice.left.left.right.value
        return f"result = item * {number} + same(item - 1) + {node.slice.right.value}\n"

    def copied(node: ast.Subscript) -> ast.expr:
        return Placeholders().visit(mapper.bookkeeping_propagating_copy(node.slice))

    def by_exec_fragment(self: Any, node: ast.Subscript, frame: Any) -> Any:
        return self.exec_fragment(source_of(node), frame.f_globals, names(frame))["result"]

    def by_parse_fragment(self: Any, node: ast.Subscript, frame: Any) -> Any:
        local_env = names(frame)
        name = self.make_sandbox_fname()
        self.exec_raw(self.parse_fragment(source_of(node), filename=name), frame.f_globals, local_env, name, instrument=False)
        return local_env["result"]

    def by_eval(self: Any, node: ast.Subscript, frame: Any) -> Any:
        return self.eval(copied(node), frame.f_globals, names(frame))

    def by_exec(self: Any, node: ast.Subscript, frame: Any) -> Any:
        target = ast.copy_location(ast.Name("result", ast.Store()), node)
        assignment = ast.copy_location(ast.Assign([target], copied(node)), node)
        return self.exec(assignment, frame.f_globals, names(frame))["result"]

    expand = {
        "exec_fragment": by_exec_fragment,
        "parse_fragment": by_parse_fragment,
        "eval": by_eval,
        "exec": by_exec,
    }[way]

    def handle(self: Any, ret: Any, node: Any, frame: Any, *_: Any, **__: Any) -> Any:
        if not isinstance(node.value, ast.Name) or node.value.id != "macro":
            return ret
        made["fragments"] += 1
        value = expand(self, node, frame)
        return lambda: value

    for event in HEARD:
        pyc.register_handler(getattr(pyc, event))(heard)
    pyc.register_handler(pyc.before_subscript_slice)(handle)
    members = {"instrument_all_files": True, "heard": heard, "handle": handle, "made": made}
    return type(pyc.BaseTracer)("Expanding", (pyc.BaseTracer,), members).instance()


def cases(quick: bool) -> dict[str, dict[str, int]]:
    return {way: {OURS: ROUNDS, PYCCOLO: ROUNDS} for way in WAYS}


def prepare(peer: str, module: str, quick: bool) -> Callable[[str], dict[str, float]]:
    pyc = importlib.import_module(module)
    fragments = FRAGMENTS[quick]

    def sample(way: str) -> dict[str, float]:
        tracer = make_expander(pyc, way)
        with tracer:
            code = tracers.weave(tracer, program(fragments), FILE)

            def run() -> None:
                names = {"macro": Macro(), "same": lambda x: x, "total": 0}
                exec(code, names)
                if names["total"] != expected(fragments):
                    raise RuntimeError(f"{way}: {names['total']} is not {expected(fragments)}")

            figures = timing.Interleaved({"run": run}, 0.0, 1 if peer == PYCCOLO else 3).sample()
        if tracer.made["fragments"] % fragments or not tracer.made["fragments"]:
            raise RuntimeError(f"{way}: {tracer.made['fragments']} fragments were expanded, not {fragments} a run")
        return figures

    return sample


def rows(medians: Any, quick: bool) -> list[Row]:
    told = []
    ours = [medians(way, OURS, "run") for way in WAYS]
    pyccolo = [medians(way, PYCCOLO, "run") for way in WAYS]
    total = [sum(its) if None not in its else None for its in (ours, pyccolo)]
    what = f"macro expansion: {len(WAYS) * FRAGMENTS[quick]:,} fragments in handlers"
    told.append(Row(what, "s", total[0], total[1], None, [faster(total[1], total[0], 10)], what))
    for way, mine, theirs in zip(WAYS, ours, pyccolo):
        told.append(Row(f"  {WAYS[way]}", "s", mine, theirs))
    return told
