"""The devices of the 61850 server as the store knows them, kept current: what a DER tells is what it shows.

Each DER of a registered device that has said what it can do (DERCapability) is a logical device; settings,
status and availability are its values, from the canonical records that stand beside the documents, and so is
what is mirrored of the device (meters.py). Reads and listens; never writes to the store.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import structlog

from bridge.app import bases as given
from bridge.app.endpoint import service
from bridge.app.endpoint.crowd import VERSION, Crowd
from bridge.app.endpoint.desk import Desk
from bridge.app.endpoint.house import Neighbour
from bridge.app.endpoint.meters import Meters
from bridge.app.endpoint.rights import Rights
from bridge.app.endpoint.silence import Silence
from bridge.core.access.target import Target
from bridge.iec61850 import device
from bridge.iec61850.device import Device
from bridge.iec61850.estate import Estate
from bridge.iec61850.first import Plate
from bridge.sep2 import ours, place
from bridge.sep2.der import FIRST
from bridge.sep2.enrol import LIST
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Trace
from bridge.transports.pages import EVERY
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store
from models.der import messages

CAPABILITY = "DERCapability"
FACETS: Mapping[str, Any] = {
    CAPABILITY: messages.Capability,
    "DERSettings": messages.Setting,
    "DERStatus": messages.Status,
    "DERAvailability": messages.Status,
}
"""What a DER tells, in the order in which it is shown."""
WANTS = frozenset({"mine", "place", "devices"})
GROUP = re.compile(f"{ours.GROUPS}/[0-9]+")
MEMBER = "Member~"
PAGE = 255
AGAIN = 1.0
"""Seconds before the store is asked again that could not be read."""
LOG = structlog.get_logger("derbridge")


class Seen(NamedTuple):
    """What was read of a DER: editions of its records by address, and of what it can do."""

    editions: Mapping[str, int]
    capability: int


@dataclass(slots=True, repr=False)
class Fleet:
    """All devices."""

    store: Store
    estate: Estate
    rights: Rights
    neighbours: tuple[Neighbour, ...]
    clock: Callable[[], float]
    lost: float
    """Seconds; 0 for never."""
    stirred: Callable[[], None] = lambda: None
    """Called when values have changed."""
    gone: Callable[[], None] = lambda: None
    """Called when devices are gone for good, and when all that there are have been read."""
    reading: asyncio.Task[None] | None = None
    """What is being read anew, while it is."""
    silence: Silence = field(init=False)
    meters: Meters = field(init=False)
    crowd: Crowd = field(init=False)
    units: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The logical devices of each device, by LFDI: one for each DER, the first one first."""
    desk: Desk | None = None
    """Who keeps what commands are held against, and what was written."""
    _seen: dict[str, Seen] = field(default_factory=dict)
    _due: set[str] = field(default_factory=set)
    _whole: bool = False
    """Whether all devices were read since the last look at what is kept of others."""

    def __post_init__(self) -> None:
        """Have an ear for silence, an eye on meters, and one on groups."""
        self.silence = Silence(self.estate, self._of, self.clock, self.lost, self.stirred)
        self.meters = Meters(self.store, self.estate, self._first, self.silence.word, self.clock)
        self.crowd = Crowd(
            self.store, self.estate, self.rights, self.neighbours, self._of, self.clock, self.stirred,
            rested=self._begin,
        )  # fmt: skip

    def _of(self, lfdi: str) -> tuple[str, ...]:
        return self.units.get(lfdi, ())

    def _first(self, lfdi: str) -> str | None:
        return next(iter(self._of(lfdi)), None)

    async def open(self) -> None:
        """Read what there is, and listen from now on."""
        self.store.listen(self.hear)
        self.crowd.open()
        self._due.add(EVERY)
        self.reading = asyncio.ensure_future(self._read())
        await self.reading

    async def close(self) -> None:
        """Ask no more."""
        self.silence.close()
        self.crowd.close()
        if self.reading is not None:
            self.reading.cancel()
            await asyncio.gather(self.reading, return_exceptions=True)

    def hear(self, topics: frozenset[str]) -> None:
        """Take note of devices that changed."""
        self._due |= set(_devices(topics))
        self.meters.hear(topics)
        self.crowd.hear(topics)
        if EVERY in topics:
            self.meters.anew |= self.units.keys()
        self._begin()

    def _begin(self) -> None:
        if self._waiting and (self.reading is None or self.reading.done()):
            self.reading = asyncio.ensure_future(self._read())

    @property
    def _waiting(self) -> bool:
        return bool(self._due or self.meters.due or self.crowd.due)

    async def _read(self) -> None:
        while self._waiting:
            due, self._due = self._due, set()
            try:
                if due:
                    await self._some(due)
                due = set()
                await self.meters.read()
                await self.crowd.read()
            except Unavailable:
                self._due |= due
                await asyncio.sleep(AGAIN)
        if self._whole:
            self._whole = False
            self.gone()
        self.silence.look()

    async def _some(self, due: set[str]) -> None:
        """Read devices anew, or all of them."""
        rows = [row for one in due if (row := await self._row(one))] if EVERY not in due else []
        if EVERY in due or len(rows) < len(due):
            rows, self._whole = await self._all(), True
            for lfdi in self.units.keys() - {row.mark for row in rows}:
                self._drop(lfdi)
        for row in {each.href: each for each in rows}.values():
            try:
                await self._one(row)
            except (ValueError, LookupError) as error:
                LOG.warning("no logical device", part="iec61850", lfdi=row.mark, reason=str(error)[:200])
                self._drop(row.mark)

    async def _row(self, one: str) -> Row | None:
        """A device by its address or its LFDI."""
        if one.startswith("/"):
            return await self.store.get(one)
        return next(iter(await self.store.marked("EndDevice", one)), None)

    async def _all(self) -> list[Row]:
        found: list[Row] = []
        while True:
            page = await self.store.children(LIST, Cut(start=len(found), limit=PAGE))
            found += page.rows
            if not page.rows or len(found) >= page.total:
                return [row for row in found if row.mark]

    async def _one(self, row: Row) -> None:
        """Show what the DERs of a device have told since they were read last."""
        beneath = await self.store.beneath(row.href)
        where = await place.target(Trace(self.store), (row.href,), WANTS)
        told = _told(row.mark, beneath)
        for identity in self.units.get(row.mark, ()):
            if identity not in told:
                self._leave(identity)
        if not told:
            self._drop(row.mark)
            return
        before, self.units[row.mark] = self._first(row.mark), tuple(told)
        made = [identity for identity, rows in told.items() if self._unit(row.mark, identity, rows, where)]
        if self._first(row.mark) in made or self._first(row.mark) != before:
            self.meters.anew.add(row.mark)
        if made:
            self.silence.back(row.mark)
            self.crowd.changed = True
        await service.show(self.store, self.estate, row.mark, told)
        if self.desk is not None:
            await self.desk.units(row.mark, told, made)
        self.silence.word(row.mark, float(max(each.changed for each in beneath)))

    def _unit(self, lfdi: str, identity: str, rows: list[Row], where: Target) -> bool:
        """Show what a DER has told; say whether it is a logical device that was not there before."""
        was, made = self._seen.get(identity), self.estate.devices.get(identity)
        fresh = was is None or made is None or was.capability != rows[0].version
        if fresh or made is None:
            made, was = self._make(lfdi, identity, rows), None
        elif self.rights.places.get(made.name) != where:
            self._rejoin(made.name)
            self.crowd.changed = True
        self.rights.places[made.name] = where
        known = was.editions if was else {}
        for each in rows:
            if known.get(each.href) != each.version:
                self.estate.show(identity, _record(each), float(each.changed))
        self._seen[identity] = Seen({each.href: each.version for each in rows}, rows[0].version)
        return fresh

    def _make(self, lfdi: str, identity: str, rows: list[Row]) -> Device:
        """A logical device of what a DER can do, in place of the one that there was."""
        self._leave(identity)
        records = [_record(each) for each in rows]
        plate, at = Plate(version=VERSION, serial=lfdi), float(rows[0].changed)
        made = device.unit(identity, records[0], given.bases(records, ()), at, plate=plate)
        self.estate.add(identity, made)
        for each in self.neighbours:
            each.join(made.name, self.clock())
        return made

    def _drop(self, lfdi: str) -> None:
        """Leave a device out, with all its DERs."""
        for identity in self.units.pop(lfdi, ()):
            self._leave(identity)
        self.silence.forget(lfdi)
        self.meters.forget(lfdi)

    def _leave(self, identity: str) -> None:
        """Leave one logical device out."""
        found, self.crowd.changed = self.estate.devices.get(identity), True
        self._seen.pop(identity, None)
        if found is not None:
            for each in self.neighbours:
                each.leave(found.name)
            self.rights.places.pop(found.name, None)
            self.estate.drop(identity)

    def _rejoin(self, domain: str) -> None:
        """A device is somebody else's to see: nobody who was told of it before is told of it any more."""
        for each in self.neighbours:
            each.leave(domain)
            each.join(domain, self.clock())


