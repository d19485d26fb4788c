"""What is mirrored of devices, as values of their meters: the latest reading of each series.

IEEE 2030.5 10.11 readings as IEC 61850-7-4 MMXU and MMTR, by the tables of the mapping. A topic of the store
names the reading that came, so that what is read is what changed; of many of one series only the last is.
Which object holds a series is the mapping's to say. Writes nothing, keeps no history.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import structlog

from bridge.app.endpoint.ledger import Ledger, Place, Series
from bridge.iec61850 import device
from bridge.iec61850.estate import Estate
from bridge.iec61850.shape import Value
from bridge.mapping.bases import Unrepresentable
from bridge.mapping.meters import SITE
from bridge.mapping.readings import shown
from bridge.sep2 import canon, metering, names
from bridge.sep2.shelf import Cut, Row
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store
from models.der import messages

READING = re.compile(r"(/upt/\d+/mr/\d+)/rs/\d+/r/(\d+)")
SERIES = re.compile(r"(/upt/\d+/mr/\d+)(/rt)?")
POINT = re.compile(r"/upt/\d+")
TIMES = 1 << 33
"""A reading's number is its time, or that and 28 bits that say which of those that begin then."""
WHICH = (1 << 12) - 1
"""Those of them that say for which block and tier: a part of a figure, which no object holds."""
PAGE = 200
LAST = 32
"""Readings of one moment in one series."""
LOG = structlog.get_logger("derbridge")


