"""Calls and chains over many lines: each frame of the traceback names the right one."""

import traceback


class Query:
    def __init__(self, trail=()):
        self.trail = trail

    def where(self, **conditions):
        if "fail" in conditions:
            raise LookupError(conditions["fail"])
        return Query(self.trail + (conditions,))

    def order(self, key):
        return Query((*self.trail, key(self)))

    @property
    def broken(self):
        raise AttributeError("broken property")

    def __getitem__(self, key):
        if key == "fail":
            raise KeyError(key)
        return self


def fails(*args, **kwargs):
    raise RuntimeError("fails")


def identity(x=None, **_):
    return x


def chain_in_the_middle():
    return (
        Query()
        .where(a=1)
        .where(
            fail="middle",
        )
        .where(b=2)
    )


def chain_at_the_end():
    return (Query()
            .where(a=1)
            ["ok"]
            ["fail"])


def chain_property():
    query = Query().where(
        a=1
    ).order(
        lambda q:
            q
            .broken
    ).where(b=2)
    return query


def argument_fails():
    return identity(
        identity(1),
        first=identity(2),
        second=identity(
            x=fails(
                "deep",
            ),
        ),
        third=identity(4),
    )


def callee_fails():
    return fails(
        1,
        2,
        key=3,
    )(
        4
    )


def operands():
    return (
        1
        + 2
        + identity(
            3
        ) / (
            4
            - 4
        )
        + 5
    )


def displays():
    return {
        "first": identity(1),
        "second": [
            identity(2),
            fails(3),
        ],
    }


def conditions():
    if (
        identity(True)
        and identity(1) == 1
        and fails()
    ):
        return 1


def comprehension():
    return [
        identity(x)
        for x in range(3)
        if identity(x)
        if 1 / (
            x - 1
        )
    ]


def formatted():
    return f"""{identity(1)}
    {identity(2)} {
        fails(3)
    }"""


def assigned():
    a = b = c = (
        identity(1),
        fails(2),
    )


def asserted():
    assert (
        identity(0)
        == 1
    ), identity(
        fails()
    )


def decorated():
    @identity
    @fails
    @identity
    def inner(
        a=1,
    ):
        return a


for function in (chain_in_the_middle, chain_at_the_end, chain_property, argument_fails, callee_fails, operands, displays, conditions, comprehension, formatted, assigned, asserted, decorated):
    try:
        function()
    except Exception:
        print(traceback.format_exc())
