"""The course of a unit: its plan as the unit carries it out, with the random spread of each event in it.

Limits that follow each other leave no gap: where one event's window ends as another's begins, the earlier
holds until the later has begun at this unit, be that sooner or later than its own end there. So each edge of
a plan moves to one moment, and what is later in the plan, once begun, is not undone by what is earlier:

    plan     |---- A ----|---- B ----|=== default ===
    drawn         +2         -3 / +4       end of B, +5
    course     ..|---- A -|----- B -------|=== default

A control that is cancelled with random spread holds until the unit lets go of it. Reads no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from bridge.core import primacy, spread, timeline
from bridge.core.timeline import ALWAYS, NEVER, Span
from models.der import messages


class Frame(NamedTuple):
    """The window of a control as it is planned, and as it is at one unit."""

    planned: tuple[Decimal, Decimal]
    drawn: tuple[Decimal, Decimal]


Frames = Mapping[str, Frame]


def course(
    controls: Iterable[messages.Control], defaults: Iterable[messages.Default], unit: str, seed: bytes
) -> timeline.Plan:
    """Give the spans that a unit really runs, of the records that are for it and that it may follow."""
    kept = [one for one in primacy.newest(controls) if _runs(one, unit, seed)]
    frames = {primacy.key(one): _frame(one, unit, seed) for one in kept}
    plan = timeline.plan((_cut(one) for one in kept), defaults)
    rows = {mode: moved(row, frames) for mode, row in plan.items()}
    return MappingProxyType({mode: row for mode, row in rows.items() if row})


def moved(row: Sequence[Span], frames: Frames) -> tuple[Span, ...]:
    """Give a row of a plan with each edge at the moment it has at a unit."""
    parts = list(_whole(row))
    edges = [ALWAYS, *(_edge(left, right, frames) for left, right in pairwise(parts))]
    ends = [min(edges[number + 1 :], default=NEVER) for number in range(len(edges))]
    spans = (
        Span(edge, end, part.source, part.default)
        for part, edge, end in zip(parts, edges, ends, strict=True)
        if part.source and edge < end
    )
    return tuple(joined(spans))


def held(plan: timeline.Plan, record: primacy.Event) -> tuple[Decimal, Decimal] | None:
    """Give the first and the last moment at which a record holds any mode, or nothing where it never does."""
    name = primacy.key(record)
    spans = [span for row in plan.values() for span in row if span.source == name]
    return (min(one.start for one in spans), max(one.end for one in spans)) if spans else None


def _runs(control: messages.Control, unit: str, seed: bytes) -> bool:
    """Whether a unit runs a control: none that was withdrawn, but for a spread end after it had begun."""
    state = control.status
    if state is None or not primacy.withdrawn(control):
        return True
    begun = max(control.start, spread.window(control, unit, seed)[0])
    return state.currentStatus == spread.RANDOMLY and begun < state.at


def _cut(control: messages.Control) -> messages.Control:
    """Give a control with the window that is left of it, as one that its source has said nothing of."""
    state = control.status
    if state is None or not primacy.withdrawn(control):
        return control
    left = min(control.duration, state.at - control.start)
    return control.model_copy(update={"status": None, "duration": left})


def _frame(control: messages.Control, unit: str, seed: bytes) -> Frame:
    start, end = spread.window(control, unit, seed)
    let_go = spread.release(control, unit, seed)
    return Frame(timeline.window(_cut(control)), (start, end if let_go is None else min(end, let_go)))


def _whole(row: Sequence[Span]) -> Iterator[Span]:
    """Give a row from the first to the last of times, its holes as spans without a source."""
    at = ALWAYS
    for span in row:
        if span.start > at:
            yield Span(at, span.start, "")
        yield span
        at = span.end
    if at < NEVER:
        yield Span(at, NEVER, "")


def _edge(left: Span, right: Span, frames: Frames) -> Decimal:
    """Give the moment of an edge: the later's own beginning, else the end of the one that ends there."""
    begins, ends = frames.get(right.source), frames.get(left.source)
    if begins is not None and begins.planned[0] == right.start:
        return begins.drawn[0]
    return right.start if ends is None else ends.drawn[1]


def joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Give spans with those of one source that touch as one."""
    last: Span | None = None
    for span in spans:
        if last is not None and last.source == span.source and last.end == span.start:
            last = Span(last.start, span.end, span.source, span.default)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last
