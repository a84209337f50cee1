"""Tracers: classes whose decorated methods handle events."""
from __future__ import annotations

import ast
import builtins
import os
from collections import defaultdict
from typing import NamedTuple

from . import _native, registration, sandbox
from .ast_bookkeeping import KEPT, AstBookkeeper, BookkeepersByPath, BookkeepingVisitor
from .ast_rewriter import AstRewriter
from .elsewhere import names_from
from .emit_event import _TRACER_STACK, SANDBOX_FNAME, SANDBOX_FNAME_PREFIX, SkipAll, scope
from .extra_builtins import PYCCOLO_BUILTIN_PREFIX, make_guard_name
from .handler import HandlerSpec
from .predicate import Predicate
from .registration import (
    register_handler,
    register_raw_handler,
    register_universal_handler,
    skip_when_tracing_disabled,
)
from .syntax_augmentation import is_pure_transform  # noqa: F401  (found here in Pyccolo)
from .trace_events import SYS_TRACE_EVENTS, TraceEvent
from .tracer_class import (
    EventLogger,
    HandlersByClass,
    Instrumenting,
    MetaTracer,
    MultipleInstanceError,
    PerThread,
    SandboxCounter,
)
from .tracer_syntax import TracerSyntax, parsed

Disable = _native.Disable
Null = _native.Null
Pass = _native.Pass
Skip = _native.Skip

HIDE_PYCCOLO_FRAME = "__hide_pyccolo_frame__"
PYCCOLO_DEV_MODE_ENV_VAR = "PYCCOLO_DEV_MODE"
TRACED_LAMBDA_NAME = "<traced_lambda>"


class SysHook(NamedTuple):
    """What tells a tracer of interpreter events, and why that was chosen."""

    name: str
    reason: str


