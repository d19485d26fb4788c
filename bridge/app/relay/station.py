"""The relay in its installation: put together from queue, rights, certificates and roll, run, taken apart.

It listens last and stops listening first, so that what was taken is in the queue before that is closed. Who
may not go on is put out when the roll or an account changes, and asked about before each stanza. It decides
nothing by itself.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from random import SystemRandom
from secrets import token_bytes, token_urlsafe

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from bridge.app import chores, journal, sockets
from bridge.app.config import Config
from bridge.app.relay.bars import Bars
from bridge.app.relay.figures import Shown
from bridge.app.relay.herald import Herald
from bridge.app.relay.house import House
from bridge.app.relay.levels import Levels
from bridge.app.relay.rights import Right, Rights
from bridge.app.relay.section import Relay as Section
from bridge.app.roll import Notice
from bridge.app.site import Site
from bridge.app.sockets import Held
from bridge.transports import climb, relay, tls
from bridge.transports.bounds import Bounds
from bridge.transports.climb import Place
from bridge.transports.spool.spool import Spool
from bridge.trust import identity
from bridge.trust.notice import Sealer
from bridge.xmpp.ascent import Ascent
from bridge.xmpp.board import Board
from bridge.xmpp.hooks import Event, Hooks, Identity, Limits
from bridge.xmpp.queue import Record

SHARE, HUB = 16, 2
"""Which part of the room for what waits one party may have, and the bridge's own endpoint."""
SHOWN = 1.0
"""Seconds between two looks at the figures."""
WITHDRAWN = "access is withdrawn"


@dataclass(slots=True)
class Station:
    """A relay that runs in an installation."""

    config: Config
    guard: tls.Guard
    house: House
    board: Board
    spool: Spool
    shown: Shown
    levels: Levels
    relay: relay.Relay | None = None
    herald: Herald | None = None

    @property
    def domain(self) -> str:
        """Its address."""
        return self.board.domain

    def listening(self) -> list[str]:
        """Give the sessions that are told of revocations: all but relays' and the bridge's own."""
        return [
            one.full
            for one in self.board.sessions
            if "relay" not in one.identity.roles and not self.house.hub(one.identity)
        ]

    def tell(self, to: str, raw: bytes) -> None:
        """Send a message of the relay's own."""
        self.board.tell(to, raw, time.time())

    async def heard(self, notice: Notice) -> None:
        """Put out who is revoked, and tell the others."""
        self.put_out()
        if self.herald is not None:
            await self.herald.hear(notice)

    def put_out(self) -> None:
        """End the sessions of those who may not go on."""
        if self.relay is not None:
            self.relay.kick(self.house.fallen, WITHDRAWN)

    def note(self, event: Event) -> None:
        """Take note of what the relay tells; who has just come hears of the last revocation."""
        self.house.note(event)
        if event.name == "bound" and self.herald is not None:
            asyncio.get_running_loop().call_soon(self._greet, event.to)

    def _greet(self, to: str) -> None:
        if self.herald is not None and to in self.listening():
            self.herald.greet(to)

    def renew(self, config: Config) -> None:
        """Take certificates, roots and rights in anew; what cannot be used leaves all as it was."""
        wanted, made, seal = files(config), rights(config), sealer(config)
        before, self.guard.files = self.guard.files, wanted
        try:
            self.guard.reload()
        except Exception:
            self.guard.files = before
            raise
        self.house.rights, self.config = made, config
        self.levels.take(config.relay.below)
        if self.herald is not None:
            self.herald.sealer = seal

    def figures(self) -> None:
        """Have the figures shown as they are."""
        now = {
            "sessions": len(self.board.sessions),
            "connections": self.relay.connections if self.relay else 0,
            "queue": self.spool.stanzas,
            "queue_bytes": self.spool.size,
        }
        self.shown.show(self.board.figures, self.herald.told if self.herald else 0, now)

    async def count(self) -> None:
        """Show the figures until cancelled."""
        while True:
            self.figures()
            await asyncio.sleep(SHOWN)


