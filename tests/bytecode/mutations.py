"""Random changes of a Code. What is made of the same random numbers is the same."""
import sys

from pyccolo_native import _native
from pyccolo_native.bytecode import BytecodeError, CellVar, Code, FreeVar, Instr, Label, Name, TryBegin, TryEnd
from pyccolo_native.bytecode.operands import ENUMS

TABLE = _native.opcode_table(sys.version_info[1])
KINDS = {name: operand for name, _, _, operand, _, _ in TABLE}
NAMES = sorted(KINDS)
CONSTANTS = (None, True, 0, 1, -3, 2.5, "a", b"b", (), (1, 2), ("a", "b"), ("a",), frozenset({1}), ..., slice(1), 1 << 70)
COUNTS = (0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 8, 16, 255, 256)
FLAGS = (0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x80, 0x100, 0x200, 0x20000, 0x4000000)
EFFECTS: dict = {}
GIVE_UP = (BytecodeError, ValueError, TypeError, IndexError, KeyError)


def effects():
    """{(pops, pushes): names} of instructions, by their effect with small operands."""
    if not EFFECTS:
        for name in NAMES:
            for arg in range(4):
                told = EFFECTS.setdefault(tuple(_native.stack_effect(sys.version_info[1], name, arg, False)), [])
                if name not in told:
                    told.append(name)
    return EFFECTS


