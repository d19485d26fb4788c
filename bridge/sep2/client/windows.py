"""The windows that a device's controls have once their random spreads are drawn, neighbours put right.

IEEE 2030.5-2018 10.2.2.3 (event rules): a spread neither makes two events overlap nor leaves a gap where one
followed on the other: there the earlier one ends when the later one begins. What is drawn is `core.spread`'s.
Reads no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from bridge.core import primacy, spread, timeline
from models.der import messages


class Effective(NamedTuple):
    """A control with the window that it has at one device."""

    control: messages.Control
    start: Decimal
    end: Decimal
    cut: bool = False
    """Whether the end is that of a cancellation with spread."""

    @property
    def record(self) -> messages.Control:
        """The control as it is effective, for a plan."""
        fields: dict[str, object] = {"start": self.start, "duration": max(self.end - self.start, Decimal(0))}
        return self.control.model_copy(update={**fields, "status": None} if self.cut else fields)


def windows(controls: Iterable[messages.Control], who: str, seed: bytes) -> list[Effective]:
    """Give the windows of a device's controls."""
    return _joined([_alone(one, who, seed) for one in controls])


def _alone(one: messages.Control, who: str, seed: bytes) -> Effective:
    start, end = spread.window(one, who, seed)
    released = spread.release(one, who, seed)
    return Effective(one, start, end if released is None else min(end, released), cut=released is not None)


def _joined(all_: list[Effective]) -> list[Effective]:
    """Put ends right where a spread would make an overlap or a gap."""
    rows = sorted(all_, key=lambda each: (each.control.start, primacy.key(each.control)))
    for at, one in enumerate(rows):
        if not one.cut:
            rows[at] = one._replace(end=_end(one, rows[at + 1 :]))
    return rows


def _end(one: Effective, later: list[Effective]) -> Decimal:
    """Give the end of an event with regard to those that begin at its scheduled end or after it."""
    planned = one.control.start + one.control.duration
    modes = set(timeline.named(one.control.modes))
    end = one.end
    for other in later:
        if other.control.start < planned or primacy.withdrawn(other.control):
            continue
        if modes.isdisjoint(timeline.named(other.control.modes)):
            continue
        if other.control.start == planned or other.start < end:
            end = max(other.start, one.start)
    return end
