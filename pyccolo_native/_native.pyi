"""The C++ core, as Python sees it. Everything here is private to the package; the package's modules are its surface."""
import ast
from types import CodeType, FrameType
from typing import Any, Callable, ContextManager, Iterable, Optional

__version__: str
__build__: str
"""A digest of the C++ sources this core was built from: code that one build has woven is no other's."""

TRACER_STACK: list[Any]
"""The one stack of active tracers (outermost first). A real list: changes made to it by hand are noticed."""

class Sentinel:
    """Null, Pass, Skip, SkipAll, Disable: compared by identity, named in repr, pickled by name."""
    name: str

Null: Sentinel
Pass: Sentinel
Skip: Sentinel
SkipAll: Sentinel
Disable: Sentinel

class TracerCore:
    """C base of BaseTracer: the flags that dispatch reads. Setting any of them makes dispatch look again."""
    _is_tracing_enabled: bool
    _is_tracing_hard_disabled: bool
    _tracing_enabled_files: "set[str] | frozenset[str]"
    _current_sandbox_fname: str
    _num_sandbox_calls_seen: int

    def tracing_context(self, disabled: bool = False, tracing_enabled_file: Optional[str] = None) -> ContextManager[None]:
        """Pushes the tracer (if it is not on the stack), enables or hard-disables it, undoes all that at exit.

        Order at entry: state, stack push, import hook (calls the `meta_path` hook given to configure() when the stack was
        empty and `self.should_patch_meta_path`), `_enable_tracing()` if it was off, `enter_tracing_hook()` if overridden.
        At exit the reverse, `exit_tracing_hook()` last. The object also has close(), the same as __exit__(None, None, None)."""
    def tracing_enabled(self, tracing_enabled_file: Optional[str] = None) -> ContextManager[None]: ...
    def tracing_disabled(self, tracing_enabled_file: Optional[str] = None) -> ContextManager[None]: ...
    def _enable_tracing(self, check_disabled: bool = True, existing_tracer: Any = None) -> None: ...
    def _disable_tracing(self, check_enabled: bool = True) -> None: ...
    def _rearm(self, events: Iterable[Any]) -> None:
        """Handlers of these events (all, if there are none) that are disabled somewhere are called again."""
    def _emit_event(self, evt: Any, node_id: Optional[int], frame: Optional[FrameType],
                    reentrant_handlers_only: bool = False, **kwargs: Any) -> Any:
        """Runs this tracer's handlers for one event (a TraceEvent or its value); `ret` is in kwargs. Returns the new ret,
        or (SkipAll, ret). Subclasses may override or replace it: dispatch then calls it for every event."""

class Count:
    """Stands as handler of the events that are counted in its place. `by` is event, site, code or line."""
    by: str
    def __init__(self, by: str) -> None: ...
    def counter(self, tracer: TracerCore) -> "Counter": ...  # the tracer's own; made on demand

class Counter:
    """What one tracer has counted for one Count."""
    def items(self) -> list[tuple[Any, int]]:
        """(key, count): a TraceEvent, code, (file, line), or (file, line, column, end line, end column); keys may repeat."""
    def clear(self) -> None: ...

class NodeTable(dict):
    """A dict of node ids whose rows are filled from pending rewrites at the first look (kind: a key of TABLE_KINDS)."""
    def __init__(self, kind: str) -> None: ...

TABLE_KINDS: tuple[str, ...]
"""ast_node_by_id, containing_ast_by_id, containing_stmt_by_id, parent_stmt_by_id, stmt_by_lineno_by_module_id: each NodeTable is made once, by BaseTracer."""

class Rewrite:
    """One rewritten tree: pristine nodes, sites, guards. Kept alive by code compiled from it (and by keep())."""
    path: Optional[str]
    module_id: int
    tree: ast.AST                 # the pristine tree
    site_count: int
    has_nodes: bool               # False for a restored one until tree, nodes(), sites(), a table or a handler wants nodes
    def nodes(self) -> list[ast.AST]: ...          # pristine nodes, preorder
    def sites(self) -> list[tuple[int, str, Optional[ast.AST], dict[str, Any]]]: ...  # (marker, event name, node, static keywords)
    def drop_tables(self) -> None: ...             # takes its rows out of the NodeTables

class Site:
    """What stands in co_consts of woven code: one place where one event fires."""
    rewrite: Rewrite

