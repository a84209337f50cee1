"""Instructions for any version: each is verified, run, and its result looked at."""
import asyncio
import sys
import types

import pytest

from pyccolo_native.bytecode import BinaryOp, CellVar, Code, FreeVar, Instr, Label, TryBegin, TryEnd, emit, opmap, ops
from pyccolo_native.bytecode.emit import Global, Local, Named
from pyccolo_native.bytecode.versions import RUNNING_MINOR

GENERATOR, COROUTINE, ASYNC_GENERATOR = 0x20, 0x80, 0x200
FUNCTION = 0x3  # OPTIMIZED, NEWLOCALS


def made(*parts, **options):
    """A function of items that are given as lists, with a prologue; verified."""
    code = Code(**options)
    code.extend(emit.framed(code, [item for part in parts for item in part]))
    assert code.verify() == []
    return types.FunctionType(code.to_code(), {"__builtins__": __builtins__, "print": print})


def value_of(items, *args, **options):
    """What items push."""
    return made(items, emit.return_top(), **options)(*args)


def noted(text):
    """Items that append to the list that is the variable `log`."""
    return emit.method_call(Local("log"), "append", text) + emit.pop()


def logged(*parts, **options):
    """What a function of the items returns or raises, and what they have noted."""
    log = []
    function = made(*parts, args=("log",), **options)
    try:
        result = function(log)
    except Exception as error:
        result = error
    assert sys.exc_info() == (None, None, None)
    return result, log


def raising(error):
    return emit.raise_(error)


class TestValues:
    @pytest.mark.parametrize("value", [1, None, "text", (1, 2), print, 1.5, ...])
    def test_constants(self, value):
        assert value_of(emit.load(value)) is value
        assert value_of(emit.constant(value)) is value

    def test_lists_are_items_unless_said_otherwise(self):
        assert value_of(emit.load(emit.load(1))) == 1
        constant = [1]
        assert value_of(emit.constant(constant)) is constant

    def test_local_variables(self):
        assert value_of(emit.load(Local("a")), 5, args=("a",)) == 5
        assert value_of(emit.load(5) + emit.store(Local("b")) + emit.load(Local("b"))) == 5

    def test_local_variable_without_a_value(self):
        for items in (emit.load(Local("a")), emit.load(1) + emit.store(Local("a")) + emit.delete(Local("a")) + emit.load(Local("a"))):
            with pytest.raises(UnboundLocalError, match="'a'"):
                value_of(items)

    def test_global_variables(self):
        assert value_of(emit.load(Global("print"))) is print
        function = made(emit.load(7) + emit.store(Global("new")) + emit.load(Global("new")), emit.return_top())
        assert function() == 7 and function.__globals__["new"] == 7
        function = made(emit.delete(Global("print")), emit.return_value(1))
        function()
        assert "print" not in function.__globals__
        with pytest.raises(NameError, match="nowhere"):
            value_of(emit.load(Global("nowhere")))

    def test_variables_of_a_module(self):
        code = Code(newlocals=False)
        items = emit.load(7) + emit.store(Named("new")) + emit.load(Named("new")) + emit.store(Named("newer")) + emit.delete(Named("new"))
        code.extend(emit.framed(code, items + emit.return_value()))
        assert code.verify() == []
        namespace = {}
        exec(code.to_code(), namespace)
        assert namespace["newer"] == 7 and "new" not in namespace

    def test_cells(self):
        inner = Code(freevars=("c",))
        counted = emit.binary("+=", FreeVar("c"), 1) + emit.dup() + emit.store(FreeVar("c"))
        inner.extend(emit.framed(inner, counted + emit.return_top()))
        closure = emit.tuple_of([ops.LOAD_CLOSURE(CellVar("c")) if "LOAD_CLOSURE" in opmap else ops.LOAD_FAST(CellVar("c"))])
        if RUNNING_MINOR < 13:
            closure += [ops.LOAD_CONST(inner), ops.MAKE_FUNCTION(8)]
        else:
            closure += [ops.LOAD_CONST(inner), ops.MAKE_FUNCTION(), ops.SET_FUNCTION_ATTRIBUTE("closure")]
        function = made(emit.load(10) + emit.store(CellVar("c")), closure, emit.return_top(), cellvars=("c",))()
        assert (function(), function()) == (11, 12)

    def test_cell_without_a_value(self):
        with pytest.raises(NameError, match="'c'"):
            made(emit.load(1) + emit.store(CellVar("c")) + emit.delete(CellVar("c")), emit.return_value(CellVar("c")), cellvars=("c",))()

    def test_cell_of_an_argument(self):
        assert value_of(emit.load(CellVar("a")), 5, args=("a",), cellvars=("a",)) == 5

    @pytest.mark.parametrize("place", ["a", 1, CellVar])
    def test_what_is_no_place(self, place):
        for use in (emit.store, emit.delete):
            with pytest.raises(TypeError, match="a Local, Global, Named, CellVar or FreeVar is wanted"):
                use(place)


