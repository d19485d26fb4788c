"""Overlapping controls become one plan: for each mode a row of spans that never overlap.

The stronger control (see `primacy`) keeps its window, a weaker one what is left of its own, the default
every gap; modes are independent (IEEE 2030.5-2018 10.2, event rules). B is newer than A, C stronger than
both, and A comes back when C ends:

    primacy 1, created 10:05             |--- C ---|
    primacy 2, created 10:09    |--- B ------|
    primacy 2, created 10:00        |--- A -----------------|           (cancelled: D)
    default                  ...==================================================...

    plan                     ...=|- B -|--- C ---|--- A ----|=====================...

A plan depends on the set of records, never on the order they came in or the time of asking. A random spread
of start or duration belongs to the unit that runs the control and does not move a span. Where nothing comes
back (`lasting`: units of the editions before 2023 do not resume), what A loses to C is lost for good.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bridge.core import primacy
from models.der import messages

ALWAYS = Decimal("-Infinity")
NEVER = Decimal("Infinity")
SIDE = frozenset({"rampTms"})
"""Fields of Modes that say how a change is made and are no mode themselves."""
NAMES = tuple(mode for mode in messages.Modes.model_fields if mode not in SIDE)


@dataclass(frozen=True, slots=True)
class Span:
    """One source holds one mode from `start` up to but not including `end`."""

    start: Decimal
    end: Decimal
    source: str
    default: bool = False


Plan = Mapping[str, tuple[Span, ...]]


def plan(
    controls: Iterable[messages.Control],
    defaults: Iterable[messages.Default] = (),
    *,
    lasting: bool = False,
) -> Plan:
    """Give for each mode that anybody asks for its spans in order of time."""
    live = [one for one in primacy.newest(controls) if not primacy.withdrawn(one)]
    claims: list[primacy.Event] = [*_strongest(live), *_strongest(primacy.newest(defaults))]
    rows: dict[str, list[Span]] = {}
    for record in claims:
        for mode in named(record.modes):
            _claim(rows.setdefault(mode, []), record, lasting=lasting)
    return {mode: tuple(rows[mode]) for mode in sorted(rows) if rows[mode]}


def named(modes: messages.Modes) -> tuple[str, ...]:
    """Give the modes a record asks for, in the order of the schema; being switched off is asking, too."""
    held = vars(modes)
    return tuple(mode for mode in NAMES if held[mode] is not None)


def window(record: primacy.Event) -> tuple[Decimal, Decimal]:
    """Give the start and the end of a record; a default has neither."""
    if isinstance(record, messages.Control):
        return record.start, record.start + record.duration
    return ALWAYS, NEVER


def at(row: Iterable[Span], moment: Decimal) -> Span | None:
    """Give the span that holds at a moment."""
    return next((span for span in row if span.start <= moment < span.end), None)


def ahead(whole: Plan, now: Decimal) -> frozenset[str]:
    """Give the records that a plan gives time to come in some mode."""
    return frozenset(span.source for row in whole.values() for span in row if span.end > now)


def until(whole: Plan, record: primacy.Event) -> Decimal | None:
    """Give the end of the last span that a record keeps in any mode; None if it keeps none.

    One that has nothing to lose keeps its own end.
    """
    if empty(record):
        return window(record)[1]
    name = primacy.key(record)
    rows = (whole.get(mode, ()) for mode in named(record.modes))
    return max((span.end for row in rows for span in row if span.source == name), default=None)


def empty(record: primacy.Event) -> bool:
    """Whether a record has nothing to lose: it asks for no mode, or for no time."""
    start, end = window(record)
    return start == end or not named(record.modes)


def _strongest(records: Iterable[primacy.Kind]) -> list[primacy.Kind]:
    return sorted(records, key=primacy.rank, reverse=True)


def _claim(row: list[Span], record: primacy.Event, *, lasting: bool) -> None:
    """Add to a row what stronger records have left of a window; only what nobody had before, if `lasting`."""
    start, end = window(record)
    default = isinstance(record, messages.Default)
    left_over = list(_free(row, start, end))
    if lasting and not default:
        left_over = [part for part in left_over[:1] if part[0] == start]
    for left, right in left_over:
        insort(row, Span(left, right, primacy.key(record), default), key=lambda span: span.start)


def _free(row: Iterable[Span], start: Decimal, end: Decimal) -> Iterator[tuple[Decimal, Decimal]]:
    """Give the parts of a window that no span of a row covers."""
    for span in row:
        if span.start >= end:
            break
        if span.start > start:
            yield start, span.start
        start = max(start, span.end)
    if start < end:
        yield start, end
