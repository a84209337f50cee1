"""Futures without writing any: assignments at the top level of a module run side by side, in a pool of threads.

    a = fetch("one")         # both are on their way …
    b = fetch("two")
    print(a + b)             # … and are waited for here

What is assigned is put off if it is more than a constant, a name or a lambda, and the only target is a name. It is evaluated in
another thread; a use of the variable, in whatever thread, waits for the value, and raises what was raised instead. So what
is computed follows from what, through variables, as if one thing ran after the other; what is printed, written, or changed in
place need not come in order.

* Where a variable is bound anew at top level, all that is on its way comes to its end first: it may need the old value.
* At the end of a module all variables have their values, and an exception that nobody has seen is raised; set
  `wait_at_module_end = False` for the cells of a notebook. When tracing ends, everything is waited for.
* Inside of `try` and `with` nothing is put off, nor is what awaits, yields or uses `:=`.
* What runs in another thread must not import the module that is going to wait for it.
"""
from __future__ import annotations

import ast
import logging
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from threading import local
from typing import Any, Iterator
from weakref import WeakKeyDictionary

import pyccolo_native as pyc

logger = logging.getLogger(__name__)

_UNBOUND = object()
_AT_ONCE = (ast.Constant, ast.Name, ast.Lambda)
_BOUND_TO_THE_FRAME = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)


class _Pending:
    """What stands in a variable until its value is there."""

    def __init__(self, name: str, previous: Any) -> None:
        self.name, self.previous = name, previous
        self.future: Future
        self.was_raised = False

    def __repr__(self) -> str:
        return f"<{self.name}, which is being computed>"

    def wait(self) -> BaseException | None:
        """Waits for the end; gives the exception if it was one."""
        return self.future.exception()

    def value(self) -> Any:
        """Waits for the value; raises what was raised instead."""
        error = self.wait()
        if error is not None:
            self.was_raised = True
            raise error
        return self.future.result()

    def previous_value(self) -> Any:
        if self.previous is _UNBOUND:
            raise NameError(f"name {self.name!r} is not defined", name=self.name)
        return self.previous

    def settled(self) -> Any:
        """What the variable is in the end: where there is no value, and that is known, what it was before."""
        return self.previous if self.was_raised else self.value()


