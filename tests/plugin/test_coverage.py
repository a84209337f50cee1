"""pytest-cov: the same coverage with an observing tracer and without."""
import json

import pytest

pytest.importorskip("pytest_cov")

LIBRARY = """
    import asyncio

    def kind(n):
        if n < 0:
            return "negative"
        elif n == 0: return "zero"
        for i in range(n):
            if i > 2:
                break
        else:
            n += 1
        while n > 3:
            n -= 1
            if n == 5: continue
        try:
            return {1: "one", 2: "two"}[n]
        except KeyError as error:
            return str(error) if n else None
        finally:
            n = None

    class Shop:
        "With a docstring."

        names = [name for name in ("a", "b") if name]

        def price(self, name):
            with open(__file__) as file:
                assert file, name
            match name:
                case "a":
                    return 1
                case _:
                    return (lambda: 2)()

    async def later(n):
        async for i in numbers(n):
            await asyncio.sleep(0)
        return n

    async def numbers(n):
        for i in range(n):
            yield i

    def never():
        return 0
"""
TESTS = """
    import asyncio, shop

    def test_kind():
        assert [shop.kind(n) for n in (0, 1, 2, 8)] == ["zero", "two", "3", "3"]

    def test_shop():
        assert shop.Shop().price("b") == 2

    def test_later():
        assert asyncio.run(shop.later(2)) == 2
"""


AT_THE_HEADER = ["after_stmt", "after_function_execution"]
"""They fire at the first line of what has ended, so that line tracers see it follow the last one that ran."""


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "workers"])
def test_covered_lines_are_the_same(project, workers):
    if workers:
        pytest.importorskip("xdist")
    compare(project, "True", *workers)


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "workers"])
def test_covered_branches_are_the_same(project, workers):
    if workers:
        pytest.importorskip("xdist")
    compare(project, f"event.name not in {AT_THE_HEADER}", "--cov-branch", *workers)


class Differs(AssertionError):
    """Coverage with and without the tracer is not the same."""


@pytest.mark.xfail(strict=True, raises=Differs, reason="the header of a compound statement follows its last line: documented")
@pytest.mark.parametrize("event", AT_THE_HEADER)
def test_covered_branches_of_events_at_the_header(project, event):
    compare(project, f"event.name == {event!r}", "--cov-branch")


def compare(project, events, *options):
    """Coverage with and without a tracer of these events."""
    project.write("src/shop.py", LIBRARY)
    project.write("test_price.py", TESTS)
    project.write("every.py", EVERY.replace("CHOSEN", events))
    reports = []
    for traced in ([], ["--pyc-tracer=every.Every", "--pyc-path=src"]):
        result = project.pytest("--cov=src", "--cov-report=json:report.json", *options, *traced).outcomes(passed=3)
        files = json.loads((project.folder / "report.json").read_text())["files"]
        [shop] = [figures for name, figures in files.items() if name.endswith("shop.py")]
        reports.append({name: figures for name, figures in shop.items() if name not in ("functions", "classes")})
    assert " events\n" in result.stdout
    assert reports[0]["summary"]["missing_lines"] > 0
    if reports[0] != reports[1]:
        raise Differs(f"{reports[0]}\n{reports[1]}")


EVERY = f"""
    import pyccolo_native as pyc

    LATER = {{*pyc.trace_events.SYS_TRACE_EVENTS, pyc.c_call, pyc.c_return, pyc.c_exception}}

    class Every(pyc.BaseTracer):
        count = 0
        multiple_threads_allowed = True

        @pyc.register_handler(tuple(event for event in pyc.TraceEvent if event not in LATER and CHOSEN))
        def observe(self, *_, **__):
            self.count += 1

        def export_results(self):
            return self.count

        def merge_results(self, count):
            self.count += count

        def pytest_summary(self, reporter):
            assert self.count
            return "%d events" % self.count
"""
