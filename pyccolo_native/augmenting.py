"""What tracers' specs do to source before it is parsed, and where everything is afterwards.

A source goes through passes: each replaces one kind of token, or some pairs, or is a CustomRewrite. A Journal, one per
rewriter, holds what each pass did, so that a place noted at any time is known exactly in the final source, and a place of
the final source in the first.
"""
from __future__ import annotations

from ._native import relocate, remap
from .lexer import source as source_of
from .syntax_augmentation import Position, line_col_of, offset_of


class Journal:
    """What was done to a source, and the places that were noted on the way."""

    def __init__(self):
        self.original = None
        self.last = None  # the Source after the last pass
        self.passes = []  # (line starts before, edits, line starts after)
        self._noted = {}  # (spec, Position): in how many passes it had been when it was noted

    def source(self, code):
        """The Source of some code: what the last pass left, if that is it."""
        if self.last is None or self.last.text != code:
            self.last = source_of(code)
        if self.original is None:
            self.original = code
        return self.last

    def add(self, before, edits, after):
        """A pass has made the Source `after` of the Source `before`."""
        if edits:
            self.passes.append((before.line_starts(), edits, after.line_starts()))
        self.last = after

    def note(self, spec, position):
        self._noted.setdefault((spec, position), set()).add(len(self.passes))

    def places(self, positions_by_spec):
        """[(spec, [Position in the final source])] of those in `positions_by_spec`, which somebody may have changed."""
        places = []
        for spec, positions in positions_by_spec.items():
            by_stage = {}
            for position in positions:
                for stage in self._noted.get((spec, Position(*position)), (len(self.passes),)):
                    by_stage.setdefault(stage, []).append(position)
            found = [place for stage, its in by_stage.items() for place in self._forward(its, stage)]
            if found:
                places.append((spec, found))
        return places

    def _forward(self, positions, stage):
        for before, edits, after in self.passes[stage:]:
            offsets = remap(edits, [offset_of(before, *position) for position in positions])
            positions = [line_col_of(after, offset) for offset in offsets]
        return positions

    def in_original(self, line, col):
        """Where a place of the final source was in the first."""
        for (before, edits, after) in reversed(self.passes):
            if not 0 < line <= len(after):
                break
            line, col = line_col_of(before, remap(_back(edits), [offset_of(after, line, col)])[0])
        return Position(line, col)

    def relocate_tree(self, tree):
        """Gives the nodes of the final source's tree the places that they have in the first."""
        if self.passes:
            back = [_back(edits) for _, edits, _ in reversed(self.passes)]
            relocate(tree, self.last.text, self.original, back)

    def relocate(self, error):
        """Lets a SyntaxError of the final source point into the first."""
        if not self.passes or not error.lineno:
            return
        line, col = self.in_original(error.lineno, max((error.offset or 1) - 1, 0))
        if error.end_lineno and error.end_offset:
            end_line, end_col = self.in_original(error.end_lineno, max(error.end_offset - 1, 0))
            error.end_lineno, error.end_offset = end_line, end_col + 1
        error.lineno, error.offset = line, col + 1
        lines = self.original.splitlines(keepends=True)
        if line <= len(lines):
            error.text = lines[line - 1]
        if len(error.args) == 2 and isinstance(error.args[1], tuple):
            place = error.filename, error.lineno, error.offset, error.text, error.end_lineno, error.end_offset
            error.args = error.args[0], place[: max(len(error.args[1]), 4)]
        error.add_note("the source has syntax of its own, which was replaced before Python has read it")


def _back(edits):
    """What undoes edits."""
    back, shift = [], 0
    for start, end, length in edits:
        back.append((start + shift, start + shift + length, end - start))
        shift += length - (end - start)
    return back


def journal_of(rewriter):
    """The journal of a rewriter; one that nobody asks if there is no rewriter."""
    if rewriter is None:
        return Journal()
    journal = rewriter.__dict__.get("_journal")
    if journal is None:
        journal = rewriter._journal = Journal()
    return journal


