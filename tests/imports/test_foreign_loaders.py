"""Loaders of other tools: their effect and ours are both there, and handlers see the program and nothing of the tool."""
import ast
import importlib
import importlib.abc
import importlib.util
import sys
import warnings
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

import pyccolo_native as pyc

from .tracers import Increment, Journal

CHECKED = '''
"""The doc."""
from __future__ import annotations

import functools
from typing import List, Optional

limit = 10


def total(numbers: List[int], start: int = 0) -> int:
    """doc"""
    found: int = start
    for number in numbers:
        found = found + number
    return found


class Person:
    kind: str = "person"

    def __init__(self, name: str) -> None:
        self.name: str = name

    @functools.lru_cache(None)
    def greet(self, other: Optional[str] = None) -> str:
        if other is None:
            return f"{self.name}!"
        return self.name + " " + other

    @staticmethod
    def pair(a: int, b: int) -> List[int]:
        return [total([a, b]), limit]


value = total([1, 2, 3], start=limit)
people = [Person("A"), Person("B")]
said = [person.greet("C") for person in people] + [people[0].greet()]
pair = Person.pair(1, 2)
'''


@pytest.fixture(autouse=True)
def clear():
    yield
    for tracer in (Increment, Journal):
        tracer.clear_instance()
    pyc.BaseTracer.current_module[0] = None


def journal_of(name):
    sys.modules.pop(name, None)
    tracer = Journal()
    with tracer, warnings.catch_warnings(record=True) as told:
        module = importlib.import_module(name)
    assert [entry.message for entry in told if entry.category is RuntimeWarning] == []
    return module, tracer.entries


def same(ours, plain):
    """Two journals, side by side where they part."""
    for index, (one, other) in enumerate(zip(ours, plain)):
        assert one == other, (index, ours[max(0, index - 3) : index + 3], plain[max(0, index - 3) : index + 3])
    assert len(ours) == len(plain)


def test_typeguard(importable):
    typeguard = pytest.importorskip("typeguard")
    importable.write("woven_checked.py", CHECKED)
    _, plain = journal_of("woven_checked")
    with typeguard.install_import_hook("woven_checked"):
        module, entries = journal_of("woven_checked")
    assert type(module.__loader__).__name__ == "TypeguardLoader"
    with pytest.raises(typeguard.TypeCheckError):
        module.total("no list")
    same(entries, plain)


def test_typeguard_installed_while_the_tracer_is_active(importable):
    typeguard = pytest.importorskip("typeguard")
    importable.write("woven_checked.py", "def f(x: int) -> int:\n    y = 40\n    return x + y\nz = f(0)\n")
    with Increment.instance():
        with typeguard.install_import_hook("woven_checked"):
            import woven_checked
        assert woven_checked.z == 42
        with pytest.raises(typeguard.TypeCheckError):
            woven_checked.f("x")


def test_typeguards_own_bytecode_is_neither_read_nor_written(importable, monkeypatch):
    typeguard = pytest.importorskip("typeguard")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    importable.write("woven_checked.py", CHECKED)
    with typeguard.install_import_hook("woven_checked"):
        import woven_checked  # noqa: F401

        (cached,) = [path for path in importable.folder.rglob("*.pyc") if "typeguard" in path.name]
        before = cached.read_bytes()
        _, entries = journal_of("woven_checked")
        assert entries and cached.read_bytes() == before
        del sys.modules["woven_checked"]
        import woven_checked as again
    with pytest.raises(typeguard.TypeCheckError):
        again.total("no list")


def test_beartype(project):
    pytest.importorskip("beartype")
    project.write("woven_checked.py", CHECKED)
    project.write("woven_other.py", "x = 1\n")
    project.write("test_foreign_loaders_tracers.py", SOURCE_OF_TRACERS)
    project.write("program.py", BEARTYPE)
    assert project.output("program.py").split("\n")[:4] == ["same", "BeartypeSourceFileLoader", "BeartypeCallHintParamViolation", "2"]


