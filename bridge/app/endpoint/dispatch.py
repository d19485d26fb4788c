"""Messages under way from the endpoint to its peers: how many, and what becomes of those that find no way.

A peer that has many under way is busy: what is buffered for it waits where it is kept. What cannot wait goes
on; past a limit, or when a message cannot be sent, the peer is lost. Says nothing of what a message holds.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from bridge.app.endpoint.house import Carrier
from bridge.iec61850.peer import Peer
from bridge.xmpp.letter import Letter

MOST = 1_024
"""Messages under way to one peer; a peer with more is lost."""
MANY = 128
"""Messages under way to one peer past which what is buffered for it waits."""
LOG = structlog.get_logger("derbridge")


@dataclass(slots=True, repr=False)
class Dispatch:
    """What is under way."""

    gone: Callable[[Peer], None]
    """Told of a peer that is lost."""
    free: Callable[[], None]
    """Told when a peer is busy no more."""
    _under_way: Counter[str] = field(default_factory=Counter)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def busy(self, peer: Peer) -> bool:
        """Whether so much is under way to a peer that what is buffered waits."""
        return self._under_way[peer.jid] >= MANY

    def send(self, link: Carrier | None, peer: Peer, what: Letter) -> None:
        """Send a message by itself."""
        if link is None or self._under_way[peer.jid] >= MOST:
            self.gone(peer)
            return
        self._under_way[peer.jid] += 1
        task = asyncio.ensure_future(self._sent(link, peer, what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _sent(self, link: Carrier, peer: Peer, what: Letter) -> None:
        """Send a message; whoever cannot be told is lost, so that nobody takes silence for rest."""
        try:
            await link.send(peer.jid, "message", what)
        except Exception as error:  # noqa: BLE001 - whatever it was, the peer was not told
            LOG.info("not told", part="iec61850", to=peer.jid, reason=str(error)[:200])
            self.gone(peer)
        finally:
            left = self._under_way[peer.jid] = self._under_way[peer.jid] - 1
            if not left:
                del self._under_way[peer.jid]
            if left == MANY - 1:
                self.free()

    async def close(self) -> None:
        """End what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
