"""When each block next has something to do by itself: the earliest first, however many there are.

A heap beside a dictionary; what the dictionary no longer says is passed over, and cleared away when it makes
up most of the heap. Time is an argument, never asked for.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

SLACK = 64
"""Entries that may be out of date without being looked at."""


class Timetable:
    """One moment for each name that has one."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []

    def put(self, name: str, at: float | None) -> None:
        """Set the moment of a name, or take it away."""
        if at is None:
            self._due.pop(name, None)
        elif self._due.get(name) != at:
            self._due[name] = at
            heappush(self._heap, (at, name))
            if len(self._heap) > 4 * len(self._due) + SLACK:
                self._heap = [(when, each) for each, when in self._due.items()]
                heapify(self._heap)

    @property
    def first(self) -> float | None:
        """The earliest moment."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def ripe(self, now: float) -> list[str]:
        """The names whose moment has come, in its order; each is taken away and has to be put again."""
        found: list[str] = []
        while (at := self.first) is not None and at <= now:
            name = heappop(self._heap)[1]
            del self._due[name]
            found.append(name)
        return found
