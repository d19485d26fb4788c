"""Which events of one programme take the place of others, and from when on (IEEE 2030.5-2018 EventStatus).

Of two that overlap the newer one counts. When it becomes effective, the older is superseded if nothing of
what it asks for is left to it: then for good, for its units have ended it. Until then, and where something is
left, it is potentially superseded. Randomisation widens the time an event may be effective in, never the
overlap: neighbours whose spreads touch do not supersede each other. Reads no clock, sees no wire.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from bridge.core.events import State
from bridge.core.primacy import ENDED

EVERY = 0xFFFF_FFFF
"""All device categories, for an event that names none."""


class Claim(NamedTuple):
    """What an event asks for, when, and what its source last said of it; all times in seconds since 1970."""

    name: str
    start: int
    end: int
    opens: int
    """Its earliest effective start."""
    closes: int
    """Its latest effective end."""
    made: int
    mark: int = 0
    """Decides between two that were made in the same second: the higher wins."""
    asks: frozenset[str] = frozenset()
    """Modes, each for itself; an event without any is never superseded."""
    category: int = EVERY
    said: int | None = None
    said_at: int = 0


class Life(NamedTuple):
    """An event with what the others of its programme mean for it."""

    claim: Claim
    lost: int | None = None
    """The moment from which it is superseded."""
    doubted: int | None = None
    """The moment at which it became known that it may be."""


class Said(NamedTuple):
    """What EventStatus says at a moment."""

    code: State
    since: int
    doubted: int | None


def lives(claims: Iterable[Claim]) -> Mapping[str, Life]:
    """Give the life of each event of a programme, by name."""
    row = sorted(claims, key=lambda one: one.start)
    starts = [one.start for one in row]
    longest = max((one.end - one.start for one in row), default=0)
    found: dict[str, Life] = {}
    for one in sorted(row, key=lambda each: (each.made, each.mark, each.name), reverse=True):
        near = row[bisect_left(starts, one.start - longest) : bisect_left(starts, one.end)]
        rivals = [found[each.name] for each in near if each.name in found and each.end > one.start]
        found[one.name] = _life(one, [life for life in rivals if _effective(life)])
    return found


def said(life: Life, now: int) -> Said:
    """Give the state of an event at a moment, since when, and since when it was in doubt."""
    one = life.claim
    if one.said in ENDED and one.said_at <= now:
        return Said(State(one.said or 0), one.said_at, None)
    if life.lost is not None and life.lost <= now:
        return Said(State.SUPERSEDED, life.lost, life.doubted)
    if now < one.opens:
        return Said(State.SCHEDULED, one.made, life.doubted)
    if now < one.closes:
        return Said(State.ACTIVE, max(one.opens, one.made), life.doubted)
    return Said(State.COMPLETED, one.closes, life.doubted)


def turn(all_: Iterable[Life], now: int) -> int | None:
    """Give the next moment at which any of these says something else than now."""
    moments = (
        moment
        for life in all_
        for moment in (life.claim.opens, life.claim.closes, life.claim.said_at, life.lost)
        if moment is not None and moment > now
    )
    return min(moments, default=None)


def _moment(one: Claim) -> int:
    """When an event first counts: at its earliest start, or when it was made if that is later."""
    return max(one.opens, one.made)


def _effective(life: Life) -> bool:
    """Whether an event ever is in effect: not ended by its source, nor superseded, before it could begin."""
    moment = _moment(life.claim)
    ended = life.claim.said in ENDED and life.claim.said_at <= moment
    return not ended and (life.lost is None or life.lost > moment)


def _life(one: Claim, rivals: list[Life]) -> Life:
    """Give what newer events mean for one."""
    theirs = [
        life.claim for life in rivals if life.claim.asks & one.asks and life.claim.category & one.category
    ]
    doubted = min((max(each.made, one.made) for each in theirs), default=None)
    whole = [each for each in theirs if not one.category & ~each.category and _moment(each) < one.closes]
    taken = [min((_moment(each) for each in whole if ask in each.asks), default=None) for ask in one.asks]
    lost = max((moment for moment in taken if moment is not None), default=None)
    return Life(one, None if None in taken else lost, doubted)
