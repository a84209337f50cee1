"""The area "bytecode" is measured, beside a library that need not be installed. No time is asserted."""
import importlib.util
import json

from .test_benchmarks import python


def test_the_area_is_measured(tmp_path):
    figures = tmp_path / "figures.json"
    table = python("-m", "benchmarks.run", "--quick", "--area", "bytecode", "--json", str(figures))
    result = json.loads(figures.read_text("utf-8"))
    area = result["areas"]["bytecode"]
    assert area["failures"] == []
    assert "k/s" in table.stdout or "M/s" in table.stdout
    for row in area["rows"]:
        assert row["ours"], row["what"]
        assert bool(row["plain"]) == ("plain: dis" in row["what"])
        if "other: bytecode" in row["what"]:
            assert bool(row["other"]) == (importlib.util.find_spec("bytecode") is not None) == ("not measured" not in row["what"])
    bars = [bar for row in area["rows"] for bar in row["bars"]]
    assert {bar["unit"] for bar in bars} >= {"x", "/s"} and any(bar["value"] for bar in bars)


def test_a_library_that_is_not_installed_is_told_of():
    program = (
        "import importlib.util\n"
        "find_spec = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name: None if name == 'bytecode' else find_spec(name)\n"
        "from benchmarks import bytecode, figures, run\n"
        "assert 'bytecode' not in run.find_modules('pyccolo_native')\n"
        "print(figures.table(row.as_json() for row in bytecode.rows(lambda case, peer, figure: None, True)))\n"
    )
    assert "other: bytecode; bytecode: not measured: it is not installed" in python("-c", program).stdout
