"""Loss of communication: when a unit counts as silent, and what holds at it until it is heard again.

CSIP Implementation Guide 2.1: a unit that hears nothing finishes the event that runs and then goes back to
its default; it begins nothing new. From its return on the plan holds as it stands, for events are a function
of the clock. Who is watched from which side is the caller's affair. Reads no clock, sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from bridge.core import timeline
from bridge.core.course import joined
from bridge.core.timeline import ALWAYS, NEVER, Span

Windows = Mapping[str, tuple[Decimal, Decimal]]
"""Start and end of each control at the unit, by its name in the plan."""


class Watch(NamedTuple):
    """When the other side was last heard, and for how long it may say nothing."""

    heard: Decimal
    patience: Decimal

    @property
    def due(self) -> Decimal:
        """The moment from which it counts as silent, if nothing is heard before."""
        return self.heard + self.patience

    def silent(self, now: Decimal) -> bool:
        """Whether it counts as silent."""
        return now >= self.due

    def told(self, now: Decimal) -> Watch:
        """Give the watch after something was heard; what was heard earlier changes nothing."""
        return self._replace(heard=max(self.heard, now))


def alone(plan: timeline.Plan, windows: Windows, since: Decimal, until: Decimal = NEVER) -> timeline.Plan:
    """Give a plan as a unit follows it that is silent from one moment until another."""
    rows = {mode: tuple(joined(_alone(row, windows, since, until))) for mode, row in plan.items()}
    return MappingProxyType({mode: row for mode, row in rows.items() if row})


def _alone(row: Sequence[Span], windows: Windows, since: Decimal, until: Decimal) -> Iterator[Span]:
    """Give what was before, the event that runs to its own end, the default, and what is after."""
    yield from _within(row, ALWAYS, since)
    running = timeline.at(row, since)
    end = since
    if running is not None and not running.default:
        end = max(since, windows[running.source][1])
        yield from _within([Span(since, end, running.source)], since, until)
    default = next((span for span in row if span.default), None)
    if default is not None:
        yield from _within([Span(end, NEVER, default.source, default=True)], since, until)
    yield from _within(row, until, NEVER)


def _within(row: Sequence[Span], start: Decimal, end: Decimal) -> Iterator[Span]:
    """Give the parts of spans between two moments."""
    for span in row:
        left, right = max(span.start, start), min(span.end, end)
        if left < right:
            yield Span(left, right, span.source, span.default)
