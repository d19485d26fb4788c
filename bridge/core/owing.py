"""What is owed to the owner of a record for a unit that is reached by a carrier: which statuses, and why.

The statuses are those of 2030.5-2018 table 27, each said once; whether the owner asked for it
(responseRequired) is for whoever says it. A table for each kind of record is read from the top, and its
first row that holds decides. What waits for an order on its way is said when that is done. Reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from bridge.core import displaced, limits, primacy, timeline
from bridge.core.case import Case, Event, closed, subject
from bridge.core.effects import (
    CANCELLED,
    COMPLETED,
    ENDS,
    EXPIRED,
    INVALID,
    NO_PART,
    RECEIVED,
    UNSUPPORTED,
)
from bridge.core.orders import Mark
from bridge.ports import ENTRY, Kind
from models.der import messages

STARTED = 2
WORD = Decimal(5)
"""Seconds that a unit has to say itself that a schedule has begun, before it is said for it."""
LATE = "its window was over before the unit could be told"


class Owed(NamedTuple):
    """One status of one record."""

    record: Event
    status: int
    reason: str | None = None


class Facts:
    """What the tables ask of a record and a unit."""

    def __init__(self, case: Case, record: Event, ahead: frozenset[str], now: Decimal) -> None:
        self.case, self.record, self.now, self._ahead = case, record, now, ahead
        self.key = primacy.key(record)
        self.said = frozenset(case.said.get(subject(record), ()))
        self.start, self.end = case.window(record)

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """What the unit was told of the record."""
        return tuple(one for one in self.case.marks if one.key == self.key)

    @cached_property
    def modes(self) -> frozenset[str]:
        """What the record asks for."""
        entry = {ENTRY} if isinstance(self.record, messages.Default) and not self.named else set()
        return frozenset(self.named) | entry

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The modes of the record."""
        return timeline.named(self.record.modes)

    @property
    def able(self) -> frozenset[str]:
        """What of it the unit can be made to do."""
        return self.modes & (self.case.reach.scheduled | self.case.reach.direct)

    @property
    def busy(self) -> bool:
        """Whether an order about it is on its way."""
        return any((kind, self.key) in self.case.queued for kind in Kind)

    @property
    def held(self) -> bool:
        """Whether the unit holds it, or is about to leave it."""
        return self.busy or bool(self.marks)

    @property
    def gone(self) -> bool:
        """Whether nothing is to come of it at this unit."""
        return self.key not in self._ahead if self.named else self.end <= self.now

    @property
    def whole(self) -> bool:
        """Whether nobody takes its end away: it ends when it ends, however that was drawn."""
        return timeline.until(self.case.planned, self.record) == timeline.window(self.record)[1]

    @property
    def over(self) -> bool:
        """Whether its window is over."""
        return self.gone and (self.whole or self.end <= self.now)

    @cached_property
    def beyond(self) -> str | None:
        """Which limit of the unit it passes."""
        return limits.beyond(self.record.modes, self.case.picture.devices[self.case.unit].ratings)

    @property
    def lost(self) -> bool:
        """Whether stronger records took all that was to come of it."""
        return self.gone

    @property
    def displaced(self) -> int:
        """The status that says by what it was displaced."""
        if not isinstance(self.record, messages.Control):
            return displaced.SUPERSEDED
        known = {key: one.programme for key, one in self.case.records.items()}
        found = displaced.rivals(self.case.plan, self.record, (self.start, self.end), known)
        return displaced.status(self.record.programme, found)

    @property
    def coming(self) -> bool:
        """Whether the unit has it, or is to be told to take it: one that is to leave it only has not."""
        return bool(self.marks) or (Kind.take, self.key) in self.case.queued

    @property
    def scheduled(self) -> bool:
        """Whether the unit had it by schedule to the end, and no order to come."""
        return bool(self.marks) and not self.busy and all(one.ahead for one in self.marks)

    @property
    def begun(self) -> bool:
        """Whether it runs: commanded, or by a schedule that the unit took."""
        started = (not one.ahead or one.start + WORD <= self.now for one in self.marks)
        return not self.busy and any(started)

    @property
    def known(self) -> bool:
        """Whether the unit has it, or it is ours to command when it begins."""
        return bool(self.able & self.case.reach.direct - self.case.reach.scheduled) or (
            bool(self.marks) and not self.busy
        )