class BaseTracer(_native.TracerCore, TracerSyntax, metaclass=MetaTracer):
    """The base of all tracers. Decorate methods of a subclass with events; `with Subclass:` switches it on."""

    # What a subclass may choose.
    instrument_all_files = False
    allow_reentrant_events = False
    multiple_threads_allowed = False
    trace_children = False
    requires_ast_bookkeeping = True
    should_patch_meta_path = True
    global_guards_enabled = True
    bytecode_caching_allowed = True
    instrument_lambdas = False
    sys_events = "settrace"
    keep_sandbox_source = False
    ast_rewriter_cls = AstRewriter

    defined_file = ""
    sandbox_fname_counter = SandboxCounter()
    EVENT_LOGGER = EventLogger()
    EVENT_HANDLERS_PENDING_REGISTRATION = registration.PENDING
    EVENT_HANDLERS_BY_CLASS = HandlersByClass()
    _instance = None
    _base_instance = None

    # Shared by all tracers.
    guards = set()
    local_guards_by_module_id = defaultdict(set)
    ast_node_by_id = _native.NodeTable("ast_node_by_id")
    containing_ast_by_id = _native.NodeTable("containing_ast_by_id")
    containing_stmt_by_id = _native.NodeTable("containing_stmt_by_id")
    parent_stmt_by_id = _native.NodeTable("parent_stmt_by_id")
    stmt_by_lineno_by_module_id = _native.NodeTable("stmt_by_lineno_by_module_id")
    ast_bookkeeper_by_fname = BookkeepersByPath()
    node_id_remapping_by_fname = {}
    augmented_node_ids_by_spec = defaultdict(set)
    additional_ast_bookkeeping = {}
    current_module = PerThread([None])

    # ---- Instances

    def __init__(self, is_reset=False):
        self._is_dev_mode = os.environ.get(PYCCOLO_DEV_MODE_ENV_VAR) == "1"
        if is_reset:
            return
        super().__init__()
        self._event_handlers = defaultdict(list)
        self._handler_names = set()
        self._collect_handlers()
        self.events_with_registered_handlers = frozenset(
            event for event, specs in self._event_handlers.items() if specs
        )
        self.last_applied_specs = []
        self._ctx = None
        self._tracing_enabled_files = {self.defined_file}
        self._current_sandbox_fname = SANDBOX_FNAME
        self._is_tracing_enabled = False
        self._is_tracing_hard_disabled = False
        self._num_sandbox_calls_seen = 0
        self._transient_fields = set()
        self._persistent_fields = set()
        self._manual_persistent_fields = set()
        self._post_init_hook_start()

    def _collect_handlers(self):
        for cls in reversed(type(self).__mro__):
            for event, specs in cls.__dict__.get("_own_handlers", {}).items():
                for spec in specs:
                    predicate = spec.predicate.bound(self._method_for)
                    self._event_handlers[event].append(spec._replace(predicate=predicate))
                    self._handler_names.add(getattr(spec.handler, "__name__", ""))

    def _method_for(self, condition):
        """The method of this tracer that has the name of a predicate's condition, which was one in the class body."""
        name = getattr(condition, "__name__", None)
        for cls in type(self).__mro__:
            if name in cls.__dict__ and cls not in BaseTracer.__mro__:
                method = getattr(self, name)
                return method if callable(method) else None
        return None

    def _post_init_hook_start(self):
        self._persistent_fields = set(self.__dict__)

    def _post_init_hook_end(self):
        self._transient_fields = set(self.__dict__) - self._persistent_fields - self._manual_persistent_fields

    @scope
    def persistent_fields(self):
        """Fields set within it outlive reset(), and are not set anew by it."""
        before = set(self.__dict__)
        kept = {name: self.__dict__[name] for name in self._manual_persistent_fields if name in before}
        yield
        self._manual_persistent_fields = (self.__dict__.keys() - before) | kept.keys()
        self.__dict__.update(kept)

    def reset(self):
        """Sets the fields that __init__ of the subclass sets to what they were at first."""
        for name in self._transient_fields:
            self.__dict__.pop(name, None)
        self.__init__(is_reset=True)

    @classmethod
    def instance(cls, *args, **kwargs):
        """The one instance of the class, made with these arguments if there is none; its parents have the same."""
        tracer = cls._current_instance()
        if tracer is None:
            tracer = cls(*args, **kwargs)
            for its in cls._singletons():
                its._set_instance(tracer)
        if not isinstance(tracer, cls):
            raise MultipleInstanceError(
                f"{cls.__name__}.instance(): there is an instance of {type(tracer).__name__} already, "
                f"which is no {cls.__name__}; see clear_instance()"
            )
        return tracer

    @classmethod
    def initialized(cls):
        """Is there an instance?"""
        return cls._current_instance() is not None

    @classmethod
    def clear_instance(cls):
        """Forgets the instance, here and in the parents that have it too."""
        if not cls.initialized():
            return
        for its in cls._singletons():
            if isinstance(its._current_instance(), cls):
                its._set_instance(None)

    def make_stack(self):
        from .trace_stack import TraceStack

        return TraceStack(self)

    # ---- Tracing on and off

    @property
    def is_tracing_enabled(self):
        return self._is_tracing_enabled

    @property
    def sys_hook(self):
        """How interpreter events reach this tracer: SysHook(name, reason); None if it was never enabled with any.

        name: "settrace" or "monitoring", which `sys_events` may leave open; reason: why that one.
        """
        return None if self._sys_hook is None else SysHook(*self._sys_hook)

    @property
    def has_sys_trace_events(self):
        return not SYS_TRACE_EVENTS.isdisjoint(self.events_with_registered_handlers)

    def enable_tracing(self, **kwargs):
        self.__enter__(**kwargs)

    def disable_tracing(self):
        self.__exit__(None, None, None)

    def __enter__(self, **kwargs):
        if self._ctx is not None:
            raise AssertionError(f"tracing of {type(self).__name__} was enabled before, and not disabled")
        self._ctx = context = self.tracing_enabled(**kwargs)
        try:
            return context.__enter__()
        except BaseException:
            self._ctx = None
            raise

    def __exit__(self, exc_type, exc_val, exc_tb):
        if self._ctx is None:
            raise AssertionError(f"tracing of {type(self).__name__} was not enabled")
        context, self._ctx = self._ctx, None
        return context.__exit__(exc_type, exc_val, exc_tb)

    def tracing_non_context(self, disabled=False, tracing_enabled_file=None, do_patch_meta_path=None):
        """tracing_context() for callers that cannot use `with`: gives what undoes it.

        do_patch_meta_path: whether imports are to be instrumented, if not as usual.
        """
        stack_was_empty = not _TRACER_STACK
        context = self.tracing_context(disabled=disabled, tracing_enabled_file=tracing_enabled_file)
        if do_patch_meta_path is None:
            context.__enter__()
            return context.close
        if not stack_was_empty:
            context.__enter__()
            cleanup_imports = _Hooks.push_meta_path(_TRACER_STACK) if do_patch_meta_path else None
        else:
            cleanup_imports = None
            chosen_before = self.__dict__.get("should_patch_meta_path", self)
            self.should_patch_meta_path = do_patch_meta_path
            try:
                context.__enter__()
            finally:
                if chosen_before is self:
                    del self.should_patch_meta_path
                else:
                    self.should_patch_meta_path = chosen_before

        def cleanup():
            if cleanup_imports is not None:
                cleanup_imports()
            context.close()

        return cleanup

    def rearm(self, *events):
        """Handlers that returned pyc.Disable are called again: those of these events, or all."""
        self._rearm([registration._event_of(event) for event in events])

    def enter_tracing_hook(self):
        pass

    def exit_tracing_hook(self):
        pass

    # ---- What is instrumented

    def should_instrument_file(self, filename):
        """May be overridden: is this file, beside those that are instrumented anyway, to be instrumented?"""
        return False

    def file_passes_filter_for_event(self, evt, filename):
        """May be overridden: is the event (its value) of that instrumented file for this tracer?"""
        return True

    def should_propagate_handler_exception(self, evt, exc):
        """May be overridden: shall the program see what a handler raised?"""
        return False

    def _should_instrument_file_impl(self, filename):
        return _native.file_passes(self, filename)

    def _file_passes_filter_impl(self, evt, filename, is_reentrant=False):
        if self.has_sys_trace_events and filename == self._current_sandbox_fname:
            # The sandbox's own frames come first.
            seen = self._num_sandbox_calls_seen
            self._num_sandbox_calls_seen = seen + (evt == "call")
            return seen >= 2
        if evt not in ("before_import", "init_module", "after_import") and not self._should_instrument_file_impl(filename):
            return False
        return self.file_passes_filter_for_event(evt, filename)

    def make_ast_rewriter(self, path, module_id=None, tracers=None):
        """The rewriter for a file: for all active tracers, or for `tracers`, without those that are hard-disabled."""
        stack = _TRACER_STACK if tracers is None else tracers
        for tracer in stack:
            if tracer._is_tracing_hard_disabled and tracer is not self:
                stack = [its for its in stack if its is self or not its._is_tracing_hard_disabled] or stack
                break
        return self.ast_rewriter_cls(stack, path, module_id=module_id)

    def _static_init_module_impl(self, node):
        self.current_module[0] = node
        self.static_init_module(node)

    def static_init_module(self, node):
        """May be overridden: a module is about to be rewritten."""

    # ---- Guards

    @classmethod
    def _make_guard_name(cls, guard):
        name = guard if isinstance(guard, str) else make_guard_name(guard)
        if name not in cls.guards:
            raise ValueError(f"there is no guard {name!r}")
        return name

    @classmethod
    def activate_guard(cls, guard):
        """What the guard (its name, its node or the node's id) stands for runs without events from now on."""
        setattr(builtins, cls._make_guard_name(guard), False)

    @classmethod
    def deactivate_guard(cls, guard):
        setattr(builtins, cls._make_guard_name(guard), True)

    @classmethod
    def register_local_guard(cls, guard):
        module = cls.current_module[0]
        if module is None:
            raise RuntimeError(f"local guard {guard!r}: no module is being rewritten")
        cls.local_guards_by_module_id[id(module)].add(guard)

    # ---- Source to trees

    def parse(self, code, mode="exec", filename=None, tracers=None, instrument=True):
        """The woven tree of some source: of all active tracers' events, or of those of `tracers`."""
        if not isinstance(code, (str, bytes)):
            raise TypeError(f"parse() takes source, not {type(code).__name__}")
        if filename is None:
            filename = self.make_sandbox_fname()
        rewriter = self.make_ast_rewriter(filename, tracers=tracers)
        tree = parsed(code, filename, mode, rewriter, _TRACER_STACK if tracers is None else tracers)
        return rewriter.visit_to_give_out(tree) if instrument else rewriter.visit(tree, instrument=False)

    def _parse_to_compile(self, code, mode, filename):
        """parse() of what is compiled next."""
        if type(self).parse is not BaseTracer.parse:
            return self.parse(code, mode=mode, filename=filename)
        rewriter = self.make_ast_rewriter(filename)
        return rewriter.visit_to_compile(parsed(code, filename, mode, rewriter, _TRACER_STACK))

    def parse_fragment(self, code, filename=None, tracers=None):
        """parse() for handlers: what a rewrite on the way has noted of its module stays."""
        return self._aside(self.parse, code, mode="exec", filename=filename or self.make_sandbox_fname(), tracers=tracers)

    def _aside(self, parse, *args, **kwargs):
        module = self.current_module[0]
        specs = [(tracer, tracer.last_applied_specs) for tracer in _TRACER_STACK]
        try:
            return parse(*args, **kwargs)
        finally:
            self.current_module[0] = module
            for tracer, applied in specs:
                tracer.last_applied_specs = applied

    @classmethod
    def make_sandbox_fname(cls):
        """A name for the file of code that has none; no two are the same."""
        return sandbox.make_sandbox_fname()

    # ---- Running source and trees

    def exec(
        self,
        code,
        global_env=None,
        local_env=None,
        *,
        instrument=True,
        filename=None,
        num_extra_lookback_frames=0,
    ):
        """Runs source, a module or a statement with events; gives the variables there are afterwards.

        Variables not given are those of the caller, or of the frame `num_extra_lookback_frames` above it.
        """
        if filename is None:
            filename = self.make_sandbox_fname()
        global_env, local_env = sandbox.environments(global_env, local_env, num_extra_lookback_frames + 1)
        if not instrument:
            if isinstance(code, str):
                tree = _native.parse(sandbox.dedented(code), filename, "exec")
            else:
                tree = sandbox.as_module(code)
            return sandbox.run_in_function(tree, global_env, local_env, filename, False)
        with self.tracing_context(disabled=self._is_tracing_hard_disabled, tracing_enabled_file=filename):
            if isinstance(code, str):
                code = sandbox.dedented(code)
                self._keep_sandbox_source(filename, code)
                tree = self._parse_to_compile(code, "exec", filename)
            else:
                code = sandbox.as_module(code)
                self._keep_sandbox_source(filename, code)
                tree = self.make_ast_rewriter(path=filename).visit_to_compile(code)
            return sandbox.run_in_function(tree, global_env, local_env, filename, True)

    def eval(
        self,
        code,
        global_env=None,
        local_env=None,
        *,
        instrument=True,
        filename=None,
        num_extra_lookback_frames=0,
    ):
        """Evaluates source or an expression with events. Variables are found as exec() finds them."""
        if filename is None:
            filename = self.make_sandbox_fname()
        global_env, local_env = sandbox.environments(global_env, local_env, num_extra_lookback_frames + 1)
        if not instrument:
            if isinstance(code, str):
                tree = _native.parse(code.lstrip(" \t"), filename, "eval")
            else:
                tree = sandbox.as_expression(code)
            return self.exec_raw(tree, global_env, local_env, filename, instrument=False, do_eval=True)
        with self.tracing_context(disabled=self._is_tracing_hard_disabled, tracing_enabled_file=filename):
            if isinstance(code, str):
                self._keep_sandbox_source(filename, code)
                tree = self._parse_to_compile(code.lstrip(" \t"), "eval", filename)
            else:
                code = sandbox.as_expression(code)
                self._keep_sandbox_source(filename, code)
                tree = self.make_ast_rewriter(path=filename).visit_to_compile(code)
            try:
                return self.exec_raw(tree, global_env, local_env, filename, instrument=False, do_eval=True)
            finally:
                _native.release(filename)

    def execute(self, *args, num_extra_lookback_frames=0, **kwargs):
        return self.exec(*args, num_extra_lookback_frames=num_extra_lookback_frames + 1, **kwargs)

    def exec_raw(self, code, global_env, local_env, filename, instrument=True, do_eval=False):
        """Runs code as it is, in exactly these environments; a tree that is woven already with instrument=False."""
        if filename is None:
            filename = self.make_sandbox_fname()
        if instrument:
            with self.tracing_context(disabled=self._is_tracing_hard_disabled, tracing_enabled_file=filename):
                if isinstance(code, str):
                    tree = self._parse_to_compile(sandbox.dedented(code), "eval" if do_eval else "exec", filename)
                else:
                    tree = self.make_ast_rewriter(path=filename).visit_to_compile(code)
                try:
                    return self.exec_raw(tree, global_env, local_env, filename, instrument=False, do_eval=do_eval)
                finally:
                    _native.release(filename)
        if isinstance(code, str):
            code = _native.parse(sandbox.dedented(code), filename, "eval" if do_eval else "exec")
        if do_eval:
            self._num_sandbox_calls_seen = 2
            return eval(_native.compile(code, filename, "eval"), global_env, local_env)
        return exec(_native.compile(code, filename, "exec"), global_env, local_env)

    def exec_fragment(self, code, global_env, local_env, filename=None):
        """Runs source in the context that there is, from a handler say; gives `local_env`, which it changes."""
        if filename is None:
            filename = self.make_sandbox_fname()
        if not isinstance(code, str):
            tree = code
        elif type(self).parse_fragment is BaseTracer.parse_fragment:
            tree = self._aside(self._parse_to_compile, code, "exec", filename)
        else:
            tree = self.parse_fragment(code, filename=filename)
        try:
            self.exec_raw(tree, global_env, local_env, filename, instrument=False)
        finally:
            if tree is not code:
                _native.release(filename)
        return local_env

    def _keep_sandbox_source(self, filename, source):
        for tracer in (self, *_TRACER_STACK):
            if tracer.keep_sandbox_source:
                sandbox.keep_source(filename, source)
                return

    def trace_lambda(self, lam):
        """Gives a lambda's code the name that tells it from those of the program."""
        if lam.__code__.co_name != "<lambda>":
            raise ValueError(f"not a lambda: {lam!r}")
        lam.__code__ = lam.__code__.replace(co_name=TRACED_LAMBDA_NAME)
        return lam

    # ---- Functions

    instrument = Instrumenting()

    def instrumented(self, f, mutate=False):
        """`f` with events, this tracer being active while it runs; with `mutate`, f's own code has them too."""
        from .functions import instrumented

        return instrumented(f, [self], mutate)

    def __call__(self, code):
        if isinstance(code, (str, ast.AST)):
            return self.exec(code, num_extra_lookback_frames=1)
        return self._instrumented_or_refused(code)

    def __getitem__(self, code):
        if isinstance(code, (str, ast.AST)):
            return self.exec(code, num_extra_lookback_frames=1)
        return self._instrumented_or_refused(code)

    def _instrumented_or_refused(self, f):
        if callable(f) or isinstance(f, (staticmethod, classmethod)):
            return self.instrumented(f)
        raise TypeError(f"a tracer takes source or a tree to run, or a function to instrument, not {type(f).__name__}")

    # ---- Bookkeeping of nodes

    @classmethod
    def add_bookkeeping(cls, bookkeeper, module_id):
        cls.ast_node_by_id.update(bookkeeper.ast_node_by_id)
        cls.containing_ast_by_id.update(bookkeeper.containing_ast_by_id)
        cls.containing_stmt_by_id.update(bookkeeper.containing_stmt_by_id)
        cls.parent_stmt_by_id.update(bookkeeper.parent_stmt_by_id)
        cls.stmt_by_lineno_by_module_id.setdefault(module_id, {}).update(bookkeeper.stmt_by_lineno)

    @classmethod
    def remove_bookkeeping(cls, bookkeeper, module_id):
        tables = [cls.ast_node_by_id, cls.containing_ast_by_id, cls.containing_stmt_by_id, cls.parent_stmt_by_id]
        tables += [*cls.augmented_node_ids_by_spec.values(), *cls.additional_ast_bookkeeping.values()]
        for table in tables:
            _discard(table, bookkeeper.ast_node_by_id)
        if module_id is not None:
            _discard(cls.stmt_by_lineno_by_module_id.get(module_id, {}), bookkeeper.stmt_by_lineno)
        KEPT.remove(bookkeeper)

    @classmethod
    def reset_bookkeeping(cls):
        """Forgets all nodes. Woven code keeps running; its handlers get the nodes that its code holds."""
        _native.reset_bookkeeping()
        KEPT.clear()
        for table in (*cls.augmented_node_ids_by_spec.values(), *cls.additional_ast_bookkeeping.values()):
            table.clear()

    @scope
    def register_additional_ast_bookkeeping(self):
        """Fields set within it, dicts or sets by node id, are kept in step with the tables of nodes."""
        before = set(self.__dict__)
        yield
        for name in self.__dict__.keys() - before:
            self.additional_ast_bookkeeping[name] = self.__dict__[name]

    @classmethod
    def stmt_only_has_ancestor_types(cls, node_or_id, ancestor_types):
        """Are all statements around the node's statement of these types?"""
        node_id = id(node_or_id) if isinstance(node_or_id, ast.AST) else node_or_id
        stmt = cls.containing_stmt_by_id.get(node_id)
        parent = cls.parent_stmt_by_id.get(node_id if stmt is None else id(stmt))
        while isinstance(parent, ancestor_types):
            parent = cls.parent_stmt_by_id.get(id(parent))
        return parent is None or isinstance(parent, ast.Module)

    @classmethod
    def is_outer_stmt(cls, node_or_id, exclude_outer_stmt_types=None):
        """Is the node's statement outside of functions, classes and loops, and outside of the excluded types?"""
        excluded = exclude_outer_stmt_types or ()
        return cls.stmt_only_has_ancestor_types(node_or_id, tuple(its for its in _BLOCKS if its not in excluded))

    @classmethod
    def is_initial_frame_stmt(cls, node_or_id):
        """Is the node's statement outside of functions and classes?"""
        return cls.stmt_only_has_ancestor_types(node_or_id, _BLOCKS + _LOOPS)


