"""The documents that a client sends, made of canonical records: devices, DER, mirrors, responses, alarms.

They are written by the same mapping and the same profiles as everything else (design decisions 4 and 6), so
that every one of them is valid in the schema of its profile. Nothing is decided here.
"""

from __future__ import annotations

from decimal import Decimal

from bridge.mapping.sep2 import from_canonical
from bridge.sep2 import document, names
from bridge.sep2.client.leads import Thing
from models import kit
from models.der import messages

LEVEL = "+S1"
XML = 0


def told(record: kit.Model, kind: str, profile: str) -> bytes:
    """Give a canonical record as a document of a type."""
    return document.written(_made(record, kind, profile), kind, profile)


def _made(record: kit.Model, kind: str, profile: str) -> Thing:
    return from_canonical(record, names.edition(profile), kind=kind, lost=[])


def device(lfdi: str, sfdi: int, category: int, now: int, profile: str) -> bytes:
    """Give an EndDevice to be registered."""
    made = document.made(
        profile,
        "EndDevice",
        lFDI=lfdi,
        sFDI=sfdi,
        deviceCategory=f"{category:08X}" if category else None,
        changedTime=now,
    )
    return document.written(made, "EndDevice", profile)


def subscription(on: str, target: str, limit: int, profile: str) -> bytes:
    """Give a Subscription to a resource without a condition."""
    made = document.made(
        profile,
        "Subscription",
        subscribedResource=on,
        encoding=XML,
        level=LEVEL,
        limit=limit,
        notificationURI=target,
    )
    return document.written(made, "Subscription", profile)


def response(control: messages.Control, lfdi: str, status: int, at: int, profile: str) -> bytes:
    """Give a DERControlResponse."""
    record = messages.Outcome(
        id="-",
        origin=messages.Origin(party=lfdi, door=messages.Door.simulator),
        target=messages.Target(),
        issued=Decimal(at),
        created=Decimal(at),
        device=lfdi,
        subject=control.mRID or "",
        status=status,
    )
    return told(record, "DERControlResponse", profile)


def readings(record: messages.Reading, profile: str) -> bytes:
    """Give the series of a record with their readings, as one list."""
    parts = tuple(_series(record, each, profile) for each in record.series)
    made = document.made(
        profile, "MirrorMeterReadingList", MirrorMeterReading=parts, all=len(parts), results=len(parts)
    )
    return document.written(made, "MirrorMeterReadingList", profile)


def _series(record: messages.Reading, each: messages.Series, profile: str) -> Thing:
    one = record.model_copy(update={"point": None, "series": (each,)})
    return document.part(_made(one, "MirrorMeterReading", profile), "MirrorMeterReading", profile)


def wanted(asked: str | None) -> int:
    """Give the bits of responseRequired."""
    return int(asked or "0", 16)
