"""The status at the end of an event, from the opt-outs and opt-ins of its unit; and second by second."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core import effects, fleet, part
from bridge.core.part import OPT_IN, OPT_OUT, Word
from tests.core import records

START, END = 100, 200
TURNS = st.lists(st.tuples(st.integers(90, 210), st.sampled_from([1, 2, OPT_OUT, OPT_IN])), max_size=6)


def ending(*words: tuple[int, int], end: int = END) -> int:
    said = [Word(Decimal(at), status) for at, status in words]
    return part.ending(Decimal(START), Decimal(end), said)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ([], 3),
        ([(50, 4)], 10),
        ([(100, 4)], 10),
        ([(50, 4), (90, 5)], 3),
        ([(150, 4)], 8),
        ([(150, 4), (170, 5)], 9),
        ([(150, 4), (170, 5), (180, 4)], 8),
        ([(50, 4), (150, 5)], 9),
        ([(50, 4), (150, 5), (160, 4)], 8),
        ([(50, 4), (200, 5)], 10),
        ([(200, 4)], 3),
        ([(170, 5), (150, 4)], 9),
        ([(150, 4), (150, 5)], 3),
        ([(120, 1), (130, 2)], 3),
    ],
)
def test_ending(words: list[tuple[int, int]], status: int) -> None:
    assert ending(*words) == status


@pytest.mark.parametrize(("words", "status"), [([], 3), ([(50, 4)], 10), ([(100, 5)], 3)])
def test_an_event_of_no_length(words: list[tuple[int, int]], status: int) -> None:
    assert ending(*words, end=START) == status


@records.EXAMPLES
@given(TURNS)
def test_second_by_second(words: list[tuple[int, int]]) -> None:
    taking, seconds = True, []
    for second in range(90, END):
        for at, status in words:
            if at == second and status in (OPT_OUT, OPT_IN):
                taking = status == OPT_IN
        seconds += [taking] if second >= START else []
    partly = 9 if seconds[-1] else 8
    assert ending(*words) == (3 if all(seconds) else partly if any(seconds) else 10)


def test_each_end_closes_the_event_for_its_unit() -> None:
    assert {part.COMPLETED, part.PARTLY_OUT, part.PARTLY_IN, part.NO_PART} <= fleet.CLOSED
    assert (part.COMPLETED, part.NO_PART, OPT_OUT) == (effects.COMPLETED, effects.NO_PART, fleet.OPTED_OUT)
