"""What becomes of a letter whose delivery was tried: gone, tried again, or dead; and when an endpoint rests.

Back-off and breaker are those of `bridge.core.delivery`. A letter that an endpoint refuses for what it is
will be refused again, and is dead at once; one whose body is not to be had any more is dead, too. Chance and
time are arguments.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from bridge.core import delivery
from bridge.core.delivery import Habit


class Fate(StrEnum):
    """What became of one try."""

    taken = "taken"
    refused = "refused"
    """For what it is: it would be refused again."""
    failed = "failed"


class End(StrEnum):
    """What becomes of a letter."""

    sent = "sent"
    again = "again"
    dead = "dead"
    expired = "expired"


class Try(NamedTuple):
    """A letter as it was tried."""

    tries: int
    """This one among them."""
    expires: int
    since: int
    """When it failed first; 0 where it never did."""


REFUSED = frozenset({400, 406, 410, 413, 415, 422, 501})
"""Statuses of HTTP that say no to the letter itself, or to all letters; others are tried again."""
TAKEN = range(200, 300)


def fate(status: int) -> Fate:
    """Say what a status of HTTP means for a letter."""
    if status in TAKEN:
        return Fate.taken
    return Fate.refused if status in REFUSED else Fate.failed


def end(habit: Habit, fate: Fate, one: Try, now: int) -> End:
    """Say what becomes of a letter after a try."""
    if fate is Fate.taken:
        return End.sent
    if one.expires <= now:
        return End.expired
    return End.dead if fate is Fate.refused or one.tries >= habit.tries else End.again


def due(habit: Habit, tries: int, now: int, chance: float) -> Decimal:
    """Give when a letter is tried again."""
    return Decimal(now) + delivery.pause(habit, tries, chance)


def exhausted(one: Try, patience: int, now: int) -> bool:
    """Whether an endpoint has failed for so long that it is not to be tried by itself any more."""
    return bool(one.since) and now - one.since >= patience