class Augmenter:
    """Lets specs have their way with source, for one rewriter.

    rewriter: notes the places, or None. positions: a list of offsets that move along, or None.
    """

    def __init__(self, rewriter, positions=None):
        self._rewriter = rewriter
        self._journal = journal_of(rewriter)
        self._positions = positions

    def all(self, code, specs):
        """(code, the specs that had anything to do): first the custom specs, then tokens, then pairs."""
        applied = []
        for spec in specs:
            if spec.is_custom:
                code, did = self._custom(code, spec)
                applied += [spec] if did else []
        code, did = self.tokens(code, arranged([spec for spec in specs if not spec.is_custom and not spec.is_paired]))
        applied += did
        code, did = self.pairs(code, [spec for spec in specs if not spec.is_custom and spec.is_paired])
        return code, applied + did

    def tokens(self, code, specs):
        applied = []
        source = None
        for spec in specs:
            if spec.token.strip() not in code:
                continue
            if source is None:
                source = self._journal.source(code)
            starts = source.find(spec.token)
            if not starts:
                continue
            length, new_length = len(spec.token), len(spec.replacement)
            after = source.replaced(starts, length, spec.replacement)
            self._passed(source, [(start, start + length, new_length) for start in starts], after)
            if self._rewriter is not None:
                blank = min(length - len(spec.token.lstrip()), new_length)
                line_starts = after.line_starts()
                for number, start in enumerate(starts):
                    place = line_col_of(line_starts, start + number * (new_length - length) + blank)
                    self._rewriter.register_augmented_position(spec, *place)
            source, code = after, after.text
            applied.append(spec)
        return code, applied

    def pairs(self, code, specs):
        applied = []
        for spec in specs:
            if spec.token not in code or spec.close_token not in code:
                continue
            from .pairs import replaced_pairs

            source = self._journal.source(code)
            code, edits, brackets = replaced_pairs(source, code, spec)
            if not edits:
                continue
            after = source_of(code)
            self._passed(source, edits, after)
            if self._rewriter is not None:
                line_starts = after.line_starts()
                for offset in brackets:
                    self._rewriter.register_augmented_position(spec, *line_col_of(line_starts, offset))
            applied.append(spec)
        return code, applied

    def _custom(self, code, spec):
        places = []
        source = self._journal.source(code)
        made = spec.custom.rewrite(code, lambda line, col: places.append(Position(line, col)))
        if not isinstance(made, tuple) or len(made) != 2 or not isinstance(made[0], str):
            raise TypeError(f"rewrite() of {spec.custom!r} gives (code, edits), not {made!r}")
        new_code, edits = made
        self._passed(source, [tuple(edit) for edit in edits], source_of(new_code))
        if self._rewriter is not None:
            for place in places:
                self._rewriter.register_augmented_position(spec, *place)
        return new_code, bool(places or edits)

    def _passed(self, before, edits, after):
        if self._positions is not None and edits:
            self._positions[:] = remap(edits, list(self._positions))
        self._journal.add(before, edits, after)


def arranged(specs):
    """Specs of tokens in an order in which each can be found: one that is part of another comes after it."""
    specs = list(dict.fromkeys(specs))
    by_token = {}
    for spec in specs:
        other = by_token.setdefault(spec.token, spec)
        if other != spec:
            raise ValueError(f"ambiguous: the token {spec.token!r} is that of two augmentations, {other} and {spec}")
    order = []
    for spec in specs:
        at = next((i for i, before in enumerate(order) if before.token in spec.token), len(order))
        order.insert(at, spec)
    return order


def replaced_in_tokens(generic_tokens, spec):
    if not isinstance(generic_tokens, str):
        generic_tokens = _untokenized(generic_tokens)
    source = source_of(generic_tokens)
    starts = source.find(spec.token)
    after = source.replaced(starts, len(spec.token), spec.replacement)
    growth, line_starts, new_starts = len(spec.replacement) - len(spec.token), source.line_starts(), after.line_starts()
    return (
        after.text,
        [line_col_of(new_starts, start + number * growth) for number, start in enumerate(starts)],
        [line_col_of(line_starts, start) for start in starts],
    )


def _untokenized(tokens):
    """The source that tokens were made from, blanks between them being spaces."""
    parts, line, col = [], 1, 0
    for token in tokens:
        (start_line, start_col), (end_line, end_col) = token[2], token[3]
        if start_line > line:
            line, col = start_line, 0
        parts += " " * (start_col - col), token[1]
        line, col = end_line, end_col
    return "".join(parts)


def decoded(source):
    """Source as a str, read as Python reads a file; as it is if it cannot be, for the compiler to say so."""
    if isinstance(source, str):
        return source
    from importlib._bootstrap_external import decode_source

    try:
        return decode_source(bytes(source))
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return source
