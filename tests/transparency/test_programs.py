"""Every program of the corpus behaves, woven in any way, as it does by itself."""

import pytest

from . import corpus, runner
from .variants import VARIANTS


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.name)
@pytest.mark.parametrize("program", corpus.programs(), ids=lambda p: p.stem)
def test_a_woven_program_behaves_as_the_plain_one(program, variant, woven):
    found = runner.differences(runner.plain(variant.flags)[program.name], woven(program, variant))
    assert not found, "\n\n".join(found)
