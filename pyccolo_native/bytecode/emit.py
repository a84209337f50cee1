"""Lists of items that do the same on every version of CPython, to be put into a Code.

    code[at:at] = emit.call(print, emit.load(emit.Local("x"))) + emit.pop()

Wherever a value is wanted, a list is items that push one value; anything else is loaded, as by load(). So a list that is a constant is
given as constant([...]). The instructions have no locations: in a Code they take those of their neighbours. A list can be put into one
place: copied() makes another. All functions raise NotImplementedError on a version of CPython that is not known.
"""
from __future__ import annotations

from .core import Instr, Label, TryBegin, TryEnd
from .operands import SYMBOLS, BinaryOp, CellVar, FreeVar, Name
from .subjects import label_of
from .versions import RUNNING_MINOR, require_known

_PYTHON_311 = RUNNING_MINOR <= 11
_HAS_TO_BOOL = RUNNING_MINOR >= 13
_NULL_FIRST = RUNNING_MINOR <= 12  # of a call: before what is called
_HAS_NOT_TAKEN = RUNNING_MINOR >= 14
_METHOD = 1  # the bit of a name
_NOT_COMPARED = {"is": ("IS_OP", 0), "is not": ("IS_OP", 1), "in": ("CONTAINS_OP", 0), "not in": ("CONTAINS_OP", 1)}
_CONDITIONS = {"TRUE": "FALSE", "FALSE": "TRUE", "NONE": "NOT_NONE", "NOT_NONE": "NONE"}

_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200  # of co_flags


class Local(str):
    """A fast local variable of a function."""

    __slots__ = ()


class Global(str):
    """A global variable, or a builtin."""

    __slots__ = ()


class Named(str):
    """A variable of a module or a class body."""

    __slots__ = ()


_PLACES = {
    Local: ("LOAD_FAST" if _PYTHON_311 else "LOAD_FAST_CHECK", "STORE_FAST", "DELETE_FAST"),
    Global: ("LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL"),
    Named: ("LOAD_NAME", "STORE_NAME", "DELETE_NAME"),
    CellVar: ("LOAD_DEREF", "STORE_DEREF", "DELETE_DEREF"),
    FreeVar: ("LOAD_DEREF", "STORE_DEREF", "DELETE_DEREF"),
}


def _items(*parts):
    """A list of Instrs and other items; a tuple is the arguments of Instr(), a list is put in."""
    require_known()
    made = []
    for part in parts:
        if isinstance(part, tuple):
            made.append(Instr(*part))
        elif isinstance(part, list):
            made += part
        else:
            made.append(part)
    return made


def _on_place(place, action):
    names = _PLACES.get(type(place))
    if names is None:
        raise TypeError(f"a Local, Global, Named, CellVar or FreeVar is wanted, not {place!r}")
    # A CellVar and a FreeVar are operands; the others only say where the name belongs.
    return _items((names[action], place if isinstance(place, (CellVar, FreeVar)) else str(place)))


# ---- values


def constant(value):
    """Pushes a constant, whatever it is."""
    return _items(("LOAD_CONST", value))


def load(value):
    """Pushes a value.

    value: a Local (UnboundLocalError if it has no value), Global, Named, CellVar or FreeVar; items that push it, in a list; or a
        constant.
    """
    if isinstance(value, list):
        return _items(value)
    return _on_place(value, 0) if type(value) in _PLACES else constant(value)


def store(place):
    """Pops a value into a Local, Global, Named, CellVar or FreeVar; TypeError for anything else."""
    return _on_place(place, 1)


def delete(place):
    """Unbinds a Local, Global, Named, CellVar or FreeVar; TypeError for anything else."""
    return _on_place(place, 2)


def pop(count=1):
    """Pops values."""
    return _items(*[("POP_TOP",)] * count)


def dup(depth=1):
    """Pushes the value that is the `depth`th from the top once more."""
    return _items(("COPY", depth))


def swap(depth=2):
    """Swaps the value at the top with the `depth`th."""
    return _items(("SWAP", depth))


def rot(count):
    """Puts the value at the top below the `count` - 1 values under it."""
    return _items(*(("SWAP", depth) for depth in range(count, 1, -1)))


# ---- expressions


