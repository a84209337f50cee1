"""What holds for every test: it leaves no tracer active, and nothing alive in the C++ core."""
import gc
import os
import sys

import pytest


def pytest_addoption(parser):
    parser.addoption("--regenerate", action="store_true", help="write the golden files anew instead of comparing")
    parser.addoption("--explore", action="store_true", help="let hypothesis draw new examples instead of the same ones")


def pytest_configure(config):
    # Tests neither use nor fill the cache of whoever runs them; those of the cache have one of their own.
    os.environ["PYCCOLO_CACHE_DIR"] = ""
    # The same examples each time, so that a run says something about the change; --explore looks for more.
    try:
        import hypothesis
    except ImportError:
        hypothesis = None  # the tests that need it say so
    if hypothesis is not None and not config.getoption("--explore"):
        hypothesis.settings.register_profile("same", derandomize=True, database=None)
        hypothesis.settings.load_profile("same")
    config.addinivalue_line("markers", "keeps_objects(reason): the test may leave rewrites and sites alive")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


_FAILED = pytest.StashKey[bool]()


def _native():
    """The core if the test has imported it, or one before; the style tests run without."""
    return sys.modules.get("pyccolo_native._native")


def _live_objects() -> dict:
    count = getattr(_native(), "live_objects", None)
    return dict(count()) if count is not None else {}


def _growth(before: dict) -> dict:
    return {kind: (before.get(kind, 0), n) for kind, n in _live_objects().items() if n > before.get(kind, 0)}


@pytest.fixture(autouse=True)
def leaves_nothing_behind(request):
    was_loaded, before = _native() is not None, _live_objects()
    yield
    stack = getattr(_native(), "TRACER_STACK", [])
    left = [type(tracer).__name__ for tracer in stack]
    stack.clear()
    if left:
        pytest.fail(f"tracers left on the stack: {', '.join(left)}", pytrace=False)
    if not was_loaded or request.node.stash.get(_FAILED, True) or request.node.get_closest_marker("keeps_objects"):
        return  # a failure's traceback keeps its frames, and what they hold
    if _growth(before):
        gc.collect()
        grown = _growth(before)
        if grown:
            kinds = ", ".join(f"{kind}: {was} -> {now}" for kind, (was, now) in sorted(grown.items()))
            pytest.fail(f"objects of the core left alive ({kinds})", pytrace=False)
