"""The event rules against a plain reading of them, on programmes at random, second by second.

The long run, with 5,000 programmes, is the peer `rules`.
"""

from __future__ import annotations

import os

from hypothesis import given, settings

from tests.core.lapse import lapse
from tests.core.programmes import PROGRAMMES, Line

COUNT = max(200, int(os.environ.get("DERBRIDGE_EXAMPLES", "0")))


@settings(max_examples=COUNT, deadline=None)
@given(PROGRAMMES)
def test_the_core_follows_the_rules(programme: tuple[Line, ...]) -> None:
    assert lapse(programme) > 0 or not programme
