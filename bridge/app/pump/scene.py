"""What the store holds that bears on one unit: groups, what it can do, each record that is meant for it.

A record takes primacy and group from its programme as that is now, and has its curves in it. The same
reading serves orders and explanations, whichever way a unit is reached. Reads rows; decides nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from bridge.core import case, facts, fleet, primacy
from bridge.core.case import Event, Said
from bridge.sep2 import canon, events, groups
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Trace
from models.der import messages

DAY = 86_400
FACETS: dict[str, type[messages.Capability | messages.Setting]] = {
    "DERCapability": messages.Capability,
    "DERSettings": messages.Setting,
}
BLANK = Decimal(0)


class Scene(NamedTuple):
    """What there is."""

    enrolment: messages.Enrolment
    told: tuple[facts.Fact, ...]
    records: tuple[Event, ...]
    joined: int
    """When its latest membership began."""
    homes: Mapping[str, str]
    """Address of each record, by its name."""

    def picture(self, said: Said, now: Decimal) -> fleet.Picture:
        """Give the picture of the unit, with its plan."""
        return case.pictured(self.enrolment, self.told, self.records, said, now)


async def scene(shelf: Trace, lfdi: str, now: int) -> Scene | None:
    """Give what bears on a unit; none where it is not registered."""
    row = next(iter(await shelf.marked("EndDevice", lfdi)), None)
    if row is None:
        return None
    places = await groups.groups(shelf, lfdi)
    found = [pair async for pair in _asked(shelf, lfdi, now) if meant(row, pair[1])]
    joined = max((each.changed for each in await shelf.owned("Member", lfdi)), default=0)
    return Scene(
        _enrolment(lfdi, tuple(each.href for each in places)),
        await _told(shelf, lfdi),
        tuple(one for _, one in found),
        joined,
        MappingProxyType({primacy.key(one): href for href, one in found}),
    )


def meant(device: Row, record: Event) -> bool:
    """Whether a record is for the category of a device, or for all."""
    asked = int((record.category if isinstance(record, messages.Control) else None) or "0", 16)
    own = int(getattr(canon.obj(device), "deviceCategory", None) or "0", 16)
    return not asked or not own or bool(asked & own)


async def held(shelf: Trace, programme: Row, now: int) -> list[tuple[str, Event]]:
    """Give the records of a programme that are not over for a day, by address."""
    early = (now // DAY - 1) * DAY
    rows = (await shelf.children(f"{programme.href}/derc", Cut(limit=events.EVERY, ending=early))).rows
    default = await shelf.get(f"{programme.href}/dderc")
    every = [row for row in (*rows, *([default] if default else ())) if row.record]
    return [(row.href, await _whole(shelf, _at(_read(row.type, row.record), programme))) for row in every]


async def _asked(shelf: Trace, lfdi: str, now: int) -> AsyncIterator[tuple[str, Event]]:
    for programme in await groups.programmes(shelf, lfdi):
        for pair in await held(shelf, programme, now):
            yield pair


@lru_cache(maxsize=8192)
def _read(type_: str, record: bytes) -> Event:
    kind = messages.Control if type_ == "DERControl" else messages.Default
    return kind.model_validate_json(record)


def _at(record: Event, programme: Row) -> Event:
    """Give a record with its programme's rank and group as they are now."""
    target = messages.Target(group=(programme.grp,) if programme.grp else ())
    fields = {"primacy": canon.obj(programme).primacy, "target": target, "programme": programme.href}
    same = all(getattr(record, name) == value for name, value in fields.items())
    return record if same else record.model_copy(update=fields)


async def _whole(shelf: Trace, record: Event) -> Event:
    """Give a record with the curves that it refers to."""
    found: dict[str, messages.CurveUse] = {}
    for mode in type(record.modes).model_fields:
        use = getattr(record.modes, mode)
        if isinstance(use, messages.CurveUse) and use.ref and use.curve is None:
            row = await shelf.get(use.ref)
            if row is not None and row.type == "DERCurve" and row.record:
                found[mode] = use.model_copy(update={"curve": _curve(row.record)})
    return record.model_copy(update={"modes": record.modes.model_copy(update=found)}) if found else record


@lru_cache(maxsize=1024)
def _curve(data: bytes) -> messages.Curve:
    return messages.Curve.model_validate_json(data)


async def _told(shelf: Trace, lfdi: str) -> tuple[facts.Fact, ...]:
    """Give what the first DER of a device says of its power."""
    rows = [row for type_ in FACETS for row in await shelf.owned(type_, lfdi) if row.record]
    first = min((row.parent for row in rows), key=lambda one: (len(one), one), default="")
    return tuple(_facet(row.type, row.record) for row in rows if row.parent == first)


@lru_cache(maxsize=4096)
def _facet(type_: str, data: bytes) -> facts.Fact:
    return FACETS[type_].model_validate_json(data)


def _enrolment(lfdi: str, places: Iterable[str]) -> messages.Enrolment:
    return messages.Enrolment(
        id=f"{lfdi}/enrolment",
        origin=messages.Origin(party=lfdi, door=messages.Door.core),
        target=messages.Target(),
        issued=BLANK,
        device=lfdi,
        kind=messages.Device.device,
        joined=True,
        programme=tuple(places),
        at=BLANK,
    )
