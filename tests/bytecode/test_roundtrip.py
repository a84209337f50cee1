"""Code objects of the standard library come back as they were: a part of them. `python -m tests.bytecode.sweep` does them all."""
import types

import pytest

import pyccolo_native.bytecode as bc

from . import corpus, sweep

EVERY = 20


def test_code_of_the_standard_library_comes_back_as_it_was():
    counts = corpus.take_files(corpus.files([corpus.stdlib()], EVERY))
    assert counts.problems == {}
    assert counts.files > 30 and counts.codes > 500
    assert set(counts.exact.values()) == {counts.codes}
    assert counts.stack["equal"] >= 0.99 * counts.codes  # of all the library it is sweep.SHARE
    assert counts.stack["too small"] == 0


SOURCE = """
def outer(a, *b, c=1, **d):
    "Docstring."
    def inner():
        return a, b, [c for c in d], (yield 1)
    try:
        with a as x, b:
            return {1.0: -0.0, "n": (1, (2.0, None), frozenset()), 3: x in {1, 2, 3}}
    except (ValueError, TypeError) as e:
        raise RuntimeError from e
    finally:
        print(inner)
"""


def codes():
    return list(corpus.walk(compile(SOURCE, "source.py", "exec")))


def test_nested_code_is_rebuilt_with_what_is_around_it():
    module = bc.Code.from_code(codes()[0])
    made = bc.Code(list(module), **module.metadata()).to_code(reuse=False)
    pairs = list(zip(corpus.walk(codes()[0]), corpus.walk(made), strict=True))
    assert len(pairs) > 2
    for before, after in pairs:
        assert corpus.differences(before, after) == []


@pytest.mark.parametrize("code", codes(), ids=lambda code: code.co_qualname)
def test_every_way(code):
    counts = corpus.Counts()
    counts.take(bc, "source.py", code)
    assert counts.problems == {}


def test_what_stack_the_code_needs():
    """CPython's own sizes are what the oracle computes, or more."""
    for path in corpus.files([corpus.stdlib()], 200):
        code = corpus.code_of(path)
        for one in corpus.walk(code) if code else ():
            assert corpus.stack_need(one) <= one.co_stacksize, (path, one)


def altered():
    code = codes()[1]
    yield "co_code", code.replace(co_code=code.co_code[:-2] + bytes((code.co_code[-2], code.co_code[-1] ^ 2)))
    yield "co_consts", code.replace(co_consts=code.co_consts[:-1])
    yield "co_linetable", code.replace(co_linetable=code.co_linetable[:-1] + bytes((code.co_linetable[-1] ^ 1,)))
    yield "co_flags", code.replace(co_flags=code.co_flags ^ 0x10)
    yield "co_name", code.replace(co_name="other")


@pytest.mark.parametrize("field, made", list(altered()), ids=lambda its: its if isinstance(its, str) else "")
def test_a_difference_is_noticed(field, made):
    assert any(text.startswith(field) for text in corpus.differences(codes()[1], made))


def test_constants_are_told_apart():
    different = [(0.0, -0.0), (1, 1.0), (1, True), ((1,), (1.0,)), (frozenset({1}), frozenset({1.0})), (b"a", "a")]
    for first, second in different:
        assert not corpus.same_constant(first, second)
    nan = float("nan")
    assert corpus.same_constant((nan, (1, "a")), (float("nan"), (1, "a")))


def test_problems_are_counted(monkeypatch, tmp_path):
    (tmp_path / "one.py").write_text("def f(a): return a\nf(1)\n")
    (tmp_path / "broken.py").write_text("def\n")

    class Faulty:
        Instr = bc.Instr

        class Code(bc.Code):
            def verify(self):
                return [(0, "said to be wrong")]

            def to_code(self, **options):
                made = super().to_code(**options)
                assert isinstance(made, types.CodeType)
                return made.replace(co_stacksize=0, co_name="another")

    counts = corpus.Counts()
    for code in corpus.walk(corpus.code_of(tmp_path / "one.py")):
        counts.take(Faulty, "one.py", code)
    assert counts.codes == 2 and set(counts.exact.values()) == {0}
    assert len(counts.problems) == 8
    (text,) = counts.problems["one.py", "f:1", "verified"]
    assert text == "AssertionError: verify(): [(0, 'said to be wrong')]"
    assert counts.stack["too small"] >= 1
    assert f"{counts.stack['too small']} too small" in list(counts.lines())[-1]
    assert corpus.take_files(corpus.files([tmp_path])).files == 1
