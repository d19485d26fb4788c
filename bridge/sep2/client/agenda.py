"""What is to be done and when: one moment for each thing, asked for in the order of the moments.

Setting a thing anew moves it. Things of one moment come in the order in which they were set, so that the
same course of events always gives the same requests. Knows no clock and not what its things are.
"""

from __future__ import annotations

from heapq import heappop, heappush

NEVER = float("inf")
Key = tuple[str, ...]
"""What is to be done, and for whom or with what."""


class Agenda:
    """Things with their moments."""

    def __init__(self) -> None:
        self._at: dict[Key, tuple[float, int]] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._count = 0

    def set(self, key: Key, at: float) -> None:
        """Put a thing at a moment, wherever it was."""
        self._count += 1
        self._at[key] = at, self._count
        heappush(self._heap, (at, self._count, key))

    def soon(self, key: Key, at: float) -> None:
        """Put a thing at a moment unless it comes before that."""
        if key not in self._at or at < self._at[key][0]:
            self.set(key, at)

    def drop(self, key: Key) -> None:
        """Take a thing off."""
        self._at.pop(key, None)

    def __contains__(self, key: Key) -> bool:
        return key in self._at

    def next(self) -> float:
        """Give the moment of the next thing."""
        while self._heap:
            at, count, key = self._heap[0]
            if self._at.get(key) == (at, count):
                return at
            heappop(self._heap)
        return NEVER

    def pop(self, now: float) -> Key | None:
        """Take the next thing off if its moment has come."""
        if self.next() > now:
            return None
        key = heappop(self._heap)[2]
        del self._at[key]
        return key
