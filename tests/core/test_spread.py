"""The random spread of events: within its bounds, in their direction, the same each time, and spread out."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core import spread
from models.der import messages
from tests.core import records

SEED = b"site"
UNIT = "0D01"
FIGURES = [(135, -18), (188, -15), (256, -25)]
BOUNDS = st.one_of(st.none(), st.integers(-3_600, 3_600))


def bounded(start: int | None = None, duration: int | None = None, name: str = "0A") -> messages.Control:
    bounds = {"randomizeStart": start, "randomizeDuration": duration}
    said = {key: None if value is None else Decimal(value) for key, value in bounds.items()}
    return records.control(name, 1_000, 100).model_copy(update=said)


def test_without_bounds_nothing_is_drawn() -> None:
    one = bounded()
    assert spread.drawn(one, UNIT, SEED) == spread.Drawn()
    assert spread.window(one, UNIT, SEED) == (Decimal(1_000), Decimal(1_100))


def test_figures_that_every_release_must_give_again() -> None:
    one = bounded(300, -40)
    found = [tuple(map(int, spread.drawn(one, unit, SEED))) for unit in records.UNITS]
    assert found == FIGURES


@records.EXAMPLES
@given(BOUNDS, BOUNDS, st.text(), st.binary())
def test_a_draw_keeps_its_bounds_and_its_direction(
    start: int | None, duration: int | None, unit: str, seed: bytes
) -> None:
    for bound, offset in zip(
        (start, duration), spread.drawn(bounded(start, duration), unit, seed), strict=True
    ):
        assert min(bound or 0, 0) <= offset <= max(bound or 0, 0)
        assert offset == int(offset)


@pytest.mark.parametrize("bound", [9, -9])
def test_both_ends_and_all_between_are_drawn_about_as_often(bound: int) -> None:
    found = Counter(
        int(spread.drawn(bounded(bound, name=f"{n:04X}"), UNIT, SEED).start) for n in range(5_000)
    )
    assert set(found) == {n * (1 if bound > 0 else -1) for n in range(10)}
    assert all(400 < count < 600 for count in found.values())


def test_unit_event_seed_and_part_each_draw_anew() -> None:
    one = bounded(3_600, 3_600)
    first = spread.drawn(one, UNIT, SEED)
    others = (
        spread.drawn(one, "0D02", SEED),
        spread.drawn(bounded(3_600, 3_600, name="0B"), UNIT, SEED),
        spread.drawn(one, UNIT, b"other"),
    )
    assert first.start != first.duration
    assert all(other.start != first.start and other.duration != first.duration for other in others)


def test_case_and_edition_draw_the_same() -> None:
    one = bounded(3_600, 60, name="0a")
    newer = one.model_copy(update={"mRID": "0A", "version": 7, "start": Decimal(5_000)})
    assert spread.drawn(one, "0d01", SEED) == spread.drawn(newer, "0D01", SEED)


def test_a_shorter_bound_draws_the_same_part_of_it() -> None:
    wide, narrow = (spread.drawn(bounded(bound), UNIT, SEED).start for bound in (3_600, 36))
    assert abs(narrow - wide / 100) <= 1


def test_a_duration_never_falls_below_nothing() -> None:
    start, end = min(
        (spread.window(bounded(0, -3_600, name=f"{n:02X}"), UNIT, SEED) for n in range(20)),
        key=lambda pair: pair[1] - pair[0],
    )
    assert start == end == 1_000


def test_a_window_is_moved_and_stretched() -> None:
    one = bounded(300, 60)
    offset = spread.drawn(one, UNIT, SEED)
    assert spread.window(one, UNIT, SEED) == (1_000 + offset.start, 1_100 + offset.start + offset.duration)


@pytest.mark.parametrize(("start", "duration", "most"), [(-50, 20, 50), (10, -30, 30), (None, None, 0)])
def test_a_cancel_with_spread_is_let_go_of_within_the_larger_bound(
    start: int | None, duration: int | None, most: int
) -> None:
    found = [
        spread.release(records.cancelled(bounded(start, duration, name=f"{n:04X}"), 1_050, 3), UNIT, SEED)
        for n in range(400)
    ]
    assert {min(filter(None, found)), max(filter(None, found))} == {Decimal(1_050), Decimal(1_050 + most)}


@pytest.mark.parametrize("code", [0, 1, 2, 4, 5])
def test_no_other_end_is_spread(code: int) -> None:
    assert spread.release(records.cancelled(bounded(60, 60), 1_050, code), UNIT, SEED) is None
    assert spread.release(bounded(60, 60), UNIT, SEED) is None