class TestStack:
    def tuple_after(self, count, items):
        loads = [item for number in range(count) for item in emit.load(number)]
        return value_of(loads + items + [ops.BUILD_TUPLE(count)])

    def test_pop(self):
        assert value_of(emit.load(1) + emit.load(2) + emit.load(3) + emit.pop(2)) == 1

    def test_dup(self):
        assert value_of(emit.load(1) + emit.dup() + [ops.BUILD_TUPLE(2)]) == (1, 1)
        assert value_of(emit.load(1) + emit.load(2) + emit.dup(2) + [ops.BUILD_TUPLE(3)]) == (1, 2, 1)

    def test_swap(self):
        assert self.tuple_after(2, emit.swap()) == (1, 0)
        assert self.tuple_after(4, emit.swap(3)) == (0, 3, 2, 1)

    @pytest.mark.parametrize("count", range(1, 6))
    def test_rot(self, count):
        below = 6 - count
        assert self.tuple_after(6, emit.rot(count)) == (*range(below), 5, *range(below, 5))
        assert len(emit.rot(count)) == count - 1


class TestExpressions:
    def test_attributes(self):
        assert value_of(emit.attribute(1 + 2j, "imag")) == 2.0
        subject = types.SimpleNamespace()
        made(emit.set_attribute(subject, "x", 5), emit.return_value())()
        assert subject.x == 5

    def test_subscripts(self):
        assert value_of(emit.subscript(("a", "b"), 1)) == "b"
        subject = {}
        made(emit.set_subscript(emit.constant(subject), "x", Local("a")), emit.return_value(), args=("a",))(5)
        assert subject == {"x": 5}

    @pytest.mark.parametrize("operator, result", [("+", 9), ("-", 5), ("**", 49), (BinaryOp.MULTIPLY, 14), ("//", 3), ("<<", 28), ("%=", 1)])
    def test_binary(self, operator, result):
        assert value_of(emit.binary(operator, 7, 2)) == result

    @pytest.mark.parametrize(
        "operator, result",
        [("<", False), (">=", True), ("==", False), ("!=", True), ("is", False), ("is not", True)],
    )
    def test_compare(self, operator, result):
        assert value_of(emit.compare(operator, 7, 2)) is result

    def test_membership(self):
        assert value_of(emit.compare("in", 1, (1, 2))) is True
        assert value_of(emit.compare("not in", 1, (1, 2))) is False

    def test_no_such_operator(self):
        for make, operator in ((emit.binary, "<>"), (emit.binary, "[]"), (emit.compare, "<>")):
            with pytest.raises(ValueError, match=f"there is no .* {operator!r}".replace("[]", r"\[\]")):
                make(operator, 1, 2)

    @pytest.mark.parametrize("value, result", [(0, True), ((), True), ("a", False)])
    def test_negation(self, value, result):
        assert value_of(emit.negation(value)) is result

    def test_collections(self):
        assert value_of(emit.tuple_of()) == ()
        assert value_of(emit.tuple_of(1, Local("a"), emit.list_of(2)), 5, args=("a",)) == (1, 5, [2])
        assert value_of(emit.dict_of({"a": 1, "b": Local("a")}), 5, args=("a",)) == {"a": 1, "b": 5}
        assert value_of(emit.dict_of([(Local("a"), 2)]), 5, args=("a",)) == {5: 2}


