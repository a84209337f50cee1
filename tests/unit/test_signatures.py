"""What a handler is given: everything as in Pyccolo, or just what it names; what it cannot take is refused at once."""
import ast
import types

import pytest

import pyccolo_native as pyc


def tracer_with(event, handler):
    return type(pyc.BaseTracer)("Tracer", (pyc.BaseTracer,), {"handle": event(handler)})


def given(event, handler, source="1"):
    tracer = tracer_with(event, handler)
    tracer.instance().exec(source, local_env={})


def test_everything_positionally():
    seen = []

    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, *args, **kwargs):
            seen.append((self, args, kwargs))

    Tracer.instance().exec("7", local_env={})
    [(self, (ret, node, frame, event, guard), kwargs)] = seen
    assert self is Tracer.instance() and ret == 7
    assert isinstance(node, ast.Constant) and node.value == 7
    assert isinstance(frame, types.FrameType)
    assert event is pyc.after_int and guard is None and kwargs == {}
    seen.clear()


def test_the_frame_is_that_of_the_program():
    seen = []

    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        def handle(self, ret, node, frame, *_, **__):
            seen.append((frame.f_code.co_name, frame.f_locals.get("x")))

    Tracer.instance().exec("def f(x):\n    return 7\nf('local')", local_env={})
    assert seen == [("f", "local")]


def test_keywords_of_the_event():
    seen = []

    class Tracer(pyc.BaseTracer):
        @pyc.after_argument
        def handle(self, ret, *_, is_last, key=None, **kwargs):
            seen.append((ret, is_last, key, sorted(kwargs)))

    Tracer.instance().exec("dict(a=1, b=2)", local_env={})
    assert [row[:3] for row in seen] == [(1, False, "a"), (2, True, "b")]
    assert {"is_starred", "is_kwstarred"} <= set(seen[0][3])


SHAPES = {
    "self": lambda self: None,
    "ret": lambda self, ret: ret + 1,
    "ret and event": lambda self, ret, event: (ret + 1 if event is pyc.after_int else None),
    "node": lambda self, node: node.value + 1,
    "node and frame": lambda self, node, frame: (node.value + 1 if frame.f_lineno == 1 else None),
    "other order": lambda self, frame, ret: (ret + 1 if frame.f_lineno == 1 else None),
    "guard": lambda self, guard, ret: (ret + 1 if guard is None else None),
    "keyword only": lambda self, *, ret: ret + 1,
    "underscored": lambda self, ret, _node, _frame, *_, **__: ret + 1,
    "all by position": lambda self, a, b, c, d, e, **_: a + 1,
    "rest": lambda self, *args, **kwargs: args[0] + 1,
    "default": lambda self, ret, extra=41: ret + 1 if extra == 41 else None,
    "default for a given name": lambda self, ret=None, node=None: node.value + 1,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_handlers_of_many_shapes(shape):
    tracer = tracer_with(pyc.after_int, SHAPES[shape]).instance()
    assert tracer.eval("1", {}, {}) == (1 if shape == "self" else 2)


def test_by_name_with_keywords_of_the_event():
    seen = []

    class Tracer(pyc.BaseTracer):
        @pyc.after_argument
        def handle(self, ret, *, is_last):
            seen.append((ret, is_last))

    Tracer.instance().exec("print(end='', sep='')", local_env={})
    assert seen == [("", False), ("", True)]


def test_by_name_with_a_keyword_among_the_named():
    seen = []

    class Tracer(pyc.BaseTracer):
        @pyc.before_attribute_load
        def handle(self, node, attr_or_subscript):
            seen.append((type(node).__name__, attr_or_subscript))

    Tracer.instance().exec("''.join", local_env={})
    assert seen == [("Attribute", "join")]


def test_a_static_or_decorated_handler():
    import functools

    def passing(handler):
        @functools.wraps(handler)
        def wrapper(*args, **kwargs):
            return handler(*args, **kwargs)

        return wrapper

    class Tracer(pyc.BaseTracer):
        @pyc.after_int
        @passing
        def handle(self, ret, *_, **__):
            return ret + 1

    assert Tracer.instance().eval("1") == 2


def test_any_callable_is_a_handler():
    class Handler:
        def __call__(self, tracer, ret, *_, **__):
            return ret + 1

    class Tracer(pyc.BaseTracer):
        handle = pyc.after_int(Handler())

    assert Tracer.instance().eval("1") == 2


@pytest.mark.parametrize(
    "event, handler, named",
    [
        (pyc.after_int, lambda self, ret, *, no_such_keyword: None, "no_such_keyword"),
        (pyc.after_int, lambda self, ret, node, frame, event, guard, more, **_: None, "more"),
        (pyc.after_int, lambda: None, "lambda"),
        (pyc.load_name, lambda self, ret, is_last: None, "is_last"),
        (pyc.after_argument, lambda self, ret, index: None, "index"),
    ],
)
def test_a_handler_that_cannot_take_what_it_is_given_is_refused(event, handler, named):
    with pytest.raises(TypeError, match=named) as caught:
        tracer_with(event, handler)
    assert event.name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_refused_class_leaves_nothing_for_the_next():
    with pytest.raises(TypeError):
        tracer_with(pyc.after_int, lambda self, ret, *, no_such_keyword: None)

    class Tracer(pyc.BaseTracer):
        pass

    assert Tracer.instance().events_with_registered_handlers == frozenset()


def test_raw_handlers_get_the_id_by_name_too():
    seen = []

    class Tracer(pyc.BaseTracer):
        @pyc.register_raw_handler(pyc.after_int)
        def handle(self, node):
            seen.append(type(node))

    Tracer.instance().eval("1")
    assert seen == [int]


def test_events_without_a_value_give_none():
    seen = []

    class Tracer(pyc.BaseTracer):
        @pyc.before_stmt
        def handle(self, ret, node):
            seen.append((ret, type(node).__name__))

    Tracer.instance().exec("pass", local_env={})
    assert seen == [(None, "Pass")]
