"""What of the relay has to survive a restart: messages kept for somebody, and sessions that can be resumed.

`Queue` is the port; the board (board.py) writes to it and never waits for it. All that is called in one turn
of the shell becomes durable together or not at all, and the queue says up to which ticket it did. XEP-0198
counters are plain numbers here, without their wrap. `Memory` forgets all with the process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from math import inf
from typing import NamedTuple, Protocol

NEVER = inf
"""When a session's stanzas expire: they stay until they are confirmed, or it ends."""


class Full(Exception):
    """No more is taken for this owner, or nothing more at all."""


class Kept(NamedTuple):
    """A stanza that waits."""

    seq: int
    stanza: bytes
    """As it goes to its recipient, `from` stamped, without delay stamp."""
    at: float
    """When it came in, in seconds since 1970."""
    expires: float


class Record(NamedTuple):
    """A session that can be resumed."""

    owner: str
    """Its full JID."""
    token: str
    """SHA-256 of the secret it is resumed by, in hexadecimal digits."""
    lfdi: str
    """Of the certificate, which alone may resume it."""
    until: float
    """When it ends unless it is resumed, in seconds since 1970; inf while its client is connected."""
    heard: int = 0
    """Stanzas taken from the client."""
    acked: int = 0
    """Stanzas that the client has confirmed; what is kept follows them without a gap."""
    priority: int | None = None
    """Of its presence; None where it is not available."""


class Queue(Protocol):
    """The port. An owner is the bare JID of an account, or the full JID of a session."""

    durable: int
    """The highest ticket of what survives a restart."""
    told: Callable[[int], None] | None
    """Called with `durable` each time it has grown, in a turn of its own; the board sets it."""

    def latest(self) -> int:
        """Give the ticket of the last change that was called for."""
        ...

    def put(self, owner: str, seq: int, stanza: bytes, at: float, expires: float) -> int:
        """Keep a stanza, and give its ticket; Full where it is too much."""
        ...

    def drop(self, owner: str, upto: int) -> None:
        """Forget what an owner has up to a number; a record's `acked` becomes that number."""
        ...

    def after(self, owner: str, seq: int) -> Sequence[Kept]:
        """Give what an owner has after a number, in order; what was put in this turn, too."""
        ...

    def count(self, owner: str) -> int:
        """Say how many stanzas an owner has."""
        ...

    def last(self, owner: str) -> int:
        """Give the highest number that an owner has, 0 for none."""
        ...

    def open(self, record: Record) -> int:
        """Keep a record, or put it in the place of the one of this owner; give the ticket."""
        ...

    def heard(self, owner: str, count: int) -> int:
        """Set how many stanzas a session has been heard to send; give the ticket."""
        ...

    def close(self, owner: str) -> None:
        """Forget an owner: record and stanzas."""
        ...

    def records(self) -> Sequence[Record]:
        """Give all records, as the relay starts."""
        ...

    def sweep(self, now: float) -> int:
        """Forget stanzas that have expired, and say how many; those of sessions have no end (inf)."""
        ...


class Memory:
    """A queue that survives nothing, so that everything is as durable as it gets at once."""

    def __init__(self, most: int = 16_777_216) -> None:
        self.durable = 0
        self.told: Callable[[int], None] | None = None
        self._most = most
        """Bytes for one owner."""
        self._kept: dict[str, deque[Kept]] = {}
        self._bytes: dict[str, int] = {}
        self._records: dict[str, Record] = {}

    def latest(self) -> int:
        """Nothing is ever waited for."""
        return 0

    def put(self, owner: str, seq: int, stanza: bytes, at: float, expires: float) -> int:
        """Keep a stanza."""
        size = self._bytes.get(owner, 0) + len(stanza)
        if size > self._most:
            raise Full(owner)
        self._bytes[owner] = size
        kept = self._kept.get(owner)
        if kept is None:
            kept = self._kept[owner] = deque()
        kept.append(Kept(seq, stanza, at, expires))
        return 0

    def drop(self, owner: str, upto: int) -> None:
        """Forget what an owner has up to a number."""
        kept = self._kept.get(owner)
        while kept and kept[0].seq <= upto:
            self._bytes[owner] -= len(kept.popleft().stanza)
        if owner in self._records:
            self._records[owner] = self._records[owner]._replace(acked=upto)
        elif not kept:
            self._forget(owner)

    def after(self, owner: str, seq: int) -> Sequence[Kept]:
        """Give what an owner has after a number."""
        return [one for one in self._kept.get(owner, ()) if one.seq > seq]

    def count(self, owner: str) -> int:
        """Say how many stanzas an owner has."""
        return len(self._kept.get(owner, ()))

    def last(self, owner: str) -> int:
        """Give the highest number that an owner has."""
        kept = self._kept.get(owner)
        return kept[-1].seq if kept else 0

    def open(self, record: Record) -> int:
        """Keep a record."""
        self._records[record.owner] = record
        return 0

    def heard(self, owner: str, count: int) -> int:
        """Set how many stanzas a session has been heard to send."""
        self._records[owner] = self._records[owner]._replace(heard=count)
        return 0

    def close(self, owner: str) -> None:
        """Forget an owner."""
        self._records.pop(owner, None)
        self._forget(owner)

    def records(self) -> Sequence[Record]:
        """Give all records."""
        return list(self._records.values())

    def sweep(self, now: float) -> int:
        """Forget stanzas that have expired."""
        gone = 0
        for owner, kept in tuple(self._kept.items()):
            left = deque(one for one in kept if one.expires > now)
            if len(left) < len(kept):
                gone += len(kept) - len(left)
                self._kept[owner] = left
                self._bytes[owner] = sum(len(one.stanza) for one in left)
            if not left and owner not in self._records:
                self._forget(owner)
        return gone

    def _forget(self, owner: str) -> None:
        self._kept.pop(owner, None)
        self._bytes.pop(owner, None)
