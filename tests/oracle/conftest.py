"""One oracle for the session: its processes live as long as the tests need them."""

import importlib.util

import pytest

from .recording import Oracle


@pytest.fixture(scope="session")
def oracle():
    if importlib.util.find_spec("pyccolo") is None:
        pytest.skip("Pyccolo itself is not installed: there is nothing to compare with (a development dependency)")
    oracle = Oracle()
    yield oracle
    oracle.stop()
