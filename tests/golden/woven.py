"""Woven source in print: what a golden file holds.

A golden file begins with its options, one `# name: value` a line:

    events   whose handlers there are; the name of the file if it is not said
    guards   "off": no tracer wants region guards
    local    the name of the local guard of every handler
    exempt   events whose handlers are exempt from guards
    tree     "module", or "expression" or "function": what is woven of the source
    since    the first Python that can parse the source

and goes on with the source, the woven source and the sites. A site is called event@line:column, after the place of its
node. Where that would name two, the end of the node is added; and where that does, too, a '. Sites are listed in the order
they are made. One with a + is not called from the woven source: its event follows another and gets the value that it
leaves. Keywords that are ids show the node.
"""
from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass

import pyccolo_native as pyc
from pyccolo_native import _native

SECTION = re.compile(r"^# --- (source|woven|sites)\n", re.M)
OPTION = re.compile(r"^# (\w+): (.*)$", re.M)
GUARD = re.compile(r"_X5ix_PYCCOLO_GUARD_(\d+)")
OURS = re.compile(r"(?:-\d{19}|\b_X5ix_PYCCOLO_\w+)\b")
BUILTINS = {
    "_X5ix_PYCCOLO_EVT_EMIT": "emit",
    "_X5ix_PYCCOLO_EXEC_SAVED_THUNK": "run",
    "_X5ix_PYCCOLO_SLICE": "make_slice",
    "_X5ix_PYCCOLO_TRACING_ENABLED": "tracing_enabled",
    "_X5ix_PYCCOLO_FUNCTION_TRACING_ENABLED": "function_tracing_enabled",
}


@dataclass
class Golden:
    head: str
    source: str

    @classmethod
    def read(cls, text: str) -> Golden:
        head, *sections = SECTION.split(text)
        return cls(head, dict(zip(sections[::2], sections[1::2]))["source"])

    @property
    def options(self) -> dict[str, str]:
        return dict(OPTION.findall(self.head))

    @property
    def since(self) -> tuple[int, ...]:
        return tuple(map(int, self.options.get("since", "3").split(".")))

    def parse(self) -> ast.AST:
        kind = self.options.get("tree", "module")
        tree = ast.parse(self.source, mode="eval" if kind == "expression" else "exec")
        return tree.body[0] if kind == "function" else tree

    def weave(self, tree: ast.AST, name: str) -> tuple[ast.AST, _native.Rewrite]:
        """The woven form of the parsed source, and its Rewrite; `name` is the file's."""
        tracer = _make_tracer(self.options.get("events", name).split(), self.options)
        return _native.rewrite(tree, [tracer], name, None)

    def text(self, woven: ast.AST, rewrite: _native.Rewrite) -> str:
        names = _Names(woven, rewrite)
        sites = "".join(names.site_line(*site) for site in rewrite.sites())
        return f"{self.head}# --- source\n{self.source}# --- woven\n{names.woven}\n# --- sites\n{sites}"


def _make_tracer(events: list[str], options: dict[str, str]) -> pyc.BaseTracer:
    def handler(event: str):
        local = options.get("local")
        guard = None if local is None else lambda node: local
        exempt = event in options.get("exempt", "").split()

        @pyc.register_handler(pyc.TraceEvent[event], guard=guard, exempt_from_guards=exempt)
        def handle(self, ret, *_, **__):
            return ret

        return handle

    body = {"global_guards_enabled": options.get("guards") != "off", **{f"on_{event}": handler(event) for event in events}}
    return type("Golden", (pyc.BaseTracer,), body)()


def is_marker(text: str) -> bool:
    return text.lstrip("-").isdigit()


class _Names:
    """What sites, guards and nodes of one rewrite are called."""

    def __init__(self, woven: ast.AST, rewrite: _native.Rewrite) -> None:
        self.nodes = {id(node): node for node in rewrite.nodes()}
        plain = ast.unparse(woven)
        guards = [(f"guard {node}", self.nodes[int(node)]) for node in dict.fromkeys(GUARD.findall(plain))]
        sites = rewrite.sites()
        self.of_node = _placed([(f"{id(node)}", type(node).__name__, node) for node in self.nodes.values() if hasattr(node, "lineno")])
        self.of_guard = _placed([(name, "guard", node) for name, node in guards])
        self.of_site = _placed([(marker, event, node) for marker, event, node, _ in sites])
        self.called = {int(found) for found in OURS.findall(plain) if is_marker(found)}
        self.woven = OURS.sub(self._short, plain)

    def _short(self, found: re.Match) -> str:
        text = found[0]
        if is_marker(text):
            return self.of_site.get(int(text), text)
        guard = GUARD.fullmatch(text)
        return self.of_guard[f"guard {guard[1]}"] if guard else BUILTINS[text]

    def site_line(self, marker: int, event: str, node: ast.AST | None, keywords: dict) -> str:
        words = [self.of_site[marker], type(node).__name__]
        words += [f"{name}={self._value(name, value)}" for name, value in keywords.items()]
        return ("" if marker in self.called else "+ ") + " ".join(words) + "\n"

    def _value(self, name: str, value: object) -> str:
        if value is not None and name.endswith("_node_id"):
            return self.of_node[f"{value}"]
        return OURS.sub(self._short, value) if name == "guard" and value else repr(value)


def _placed(labelled: list[tuple]) -> dict:
    """key -> label@place, for each (key, label, node); no two are the same."""
    starts = Counter()
    for label, node in {(label, node) for _, label, node in labelled}:
        starts[label, _start(node)] += 1
    names = {}
    for key, label, node in labelled:
        name = f"{label}{_start(node)}"
        if starts[label, _start(node)] > 1:
            name += _end(node)
        while name in names.values():
            name += "'"
        names[key] = name
    return names


def _start(node: ast.AST) -> str:
    return f"@{node.lineno}:{node.col_offset}" if hasattr(node, "lineno") else ""


def _end(node: ast.AST) -> str:
    line = f"{node.end_lineno}:" if node.end_lineno != node.lineno else ""
    return f"-{line}{node.end_col_offset}"
