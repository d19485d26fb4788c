"""The endpoint in its installation: put together from store, certificates, roll and link, run, taken apart.

Worker 0 alone has it. The link logs in for as long as the server runs, again and again where it has to; what
depends on certificates is read anew at a reload. It decides nothing by itself.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bridge.app import chores, doorway, journal
from bridge.app.config import Config
from bridge.app.endpoint import doors, parties, seals
from bridge.app.endpoint.drawings import Drawings
from bridge.app.endpoint.endpoint import Endpoint
from bridge.app.endpoint.fleet import Fleet
from bridge.app.endpoint.house import House, Open
from bridge.app.endpoint.office import Office, Takes
from bridge.app.endpoint.parties import Parties
from bridge.app.endpoint.rights import Rights
from bridge.app.endpoint.seals import Seals
from bridge.app.facility import engine
from bridge.app.facility.carrier import Carrier
from bridge.app.facility.facilities import Facilities
from bridge.app.facility.inbox import Inbox
from bridge.app.facility.teller import Teller
from bridge.app.relay.bars import Bars
from bridge.app.relay.station import own
from bridge.app.roll import Notice
from bridge.app.site import Site
from bridge.app.sockets import Held
from bridge.iec61850 import sealing
from bridge.iec61850.control import Controls
from bridge.iec61850.estate import Estate
from bridge.iec61850.file import Files
from bridge.iec61850.floor import Floor
from bridge.iec61850.image import Image
from bridge.iec61850.logs import Logs
from bridge.iec61850.peer import Peer
from bridge.iec61850.report import Reports
from bridge.iec61850.server import Server
from bridge.sep2 import ours, talk
from bridge.transports import link
from bridge.transports.buffer import Disk
from bridge.transports.post import Ears
from bridge.transports.store.mark import Stored
from bridge.transports.stream import Door
from bridge.trust.credential import Serial


@dataclass(slots=True, repr=False)
class Station:
    """An endpoint that runs in an installation."""

    site: Site
    config: Config
    parties: Parties
    endpoint: Endpoint
    fleet: Fleet
    bars: Bars
    facilities: Facilities
    carrier: Carrier
    office: Office
    renewed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when we have another certificate."""

    def renew(self, config: Config) -> None:
        """Take certificates in anew; what cannot be used leaves all as it was."""
        said = config.iec61850
        found, lfdi, key = _parties(config), own(said.certificate.read_bytes()), _key(config)
        if lfdi != self.endpoint.seals.lfdi:
            self.renewed.set()
        self.endpoint.seals.renew(lfdi, key, found)
        self.endpoint.house.clear = _addresses(config)
        self.parties, self.config = found, config
        self.endpoint.house.known = found.peer
        for one in {held.peer.lfdi for held in self.endpoint.open.values() if not self._spoken(held)}:
            self.endpoint.sweep(one)
        self.endpoint.sweep()

    def _spoken(self, held: Open) -> bool:
        """Whether who has an association could open it now: by a certificate, or by an address in clear."""
        lfdi = held.peer.lfdi
        named = self.endpoint.house.clear.get(held.peer.jid.partition("/")[0].lower())
        return self.parties.find(lfdi) is not None if held.sealed else named == lfdi

    async def heard(self, notice: Notice) -> None:
        """End what revoked parties have open."""
        del notice
        self.endpoint.sweep()
        self.office.works.sweep()

    def hear(self, topics: frozenset[str]) -> None:
        """End what somebody has open whose roles or account have changed: it may come again."""
        for one in topics:
            if one.startswith((f"{ours.ROLES}/", f"{ours.PERMITS}/")) and (lfdi := one.rpartition("/")[2]):
                self.endpoint.sweep(lfdi)

    async def live(self, held: Held) -> None:
        """Have sessions with the server until one gives up: another one when we have another certificate."""
        while True:
            self.renewed.clear()
            await self._session(doors.where(self.config, held))

    async def _session(self, door: Door) -> None:
        point, store = self.endpoint, self.site.store
        box = Inbox(point, self.facilities, store, lambda: self.site.policy)
        ears = Ears(box.receive, point.presence, point.bounced, point.told)
        async with link.Link(door, self.context, ears) as session:
            self.endpoint.link = session
            renewed = asyncio.ensure_future(self.renewed.wait())
            either: tuple[asyncio.Future[Any], ...] = (session.ended, renewed)
            try:
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self.endpoint.link = None
                renewed.cancel()
            if session.ended.done():
                raise session.ended.result() or ConnectionError("the link has ended")

    def context(self) -> ssl.SSLContext:
        """What the link presents and trusts, as the configuration is now."""
        said = self.config.iec61850
        return link.context(said.roots, said.certificate, said.key)


