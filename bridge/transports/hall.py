"""What all connections of one listener share that have TLS on them: who is connected, and for how long.

It counts connections, in all, for each network and for each peer, lets the longest idle one go where a peer
has too many, and looks around a few times a second for those that are late. It holds no request and speaks no
HTTP: that is for the guest that it seats at each connection.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import structlog

from bridge.transports.census import Census
from bridge.transports.wire import Above

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.transports.limits import Limits
    from bridge.transports.tls import Guard
    from bridge.transports.wire import Wire

LOG = structlog.get_logger("derbridge.http")
LOOKS = 4
"""How often the shortest deadline is looked at while it runs."""


class Guest(Above, Protocol):
    """What sits at a connection."""

    @property
    def busy(self) -> bool:
        """Whether something is being answered."""
        ...

    def stop(self) -> None:
        """End now, or after the answer that is on its way."""
        ...


class Hall:
    """The house of wires."""

    def __init__(self, guard: Guard, limits: Limits, seat: Callable[[Wire], Guest]) -> None:
        loop = asyncio.get_running_loop()
        self.guard = guard
        self.limits = limits
        self.time = loop.time
        self.idle = self.time() + limits.idle
        self.wires: dict[Wire, Guest | None] = {}
        self.stopping = False
        self.census = Census(limits)
        self._seat = seat
        self._peers: dict[str, list[Wire]] = {}
        self._empty = asyncio.Event()
        self._tick = pace(limits)
        self._looking = loop.call_later(self._tick, self._look)

    def enter(self, wire: Wire) -> bool:
        """Count a connection in, if there is room."""
        self.guard.hear()
        if self.stopping:
            return False
        if reason := self.census.enter(wire.address):
            LOG.info("connection refused", reason=reason, peer=wire.name())
            return False
        self.wires[wire] = None
        return True

    def admit(self, wire: Wire) -> Guest | None:
        """Give a connection its guest; its peer's longest idle one makes room if there are too many.

        `tls.Refused` where the peer was revoked since its certificate was looked at.
        """
        self.guard.admit(wire.peer)
        mates = self._peers.setdefault(wire.peer.lfdi, [])
        if len(mates) >= self.limits.peer:
            if (oldest := min(filter(self._spare, mates), key=_due, default=None)) is None:
                LOG.info("connection refused", reason="too many of one peer", lfdi=wire.peer.lfdi)
                return None
            oldest.close()
            mates.remove(oldest)
        mates.append(wire)
        guest = self.wires[wire] = self._seat(wire)
        return guest

    def leave(self, wire: Wire) -> None:
        """Count a connection out."""
        if wire not in self.wires:
            return
        guest = self.wires.pop(wire)
        self.census.leave(wire.address)
        if not self.wires:
            self._empty.set()
        if guest is None:
            return
        mates = self._peers.get(wire.peer.lfdi, [])
        if wire in mates:
            mates.remove(wire)
        if not mates:
            self._peers.pop(wire.peer.lfdi, None)

    def stands(self, wire: Wire, now: float) -> bool:
        """Whether a peer may go on: its certificates, those we trust by now, and what is revoked."""
        if wire.edition != self.guard.edition and not wire.judge():
            return False
        return now < wire.ends and self.guard.standing(wire.peer)

    async def stop(self, grace: float) -> None:
        """End idle connections now, the others after their answers, and what is left after the grace."""
        self.stopping = True
        self._empty.clear()
        for wire, guest in tuple(self.wires.items()):
            if guest is None:
                wire.abort()
            else:
                guest.stop()
        with suppress(TimeoutError):
            if self.wires:
                await asyncio.wait_for(self._empty.wait(), grace)
        for wire in tuple(self.wires):
            wire.abort()
        self._looking.cancel()

    def _spare(self, wire: Wire) -> bool:
        guest = self.wires.get(wire)
        return guest is not None and not guest.busy

    def _look(self) -> None:
        """Let go of those that are late."""
        now = self.time()
        self.idle = now + self.limits.idle
        for wire in [wire for wire in self.wires if wire.due < now]:
            wire.late()
        self._looking = asyncio.get_running_loop().call_later(self._tick, self._look)


def pace(limits: Limits) -> float:
    """Seconds between two looks for those that are late."""
    return min(1.0, min(limits.first, limits.head, limits.body, limits.idle, limits.linger) / LOOKS)


def _due(wire: Wire) -> float:
    return wire.due
