"""What changed functions get to work with: objects that do something of everything, and nothing that reaches out of the process."""
import builtins

_REFUSED = {
    *("open", "input", "exec", "eval", "compile", "exit", "quit", "breakpoint", "help", "print", "__import__", "__loader__"),
    *("__spec__", "copyright", "credits", "license", "memoryview"),
}


class Thing:
    """An object with any attribute; it can be called, iterated, entered, awaited and computed with, and sometimes raises."""

    turns = 0

    def __init__(self, *_, **__):
        pass

    @classmethod
    def turn(cls, every):
        Thing.turns += 1
        return Thing.turns % every == 0

    def __getattr__(self, name):
        if name.startswith("__") or Thing.turn(11):
            raise AttributeError(name)
        return Thing() if Thing.turn(2) else Thing.turns

    def __call__(self, *args, **_):
        if Thing.turn(5):
            raise (ValueError, KeyError, StopIteration, RuntimeError, _grouped)[Thing.turns % 5](*args[:1])
        if args and callable(args[0]) and not isinstance(args[0], type) and Thing.turn(2):
            return args[0]()
        return (Thing(), 1, "text", [1, 2], None, iter((1, Thing())))[Thing.turns % 6]

    def __iter__(self):
        return iter((1, Thing(), (2, 3))[: Thing.turns % 4])

    def __next__(self):
        if Thing.turn(3):
            raise StopIteration
        return Thing.turns

    def __aiter__(self):
        return self

    async def __anext__(self):
        if Thing.turn(3):
            raise StopAsyncIteration
        return Thing.turns

    def __await__(self):
        return (yield Thing.turns)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return Thing.turn(2)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        return Thing.turn(2)

    def __bool__(self):
        return Thing.turn(2)

    def __len__(self):
        return 2

    def __getitem__(self, key):
        if Thing.turn(7):
            raise KeyError(key)
        return Thing.turns

    def __setitem__(self, key, value):
        pass

    def __delitem__(self, key):
        pass

    def keys(self):
        return ["a", "b"]

    def __contains__(self, item):
        return Thing.turn(2)

    def __index__(self):
        return Thing.turns % 5

    def __hash__(self):
        return 1

    def __eq__(self, other):
        return Thing.turn(3)

    def __lt__(self, other):
        return Thing.turn(2)

    __le__ = __gt__ = __ge__ = __lt__

    def _operate(self, other=None, *_):
        if Thing.turn(13):
            raise TypeError("no")
        return other if Thing.turn(3) else self

    for _name in "add sub mul matmul truediv floordiv mod pow lshift rshift and xor or".split():
        locals()[f"__{_name}__"] = locals()[f"__r{_name}__"] = locals()[f"__i{_name}__"] = _operate
    __neg__ = __pos__ = __invert__ = __abs__ = _operate
    del _name


def _grouped(*_):
    return ExceptionGroup("several", [ValueError(1), ExceptionGroup("inside", [KeyError(2), OSError(3)])])


class ThingError(Exception):
    """What an unknown name that looks like that of an exception means."""


SAFE = {name: value for name, value in vars(builtins).items() if name not in _REFUSED}
SAFE |= {"print": lambda *_, **__: None, "__import__": lambda *_, **__: Thing(), "__debug__": True}


def namespace(names):
    """Globals in which each of the names means something."""
    known = {"__builtins__": SAFE, "__name__": "changed", "__annotations__": {}}
    for name in names:
        if name not in SAFE and name not in known:
            known[name] = ThingError if name.endswith(("Error", "Exception", "Warning")) else Thing()
    return known


def values(chance):
    """An argument."""
    makers = (
        *(lambda: 0, lambda: 1, lambda: 3, lambda: "ab", lambda: (1, 2), lambda: [3, "c"], lambda: {"a": 1}, lambda: None, Thing, Thing),
        *(lambda: iter([1, 2]), lambda: lambda *_, **__: 1, lambda: ValueError("v"), lambda: KeyError, lambda: {1, 2}),
        *(lambda: 1.5, lambda: b"b"),
        *(_grouped, lambda: (1, (2, 3)), lambda: True, lambda: (i for i in (1, 2)), Thing),
    )
    return chance.choice(makers)()