def told(*args, **kwargs):
    return args, kwargs


class TestCalls:
    @pytest.mark.parametrize("args, kwargs", [((), {}), ((1,), {}), ((1, "b"), {"c": 3}), ((), {"a": 1, "b": 2})])
    def test_call(self, args, kwargs):
        assert value_of(emit.call(told, *args, **kwargs)) == (args, kwargs)

    def test_call_of_what_is_loaded(self):
        assert value_of(emit.call(Global("len"), emit.list_of(1, 2))) == 2
        assert value_of(emit.call(Local("f"), Local("f"), x=emit.call(told)), told, args=("f",)) == ((told,), {"x": ((), {})})

    @pytest.mark.parametrize("kwargs", [{}, {"sep": None, "maxsplit": 1}])
    def test_method_call(self, kwargs):
        assert value_of(emit.method_call("a b c", "split", **kwargs)) == "a b c".split(**kwargs)
        assert value_of(emit.method_call("-", "join", ("a", "b"))) == "a-b"

    def test_method_that_is_none(self):
        assert value_of(emit.method_call(types.SimpleNamespace(f=told), "f", 1)) == ((1,), {})

    @pytest.mark.parametrize("count", range(4))
    def test_call_with_top(self, count):
        loads = [item for number in range(3) for item in emit.load(number)]
        result = value_of(loads + emit.call_with_top(told, count) + [ops.BUILD_TUPLE(4 - count)])
        assert result == (*range(3 - count), (tuple(range(3 - count, 3)), {}))

    def test_below_the_call_the_stack_stays(self):
        assert value_of(emit.load("below") + emit.call(told) + emit.pop()) == "below"


def truth_table(jump_if, backward):
    """Results of a function that tells whether its argument makes it jump."""

    def function(label, stop):
        if not backward:
            return [*emit.load(Local("a")), *jump_if(label), *emit.return_value("no"), label, *emit.return_value("yes")]
        before = [*emit.jump(stop), label, *emit.return_value("yes"), stop]
        return [*before, *emit.load(Local("a")), *jump_if(label, backward=True), *emit.return_value("no")]

    call = made(function(Label(), Label()), args=("a",))
    return [call(value) for value in (None, 0, "", 1, [2])]


class TestFlow:
    @pytest.mark.parametrize("backward", [False, True])
    @pytest.mark.parametrize(
        "jump_if, expected",
        [
            (emit.jump_if_true, ["no", "no", "no", "yes", "yes"]),
            (emit.jump_if_false, ["yes", "yes", "yes", "no", "no"]),
            (emit.jump_if_none, ["yes", "no", "no", "no", "no"]),
            (emit.jump_if_not_none, ["no", "yes", "yes", "yes", "yes"]),
        ],
    )
    def test_conditional_jumps(self, jump_if, expected, backward):
        assert truth_table(jump_if, backward) == expected

    def test_loop(self):
        top = Label()
        less = emit.binary("-", Local("n"), 1) + emit.dup() + emit.store(Local("n"))
        function = made(emit.load(0), [top], emit.load(1), [ops.BINARY_OP("+")], less, emit.jump_if_true(top, True), emit.return_top(), args=("n",))
        assert function(5) == 5

    def test_when(self):
        function = made(emit.when(Local("a"), emit.load("then"), emit.load("else")), emit.return_top(), args=("a",))
        assert (function(1), function(0)) == ("then", "else")
        function = made(emit.when(emit.compare(">", Local("a"), 1), emit.return_value("then")), emit.return_value("behind"), args=("a",))
        assert (function(2), function(1)) == ("then", "behind")

    def test_return(self):
        assert made(emit.return_value())() is None
        assert made(emit.return_value(Local("a")), args=("a",))(5) == 5

    def test_raise(self):
        with pytest.raises(KeyError):
            made(emit.raise_(KeyError))()
        with pytest.raises(KeyError, match="1"):
            made(emit.raise_(emit.call(KeyError, 1)))()

    def test_copies(self):
        outside, label, handler = Label(), Label(), Label()
        begin = TryBegin(handler, True, depth=1)
        items = [begin, label, ops.JUMP_BACKWARD(label), ops.JUMP_FORWARD(outside), handler, TryEnd(begin), TryEnd(), ops.LOAD_CONST(label)]
        copy = emit.copied(items)
        assert not [item for item, other in zip(copy, items) if item is other]
        assert copy[2].arg is copy[1] and copy[3].arg is outside
        assert copy[0].target is copy[4] and copy[5].begin is copy[0] and copy[6].begin is None
        assert (copy[0].lasti, copy[0].depth, copy[7].arg) == (True, 1, label)


