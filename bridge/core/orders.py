"""From a unit's plan to what it must be told: marks of what it holds, and orders that make up a difference.

A mode that a unit takes by schedule is ordered ahead, window and all, and ends by itself; one that can only
be commanded is ordered when its span begins, and left when nothing follows (2030.5-2018 10.2.3: no gap
between consecutive events, so the next take goes out before any leave, and one take replaces the other).
The same facts give the same orders, whenever they are asked for. Reads no clock, sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from bridge.core import primacy, timeline
from bridge.core.timeline import ALWAYS, NEVER
from bridge.ports import ENTRY, Kind, Order, Reach
from models.der import messages

Event = messages.Control | messages.Default
NOW, BEHIND = "now", "behind"
"""Slots that one record holds at a time: what was commanded, and the default behind all schedules."""


class Mark(NamedTuple):
    """What a unit was told of one mode: a slot holds one mark, and a take for it replaces what it held."""

    mode: str
    slot: str
    """`now`, `behind`, or the name of the record where the unit holds its window by itself."""
    key: str
    """Name of the record."""
    edition: str
    """Digest of what the record asks of this mode."""
    start: Decimal
    end: Decimal

    @property
    def ahead(self) -> bool:
        """Whether the unit begins and ends it by itself."""
        return self.slot not in {NOW, BEHIND}


class Ask(NamedTuple):
    """An order to be, before it has a number."""

    kind: Kind
    key: str
    start: Decimal
    end: Decimal
    modes: frozenset[str]


class Wish(NamedTuple):
    """What a unit is to hold at a moment, and when that changes by itself."""

    marks: frozenset[Mark]
    until: Decimal


class Turn(NamedTuple):
    """What to tell a unit now, in this order, and the marks once it is told."""

    asks: tuple[Ask, ...]
    marks: frozenset[Mark]


def wish(plan: timeline.Plan, records: Mapping[str, Event], reach: Reach, now: Decimal) -> Wish:
    """Give what a unit within this reach is to hold, by its plan and the records that it is made of."""
    spans = [(mode, row) for mode, row in plan.items() if mode in reach.scheduled | reach.direct]
    found: list[Mark] = []
    for mode, row in spans:
        ahead = mode in reach.scheduled
        chosen = _ahead(row, now) if ahead else _now(row, now)
        found += [_mark(mode, span, records[span.source], ahead=ahead) for span in chosen]
    found += _entry(records.values(), reach)
    edges = (edge for _, row in spans for span in row for edge in (span.start, span.end) if edge > now)
    return Wish(frozenset(found), min(edges, default=NEVER))


def turn(told: Iterable[Mark], wanted: Iterable[Mark], now: Decimal, *, anew: bool = False) -> Turn:
    """Give the orders that lead from what a unit was told to what it is to hold; takes go first.

    Where it may hold nothing of it any more, it is told anew all that it is to hold.
    """
    held = {(one.mode, one.slot): one for one in told}
    goal = {(one.mode, one.slot): one for one in wanted}
    same = {slot for slot in goal.keys() & held.keys() if not anew and _same(held[slot], goal[slot])}
    fresh = [one for slot, one in goal.items() if slot not in same]
    kept = [held[slot] for slot in same]
    meant = {(one.mode, one.key) for one in goal.values()}
    gone = [
        one
        for slot, one in held.items()
        if slot not in goal and not _over(one, now) and (one.mode, one.key) not in meant
    ]
    asks = (*_grouped(Kind.take, fresh), *_grouped(Kind.leave, gone))
    return Turn(asks, frozenset((*fresh, *kept)))


def left(order: Order, marks: Iterable[Mark]) -> frozenset[str]:
    """Give the modes that an order still means, by the marks of all that was ordered: none, and it can go.

    A take means what is still marked as it says. A leave means nothing where a later take has its slot.
    """
    if order.kind is Kind.take:
        return frozenset(one.mode for one in marks if one.mode in order.modes and _meant(order, one))
    behind = isinstance(order.record, messages.Default)
    slots = {NOW, BEHIND} if behind else {NOW}
    key = primacy.key(order.record)
    return order.modes - {one.mode for one in marks if one.slot in slots or one.key == key}


def undone(order: Order, marks: Iterable[Mark]) -> frozenset[Mark]:
    """Give the marks of a unit that did not take what it was told to.

    A window that it was to hold by itself it does not hold. What it was commanded stays marked, for it may
    have heard, or still follow what was to be replaced: so the next order puts that right.
    """
    return frozenset(
        one for one in marks if not (one.ahead and one.mode in order.modes and _meant(order, one))
    )


def edition(record: Event, mode: str) -> str:
    """Give the digest of all that a record asks of a mode."""
    if mode == ENTRY and isinstance(record, messages.Default):
        text = record.entry.model_dump_json(exclude_none=True)
    else:
        text = record.modes.model_dump_json(include={mode, *timeline.SIDE}, exclude_none=True)
    return sha256(text.encode()).hexdigest()[:16]


def _meant(order: Order, mark: Mark) -> bool:
    named = mark.key == primacy.key(order.record) and mark.edition == edition(order.record, mark.mode)
    return named and (mark.slot == NOW or (mark.start, mark.end) == (order.start, order.end))


def _now(row: Iterable[timeline.Span], now: Decimal) -> Iterator[timeline.Span]:
    span = timeline.at(row, now)
    if span is not None:
        yield span


def _ahead(row: Iterable[timeline.Span], now: Decimal) -> Iterator[timeline.Span]:
    """Give the next span of each record: a unit holds one window of a record at a time."""
    seen: set[str] = set()
    for span in row:
        if span.end > now and span.source not in seen:
            seen.add(span.source)
            yield span


def _mark(mode: str, span: timeline.Span, record: Event, *, ahead: bool) -> Mark:
    start, end = (ALWAYS, NEVER) if span.default else (span.start, span.end)
    slot = NOW if not ahead else BEHIND if span.default else span.source
    return Mark(mode, slot, span.source, edition(record, mode), start, end)


def _entry(records: Iterable[Event], reach: Reach) -> Iterator[Mark]:
    """What the strongest default says of entering service, ramps and trips holds at all times."""
    if ENTRY not in reach.direct | reach.scheduled:
        return
    said = [one for one in records if isinstance(one, messages.Default) and _says(one.entry)]
    best = max(said, key=primacy.rank, default=None)
    if best is not None:
        yield Mark(ENTRY, BEHIND, primacy.key(best), edition(best, ENTRY), ALWAYS, NEVER)


def _says(entry: messages.GridEntry) -> bool:
    return any(getattr(entry, name) is not None for name in type(entry).model_fields)


def _same(told: Mark, goal: Mark) -> bool:
    """Whether a unit holds what it is to hold; the end of what was commanded is ours to watch."""
    alike = (told.key, told.edition) == (goal.key, goal.edition)
    return alike and (goal.slot == NOW or (told.start, told.end) == (goal.start, goal.end))


def _over(mark: Mark, now: Decimal) -> bool:
    return mark.ahead and mark.end <= now


def _grouped(kind: Kind, marks: Iterable[Mark]) -> Iterator[Ask]:
    """One order for all that is asked of a unit by one record for one window, in order of time."""
    groups: dict[tuple[Decimal, str, Decimal], set[str]] = {}
    for one in marks:
        groups.setdefault((one.start, one.key, one.end), set()).add(one.mode)
    for start, key, end in sorted(groups):
        yield Ask(kind, key, start, end, frozenset(groups[start, key, end]))