class FutureTracer(pyc.BaseTracer):
    """Runs assignments at top level in threads; waits where a variable is used."""

    max_workers = 10
    wait_at_module_end = True

    multiple_threads_allowed = True
    global_guards_enabled = False
    bytecode_caching_allowed = False  # which names are waited for depends on what was woven before

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        with self.persistent_fields():
            self._names: set[str] = set()  # those that may be pending
            self._put_off: WeakKeyDictionary[ast.expr, str] = WeakKeyDictionary()  # with the variable
            self._bound_by: WeakKeyDictionary[ast.stmt, list[str]] = WeakKeyDictionary()
            self._started: dict[tuple[int, str], tuple[_Pending, dict]] = {}  # by the variable
            self._in_flight: set[Future] = set()
            self._executor: ThreadPoolExecutor | None = None
            self._here = local()

    def should_propagate_handler_exception(self, evt, exc):
        return True

    def static_init_module(self, node):
        for stmt, is_at_top in _statements(node, True):
            if is_at_top and _can_be_put_off(stmt):
                self._put_off[stmt.value] = name = stmt.targets[0].id
                self._names.add(name)
            elif names := list(_names_bound_by(stmt)):
                self._bound_by[stmt] = names

    # ---- Starting

    def is_put_off(self, node) -> bool:
        return node in self._put_off

    @pyc.before_assign_rhs(when=is_put_off)
    def begin(self, ret, node, frame):
        if self._own() is not None:
            return None  # part of what is evaluated in the pool, which must not wait for a place in it
        name = self._put_off[node]
        self._wait_if_bound([name], frame)
        previous = frame.f_locals.get(name, _UNBOUND)
        if isinstance(previous, _Pending):
            previous = previous.settled()
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self.max_workers, "FutureTracer")
        pending = _Pending(name, previous)
        pending.future = self._executor.submit(copy_context().run, self._evaluate, pending, ret)
        self._in_flight.add(pending.future)
        pending.future.add_done_callback(self._in_flight.discard)
        self._started[id(frame.f_globals), name] = pending, frame.f_globals
        return lambda: pending

    def _evaluate(self, pending, expression):
        self._here.own = pending
        try:
            return expression()
        finally:
            self._here.own = None

    def _own(self) -> _Pending | None:
        """What this thread evaluates."""
        return getattr(self._here, "own", None)

    # ---- Waiting

    def may_be_pending(self, node) -> bool:
        return node.id in self._names

    @pyc.load_name(when=may_be_pending, static=True, reentrant=True)
    def use(self, ret, node, frame):
        if isinstance(ret, _Pending):
            value = self._value_of(ret)
            if frame.f_globals.get(node.id) is ret is not self._own():
                frame.f_globals[node.id] = value
                self._started.pop((id(frame.f_globals), node.id), None)
            return pyc.Null if value is None else value

    @pyc.before_stmt(when=lambda node: isinstance(node, ast.AugAssign), reentrant=True)
    def use_in_augmented_assignment(self, node, frame):
        name = getattr(node.target, "id", None)
        pending = frame.f_locals.get(name, frame.f_globals.get(name))
        if isinstance(pending, _Pending):
            value = self._value_of(pending)
            if name in frame.f_locals:
                pyc.set_frame_local(frame, name, value)
            else:
                frame.f_globals[name] = value

    def _value_of(self, value):
        while isinstance(value, _Pending):
            # What a variable is set to may be computed from what it was.
            value = value.previous_value() if value is self._own() else value.value()
        return value

    def binds_names(self, node) -> bool:
        return node in self._bound_by

    @pyc.before_stmt(when=binds_names)
    def before_rebinding(self, node, frame):
        if self._own() is None:
            self._wait_if_bound(self._bound_by[node], frame)

    def _wait_if_bound(self, names, frame):
        """What is on its way may need old values; and they are the last chance to tell of an exception."""
        bound = [frame.f_locals[name] for name in names if name in frame.f_locals]
        if bound:
            wait(list(self._in_flight))
            for pending in bound:
                if isinstance(pending, _Pending):
                    pending.settled()

    # ---- The end

    @pyc.exit_module
    def end_module(self, frame):
        if not self.wait_at_module_end:
            return
        unseen = []
        for name, pending in list(frame.f_locals.items()):
            if isinstance(pending, _Pending):
                if pending.wait() is not None and not pending.was_raised:
                    unseen.append(pending)
                elif pending.settled() is not _UNBOUND:
                    pyc.set_frame_local(frame, name, pending.settled())
        for pending in unseen:
            pending.value()

    def __exit__(self, *exc_info):
        wait(list(self._in_flight))  # it has events to come
        return super().__exit__(*exc_info)

    def exit_tracing_hook(self):
        for pending, namespace in self._started.values():
            error = pending.wait()
            if error is not None and not pending.was_raised:
                logger.error("%s could not be computed", pending.name, exc_info=error)
                pending.was_raised = True
            if namespace.get(pending.name) is pending:
                if pending.settled() is _UNBOUND:
                    del namespace[pending.name]
                else:
                    namespace[pending.name] = pending.settled()
        self._started.clear()
        if self._executor is not None:
            self._executor.shutdown()
            self._executor = None


def _statements(block: ast.AST, is_at_top: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements of a module outside of functions and classes; is each at top level, in branches of `if` at most?"""
    for child in ast.iter_child_nodes(block):
        if isinstance(child, ast.stmt):
            yield child, is_at_top
            if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield from _statements(child, is_at_top and isinstance(child, ast.If))
        elif isinstance(child, (ast.excepthandler, ast.match_case)):
            yield from _statements(child, False)


def _can_be_put_off(stmt: Any) -> bool:
    match stmt:
        case ast.Assign([ast.Name()], value) if not isinstance(value, _AT_ONCE):
            return not any(isinstance(node, _BOUND_TO_THE_FRAME) for node in ast.walk(value))
    return False


def _names_bound_by(stmt: ast.stmt) -> Iterator[str]:
    """The names that a statement itself binds or deletes; the statements inside of it have events of their own."""
    if isinstance(stmt, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield stmt.name
        return
    pending: list[ast.AST] = [stmt]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            yield node.name
        pending += [
            child for child in ast.iter_child_nodes(node) if not isinstance(child, (ast.stmt, ast.excepthandler))
        ]