def attribute(value, name):
    """Pushes value.name."""
    return _items(load(value), ("LOAD_ATTR", name))


def set_attribute(target, name, value):
    """target.name = value"""
    return _items(load(value), load(target), ("STORE_ATTR", name))


def subscript(value, key):
    """Pushes value[key]."""
    return _items(load(value), load(key), ("BINARY_SUBSCR",) if RUNNING_MINOR <= 13 else ("BINARY_OP", BinaryOp.SUBSCR))


def set_subscript(target, key, value):
    """target[key] = value"""
    return _items(load(value), load(target), load(key), ("STORE_SUBSCR",))


def binary(operator, left, right):
    """Pushes the result of an operator such as "+", "+=" or BinaryOp.ADD; ValueError if there is no such."""
    if isinstance(operator, str):
        if operator not in SYMBOLS["BinaryOp"] or operator == BinaryOp.SUBSCR.symbol:
            raise ValueError(f"there is no binary operator {operator!r}")
        operator = SYMBOLS["BinaryOp"][operator]
    return _items(load(left), load(right), ("BINARY_OP", operator))


def compare(operator, left, right):
    """Pushes the result of "<", "==", "is", "not in" and so on; ValueError if there is no such comparison."""
    if operator in _NOT_COMPARED:
        return _items(load(left), load(right), _NOT_COMPARED[operator])
    if isinstance(operator, str) and operator not in SYMBOLS["Compare"]:
        raise ValueError(f"there is no comparison {operator!r}")
    return _items(load(left), load(right), ("COMPARE_OP", operator))


def negation(value):
    """Pushes `not value`."""
    return _items(load(value), _to_bool(), ("UNARY_NOT",))


def tuple_of(*values):
    """Pushes a tuple."""
    return _items(*map(load, values), ("BUILD_TUPLE", len(values)))


def list_of(*values):
    """Pushes a list."""
    return _items(*map(load, values), ("BUILD_LIST", len(values)))


def dict_of(pairs):
    """Pushes a dict. pairs: a dict or an iterable of (key, value)."""
    pairs = [*(pairs.items() if hasattr(pairs, "items") else pairs)]
    return _items(*(load(part) for pair in pairs for part in pair), ("BUILD_MAP", len(pairs)))


# ---- calls


def call(function, *args, **kwargs):
    """Pushes the result of a call. Function and arguments are values, as load() takes them."""
    called = [("PUSH_NULL",), load(function)] if _NULL_FIRST else [load(function), ("PUSH_NULL",)]
    return _items(*called, *map(load, args), *map(load, kwargs.values()), *_calling(len(args), kwargs))


def method_call(receiver, name, *args, **kwargs):
    """Pushes the result of receiver.name(...)."""
    method = ("LOAD_METHOD", name) if _PYTHON_311 else ("LOAD_ATTR", Name(name, _METHOD))
    return _items(load(receiver), method, *map(load, args), *map(load, kwargs.values()), *_calling(len(args), kwargs))


def call_with_top(function, count=1):
    """Pops `count` values, the last argument at the top, and pushes the result of a call of `function` with them."""
    null = _items(("PUSH_NULL",))
    first, second = (null, load(function)) if _NULL_FIRST else (load(function), null)
    return _items(first, rot(count + 1), second, rot(count + 1), *_calling(count, {}))


def _calling(count, keywords):
    """What follows the arguments, as arguments of Instr()."""
    total, names = count + len(keywords), tuple(keywords)
    if RUNNING_MINOR >= 13:
        return [("LOAD_CONST", names), ("CALL_KW", total)] if names else [("CALL", total)]
    precall = [("PRECALL", total)] if _PYTHON_311 else []
    return [("KW_NAMES", names)] * bool(names) + precall + [("CALL", total)]


# ---- control


def return_value(value=None):
    """Returns a value, as load() takes it."""
    return _items(load(value), ("RETURN_VALUE",))


def return_top():
    """Returns the value at the top of the stack."""
    return _items(("RETURN_VALUE",))


def raise_(exception):
    """Raises an exception or a class of such, as load() takes it."""
    return _items(load(exception), ("RAISE_VARARGS", 1))


def jump(label, backward=False):
    """Goes to a Label. backward: it stands before this."""
    return _items(("JUMP_BACKWARD" if backward else "JUMP_FORWARD", label))


