"""What a tracer can do with new syntax: its specs, what they do to source, and the way from source to source."""
from __future__ import annotations

import ast

from . import _native
from .syntax_augmentation import _PURE_TRANSFORM


class TracerSyntax:
    """The part of BaseTracer that is about syntax."""

    @classmethod
    def syntax_augmentation_specs(cls):
        """The AugmentationSpecs among the attributes of this class and its bases, in their order. May be overridden."""
        return [spec for its in cls.__mro__ for spec in its.__dict__.get("_own_specs", ())]

    @classmethod
    def get_augmentations(cls, node_id):
        """The augmentations that stood in the source where the node is, given it or its id: a frozenset of specs."""
        return _native.augmentations(cls.augmented_node_ids_by_spec, node_id)

    def preprocess(self, code, rewriter, positions=None):
        """Source with the tokens of this tracer's syntax replaced.

        rewriter: notes their places, if given. positions: a list of offsets into `code` that move along.
        """
        if not self.syntax_augmentation_specs():
            return code
        if positions is None:
            return self.make_syntax_augmenter(ast_rewriter=rewriter)(code)
        return self._apply_augmentations(code, rewriter, positions)

    def make_syntax_augmenter(self, ast_rewriter):
        """A function that does what preprocess() does, for source or for a list of lines. May be overridden."""

        def augment(lines):
            if isinstance(lines, list):
                return self._apply_augmentations("".join(lines), ast_rewriter, None).splitlines(keepends=True)
            return self._apply_augmentations(lines, ast_rewriter, None)

        return augment

    def _apply_augmentations(self, code, rewriter, positions):
        specs = self.syntax_augmentation_specs()
        if not specs:
            return code
        from .augmenting import Augmenter

        code, applied = Augmenter(rewriter, positions).all(code, specs)
        if rewriter is not None:
            self.last_applied_specs = applied
        return code

    def transform(self, code, tracers=None, positions=None, pure=False):
        """Python's own source of source with new syntax, that of the active tracers or of `tracers`.

        positions: places (line, column in characters) in `code`; then returns (source, their Positions in it).
        pure: the source is not going to run, so rewrites leave the state of the run alone; see is_pure_transform().
        """
        from .resugar import transformed

        return _purely(pure, transformed, self._stack(tracers), code, positions)

    def untransform(self, tree, tracers=None, positions=None, pure=False):
        """The source of a tree with the new syntax that its nodes are marked with; of `tracers`, or of the active ones.

        The tree is one that parse(…, instrument=False) gave, or a copy with its marks. Formatting is that of ast.unparse().
        positions: places in ast.unparse(tree); then returns (source, their Positions in it). pure: see transform().
        """
        from .resugar import untransformed

        return _purely(pure, untransformed, self._stack(tracers), tree, positions)

    @staticmethod
    def _stack(tracers):
        return list(_native.TRACER_STACK if tracers is None else tracers)

    def _augmented_definition_for(self, f):
        """The node of a function whose definition has new syntax in it, for as long as its code lives; None for others."""
        code = getattr(f, "__code__", None)
        for const in () if code is None else code.co_consts:
            if type(const) is not _native.Site:
                continue
            for node in const.rewrite.nodes():
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == code.co_name:
                    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                    if first == code.co_firstlineno and any(self.get_augmentations(its) for its in ast.walk(node)):
                        return node
        return None


def _purely(pure, function, *args):
    if not pure:
        return function(*args)
    token = _PURE_TRANSFORM.set(True)
    try:
        return function(*args)
    finally:
        _PURE_TRANSFORM.reset(token)


def changes_source(tracer):
    """May the tracer change source before it is parsed?"""
    kind = type(tracer)
    return bool(
        tracer.syntax_augmentation_specs()
        or kind.preprocess is not TracerSyntax.preprocess
        or "preprocess" in tracer.__dict__
    )


def parsed(code, filename, mode, rewriter, tracers):
    """The tree of some source, for `rewriter`, with the syntax of `tracers` replaced; errors point into `code`."""
    if not isinstance(code, str) and any(changes_source(tracer) for tracer in tracers):
        from .augmenting import decoded

        code = decoded(code)
    if isinstance(code, str):
        for tracer in tracers:
            code = tracer.preprocess(code, rewriter)
    journal = rewriter.__dict__.get("_journal")
    if journal is None:
        return _native.parse(code, filename, mode)
    try:
        return _native.parse(code, filename, mode)
    except SyntaxError as error:
        journal.relocate(error)
        raise
