"""Readings of a unit as documents of a mirror: each series by a name of its own, all of one power of ten.

IEEE 2030.5-2018 10.11. The power of ten of a series may not change once it is known, and a float brings
another one with each figure, so all are in thousandths. A figure that does not fit into 48 bits is left out.
Decides nothing about what is worth telling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from bridge.app.facility.band import UNIT
from bridge.app.facility.voice import PROFILE
from bridge.sep2 import document
from models.der import messages

POWER = -3
FITS = range(-(2**47), 2**47)
ELECTRICITY = 1
TYPE = ("accumulationBehaviour", "dataQualifier", "flowDirection", "kind", "phase", "uom")
"""What tells one series of a meter from another."""


class Figure(NamedTuple):
    """One reading of a series."""

    series: str
    """What tells it from the others of its meter."""
    unit: str
    value: Decimal
    at: int
    flags: str
    document: Any
    """A MirrorMeterReading."""


def figures(record: messages.Reading, mark: Callable[[str], str], now: float) -> Iterator[Figure]:
    """The readings of a record; one without a time was read now."""
    for each in record.series:
        kind, value = each.type, each.value
        if kind is None or value is None or value.value is None:
            continue
        said = {name: getattr(kind, name) for name in TYPE if getattr(kind, name) is not None}
        amount = value.value.scaleb(kind.powerOfTenMultiplier or 0)
        number = int(amount.scaleb(-POWER).to_integral_value())
        if number not in FITS:
            continue
        series = " ".join(f"{name}={code}" for name, code in said.items())
        at, flags = int(value.start if value.start is not None else now), value.qualityFlags or ""
        made = _document(mark(series), said, number, at, flags)
        yield Figure(series, UNIT.get(said.get("uom", 0), ""), amount, at, flags, made)


def _document(mark: str, said: dict[str, Any], number: int, at: int, flags: str) -> Any:  # noqa: ANN401
    period = document.made(PROFILE, "DateTimeInterval", start=at, duration=0)
    kind = document.made(PROFILE, "ReadingType", commodity=ELECTRICITY, powerOfTenMultiplier=POWER, **said)
    reading = document.made(PROFILE, "Reading", qualityFlags=flags or None, timePeriod=period, value=number)
    return document.made(PROFILE, "MirrorMeterReading", mRID=mark, Reading=reading, ReadingType=kind)
