"""How persistent delivery is: when a target is tried again, when it is given a rest, when a letter is dead.

Back-off grows twofold with each try, less up to half of it by chance, so that targets that came back at once
do not all hear at once. A breaker for each target opens after some failures in a row and lets one try through
when its rest is over (closed, open, half-open). Chance and time are arguments. Sends nothing.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from bridge.core.timeline import NEVER
from bridge.ports import Kind, Order

MOST = 64
"""Doublings past which the longest pause is reached whatever the first one was."""


class Habit(NamedTuple):
    """How persistent."""

    first: float = 1.0
    """Seconds until the second try."""
    longest: float = 300.0
    """Seconds between two tries at most."""
    tries: int = 100
    """Tries of an order before it is given up."""
    trip: int = 5
    """Failures of a target in a row that open its breaker."""
    rest: float = 60.0
    """Seconds that an open breaker stays open."""


class State(StrEnum):
    """A breaker."""

    closed = "closed"
    open = "open"
    half_open = "half-open"


class Target(NamedTuple):
    """What is remembered of a target: failures in a row, and until when it is left alone."""

    failures: int = 0
    until: Decimal = Decimal(0)
    came: bool = False
    """Whether it has come since it was last tried: then nothing is waited for."""


THERE = Target()
"""A target that answered, whatever it answered, or that came."""


class Verdict(StrEnum):
    """What becomes of an order that failed."""

    again = "again"
    dead = "dead"
    """Tried too often."""
    expired = "expired"
    """Its window is over."""


def pause(habit: Habit, tries: int, chance: float) -> Decimal:
    """Give the seconds until the next try, after so many; chance is from 0 up to 1."""
    whole = min(habit.longest, habit.first * 2.0 ** min(max(tries - 1, 0), MOST))
    return Decimal(str(round(whole - chance * whole / 2, 3)))


def failed(habit: Habit, target: Target, now: Decimal) -> Target:
    """Give a target after one more failure; past the limit its breaker opens, and opens anew."""
    failures = target.failures + 1
    rest = now + Decimal(str(habit.rest)) if failures >= habit.trip else target.until
    return Target(failures, rest)


def state(habit: Habit, target: Target, now: Decimal) -> State:
    """Give the state of a target's breaker."""
    if target.failures < habit.trip:
        return State.closed
    return State.open if now < target.until else State.half_open


def due(target: Target, at: Decimal) -> Decimal:
    """Give when an order that is due at a moment may go out to its target: at once to one that has come."""
    return Decimal(0) if target.came else max(at, target.until)


def over(order: Order, now: Decimal) -> bool:
    """Whether nothing is gained by an order any more: what is not wanted is left at any time."""
    return order.kind is Kind.take and order.end != NEVER and order.end <= now


def verdict(habit: Habit, order: Order, tries: int, now: Decimal) -> Verdict:
    """Say what becomes of an order that failed after so many tries."""
    if over(order, now):
        return Verdict.expired
    return Verdict.dead if tries >= habit.tries else Verdict.again
