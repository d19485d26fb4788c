"""The relay's listener: XMPP for clients with certificates, over direct TLS (XEP-0368) and STARTTLS.

It is given sockets that are bound, and a board that knows what becomes of stanzas; it counts connections,
looks around for those that are late or stand no more, and stops so that sessions can be resumed. One process
serves one domain.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bridge.transports.berth import Berth
from bridge.transports.bounds import Bounds
from bridge.transports.census import Census
from bridge.transports.clear import Clear
from bridge.transports.limits import Limits
from bridge.transports.wire import Wire
from bridge.xmpp.fault import Broken

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from bridge.sep2.talk import Peer
    from bridge.transports.tls import Guard
    from bridge.xmpp.board import Board
    from bridge.xmpp.hooks import Figures, Identity

ALPN = "xmpp-client"
"""What a guard for a relay speaks."""
BACKLOG = 1024
LOOKS = 4
"""How often the shortest deadline is looked at while it runs."""
LOG = structlog.get_logger("derbridge.relay")


class Relay:
    """A relay that runs."""

    def __init__(self, guard: Guard, board: Board, bounds: Bounds, now: Callable[[], float]) -> None:
        loop = asyncio.get_running_loop()
        self.guard = guard
        self.board = board
        self.bounds = bounds
        self.limits = Limits(
            first=bounds.login, stall=bounds.stall, linger=bounds.linger,
            address=bounds.address, connections=bounds.connections,
        )  # fmt: skip
        """What wires are held to."""
        self.now = now
        self.moment = now()
        """What time it is in this turn."""
        self.time = loop.time
        self.port = self.clear = 0
        """The ports: of direct TLS, and of STARTTLS."""
        self.servers: list[asyncio.Server] = []
        self._wires: dict[Wire | Clear, Berth | None] = {}
        self._census = Census(self.limits)
        self._dirty: list[Berth] = []
        self._stopping = False
        self._empty = asyncio.Event()
        self._tick = min(1.0, min(bounds.login, bounds.idle, bounds.answer, bounds.linger) / LOOKS)
        self._looking = loop.call_later(self._tick, self._look)

    @property
    def connections(self) -> int:
        """How many connections there are."""
        return len(self._wires)

    @property
    def figures(self) -> Figures:
        """What has happened so far."""
        return self.board.figures

    def kick(self, whom: Callable[[Identity], bool], reason: str) -> int:
        """End all sessions of some identities at once; say how many."""
        found = self.board.kick(whom, reason, self.now())
        self.flush()
        return found

    async def stop(self, grace: float = 5.0) -> None:
        """Take no more connections, tell everybody, and end; sessions that can be resumed are kept."""
        self._stopping = True
        for server in self.servers:
            server.close()
        self._empty.clear()
        for wire, berth in tuple(self._wires.items()):
            fault = Broken("system-shutdown")
            if berth is not None:
                berth.stream.stop(fault, self.now())
            elif isinstance(wire, Clear):
                wire.stop(fault)
            else:
                wire.abort()
        self.flush()
        with suppress(TimeoutError):
            if self._wires:
                await asyncio.wait_for(self._empty.wait(), grace)
        for wire in tuple(self._wires):
            wire.abort()
        self._looking.cancel()
        for server in self.servers:
            await server.wait_closed()

    # ----------------------------------------------------------------------------- for connections

    def enter(self, wire: Wire | Clear) -> bool:
        """Count a connection in, if there is room."""
        self.guard.hear()
        if self._stopping:
            return False
        if reason := self._census.enter(wire.address):
            LOG.info("connection refused", reason=reason, peer=wire.name())
            return False
        self._wires[wire] = None
        return True

    def admit(self, wire: Wire) -> Berth:
        """Give a connection whose peer is known its place; `tls.Refused` where it is revoked by now."""
        self.guard.admit(wire.peer)
        berth = self._wires[wire] = Berth(self, wire)
        return berth

    def leave(self, wire: Wire | Clear) -> None:
        """Count a connection out."""
        if wire not in self._wires:
            return
        del self._wires[wire]
        self._census.leave(wire.address)
        if not self._wires:
            self._empty.set()

    def dirty(self, berth: Berth) -> None:
        """Remember who has something to send; what is said outside of a turn is sent soon."""
        if not self._dirty:
            asyncio.get_running_loop().call_soon(self.flush)
        self._dirty.append(berth)

    def flush(self) -> None:
        """Send what was said in this turn."""
        while self._dirty:
            self._dirty.pop().flush()

    # -------------------------------------------------------------------------------------- inside

    def _look(self) -> None:
        """Let go of those that are late, or that stand no more."""
        time, self.moment = self.time(), self.now()
        for wire in [wire for wire in self._wires if wire.due < time]:
            wire.late()
        for berth in [one for one in self._wires.values() if one is not None and not one.stands()]:
            berth.stream.fail(Broken("not-authorized", "access is withdrawn"))
        self.board.tick(self.moment)
        self.flush()
        self._looking = asyncio.get_running_loop().call_later(self._tick, self._look)


async def serve(
    sockets: Sequence[socket.socket],
    guard: Guard,
    board: Board,
    standing: Callable[[Peer], bool],
    *,
    clear: Sequence[socket.socket] = (),
    bounds: Bounds | None = None,
    now: Callable[[], float] = time.time,
) -> Relay:
    """Listen on sockets that are bound: with TLS from the first byte on `sockets`, STARTTLS on `clear`.

    `standing` says of a peer, in its handshake and before each stanza, whether it may still go on; the guard
    is the relay's own from now on.
    """
    board.load(now())
    guard.standing = standing
    found = Relay(guard, board, bounds or Bounds(), now)
    loop = asyncio.get_running_loop()
    for kind, group in ((Wire, sockets), (Clear, clear)):
        for one in group:
            server = await loop.create_server(partial(kind, found), sock=one, backlog=BACKLOG)
            found.servers.append(server)
    found.port, found.clear = _port(sockets), _port(clear)
    return found


def _port(sockets: Sequence[socket.socket]) -> int:
    return int(sockets[0].getsockname()[1]) if sockets else 0