@asynccontextmanager
async def running(site: Site, config: Config, held: Held) -> AsyncIterator[Station]:
    """Run the endpoint as long as the context lasts."""
    async with AsyncExitStack() as stack:
        station = await made(site, config, stack)
        site.store.listen(station.hear)
        site.revoked.listeners.append(station.heard)
        stack.callback(site.revoked.listeners.remove, station.heard)
        site.carriers.append(station.carrier)
        site.teller = Teller(station.facilities)
        living = asyncio.create_task(chores.steady("iec61850", partial(station.live, held)))
        stack.push_async_callback(chores.cancelled, living)
        count = len(station.parties)
        journal.logger(part="iec61850").info(
            "serving 61850", address=doors.where(config, held).address, parties=count
        )
        yield station


async def made(site: Site, config: Config, stack: AsyncExitStack, takes: Takes | None = None) -> Station:
    """Put everything together; `takes` is in the place of what makes controls of commands."""
    said, image, found = config.iec61850, Image(), _parties(config)
    bars = Bars(site.store)
    stack.push_async_callback(bars.close)
    await bars.open()
    rights, standing = Rights(image, lambda: site.policy), partial(_standing, site, bars)
    house = House(site.store, site.revoked.fresh, standing, found.peer, _addresses(config), time.time)
    own_, revoked = own(said.certificate.read_bytes()), partial(_revoked, site, bars)
    endpoint = Endpoint(house, Seals(own_, _key(config), found, revoked, Stored(site.store)), rights)
    disk = Disk(said.buffer, partial(_threadsafe, asyncio.get_running_loop(), endpoint.stir))
    stack.callback(disk.close)
    reports, logs = Reports(image, disk, endpoint.room, octets=said.buffered), Logs(image, rights.allowed)
    reports.busy = endpoint.dispatch.busy
    fleet = Fleet(site.store, Estate(image), rights, (reports, logs), house.clock, said.lost, endpoint.stir)
    fleet.gone = reports.retain
    office = Office.made(site, said, endpoint, fleet)
    _attend(site, endpoint, _floor(config, endpoint, fleet, (reports, logs), takes or office.takes()))
    stack.push_async_callback(endpoint.close)
    stack.push_async_callback(fleet.close)
    await fleet.open()
    stack.push_async_callback(office.close)
    await office.watch.open()
    bars.fallen = endpoint.sweep
    facilities, carrier = await engine.opened(site, endpoint, fleet, said, stack)
    return Station(site, config, found, endpoint, fleet, bars, facilities, carrier, office)


def _attend(site: Site, endpoint: Endpoint, floor: Floor) -> None:
    """Serve a floor, and have what is said kept where that is wanted."""
    endpoint.server, endpoint.retired = Server(floor), partial(doorway.spoken, site)
    if site.tape is not None:
        endpoint.server, endpoint.settle = site.tape.heard(floor, endpoint.settle)


def _floor(
    config: Config, endpoint: Endpoint, fleet: Fleet, blocks: tuple[Reports, Logs], takes: Takes
) -> Floor:
    """What the server works on."""
    rights, (reports, logs) = fleet.rights, blocks
    image, drawings = (
        rights.image,
        Drawings(fleet.estate, partial(doors.named, config, endpoint.seals), time.time),
    )
    files = Files(drawings, rights.allowed)
    controls = Controls(image, takes.plant, yielding=True)
    takes.ready(controls.done)
    controls.refused = takes.refused
    return Floor(
        image, rights.allowed, takes.written, reports=reports, logs=logs, controls=controls,
        journals=logs.journals, services={**logs.handlers, **files.handlers}, note=endpoint.note,
        clear=partial(_in_clear, endpoint.house), parties=(files,),
    )  # fmt: skip


def _threadsafe(loop: asyncio.AbstractEventLoop, work: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(work)


# ------------------------------------------------------------------------------- what the configuration says


def _parties(config: Config) -> Parties:
    return parties.read(config.iec61850.parties, config.trust.devices, config.trust.operators)


def _key(config: Config) -> seals.Key:
    return seals.key(config.iec61850.key.read_bytes())


def _addresses(config: Config) -> dict[str, str]:
    return {address.lower(): lfdi.upper() for address, lfdi in config.iec61850.clear.items()}


# ------------------------------------------------------------------------------------------- who may go on


def _revoked(site: Site, bars: Bars, lfdi: str, serials: tuple[Serial, ...]) -> bool:
    return lfdi in bars.lfdis or bool(site.revoked.index.reason(serials, lfdi))


def _standing(site: Site, bars: Bars, peer: talk.Peer) -> bool:
    return not _revoked(site, bars, peer.lfdi, peer.serials)


def _in_clear(house: House, peer: Peer, service: str) -> bool:
    """Whether a service may come without a seal: a read of whom the configuration names."""
    named = house.clear.get(peer.jid.partition("/")[0].lower())
    return bool(named) and named == peer.lfdi and sealing.reads(peer, service)
