"""Each event alone leaves the programs of the sample as they are."""

import pytest

from . import corpus, library, runner
from .variants import single


@pytest.mark.parametrize("program", corpus.sample(), ids=lambda p: p.stem)
@pytest.mark.parametrize("variant", [single(e) for e in library.woven_events()], ids=lambda v: v.name)
def test_a_program_is_not_changed_by_one_event(program, variant, woven):
    found = runner.differences(runner.plain(variant.flags)[program.name], woven(program, variant))
    assert not found, "\n\n".join(found)
