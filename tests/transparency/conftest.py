"""Fixtures: results of whole batches, run when the first test asks for them, for the tests that were selected."""

import pytest

from . import library, runner

from .variants import OBSERVED

cache = {}


def selected(session, **wanted):
    """Parameters of the tests that were selected and have these values among them: a batch holds no others."""
    for item in session.items:
        parameters = getattr(item, "callspec", None) and item.callspec.params
        if parameters and all(parameters.get(name) == value for name, value in wanted.items()):
            yield parameters


@pytest.fixture
def woven(request):
    """woven(program, variant): the result of the program, woven with the library under test."""

    def get(program, variant):
        if variant not in cache:
            programs = dict.fromkeys(p["program"] for p in selected(request.session, variant=variant))
            cache[variant] = runner.run(list(programs), library.LIBRARY, variant)
        return cache[variant][program.name]

    return get


@pytest.fixture
def woven_module(request):
    """woven_module(name): what the exercise of a standard library module gave, woven with every event."""

    def get(name):
        if "stdlib" not in cache:
            modules = dict.fromkeys(p["module"] for p in selected(request.session) if "module" in p)
            cache["stdlib"] = runner.run_stdlib(list(modules), library.LIBRARY, OBSERVED)
        return cache["stdlib"][name]

    return get
