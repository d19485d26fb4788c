"""The devices of the 61850 server as the store knows them, kept current: what a DER tells is what it shows.

Each registered device that has said what it can do (DERCapability) is a logical device; settings, status
and availability are its values, from the canonical records that stand beside the documents. One that is
silent for too long is lost, and its values are old. Reads and listens; never writes to the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, NamedTuple, Protocol

import structlog

from bridge.app import bases as given
from bridge.app.endpoint.rights import Rights
from bridge.iec61850 import device
from bridge.iec61850.device import Device
from bridge.iec61850.estate import Estate
from bridge.iec61850.first import Plate
from bridge.sep2 import ours, place
from bridge.sep2.enrol import LIST
from bridge.sep2.shelf import HIDDEN, Cut, Row
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
PAGE = 255
AGAIN = 1.0
"""Seconds before the store is asked again that could not be read."""
LOG = structlog.get_logger("derbridge")


class Neighbour(Protocol):
    """Whoever keeps something for each logical device: report blocks, logs."""

    def join(self, domain: str, now: float) -> None:
        """Take up one that has come."""

    def leave(self, domain: str) -> None:
        """Put by one that is to go."""


class Seen(NamedTuple):
    """What was read of a device: editions of its records by address, and when it last said something."""

    editions: Mapping[str, int]
    heard: float
    capability: int
    """Edition of what it can do."""


@dataclass(slots=True)
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
    reading: asyncio.Task[None] | None = None
    """What is being read anew, while it is."""
    _seen: dict[str, Seen] = field(default_factory=dict)
    _old: set[str] = field(default_factory=set)
    _due: set[str] = field(default_factory=set)
    _timer: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Read what there is, and listen from now on."""
        self.store.listen(self.hear)
        self._due.add(EVERY)
        self.reading = asyncio.ensure_future(self._read())
        await self.reading

    async def close(self) -> None:
        """Ask no more."""
        if self._timer is not None:
            self._timer.cancel()
        if self.reading is not None:
            self.reading.cancel()
            await asyncio.gather(self.reading, return_exceptions=True)

    def hear(self, topics: frozenset[str]) -> None:
        """Take note of devices that changed."""
        self._due |= set(_devices(topics))
        if self._due and (self.reading is None or self.reading.done()):
            self.reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        while self._due:
            due, self._due = self._due, set()
            try:
                await self._some(due)
            except Unavailable:
                self._due |= due
                await asyncio.sleep(AGAIN)
        self._age()
        self.stirred()

    async def _some(self, due: set[str]) -> None:
        """Read devices anew, or all of them."""
        rows = [row for href in due if (row := await self.store.get(href))] if EVERY not in due else []
        if EVERY in due or len(rows) < len(due):
            rows = await self._all()
            for lfdi in self._seen.keys() - {row.mark for row in rows}:
                self._drop(lfdi)
        for row in rows:
            try:
                await self._one(row)
            except (ValueError, LookupError) as error:
                LOG.warning("no logical device", part="iec61850", lfdi=row.mark, reason=str(error)[:200])
                self._drop(row.mark)

    async def _all(self) -> list[Row]:
        found: list[Row] = []
        while True:
            page = await self.store.children(LIST, Cut(start=len(found), limit=PAGE))
            found += page.rows
            if not page.rows or len(found) >= page.total:
                return [row for row in found if row.mark]

    async def _one(self, row: Row) -> None:
        """Show what a device has told since it was read last."""
        beneath = await self.store.beneath(row.href)
        rows = _told(beneath)
        where = await place.target(Trace(self.store), (row.href,), WANTS)
        if not rows or rows[0].type != CAPABILITY:
            self._drop(row.mark)
            return
        was, editions = self._seen.get(row.mark), {each.href: each.version for each in rows}
        heard = float(max(each.changed for each in beneath))
        made = self.estate.devices.get(row.mark)
        if was is None or made is None or was.capability != rows[0].version:
            made, was = self._make(row.mark, rows), None
        elif self.rights.places.get(made.name) != where:
            self._rejoin(made.name)
        self.rights.places[made.name] = where
        known = was.editions if was else {}
        for each in rows:
            if known.get(each.href) != each.version:
                self.estate.show(row.mark, _record(each), float(each.changed))
        self._seen[row.mark] = Seen(editions, heard, rows[0].version)
        if row.mark in self._old and (was is None or heard > was.heard):
            self._old.discard(row.mark)
            self.estate.returned(row.mark, self.clock())

    def _make(self, lfdi: str, rows: list[Row]) -> Device:
        """A logical device of what a device can do, in place of the one that there was."""
        self._drop(lfdi)
        records = [_record(each) for each in rows]
        plate = Plate(version=version("derbridge"), serial=lfdi)
        made = device.unit(lfdi, records[0], given.bases(records, ()), float(rows[0].changed), plate=plate)
        self.estate.add(lfdi, made)
        for each in self.neighbours:
            each.join(made.name, self.clock())
        return made

    def _drop(self, lfdi: str) -> None:
        found = self.estate.devices.get(lfdi)
        self._seen.pop(lfdi, None)
        self._old.discard(lfdi)
        if found is not None:
            for each in self.neighbours:
                each.leave(found.name)
            self.rights.places.pop(found.name, None)
            self.estate.drop(lfdi)

    def _rejoin(self, domain: str) -> None:
        """A device is somebody else's to see: nobody who was told of it before is told of it any more."""
        for each in self.neighbours:
            each.leave(domain)
            each.join(domain, self.clock())

    # ----------------------------------------------------------------------------------------------- silence

    def _age(self) -> None:
        """Age what is lost by now, and look again when the next one may be."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self.lost:
            return
        now = self.clock()
        for lfdi, seen in self._seen.items():
            if lfdi not in self._old and seen.heard + self.lost <= now:
                self._old.add(lfdi)
                self.estate.aged(lfdi, now)
        waiting = [seen.heard for lfdi, seen in self._seen.items() if lfdi not in self._old]
        if waiting:
            wait = max(min(waiting) + self.lost - now, 0.01)
            self._timer = asyncio.get_running_loop().call_later(wait, self.look)

    def look(self) -> None:
        """Look who is silent for too long by now."""
        self._age()
        self.stirred()


def _devices(topics: Iterable[str]) -> Iterable[str]:
    """The devices that topics are about; all of them where it is their list, or a group."""
    for one in topics:
        parts = one.split("/")
        if one in {EVERY, f"{LIST}/"} or one.startswith((ours.GROUPS, f"{HIDDEN}member")):
            yield EVERY
        elif one.startswith(f"{LIST}/") and parts[2].isdigit():
            yield "/".join(parts[:3])


def _told(beneath: Iterable[Row]) -> list[Row]:
    """What the first DER of a device that can do something has told, its capability first."""
    found = [row for row in beneath if row.type in FACETS and row.record]
    parents = sorted({row.parent for row in found if row.type == CAPABILITY}, key=lambda one: (len(one), one))
    mine = [row for row in found if parents and row.parent == parents[0]]
    return sorted(mine, key=lambda row: list(FACETS).index(row.type))


def _record(row: Row) -> Any:  # noqa: ANN401 - one of four classes
    return FACETS[row.type].model_validate_json(row.record)