@dataclass(slots=True, repr=False)
class Meters:
    """All series of the devices that are shown."""

    store: Store
    estate: Estate
    first: Callable[[str], str | None]
    """The logical device that shows what is mirrored of a device."""
    heard: Callable[[str, float], None]
    """Told of a device's word, and when it came."""
    clock: Callable[[], float]
    anew: set[str] = field(default_factory=set)
    """Devices of which all is to be read."""
    _ledger: Ledger = field(default_factory=Ledger)
    _told: set[str] = field(default_factory=set)
    """Series that were described anew, or are gone."""
    _fresh: dict[str, str] = field(default_factory=dict)
    """The reading that came last of each series."""
    _batch: dict[str, tuple[float, dict[str, Value]]] = field(default_factory=dict)
    """What is to be put of each logical device at once, and when it came: it makes one report."""
    _apart: set[str] = field(default_factory=set)
    """Series of which it was said that no object holds them."""

    @property
    def due(self) -> bool:
        """Whether there is something to read."""
        return bool(self.anew or self._told or self._fresh)

    def hear(self, topics: Iterable[str]) -> None:
        """Take note of series and readings that changed."""
        for one in topics:
            if not one.startswith(f"{metering.PLACE}/"):
                continue
            if found := READING.fullmatch(one):
                self._came(found[1], one)
            elif found := SERIES.fullmatch(one):
                self._told.add(found[1])
            elif POINT.fullmatch(one):
                self._told |= self._ledger.beneath(one)

    def _came(self, series: str, href: str) -> None:
        was = self._fresh.get(series)
        if _whole(href) and (was is None or _begin(href) >= _begin(was)):
            self._fresh[series] = href

    def forget(self, lfdi: str) -> None:
        """A device is not shown any more."""
        for series in self._ledger.beneath(lfdi):
            self._ledger.free(series)
            self._ledger.forget(series)
            self._apart.discard(series)

    async def read(self) -> None:
        """Show what is due; what the store cannot tell now stays due."""
        anew, told, fresh = self.anew, self._told, self._fresh
        self.anew, self._told, self._fresh = set(), set(), {}
        try:
            for lfdi in anew:
                await self._whole(lfdi)
                self._settle()
            for series in told:
                await self._described(series)
                self._settle()
            await self._latest(fresh)
        except Unavailable:
            self.anew |= anew
            self._told |= told
            self._fresh = fresh | self._fresh
            raise
        finally:
            self._settle()

    async def _whole(self, lfdi: str) -> None:
        """Read all that is mirrored of a device."""
        self.forget(lfdi)
        points = {row.href: row for row in await self.store.owned(metering.TYPE, lfdi)}
        kinds = {row.parent: row for row in await self.store.owned("ReadingType", lfdi)}
        for row in await self.store.owned("MeterReading", lfdi):
            point, kind = points.get("/".join(row.href.split("/")[:3])), kinds.get(row.href)
            if point is not None and kind is not None:
                await self._known(row.href, Series(lfdi, row, kind, _site(point)))

    async def _described(self, series: str) -> None:
        """Read one series, which may be gone."""
        self._withdraw(series)
        self._ledger.forget(series)
        self._apart.discard(series)
        found = await self._found(series)
        if found is not None:
            await self._known(series, found)

    async def _known(self, address: str, series: Series) -> None:
        self._ledger.know(address, series)
        if self.first(series.lfdi) is None:
            return
        for row in await metering.newest(self.store, address, LAST):
            if _whole(row.href):
                self._show(address, series, row)
                break

    async def _latest(self, fresh: dict[str, str]) -> None:
        """Show readings that came, unless what is shown is younger."""
        wanted: dict[str, str] = {}
        for address, href in fresh.items():
            if address not in self._ledger.series:
                self._ledger.know(address, await self._found(address))
            known = self._ledger.series[address]
            if known is not None and self.first(known.lfdi) is not None and address not in self._apart:
                wanted[href] = address
        hrefs = tuple(wanted)
        for start in range(0, len(hrefs), PAGE):
            cut = Cut(limit=PAGE, among=hrefs[start : start + PAGE])
            for row in (await self.store.children("", cut)).rows:
                known = self._ledger.series.get(wanted[row.href])
                if known is not None:
                    self._show(wanted[row.href], known, row)

    async def _found(self, series: str) -> Series | None:
        about, kind = await self.store.get(series), await self.store.get(f"{series}/rt")
        point = await self.store.get("/".join(series.split("/")[:3]))
        if about is None or kind is None or point is None:
            return None
        return Series(point.owner, about, kind, _site(point))

    # ----------------------------------------------------------------------------------------------- showing

    def _show(self, address: str, series: Series, row: Row) -> None:
        """Show one reading, if no younger one stands in its place."""
        identity = self.first(series.lfdi)
        record = metering.said(row, series.kind, series.about)
        if identity is None or record is None:
            return
        self.heard(series.lfdi, float(row.changed))
        try:
            self._put(address, identity, record, series, row)
        except Unrepresentable as error:
            self._unplaced(address, series.lfdi, str(error))

    def _put(self, address: str, identity: str, record: messages.Reading, series: Series, row: Row) -> None:
        made = self.estate.devices[identity]
        bases = replace(made.bases, ld="", site=series.site, edition=names.edition(row.profile))
        points = shown(record, bases)
        place = Place(identity, next((each.ref[:-2] for each in points if each.ref.endswith(".t")), ""))
        if self._ledger.begun(place) > row.at:
            return
        found = device.placed(made, points, float(row.changed))
        if not place.object or found.apart:
            self._unplaced(address, series.lfdi, found.apart[0][0] if found.apart else "no object holds it")
            return
        self._ledger.hold(place, row.at, address)
        at, values = self._batch.get(identity, (0.0, {}))
        self._batch[identity] = max(at, float(row.changed)), {**values, **found.values}

    def _settle(self) -> None:
        """Put what was found."""
        batch, self._batch = self._batch, {}
        for identity, (at, values) in batch.items():
            self.estate.put(identity, values, at)

    def _unplaced(self, address: str, lfdi: str, why: str) -> None:
        """Say once that a series has no place; it is not looked at again until it is described anew."""
        if address not in self._apart:
            self._apart.add(address)
            LOG.info("no place", part="iec61850", lfdi=lfdi, series=address, reason=why[:200])

    def _withdraw(self, series: str) -> None:
        """Make invalid what an object holds of a series that is gone, or is another one by now."""
        for place in self._ledger.free(series):
            self.estate.doubt(place.identity, place.object, self.clock())


def _whole(href: str) -> bool:
    """Whether a reading is of the whole figure, not of a block or tier."""
    number = int(href.rpartition("/")[2])
    return number < TIMES or not number & WHICH


def _begin(href: str) -> int:
    number = int(href.rpartition("/")[2])
    return number >> 28 if number >= TIMES else number


def _site(point: Row) -> bool:
    return bool(int(canon.obj(point).roleFlags or "0", 16) & SITE)