def configure(*, events: Iterable[Any], spec_true_predicate: Any, predicate_type: type, base_class: type, guards: set[str],
              local_guards: dict, node_tables: dict[str, NodeTable], tracing_hooks: Any, current_module: list) -> None:
    """Called once by the package: the TraceEvent members in table order, Predicate and Predicate.TRUE, BaseTracer (methods
    found on it or above count as not overridden), the class-level `guards` set and `local_guards_by_module_id`, the tables.
    `tracing_hooks` has: push_meta_path(stack) -> cleanup callable; sys_events(tracer, enable: bool) (step 3, may be None);
    run_replacement(tracer, replacement, frame) -> Any (executes what a before_stmt handler returned, in the frame's scope)."""

def event_table() -> list[tuple[str, str, str, str, str, tuple[str, ...]]]: ...  # name, value, origin, shape, alias, keywords

def rewrite(tree: ast.AST, tracers: list[Any], path: Optional[str], module_id: Optional[int], *,
            all_tracers: Optional[list[Any]] = None, bookkeeping: bool = True,
            transformed: Optional[tuple[ast.AST, dict, dict, dict]] = None) -> tuple[ast.AST, Rewrite]:
    """The instrumented tree and its Rewrite. `tracers`: those whose events are woven; `all_tracers`: the stack, for guards.
    Reads of each tracer: events_with_registered_handlers, _event_handlers ({TraceEvent: [HandlerSpec]}), global_guards_enabled.
    `transformed`: what somebody else has made of the tree, woven in its place (origins.py makes it).
    The given tree is never changed. Raises what a predicate raises; TypeError for a tree that is no Module, Expression,
    FunctionDef or AsyncFunctionDef; RecursionError for a tree too deep."""
def annotate(tree: ast.AST, path: Optional[str], module_id: Optional[int]) -> Rewrite: ...  # bookkeeping without instrumentation
def compile(tree: ast.AST, filename: str, mode: str, flags: int = 0, dont_inherit: bool = True, optimize: int = -1) -> CodeType:
    """builtins.compile with the cyclic GC paused, then sites are put into co_consts so that the code keeps its Rewrites alive."""
def parse(source: "str | bytes", filename: str = "<unknown>", mode: str = "exec") -> ast.AST: ...  # ast.parse with the GC paused
def check_file(path: str) -> None: ...  # raises what is wrong with a source file, as python words it for one: not as compile() does
def sandbox_function(tree: ast.AST, names: list[str], filename: str) -> CodeType:
    """Code of `def _X5ix_pyccolo_sandbox(*, name, …, **__): <tree.body>; return locals()` for exec(); names must be identifiers."""
def store(rewrite: Rewrite, code: CodeType) -> bytes:
    """Code fresh from compile() and its sites as bytes that mean the same in any process of this interpreter and build.
    ValueError saying why it cannot be stored: local guards, or an event that could not be woven somewhere."""
def restore(stored: "bytes | memoryview", source: "bytes | Callable[[], ast.AST]", path: str, bookkeeping: bool) -> tuple[CodeType, Rewrite]:
    """What store() gave, ready to run. `source` is parsed again, or called for the tree, when a node is first wanted. ValueError, EOFError or TypeError for
    bytes that are damaged in their numbers; damaged code is not noticed: the caller checks the bytes first."""
def event_of(constant: Any) -> Optional[str]: ...  # the name of the event that a marker in a woven tree stands for
def guard_name(node_id: int) -> str: ...           # of the region guard of the node with an id
def in_main_thread() -> bool: ...
def keep(rewrite: Rewrite) -> None: ...            # registers it under its path: it lives until release() or a newer keep() of that path
def release(path: str, rewrite: Optional[Rewrite] = None) -> None: ...
def kept(path: str) -> Optional[Rewrite]: ...
def reset_bookkeeping() -> None: ...               # empties the tables, drops kept rewrites

class Source:
    """Text that may have tokens Python does not know. `lexer` (lexer.py) reads it with Python's tokenizer when need be."""
    text: str
    def __init__(self, text: str, lexer: Any) -> None: ...
    def line_starts(self) -> list[int]: ...
    def find(self, token: str) -> list[int]: ...   # where it stands, outside of literals and comments; apart, from left to right
    def is_opaque(self, offset: int) -> bool: ...  # in a literal, a comment, or a brace of an f-string
    def replaced(self, starts: Iterable[int], length: int, replacement: str) -> "Source": ...