BEARTYPE = """
import importlib, sys, warnings
from test_foreign_loaders_tracers import Journal, Increment
warnings.simplefilter("error", RuntimeWarning)
plain, woven = Journal(), Journal()
with plain:
    import woven_checked
del sys.modules["woven_checked"]
from beartype.claw import beartype_package
beartype_package("woven_checked")
with woven:
    import woven_checked
for index, (one, other) in enumerate(zip(woven.entries, plain.entries)):
    assert one == other, (index, one, other)
assert len(woven.entries) == len(plain.entries), woven.entries[len(plain.entries):]
print("same")
print(type(woven_checked.__loader__).__name__)
try:
    woven_checked.total("no list")
except Exception as error:
    print(type(error).__name__)
with Increment.instance():
    import woven_other
print(woven_other.x)
"""


def test_pytest(project):
    """Test modules, conftest.py, and modules that are registered for rewriting."""
    project.write("tracers.py", SOURCE_OF_TRACERS)
    project.write("woven/conftest.py", "pytest_plugins = ['woven_plugin']\nimport pytest\npytest.register_assert_rewrite('woven_helper')\n")
    project.write("woven_plugin.py", "import pytest\n@pytest.fixture\ndef answer():\n    assert 1 + 1 == 2\n    return 42\n")
    project.write("woven_helper.py", "def check(x):\n    assert x == 1, 'the message'\n    assert [x] and (x or 2)\n    return x\n")
    project.write(
        "woven/test_it.py",
        '"""doc"""\nfrom woven_helper import check\ndef f(x):\n    return x + 1\ndef test_good(answer):\n    """doc"""\n    assert f(1) == 2\n'
        "    assert f(2) == 3, 'said'\n    y = [1, 2]\n    assert len(y) == 2 and y[0] == 1 and not f(3) == y\n    assert all(f(n) > n for n in y)\n"
        "    assert check(1)\n    assert answer == 42\n    for n in y: assert n in y\ndef test_bad():\n    x = 5\n    assert f(x) == 7\n",
    )
    project.write("plain_run.py", PLAIN_RUN)
    project.write("inside.py", INSIDE)
    project.write("outside.py", "import tracers\nclass T(tracers.Journal):\n    def exit_tracing_hook(self):\n        print(*sorted({e[1] for e in self.entries if e[0] == 'before_stmt'}), sep='\\n')\n")
    project.output("plain_run.py", PYTHONDONTWRITEBYTECODE="1")
    for _ in range(2):
        project.output("inside.py")
    assert [path for path in project.folder.rglob("*.pyc") if "pytest" in path.name] == []
    plain = project.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "woven")
    assert [path for path in project.folder.rglob("*.pyc") if "pytest" in path.name]
    told = project.output("inside.py")
    done = project.python("-m", "pyccolo_native", "-t", "outside.T", "-m", "pytest", "--", "-q", "-p", "no:cacheprovider", "woven")
    assert "assert 6 == 7" in told and "where 6 = f(5)" in told
    for outcome in (told, done.stdout, plain.stdout):
        assert "1 failed, 1 passed" in outcome and "assert 6 == 7" in outcome and "where 6 = f(5)" in outcome
    for statement in ("assert f(1) == 2", "assert x == 1, 'the message'", "return 42", "assert 1 + 1 == 2", "x = 5"):
        assert statement in done.stdout.split("\n")


