"""The text of tracebacks with its markers, for errors in every kind of expression."""

import traceback


class Bad:
    def __add__(self, other):
        raise ValueError("bad add")

    def __neg__(self):
        raise ValueError("bad neg")

    def __bool__(self):
        raise ValueError("bad bool")

    def __getattr__(self, name):
        raise AttributeError(f"bad attribute {name}")

    def __getitem__(self, key):
        raise KeyError(key)

    def __setitem__(self, key, value):
        raise KeyError(key)

    def __lt__(self, other):
        raise ValueError("bad comparison")

    def __call__(self, *args, **kwargs):
        raise ValueError("bad call")

    def __iter__(self):
        raise ValueError("bad iter")

    def __format__(self, spec):
        raise ValueError("bad format")

    def __hash__(self):
        raise ValueError("bad hash")

    def __enter__(self):
        raise ValueError("bad enter")

    __exit__ = None


bad, numbers, text, nothing = Bad(), [1, 2, 3], "text", None
print("each line below fails, in the order of the list")
attempts = [
    lambda: 1 + (2 * (3 - bad + 4)) + 5 if False else (bad + 1) * 2,
    lambda: 10 / (5 - 5) + 1,
    lambda: -bad,
    lambda: not bad,
    lambda: bad and 1,
    lambda: 1 if bad else 2,
    lambda: numbers[0] + numbers[1] + numbers[7] + numbers[2],
    lambda: {"a": {"b": {}}}["a"]["b"]["c"]["d"],
    lambda: bad.first.second,
    lambda: text.upper().lower().missing.strip(),
    lambda: nothing.attribute,
    lambda: bad[1:2, ...],
    lambda: 1 < 2 < bad < 3,
    lambda: bad(1, *numbers, key=text),
    lambda: len(text) + len(5) + len(numbers),
    lambda: print(text, sep=5),
    lambda: int("not a number", base=10),
    lambda: [x for x in bad],
    lambda: [1 // (x - 2) for x in numbers],
    lambda: {x: 1 / (x - 1) for x in numbers},
    lambda: {1, bad},
    lambda: {bad: 1},
    lambda: f"{text} {bad:>5} {text}",
    lambda: f"{undefined_name!r}",
    lambda: undefined_name + 1,
    lambda: (lambda x: x.missing)(text),
    lambda: sorted(numbers, key=lambda n: 1 / (n - 2)),
    lambda: [*numbers, *bad],
    lambda: sum(1 / (x - 3) for x in numbers),
    lambda: (y := bad + 1),
    lambda: "%d items" % "many",
    lambda: b"bytes" + "text",
    lambda: next(iter([])),
    lambda: numbers.index(9) if numbers else None,
    lambda: __import__("no_such_module_at_all"),
]
for number, attempt in enumerate(attempts):
    try:
        attempt()
    except Exception:
        print(number, traceback.format_exc())
