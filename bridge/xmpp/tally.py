"""The counts of one managed stream, on the client's side: what is not yet acknowledged, and what came.

XEP-0198 clause 4 and 5. Stanzas are acknowledged once they are dealt with, not when they come, so that what a
crash loses is sent again. After a cut both ends go on at the counts of each other; what comes twice because
of it is counted out here. It neither sends nor waits.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

WRAP = 2**32
"""Counts are modulo this."""
T = TypeVar("T")


class Overdrawn(Exception):
    """The other end acknowledged more than it was sent."""


class Tally(Generic[T]):
    """Both directions of one session, for as long as it can be resumed."""

    def __init__(self) -> None:
        self.kept: deque[T] = deque()
        """Sent and not acknowledged, oldest first."""
        self._acked = 0
        self._came = 0
        self._done = 0
        self._early: set[int] = set()
        """Dealt with before an older one was."""
        self._again = 0
        """How many come once more, since the other end was told of fewer."""

    @property
    def handled(self) -> int:
        """What `h` says: all up to this one are dealt with."""
        return self._done % WRAP

    @property
    def behind(self) -> bool:
        """Whether more came than is dealt with."""
        return self._came > self._done

    def sent(self, stanza: T) -> None:
        """Note a stanza that goes out."""
        self.kept.append(stanza)

    def acked(self, h: int) -> list[T]:
        """Take an acknowledgement, and give what it is for."""
        count = (h - self._acked) % WRAP
        if count > len(self.kept):
            raise Overdrawn(f"{count} stanzas acknowledged where {len(self.kept)} are open")
        self._acked = h % WRAP
        return [self.kept.popleft() for _ in range(count)]

    def came(self) -> int | None:
        """Note a stanza that came, and give its number; None if it came before."""
        if self._again:
            self._again -= 1
            return None
        self._came += 1
        return self._came

    def done(self, number: int) -> None:
        """Note that a stanza is dealt with."""
        self._early.add(number)
        while self._done + 1 in self._early:
            self._done += 1
            self._early.remove(self._done)

    def resuming(self) -> int:
        """Give the `h` to resume with; from it on, the other end sends again."""
        self._again = self._came - self._done
        return self.handled
