import pytest

from .streams import HOOKS
from .tracers import program


@pytest.fixture(params=HOOKS)
def hook(request):
    """Each hook that this interpreter has."""
    return request.param


@pytest.fixture
def names(request):
    """The names of the module's PROGRAM, which has just run."""
    return program(request.module.PROGRAM)