def configure_marks(augmented: dict, additional: dict) -> None:
    """The tables by node id that programs fill too: {spec: set of ids} and {name: dict or set}. Rows go with their nodes."""
def keep_addresses() -> None:
    """From now on no node gets the id of one that handlers may know: each node at which an event could fire stays, without its fields."""
def mark(ids: set[int], node: ast.AST) -> None: ...  # adds the id, for as long as the node lives
def augmentations(augmented: dict, node: "ast.AST | int") -> frozenset: ...
def copy_tree(node: ast.AST, augmentations: bool = True) -> tuple[ast.AST, dict[int, ast.AST]]:
    """(copy, {id of node: its copy}); the copies have the rows that their originals have in the tables of configure_marks()."""
def unshared(woven: ast.AST) -> ast.AST: ...  # a copy of a woven tree, which has nodes of the pristine one
def propagate(node: ast.AST, copy: ast.AST, augmentations: bool = True) -> None: ...  # what copy_tree() does for one node
def remap(edits: Iterable[tuple[int, int, int]], offsets: list[int]) -> list[int]:
    """Where offsets lie after edits (start, end, new length), sorted and apart. ValueError if they are not."""
def relocate(tree: ast.AST, source: str, original: str, back: list[list[tuple[int, int, int]]]) -> None:
    """Gives the nodes of `source` the places they have in `original`; `back`: the edits that lead there, one pass after the other."""
def bind(tree: ast.AST, source: Optional[str], rows: list[tuple[Any, list[tuple[int, int]]]]) -> tuple[list[list[ast.AST]], list[ast.JoinedStr]]:
    """For each row, (kind of augmentation or range_for, places), the nodes there; and the f-strings that could not be looked into.
    Places count characters of `source`, or bytes where that is None."""

class Hooked:
    """A callable in the place of `function`, with its attributes and without a frame. A call asks enter(*arguments):
    NotImplemented runs the function; (value,) is the result instead of it; anything else is a state: the function runs, then
    leave(state, failed, result)."""
    def __init__(self, function: Callable, enter: Callable, leave: Optional[Callable] = None) -> None: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

def filter_error(tracer: Any, hook: str, file: str, exception: BaseException) -> None: ...  # tells of it, once per kind
def file_passes(tracer: Any, filename: str) -> bool: ...  # should this tracer instrument that file (all_files, enabled files, sandbox, should_instrument_file)
def allow_reentrant_handling(begins: bool) -> None: ...  # begins or ends a block in this thread
def grant(rewrite: Rewrite, tracers: tuple[Any, ...]) -> None:
    """These tracers get the rewrite's events though their file filters may not pass its file; replaces an earlier grant. The
    tracers are not kept alive: take it back, grant(rewrite, ()), before they go."""
def check_handler(func: Any, events: Iterable[Any]) -> None: ...  # TypeError naming handler, event and parameter if it cannot take what it is given
def invalidate() -> None: ...                      # handlers or filters changed behind dispatch's back
def emit(site: Any, value: Any = ..., key: Any = ...) -> Any: ...    # what woven code calls, under its builtin name
def run(*operands: Any) -> Any: ...
def frame_locals(frame: FrameType, names: Iterable[str]) -> dict[str, Any]:
    """{name: value} of the variables of a running frame: of those of `names` that are its own, and bound. Reads them where
    they are, so that no f_locals is made, which programs could see."""
def report(exception: BaseException, object: Any) -> None: ...  # by sys.unraisablehook
def after_fork() -> None: ...
def shutdown() -> None: ...
def live_objects() -> dict[str, int]: ...          # how many rewrites and sites are alive

# What pyccolo_native.bytecode is made of. `minor`: 11 to 15, ValueError for others.
def bytecode_types(operands: Any, errors: Any, opcode_type: type) -> tuple[type, type, type, type, type, type]:
    """Makes the types, once in a module's life: CodeCore, Instr, Label, TryBegin, TryEnd, SetLineno. It is given the Python halves."""
def opcode_table(minor: int) -> list[tuple[str, int, int, str, str, bool]]: ...  # (name, opcode, units of cache, kind of operand, flow, may raise)
def stack_effect(minor: int, name: str, arg: int, jump: bool) -> tuple[int, int]: ...  # what it takes and leaves; `arg` as it is written
