"""Recompiling a function that is there already, so that tracers see what it does."""
from __future__ import annotations

import ast
import functools
import inspect
import linecache
from types import CodeType, FunctionType, MethodType, coroutine
from weakref import WeakKeyDictionary

from . import _native
from .ast_rewriter import AstRewriter
from .extra_builtins import PYCCOLO_BUILTIN_PREFIX
from .recompile import has_its_parameters, weave
from .sandbox import FUTURE_FLAGS
from .tracer_syntax import parsed

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LIFTED_LAMBDA = "_pyccolo_lambda"
_ENCLOSING = f"{PYCCOLO_BUILTIN_PREFIX}_enclosing"

_rewrites = WeakKeyDictionary()
"""A function that was woven, by itself as it was: its nodes are known as long as either is there."""


def instrumented(f, tracers, mutate):
    """`f` woven for `tracers`, which are active while it runs; `mutate` weaves `f` itself too."""
    if isinstance(f, MethodType):
        return MethodType(instrumented(f.__func__, tracers, mutate), f.__self__)
    if isinstance(f, (staticmethod, classmethod)):
        return type(f)(instrumented(f.__func__, tracers, mutate))
    if not isinstance(f, FunctionType):
        raise TypeError(f"can instrument functions written in Python, not {f!r}")
    code, rewrite = _recompiled(f, tracers)
    if mutate:
        f.__code__ = code
        target = f
    else:
        _rewrites[f] = rewrite
        target = _with_code(f, code)
    filename = code.co_filename
    return _running_traced(target, f, lambda: _enabled(tracers, filename))


def _enabled(tracers, filename):
    if len(tracers) == 1:
        return tracers[0].tracing_enabled(tracing_enabled_file=filename)
    from contextlib import ExitStack

    with ExitStack() as contexts:
        for tracer in tracers:
            contexts.enter_context(tracer.tracing_enabled(tracing_enabled_file=filename))
        return contexts.pop_all()


# ---- The code


def _recompiled(f, tracers):
    code = f.__code__
    filename = code.co_filename
    definition = tracers[-1]._augmented_definition_for(f)
    # Each rewrite has nodes of its own.
    definition = _definition_of(f, tracers) if definition is None else _native.copy_tree(definition)[0]
    name = definition.name
    woven, rewrite = weave(definition, filename, tracers)
    module = ast.Module([_enclosed(woven, code)], [])
    made = _native.compile(module, filename, "exec", code.co_flags & FUTURE_FLAGS)
    made = _find_code(made, name, code)
    if name == _LIFTED_LAMBDA:
        made = made.replace(co_name=code.co_name, co_qualname=code.co_qualname)
    else:
        made = made.replace(co_qualname=code.co_qualname)
    if not set(made.co_freevars) <= set(code.co_freevars):
        raise ValueError(f"the source of {f!r} has other variables than its code: was {filename} changed?")
    return made, rewrite


def _enclosed(definition, code):
    """The definition within what its names depend on: the class that mangles them, a function that has the free ones."""
    class_name = _class_around(code.co_qualname)
    bound = class_name or definition.name
    if class_name is not None:
        definition = _with_body(f"class {class_name}: pass", definition)
    if code.co_freevars:
        outer = _with_body(f"def {_ENCLOSING}({', '.join(code.co_freevars)}): pass", definition)
        if bound not in code.co_freevars:
            # What the function finds under this name is not what is made here.
            outer.body.insert(0, ast.copy_location(ast.Global([bound]), outer))
        definition = outer
    return definition


def _with_body(header, statement):
    outer = ast.parse(header).body[0]
    outer.body = [statement]
    return outer


def _class_around(qualname):
    """The class whose name mangles private names in the function: A for A.f and for A.f.<locals>.g."""
    parts = qualname.split(".")[:-1]
    while parts and parts[-1] == "<locals>":
        del parts[-2:]
    return parts[-1] if parts and parts[-1].isidentifier() else None


def _find_code(module, name, original):
    pending = [module]
    while pending:
        code = pending.pop()
        if code.co_name == name and code.co_argcount == original.co_argcount and code is not module:
            if name == _LIFTED_LAMBDA or code.co_firstlineno == original.co_firstlineno:
                return code
        pending.extend(const for const in code.co_consts if isinstance(const, CodeType))
    raise OSError(f"{original.co_filename}, line {original.co_firstlineno}: {name!r} is not there: was the file changed?")


def _with_code(f, code):
    cells = dict(zip(f.__code__.co_freevars, f.__closure__ or ()))
    closure = tuple(cells[name] for name in code.co_freevars)
    made = FunctionType(code, f.__globals__, f.__name__, f.__defaults__, closure)
    made.__kwdefaults__ = f.__kwdefaults__
    functools.update_wrapper(made, f, functools.WRAPPER_ASSIGNMENTS)
    del made.__wrapped__
    return made