_BLOCKS = (ast.If, ast.Try, ast.TryStar, ast.With, ast.AsyncWith)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


def _discard(table, keys):
    if isinstance(table, set):
        table.difference_update(keys)
    else:
        for key in keys:
            table.pop(key, None)


class NoopTracer(BaseTracer):
    """Handles nothing: stands in where no tracer is active."""

    should_patch_meta_path = False
    global_guards_enabled = False

    def file_passes_filter_for_event(self, evt, filename):
        return False


class _Hooks:
    """What the core calls back."""

    sys_events = None

    @staticmethod
    def push_meta_path(stack):
        from .import_hooks import patch_meta_path_non_context

        return patch_meta_path_non_context(stack)

    @staticmethod
    def begin_children(tracer):
        from . import processes

        processes.begin(tracer)

    @staticmethod
    def end_children(tracer):
        from . import processes

        processes.end(tracer)

    @staticmethod
    def run_replacement(tracer, replacement, frame):
        if not isinstance(replacement, (str, ast.AST)):
            raise TypeError(
                f"a before_stmt handler returned {replacement!r}; it may return source or a tree to run instead of the "
                "statement, pyc.Pass to skip it, or None"
            )
        return tracer.exec(replacement, frame.f_globals, frame.f_locals, instrument=False)


