"""Reports of one block that wait to be sent: a queue for an unbuffered block, a shelf for a buffered one.

The shelf is a window on a block's kept entries: numbers without holes, the oldest given up when there is no
more room, and a place up to which the client has them. Entries given up before they were sent are an
overflow, told once (IEC 61850-7-2, BufOvfl). It never sends what would not survive.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from bridge.iec61850.buffer import Buffer, Entry, Held
from bridge.iec61850.rcb.content import packed, unpacked
from bridge.iec61850.rcb.gathering import Content

NOWHERE = bytes(8)
"""The EntryID of no entry."""


class Most(NamedTuple):
    """What a buffered block keeps at most."""

    entries: int
    octets: int
    """Of all of them; the last one is kept whatever it takes."""


class Sizes:
    """The octets of the entries of a block, in four each: there may be thousands of blocks."""

    def __init__(self, each: Iterable[int]) -> None:
        self._each = array("I", each)
        self._first = 0
        self._total = sum(self._each)

    def add(self, size: int) -> None:
        """Take note of one more."""
        self._each.append(size)
        self._total += size

    def excess(self, most: Most) -> int:
        """Give how many have to go, the oldest first, and forget them."""
        gone, count = 0, len(self._each) - self._first
        while count - gone > most.entries or (self._total > most.octets and count - gone > 1):
            self._total -= self._each[self._first + gone]
            gone += 1
        self._first += gone
        if self._first > len(self._each) // 2:
            del self._each[: self._first]
            self._first = 0
        return gone


class Waiting(NamedTuple):
    """A report to be sent."""

    at: float
    content: Content
    entry: bytes = NOWHERE
    overflow: bool = False


class Queue:
    """Reports that nobody keeps."""

    def __init__(self) -> None:
        self._waiting: deque[Waiting] = deque()

    @property
    def ready(self) -> bool:
        """Whether there is something to send."""
        return bool(self._waiting)

    def add(self, content: Content, at: float) -> None:
        """Have a report sent."""
        self._waiting.append(Waiting(at, content))

    def take(self) -> Waiting | None:
        """Give the next report."""
        return self._waiting.popleft() if self._waiting else None

    def empty(self) -> None:
        """Forget what was not sent."""
        self._waiting.clear()


class Shelf:
    """Reports that are kept; `sent` is the number up to which the client has them."""

    def __init__(self, buffer: Buffer, block: str, held: Held, most: Most) -> None:
        self._buffer = buffer
        self._block = block
        self._most = most
        self._sizes = Sizes(buffer.sizes(block))
        self.first, self.last, self.overflow = held.first, held.last, held.overflow
        self.sent = self.first - 1
        self._ahead: deque[Entry] = deque()

    @property
    def ready(self) -> bool:
        """Whether there is something to send that is kept safely."""
        return self._buffer.kept(self._block) > max(self.sent, self.first - 1)

    def add(self, content: Content, at: float) -> None:
        """Keep a report; the oldest goes where there is no room."""
        self.last += 1
        body = packed(content)
        self._buffer.append(Entry(self._block, self.last, at, body))
        self._sizes.add(len(body))
        gone = self._sizes.excess(self._most)
        if gone:
            self.overflow = self.overflow or self.first + gone - 1 > self.sent
            self._buffer.drop(self._block, self.first + gone - 1, overflow=self.overflow)
            self.first += gone

    def seek(self, wanted: bytes) -> None:
        """Go on after an entry; from the oldest where it is none of those that are there."""
        number = int.from_bytes(wanted, "big")
        known = self.first - 1 <= number <= self.last
        self.sent = number if known else self.first - 1
        self._ahead.clear()
        if number:
            self._note(overflow=not known)

    def take(self) -> Waiting | None:
        """Give the next report, once it is kept safely."""
        while self._ahead and self._ahead[0].number < self.first:
            self._ahead.popleft()
        if not self._ahead:
            self._ahead.extend(self._buffer.after(self._block, max(self.sent, self.first - 1), AHEAD))
        if not self._ahead:
            return None
        entry = self._ahead.popleft()
        self.sent = entry.number
        return Waiting(entry.at, unpacked(entry.body), identity(entry.number), self.overflow)

    def told(self) -> None:
        """The client knows of the overflow."""
        self._note(overflow=False)

    def empty(self) -> None:
        """Forget every entry, for good."""
        self._ahead.clear()
        self._sizes = Sizes(())
        self.first, self.sent, self.overflow = self.last + 1, self.last, False
        self._buffer.drop(self._block, self.last, overflow=False)

    def _note(self, *, overflow: bool) -> None:
        if overflow != self.overflow:
            self.overflow = overflow
            self._buffer.drop(self._block, self.first - 1, overflow=overflow)


AHEAD = 64
"""Entries that are read at once."""


def identity(number: int) -> bytes:
    """The EntryID of a number."""
    return number.to_bytes(8, "big")
