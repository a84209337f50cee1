"""The package of the gallery: what is imported when, what is instrumented, what is documented."""
import subprocess
import sys
from pathlib import Path

import pyccolo_native as pyc
import pytest
from pyccolo_native import examples

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(examples.__file__).parent


def test_a_tracer_is_imported_without_the_others():
    show = "import sys; from pyccolo_native.examples import CoverageTracer; print(*sorted(sys.modules))"
    told = subprocess.run([sys.executable, "-c", show], cwd=FOLDER.parents[1], capture_output=True, text=True, check=True)
    loaded = [name for name in told.stdout.split() if name.startswith("pyccolo_native.examples.")]
    assert loaded == ["pyccolo_native.examples.coverage"]


@pytest.mark.parametrize("name", examples.__all__)
def test_every_tracer_is_there_and_documented(name):
    tracer = getattr(examples, name)
    assert issubclass(tracer, pyc.BaseTracer) and tracer.__name__ == name
    assert name in dir(examples)
    assert pyc.resolve_tracer(f"pyccolo_native.examples.{name}") is tracer
    page = ROOT / "docs" / "gallery" / f"{tracer.__module__.rpartition('.')[2].replace('_', '-')}.md"
    assert name in page.read_text("utf-8")
    assert page.name in (page.parent / "README.md").read_text("utf-8")


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'Missing'"):
        examples.Missing


class Statements(pyc.BaseTracer):
    instrument_all_files = True
    files = set()

    @pyc.before_stmt
    def note(self, frame):
        self.files.add(frame.f_code.co_filename)


def test_the_gallery_is_not_instrumented_but_what_imports_it_is(module, fresh, monkeypatch):
    path = module("program", "from pyccolo_native.examples.quasiquote import Quasiquoter\n")
    monkeypatch.delitem(sys.modules, "pyccolo_native.examples.quasiquote", raising=False)
    with fresh(Statements):
        import program  # noqa: F401
    assert Statements.files == {str(path)}


def test_several_tracers_of_the_gallery_at_once(module, fresh):
    module("late", "number = 2\n")
    path = module(
        "program",
        "import late\n"
        "def fetch(x):\n    return not x or -x\n"
        "a = fetch(late.number)\n"
        "b = fetch(a + 1)\n"
        "tree = q[u[a] + b]\n",
    )

    class Lazy(fresh(examples.LazyImportTracer)):
        def should_instrument_file(self, filename):
            return "modules" in filename

    class Futures(fresh(examples.FutureTracer)):
        def should_instrument_file(self, filename):
            return "modules" in filename

    class Quotes(fresh(examples.Quasiquoter)):
        def should_instrument_file(self, filename):
            return "modules" in filename

    coverage = fresh(examples.CoverageTracer).instance(files=[path])
    with Lazy, Futures, Quotes, fresh(examples.ConcolicTracer), coverage:
        import program

        assert (program.a, program.b, program.late.number) == (-2, 1, 2)
        assert program.tree.left.operand.value == 2
    assert coverage.report()[0].missing == []
    assert [name for name in vars(program) if name.startswith(pyc.PYCCOLO_BUILTIN_PREFIX)] == ["_X5ix_lazy_late"]
