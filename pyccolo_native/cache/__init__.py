"""The cache of instrumented code: what was woven once need not be parsed, woven and compiled again.

An entry is found by all that shaped it: the source, the interpreter, this library as built, the events, predicates, guards and
options of the tracers. Whatever cannot be named in the key is not cached; explain() says why. Entries lie in a folder of their
own, which a plain import never reads: $PYCCOLO_CACHE_DIR, else pyccolo_native in the user's cache folder.
"""
from __future__ import annotations

import os
import sys
import warnings

from .. import _native
from ..sandbox import compile_source, compile_with_rewrite
from .digest import blake2b
from .shape import NotCached, Shapes, interpreter, library, reasons
from .store import DEFAULT_LIMIT, Store, Unusable, default_folder, limit_of

__all__ = ["clear", "explain", "folder", "info"]


class _Cache:
    """What this process knows of the cache."""

    def __init__(self):
        self.shapes = Shapes()
        self._base = None
        self._store = None
        self._chosen = None
        self._complained = set()

    def base(self, optimize):
        if self._base is None:
            self._base = f"{library()}\n{interpreter()}"
        return f"{self._base}\noptimize={sys.flags.optimize if optimize == -1 else optimize}"

    def store(self):
        """The store, or None where there is none to be used; said aloud once if somebody would want to know."""
        try:
            return self.checked_store()
        except Unusable as reason:
            if reason.loud and str(reason) not in self._complained:
                self._complained.add(str(reason))
                warnings.warn(f"instrumented code is not cached: {reason}", RuntimeWarning, stacklevel=2)
            return None

    def checked_store(self):
        chosen = os.environ.get("PYCCOLO_CACHE_DIR"), os.environ.get("PYCCOLO_CACHE_SIZE"), os.environ.get("XDG_CACHE_HOME")
        if self._store is None or chosen != self._chosen:
            self._store = Store(default_folder(), _limit(chosen[1]))
            self._chosen = chosen
        self._store.check()
        return self._store

    def key(self, source, path, rewriter, optimize):
        return "\n".join((
            self.base(optimize),
            f"path {path!a}",
            f"source {len(source)} {blake2b(source, digest_size=16).hexdigest()}",
            self.shapes.of(rewriter),
        )).encode()


def _limit(text):
    if not text or sys.flags.ignore_environment:
        return DEFAULT_LIMIT
    try:
        return limit_of(text)
    except ValueError as error:
        raise Unusable(str(error), loud=True) from None


_cache = _Cache()


def woven_code(source, path, tracers, optimize=-1):
    """The code of a file's bytes, woven for `tracers`: sandbox.compile_source() by way of the cache."""
    store = _cache.store() if type(source) is bytes and type(path) is str else None
    if store is None:
        return compile_source(source, path, tracers=tracers, optimize=optimize)
    rewriter = tracers[-1].make_ast_rewriter(path, tracers=tracers)
    try:
        key = _cache.key(source, path, rewriter, optimize)
    except NotCached:
        key = None
    if key is None:
        return compile_with_rewrite(source, path, rewriter, tracers, optimize=optimize)[0]
    stored = store.read(key)
    if stored is not None:
        bookkeeping = any(tracer.requires_ast_bookkeeping for tracer in rewriter._tracers)
        try:
            return _native.restore(stored, _nodes_of(source, path, tracers), path, bookkeeping)[0]
        except (ValueError, EOFError, TypeError) as error:
            store.failure = f"{store.path_of(key)}: {error}"
    code, rewrite = compile_with_rewrite(source, path, rewriter, tracers, optimize=optimize)
    if not sys.dont_write_bytecode:
        try:
            stored = _native.store(rewrite, code)
        except ValueError:
            return code  # what cannot be kept was woven all the same
        store.write(key, stored)
    return code


def _nodes_of(source, path, tracers):
    """What the nodes of a file are made from when they are wanted: its bytes, or a function if it may have new syntax."""
    specs = [tracer.syntax_augmentation_specs() for tracer in tracers]
    if not any(specs):
        return source
    marks = tracers[-1].augmented_node_ids_by_spec

    def marked_tree():
        from ..anchors import marked_tree

        return marked_tree(source, path, specs, marks)

    return marked_tree


def folder():
    """The folder of the cache. OSError if there is none that may be used, saying why."""
    try:
        return _cache.checked_store().folder
    except Unusable as reason:
        raise OSError(str(reason)) from None


def info():
    """What is in the cache: a dict of `folder`, `entries` (how many), `bytes`, `limit` (bytes) and `failure` (the last thing that
    went wrong in this process, or None). OSError if the cache cannot be used, saying why."""
    folder()
    store = _cache.checked_store()
    sizes = [size for _, size, _ in store.entries()]
    return {
        "folder": store.folder, "entries": len(sizes), "bytes": sum(sizes), "limit": store.limit, "failure": store.failure,
    }


def clear():
    """Removes all entries; returns (how many files, how many bytes). OSError if the cache cannot be used or a file not removed."""
    folder()
    return _cache.checked_store().clear()


def explain(tracers, path=None):
    """Why what these tracers weave into the file `path` (default: any file that they instrument) is or is not cached.

    tracers: instances, in the order they are entered. Returns a dict of `cached` (bool), `reasons` (texts; empty if cached), `key`
    (the text an entry is found by, None if there is none) and `entry` (the path of the entry if it is there already, else None).
    OSError if `path` cannot be read.
    """
    tracers = list(tracers)
    if path is not None:
        os.stat(path)
    filename = path if path is not None else "<any file>"
    rewriter = tracers[-1].make_ast_rewriter(filename, tracers=tracers)
    if path is None:
        rewriter.should_instrument_with_tracer = lambda tracer: True
    found, entry, key = reasons(rewriter), None, None
    if not any(rewriter.should_instrument_with_tracer(tracer) for tracer in tracers):
        found.append("none of these tracers instruments it")
    try:
        store = _cache.checked_store()
    except Unusable as reason:
        store = None
        found.append(str(reason))
    if not found:
        source = b""
        if path is not None:
            with open(path, "rb") as file:
                source = file.read()
        try:
            key = _cache.key(source, filename, rewriter, -1)
        except NotCached as reason:
            found.append(str(reason))
    if key is not None:
        if path is not None and os.path.exists(store.path_of(key)):
            entry = store.path_of(key)
        key = key.decode()
    return {"cached": not found, "reasons": found, "key": key, "entry": entry}