# What handlers get under pytest's loader is what they get without it. Within an assertion pytest changes the order in which
# operands are evaluated, and so that of events.
PLAIN_RUN = """
import json, sys
import tracers
sys.path.insert(0, "woven")
tracer = tracers.Journal()
with tracer:
    import woven_plugin, test_it
    start = len(tracer.entries)
    test_it.test_good(42)
    try:
        test_it.test_bad()
    except AssertionError:
        pass
entries = tracer.entries[start:]
json.dump(entries, open("plain.json", "w"))
"""
INSIDE = """
import json, sys
from collections import Counter
import pytest, tracers
entries = []
class Plugin:
    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        start = len(tracer.entries)
        try:
            return (yield)
        finally:
            entries.extend(tracer.entries[start:])
tracer = tracers.Journal()
with tracer:
    pytest.main(["-q", "-p", "no:cacheprovider", "woven"], plugins=[Plugin()])
plain = json.load(open("plain.json"))
ours = json.loads(json.dumps(entries))
assert [one for one in ours if "stmt" in one[0]] == [one for one in plain if "stmt" in one[0]]
ours, plain = Counter(map(str, ours)), Counter(map(str, plain))
assert ours == plain, (ours - plain, plain - ours)
"""
SOURCE_OF_TRACERS = Path(__file__).with_name("tracers.py").read_text()


# --- loaders of all kinds


class Doubling(ast.NodeTransformer):
    """Doubles integers; puts a statement at the front of functions."""

    def visit_Constant(self, node):
        if type(node.value) is not int:
            return node
        return ast.copy_location(ast.BinOp(ast.Constant(2), ast.Mult(), node), node)

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        node.body.insert(0, ast.parse("seen.append(1)").body[0])
        return node


def doubled(source, path="<source>"):
    tree = Doubling().visit(ast.parse(source, path))
    return ast.fix_missing_locations(tree)


class CompilesItself(SourceFileLoader):
    def source_to_code(self, data, path, fullname=None, *, _optimize=-1):
        return compile(doubled(data), path, "exec", dont_inherit=True, optimize=_optimize)


class CompilesWithSuper(SourceFileLoader):
    def source_to_code(self, data, path, fullname=None, *, _optimize=-1):
        return super().source_to_code(doubled(data, path), path, _optimize=_optimize)


class CompilesElsewhere(SourceFileLoader):
    def source_to_code(self, data, path, fullname=None, *, _optimize=-1):
        return self._code(doubled(data, path), path)

    def _code(self, tree, path):
        return importlib._bootstrap._call_with_frames_removed(compile, tree, path, "exec", 0, True)


class HasItsOwnGetCode(SourceFileLoader):
    def get_code(self, fullname):
        path = self.get_filename(fullname)
        return compile(doubled(self.get_data(path), path), path, "exec", dont_inherit=True)


class HasItsOwnExecModule(SourceFileLoader):
    def exec_module(self, module):
        exec(compile(doubled(self.get_data(self.path), self.path), self.path, "exec"), module.__dict__)


class NoFileLoader(importlib.abc.Loader):
    def __init__(self, name, path):
        self.path = path

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        with open(self.path, "rb") as file:
            source = file.read()
        exec(compile(doubled(source, self.path), self.path, "exec"), module.__dict__)


class InspectedLoader(importlib.abc.ExecutionLoader):
    def __init__(self, name, path):
        self.path = path

    def get_filename(self, fullname):
        return self.path

    def get_source(self, fullname):
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    @staticmethod
    def source_to_code(data, path="<string>", fullname=None):
        return compile(doubled(data, path), path, "exec", dont_inherit=True)


class CopiesTheTree(SourceFileLoader):
    def source_to_code(self, data, path, fullname=None, *, _optimize=-1):
        import copy

        return compile(copy.deepcopy(doubled(data, path)), path, "exec", dont_inherit=True, optimize=_optimize)


LOADERS = [CompilesItself, CompilesWithSuper, CompilesElsewhere, HasItsOwnGetCode, HasItsOwnExecModule, NoFileLoader, InspectedLoader, CopiesTheTree]


class FinderOf:
    def __init__(self, kind, *names):
        self.kind, self.names = kind, names

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self.names:
            return None
        plain = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        return importlib.util.spec_from_file_location(fullname, plain.origin, loader=self.kind(fullname, plain.origin))