class TestFinally:
    def test_runs_through(self):
        assert logged(emit.try_finally(noted("body"), noted("final")), emit.return_value(1)) == (1, ["body", "final"])

    def test_raises(self):
        result, log = logged(emit.try_finally(noted("body") + raising(KeyError), noted("final")), emit.return_value(1))
        assert isinstance(result, KeyError) and log == ["body", "final"]

    def test_returns(self):
        body = emit.when(Local("log"), emit.return_value("no")) + noted("body") + emit.return_value("yes")
        assert logged(emit.try_finally(body, noted("final"))) == ("yes", ["body", "final"])

    @pytest.mark.skipif("RETURN_CONST" not in opmap, reason="only 3.12 and 3.13 have it")
    def test_returns_a_constant(self):
        assert logged(emit.try_finally([Instr("RETURN_CONST", 5)], noted("final"))) == (5, ["final"])

    def test_values_below(self):
        body = noted("body") + emit.when(Local("log"), emit.call(int, "x") + emit.pop())
        result, log = logged(emit.load("below"), emit.try_finally(body, noted("final")), emit.return_top())
        assert isinstance(result, ValueError) and log == ["body", "final"]
        assert logged(emit.load("below"), emit.try_finally(noted("body"), noted("final")), emit.return_top()) == ("below", ["body", "final"])

    def test_final_raises(self):
        result, log = logged(emit.try_finally(raising(KeyError), raising(OSError)), emit.return_value())
        assert isinstance(result, OSError) and isinstance(result.__context__, KeyError)

    def test_nested(self):
        inner = emit.try_finally(noted("body") + emit.return_value(3), noted("inner"))
        assert logged(emit.try_finally(inner, noted("outer"))) == (3, ["body", "inner", "outer"])
        inner = emit.try_finally(raising(KeyError), noted("inner"))
        assert logged(emit.try_finally(inner, noted("outer")), emit.return_value())[1] == ["inner", "outer"]

    def test_final_with_jumps(self):
        final = emit.when(Local("log"), noted("some"), noted("none"))
        assert logged(emit.try_finally(noted("body"), final), emit.return_value(1)) == (1, ["body", "some"])
        assert logged(emit.try_finally(raising(KeyError), final), emit.return_value(1))[1] == ["none"]

    def test_what_goes_out(self):
        label = Label()
        for body, final, reason in [
            (emit.jump(label), [], "body goes to a Label outside"),
            ([TryBegin(label)], [], "body goes to a Label outside"),
            ([], emit.jump(label), "final goes to a Label outside"),
            ([], emit.return_value(), "final returns"),
        ]:
            with pytest.raises(ValueError, match=reason):
                emit.try_finally(body, final)


