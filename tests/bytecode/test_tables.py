"""The tables of the core say of the running version what its interpreter says."""
import sys

import pytest

from pyccolo_native import _native

from .opcode_facts import facts

MINOR = sys.version_info[1]
# 3.11 and 3.12: the frame of a generator begins with what it is sent; dis does not count it, the interpreter pushes it.
NET_ELSEWHERE = {(11, "RETURN_GENERATOR"): 1, (12, "RETURN_GENERATOR"): 1}


@pytest.fixture(scope="module")
def told():
    return facts()["opcodes"]


def test_numbers_caches_and_operands(told):
    expected = {name: (its["number"], its["caches"], its["has_arg"]) for name, its in told.items()}
    found = {name: (number, caches, operand != "None") for name, number, caches, operand, *_ in _native.opcode_table(MINOR)}
    # An instruction may have an operand that means nothing.
    assert found.keys() == expected.keys()
    assert {name: row[:2] for name, row in found.items()} == {name: row[:2] for name, row in expected.items()}
    assert [name for name in found if found[name][2] and not expected[name][2]] == []


def test_stack_effects(told):
    differ = []
    for name, its in told.items():
        for arg, (plain, jumping) in its["net"].items():
            for jump, net in ((False, plain), (True, jumping)):
                pops, pushes = _native.stack_effect(MINOR, name, arg, jump)
                net = NET_ELSEWHERE.get((MINOR, name), net)
                if net is not None and pushes - pops != net:
                    differ.append((name, arg, jump, pops, pushes, net))
    assert differ == []


def test_all_versions_are_there():
    for minor in range(11, 16):
        rows = _native.opcode_table(minor)
        assert len({name for name, *_ in rows}) == len({number for _, number, *_ in rows}) == len(rows) > 100
    for minor in (10, 16):
        with pytest.raises(ValueError, match="that of 3.11 to 3.15 is"):
            _native.opcode_table(minor)
    with pytest.raises(ValueError, match="CPython 3.15 has no instruction PRECALL"):
        _native.stack_effect(15, "PRECALL", 0, False)
