"""Instructions found by what they do."""
import time

import pytest

from pyccolo_native.bytecode import Code, Instr, Label, Name, canonical, find, ops
from pyccolo_native.bytecode.patterns import Match, either, group, many, one, op, optional, same, where
from pyccolo_native.bytecode.versions import RUNNING_MINOR


def found(code, pattern, **options):
    """Names of the instructions of each match."""
    return [[item.name for item in match.items] for match in find(code, pattern, **options)]


def lined(*items):
    """Code of instructions without operand, by name, and of LOAD_CONST for numbers."""
    return Code([Instr(item) if isinstance(item, str) else ops.LOAD_CONST(item) for item in items])


def speaking(a):
    print(a, "one")
    b = len(a)
    print("two", end=str(b))
    return a.join(b, sep=1)


def counting(x):
    x = x + 1
    y = x + 2
    y = x + 1
    return y[0] if y > x else None


class TestFind:
    def test_calls(self):
        matches = [*find(speaking, [op("LOAD_GLOBAL", "print"), many(), op("CALL", capture="call")])]
        assert [match.captures["call"].lineno for match in matches] == [speaking.__code__.co_firstlineno + line for line in (1, 3)]

    def test_place(self):
        code = Code.from_code(speaking.__code__)
        for match in find(code, [op("LOAD_GLOBAL", "print"), many(), op("CALL")]):
            assert isinstance(match, Match)
            assert match.items == tuple(item for item in code[match.start : match.end] if isinstance(item, Instr))
            assert code[match.start].arg == "print"
            assert code[match.end - 1].name in ("CALL", "CALL_KW")
            assert not match.splits

    def test_can_be_changed(self, capsys):
        code = Code.from_code(speaking.__code__)
        for match in find(code, [op("LOAD_CONST", "one", capture="constant")]):
            match.captures["constant"].arg = "ONE"
        with pytest.raises(TypeError):  # in its last line
            code.to_function(speaking)("ab")
        assert capsys.readouterr().out == "ab ONE\ntwo2"

    def test_methods(self):
        (match,) = find(speaking, [op("LOAD_METHOD", "join"), many(most=4), op("CALL", capture="call"), op("RETURN_VALUE")])
        assert match.captures["call"].arg == 2

    def test_conditions(self):
        assert len([*find(counting, [op("COMPARE_OP", ">"), op(("POP_JUMP_IF_FALSE", "POP_JUMP_IF_TRUE"))])]) == 1

    def test_subscripts(self):
        assert len([*find(counting, [op("LOAD_CONST", 0), op("BINARY_SUBSCR")])]) == 1

    def test_of_canonical_code_it_is_the_same(self):
        pattern = [op("LOAD_FAST"), op("LOAD_CONST"), op("BINARY_OP", "+"), op("STORE_FAST", capture="to")]
        raw, plain = ([match.captures["to"].lineno for match in find(code, pattern)] for code in (counting, canonical(counting)))
        assert raw == plain and len(raw) == 3

    def test_overlapping(self):
        code = lined("NOP", *["POP_TOP"] * 4)
        assert len(found(code, ["POP_TOP", "POP_TOP"])) == 2
        assert len(found(code, ["POP_TOP", "POP_TOP"], overlapping=True)) == 3

    def test_nothing(self):
        assert found(counting, [op("LOAD_GLOBAL", "print")]) == []
        assert found(Code(), [one()]) == []
        assert found(counting, []) == []
        assert found(counting, [many(op("LOAD_BUILD_CLASS"))]) == []

    def test_is_lazy(self):
        matches = find(counting, [one()])
        assert next(matches).start == 0 and next(matches).start >= 1

    def test_other_objects(self):
        with pytest.raises(TypeError):
            find(3, [one()])


