"""The harness observes something: handlers run in every program, and none does where tracing is off."""

import ast

import pytest

from . import corpus
from .variants import COUNTED, SILENT


@pytest.mark.parametrize("variant", [COUNTED], ids=lambda v: v.name)
@pytest.mark.parametrize("program", corpus.programs(), ids=lambda p: p.stem)
def test_handlers_run_in_every_program_that_has_statements(program, variant, woven):
    has_statements = bool(ast.parse(program.read_bytes()).body)
    assert woven(program, variant).get("fired", 0) > 0 or not has_statements


@pytest.mark.parametrize("variant", SILENT, ids=lambda v: v.name)
@pytest.mark.parametrize("program", corpus.programs(), ids=lambda p: p.stem)
def test_no_handler_runs_where_tracing_is_off(program, variant, woven):
    assert woven(program, variant).get("fired") == 0