Says = Callable[[Facts], tuple[tuple[int, str | None], ...]]
Row = tuple[Callable[[Facts], bool], Says]


def owed(case: Case, now: Decimal) -> tuple[Owed, ...]:
    """Give what is to be said now, in order."""
    ahead = timeline.ahead(case.plan, now)
    found = (Facts(case, record, ahead, now) for record in case.records.values())
    return tuple(
        Owed(one.record, status, reason)
        for one in found
        for status, reason in _said(one)
        if status not in one.said
    )


def until(case: Case, now: Decimal) -> Decimal:
    """Give the next moment at which something else may be owed."""
    ends = (case.window(one)[1] for one in case.records.values() if not closed(_words(case, one)))
    words = (one.start + WORD for one in case.marks if one.ahead)
    return min((one for one in (*ends, *words) if one > now), default=timeline.NEVER)


def _words(case: Case, record: Event) -> tuple[int, ...]:
    return case.said.get(subject(record), ())


def _said(one: Facts) -> tuple[tuple[int, str | None], ...]:
    if closed(_words(one.case, one.record)):
        return ()
    table = CONTROLS if isinstance(one.record, messages.Control) else DEFAULTS
    return next((says(one) for holds, says in table if holds(one)), ())


def _withdrawn(one: Facts) -> tuple[tuple[int, str | None], ...]:
    """The owner hears that it is off once the unit is rid of it; one that no unit had needs no word."""
    state = one.record.status if isinstance(one.record, messages.Control) else None
    code = ENDS.get(state.currentStatus, CANCELLED) if state else CANCELLED
    return ((code, None),) if one.said and not one.held else ()


def _beyond(one: Facts) -> tuple[tuple[int, str | None], ...]:
    return ((INVALID, one.beyond),) if not one.held and _ours(one) else ()


def _barred(one: Facts) -> tuple[tuple[int, str | None], ...]:
    """Nobody agreed that the unit is told: refused from the start, or no part in what it was told before."""
    if not _ours(one):
        return ()
    return ((NO_PART if one.said else UNSUPPORTED, one.case.reach.why),)


def _unable(one: Facts) -> tuple[tuple[int, str | None], ...]:
    return ((UNSUPPORTED, f"the unit has no {', '.join(sorted(one.modes))}"),) if _ours(one) else ()


def _over(one: Facts) -> tuple[tuple[int, str | None], ...]:
    if one.scheduled:
        return ((RECEIVED, None), (COMPLETED, None if STARTED in one.said else "by its schedule"))
    if STARTED in one.said:
        return () if one.held else ((COMPLETED, None),)
    return ((EXPIRED, LATE),) if not one.coming and (one.said or _ours(one)) else ()


def _lost(one: Facts) -> tuple[tuple[int, str | None], ...]:
    return () if one.held else ((RECEIVED, None), (one.displaced, None))


def _live(one: Facts) -> tuple[tuple[int, str | None], ...]:
    rest = one.modes - one.able
    reason = f"without {', '.join(sorted(rest))}, which the unit does not have" if rest else None
    first = ((RECEIVED, reason),) if one.known else ()
    return (*first, (STARTED, None)) if one.begun else first


def _ours(one: Facts) -> bool:
    return one.end > one.case.since


CONTROLS: tuple[Row, ...] = (
    (lambda one: primacy.withdrawn(one.record), _withdrawn),
    (lambda one: one.beyond is not None, _beyond),
    (lambda one: bool(one.case.reach.why), _barred),
    (lambda one: not one.able and bool(one.modes), _unable),
    (lambda one: one.over, _over),
    (lambda one: one.lost, _lost),
    (lambda _: True, _live),
)
DEFAULTS: tuple[Row, ...] = (
    (lambda one: bool(one.case.reach.why), lambda _: ()),
    (lambda one: one.beyond is not None, _beyond),
    (lambda one: not one.able and bool(one.modes), _unable),
    (lambda one: bool(one.marks) and not one.busy, lambda _: ((RECEIVED, None),)),
)