_native.configure(
    events=list(TraceEvent),
    spec_true_predicate=Predicate.TRUE,
    predicate_type=Predicate,
    base_class=BaseTracer,
    guards=BaseTracer.guards,
    local_guards=BaseTracer.local_guards_by_module_id,
    node_tables={kind: getattr(BaseTracer, kind) for kind in _native.TABLE_KINDS},
    tracing_hooks=_Hooks,
    current_module=BaseTracer.current_module,
)
_native.configure_marks(BaseTracer.augmented_node_ids_by_spec, BaseTracer.additional_ast_bookkeeping)

# The names that Pyccolo has for these.
_InternalBaseTracer = BaseTracer
MetaTracerStateMachine = MetaTracer

__getattr__ = names_from(
    __name__,
    {
        "extra_builtins": "EMIT_EVENT EXEC_SAVED_THUNK FUNCTION_TRACING_ENABLED TRACE_LAMBDA TRACING_ENABLED",
        "import_hooks": "patch_meta_path_non_context",
        "stmt_mapper": "StatementMapper",
        "syntax_augmentation": "AugmentationSpec AugmentationType Position Range line_col_of offset_of remap_through_edits "
        "replace_paired_delimiters_and_get_augmented_positions replace_tokens_and_get_augmented_positions",
        "trace_events": "AST_TO_EVENT_MAPPING EVT_TO_EVENT_MAPPING",
        "trace_stack": "TraceStack",
        "utils": "clear_keys copy_function_with_code",
    },
)
