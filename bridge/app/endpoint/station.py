"""The endpoint in its installation: put together from store, certificates, roll and link, run, taken apart.

Worker 0 alone has it. The link logs in for as long as the server runs, again and again where it has to; what
depends on certificates is read anew at a reload. It decides nothing by itself.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from bridge.app import chores, journal, sockets
from bridge.app.config import Config
from bridge.app.endpoint import parties, seals, works
from bridge.app.endpoint.endpoint import Endpoint
from bridge.app.endpoint.fleet import Fleet
from bridge.app.endpoint.house import House
from bridge.app.endpoint.parties import Parties
from bridge.app.endpoint.rights import Rights
from bridge.app.endpoint.seals import Seals
from bridge.app.relay.bars import Bars
from bridge.app.relay.station import own
from bridge.app.roll import Notice
from bridge.app.site import Site
from bridge.iec61850 import sealing
from bridge.iec61850.control import Controls
from bridge.iec61850.estate import Estate
from bridge.iec61850.floor import Floor
from bridge.iec61850.hooks import Written
from bridge.iec61850.image import Image
from bridge.iec61850.logs import Logs
from bridge.iec61850.peer import Peer
from bridge.iec61850.plant import Plant
from bridge.iec61850.report import Reports
from bridge.iec61850.server import Server
from bridge.sep2 import ours, talk
from bridge.transports import link
from bridge.transports.buffer import Disk
from bridge.transports.post import Ears
from bridge.transports.store.mark import Stored
from bridge.transports.stream import Door
from bridge.trust.credential import Serial

Held = dict[str, list[socket.socket]]


@dataclass(frozen=True, slots=True)
class Takes:
    """What takes commands and settings of clients; none where they are refused."""

    plant: Plant | None = None
    written: Written | None = None


NOBODY = Takes()


@dataclass(slots=True)
class Station:
    """An endpoint that runs in an installation."""

    site: Site
    config: Config
    parties: Parties
    endpoint: Endpoint
    fleet: Fleet
    bars: Bars

    def renew(self, config: Config) -> None:
        """Take certificates in anew; what cannot be used leaves all as it was."""
        said = config.iec61850
        found, lfdi, key = _parties(config), own(said.certificate.read_bytes()), _key(config)
        self.endpoint.seals.renew(lfdi, key, found)
        self.endpoint.house.clear = _addresses(config)
        self.parties, self.config = found, config
        self.endpoint.house.known = found.peer
        self.endpoint.sweep()

    async def heard(self, notice: Notice) -> None:
        """End what revoked parties have open."""
        del notice
        self.endpoint.sweep()

    def hear(self, topics: frozenset[str]) -> None:
        """End what somebody has open whose roles or account have changed: it may come again."""
        for one in topics:
            if one.startswith((f"{ours.ROLES}/", f"{ours.PERMITS}/")) and (lfdi := one.rpartition("/")[2]):
                self.endpoint.sweep(lfdi)

    async def log_in(self, door: Door) -> None:
        """Have a session with the server until it gives up."""
        ears = Ears(self.endpoint.receive, self.endpoint.presence, self.endpoint.bounced, self.endpoint.told)
        async with link.Link(door, self.context, ears) as session:
            self.endpoint.link = session
            try:
                raise await session.ended or ConnectionError("the link has ended")
            finally:
                self.endpoint.link = None

    def context(self) -> ssl.SSLContext:
        """What the link presents and trusts, as the configuration is now."""
        said = self.config.iec61850
        return link.context(said.roots, said.certificate, said.key)


@asynccontextmanager
async def running(site: Site, config: Config, held: Held, takes: Takes = NOBODY) -> AsyncIterator[Station]:
    """Run the endpoint as long as the context lasts."""
    async with AsyncExitStack() as stack:
        station = await made(site, config, takes, stack)
        site.store.listen(station.hear)
        site.revoked.listeners.append(station.heard)
        stack.callback(site.revoked.listeners.remove, station.heard)
        door = where(config, held)
        living = asyncio.create_task(chores.steady("iec61850", partial(station.log_in, door)))
        stack.push_async_callback(chores.cancelled, living)
        count = len(station.parties)
        journal.logger(part="iec61850").info("serving 61850", address=door.address, parties=count)
        yield station


async def made(site: Site, config: Config, takes: Takes, stack: AsyncExitStack) -> Station:
    """Put everything together."""
    said, image, found = config.iec61850, Image(), _parties(config)
    bars = Bars(site.store)
    stack.push_async_callback(bars.close)
    await bars.open()
    rights = Rights(image, lambda: site.policy)
    standing = partial(_standing, site, bars)
    house = House(site.store, site.revoked.fresh, standing, found.peer, _addresses(config), time.time)
    own_, revoked = own(said.certificate.read_bytes()), partial(_revoked, site, bars)
    endpoint = Endpoint(house, Seals(own_, _key(config), found, revoked, Stored(site.store)), rights)
    disk = Disk(said.buffer, partial(_threadsafe, asyncio.get_running_loop(), endpoint.stir))
    stack.callback(disk.close)
    reports = Reports(image, disk, endpoint.room)
    logs = Logs(image, rights.allowed)
    endpoint.server = Server(_floor(endpoint, image, (reports, logs), takes))
    fleet = Fleet(site.store, Estate(image), rights, (reports, logs), house.clock, said.lost, endpoint.stir)
    stack.push_async_callback(endpoint.close)
    stack.push_async_callback(fleet.close)
    await fleet.open()
    bars.fallen = endpoint.sweep
    return Station(site, config, found, endpoint, fleet, bars)


def _floor(endpoint: Endpoint, image: Image, blocks: tuple[Reports, Logs], takes: Takes) -> Floor:
    """What the server works on."""
    rights, (reports, logs) = endpoint.rights, blocks
    told = partial(_unsupported, rights)
    return Floor(
        image, rights.allowed, works.written(told, takes.written), reports=reports, logs=logs,
        controls=Controls(image, takes.plant or works.Idle(told)), journals=logs.journals,
        services=logs.handlers, note=endpoint.note, clear=partial(_in_clear, endpoint.house),
    )  # fmt: skip


def _threadsafe(loop: asyncio.AbstractEventLoop, work: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(work)


# ------------------------------------------------------------------------------- what the configuration says


def where(config: Config, held: Held) -> Door:
    """Where to log in: at the server that is named, else at the relay of this process."""
    said = config.iec61850
    user = said.address or f"{own(said.certificate.read_bytes()).lower()}@{config.relay.domain}"
    address = f"{user}/{said.resource}"
    if said.host:
        return Door(address, said.host, said.port, direct=said.tls == "direct")
    hosts, port = sockets.where(held["direct"])
    host = LOOPBACK.get(hosts[0], hosts[0])
    return Door(address, host, port, direct=True)


LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened on everywhere is here, too


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


def _unsupported(rights: Rights, peer: Peer, item: str, why: str) -> None:
    """Have it in the log that something was refused which the rules allow."""
    rights.refused(peer.lfdi, "write", item.encode(), why, item)
