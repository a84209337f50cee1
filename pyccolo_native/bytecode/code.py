"""Code: a code object as a list of instructions and a set of attributes."""
from __future__ import annotations

from collections.abc import MutableSequence
from types import CellType, CodeType, FunctionType, MethodType

from .core import CodeCore
from .errors import VerifyError

_BORROWING = {"LOAD_FAST_BORROW": "LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW": "LOAD_FAST_LOAD_FAST"}
_METADATA = (
    "args",
    "posonly",
    "kwonly",
    "varargs",
    "varkwargs",
    "freevars",
    "cellvars",
    "name",
    "qualname",
    "filename",
    "firstlineno",
    "flags",
    "consts",
    "names",
    "varnames",
)


class Code(CodeCore):
    """A mutable sequence of Instr, Label, SetLineno, TryBegin and TryEnd, with what a code object is besides.

    Args:
        instructions: the items.
        args: names of all arguments, in the order positional, keyword-only, *args, **kwargs.
        posonly, kwonly: how many arguments are positional-only and keyword-only.
        varargs, varkwargs: whether the last arguments are a *args and a **kwargs.
        freevars: variables of the functions around, in the order of the closure.
        cellvars: variables that functions inside use.
        newlocals: True for a function, False for a module or a class body.
        name, qualname, filename, firstlineno, docstring: as of the code object.
        flags: co_flags; None for those that follow from the rest.
        consts, names, varnames: what keeps its place in these tables. What instructions use besides comes behind.

    Raises TypeError for items that are none, ValueError for attributes that do not fit.
    """

    __slots__ = ()
    __hash__ = None

    def __init__(
        self,
        instructions=(),
        *,
        args=(),
        posonly=0,
        kwonly=0,
        varargs=False,
        varkwargs=False,
        freevars=(),
        cellvars=(),
        newlocals=True,
        name="<code>",
        qualname=None,
        filename="<bytecode>",
        firstlineno=1,
        docstring=None,
        flags=None,
        consts=(),
        names=(),
        varnames=(),
    ):
        self.consts = consts
        self.names = names
        if flags is None:
            self.newlocals = newlocals
        else:
            self.flags = flags
        self.varargs = varargs
        self.varkwargs = varkwargs
        self.kwonly = kwonly
        self.args = args
        if varnames:
            if tuple(varnames)[: len(self.args)] != self.args:
                raise ValueError("varnames begins with the names of the arguments, in their order")
            self.varnames = varnames
        if posonly > self.argcount:
            raise ValueError(f"{posonly} arguments are positional-only, of {self.argcount} that may be given by position")
        self.posonly = posonly
        self.cellvars = cellvars
        self.freevars = freevars
        self.name = name
        self.qualname = name if qualname is None else qualname
        self.filename = filename
        self.firstlineno = firstlineno
        if docstring is not None:
            self.docstring = docstring
        self[:] = instructions

    @classmethod
    def from_raw(cls, raw):
        """The Code of a foreign.RawCode, or of a dict of its attributes and `version`, (3, minor).

        It can be read, listed and assembled; it can be changed only if that version runs. Raises ValueError for a version that is
        not known.
        """
        if isinstance(raw, dict):
            from .foreign import RawCode

            fields, raw = raw, RawCode()
            for name, value in fields.items():
                setattr(raw, name, value)
        return super().from_raw(raw, raw.version)

    @classmethod
    def from_function(cls, function):
        """The Code of a Python function or method. Raises TypeError for anything else."""
        if isinstance(function, MethodType):
            function = function.__func__
        if not isinstance(function, FunctionType):
            raise TypeError(f"a Python function is wanted, not {type(function).__name__}")
        return cls.from_code(function.__code__)

    def to_function(self, like=None, *, globals=None, closure=None, **options):
        """A function that runs this code.

        Args:
            like: a function to take globals, defaults, closure, annotations, attributes and names from.
            globals: its globals, if there is no `like`, or other ones.
            closure: values or cells for freevars, in their order; by default those of `like`, by name.
            options: as for to_code().

        Raises ValueError if a free variable has no cell.
        """
        code = self.to_code(**options)
        if globals is None:
            if like is None:
                raise TypeError("to_function() takes a function to be like, or globals")
            globals = like.__globals__
        function = FunctionType(code, globals, closure=_closure(code, like, closure))
        if like is not None:
            _take_after(function, like)
        return function

    # ---- the list

    append = MutableSequence.append
    count = MutableSequence.count
    index = MutableSequence.index
    pop = MutableSequence.pop
    remove = MutableSequence.remove
    reverse = MutableSequence.reverse
    __contains__ = MutableSequence.__contains__
    __reversed__ = MutableSequence.__reversed__

    def extend(self, items):
        """Puts items at the end."""
        self[len(self) :] = items

    def __iadd__(self, items):
        self.extend(items)
        return self

    def clear(self):
        """Takes all items out."""
        del self[:]

    # ---- the whole

    def metadata(self):
        """What the constructor takes besides the items, as a dict."""
        return {name: getattr(self, name) for name in _METADATA}

    def copy(self):
        """Another Code of the same items, each a copy; nested Code is shared."""
        copied = type(self)(**self.metadata())
        copied[:] = [item.copy() if hasattr(item, "copy") else item for item in self]
        return copied

    __copy__ = copy

    def walk(self):
        """This Code and all that are nested in it, outer ones first."""
        pending = [self]
        while pending:
            code = pending.pop()
            yield code
            pending.extend(reversed(code.children()))

    def demote_borrows(self):
        """Makes instructions that borrow a variable's value load it instead, here and in nested code (3.14 and newer).

        What is borrowed must not be stored to or deleted while it is on the stack; verify() rejects that.
        """
        for code in self.walk():
            for item in code:
                name = _BORROWING.get(item.name)
                if name is not None:
                    item.name = name

    def verify(self):
        """Checks that the code is safe to run, and the code nested in it. Returns an empty list.

        Raises BytecodeError for items that do not fit together, VerifyError for what could harm the interpreter.
        """
        for code in self.walk():
            problems = code.problems()
            if problems:
                index, reason = problems[0]
                place = "" if index is None else f", item {index} ({code[index].name})"
                raise VerifyError(f"{code.qualname}{place}: {reason}", index, problems)
        return []

    def __eq__(self, other):
        if not isinstance(other, CodeCore):
            return NotImplemented
        from .compare import same_code

        return same_code(self, other)

    def __repr__(self):
        return f"<Code {self.qualname}, {self.filename}:{self.firstlineno}>"

    def __str__(self):
        from .listing import listing

        return listing(self)


