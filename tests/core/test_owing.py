"""What the owner of a record hears for a unit that is reached by a carrier: a story each, and what was said.

Each story is a list of moments with what is asked at each; the unit does what it is told, refuses, or is
away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from bridge.core import case, delivery, spread, told
from bridge.core.owing import WORD
from bridge.ports import Order, Reach
from models.der import messages
from tests.core import records
from tests.core.unit import SEED, UNIT, Fake, Rounds

GROUP: dict[str, Any] = {"group": (records.GROUP,)}
AHEAD, NOW = Reach(scheduled=frozenset(records.MODES)), Reach(direct=frozenset(records.MODES))
A = records.control("0A", 1_100, 100, primacy=2, **GROUP)
B = records.control("0B", 1_150, 100, primacy=1, issued=910, **GROUP)
LESS = records.modes(maxLimW=records.percent(9))
WHOLE = records.control("0C", 1_100, 100, primacy=1, issued=910, **GROUP)
BOTH = records.control("0A", 1_100, 100, asked=records.modes("maxLimW", "voltVar"), **GROUP)
Story = Mapping[int, list[case.Event]]


def at(*moments: int, asked: list[case.Event]) -> Story:
    return dict.fromkeys(moments, asked)


def story(reach: Reach, told_: Story, away: Callable[[int], bool] = lambda _: False) -> list[tuple[Any, ...]]:
    """Live through a story; what was said, and at which of its moments."""
    rounds, unit = Rounds(reach), Fake(reach)
    found: list[tuple[Any, ...]] = []
    for now, asked in told_.items():
        before = len(rounds.said)
        rounds.look(asked, Decimal(now))
        while rounds.queue and not away(now):
            _deliver(rounds, unit, Decimal(now))
            rounds.look(asked, Decimal(now))
        found += [(now, str(one.record.mRID), one.status) for one in rounds.said[before:]]
    return found


def _deliver(rounds: Rounds, unit: Fake, now: Decimal) -> None:
    if delivery.over(rounds.queue[0], now):
        rounds.told = told.expired(rounds.told, rounds.queue.pop(0))
    else:
        rounds.deliver(unit)


STORIES: Mapping[str, tuple[Reach, Story, list[tuple[Any, ...]]]] = {
    "commanded at its time": (
        NOW,
        at(1_000, 1_099, 1_100, 1_199, 1_200, asked=[A]),
        [(1_000, "0A", 1), (1_100, "0A", 2), (1_200, "0A", 3)],
    ),
    "scheduled ahead": (
        AHEAD,
        at(1_000, 1_100, 1_100 + int(WORD), 1_200, 1_300, asked=[A]),
        [(1_000, "0A", 1), (1_105, "0A", 2), (1_200, "0A", 3)],
    ),
    "nobody looked while it ran by its schedule": (
        AHEAD,
        at(1_000, 1_300, asked=[A]),
        [(1_000, "0A", 1), (1_300, "0A", 3)],
    ),
    "cancelled before it begins": (
        AHEAD,
        {1_000: [A], 1_050: [records.cancelled(A, 1_050)], 1_100: [records.cancelled(A, 1_050)]},
        [(1_000, "0A", 1), (1_050, "0A", 6)],
    ),
    "cancelled while it runs": (
        NOW,
        {1_000: [A], 1_100: [A], 1_150: [records.cancelled(A, 1_150)]},
        [(1_000, "0A", 1), (1_100, "0A", 2), (1_150, "0A", 6)],
    ),
    "cancelled before anyone heard of it": (NOW, {1_000: [records.cancelled(A, 990)]}, []),
    "outbid for the rest of its time": (
        NOW,
        at(1_000, 1_100, 1_150, 1_250, asked=[A, B]),
        [(1_000, "0A", 1), (1_000, "0B", 1), (1_100, "0A", 2), (1_150, "0A", 7), (1_150, "0B", 2),
         (1_250, "0B", 3)],
    ),
    "outbid at once": (
        NOW,
        at(1_000, 1_100, asked=[A, WHOLE]),
        [(1_000, "0A", 1), (1_000, "0A", 7), (1_000, "0C", 1), (1_100, "0C", 2)],
    ),
    "outbid at once, although it is on the unit": (
        AHEAD,
        {1_000: [A], 1_010: [A, WHOLE]},
        [(1_000, "0A", 1), (1_010, "0C", 1), (1_010, "0A", 7)],
    ),
    "nothing of it can be done": (Reach(), at(1_000, 1_100, 1_300, asked=[A]), [(1_000, "0A", 252)]),
    "it came too late": (
        NOW,
        {1_000: [], 1_300: [A]},
        [(1_300, "0A", 254)],
    ),
    "a default is heard once for each edition": (
        AHEAD,
        {
            1_000: [records.default("DD", version=0, **GROUP)],
            1_001: [records.default("DD", version=0, **GROUP)],
            1_002: [records.default("DD", version=1, asked=LESS, **GROUP)],
        },
        [(1_000, "DD", 1), (1_002, "DD", 1)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_a_story(name: str) -> None:
    reach, moments, said = STORIES[name]
    assert story(reach, moments) == said


def test_a_unit_that_is_away_for_the_whole_window_has_let_it_expire() -> None:
    moments = at(1_000, 1_100, 1_150, 1_200, 1_300, asked=[A])
    for reach in (AHEAD, NOW):
        said = story(reach, moments, away=lambda now: now < 1_300)
        assert [one[1:] for one in said if one[2] != 1] == [("0A", 254)], reach


@pytest.mark.parametrize("reach", [AHEAD, NOW], ids=["by schedule", "commanded"])
def test_the_owner_hears_at_the_end_of_the_window_that_a_unit_that_is_away_was_not_told(reach: Reach) -> None:
    rounds = Rounds(reach)
    for now in (1_000, 1_100, 1_199):
        rounds.look([A], Decimal(now))
    assert not any(one.status == 254 for one in rounds.said)
    take = rounds.queue.pop(0)
    assert delivery.over(take, Decimal(1_200))
    rounds.told = told.expired(rounds.told, take)
    rounds.look([A], Decimal(1_200))
    assert rounds.said[-1].status == 254
    assert [one.kind.value for one in rounds.queue] == ([] if reach is AHEAD else ["leave"])
    unit = Fake(
        reach
    )  # and it is told to leave what it may have heard, when it comes, without a further word
    while rounds.deliver(unit):
        rounds.look([A], Decimal(5_000))
    assert rounds.said[-1].status == 254


def test_what_ran_by_its_schedule_before_anybody_looked_was_received() -> None:
    rounds, unit = Rounds(AHEAD), Fake(AHEAD)
    rounds.look([A], Decimal(1_000))
    while rounds.deliver(unit):
        assert rounds.said == []
    rounds.look([A], Decimal(1_300))
    assert [one.status for one in rounds.said] == [1, 3]


@pytest.mark.parametrize("status", [2, 3])
def test_a_unit_that_says_that_it_follows_has_received_it(status: int) -> None:
    rounds = Rounds(AHEAD)
    rounds.look([A], Decimal(1_000))
    word = spoken(status)
    rounds.told, said = told.heard(rounds.told, A, word)  # the order was not answered: the bridge was killed
    assert [one.status for one in said] == [1, status]
    assert told.heard(rounds.told, A, word)[1] == ()


def spoken(status: int) -> messages.Outcome:
    """What a unit says by itself."""
    return messages.Outcome(
        id="x", origin=A.origin, target=messages.Target(), issued=A.issued, device=UNIT, subject="0A",
        status=status,
    )  # fmt: skip


@pytest.mark.parametrize(("programme", "status"), [("/derp/1", 7), ("/derp/2", 14)])
def test_who_is_outbid_hears_whether_its_own_programme_has_done_it(programme: str, status: int) -> None:
    mine = A.model_copy(update={"programme": "/derp/1"})
    other = WHOLE.model_copy(update={"programme": programme})
    assert ("0A", status) in [one[1:] for one in story(NOW, at(1_000, 1_100, asked=[mine, other]))]


def test_a_unit_that_comes_back_within_the_window_begins_then() -> None:
    said = story(NOW, at(1_000, 1_100, 1_150, 1_200, asked=[A]), away=lambda now: now < 1_150)
    assert said == [(1_000, "0A", 1), (1_150, "0A", 2), (1_200, "0A", 3)]


def test_what_was_over_before_the_unit_came_is_none_of_its_business() -> None:
    rounds = Rounds(NOW, told.Told(Decimal(1_250)))
    rounds.look([A], Decimal(1_260))
    assert rounds.said == []


def test_what_a_unit_lacks_is_said_with_what_it_takes() -> None:
    rounds = Rounds(Reach(direct=frozenset({"maxLimW"})))
    rounds.look([BOTH], Decimal(1_000))
    assert [(one.status, one.reason) for one in rounds.said] == [
        (1, "without voltVar, which the unit does not have")
    ]


def test_beyond_a_limit_is_refused_with_the_limit() -> None:
    much = records.control("0A", asked=records.modes(targetW=records.watts(9_000)), **GROUP)
    setting = records.setting(records.UNITS[0], WMax=records.watts(5_000))
    picture = case.pictured(records.enrolment(records.UNITS[0]), (setting,), [much], {}, Decimal(1_000))
    found = told.look(told.Told(Decimal(0)), case.Case(picture, records.UNITS[0], NOW), Decimal(1_000))
    assert [(one.status, one.reason) for one in found.owed] == [(253, "targetW 9000 W is above 5000 W")]
    assert found.orders == ()


def refused(order: Order, status: int) -> messages.Outcome:
    return records.outcome(records.UNITS[0], str(order.record.mRID), status)


def test_a_refusal_ends_it_and_what_the_unit_followed_before_is_ordered_again() -> None:
    weak = records.control("0A", 1_100, 200, primacy=2, **GROUP)
    rounds, unit = Rounds(NOW), Fake(NOW)
    for now in (1_100, 1_150):
        rounds.look([weak] if now == 1_100 else [weak, B], Decimal(now))
        if now == 1_100:
            rounds.deliver(unit)
            rounds.look([weak], Decimal(now))
    order = rounds.queue.pop(0)
    rounds.told, news = told.carried(rounds.told, order, (refused(order, 253),))
    assert [(str(one.record.mRID), one.status) for one in news] == [("0B", 253)]
    rounds.look([weak, B], Decimal(1_151))
    assert [(one.kind.value, str(one.record.mRID)) for one in rounds.queue] == [("take", "0A")]


def test_what_was_given_up_is_no_participation_until_it_is_wanted_again() -> None:
    rounds = Rounds(AHEAD)
    rounds.look([A], Decimal(1_000))
    order = rounds.queue.pop(0)
    rounds.told, news = told.dead(rounds.told, order)
    assert [(one.status, one.reason) for one in news] == [(10, told.UNREACHED)]
    rounds.look([A], Decimal(1_010))
    assert rounds.queue == []
    rounds.told = told.again(rounds.told, order)
    rounds.look([A], Decimal(1_020))
    assert [(one.number, one.record.mRID) for one in rounds.queue] == [(2, "0A")]


def test_a_units_own_word_is_taken_once_and_none_after_an_end() -> None:
    rounds, unit = Rounds(AHEAD), Fake(AHEAD)
    rounds.look([A], Decimal(1_000))
    rounds.deliver(unit)
    rounds.look([A], Decimal(1_000))
    told_: list[int] = []
    for status in (2, 2, 10, 3):
        rounds.told, news = told.heard(rounds.told, A, records.outcome("0D01", "0A", status))
        told_ += [one.status for one in news]
    assert told_ == [2, 10]
    rounds.look([A], Decimal(1_110))
    assert [one.kind.value for one in rounds.queue] == ["leave"]


def test_a_randomised_event_begins_and_ends_when_the_unit_drew_it() -> None:
    event = records.control(
        "0A", 1_100, 100, randomizeStart=Decimal(60), randomizeDuration=Decimal(60), **GROUP
    )
    start, end = spread.window(event, UNIT, SEED)
    assert (int(start), int(end)) != (1_100, 1_200)
    moments = at(1_000, 1_100, int(start) - 1, int(start), 1_200, int(end) - 1, int(end), asked=[event])
    said = [(1_000, "0A", 1), (int(start), "0A", 2), (int(end), "0A", 3)]
    assert story(NOW, dict(sorted(moments.items()))) == said


def test_neighbours_with_random_starts_are_completed_not_superseded() -> None:
    more = {"randomizeStart": Decimal(-30), **GROUP}
    first, then = records.control("0A", 1_100, 100, **GROUP), records.control("0B", 1_200, 100, **more)
    begins = int(spread.window(then, UNIT, SEED)[0])
    assert begins < 1_200
    said = story(NOW, at(1_000, 1_100, begins, 1_200, 1_300, asked=[first, then]))
    assert [one for one in said if one[1] == "0A"] == [
        (1_000, "0A", 1),
        (1_100, "0A", 2),
        (begins, "0A", 3),
    ]


def test_what_is_cancelled_with_spread_is_left_when_the_unit_lets_go() -> None:
    event = records.control("0A", 1_100, 100, randomizeDuration=Decimal(60), **GROUP)
    gone = records.cancelled(event, 1_150, 3)
    release = spread.release(gone, UNIT, SEED)
    assert release is not None
    assert release > 1_150
    said = story(NOW, {1_100: [event], 1_150: [gone], int(release): [gone]})
    assert said == [(1_100, "0A", 1), (1_100, "0A", 2), (int(release), "0A", 6)]
