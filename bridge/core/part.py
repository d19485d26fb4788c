"""How a unit took part in an event, in the status that says so at its end: opt-out, opt-in, partial outcomes.

IEEE 2030.5-2018 table 27: 3 completed, 8 completed in part with an opt-out, 9 in part with an opt-in, 10 no
part at all. What a unit says as it opts, 4 and 5, is its word and comes in by its own door; here they are
only added up. Reads no clock, sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

OPT_OUT, OPT_IN = 4, 5
COMPLETED, PARTLY_OUT, PARTLY_IN, NO_PART = 3, 8, 9, 10


class Word(NamedTuple):
    """What a unit said of an event, and when."""

    at: Decimal
    status: int


def ending(start: Decimal, end: Decimal, words: Iterable[Word]) -> int:
    """Give the status for the end of an event from its window at the unit and the unit's words, in any order.

    A unit takes part until it opts out. Of two words of one moment the later in the row counts.
    """
    said = sorted((word for word in words if word.status in {OPT_OUT, OPT_IN}), key=lambda word: word.at)
    first = next((word.status == OPT_IN for word in reversed(said) if word.at <= start), True)
    turns = [(start, first), *((word.at, word.status == OPT_IN) for word in said if start < word.at < end)]
    ends = [*(at for at, _ in turns[1:]), end]
    taken = sum((after - at for (at, taking), after in zip(turns, ends, strict=True) if taking), Decimal(0))
    last = turns[-1][1]
    if taken == end - start:
        return COMPLETED if last else NO_PART
    if not taken:
        return NO_PART
    return PARTLY_IN if last else PARTLY_OUT
