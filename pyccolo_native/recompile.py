"""Code that was loaded before, compiled again with events: its source found, checked, woven, and the code taken out of it."""
from __future__ import annotations

import ast
import linecache
import sys
import warnings
from bisect import bisect_left, bisect_right
from types import CodeType

from . import _native

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LAMBDA = "<lambda>"
_ITERABLE_COROUTINE = 0x100  # set by types.coroutine() when the function is there already
_KIND_FLAGS = 0x04 | 0x08 | 0x20 | 0x80 | 0x200  # *args, **kwargs, generator, coroutine, asynchronous generator


def weave(tree, filename, tracers):
    """The tree woven and its Rewrite: for these tracers, whatever they filter, and for the active ones that want the file."""
    active = _native.TRACER_STACK
    stack = [*active, *(tracer for tracer in tracers if not _is_in(tracer, active))]
    rewriter = tracers[-1].make_ast_rewriter(filename, tracers=stack)
    wants = rewriter.should_instrument_with_tracer
    rewriter.should_instrument_with_tracer = lambda tracer: _is_in(tracer, tracers) or wants(tracer)
    # The file has other code that stays alive.
    rewriter.gc_bookkeeping = False
    current_module = tracers[-1].current_module
    before = current_module[0]
    try:
        with rewriter.tracer_override_context(stack, filename):
            return rewriter.visit_to_compile(tree), rewriter.last_rewrite
    finally:
        del rewriter.should_instrument_with_tracer  # it refers to the rewriter
        current_module[0] = before


def _is_in(tracer, tracers):
    return any(tracer is its for its in tracers)


# ---- Sources


class Source:
    """A text of a file, compiled as it is: what code that was loaded from the file is compared with.

    The functions and classes of the module in which none of the lines is are left out when it compiles. What is imported stays:
    calls of an imported module's functions are compiled in another way than those of methods.
    """

    def __init__(self, text, filename, flags, optimize, lines):
        self._text = text
        self._filename = filename
        self._compile_options = "exec", flags, True, optimize
        self._tree = self._parsed()
        self._left_out = [
            stmt_lines
            for stmt, stmt_lines in zip(self._tree.body, map(_lines_of, self._tree.body))
            if isinstance(stmt, _DEFINITIONS) and not _any_within(lines, *stmt_lines)
        ]
        self._plain = _by_place(_quietly(compile, self._part(self._tree), filename, *self._compile_options))

    def _parsed(self):
        return _quietly(_native.parse, self._text, self._filename)

    def _part(self, module):
        """The module, woven or not, with no more than the statements that matter."""
        left_out = self._left_out
        body = []
        for stmt in module.body:
            index = bisect_right(left_out, (stmt.lineno, float("inf"))) - 1
            if index < 0 or left_out[index][1] < stmt.end_lineno:
                body.append(stmt)
        return ast.Module(body, [])

    def find(self, code):
        """The code in the place of `code`, which it must equal; LookupError says why there is none."""
        candidates = self._plain.get(_place(code), ())
        if code.co_flags & _ITERABLE_COROUTINE:
            code = code.replace(co_flags=code.co_flags & ~_ITERABLE_COROUTINE)
        rewrite = rewrite_of(code)
        if rewrite is None:
            found = [its for its in candidates if is_same(its, code)]
        else:
            found = _alike(candidates, code) if self._is_of(rewrite.tree) else ()
        if not found:
            raise LookupError(
                f"its code is not what {self._filename!r}, line {code.co_firstlineno}, compiles to: the file was changed "
                "since it was loaded, or something else than a plain import made the code"
            )
        if code.co_name == _LAMBDA and self._is_ambiguous(found[0]):
            raise LookupError(f"there are lambdas in line {code.co_firstlineno} that cannot be told apart")
        return found[0]

    def _is_ambiguous(self, code):
        if _span(code) is not None:
            return len(_alike(self._plain[_place(code)], code)) > 1
        # Nothing says in which columns it is; and the compiler makes one code of two that are equal.
        lambdas = [node for node in ast.walk(self._tree) if isinstance(node, ast.Lambda)]
        return sum(node.lineno == code.co_firstlineno and has_its_parameters(node, code) for node in lambdas) > 1

    def _is_of(self, tree):
        """Is the tree, that some code was woven from, in this source?"""
        mine = self._tree
        if isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef)):  # instrumented() weaves just that
            place = type(tree), tree.lineno, tree.col_offset
            functions = (node for node in ast.walk(mine) if type(node) is place[0])
            mine = next((node for node in functions if (node.lineno, node.col_offset) == place[1:]), None)
        return mine is not None and ast.dump(mine, include_attributes=True) == ast.dump(tree, include_attributes=True)

    def woven(self, tracers):
        """The source with events for these tracers, and its Rewrite, which is of the whole module."""
        # Each Rewrite has nodes of its own.
        tree, self._tree = self._tree or self._parsed(), None
        tree, rewrite = weave(tree, self._filename, tracers)
        code = _quietly(_native.compile, self._part(tree), self._filename, *self._compile_options)
        return Woven(_by_place(code)), rewrite


