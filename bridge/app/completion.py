"""What a 2030.5 document must say and no point of IEC 61850 does: a name, a date, where a curve stands.

Only for points that come alone; where something travels beside them, that says it. A name is made from the
points and a moment is an argument, so the same points give the same document. Nothing that is there is
changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TypeVar

from models import kit
from models.der import messages

R = TypeVar("R", bound=kit.Model)
WANTED: Mapping[type[kit.Model], tuple[str, ...]] = MappingProxyType(
    {
        messages.Control: ("mRID", "created", "status"),
        messages.Default: ("mRID",),
        messages.Curve: ("mRID", "created"),
    }
)
"""Fields that points do not give and a document must have."""


def completed(record: kit.Model, mrid: str, now: Decimal) -> tuple[kit.Model, ...]:
    """The record with a name and a date, then the curves it holds, each at an address of its own."""
    if isinstance(record, messages.Reading):
        return (record.model_copy(update={"series": tuple(map(_momentary, record.series))}),)
    modes = getattr(record, "modes", None)
    if not isinstance(modes, messages.Modes):
        return (named(record, mrid, now),)
    linked, curves = _published(modes, mrid, now)
    return (named(record.model_copy(update={"modes": linked}), mrid, now), *curves)


def named(record: R, mrid: str, now: Decimal) -> R:
    """The record with what every document must say."""
    status = messages.EventState(currentStatus=0, at=now, potentiallySuperseded=False)
    said = {"mRID": mrid, "created": now, "status": status}
    missing = [name for name in WANTED.get(type(record), ()) if getattr(record, name) is None]
    return record.model_copy(update={name: said[name] for name in missing})


def _momentary(series: messages.Series) -> messages.Series:
    """A value of one moment has a period without length."""
    value = series.value
    if value is None or value.start is None or value.duration is not None:
        return series
    return series.model_copy(update={"value": value.model_copy(update={"duration": Decimal(0)})})


def _published(modes: messages.Modes, mrid: str, now: Decimal) -> tuple[messages.Modes, list[messages.Curve]]:
    """The modes with links, and the curves they lead to; a curve's name is the record's with its number."""
    links: dict[str, messages.CurveUse] = {}
    curves: list[messages.Curve] = []
    for mode in messages.Modes.model_fields:
        use = getattr(modes, mode)
        if not isinstance(use, messages.CurveUse) or use.curve is None or use.ref is not None:
            continue
        number = len(curves) + 1
        ref = f"/curves/{number}"
        kept = messages.Kept(path="href", value=ref)
        curve = named(use.curve, f"{int(mrid, 16) ^ number << 32:032X}", now)
        curves.append(curve.model_copy(update={"kept": (kept,)}))
        links[mode] = use.model_copy(update={"ref": ref, "curve": None})
    return modes.model_copy(update=links), curves
