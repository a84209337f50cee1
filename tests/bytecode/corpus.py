"""The code objects of the standard library, and whether a Code gives each of them back as it was."""
import dis
import marshal
import sys
import types
import warnings

from pyccolo_native.bytecode import foreign
from tests.packages.sweep import files, stdlib

FIELDS = (
    *("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals", "co_flags", "co_code", "co_consts", "co_names"),
    *("co_varnames", "co_freevars", "co_cellvars", "co_filename", "co_name", "co_qualname", "co_firstlineno", "co_linetable"),
    "co_exceptiontable",
)
SHOWN = 3


def code_of(path, name=None):
    """The code of a file, None if compile() refuses it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return compile(path.read_bytes(), name or str(path), "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return None


def walk(code):
    """The code object and all inside it."""
    waiting = [code]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed([constant for constant in one.co_consts if isinstance(constant, types.CodeType)])


def same_constant(first, second):
    """Equality of constants with their types; of floats with sign and NaN, of code with all but the size of the stack."""
    if type(first) is not type(second):
        return False
    if isinstance(first, (tuple, list)):
        return len(first) == len(second) and all(map(same_constant, first, second))
    if isinstance(first, (float, complex)):
        return repr(first) == repr(second)
    if isinstance(first, frozenset):
        return {(type(its), its) for its in first} == {(type(its), its) for its in second}
    if isinstance(first, types.CodeType):
        return first is second or not differences(first, second)
    return first == second


def differences(code, made):
    """Texts: what `made` has otherwise than `code`, but for the size of its stack."""
    told = []
    for name in FIELDS:
        sides = getattr(code, name), getattr(made, name)
        if not same_constant(*sides):
            told.append(f"{name}: {_short(sides[0])} became {_short(sides[1])}")
    if list(code.co_positions()) != list(made.co_positions()):
        told.append("co_positions() differs")
    if not told:
        alike = _with_stacks_of(made, code)
        if code != alike:
            told.append("== says no")
        elif alike is made and _marshalled(code) != _marshalled(made):
            told.append("marshal writes it otherwise")
        elif alike is not made and _variables(code) != _variables(made):  # replace() forgets how arguments are given (3.14)
            told.append("the kinds of variables differ")
    return told


def _marshalled(code):
    """The code as marshal writes it without references, which depend on who else refers to an object."""
    try:
        return marshal.dumps(code, 2)
    except ValueError:
        return None  # that version has no slices


def _variables(code):
    """Names and kinds of the variables, of nested code too, as only marshal tells them."""
    raw = foreign.loads(marshal.dumps(code), sys.version_info[:2])
    return [(one.co_localsplusnames, one.co_localspluskinds) for one in raw.walk()]


def _with_stacks_of(code, other):
    """The code with the stack sizes of other code, which is the same besides; of nested code too."""
    if code is other or not isinstance(code, types.CodeType):
        return code
    constants = tuple(map(_with_stacks_of, code.co_consts, other.co_consts))
    if all(its is was for its, was in zip(constants, code.co_consts)):
        constants = code.co_consts
    if constants is code.co_consts and code.co_stacksize == other.co_stacksize:
        return code
    return code.replace(co_stacksize=other.co_stacksize, co_consts=constants)


def _short(value):
    text = value.hex(" ", 2) if isinstance(value, bytes) else repr(value)
    return text if len(text) < 200 else f"{text[:200]}…"


# ---- The ways there and back


def touched(bc, code):
    """Through a Code whose items have all been looked at."""
    made = bc.Code.from_code(code)
    for item in made:
        if isinstance(item, bc.Instr):
            item.name, item.arg, item.location
    return made.to_code()


def derived(bc, code):
    """Through a new Code of copies, with nothing taken over from the code object."""
    made = bc.Code.from_code(code)
    items = [item.copy() if isinstance(item, bc.Instr) else item for item in made]
    return bc.Code(items, **made.metadata()).to_code(reuse=False)


def edited(bc, code):
    """With a NOP put before the first instruction of every line, and all of them taken out again."""
    made = bc.Code.from_code(code)
    before, nops = None, []
    for index in range(len(made) - 1, -1, -1):
        item = made[index]
        if not isinstance(item, bc.Instr):
            continue
        earlier = next((made[i] for i in range(index - 1, -1, -1) if isinstance(made[i], bc.Instr)), None)
        before = None if earlier is None else earlier.lineno
        if item.lineno is not None and item.lineno != before:
            nops.append(bc.Instr("NOP", location=item.location))
            made.insert(index, nops[-1])
    with_nops = made.to_code(verify=False)
    if nops and len(with_nops.co_code) < len(code.co_code) + 2 * len(nops):
        raise AssertionError("the NOPs are not there")
    known = {id(nop) for nop in nops}
    for index in range(len(made) - 1, -1, -1):
        if id(made[index]) in known:
            del made[index]
    return made.to_code()


def accepted(bc, code):
    """verify() finds nothing wrong."""
    problems = bc.Code.from_code(code).verify()
    if problems:
        raise AssertionError(f"verify(): {list(problems)[:SHOWN]}")
    return code


WAYS = {"touched": touched, "derived": derived, "edited": edited, "verified": accepted}


def stack_need(code):
    """How many values are on the stack at most, of what control can reach, by dis and the exception table."""
    instructions = [its for its in dis.get_instructions(code, show_caches=False)]
    index = {its.offset: number for number, its in enumerate(instructions)}
    extended = dis.opmap["EXTENDED_ARG"]
    jumps = {*dis.hasjrel, *dis.hasjabs}
    ends = {"RETURN_VALUE", "RETURN_CONST", "RERAISE", "RAISE_VARARGS", "INTERPRETER_EXIT"}
    always = {"JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"}
    is_generator = code.co_flags & 0x2A0
    ranges = dis.Bytecode(code).exception_entries
    # Before 3.13 RETURN_GENERATOR does not say that it leaves a value for POP_TOP.
    pending, seen = [(0, 1 if is_generator and sys.version_info < (3, 13) else 0)], {}
    need = 0
    while pending:
        number, depth = pending.pop()
        if seen.get(number, -1) >= depth:
            continue
        seen[number] = depth
        need = max(need, depth)
        its = instructions[number]
        for entry in ranges:
            if entry.start <= its.offset < entry.end:
                pending.append((index[entry.target], entry.depth + entry.lasti + 1))
        if its.opcode == extended:
            pending.append((number + 1, depth))
            continue
        arg = None if its.arg is None or its.opcode < dis.HAVE_ARGUMENT else its.arg
        if its.opcode in jumps and its.opname != "END_ASYNC_FOR":
            after = depth + dis.stack_effect(its.opcode, arg, jump=True)
            need = max(need, after)
            pending.append((index[its.argval], after))
        if its.opname not in ends and its.opname not in always:
            after = depth + dis.stack_effect(its.opcode, arg, jump=False)
            need = max(need, after)
            pending.append((number + 1, after))
    return need


# ---- Counts


class Counts:
    """What became of code objects, by way.

    Attributes:
        codes: how many there were.
        exact: {way: how many came back as they were}.
        stack: {"equal" | "greater" | "smaller" | "too small": how many have such a co_stacksize when derived anew}.
        problems: {(file, qualified name, way): texts}.
    """

    def __init__(self):
        self.files = self.codes = 0
        self.exact = dict.fromkeys(WAYS, 0)
        self.stack = {"equal": 0, "greater": 0, "smaller": 0, "too small": 0}
        self.problems = {}

    def add(self, other):
        self.files += other.files
        self.codes += other.codes
        for mine, others in ((self.exact, other.exact), (self.stack, other.stack)):
            for key, count in others.items():
                mine[key] += count
        self.problems.update(other.problems)

    def take(self, bc, path, code, ways=tuple(WAYS)):
        """Sends one code object all the ways."""
        self.codes += 1
        for way in ways:
            try:
                made = WAYS[way](bc, code)
                told = differences(code, made) if made is not code else []
                if way == "derived":
                    told += self._compare_stacks(code, made)
                elif made.co_stacksize != code.co_stacksize:
                    told.append(f"co_stacksize: {code.co_stacksize} became {made.co_stacksize}")
            except Exception as error:
                told = [f"{type(error).__name__}: {error}"]
            if told:
                self.problems[str(path), f"{code.co_qualname}:{code.co_firstlineno}", way] = told
            else:
                self.exact[way] += 1

    def _compare_stacks(self, code, made):
        before, after = code.co_stacksize, made.co_stacksize
        if after == before:
            kind = "equal"
        elif after > before:
            kind = "greater"
        else:
            kind = "smaller" if after >= stack_need(code) else "too small"
        self.stack[kind] += 1
        return [f"co_stacksize: {before} became {after}, which is too small"] if kind == "too small" else []

    def lines(self):
        """The table."""
        version = ".".join(map(str, sys.version_info[:3]))
        yield f"Python {version}: {self.codes:,} code objects of {self.files:,} files"
        for way, count in self.exact.items():
            share = 100 * count / self.codes if self.codes else 0.0
            yield f"  {way:<9}{count:>8,}  {share:8.4f} %  {WAYS[way].__doc__.splitlines()[0]}"
        told = ", ".join(f"{count:,} {kind}" for kind, count in self.stack.items())
        share = 100 * self.stack["equal"] / self.codes if self.codes else 0.0
        yield f"  co_stacksize derived: {told} ({share:.3f} % equal)"


def take_files(paths, ways=tuple(WAYS)):
    """The Counts of the code of these files."""
    import pyccolo_native.bytecode as bc

    counts = Counts()
    for path in paths:
        code = code_of(path)
        if code is None:
            continue
        counts.files += 1
        for one in walk(code):
            counts.take(bc, path, one, ways)
    return counts


__all__ = ["Counts", "code_of", "differences", "files", "stack_need", "stdlib", "take_files", "walk"]