class TestElements:
    def test_short_forms(self):
        assert found(lined("POP_TOP", 1, "GET_LEN"), [lambda instr: instr.arg == 1, "GET_LEN"]) == [["LOAD_CONST", "GET_LEN"]]
        assert found(lined("POP_TOP", 1, "GET_LEN"), ["POP_TOP", ["LOAD_CONST", "GET_LEN"]]) == [["POP_TOP", "LOAD_CONST", "GET_LEN"]]
        assert found(lined("POP_TOP"), "POP_TOP") == [["POP_TOP"]]

    def test_constants_are_compared_with_type(self):
        code = lined(1)
        assert found(code, [op("LOAD_CONST", 1)]) and not found(code, [op("LOAD_CONST", True)]) and not found(code, [op("LOAD_CONST", 1.0)])

    def test_operands_by_a_function(self):
        code = lined(1, 2, 3)
        assert [match.items[0].arg for match in find(code, op("LOAD_CONST", lambda value: value > 1))] == [2, 3]

    def test_none_is_an_operand(self):
        assert len(found(Code([ops.LOAD_CONST(None), ops.LOAD_CONST(0)]), op("LOAD_CONST", None))) == 1

    def test_labels_as_operands(self):
        label, other = Label(), Label()
        code = Code([ops.JUMP_FORWARD(label), ops.JUMP_FORWARD(other), label, other, ops.NOP()])
        assert [match.start for match in find(code, op("JUMP", other))] == [1]
        assert found(code, [op("JUMP", capture="a"), op("JUMP", same("a"))]) == []

    def test_symbols_and_names(self):
        code = Code([ops.BINARY_OP("+="), ops.LOAD_GLOBAL(Name("x", 1)), ops.COMPARE_OP("<")])
        assert found(code, [op("BINARY_OP", "+="), op("LOAD_GLOBAL", "x"), op("COMPARE_OP", "<")])
        assert found(code, [op("BINARY_OP", 13)]) and not found(code, [op("BINARY_OP", "+")])

    def test_where(self):
        code = lined("POP_TOP", 1, "NOP", 2)
        assert found(code, where(lambda instr: instr.name == "NOP")) == [["NOP"]]
        assert [match.captures["it"].arg for match in find(code, where(lambda instr: instr.has_arg, capture="it"))] == [1, 2]

    def test_one(self):
        (match,) = find(lined("POP_TOP", 1, "GET_LEN"), ["POP_TOP", one(capture="between"), "GET_LEN"])
        assert match.captures["between"].arg == 1

    def test_many_takes_as_few_as_it_can(self):
        code = lined("GET_LEN", "POP_TOP", "GET_LEN", "POP_TOP", "GET_LEN")
        match = next(find(code, ["GET_LEN", many(capture="few"), "GET_LEN"]))
        assert (match.start, match.end) == (0, 3)
        assert [item.name for item in match.captures["few"]] == ["POP_TOP"]
        match = next(find(code, ["GET_LEN", many(greedy=True, capture="most"), "GET_LEN"]))
        assert (match.start, match.end) == (0, 5)
        assert [item.name for item in match.captures["most"]] == ["POP_TOP", "GET_LEN", "POP_TOP"]

    @pytest.mark.parametrize("least, most, lengths", [(0, None, [3]), (2, None, [3]), (4, None, []), (0, 2, [2]), (1, 1, [1, 1, 1]), (3, 3, [3])])
    def test_counts(self, least, most, lengths):
        code = lined(1, 2, 3, "POP_TOP")
        matches = find(code, [many("LOAD_CONST", least=least, most=most, greedy=True)])
        found_lengths = [len(match.items) for match in matches]
        assert found_lengths[: len(lengths)] == lengths and bool(found_lengths) == bool(lengths)

    def test_optional(self):
        assert [len(match.items) for match in find(lined(1, "POP_TOP", 2, "GET_LEN"), ["LOAD_CONST", optional("POP_TOP")])] == [2, 1]
        captured = [match.captures["rest"] for match in find(lined(1, "POP_TOP", 2), ["LOAD_CONST", optional("POP_TOP", capture="rest")])]
        assert [len(items) for items in captured] == [1, 0]

    def test_either(self):
        code = lined("POP_TOP", "GET_LEN", 1, "GET_ITER" if RUNNING_MINOR < 15 else "UNARY_INVERT")
        pattern = either(["POP_TOP", "GET_LEN"], op("LOAD_CONST", 1), capture="which")
        assert [[item.name for item in match.captures["which"]] for match in find(code, pattern)] == [["POP_TOP", "GET_LEN"], ["LOAD_CONST"]]
        assert len(next(find(code, either("POP_TOP", ["POP_TOP", "GET_LEN"]))).items) == 1

    def test_group(self):
        (match,) = find(lined("POP_TOP", 1, 2, "GET_LEN"), ["POP_TOP", group("LOAD_CONST", "LOAD_CONST", capture="two"), "GET_LEN"])
        assert [item.arg for item in match.captures["two"]] == [1, 2]

    def test_repeated_groups_capture_the_last(self):
        pattern = ["POP_TOP", many(group(op("LOAD_CONST", capture="value"), "GET_LEN", capture="pair"), greedy=True, capture="all")]
        match = next(find(lined("POP_TOP", 1, "GET_LEN", 2, "GET_LEN"), pattern))
        assert match.captures["value"].arg == 2
        assert [len(match.captures[name]) for name in ("pair", "all")] == [2, 4]

    def test_same_operand(self):
        pattern = [op("STORE_FAST", capture="to"), op("LOAD_FAST", same("to"))]
        assert [match.captures["to"].arg for match in find(Code([ops.STORE_FAST("a"), ops.LOAD_FAST("b")]), pattern)] == []
        assert [match.captures["to"].arg for match in find(counting, pattern)] == ["x", "y"]

    def test_same_operand_further_on(self):
        code = Code([ops.STORE_FAST("a"), ops.STORE_FAST("b"), ops.STORE_FAST("c"), ops.LOAD_FAST("b")])
        pattern = [op("STORE_FAST", capture="to"), many(), op("LOAD_FAST", same("to"))]
        assert [match.captures["to"].arg for match in find(code, pattern)] == ["b"]
        assert [match.captures["to"].arg for match in find(code, [many("STORE_FAST"), *pattern])] == ["b"]

    def test_same_of_nothing(self):
        assert found(counting, [op("LOAD_FAST", same("nothing"))]) == []

    @pytest.mark.parametrize(
        "make, error, reason",
        [
            (lambda: op(3), TypeError, "'int' object is not iterable"),
            (lambda: op(()), TypeError, "the name of an instruction or a tuple"),
            (lambda: op((1,)), TypeError, "the name of an instruction or a tuple"),
            (lambda: where(3), TypeError, "a function of an Instr"),
            (lambda: many(least=2, most=1), ValueError, "at least 2 and at most 1"),
            (lambda: many(least=-1), ValueError, "at least -1"),
            (lambda: either(), ValueError, "something to choose from"),
            (lambda: find(counting, [3]), TypeError, "3 is no element of a pattern"),
        ],
    )
    def test_mistakes(self, make, error, reason):
        with pytest.raises(error, match=reason):
            make()