class TestExcept:
    def test_runs_through(self):
        items = emit.try_except(noted("body"), (ValueError, noted("handler")))
        assert logged(items, noted("behind"), emit.return_value(1)) == (1, ["body", "behind"])

    def test_catches(self):
        items = emit.try_except(raising(ValueError), (ValueError, noted("handler")))
        assert logged(items, noted("behind"), emit.return_value(1)) == (1, ["handler", "behind"])

    def test_does_not_catch(self):
        items = emit.try_except(raising(KeyError), (ValueError, noted("handler")))
        result, log = logged(items, noted("behind"), emit.return_value(1))
        assert isinstance(result, KeyError) and log == []

    @pytest.mark.parametrize("error, name", [(KeyError, "lookup"), (ValueError, "value"), (OSError, "all")])
    def test_first_that_fits(self, error, name):
        handlers = [((KeyError, IndexError), noted("lookup")), (Global("ValueError"), noted("value")), (None, noted("all"))]
        assert logged(emit.try_except(raising(error), *handlers), emit.return_value(1)) == (1, [name])

    def test_exception_gets_a_name(self):
        handler = emit.method_call(Local("log"), "append", emit.attribute(Local("e"), "args")) + emit.pop()
        items = emit.try_except(raising(emit.call(ValueError, 5)), (ValueError, handler, Local("e")))
        assert logged(items, emit.return_value(1)) == (1, [(5,)])
        again = emit.try_except(raising(emit.call(ValueError, 5)), (ValueError, emit.copied(handler), Local("e")))
        result, log = logged(again, emit.return_value(Local("e")))
        assert isinstance(result, UnboundLocalError) and log == [(5,)]

    def test_named_handler_raises(self):
        items = emit.try_except(raising(ValueError), (ValueError, raising(KeyError), Local("e")))
        after = emit.try_except(items, (KeyError, noted("outer")))
        assert logged(after, emit.return_value(1)) == (1, ["outer"])
        result, log = logged(emit.try_except(raising(ValueError), (ValueError, raising(KeyError), Local("e"))), emit.return_value())
        assert isinstance(result, KeyError) and isinstance(result.__context__, ValueError)

    @pytest.mark.parametrize("place", [(), (Local("e"),), (Global("e"),)])
    def test_values(self, place):
        items = emit.try_except(emit.subscript(Local("d"), "key"), (KeyError, emit.load("default"), *place), value=True)
        function = made(emit.load("below"), items, [ops.BUILD_TUPLE(2)], emit.return_top(), args=("d",))
        assert function({"key": 1}) == ("below", 1)
        assert function({}) == ("below", "default")
        assert sys.exc_info() == (None, None, None)

    @pytest.mark.parametrize("place", [(), (Local("e"),)])
    def test_handler_returns(self, place):
        items = emit.try_except(raising(ValueError), (ValueError, emit.return_value("handled"), *place))
        assert logged(items, emit.return_value("behind")) == ("handled", [])

    def test_body_returns(self):
        items = emit.try_except(emit.return_value("body"), (ValueError, noted("handler")))
        assert logged(items, emit.return_value("behind")) == ("body", [])

    def test_handlers_around_handlers(self):
        inner = emit.try_except(raising(KeyError), (KeyError, noted("inner") + raising(OSError)))
        items = emit.try_except(inner, (OSError, noted("outer")))
        assert logged(items, emit.return_value(1)) == (1, ["inner", "outer"])

    def test_in_finally(self):
        inner = emit.try_except(raising(KeyError), (KeyError, noted("handler") + emit.return_value("handled")))
        assert logged(emit.try_finally(inner, noted("final"))) == ("handled", ["handler", "final"])

    def test_mistakes(self):
        with pytest.raises(ValueError, match="needs a handler"):
            emit.try_except([])
        with pytest.raises(ValueError, match="handler goes to a Label outside"):
            emit.try_except([], (None, emit.jump(Label())))
        with pytest.raises(ValueError, match="body goes to a Label outside"):
            emit.try_except(emit.jump(Label()), (None, []))


