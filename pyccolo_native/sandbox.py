"""Source and trees made ready to run: dedented, named, compiled, with the variables of a frame."""
from __future__ import annotations

import ast
import builtins
import sys
from itertools import count
from keyword import iskeyword
from types import FunctionType

from . import _native
from .emit_event import SANDBOX_FNAME_PREFIX
from .tracer_syntax import parsed

_numbers = count(1)
FUTURE_FLAGS = 0x1FE0000  # those that `from __future__` sets in co_flags
_NOT_RETURNED = ("__", "builtins")


def make_sandbox_fname():
    """A file name that no other code has."""
    return f"{SANDBOX_FNAME_PREFIX}-{next(_numbers)}>"


def sandbox_fnames_made():
    """How many there are so far."""
    return int(repr(_numbers)[len("count(") : -1]) - 1  # from 3.14 on a count cannot be looked at in another way


def compile_source(source, filename, tracers=None, mode="exec", flags=0, optimize=-1):
    """The code object of `source`, woven for `tracers` (default: the active ones) that instrument the file."""
    stack = _native.TRACER_STACK if tracers is None else list(tracers)
    if not stack:
        return compile(source, filename, mode, flags, True, optimize)
    rewriter = stack[-1].make_ast_rewriter(filename, tracers=stack)
    return compile_with_rewrite(source, filename, rewriter, stack, mode, flags, optimize)[0]


def compile_with_rewrite(source, filename, rewriter, tracers=(), mode="exec", flags=0, optimize=-1):
    """The code object of `source` as woven by `rewriter`, and the Rewrite it belongs to. `tracers`: whose syntax it has."""
    tree = parsed(source, filename, mode, rewriter, tracers)
    rewriter.mark_and_relocate(tree)
    tree = rewriter.visit_to_compile(tree)
    rewrite = rewriter.last_rewrite
    try:
        return _native.compile(tree, filename, mode, flags, True, optimize), rewrite
    finally:
        _native.release(filename, rewrite)


def environments(global_env, local_env, depth):
    """The globals and locals to run in: those given, else those of the frame `depth` above the caller's."""
    if global_env is None or local_env is None:
        frame = sys._getframe(depth + 1)
        if global_env is None:
            global_env = frame.f_globals
        if local_env is None:
            local_env = frame.f_locals
    return global_env, local_env


def run_in_function(tree, global_env, local_env, filename, drop_tree):
    """Runs a module's body as that of a function with the variables of `local_env`; gives its variables afterwards.

    drop_tree: the tree is compiled this once.
    """
    local_env = dict(local_env)
    names = [name for name in local_env if _is_variable(name)]
    if len(names) != len(local_env):
        local_env = {name: value for name, value in local_env.items() if isinstance(name, str)}
    try:
        code = _native.sandbox_function(tree, names, filename)
    finally:
        if drop_tree:
            _native.release(filename)
    if "__builtins__" not in global_env:
        global_env["__builtins__"] = builtins.__dict__
    result = FunctionType(code, global_env)(**local_env)
    for name in _NOT_RETURNED:
        result.pop(name, None)
    return result


def _is_variable(name):
    # pytest adds names that begin with "@"; whatever is no identifier cannot be a parameter.
    return isinstance(name, str) and name.isidentifier() and not iskeyword(name) and name not in ("__", "__debug__")


def dedented(code):
    """`code` without the indentation of its first line of code, and without empty lines before it."""
    if code[:1] not in (" ", "\t", "\n", "\r", "\f"):
        return code
    lines = code.splitlines(keepends=True)
    while lines and not lines[0].strip():
        del lines[0]
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    margin = first[: len(first) - len(first.lstrip())]
    if not margin:
        return "".join(lines)
    return "".join(line[len(margin) :] if line.startswith(margin) else _without_blanks(line) for line in lines)


def _without_blanks(line):
    """A line that has less indentation than it could lose: none at all if it is blank or a comment."""
    stripped = line.lstrip(" \t\f")
    return stripped if not stripped.strip() or stripped.startswith("#") else line


def as_module(code):
    """What exec() was given, as a module."""
    if isinstance(code, ast.Module):
        return code
    if isinstance(code, ast.stmt):
        return ast.Module([code], [])
    if isinstance(code, ast.Expression):
        code = code.body
    if isinstance(code, ast.expr):
        return ast.Module([ast.copy_location(ast.Expr(code), code)], [])
    raise TypeError(f"exec() takes source, a module or a statement, not {type(code).__name__}")


def as_expression(code):
    """What eval() was given, as an expression."""
    if isinstance(code, ast.Expression):
        return code
    if isinstance(code, ast.expr):
        return ast.Expression(code)
    raise TypeError(f"eval() takes source or an expression, not {type(code).__name__}")


def keep_source(filename, source):
    """Shows `source`, a str or a tree, to tracebacks and inspect as the contents of a sandbox file."""
    if not filename.startswith(SANDBOX_FNAME_PREFIX):
        return
    import linecache

    if not isinstance(source, str):
        source = ast.unparse(source)
    lines = source.splitlines(keepends=True) or [""]
    if not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    linecache.cache[filename] = len(source), None, lines, filename