class Woven:
    """The code of a source with events."""

    def __init__(self, by_place):
        self._by_place = by_place

    def find(self, plain, loaded):
        """What can stand in for the loaded code, which is `plain` in the source as it is; LookupError if there is nothing."""
        # What is in a guarded region is there twice: first woven, then plain.
        for code in _alike(self._by_place.get(_place(plain), ()), plain):
            if code.co_freevars == loaded.co_freevars:
                return code.replace(co_flags=code.co_flags | loaded.co_flags & _ITERABLE_COROUTINE)
        raise LookupError(f"line {plain.co_firstlineno}: woven, the source has no code that can stand in for this")


def locate(codes, filename, flags, namespace):
    """The Source that codes of one file came from, the plain code of each, and {index: why it has none}.

    The Source is None if there is nothing to read.
    """
    lines = sorted({code.co_firstlineno for code in codes})
    best, problem = None, f"no source: cannot read {filename!r}"
    for text in _texts(filename, namespace):
        for optimize in _levels():
            try:
                source = Source(text, filename, flags, optimize, lines)
            except (SyntaxError, ValueError) as error:
                problem = f"the source does not compile: {error}"
                break
            found, missing = [], {}
            for index, code in enumerate(codes):
                try:
                    found.append(source.find(code))
                except LookupError as error:
                    found.append(None)
                    missing[index] = error.args[0]
            if best is None or len(missing) < len(best[2]):
                best = source, found, missing
            if not missing:
                return best
    if best is None:
        return None, [None] * len(codes), dict.fromkeys(range(len(codes)), problem)
    return best


def _levels():
    """The levels of optimization that code may have been compiled with, the likely one first."""
    return sorted(range(3), key=lambda level: level != sys.flags.optimize)


def _texts(filename, namespace):
    """What can be read of a file: what is known of it from before, then what it is now."""
    path = filename
    if filename.startswith("<frozen "):
        path = namespace.get("__file__") or filename
    seen = None
    for refresh in (False, True):
        if refresh:
            linecache.checkcache(path)
        text = "".join(linecache.getlines(path, namespace))
        if text and text != seen:
            seen = text
            yield text


def _quietly(function, *arguments):
    """Calls what warns of things in the source, of which the program's own import has warned."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments)


def _lines_of(stmt):
    """The first and the last line of a statement."""
    decorators = getattr(stmt, "decorator_list", ())
    return min([stmt.lineno, *(decorator.lineno for decorator in decorators)]), stmt.end_lineno


def _any_within(lines, first, last):
    """Is one of the sorted lines from first to last?"""
    index = bisect_left(lines, first)
    return index < len(lines) and lines[index] <= last


# ---- Code objects


def rewrite_of(code):
    """The Rewrite that woven code is of, or None."""
    for const in code.co_consts:
        if type(const) is _native.Site:
            return const.rewrite
        found = rewrite_of(const) if isinstance(const, CodeType) else None
        if found is not None:
            return found
    return None


def is_same(one, other):
    """Are two code objects equal in all that running or debugging them shows?"""
    if other.co_filename.startswith("<frozen "):
        one = _frozen(one, other)
    if one != other or one.co_qualname != other.co_qualname or one.co_linetable != other.co_linetable:
        return False
    nested = ([const for const in code.co_consts if isinstance(const, CodeType)] for code in (one, other))
    return all(map(is_same, *nested))


def _frozen(code, frozen):
    """The code with constants as CPython before 3.13 freezes them: its sets become tuples."""
    consts = list(code.co_consts)
    for index, (const, its) in enumerate(zip(consts, frozen.co_consts)):
        if type(const) is frozenset and type(its) is tuple and const == frozenset(its):
            consts[index] = its
    return code.replace(co_consts=tuple(consts))


def has_its_parameters(lam, code):
    """Does a lambda's node have the parameters of this code?"""
    args = lam.args
    rest = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    names = [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs, *rest)]
    return tuple(names) == _parameters(code)


def _by_place(module):
    """{place: the code objects there, in the order of the source}"""
    found = {}
    pending = [module]
    while pending:
        code = pending.pop()
        found.setdefault(_place(code), []).append(code)
        pending.extend(const for const in reversed(code.co_consts) if isinstance(const, CodeType))
    return found


def _place(code):
    return code.co_name, code.co_qualname, code.co_firstlineno


def _parameters(code):
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    return code.co_varnames[:count]


def _alike(candidates, code):
    """Those that are of the same function, woven or not: lambdas of one line are told apart by their columns."""
    signature = _signature(code)
    span = _span(code) if code.co_name == _LAMBDA else None
    return [its for its in candidates if _signature(its) == signature and (span is None or _overlap(span, _span(its)))]


def _signature(code):
    counts = code.co_posonlyargcount, code.co_argcount, code.co_kwonlyargcount
    return _parameters(code), counts, code.co_flags & _KIND_FLAGS


def _span(code):
    """The first and the last position that the code's instructions have, or None if none is known."""
    starts, ends = [], []
    for line, end_line, column, end_column in code.co_positions():
        if None not in (line, end_line, column, end_column) and (line, column) != (end_line, end_column):
            starts.append((line, column))
            ends.append((end_line, end_column))
    return (min(starts), max(ends)) if starts else None


def _overlap(one, other):
    return other is None or (one[0] < other[1] and other[0] < one[1])