class TestFunctions:
    def test_plain(self):
        assert [item.name for item in emit.prologue(Code())] == ["RESUME"]

    def test_closures(self):
        code = Code(args=("a",), cellvars=("a", "b"), freevars=("c", "d"))
        assert [(item.name, item.arg) for item in emit.prologue(code)] == [
            ("COPY_FREE_VARS", 2),
            ("MAKE_CELL", CellVar("a")),
            ("MAKE_CELL", CellVar("b")),
            ("RESUME", 0),
        ]

    def test_as_the_compiler_writes_it(self):
        namespace = {}
        source = "def outer(c):\n def f(a):\n  b = c\n  yield a\n  return lambda: (a, b)\n return f"
        exec(compile(source, "<test>", "exec"), namespace)
        code = Code.from_code(namespace["outer"](1).__code__)
        prologue = emit.prologue(code)
        written = [item for item in code if isinstance(item, Instr)][: len(prologue)]
        assert [(item.name, item.arg) for item in prologue] == [(item.name, item.arg) for item in written]

    def yielding(self, value):
        argument = [] if RUNNING_MINOR == 11 else [0]
        resume = ops.RESUME(1 if RUNNING_MINOR < 13 else 1 | 4 if RUNNING_MINOR < 15 else 1 | 8)
        return [*emit.load(value), ops.YIELD_VALUE(*argument), resume]

    def test_generator(self):
        function = made(self.yielding(1), emit.pop(), self.yielding(2), emit.return_top(), flags=FUNCTION | GENERATOR)
        generator = function()
        assert (next(generator), next(generator)) == (1, 2)
        with pytest.raises(StopIteration, match="sent"):
            generator.send("sent")

    def test_stop_iteration_in_a_generator(self):
        generator = made(self.yielding(1), emit.raise_(StopIteration), flags=FUNCTION | GENERATOR)()
        next(generator)
        with pytest.raises(RuntimeError, match="generator raised StopIteration"):
            next(generator)

    def test_coroutine(self):
        assert asyncio.run(made(emit.return_value(5), flags=FUNCTION | COROUTINE)()) == 5


def hello():
    print("Hello World!")


class TestInCode:
    """What is put into code that the compiler has written."""

    def test_arguments_in_reverse(self, capsys):
        def f(a, b):
            print(a, b)

        code = Code.from_code(f.__code__)
        at = next(at for at, item in enumerate(code) if isinstance(item, Instr) and item.name in ("PRECALL", "CALL"))
        code[at:at] = emit.swap()
        code.to_function(f)(3, 5)
        assert capsys.readouterr().out == "5 3\n"

    def test_at_the_beginning(self, capsys):
        code = Code.from_code(hello.__code__)
        at = next(at for at, item in enumerate(code) if isinstance(item, Instr) and item.name == "RESUME") + 1
        code[at:at] = emit.call(print, "before") + emit.pop()
        assert code[at].lineno == hello.__code__.co_firstlineno
        code.to_function(hello)()
        assert capsys.readouterr().out == "before\nHello World!\n"

    def test_globals_become_constants(self):
        def f(values):
            return sorted(values), len(values)

        code = Code.from_code(f.__code__)
        known = vars(__builtins__) if isinstance(__builtins__, types.ModuleType) else __builtins__
        for at in range(len(code) - 1, -1, -1):
            item = code[at]
            if isinstance(item, Instr) and item.name == "LOAD_GLOBAL" and item.arg in known:
                null = [ops.PUSH_NULL()] * getattr(item.arg, "flags", 0)
                load = emit.load(known[item.arg])
                code[at : at + 1] = null + load if RUNNING_MINOR < 13 else load + null
        made = code.to_function(f, globals={"__builtins__": {}})
        assert made([2, 1]) == ([1, 2], 2)
        assert "LOAD_GLOBAL" not in str(code)

    def test_results_are_seen(self):
        seen = []

        def f(a):
            if a:
                return a + 1
            return None

        code = Code.from_code(f.__code__)
        for at in range(len(code) - 1, -1, -1):
            item = code[at]
            if isinstance(item, Instr) and item.name == "RETURN_VALUE":
                code[at:at] = emit.dup() + emit.call_with_top(seen.append) + emit.pop()
            elif isinstance(item, Instr) and item.name == "RETURN_CONST":
                code[at:at] = emit.call(seen.append, item.arg) + emit.pop()
        made = code.to_function(f)
        assert (made(1), made(0), seen) == (2, None, [2, None])
