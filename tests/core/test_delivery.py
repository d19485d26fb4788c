"""Back-off, breaker and dead letters, as functions of tries, time and chance."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bridge.core import delivery
from bridge.core.delivery import Habit, State, Target, Verdict
from bridge.core.timeline import ALWAYS, NEVER
from bridge.ports import Kind, Order
from tests.core import records

HABIT = Habit(first=1.0, longest=8.0, tries=4, trip=3, rest=10.0)
A = records.control("0A", 1_100, 100)


def order(kind: Kind = Kind.take, end: Decimal = Decimal(1_200)) -> Order:
    return Order("0D01", 1, kind, A, frozenset({"maxLimW"}), ALWAYS, end)


def test_pauses_double_up_to_the_longest() -> None:
    assert [delivery.pause(HABIT, tries, 0.0) for tries in (1, 2, 3, 4, 5, 99_999)] == [1, 2, 4, 8, 8, 8]


@given(st.integers(0, 200), st.floats(0, 1, exclude_max=True))
def test_chance_takes_half_of_a_pause_at_most(tries: int, chance: float) -> None:
    whole = delivery.pause(HABIT, tries, 0.0)
    assert whole / 2 - Decimal("0.001") <= delivery.pause(HABIT, tries, chance) <= whole


def test_a_breaker_opens_lets_one_through_and_closes() -> None:
    target, now = Target(), Decimal(100)
    seen = []
    for _ in range(3):
        seen.append(delivery.state(HABIT, target, now))
        target = delivery.failed(HABIT, target, now)
    assert seen == [State.closed] * 3
    assert delivery.state(HABIT, target, now) is State.open
    assert delivery.due(target, now) == now + 10
    later = now + 10
    assert delivery.state(HABIT, target, later) is State.half_open
    target = delivery.failed(HABIT, target, later)
    assert delivery.state(HABIT, target, later) is State.open
    assert delivery.due(target, later) == later + 10
    assert delivery.state(HABIT, delivery.THERE, later) is State.closed
    assert delivery.due(delivery.THERE, later) == later


def test_an_order_is_tried_again_until_its_window_is_over_or_it_was_tried_too_often() -> None:
    now = Decimal(1_150)
    assert delivery.verdict(HABIT, order(), 3, now) is Verdict.again
    assert delivery.verdict(HABIT, order(), 4, now) is Verdict.dead
    assert delivery.verdict(HABIT, order(), 1, Decimal(1_200)) is Verdict.expired
    assert delivery.verdict(HABIT, order(end=NEVER), 1, Decimal(9_999)) is Verdict.again
    assert delivery.verdict(HABIT, order(Kind.leave), 1, Decimal(9_999)) is Verdict.again
