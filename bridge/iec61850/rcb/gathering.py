"""Changes of a data set's members, gathered for the time of BufTm into one report.

A second change of a member within that time closes what is gathered, so that no value is passed over (IEC
61850-7-2, BufTm). Time is an argument, in seconds; what is closed goes to whoever added.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bridge.iec61850.shape import Value


class Included(NamedTuple):
    """A member of a report: its place in the data set, its value, and why it is there."""

    place: int
    value: Value
    reason: str


Content = tuple[Included, ...]
"""The members of one report, in the order of the data set."""


class Gathering:
    """What one block has gathered."""

    __slots__ = ("_held", "deadline")

    def __init__(self) -> None:
        self._held: dict[int, Included] = {}
        self.deadline: float | None = None
        """When it is to be closed."""

    def add(self, event: Mapping[int, Included], now: float, hold: float) -> list[Content]:
        """Take the members that changed together; give what is closed by it."""
        closed = [] if self._held.keys().isdisjoint(event) else self.close()
        self._held.update(event)
        if hold <= 0:
            return closed + self.close()
        if self.deadline is None:
            self.deadline = now + hold
        return closed

    def close(self) -> list[Content]:
        """Give what is gathered, if there is anything."""
        held, self._held, self.deadline = self._held, {}, None
        return [tuple(held[index] for index in sorted(held))] if held else []