# ---- The source


def _definition_of(f, tracers):
    code = f.__code__
    lines = _lines_of(f)
    if code.co_name.startswith("<"):
        if not any(tracer.instrument_lambdas for tracer in tracers):
            raise ValueError(f"{f!r} has no def; a tracer class with instrument_lambdas = True takes lambdas")
        return _lifted(_find_lambda(lines, code, tracers))
    first = code.co_firstlineno
    block = inspect.getblock(lines[first - 1 :])
    # In its place in the file, so that all lines and columns are the file's.
    indented = bool(block) and block[0][:1].isspace()
    before = "\n" * (first - 2) + "if 1:\n" if indented else "\n" * (first - 1)
    try:
        module = _parsed(before + "".join(block), code.co_filename, tracers)
    except SyntaxError as error:
        raise OSError(f"the source of {f!r} does not parse: {error}") from error
    found = module.body[0] if module.body else None
    if indented and isinstance(found, ast.If) and found.body:
        found = found.body[0]
    if not isinstance(found, _DEFINITIONS) or found.name != code.co_name:
        raise OSError(f"{code.co_filename}, line {first}: there is no def of {code.co_name!r}: was the file changed?")
    return found


def _parsed(text, filename, tracers):
    """The tree of some source, which may have the syntax of these tracers and of the active ones."""
    tracers = [*_native.TRACER_STACK, *(tracer for tracer in tracers if tracer not in _native.TRACER_STACK)]
    rewriter = AstRewriter(tracers, filename)
    tree = parsed(text, filename, "exec", rewriter, tracers)
    rewriter.mark_and_relocate(tree)
    return tree


def _lines_of(f):
    code = f.__code__
    lines = linecache.getlines(code.co_filename, f.__globals__)
    if not 0 < code.co_firstlineno <= len(lines):
        raise OSError(f"no source for {f!r}: cannot read line {code.co_firstlineno} of {code.co_filename!r}")
    return lines


def _lifted(lam):
    """A def that does what the lambda does."""
    definition = ast.parse(f"def {_LIFTED_LAMBDA}(): pass").body[0]
    definition.args = lam.args
    definition.body = [ast.copy_location(ast.Return(lam.body), lam.body)]
    return ast.copy_location(definition, lam)


def _find_lambda(lines, code, tracers):
    try:
        tree = _parsed("".join(lines), code.co_filename, tracers)
    except SyntaxError as error:
        raise OSError(f"the file of {code!r} does not parse: {error}") from error
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda) and node.lineno == code.co_firstlineno and has_its_parameters(node, code)
    ]
    inside = [node for node in found if _covers(node.body, code)] or found
    if not inside:
        raise OSError(f"{code.co_filename}, line {code.co_firstlineno}: the lambda is not there: was the file changed?")
    return min(inside, key=lambda node: (node.end_lineno - node.lineno, node.end_col_offset - node.col_offset))


def _covers(body, code):
    """Is all that the code does in the lambda's body?"""
    start, end = (body.lineno, body.col_offset), (body.end_lineno, body.end_col_offset)
    for line, end_line, column, end_column in code.co_positions():
        if None in (line, end_line, column, end_column) or column == end_column:
            continue
        if not (start <= (line, column) and (end_line, end_column) <= end):
            return False
    return True


# ---- The wrapper


def _running_traced(target, f, enabled):
    """A function like `f` that runs `target` with tracing on whenever its body runs."""
    if inspect.isasyncgenfunction(f):

        async def traced(*args, **kwargs):
            values = target(*args, **kwargs)
            step = values.__anext__()
            while True:
                try:
                    value = await _stepping(enabled, step)
                except StopAsyncIteration:
                    return
                try:
                    sent = yield value
                except GeneratorExit:
                    await _stepping(enabled, values.aclose())
                    raise
                except BaseException as error:
                    step = values.athrow(error)
                else:
                    step = values.asend(sent)

    elif inspect.iscoroutinefunction(f):

        async def traced(*args, **kwargs):
            return await _stepping(enabled, target(*args, **kwargs))

    elif inspect.isgeneratorfunction(f):

        def traced(*args, **kwargs):
            return (yield from _steps(enabled, target(*args, **kwargs)))

    else:

        def traced(*args, **kwargs):
            with enabled():
                return target(*args, **kwargs)

    return functools.wraps(f)(traced)


def _steps(enabled, running):
    """`yield from running`, in the context whenever it runs and out of it while it waits."""
    step, given = running.send, None
    while True:
        try:
            with enabled():
                value = step(given)
        except StopIteration as stop:
            return stop.value
        try:
            given = yield value
        except GeneratorExit:
            with enabled():
                running.close()
            raise
        except BaseException as error:
            step, given = running.throw, error
        else:
            step = running.send


_stepping = coroutine(_steps)
