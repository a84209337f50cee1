"""What operands of instructions are: names of several kinds, and numbers that have a meaning.

The numbers are those of CPython; no version has given one another meaning, newer ones have added some.
"""
from __future__ import annotations

from enum import IntEnum, IntFlag


class CellVar(str):
    """A variable of the code that functions inside it use too."""

    __slots__ = ()

    def __repr__(self):
        return f"CellVar({str(self)!r})"


class FreeVar(str):
    """A variable of a function around the code."""

    __slots__ = ()

    def __repr__(self):
        return f"FreeVar({str(self)!r})"


class Name(str):
    """A name, and the bits that some instructions have besides. Equal to the str.

    Attributes:
        flags: LOAD_GLOBAL: 1 pushes NULL too, for a call. LOAD_ATTR (3.12 and newer): 1 loads a method, for a call.
            LOAD_SUPER_ATTR: 1 loads a method, 2 is super() with two arguments.
    """

    __slots__ = ("flags",)

    def __new__(cls, name, flags=0):
        self = super().__new__(cls, name)
        self.flags = flags
        return self

    def __repr__(self):
        return f"Name({str(self)!r}, flags={self.flags})"

    def __reduce__(self):
        return Name, (str(self), self.flags)


class _Symbol(IntEnum):
    def __new__(cls, value, symbol):
        self = int.__new__(cls, value)
        self._value_ = value
        self.symbol = symbol
        return self

    def __str__(self):
        return self.symbol


class Compare(_Symbol):
    """The operand of COMPARE_OP; the _CAST forms (3.13 and newer) give a bool."""

    LT = 0, "<"
    LE = 1, "<="
    EQ = 2, "=="
    NE = 3, "!="
    GT = 4, ">"
    GE = 5, ">="
    LT_CAST = 16, "bool(<)"
    LE_CAST = 17, "bool(<=)"
    EQ_CAST = 18, "bool(==)"
    NE_CAST = 19, "bool(!=)"
    GT_CAST = 20, "bool(>)"
    GE_CAST = 21, "bool(>=)"


class BinaryOp(_Symbol):
    """The operand of BINARY_OP."""

    ADD = 0, "+"
    AND = 1, "&"
    FLOOR_DIVIDE = 2, "//"
    LSHIFT = 3, "<<"
    MATRIX_MULTIPLY = 4, "@"
    MULTIPLY = 5, "*"
    REMAINDER = 6, "%"
    OR = 7, "|"
    POWER = 8, "**"
    RSHIFT = 9, ">>"
    SUBTRACT = 10, "-"
    TRUE_DIVIDE = 11, "/"
    XOR = 12, "^"
    INPLACE_ADD = 13, "+="
    INPLACE_AND = 14, "&="
    INPLACE_FLOOR_DIVIDE = 15, "//="
    INPLACE_LSHIFT = 16, "<<="
    INPLACE_MATRIX_MULTIPLY = 17, "@="
    INPLACE_MULTIPLY = 18, "*="
    INPLACE_REMAINDER = 19, "%="
    INPLACE_OR = 20, "|="
    INPLACE_POWER = 21, "**="
    INPLACE_RSHIFT = 22, ">>="
    INPLACE_SUBTRACT = 23, "-="
    INPLACE_TRUE_DIVIDE = 24, "/="
    INPLACE_XOR = 25, "^="
    SUBSCR = 26, "[]"  # 3.14


class Intrinsic1(_Symbol):
    """The operand of CALL_INTRINSIC_1."""

    PRINT = 1, "PRINT"
    IMPORT_STAR = 2, "IMPORT_STAR"
    STOPITERATION_ERROR = 3, "STOPITERATION_ERROR"
    ASYNC_GEN_WRAP = 4, "ASYNC_GEN_WRAP"
    UNARY_POSITIVE = 5, "UNARY_POSITIVE"
    LIST_TO_TUPLE = 6, "LIST_TO_TUPLE"
    TYPEVAR = 7, "TYPEVAR"
    PARAMSPEC = 8, "PARAMSPEC"
    TYPEVARTUPLE = 9, "TYPEVARTUPLE"
    SUBSCRIPT_GENERIC = 10, "SUBSCRIPT_GENERIC"
    TYPEALIAS = 11, "TYPEALIAS"


class Intrinsic2(_Symbol):
    """The operand of CALL_INTRINSIC_2."""

    PREP_RERAISE_STAR = 1, "PREP_RERAISE_STAR"
    TYPEVAR_WITH_BOUND = 2, "TYPEVAR_WITH_BOUND"
    TYPEVAR_WITH_CONSTRAINTS = 3, "TYPEVAR_WITH_CONSTRAINTS"
    SET_FUNCTION_TYPE_PARAMS = 4, "SET_FUNCTION_TYPE_PARAMS"
    SET_TYPEPARAM_DEFAULT = 5, "SET_TYPEPARAM_DEFAULT"  # 3.13


class CommonConstant(_Symbol):
    """The operand of LOAD_COMMON_CONSTANT (3.14 and newer)."""

    ASSERTION_ERROR = 0, "AssertionError"
    NOT_IMPLEMENTED_ERROR = 1, "NotImplementedError"
    TUPLE = 2, "tuple"
    ALL = 3, "all"
    ANY = 4, "any"
    LIST = 5, "list"  # 3.15, and those below
    SET = 6, "set"
    NONE = 7, "None"
    EMPTY_STR = 8, "''"
    TRUE = 9, "True"
    FALSE = 10, "False"
    MINUS_ONE = 11, "-1"


class SpecialMethod(_Symbol):
    """The operand of LOAD_SPECIAL (3.14 and newer)."""

    ENTER = 0, "__enter__"
    EXIT = 1, "__exit__"
    AENTER = 2, "__aenter__"
    AEXIT = 3, "__aexit__"


class Conversion(_Symbol):
    """The operand of CONVERT_VALUE (3.13 and newer)."""

    STR = 1, "str"
    REPR = 2, "repr"
    ASCII = 3, "ascii"


class FormatValue(_Symbol):
    """The operand of FORMAT_VALUE (3.11 and 3.12): what to convert with, and whether a format spec is on the stack."""

    NONE = 0, "none"
    STR = 1, "str"
    REPR = 2, "repr"
    ASCII = 3, "ascii"
    SPEC = 4, "spec"
    STR_SPEC = 5, "str+spec"
    REPR_SPEC = 6, "repr+spec"
    ASCII_SPEC = 7, "ascii+spec"


class FunctionAttribute(IntFlag):
    """The operand of SET_FUNCTION_ATTRIBUTE (3.13 and newer); its bits are that of MAKE_FUNCTION before."""

    DEFAULTS = 1
    KWDEFAULTS = 2
    ANNOTATIONS = 4
    CLOSURE = 8
    ANNOTATE = 16  # 3.14

    @property
    def symbol(self):
        return "|".join(bit.name.lower() for bit in self)

    def __str__(self):
        return self.symbol


# Which enum says what the numbers of an operand mean: the kinds are those of csrc/bytecode/opcode.hpp.
ENUMS = {
    "Compare": Compare,
    "BinaryOp": BinaryOp,
    "Intrinsic1": Intrinsic1,
    "Intrinsic2": Intrinsic2,
    "CommonConstant": CommonConstant,
    "SpecialMethod": SpecialMethod,
    "FormatValue": FormatValue,
    "Conversion": Conversion,
    "FunctionAttribute": FunctionAttribute,
}
SYMBOLS = {kind: {member.symbol: member for member in enum} for kind, enum in ENUMS.items()}
