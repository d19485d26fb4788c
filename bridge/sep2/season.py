"""How a time zone counts at a moment: its standard offset, and the daylight saving that is on or comes next.

Read from the zone's offsets alone, so that a zone whose rules call winter the exception (Europe/Dublin) is
told like any other. IEEE 2030.5-2018 10.4.2 (Time). A pure function of a zone's name and a moment.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 86_400
YEAR = 400 * DAY
STEP = 900
"""Zones change their offsets on the quarter of an hour."""


class Season(NamedTuple):
    """The offsets in seconds, and the daylight saving that is on or comes next; all nought without one."""

    offset: int
    saved: int
    start: int
    end: int


def of(zone: str, now: int) -> Season:
    """Give the season of a zone at a moment."""
    return _season(zone, now - now % STEP)


@lru_cache(maxsize=256)
def _season(zone: str, now: int) -> Season:
    place = ZoneInfo(zone)
    here = _offset(place, now)
    first = _change(place, now, YEAR)
    if first is None:
        return Season(here, 0, 0, 0)
    then = _offset(place, first)
    if then < here:
        last = _change(place, now, -YEAR)
        return Season(then, here - then, now - YEAR if last is None else last, first)
    second = _change(place, first, YEAR)
    if second is None or _offset(place, second) >= then:
        return Season(here, 0, 0, 0)
    return Season(here, then - here, first, second)


def _offset(place: ZoneInfo, moment: int) -> int:
    found = datetime.fromtimestamp(moment, UTC).astimezone(place).utcoffset()
    return int(found.total_seconds()) if found else 0


def _change(place: ZoneInfo, since: int, span: int) -> int | None:
    """Give the next moment of a new offset, or the last one where the span is negative."""
    here = _offset(place, since)
    step = DAY if span > 0 else -DAY
    for far in range(since + step, since + span, step):
        if _offset(place, far) != here:
            return _between(place, far - step, far) if span > 0 else _between(place, far, far - step)
    return None


def _between(place: ZoneInfo, early: int, late: int) -> int:
    """Give the first moment after `early` that counts as `late` does."""
    there = _offset(place, late)
    while late - early > 1:
        middle = (early + late) // 2
        early, late = (early, middle) if _offset(place, middle) == there else (middle, late)
    return late
