"""Which unit is to be looked at when: by the clock, or because something changed that its last look has read.

A heap of moments and an index of topics, so that neither a change nor a tick of the clock costs more than
the units it concerns. Never reads a clock.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import heappop, heappush

from bridge.core.timeline import NEVER


@dataclass(slots=True)
class Agenda:
    """Of all units."""

    _heap: list[tuple[Decimal, str]] = field(default_factory=list)
    _when: dict[str, Decimal] = field(default_factory=dict)
    _topics: dict[str, set[str]] = field(default_factory=dict)
    """Units by topic."""
    _read: dict[str, frozenset[str]] = field(default_factory=dict)
    """Topics by unit."""

    def wake(self, unit: str, at: Decimal) -> None:
        """Have a unit looked at, no later than that."""
        if at < self._when.get(unit, NEVER):
            self._when[unit] = at
            heappush(self._heap, (at, unit))

    def concerns(self, unit: str, topics: frozenset[str]) -> None:
        """Note what a unit's last look has read."""
        was = self._read.get(unit, frozenset())
        for one in was - topics:
            held = self._topics[one]
            held.discard(unit)
            if not held:
                del self._topics[one]
        for one in topics - was:
            self._topics.setdefault(one, set()).add(unit)
        self._read[unit] = topics

    def concerned(self, topics: Iterable[str], *, everything: bool = False) -> set[str]:
        """Give the units that topics are about."""
        if everything:
            return set(self._read)
        return {unit for one in topics for unit in self._topics.get(one, ())}

    def knows(self, unit: str) -> bool:
        """Whether a unit was looked at, or is about to be."""
        return unit in self._read or unit in self._when

    def next(self) -> Decimal:
        """Give the moment at which the next unit is due."""
        while self._heap and self._when.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else NEVER

    def due(self, now: Decimal, most: int, busy: Container[str]) -> list[str]:
        """Take out the units that are due, at most so many; those that are busy wait until they are not."""
        found: list[str] = []
        later: list[tuple[Decimal, str]] = []
        while len(found) < most and self.next() <= now:
            at, unit = heappop(self._heap)
            if unit in busy:
                later.append((at, unit))
                del self._when[unit]
                continue
            del self._when[unit]
            found.append(unit)
        for at, unit in later:
            self.wake(unit, at)
        return found
