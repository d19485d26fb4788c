"""A server with its clients, and the ears of one of them: what the cases of the suite are made of.

Every wait is for something to happen, with a generous limit.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from bridge.transports import tls
from bridge.transports.link import Link, context
from bridge.transports.post import Bounds, Denied, Ears, Incoming
from bridge.transports.stream import Door
from bridge.xmpp.letter import Letter
from peers.relays.pki import DOMAIN, Pki
from peers.relays.servers import Server

LIMIT = 20.0


@dataclass
class Box:
    """Somebody's ears, and all that came to them."""

    came: list[Incoming] = field(default_factory=list)
    presence: list[tuple[str, bool]] = field(default_factory=list)
    bounced: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    upon: Callable[[], None] = lambda: None
    """Called with each message."""

    @property
    def ears(self) -> Ears:
        """For a link."""
        return Ears(self._receive, self._presence, self._bounced, self._told)

    async def until(self, seen: Callable[[], object]) -> None:
        """Wait until something was seen."""
        async with asyncio.timeout(LIMIT):
            while not seen():
                self.changed.clear()
                await self.changed.wait()

    async def _receive(self, incoming: Incoming) -> Letter:
        self.came.append(incoming)
        self.upon()
        self.changed.set()
        return Letter(b"heard " + incoming.letter.octets)

    def _presence(self, address: str, there: bool) -> None:  # noqa: FBT001 - as a link calls it
        self.presence.append((address, there))
        self.changed.set()

    def _bounced(self, _to: str, _name: str, why: Denied) -> None:
        self.bounced.append(why.condition)
        self.changed.set()

    def _told(self, event: str, _why: str) -> None:
        self.told.append(event)
        self.changed.set()


@dataclass
class Place:
    """A server with its clients' certificates."""

    server: Server
    pki: Pki
    revoke: Callable[[Server, Pki, str], None]
    """Shut a client out that is not yet."""

    def address(self, name: str) -> str:
        """A client's full address."""
        return f"{self.pki.device.lower() if name == 'device' else name}@{DOMAIN}/IEC"

    def context(self, name: str) -> ssl.SSLContext:
        """A client's side of TLS; without a certificate for nobody."""
        if name == "nobody":
            return tls.client((self.pki.operator,))
        return context((self.pki.operator,), *self.pki.client(name))

    @asynccontextmanager
    async def link(
        self, name: str, box: Box, *, port: int = 0, direct: bool = False, identity: str = ""
    ) -> AsyncIterator[Link]:
        """A client's session."""
        where = port or (self.server.direct if direct else self.server.port)
        address = self.address("ems" if name == "nobody" else name)
        door = Door(address, "127.0.0.1", where, direct, identity)
        bounds = Bounds(login=LIMIT, answer=3 * LIMIT, shortest=0.05, longest=1.0, attempts=20)
        async with Link(door, partial(self.context, name), box.ears, bounds) as link:
            yield link
