"""One session: an identity with a resource, its connection or the wait for one, and what XEP-0198 counts.

It outlives its connection where it can be resumed. Counters are plain numbers; the wire has them modulo 2^32.
It holds no stanza: those stand in the queue until they are confirmed. It decides nothing.
"""

from __future__ import annotations

from collections import deque
from math import inf
from typing import Protocol

from bridge.xmpp import answer
from bridge.xmpp.address import Address
from bridge.xmpp.fault import Broken
from bridge.xmpp.hooks import Identity
from bridge.xmpp.queue import Record

WRAP = 1 << 32


class Link(Protocol):
    """The connection of a session."""

    @property
    def full(self) -> bool:
        """Whether its client is behind with taking what it was sent."""
        ...

    @property
    def choked(self) -> bool:
        """Whether it is so far behind that nothing more is sent."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes."""
        ...

    def fail(self, fault: Broken) -> None:
        """End the stream with an error."""
        ...

    def wait(self, other: Link) -> None:
        """Read no more until another connection has caught up."""
        ...


class Session:
    """A session of a bound resource."""

    __slots__ = (
        "acked", "acks", "address", "asked", "directed", "full", "heard", "hub", "identity", "kept", "link",
        "opened", "priority", "resumable", "sent", "stamp", "token", "tracked", "until", "waiting",
    )  # fmt: skip

    def __init__(self, identity: Identity, address: Address, link: Link | None, opened: float) -> None:
        self.identity = identity
        self.address = address
        self.full = address.full
        self.stamp = answer.stamp(address.full)
        self.link = link
        self.opened = opened
        self.priority: int | None = None
        """Of its presence; None where it is not available."""
        self.directed: set[str] = set()
        """Whom it has sent its presence to."""
        self.tracked = self.resumable = self.hub = False
        """Whether stanzas are counted; whether it can be resumed; whether it is the bridge's own."""
        self.token = ""
        """SHA-256 of the secret that it is resumed by."""
        self.heard = self.kept = 0
        """Stanzas taken from the client, and the number of these that the queue was told."""
        self.sent = self.acked = 0
        """Stanzas for the client, and how many of them it has confirmed."""
        self.asked = False
        """Whether the client owes us a confirmation."""
        self.waiting: deque[tuple[int, bytes]] = deque()
        """Stanzas that are sent once their ticket is durable."""
        self.acks: deque[tuple[int, bytes]] = deque()
        """Confirmations that are sent once their ticket is durable."""
        self.until = inf
        """When it ends unless it is resumed."""

    def record(self) -> Record:
        """What of it survives a restart."""
        return Record(
            self.full, self.token, self.identity.lfdi, self.until, self.heard, self.acked, self.priority
        )


def confirmed(session: Session, said: int) -> int | None:
    """How many stanzas a client confirms by a counter; None where it confirms more than there were."""
    more = (said - session.acked) % WRAP
    return more if more <= session.sent - session.acked else None
