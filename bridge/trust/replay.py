"""What keeps a sealed message from being taken twice: nonces while they live, and a mark for ever.

The nonces of messages that are alive are kept in memory, and fill up rather than forget. The mark, the
highest sequence of a sender that was taken, outlives a restart: so does what it is kept in. Moments are
arguments; nothing is kept of a message whose signature was not proved.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Protocol

from bridge.trust.refusal import Reason, Refused

MOST, SHARE = 1_048_576, 65_536
"""How many nonces are kept, and how many of one sender."""


class Nonces:
    """The nonces of messages that are alive, of all senders."""

    def __init__(self, most: int = MOST, share: int = SHARE) -> None:
        self._most, self._share = most, share
        self._known: set[tuple[str, str]] = set()
        self._ends: list[tuple[int, tuple[str, str]]] = []
        self._counts: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._known)

    def take(self, sender: str, nonce: str, until: int, now: int) -> None:
        """Keep a nonce until a moment; Refused where it is known, or there is no room."""
        self._forget(now)
        pair, count = (sender, nonce), self._counts.get(sender, 0)
        if pair in self._known:
            raise Refused(Reason.REPLAY, sender)
        if count >= self._share or len(self._known) >= self._most:
            raise Refused(Reason.FULL, sender)
        self._known.add(pair)
        self._counts[sender] = count + 1
        heappush(self._ends, (until, pair))

    def _forget(self, now: int) -> None:
        while self._ends and self._ends[0][0] <= now:
            _, pair = heappop(self._ends)
            self._known.discard(pair)
            if (left := self._counts[pair[0]] - 1) > 0:
                self._counts[pair[0]] = left
            else:
                del self._counts[pair[0]]


class Marks(Protocol):
    """The highest sequence of each sender that was taken, kept so that a restart does not lower it."""

    async def advance(self, sender: str, recipient: str, sequence: int) -> bool:
        """Raise a mark, durably, and say so; False, with nothing changed, where it is as high already."""
        ...


class Levels:
    """Marks in memory, for a process that takes nothing after its end."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], int] = {}

    async def advance(self, sender: str, recipient: str, sequence: int) -> bool:
        """Raise a mark, and say so."""
        if sequence <= self._known.get((sender, recipient), 0):
            return False
        self._known[sender, recipient] = sequence
        return True
