"""TraceStack: fields of a tracer with a value per level."""
import pytest

import pyccolo_native as pyc


class Manager:
    def __init__(self):
        self.before = 1
        self.stack = pyc.TraceStack(self)
        with self.stack.register_stack_state():
            with self.stack.needing_manual_initialization():
                self.name = "outermost"
            self.number = 5
            self.text = "text"
            self.nothing = None
            self.flag = True
            self.items = [1, 2]
            self.table = {1: 2}
        self.later = 3


def test_a_new_level_starts_from_the_first_values():
    manager = Manager()
    manager.number = 6
    with manager.stack.push():
        manager.name = "inner"
    assert (manager.number, manager.text, manager.nothing, manager.flag) == (5, "text", None, True)
    assert (manager.items, manager.table, manager.name) == ([], {}, "inner")
    assert (manager.before, manager.later, len(manager.stack)) == (1, 3, 1)


def test_pop_brings_the_values_back():
    manager = Manager()
    manager.number, items = 6, manager.items
    with manager.stack.push():
        manager.name = "inner"
    manager.number = 7
    assert manager.stack.pop() is manager.stack
    assert (manager.number, manager.name) == (6, "outermost") and manager.items is items
    assert len(manager.stack) == 0


def test_each_level_has_its_own_containers():
    manager = Manager()
    lists = [manager.items]
    for _ in range(3):
        with manager.stack.push():
            manager.name = ""
        lists.append(manager.items)
    assert len({id(items) for items in lists}) == 4


def test_fields_of_levels_below():
    manager = Manager()
    for name in ("one", "two", "three"):
        with manager.stack.push():
            manager.name = name
    assert manager.name == "three"
    assert manager.stack.get_field("name") == "two"
    assert manager.stack.get_field("name", depth=2) == "one"
    assert manager.stack.get_field("name", depth=3) == "outermost"
    assert manager.stack.get_field("name", height=0) == "outermost"
    assert manager.stack.get_field("name", height=2) == "two"
    with pytest.raises(IndexError):
        manager.stack.get_field("name", depth=4)
    with pytest.raises(KeyError):
        manager.stack.get_field("later")


def test_fields_that_need_it_must_be_set_by_who_pushes():
    manager = Manager()
    with pytest.raises(ValueError, match="name"):
        with manager.stack.push():
            assert not hasattr(manager, "name")


def test_an_exception_in_the_block_of_a_push_is_not_hidden():
    with pytest.raises(KeyError):
        with Manager().stack.push():
            raise KeyError


def test_fields_needing_it_are_declared_within_the_registration():
    stack = pyc.TraceStack(Manager())
    with pytest.raises(AssertionError):
        with stack.needing_manual_initialization():
            pass


def test_clear_goes_back_to_the_lowest_level():
    manager = Manager()
    for name in ("one", "two", "three"):
        with manager.stack.push():
            manager.name = name
    manager.stack.clear()
    assert manager.name == "outermost" and len(manager.stack) == 0
    manager.stack.clear()
    assert manager.name == "outermost"


def test_popping_too_often_is_an_error():
    with pytest.raises(IndexError):
        Manager().stack.pop()


def test_a_stack_without_fields():
    stack = pyc.TraceStack(Manager())
    with stack.push():
        pass
    assert len(stack) == 1
    stack.pop()


class Nested:
    def __init__(self):
        self.stack = pyc.TraceStack(self)
        with self.stack.register_stack_state():
            self.inner = pyc.TraceStack(self)
            with self.inner.register_stack_state():
                self.count = 0


def test_stacks_within_stacks():
    manager = Nested()
    outer = manager.inner
    manager.count = 1
    with manager.inner.push():
        pass
    assert manager.count == 0
    manager.count = 5
    with manager.stack.push():
        pass
    assert manager.inner is not outer and manager.count == 0
    with manager.inner.push():
        pass
    manager.count = 9
    manager.inner.pop()
    assert manager.count == 0
    manager.stack.pop()
    assert manager.inner is outer and manager.count == 5
    manager.inner.pop()
    assert manager.count == 1


def test_a_field_of_its_own_class_starts_empty():
    from collections import Counter, deque

    manager = Manager()
    with manager.stack.register_stack_state():
        manager.counter = Counter("aab")
        manager.queue = deque([1])
    with manager.stack.push():
        manager.name = ""
    assert manager.counter == Counter() and manager.queue == deque()
    manager.stack.pop()
    assert manager.counter == Counter("aab")


def test_a_tracer_makes_its_stack():
    class Tracer(pyc.BaseTracer):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.depths = []
            self.stack = self.make_stack()
            with self.stack.register_stack_state():
                self.names = []

        @pyc.before_call
        def before(self, ret, *_, **__):
            self.names.append(ret.__name__)
            with self.stack.push():
                pass

        @pyc.after_call
        def after(self, ret, *_, **__):
            self.depths.append((len(self.stack), list(self.names)))
            self.stack.pop()

    tracer = Tracer.instance()
    tracer.exec("def f():\n    g()\n    g()\ndef g():\n    pass\nf()", local_env={})
    assert tracer.depths == [(2, []), (2, []), (1, ["g", "g"])]
    assert tracer.names == ["f"]
