"""Files of the standard library can all be woven: a part of them. `make packages` does them all."""
import pytest

from . import sweep

EVERY = 40


def test_files_of_the_standard_library_are_woven():
    result = sweep.sweep(sweep.files([sweep.stdlib()], EVERY), list(sweep.SETTINGS), say=lambda *_, **__: None)
    assert result["woven"] > 30
    assert result["problems"] == {}


def test_a_problem_is_noticed(tmp_path, monkeypatch):
    good, bad, broken = (tmp_path / name for name in ("good.py", "odd.py", "broken.py"))
    good.write_text("def f(a):\n    'what it does'\n    return [b for b in a]\n")
    bad.write_text("def f(): pass\n")
    broken.write_text("def\n")
    from pyccolo_native import sandbox

    compile_source = sandbox.compile_source

    def faulty(source, path):
        if not path.endswith("odd.py"):
            return compile_source(source, path)
        return compile("def f(x): pass\n'' is 1", path, "exec")

    monkeypatch.setattr(sandbox, "compile_source", faulty)
    result = sweep.sweep([bad, broken, good], ["before_stmt, guards"], say=lambda *_, **__: None)
    assert result["woven"] == 2 and result["refused"] == [str(broken)]
    (problems,) = result["problems"].values()
    assert "SyntaxWarning" in problems[0] and "'f', 1" in problems[1]


@pytest.mark.parametrize("error", [RecursionError, MemoryError, RuntimeError("no")])
def test_a_failure_is_noticed(error, tmp_path, monkeypatch):
    from pyccolo_native import sandbox

    def failing(source, path):
        raise error

    monkeypatch.setattr(sandbox, "compile_source", failing)
    (tmp_path / "a.py").write_text("a = 1\n")
    result = sweep.sweep(sweep.files([tmp_path]), ["all events, guards"], say=lambda *_, **__: None)
    assert len(result["problems"]) == 1
