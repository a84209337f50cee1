"""What a library makes of programs with syntax of their own: the source, the marks, and the way back. For recorder.py.

Request    {"op": "syntax", "source": program, "mode": "exec" or "eval", "tracers": [{"specs": [names in SPECS]}],
            "positions": [[line, column], …]}
Answer     code        what transform() gives
           positions   where transform() says that the positions are in it
           marks       [node, tokens] for each marked node of parse(instrument=False), in the order of the tree
           back        what untransform() gives for that tree
           again       what untransform() gives for the tree that is parsed of `back`
           error       type and text of what any of these raised, or null
"""

import ast
import importlib
import re
import warnings


class Negate:
    """A custom rewrite: !!NAME is negate(NAME)."""

    pattern = re.compile(r"!!(\w+)")

    def rewrite(self, code, register):
        parts, edits, done, line_starts = [], [], 0, [0]
        for match in self.pattern.finditer(code):
            parts += code[done : match.start()], f"negate({match[1]})"
            edits.append((match.start(), match.end(), len(parts[-1])))
            done = match.end()
        made = "".join([*parts, code[done:]])
        line_starts += [at + 1 for at, char in enumerate(made) if char == "\n"]
        growth = 0
        for start, end, length in edits:
            at = start + growth
            line = sum(first <= at for first in line_starts)
            register(line, at - line_starts[line - 1])
            growth += length - (end - start)
        return made, edits

    def range_for(self, node):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "negate":
            return self.place(node.lineno, node.col_offset)
        return None

    def reverse(self, node, spec, where, code, line_starts):
        start = line_starts[node.lineno - 1] + node.col_offset
        end = line_starts[node.end_lineno - 1] + node.end_col_offset
        return start, end, f"!!{code[start:end][len('negate(') : -1]}"


SPECS = {
    "?.": ("dot_suffix", "?.", "."),
    "?": ("suffix", "?", ""),
    "@@": ("dot_prefix", "@@", ""),
    "$": ("prefix", "$", ""),
    "$_": ("dot_prefix", "$", "_"),
    "$$": ("suffix", "$$", ""),
    "|>": ("binop", "|>", "|"),
    "|>>": ("binop", "|>>", "|"),
    "++": ("binop", "++", "+"),
    " . ": ("binop", " . ", " | "),
    "* ": ("binop", "* ", "| "),
    ". ": ("binop", ". ", "| "),
    "??": ("boolop", "??", " or "),
    "or else": ("boolop", "??", "or"),
    "!(": ("call", "!(", "("),
    "?[": ("subscript", "?[", "["),
    "{}": ("subscript", "{", "[", "}", "]"),
    "table{}": ("subscript", "{", "[", "}", "]", "table|xs"),
    "do{}": ("subscript", "{", "[", "}", "]", "thing", "same"),
    "!!": ("custom", "!!", "negate"),
}


def spec(pyc, name):
    kind, *fields = SPECS[name]
    kind = pyc.AugmentationType[kind]
    if kind is not pyc.AugmentationType.custom:
        return pyc.AugmentationSpec(kind, *fields)
    rewrite = Negate()
    rewrite.place = importlib.import_module(f"{pyc.__name__}.syntax_augmentation").Range.singleton_span
    return pyc.AugmentationSpec(kind, *fields, custom=rewrite)


def members(pyc, names):
    """The attributes of a tracer class that has these specs."""
    return {f"spec_{number}": spec(pyc, name) for number, name in enumerate(names)}


def tokens(tracer, node):
    """The tokens of the augmentations that a node is marked with."""
    return sorted(spec.token for spec in tracer.get_augmentations(node)) if node is not None else []


def answer(tracers, request, describe_node):
    last, source, mode = tracers[-1], request["source"], request["mode"]
    result = {"code": None, "positions": None, "marks": None, "back": None, "again": None, "error": None}
    try:
        result["code"] = last.transform(source, tracers=tracers)
        code, places = last.transform(source, tracers=tracers, positions=[tuple(place) for place in request["positions"]])
        assert code == result["code"], "transform(positions=…) gives other source than transform()"
        result["positions"] = [list(place) for place in places]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = last.parse(source, mode=mode, tracers=tracers, instrument=False)
            found = [[*describe_node(node), tokens(last, node)] for node in preorder(tree)]
            result["marks"] = [mark for mark in found if mark[-1]]
            result["back"] = last.untransform(tree, tracers=tracers)
            tree = last.parse(result["back"], mode=mode, tracers=tracers, instrument=False)
            result["again"] = last.untransform(tree, tracers=tracers)
    except Exception as error:
        result["error"] = [type(error).__name__, str(error)]
    return result


def preorder(node):
    yield node
    for child in ast.iter_child_nodes(node):
        yield from preorder(child)