@asynccontextmanager
async def running(site: Site, config: Config, held: Held) -> AsyncIterator[Station]:
    """Run the relay as long as the context lasts."""
    said = config.relay
    async with AsyncExitStack() as stack:
        bars = Bars(site.store)
        stack.push_async_callback(bars.close)
        await bars.open()
        house = House(rights(config), site.revoked, site.scribe.note, bars.lfdis)
        made = Spool(said.queue, waiting=said.waiting, share=partial(_share, house, said), room=said.room)
        spool = await stack.enter_async_context(made)
        levels = Levels()
        levels.take(said.below)
        hooks = _hooks(house, levels, said)
        board = levels.board = Board(said.domain, lambda: token_urlsafe(18), hooks, limits(config), spool)
        guard = tls.Guard(files(config), relay.ALPN, standing=house.standing, hear=site.store.current)
        station = Station(config, guard, house, board, spool, Shown(site.meter), levels)
        hooks.note, bars.fallen = station.note, station.put_out
        if said.notices:
            station.herald = Herald(station, sealer(config), site.now, token_bytes)
        site.revoked.listeners.append(station.heard)
        stack.callback(site.revoked.listeners.remove, station.heard)
        await _listen(station, held, stack)
        if config.upstream.host:
            levels.ascent = Ascent(board, config.upstream.domain or config.upstream.host)
            climbing = asyncio.create_task(_climb(station, levels.ascent))
            stack.push_async_callback(chores.cancelled, climbing)
        yield station


def _hooks(house: House, levels: Levels, said: Section) -> Hooks:
    """Who is asked on the way of a stanza."""
    keeps = said.expires > 0
    return Hooks(
        allowed=house.allowed, keeps=lambda _: keeps, speaks=levels.speaks, elsewhere=levels.elsewhere,
        hub=house.hub,
    )  # fmt: skip


def _share(house: House, said: Section, of: Record | None) -> int:
    """How many bytes may wait for a session, or for an account."""
    hub = of is not None and house.hub(Identity(of.lfdi, of.owner.partition("/")[0]))
    return max(said.room // (HUB if hub else SHARE), said.stanza)


async def _climb(station: Station, ascent: Ascent) -> None:
    """Stay connected with the relay above."""
    said = station.config.upstream

    def context() -> ssl.SSLContext:
        own = station.config.relay
        return climb.client(said.roots, own.certificate, own.key)

    place = Place(said.host, said.port, ascent.above)
    await climb.climb(place, context, ascent, SystemRandom().random)


async def _listen(station: Station, held: Held, stack: AsyncExitStack) -> None:
    """Take connections, and count."""
    direct, clear = (tuple(map(sockets.again, held.get(name, ()))) for name in ("direct", "relay"))
    station.relay = await relay.serve(
        direct,
        station.guard,
        station.board,
        station.house.standing,
        clear=clear,
        bounds=bounds(station.config),
    )
    stack.push_async_callback(station.relay.stop)
    station.put_out()
    counting = asyncio.create_task(station.count())
    stack.push_async_callback(chores.cancelled, counting)
    journal.logger(part="relay").info("relaying", domain=station.domain, sessions=len(station.board.sessions))


# ------------------------------------------------------------------------------- what the configuration says


def files(config: Config) -> tls.Files:
    """Where the relay's certificates lie, and whom it trusts."""
    said, trust = config.relay, config.trust
    return tls.Files(said.certificate, said.key, trust.devices, trust.operators, said.roots)


def rights(config: Config) -> Rights:
    """Who may talk to whom."""
    said = config.relay
    rows = (Right(row.senders, row.recipients, row.kinds) for row in said.rights)
    return Rights(rows, said.groups, said.endpoints or (own(config.https.certificate.read_bytes()),))


def own(pem: bytes) -> str:
    """The LFDI of a certificate of ours."""
    first = x509.load_pem_x509_certificates(pem)[0]
    return identity.lfdi(first.public_bytes(Encoding.DER))


def sealer(config: Config) -> Sealer:
    """Who seals what the relay itself says; ValueError where its key cannot."""
    key = load_pem_private_key(config.relay.key.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{config.relay.key} is no key of an elliptic curve")  # noqa: TRY004 - what is in a file is a value
    return Sealer(own(config.relay.certificate.read_bytes()), key)


def limits(config: Config) -> Limits:
    """How much a session may have."""
    said = config.relay
    return Limits(
        after=said.stanza, sessions=said.sessions, resume=int(said.resume), offline=said.waiting,
        expiry=float(said.expires),
    )  # fmt: skip


def bounds(config: Config) -> Bounds:
    """How much a connection may have."""
    said = config.relay
    return Bounds(
        login=said.login, idle=said.idle, rate=float(said.rate), burst=2.0 * said.rate, address=said.address,
        connections=said.connections,
    )  # fmt: skip