class Mutator:
    """Changes one Code.

    Attributes:
        code: it.
        told: what was done, in words.
    """

    def __init__(self, chance, code):
        self.chance, self.code, self.told = chance, code, []
        self.constants = [item.arg for item in code if isinstance(item, Instr) and KINDS[item.name] == "Const"]

    def run(self, times):
        for _ in range(times):
            edit = self.chance.choice(EDITS)
            try:
                done = edit(self)
            except GIVE_UP as error:
                done = f"refused: {error}"
            self.told.append(f"{edit.__name__}: {done}")

    # ---- What there is

    def place(self, kind=object):
        """The index of an item of that kind; ValueError if there is none."""
        places = [index for index, item in enumerate(self.code) if isinstance(item, kind)]
        if not places:
            raise ValueError(f"there is no {kind}")
        return self.chance.choice(places)

    def near(self, index):
        """Another place, mostly close by."""
        reach = self.chance.choice((1, 1, 2, 3, 8, 1000))
        return min(max(0, index + self.chance.randint(-reach, reach)), len(self.code))

    def label(self):
        """A label that is there, or a new one that was put somewhere."""
        labels = [item for item in self.code if isinstance(item, Label)]
        if labels and self.chance.random() < 0.7:
            return self.chance.choice(labels)
        label = Label()
        self.code.insert(self.place(Instr), label)
        return label

    def variable(self, kind):
        code, chance = self.code, self.chance
        choices = [CellVar(name) for name in code.cellvars] + [FreeVar(name) for name in code.freevars]
        if kind != "Deref" or not choices:
            choices += [name for name in (*code.args, *code.varnames) if name not in code.cellvars]
        if chance.random() < 0.05 or not choices:
            choices = ["new"] if kind != "Deref" else [CellVar("newcell")]
        return chance.choice(choices)

    def operand(self, name):
        """An operand that such an instruction may have."""
        kind, chance = KINDS[name], self.chance
        if kind == "None":
            return None
        if kind in ENUMS:
            return chance.choice(list(ENUMS[kind]))
        if kind == "Const":
            nested = [constant for constant in self.constants if isinstance(constant, Code)]
            choices = self.constants if self.constants and chance.random() < 0.6 else nested or CONSTANTS
            return chance.choice(choices if chance.random() < 0.8 else CONSTANTS)
        if kind.startswith("Name"):
            names = [*self.code.names] or ["x"]
            chosen = chance.choice(names)
            return chosen if kind == "Name" else Name(chosen, chance.randrange(4 if kind == "NameSuper" else 2))
        if kind == "FastPair":
            return self.variable("Fast"), self.variable("Fast")
        if kind in ("Fast", "Deref"):
            return self.variable(kind)
        if kind.startswith("Jump"):
            return self.label()
        return chance.choice(COUNTS)

    def made(self, name):
        return Instr(name, self.operand(name))

    # ---- Edits

    def delete(self):
        index, count = self.place(), self.chance.choice((1, 1, 1, 2, 3, 6))
        gone = self.code[index : index + count]
        del self.code[index : index + count]
        return f"{gone} at {index}"

    def duplicate(self):
        index = self.place(Instr)
        to = index if self.chance.random() < 0.5 else self.near(index)
        self.code.insert(to, self.code[index].copy())
        return f"{self.code[to]} of {index} at {to}"

    def swap(self):
        first = self.place()
        second = min(self.near(first), len(self.code) - 1)
        code = self.code
        one, other = code[first], code[second]
        if first != second:
            # An item is in a Code once.
            code[first] = Instr("NOP")
            code[second] = one
            code[first] = other
        return f"{first} and {second}"

    def replace(self):
        index = self.place(Instr)
        was = self.code[index]
        self.code[index] = self.made(self.chance.choice(NAMES))
        return f"{was} by {self.code[index]} at {index}"

    def replace_alike(self):
        """By an instruction that takes and leaves as many values."""
        index = self.place(Instr)
        was = self.code[index]
        alike = effects().get(tuple(was.pops_pushes(False)), NAMES)
        self.code[index] = self.made(self.chance.choice(alike))
        return f"{was} by {self.code[index]} at {index}"

    def move(self):
        index = self.place()
        item = self.code[index]
        del self.code[index]
        to = self.near(index)
        self.code.insert(to, item)
        return f"{item} from {index} to {to}"

    def copy_run(self):
        """Some instructions in a row, put somewhere else; jumps go where those of the originals go."""
        begin = self.place(Instr)
        run = [item.copy() for item in self.code[begin : begin + self.chance.randint(2, 8)] if isinstance(item, Instr)]
        to = self.near(begin)
        self.code[to:to] = run
        return f"{run} of {begin} at {to}"

    def insert(self):
        index = self.near(self.place())
        made = self.made(self.chance.choice(NAMES))
        self.code.insert(index, made)
        return f"{made} at {index}"

    def insert_balanced(self):
        """Two instructions or three: what the first leaves, the last takes."""
        chance = self.chance
        sources = ["LOAD_CONST", "LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_DEREF", "LOAD_GLOBAL", "COPY", "PUSH_NULL", "LOAD_SMALL_INT"]
        takers = ["POP_TOP", "STORE_FAST", "STORE_DEREF", "STORE_GLOBAL", "POP_EXCEPT", "YIELD_VALUE", "POP_JUMP_IF_TRUE"]
        takers += ["POP_JUMP_FORWARD_IF_FALSE", "POP_JUMP_IF_NONE", "END_FOR", "POP_ITER"]
        middles = [name for name in effects()[1, 1]] + ["NOP"]
        names = [chance.choice([name for name in group if name in KINDS]) for group in (sources, middles, takers)]
        if chance.random() < 0.6:
            del names[1]
        index = self.near(self.place())
        made = [self.made(name) for name in names]
        self.code[index:index] = made
        return f"{made} at {index}"

    def insert_store(self):
        """A variable set or unset, which matters to whoever borrows it or relies on it."""
        index = self.near(self.place(Instr))
        if self.chance.random() < 0.5:
            made = [Instr("DELETE_FAST", self.variable("Fast"))]
        else:
            made = [Instr("LOAD_CONST", None), Instr("STORE_FAST", self.variable("Fast"))]
        self.code[index:index] = made
        return f"{made} at {index}"

    def change_operand(self):
        item = self.code[self.place(Instr)]
        was, item.arg = item.arg, self.operand(item.name)
        return f"{item}, was {was!r}"

    def move_label(self):
        index = self.place(Label)
        label = self.code[index]
        del self.code[index]
        to = self.near(index)
        self.code.insert(to, label)
        return f"from {index} to {to}"

    def change_try(self):
        item = self.code[self.place(TryBegin)]
        what = self.chance.choice(("target", "lasti", "depth", "drop"))
        if what == "target":
            item.target = self.label()
        elif what == "lasti":
            item.lasti = not item.lasti
        elif what == "depth":
            item.depth = self.chance.choice((None, 0, 1, 2, 3, 4))
        else:
            item.drop = self.chance.choice((0, 1, 2))
        return f"{what} of {item}"

    def add_try(self):
        code, chance = self.code, self.chance
        begin = self.place(Instr)
        end = min(len(code), begin + chance.randint(1, 12))
        item = TryBegin(self.label(), chance.random() < 0.3, drop=chance.choice((0, 0, 0, 1)))
        code.insert(end, TryEnd(item))
        code.insert(begin, item)
        return f"{begin} to {end}"

    def move_try(self):
        index = self.place((TryBegin, TryEnd))
        item = self.code[index]
        del self.code[index]
        to = self.near(index)
        self.code.insert(to, item)
        return f"{item} from {index} to {to}"

    def change_attribute(self):
        code, chance = self.code, self.chance
        what = chance.choice(("flags", "flags", "varargs", "varkwargs", "kwonly", "posonly", "args", "cellvars", "freevars", "cell_of_arg"))
        if what == "flags":
            code.flags ^= chance.choice(FLAGS)
        elif what in ("varargs", "varkwargs"):
            setattr(code, what, not getattr(code, what))
        elif what in ("kwonly", "posonly"):
            setattr(code, what, chance.randrange(3))
        elif what == "args":
            code.args = code.args[1:] if chance.random() < 0.5 else (*code.args, "added")
        elif what == "cell_of_arg":
            code.cellvars = (*code.cellvars, chance.choice(code.args or code.varnames or ("x",)))
        else:
            was = getattr(code, what)
            setattr(code, what, was[1:] if chance.random() < 0.5 else (*was, "added"))
        return what


EDITS = (
    *(Mutator.delete, Mutator.delete, Mutator.duplicate, Mutator.duplicate, Mutator.swap, Mutator.swap, Mutator.replace, Mutator.copy_run),
    *(Mutator.copy_run, Mutator.replace_alike, Mutator.replace_alike, Mutator.replace_alike, Mutator.move, Mutator.move, Mutator.insert),
    *(Mutator.insert_balanced, Mutator.insert_balanced, Mutator.insert_balanced, Mutator.insert_store, Mutator.insert_store),
    *(Mutator.change_operand, Mutator.change_operand, Mutator.change_operand, Mutator.move_label, Mutator.change_try),
    *(Mutator.add_try, Mutator.move_try, Mutator.change_attribute),
)


def mutate(chance, code):
    """(a changed Code of the code object, what was done)."""
    mutator = Mutator(chance, Code.from_code(code))
    mutator.run(chance.choice((1, 1, 1, 2, 2, 3, 4, 6)))
    return mutator.code, mutator.told
