"""Sequences of instructions found by what they do, on any version.

    for match in find(code, [op("LOAD_GLOBAL", "print"), many(), op("CALL", capture="call")]): ...

A pattern is a list of elements:
    op(name, operand)   an instruction by its semantic_name(), and by its operand if that is given
    where(predicate)    an instruction for which predicate(instr) is true
    one()               any instruction
    many(element)       as few as fit (or as many), at least `least` and at most `most`
    optional(element)   none or one
    either(...)         one of several
    group(element)      elements as one, to be captured together
In place of an element there may be a list (one behind the other), a str (op of that name) or a function (where).

Code is looked at as canonical() would make it, without being changed: what only one version needs (SCAFFOLDING) is passed over, unless
the pattern asks for it by name. Labels and other items that are no instructions are passed over too.
"""
from __future__ import annotations

from dataclasses import dataclass

from .canonical_form import parts, semantic_arg, semantic_name
from .constants import same_constant
from .core import Instr, Label
from .subjects import code_of, operand_kind

SCAFFOLDING = frozenset({"NOP", "NOT_TAKEN", "PRECALL", "KW_NAMES", "PUSH_NULL", "TO_BOOL"})
_ANY = object()


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern was found.

    Attributes:
        start, end: the range of items in the Code, as in code[start:end].
        items: the instructions in it, as they are in the Code.
        captures: {name: the Instr, or for group(), many(), optional() and either() a list of Instr}.
        splits: an end of the match lies within an instruction that is two in one. canonical() gives code without such.
    """

    start: int
    end: int
    items: tuple
    captures: dict
    splits: bool


class Same:
    """The operand of an instruction that was captured before."""

    __slots__ = ("name",)

    def __init__(self, name):
        self.name = name


def same(name):
    """For op(): the operand that the instruction captured as `name` has."""
    return Same(name)


class _Element:
    """Part of a pattern: adds itself to the program of a _Matcher."""

    __slots__ = ("capture",)

    def compiled(self, program):
        if self.capture is not None:
            program.append(("open", self.capture))
        self.add_to(program)
        if self.capture is not None:
            program.append(("close", self.capture))


class _One(_Element):
    """One instruction.

    Attributes:
        test: function of the View and the instructions that were captured, {name: View}.
        names: of the scaffolding that it asks for.
        asks: the name of the captured instruction that the test depends on, or None.
    """

    __slots__ = ("test", "names", "asks")

    def __init__(self, test, capture, names=frozenset(), asks=None):
        self.test = test
        self.capture = capture
        self.names = names
        self.asks = asks

    def compiled(self, program):
        program.append(("test", self))


class _Repeat(_Element):
    __slots__ = ("element", "least", "most", "greedy")

    def __init__(self, element, least, most, greedy, capture):
        self.element = element
        self.least = least
        self.most = most
        self.greedy = greedy
        self.capture = capture

    def add_to(self, program):
        for _ in range(self.least):
            self.element.compiled(program)
        if self.most is None:
            start = len(program)
            program.append(None)
            self.element.compiled(program)
            program.append(("goto", start))
            program[start] = self.split(start + 1, len(program))
        else:
            splits = []
            for _ in range(self.most - self.least):
                splits.append(len(program))
                program.append(None)
                self.element.compiled(program)
            for at in splits:
                program[at] = self.split(at + 1, len(program))

    def split(self, inside, behind):
        return ("split", (inside, behind) if self.greedy else (behind, inside))


class _Sequence(_Element):
    __slots__ = ("elements",)

    def __init__(self, elements, capture=None):
        self.elements = elements
        self.capture = capture

    def add_to(self, program):
        for element in self.elements:
            element.compiled(program)


class _Either(_Element):
    __slots__ = ("choices",)

    def __init__(self, choices, capture):
        self.choices = choices
        self.capture = capture

    def add_to(self, program):
        split = len(program)
        program.append(None)
        starts, ends = [], []
        for choice in self.choices:
            starts.append(len(program))
            choice.compiled(program)
            ends.append(len(program))
            program.append(None)
        for end in ends:
            program[end] = ("goto", len(program))
        program[split] = ("split", tuple(starts))


def op(name, arg=_ANY, *, capture=None):
    """An instruction by its semantic_name().

    name: the name, or several of them in a tuple.
    arg: what its semantic_arg() must be: a value (constants are the same in type too), a function of it that says so, or same(name).
        Without it any operand fits.
    capture: the name under which Match.captures has the Instr.

    Raises TypeError if a name is no str.
    """
    names = (name,) if isinstance(name, str) else tuple(name)
    if not names or not all(isinstance(each, str) for each in names):
        raise TypeError(f"op() takes the name of an instruction or a tuple of such, not {name!r}")

    def test(view, bound):
        if view.name not in names:
            return False
        if arg is _ANY:
            return True
        if isinstance(arg, Same):
            return arg.name in bound and _same_operand(view, bound[arg.name])
        return bool(arg(view.arg)) if callable(arg) else _equals(view, arg)

    return _One(test, capture, frozenset(names), arg.name if isinstance(arg, Same) else None)


def where(predicate, *, capture=None):
    """An instruction for which predicate(instr) is true. Scaffolding is asked for, too, before it is passed over."""
    if not callable(predicate):
        raise TypeError(f"where() takes a function of an Instr, not {predicate!r}")
    return _One(lambda view, bound: bool(predicate(view.instr)), capture)


def one(*, capture=None):
    """Any instruction but scaffolding."""
    return _One(lambda view, bound: view.name not in SCAFFOLDING, capture)


def many(element=None, *, least=0, most=None, greedy=False, capture=None):
    """An element several times, by default any instruction; as few times as the rest of the pattern allows.

    least, most: how often, with most=None without end.
    greedy: as often as the rest allows.
    capture: the name under which Match.captures has the list of Instrs.

    Raises ValueError if `most` is less than `least`, or that is negative.
    """
    if least < 0 or (most is not None and most < least):
        raise ValueError(f"many() cannot be there at least {least} and at most {most} times")
    return _Repeat(one() if element is None else _element(element), least, most, greedy, capture)


def optional(element, *, capture=None):
    """An element that is used if it is there."""
    return many(element, most=1, greedy=True, capture=capture)


def either(*choices, capture=None):
    """One of several elements, the first that fits; ValueError if there is none to choose."""
    if not choices:
        raise ValueError("either() needs something to choose from")
    return _Either([_element(choice) for choice in choices], capture)


def group(*elements, capture=None):
    """Elements one behind the other, captured as a list of Instrs."""
    return _Sequence([_element(element) for element in elements], capture)


def _element(pattern):
    if isinstance(pattern, _Element):
        return pattern
    if isinstance(pattern, str):
        return op(pattern)
    if isinstance(pattern, (list, tuple)):
        return _Sequence([_element(element) for element in pattern])
    if callable(pattern):
        return where(pattern)
    raise TypeError(f"{pattern!r} is no element of a pattern")


class View:
    """An instruction as patterns see it.

    Attributes:
        name, arg: semantic_name() and semantic_arg().
        is_constant: the operand is one.
        instr, index: the Instr in the Code, which may stand for more, and its index.
        is_first, is_last: of what the Instr stands for.
        is_target: there is a Label before it.
    """

    __slots__ = ("name", "arg", "is_constant", "instr", "index", "is_first", "is_last", "is_target")

    def __init__(self, part, instr, index, is_first, is_last, is_target):
        self.name = semantic_name(part)
        self.arg = semantic_arg(part)
        self.is_constant = self.name == "LOAD_CONST" or operand_kind(part) == "Const"
        self.instr = instr
        self.index = index
        self.is_first = is_first
        self.is_last = is_last
        self.is_target = is_target


def _views(code):
    made, is_target = [], False
    for index, item in enumerate(code):
        if isinstance(item, Label):
            is_target = True
        elif isinstance(item, Instr):
            whole = parts(item)
            for at, part in enumerate(whole):
                made.append(View(part, item, index, at == 0, at == len(whole) - 1, is_target and at == 0))
            is_target = False
    return made


def _equals(view, value):
    if view.is_constant:
        return same_constant(view.arg, value)
    return view.arg == value or getattr(view.arg, "symbol", None) == value


def _same_operand(view, other):
    return view.is_constant == other.is_constant and _equals(view, other.arg)


def find(code, pattern, *, overlapping=False, across_labels=True):
    """The places where a pattern fits, from first to last: an iterator of Match.

    code: a Code, a code object, or a function or another object that has one. A Code must not change while the iterator is used.
    pattern: a list of elements, or an element.
    overlapping: also matches that begin within another.
    across_labels: also matches within which a Label stands. Those cannot be replaced as they are: control may come from elsewhere.

    The time is at most proportional to the length of the pattern, with its counts multiplied out, times that of the code, for each place
    where a match may begin, and for each choice of what same() refers to.

    Raises TypeError for other objects, and for what is no pattern.
    """
    matcher = _Matcher(_element(pattern), across_labels)
    return _find(matcher, _views(code_of(code)), overlapping)


def _find(matcher, views, overlapping):
    start = 0
    while start < len(views):
        found = matcher.match(views, start)
        if found is None:
            start += 1
            continue
        match, end = found
        yield match
        start = start + 1 if overlapping or end == start else end


class _Matcher:
    """Runs the program of a pattern: tries one way after the other, but no state twice."""

    def __init__(self, pattern, across_labels):
        self.program = []
        pattern.compiled(self.program)
        self.asked = {step[1].asks for step in self.program if step[0] == "test"}
        self.across_labels = across_labels

    def match(self, views, start):
        """(Match, index of the view behind it), or None."""
        # A state: where in the program, where in the code, and what was captured, newest first.
        waiting = [(0, start, None)]
        seen = set()
        while waiting:
            at, position, captured = waiting.pop()
            if at == len(self.program):
                return (self.made(views, start, position, captured), position) if position > start else None
            state = (at, position, self.key(captured))
            if state in seen:
                continue
            seen.add(state)
            kind, detail = self.program[at]
            if kind == "test":
                waiting += self.after_test(detail, views, start, at, position, captured)
            elif kind == "split":
                waiting += [(choice, position, captured) for choice in reversed(detail)]
            elif kind == "goto":
                waiting.append((detail, position, captured))
            else:
                waiting.append((at + 1, position, (kind, detail, position, captured)))
        return None

    def after_test(self, element, views, start, at, position, captured):
        """The states behind an element at a place; what is to be tried first comes last."""
        if position >= len(views):
            return
        view = views[position]
        if view.is_target and position > start and not self.across_labels:
            return
        if view.name in SCAFFOLDING and position > start and view.name not in element.names:
            yield at, position + 1, captured
        if element.test(view, _Bound(views, captured)):
            yield at + 1, position + 1, captured if element.capture is None else ("one", element.capture, position, captured)

    def key(self, captured):
        """What tells states apart beside where they are: the captured instructions that same() asks for."""
        newest = {}
        for kind, name, position in _chain(captured):
            if kind == "one" and name in self.asked:
                newest.setdefault(name, position)
        return tuple(sorted(newest.items()))

    @staticmethod
    def made(views, start, end, captured):
        first, last = views[start], views[end - 1]
        captures, closing = {}, {}
        for kind, name, position in reversed([*_chain(captured)]):
            if kind == "one":
                captures[name] = views[position].instr
            elif kind == "open":
                closing[name] = position
            else:
                captures[name] = _instrs(views, closing[name], position)
        return Match(
            start=first.index,
            end=last.index + 1,
            items=tuple(_instrs(views, start, end)),
            captures=captures,
            splits=not (first.is_first and last.is_last),
        )


class _Bound:
    """What was captured so far: {name: View} of single instructions."""

    __slots__ = ("views", "captured")

    def __init__(self, views, captured):
        self.views = views
        self.captured = captured

    def __contains__(self, name):
        return any(kind == "one" and name == each for kind, each, _ in _chain(self.captured))

    def __getitem__(self, name):
        return next(self.views[position] for kind, each, position in _chain(self.captured) if kind == "one" and name == each)


def _chain(captured):
    while captured is not None:
        kind, name, position, captured = captured
        yield kind, name, position


def _instrs(views, start, end):
    """The instructions in a range of views, each once."""
    found = []
    for view in views[start:end]:
        if not found or found[-1] is not view.instr:
            found.append(view.instr)
    return found