@pytest.fixture
def found_by():
    finders = []

    def put(kind, *names):
        finders.append(FinderOf(kind, *names))
        sys.meta_path.insert(0, finders[-1])

    yield put
    for finder in finders:
        sys.meta_path.remove(finder)


PROGRAM = "seen = []\ndef f(x):\n    y = x + 20\n    return y\nz = f(1)\n"


@pytest.mark.parametrize("first", ["tracer", "loader"])
@pytest.mark.parametrize("kind", LOADERS)
def test_both_effects_are_in_force(importable, kind, first, found_by):
    importable.write("woven_m.py", PROGRAM)
    if first == "loader":
        found_by(kind, "woven_m")
    tracer = Journal.instance()
    with tracer, warnings.catch_warnings(record=True) as told:
        if first == "tracer":
            found_by(kind, "woven_m")
        import woven_m
    assert [entry.message for entry in told if entry.category is RuntimeWarning] == []
    assert woven_m.z == 2 + 40 and woven_m.seen == [1]
    assert type(woven_m.__loader__) is kind
    told = [entry[:2] for entry in tracer.entries if entry[0] in ("before_stmt", "before_binop", "after_return", "after_call", "after_argument")]
    assert told == [
        ("before_stmt", "seen = []"),
        ("before_stmt", "def f(x):"),
        ("before_stmt", "z = f(1)"),
        ("after_argument", "1"),
        ("before_stmt", "y = x + 20"),
        ("before_binop", "x + 20"),
        ("before_stmt", "return y"),
        ("after_return", "y"),
        ("after_call", "f(1)"),
    ]


@pytest.mark.parametrize("kind", LOADERS)
def test_values_can_be_replaced(importable, kind, found_by):
    importable.write("woven_m.py", PROGRAM)
    found_by(kind, "woven_m")
    with Increment.instance():
        import woven_m
    assert woven_m.z == 2 + 40 + 1 + 1


@pytest.mark.parametrize("kind", LOADERS)
def test_thunks_evaluate_the_transformed_expression(importable, kind, found_by):
    class Twice(Journal):
        @pyc.before_argument
        def argument(self, ret, node):
            return lambda: ret() + ret()

    importable.write("woven_m.py", PROGRAM)
    found_by(kind, "woven_m")
    with Twice():
        import woven_m
    assert woven_m.z == 4 + 40


@pytest.mark.parametrize("kind", LOADERS)
def test_other_files_of_such_loaders_are_left_alone(importable, kind, found_by):
    importable.write("plain_m.py", PROGRAM)
    found_by(kind, "plain_m")
    with Increment.instance():
        import plain_m
    assert plain_m.z == 42


@pytest.mark.parametrize("kind", LOADERS)
@pytest.mark.parametrize("source, error", [("x = = 1", SyntaxError), ("x = 1\n1 / 0", ZeroDivisionError)])
def test_failures_are_those_of_the_loader(importable, kind, source, error, found_by):
    importable.write("woven_m.py", source)
    found_by(kind, "woven_m")
    shown = []
    for context in (warnings.catch_warnings(), Increment.instance()):
        with context, pytest.raises(error) as caught:
            import woven_m  # noqa: F401
        shown.append([str(caught.value), [(str(entry.path), entry.name, entry.lineno) for entry in caught.traceback][1:]])
    assert shown[0] == shown[1]
    assert "woven_m" not in sys.modules


def test_a_loader_that_transforms_text(importable, found_by):
    class Text(SourceFileLoader):
        def get_data(self, path):
            data = super().get_data(path)
            return data.replace(b"PLACEHOLDER", b"41") if path.endswith(".py") else data

    importable.write("woven_m.py", "x = PLACEHOLDER\n")
    found_by(Text, "woven_m")
    with Increment.instance():
        import woven_m
    assert woven_m.x == 42


