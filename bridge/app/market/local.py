"""Local times without a zone: which moment one is, on the two days of a year as well when clocks are moved.

A time that clocks leap over does not exist and is refused. One that occurs twice is the first, the second or
refused, as the installation says. Nothing is guessed; no clock is read.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

Twice = Literal["first", "second", "refuse"]
NOW = "0"
"""StartTime 0 is the moment of the request."""


def moment(text: str, zone: str, twice: Twice, now: int) -> Decimal:
    """Give seconds since 1970 of a local time; ValueError where there is no such one."""
    if text == NOW:
        return Decimal(now)
    place = ZoneInfo(zone)
    said = datetime.fromisoformat(text)
    first, second = (said.replace(tzinfo=place, fold=fold) for fold in (0, 1))
    if _wall(first, place) != said:
        raise ValueError(f"{text} does not exist in {zone}: clocks are put forward")
    apart = first.utcoffset() != second.utcoffset()
    if apart and twice == "refuse":
        raise ValueError(f"{text} occurs twice in {zone}: clocks are put back")
    return Decimal(int((second if apart and twice == "second" else first).timestamp()))


def _wall(when: datetime, place: ZoneInfo) -> datetime:
    """Give what the clocks of a place show at a moment."""
    offset = when.utcoffset() or timedelta()
    there = (when.replace(tzinfo=None) - offset).replace(tzinfo=ZoneInfo("UTC"))
    return there.astimezone(place).replace(tzinfo=None)