def jump_if_true(label, backward=False):
    """Pops a value, and goes to a Label if it is true."""
    return _conditional("TRUE", label, backward)


def jump_if_false(label, backward=False):
    """Pops a value, and goes to a Label if it is false."""
    return _conditional("FALSE", label, backward)


def jump_if_none(label, backward=False):
    """Pops a value, and goes to a Label if it is None."""
    return _conditional("NONE", label, backward)


def jump_if_not_none(label, backward=False):
    """Pops a value, and goes to a Label if it is not None."""
    return _conditional("NOT_NONE", label, backward)


def _conditional(condition, label, backward):
    if _PYTHON_311:
        return _items((f"POP_JUMP_{'BACKWARD' if backward else 'FORWARD'}_IF_{condition}", label))
    if backward:
        behind = Label()
        return _items(_conditional(_CONDITIONS[condition], behind, False), ("JUMP_BACKWARD", label), behind)
    return _items(
        _to_bool() if condition in ("TRUE", "FALSE") else [],
        (f"POP_JUMP_IF_{condition}", label),
        _items(("NOT_TAKEN",)) if _HAS_NOT_TAKEN else [],
    )


def _to_bool():
    return _items(("TO_BOOL",)) if _HAS_TO_BOOL else []


def when(condition, then, otherwise=()):
    """if condition: then; else: otherwise. Both lists of items must leave the stack equally deep."""
    behind, instead = Label(), Label()
    if not otherwise:
        return _items(load(condition), jump_if_false(behind), list(then), behind)
    return _items(load(condition), jump_if_false(instead), list(then), jump(behind), instead, list(otherwise), behind)


def copied(items):
    """Other items that do the same: jumps among them go to Labels of their own, jumps to elsewhere to the same as before."""
    items = list(items)
    labels = {id(item): Label() for item in items if isinstance(item, Label)}
    begins = {}
    made = []
    for item in items:
        if isinstance(item, Instr):
            item = item.copy()
            if label_of(item) is not None:
                item.arg = labels.get(id(item.arg), item.arg)
        elif isinstance(item, Label):
            item = labels[id(item)]
        elif isinstance(item, TryBegin):
            target = labels.get(id(item.target), item.target)
            begins[id(item)] = TryBegin(target, item.lasti, depth=item.depth, drop=item.drop)
            item = begins[id(item)]
        elif isinstance(item, TryEnd):
            item = TryEnd(begins.get(id(item.begin), item.begin))
        made.append(item)
    return made


# ---- exceptions


def try_finally(body, final):
    """try: body; finally: final.

    body: items. It may return; then `final` runs first. It must not jump to a Label outside of it.
    final: items that leave the stack as it was; they do not return and do not jump out. They are copied.

    Raises ValueError for what jumps out, and for a `final` that returns.
    """
    _stays_inside(body, "body")
    _stays_inside(final, "final", may_return=False)
    handler, behind = Label(), Label()
    body, returns = _returns_moved(body)
    begin = TryBegin(handler)
    goes_on = _goes_on(body)
    leaving = [part for label, instr in returns for part in (label, *copied(final), instr)]
    return _items(
        *(begin, list(body), TryEnd(begin)),
        copied(final) + jump(behind) if goes_on else [],
        leaving,
        *(handler, _in_handler(copied(final)), [behind] if goes_on else []),
    )


def try_except(body, *handlers, value=False):
    """try: body; except ...: ...

    body: items. It must not jump to a Label outside of it.
    handlers: (what to catch, items) or (what to catch, items, place): `place` gets the exception, as `except ... as` does, and is
        deleted afterwards. What to catch is a class or a tuple of classes, as load() takes it; None stands for all exceptions. The
        items find the stack as it was before `body`; if they return, then with no more than the returned value above that.
    value: `body` and all handlers leave one value on the stack; else none.

    Raises ValueError for what jumps out, and if there are no handlers.
    """
    if not handlers:
        raise ValueError("try_except() needs a handler")
    _stays_inside(body, "body")
    start, behind = Label(), Label()
    begin = TryBegin(start)
    tests, leaving = [], []
    for catch, items, *place in handlers:
        _stays_inside(items, "handler")
        tests += _handler(catch, list(items), place[0] if place else None, value, behind, leaving)
    made = _items(begin, list(body), TryEnd(begin), jump(behind) if _goes_on(body) else [], start, _in_handler(tests), leaving)
    reached = any(label_of(item) is behind for item in made)
    return made + [behind] * reached