class TestVersions:
    def test_scaffolding_is_passed_over(self):
        code = lined("POP_TOP", "NOP", "PUSH_NULL", "GET_LEN", "NOP")
        assert [(match.start, match.end) for match in find(code, ["POP_TOP", "GET_LEN"])] == [(0, 4)]
        assert found(code, ["POP_TOP", one()]) == [["POP_TOP", "NOP", "PUSH_NULL", "GET_LEN"]]

    def test_scaffolding_that_is_asked_for(self):
        code = lined("POP_TOP", "NOP", "PUSH_NULL", "NOP", "GET_LEN")
        assert found(code, ["POP_TOP", "NOP"]) == [["POP_TOP", "NOP"]]
        assert found(code, ["POP_TOP", "PUSH_NULL", "GET_LEN"]) == [["POP_TOP", "NOP", "PUSH_NULL", "NOP", "GET_LEN"]]

    def test_labels(self):
        label = Label()
        code = Code([ops.POP_TOP(), label, ops.GET_LEN(), ops.JUMP_BACKWARD(label)])
        assert [(match.start, match.end) for match in find(code, ["POP_TOP", "GET_LEN"])] == [(0, 3)]
        assert found(code, ["POP_TOP", "GET_LEN"], across_labels=False) == []
        assert found(code, ["GET_LEN", "JUMP"], across_labels=False) == [["GET_LEN", "JUMP_BACKWARD"]]

    @pytest.mark.skipif(RUNNING_MINOR < 13, reason="there are no pairs before 3.13")
    def test_pairs(self):
        code = Code([ops.LOAD_FAST_LOAD_FAST(("a", "b")), ops.STORE_FAST_LOAD_FAST(("c", "d")), ops.POP_TOP()])
        (match,) = find(code, [op("LOAD_FAST", "b"), op("STORE_FAST")])
        assert (match.start, match.end, match.splits) == (0, 2, True)
        (match,) = find(code, [op("LOAD_FAST", "a"), op("LOAD_FAST", "b")])
        assert (match.start, match.end, match.splits, len(match.items)) == (0, 1, False, 1)
        assert len([*find(code, op("LOAD_FAST"), overlapping=True)]) == 3


def test_time_is_bounded():
    code = lined(*["POP_TOP"] * 200)
    pattern = [*[many()] * 12, op("LOAD_CONST")]
    start = time.perf_counter()
    assert found(code, [op("POP_TOP", lambda arg: True), *pattern]) == []
    assert time.perf_counter() - start < 20