MutableSequence.register(Code)


def _closure(code, like, given):
    if given is not None:
        cells = [value if isinstance(value, CellType) else CellType(value) for value in given]
    else:
        known = dict(zip(like.__code__.co_freevars, like.__closure__ or ())) if like is not None else {}
        missing = [name for name in code.co_freevars if name not in known]
        if missing:
            raise ValueError(f"no cell for the free variable {missing[0]}: give closure=")
        cells = [known[name] for name in code.co_freevars]
    if len(cells) != len(code.co_freevars):
        raise ValueError(f"{len(cells)} cells for {len(code.co_freevars)} free variables")
    return tuple(cells) or None


def _take_after(function, like):
    function.__defaults__ = like.__defaults__
    function.__kwdefaults__ = like.__kwdefaults__ and dict(like.__kwdefaults__)
    function.__module__ = like.__module__
    function.__doc__ = like.__doc__
    if hasattr(like, "__annotate__"):
        function.__annotate__ = like.__annotate__
    else:
        function.__annotations__ = dict(like.__annotations__)
    if hasattr(like, "__type_params__"):
        function.__type_params__ = like.__type_params__
    function.__dict__.update(like.__dict__)


def code_of(object):
    """The code object of a function, method, generator, coroutine, frame, Code or code object.

    Raises TypeError for what has none.
    """
    if isinstance(object, CodeType):
        return object
    for name in ("__code__", "gi_code", "cr_code", "ag_code", "f_code"):
        code = getattr(object, name, None)
        if isinstance(code, CodeType):
            return code
    if isinstance(object, MethodType):
        return code_of(object.__func__)
    raise TypeError(f"{type(object).__name__} has no code object")