def _in_handler(items):
    """A handler: what is on the stack, the exception at the top, becomes the one being handled; if items run through, it goes on."""
    broken = Label()
    # As deep as the stack is here, with the exception: that is what PUSH_EXC_INFO puts the former one in place of.
    begin = TryBegin(broken, True)
    handling = _items(begin, ("PUSH_EXC_INFO",), items, ("RERAISE", 0), TryEnd(begin))
    return _items(handling, broken, ("COPY", 3), ("POP_EXCEPT",), ("RERAISE", 1))


def _handler(catch, items, place, value, behind, leaving):
    """One except clause; adds to `leaving` what ends the handling, which stands outside of the range."""
    following, done = Label(), Label()
    test = [] if catch is None else _items(load(catch), ("CHECK_EXC_MATCH",), jump_if_false(following))
    items, returns = _returns_moved(items)
    unset = [] if place is None else _items(constant(None), store(place), delete(place))
    end = jump(done) if _goes_on(items) else []
    if place is None:
        clause = _items(pop(), items, end)
    else:
        broken = Label()
        begin = TryBegin(broken, True)
        clause = _items(store(place), begin, items, TryEnd(begin), end, broken, copied(unset), ("RERAISE", 1))
    if end:
        leaving += _items(done, _end_handling(value), copied(unset), jump(behind))
    for label, instr in returns:
        leaving += _items(label, _end_handling(instr.name == "RETURN_VALUE"), copied(unset), instr)
    return _items(test, clause, following if catch is not None else [])


def _end_handling(value):
    return _items(swap() if value else [], ("POP_EXCEPT",))


def _goes_on(items):
    """Whether control may come to the end of items."""
    for item in reversed(items):
        if isinstance(item, (Instr, Label)):
            return isinstance(item, Label) or not item.is_terminator
    return True


def _returns_moved(items):
    """(items in which jumps stand for returns, [(Label they go to, the return)])."""
    made, moved = [], []
    for item in items:
        if isinstance(item, Instr) and item.is_return:
            moved.append((Label(), item))
            item = Instr("JUMP_FORWARD", moved[-1][0], **_located_as(item))
        made.append(item)
    return made, moved


def _located_as(instr):
    return {"location": instr.location} if instr.is_located else {}


def _stays_inside(items, what, may_return=True):
    placed = {id(item) for item in items if isinstance(item, Label)}
    for item in items:
        target = item.target if isinstance(item, TryBegin) else label_of(item)
        if target is not None and id(target) not in placed:
            raise ValueError(f"{what} goes to a Label outside of it: {item!r}")
        if not may_return and isinstance(item, Instr) and item.is_return:
            raise ValueError(f"{what} returns: {item!r}")


# ---- functions


def prologue(code):
    """What has to stand at the beginning of a Code, by its free and cell variables and its flags (of generators and coroutines)."""
    suspended = code.flags & (_GENERATOR | _COROUTINE | _ASYNC_GENERATOR)
    return _items(
        *[("COPY_FREE_VARS", len(code.freevars))] * bool(code.freevars),
        *(("MAKE_CELL", CellVar(name)) for name in code.cellvars),
        *[("RETURN_GENERATOR",), ("POP_TOP",)] * bool(suspended),
        ("RESUME", 0),
    )


def framed(code, body):
    """The items of a whole Code: prologue(code), `body`, and for generators and coroutines, from 3.12 on, what turns StopIteration
    into RuntimeError.

    body: items that return.
    """
    begin = prologue(code)
    if RUNNING_MINOR <= 11 or not any(item.name == "RETURN_GENERATOR" for item in begin):
        return _items(begin, list(body))
    handler = Label()
    guard = TryBegin(handler, True)
    # The value that is sent first is popped before the range of the compilers begins; RESUME is in it.
    *start, resume = begin
    return _items(start, guard, resume, list(body), TryEnd(guard), handler, ("CALL_INTRINSIC_1", 3), ("RERAISE", 1))