def _devices(topics: Iterable[str]) -> Iterable[str]:
    """The devices that topics are about, by address or LFDI; all of them where it is a group itself."""
    for one in topics:
        parts = one.split("/")
        if one == EVERY or GROUP.fullmatch(one):
            yield EVERY
        elif one.startswith(MEMBER):
            yield one.removeprefix(MEMBER)
        elif one.startswith(f"{LIST}/") and parts[2].isdigit():
            yield "/".join(parts[:3])
        elif one.startswith(f"{ours.STANDINGS}/") and parts[-1]:
            yield parts[-1]


def _told(lfdi: str, beneath: Iterable[Row]) -> dict[str, list[Row]]:
    """What each DER that can do something has told, its capability first; by their logical devices."""
    found = [row for row in beneath if row.type in FACETS and row.record]
    parents = sorted({row.parent for row in found if row.type == CAPABILITY}, key=lambda one: (len(one), one))
    order = list(FACETS)
    return {
        _identity(lfdi, parent): sorted(
            (row for row in found if row.parent == parent), key=lambda row: order.index(row.type)
        )
        for parent in parents
    }


def _identity(lfdi: str, der: str) -> str:
    """What a DER is called: as its device where it is the one that each has, else with its number."""
    number = der.rpartition("/")[2]
    return lfdi if number == FIRST else f"{lfdi}_{number}"


def _record(row: Row) -> Any:  # noqa: ANN401 - one of four classes
    return FACETS[row.type].model_validate_json(row.record)
