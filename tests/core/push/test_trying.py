"""What becomes of a letter that was tried, and who may know of what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.access.target import EVERYTHING, PUBLIC, Place, Target
from bridge.core.delivery import Habit
from bridge.core.push import interest, trying
from bridge.core.push.interest import Interest
from bridge.core.push.trying import End, Fate, Try

HABIT = Habit(first=1.0, longest=300.0, tries=10)
HOUSE, DEVICE, OTHER = "AA" * 20, "DD" * 20, "CC" * 20
AT = Target((Place(((DEVICE, HOUSE),), frozenset({"group/2", "group/1"})),))


@pytest.mark.parametrize(("status", "fate"), [
    (200, Fate.taken), (204, Fate.taken), (301, Fate.failed), (400, Fate.refused), (403, Fate.failed),
    (404, Fate.failed), (410, Fate.refused), (413, Fate.refused), (429, Fate.failed), (503, Fate.failed),
])  # fmt: skip
def test_what_a_status_means(status: int, fate: Fate) -> None:
    assert trying.fate(status) is fate


@pytest.mark.parametrize(("fate", "tries", "now", "end"), [
    (Fate.taken, 10, 100, End.sent),
    (Fate.failed, 1, 10, End.again),
    (Fate.failed, 10, 10, End.dead),
    (Fate.refused, 1, 10, End.dead),
    (Fate.failed, 1, 50, End.expired),
    (Fate.refused, 1, 50, End.expired),
])  # fmt: skip
def test_what_becomes_of_a_letter(fate: Fate, tries: int, now: int, end: End) -> None:
    assert trying.end(HABIT, fate, Try(tries, 50, 5), now) is end


@given(st.integers(1, 200), st.floats(0, 1, exclude_max=True))
def test_pauses_grow_to_a_bound_less_up_to_half_by_chance(tries: int, chance: float) -> None:
    whole = min(300.0, 2.0 ** min(tries - 1, 60))
    pause = float(trying.due(HABIT, tries, 1_000, chance)) - 1_000
    assert whole / 2 - 0.001 <= pause <= whole


def test_an_endpoint_is_given_up_after_failing_for_long() -> None:
    assert not trying.exhausted(Try(9, 0, 0), 100, 1_000)
    assert not trying.exhausted(Try(9, 0, 950), 100, 1_000)
    assert trying.exhausted(Try(9, 0, 900), 100, 1_000)


def test_an_organisation_knows_of_its_own_and_of_what_is_public() -> None:
    assert interest.known(HOUSE, "", AT)
    assert interest.known(DEVICE, "", AT)
    assert interest.known(OTHER, "", PUBLIC)
    assert not interest.known(OTHER, "", AT)
    assert not interest.known(HOUSE, "", EVERYTHING)
    assert interest.known(OTHER, OTHER, EVERYTHING)


@pytest.mark.parametrize(("wish", "heard"), [
    (Interest(), True),
    (Interest(kinds=("status",)), True),
    (Interest(kinds=("market",)), False),
    (Interest(subjects=(DEVICE, "X")), True),
    (Interest(subjects=("X",)), False),
    (Interest(groups=("group/1",)), True),
    (Interest(groups=("group/3",)), False),
    (Interest(("status",), (DEVICE,), ("group/3", "group/2")), True),
])  # fmt: skip
def test_a_filter_asks_for_kinds_subjects_and_groups(wish: Interest, heard: bool) -> None:
    assert interest.wanted(wish, "status", frozenset({DEVICE, "Y"}), AT) is heard
