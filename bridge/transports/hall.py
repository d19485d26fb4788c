"""What all connections of one listener share: who is connected, what is remembered, what time it is.

It counts connections, in all, for each address and for each peer, lets the longest idle one go where a peer
has too many, and looks around a few times a second for those that are late. It holds no request and speaks no
HTTP.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from bridge.sep2.talk import Peer
from bridge.transports import heads
from bridge.transports.heads import Head
from bridge.transports.line import Line, Noting, Plain

if TYPE_CHECKING:
    from bridge.transports.limits import Limits
    from bridge.transports.office import Office
    from bridge.transports.tls import Guard
    from bridge.transports.wire import Wire

LOG = structlog.get_logger("derbridge.http")
SPELLINGS, SPELLING = 4096, 1024
"""How many spellings of plain requests, and of heads, are remembered, and how long one is at most."""
LOOKS = 4
"""How often the shortest deadline is looked at while it runs."""

Standing = Callable[[Peer], bool]


class Hall:
    """The house of wires and lines."""

    def __init__(self, guard: Guard, office: Office, standing: Standing, limits: Limits) -> None:
        loop = asyncio.get_running_loop()
        self.guard = guard
        self.limits = limits
        self.standing = standing
        self.pages = office.pages
        self.dates = office.dates
        self.now = office.now
        self.serve = office.serve
        self.time = loop.time
        self.idle = self.time() + limits.idle
        self.plain: dict[bytes, Plain] = {}
        self.wires: dict[Wire, Line | None] = {}
        self.stopping = False
        self.noting: Noting | None = None
        self.office = office
        self._heads: dict[bytes, Head] = {}
        self._peers: dict[str, list[Wire]] = {}
        self._addresses: Counter[bytes] = Counter()
        self._empty = asyncio.Event()
        self._tick = min(1.0, min(limits.first, limits.head, limits.body, limits.idle, limits.linger) / LOOKS)
        self._looking = loop.call_later(self._tick, self._look)

    def enter(self, wire: Wire) -> bool:
        """Count a connection in, if there is room."""
        if self.stopping or len(self.wires) >= self.limits.connections:
            return False
        if self._addresses[wire.address] >= self.limits.address:
            LOG.info("connection refused", reason="too many of one address", peer=wire.name())
            return False
        self._addresses[wire.address] += 1
        self.wires[wire] = None
        return True

    def admit(self, wire: Wire) -> Line | None:
        """Give a connection its line; its peer's longest idle one makes room if there are too many."""
        if not self.standing(wire.peer):
            LOG.info("connection refused", reason="access is withdrawn", lfdi=wire.peer.lfdi)
            return None
        mates = self._peers.setdefault(wire.peer.lfdi, [])
        if len(mates) >= self.limits.peer:
            if (oldest := min(filter(self._spare, mates), key=_due, default=None)) is None:
                LOG.info("connection refused", reason="too many of one peer", lfdi=wire.peer.lfdi)
                return None
            oldest.close()
            mates.remove(oldest)
        mates.append(wire)
        line = self.wires[wire] = Line(self, wire)
        return line

    def leave(self, wire: Wire) -> None:
        """Count a connection out."""
        if wire not in self.wires:
            return
        line = self.wires.pop(wire)
        self._addresses[wire.address] -= 1
        if not self._addresses[wire.address]:
            del self._addresses[wire.address]
        if not self.wires:
            self._empty.set()
        if line is None:
            return
        mates = self._peers.get(wire.peer.lfdi, [])
        if wire in mates:
            mates.remove(wire)
        if not mates:
            self._peers.pop(wire.peer.lfdi, None)

    def stands(self, wire: Wire, now: float) -> bool:
        """Whether a peer may go on: its certificates, those we trust by now, and what the app says."""
        if wire.edition != self.guard.edition and not wire.judge():
            return False
        return now < wire.ends and self.standing(wire.peer)

    def learn(self, raw: bytes, plain: Plain) -> None:
        """Remember what the bytes of a plain request ask for."""
        if len(raw) <= SPELLING:
            if len(self.plain) >= SPELLINGS:
                self.plain.clear()
            self.plain[raw] = plain

    def judge(self, data: bytes) -> Head:
        """Judge a head; the verdict on one that passes is remembered, as devices say the same again."""
        if (head := self._heads.get(data)) is not None:
            return head
        head = heads.judge(data, self.limits)
        if len(data) <= SPELLING and head.fault is None:
            if len(self._heads) >= SPELLINGS:
                self._heads.clear()
            self._heads[data] = head
        return head

    async def stop(self, grace: float) -> None:
        """End idle connections now, the others after their answers, and what is left after the grace."""
        self.stopping = self.office.stopping = True
        self._empty.clear()
        for wire, line in tuple(self.wires.items()):
            if line is None:
                wire.abort()
            else:
                line.stop()
        with suppress(TimeoutError):
            if self.wires:
                await asyncio.wait_for(self._empty.wait(), grace)
        await self.office.close()
        for wire in tuple(self.wires):
            wire.abort()
        self._looking.cancel()

    def _spare(self, wire: Wire) -> bool:
        line = self.wires.get(wire)
        return line is not None and not line.busy

    def _look(self) -> None:
        """Let go of those that are late."""
        now = self.time()
        self.idle = now + self.limits.idle
        for wire in [wire for wire in self.wires if wire.due < now]:
            wire.late()
        self._looking = asyncio.get_running_loop().call_later(self._tick, self._look)


def _due(wire: Wire) -> float:
    return wire.due
