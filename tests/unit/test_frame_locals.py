"""frame_locals(): what the variables of a running frame are bound to."""
import sys

import pytest

import pyccolo_native as pyc

NAMES = ("a", "b", "cell", "free", "later", "len")


def here(names=NAMES):
    return pyc.frame_locals(sys._getframe(1), names)


def test_a_function():
    free = 4

    def function(a, *b):
        cell = 3
        found = here()
        later = 5
        return found, here(), lambda: (cell, later, free)

    first, second, _ = function(1, 2)
    assert first == {"a": 1, "b": (2,), "cell": 3, "free": 4}
    assert second == first | {"later": 5}


def test_variables_that_are_not_bound():
    a = 1
    del a
    if len(NAMES) == 0:
        b = 2  # noqa: F841
    assert here() == {}


def test_generators_and_comprehensions():
    def generator(a):
        yield here()
        b = 2  # noqa: F841
        yield here()

    assert list(generator(1)) == [{"a": 1}, {"a": 1, "b": 2}]
    assert [here(("b",)) for b in range(2)] == [{"b": 0}, {"b": 1}]


def test_a_class_body_is_looked_at_before_what_is_around_it():
    free, a = 1, 2

    class Class:
        free = 3
        found = here()
        seen = a

    assert Class.found == {"free": 3, "a": 2} and free == 1


def test_a_module_has_no_variables_of_its_own():
    namespace = {"here": here, "a": 1}
    exec("found = here()\nlisted = [here() for b in (7,)]", namespace)
    assert namespace["found"] == {} and namespace["listed"] == [{"b": 7}]


def test_locals_given_to_eval():
    assert eval("here()", {"here": here, "a": 1}, {"b": 2}) == {"b": 2}

    class Mapping(dict):
        def __missing__(self, name):
            raise OSError(name)

    with pytest.raises(OSError):
        eval("here(('missing',))", {"here": here}, Mapping(here=here))


def test_the_namespace_of_a_frame_is_not_made():
    def function():
        a = 1
        shown = locals()
        a = 2
        return here(("a",)), shown["a"] if sys.version_info < (3, 13) else 1

    assert function() == ({"a": 2}, 1)


def test_what_is_no_name():
    with pytest.raises(TypeError, match="takes names, not 1"):
        here((1,))
    with pytest.raises(TypeError):
        pyc.frame_locals(None, ())
