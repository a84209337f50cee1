"""What else traces sees the same with a tracer of ours and without, and ours goes on."""
import pytest

from .composition.results import HOOKS, results, scenarios

FILES = ("foreign", "debuggers", "tools", "from_c", "frames", "threads", "greenlets")


def needs(name):
    if name == "greenlets":
        pytest.importorskip("greenlet")


def every_scenario():
    return [(name, scenario) for name in FILES for scenario in scenarios(name)]


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("name, scenario", every_scenario())
def test_scenario(name, scenario, hook):
    needs(name)
    found, (status, errors) = results(name, hook)
    if scenario not in found:
        pytest.fail(f"ended with status {status} before or in this scenario\n{errors}", pytrace=False)
    assert found[scenario] == {}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("name", FILES)
def test_scenarios_end_without_a_word(name, hook):
    needs(name)
    assert results(name, hook)[1] == (0, "")