def test_a_loader_that_cannot_be_combined_is_named(importable, found_by):
    class Precompiled(SourceFileLoader):
        def exec_module(self, module):
            exec(CODE, module.__dict__)

    path = importable.write("woven_m.py", "x = 41")
    found_by(Precompiled, "woven_m")
    with Increment.instance(), pytest.warns(RuntimeWarning) as caught:
        import woven_m
    assert woven_m.x == 41
    (message,) = [str(entry.message) for entry in caught]
    assert str(path) in message and "Precompiled" in message


CODE = compile("x = 41", "elsewhere.py", "exec")


def test_what_a_transformer_makes_of_it_may_not_compile(importable, found_by):
    class Broken(SourceFileLoader):
        def source_to_code(self, data, path, fullname=None, *, _optimize=-1):
            tree = ast.parse(data)
            tree.body.append(ast.Expr(ast.Name("x", ast.Store()), lineno=1, col_offset=0))
            return compile(tree, path, "exec")

    importable.write("woven_m.py", "x = 41")
    found_by(Broken, "woven_m")
    shown = []
    for context in (warnings.catch_warnings(), Increment.instance()):
        with context, pytest.raises(Exception) as caught:
            import woven_m  # noqa: F401
        shown.append([type(caught.value), str(caught.value)])
    assert shown[0] == shown[1]


def test_imports_that_a_transformer_makes_on_its_way(importable, found_by):
    class Importing(SourceFileLoader):
        def source_to_code(self, data, path, fullname=None, *, _optimize=-1):
            import woven_tool

            tree = ast.parse(data)
            tree.body[0].value.value += woven_tool.x
            return compile(tree, path, "exec", dont_inherit=True)

    importable.write("woven_tool.py", "x = 1")
    importable.write("woven_m.py", "x = 38")
    found_by(Importing, "woven_m")
    with Increment.instance():
        import woven_m
        import woven_tool
    assert (woven_tool.x, woven_m.x) == (2, 41)


def test_compile_is_the_builtin_again_while_the_module_runs(importable, found_by):
    importable.write("woven_m.py", "import builtins\nx = compile\ny = eval(compile('1 + 1', __file__, 'eval'))\nexec(compile('z = 1', __file__, 'exec'))\n")
    for kind in LOADERS:
        found_by(kind, "woven_m")
        with Increment.instance():
            import woven_m
        assert woven_m.x is compile and woven_m.y == 2 + 1 and woven_m.z == 1
        del sys.modules["woven_m"]


def test_statement_groups_can_be_skipped(importable, found_by):
    class Expanding(SourceFileLoader):
        """Makes two statements of an assertion."""

        def source_to_code(self, data, path, fullname=None, *, _optimize=-1):
            class Expand(ast.NodeTransformer):
                def visit_Assert(self, node):
                    first = ast.Assign([ast.Name("held", ast.Store())], node.test)
                    second = ast.parse("if not held: raise LookupError").body[0]
                    return [ast.copy_location(part, node) for part in (first, second)]

            tree = ast.fix_missing_locations(Expand().visit(ast.parse(data)))
            return compile(tree, path, "exec", dont_inherit=True)

    class Skipping(pyc.BaseTracer):
        seen = []

        def should_instrument_file(self, filename):
            return "woven" in filename

        @pyc.before_stmt(when=lambda node: isinstance(node, ast.Assert))
        def statement(self, ret, node):
            self.seen.append(ast.unparse(node))
            return pyc.Pass if node.lineno == 2 else None

        @pyc.after_stmt(when=lambda node: isinstance(node, ast.Assert))
        def after(self, ret, node):
            self.seen.append(node.lineno)

    importable.write("woven_m.py", "x = 1\nassert x == 2\nassert x == 1\nassert x\ndef f():\n    assert x == 3\n")
    found_by(Expanding, "woven_m")
    with Skipping():
        import woven_m

        with pytest.raises(LookupError):
            woven_m.f()
    assert Skipping.seen == ["assert x == 2", 2, "assert x == 1", 3, "assert x", 4, "assert x == 3"]
