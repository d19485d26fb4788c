"""Why a record holds a mode of a unit at a moment, and why each other one does not: one line for each.

The plan decides (`timeline`), by the one rule of `primacy`; here the same facts are put into words, the
strongest record first. A table is read from the top, and its first row that holds gives the verdict. Works
for any unit, whichever way it is reached. Reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from bridge.core import fleet, limits, primacy, timeline
from bridge.core.case import Event, Said, closed, subject
from models.der import messages


class Verdict(StrEnum):
    """How a record fares."""

    holds = "holds"
    outranked = "outranked"
    withdrawn = "withdrawn"
    closed = "closed"
    beyond = "beyond"
    early = "early"
    over = "over"
    stranger = "stranger"


class Reason(NamedTuple):
    """One record, and why."""

    record: Event
    verdict: Verdict
    why: str


class View(NamedTuple):
    """What is asked: whose mode, when, and what was said for the unit."""

    picture: fleet.Picture
    unit: str
    mode: str
    at: Decimal
    said: Said


class _One(NamedTuple):
    view: View
    record: Event
    holder: Event | None

    @property
    def words(self) -> tuple[int, ...]:
        return self.view.said.get(subject(self.record), ())

    @property
    def limit(self) -> str | None:
        device = self.view.picture.devices.get(self.view.unit)
        return limits.beyond(self.record.modes, device.ratings) if device else None


Row = tuple[Verdict, Callable[[_One], bool], Callable[[_One], str]]


def chain(view: View, strangers: Iterable[Event] = ()) -> tuple[Reason, ...]:
    """Give every record that asks for a mode of a unit, the strongest first; strangers are not for it."""
    asked = [one for row in fleet.asked(view.picture, view.unit) for one in row if asks(one, view.mode)]
    span = timeline.at(view.picture.plans.get(view.unit, {}).get(view.mode, ()), view.at)
    holder = next((one for one in asked if span and primacy.key(one) == span.source), None)
    asked.sort(key=_rank, reverse=True)
    found = [_reason(_One(view, record, holder)) for record in asked]
    others = sorted((one for one in strangers if asks(one, view.mode)), key=_rank, reverse=True)
    return (*found, *(Reason(one, Verdict.stranger, "the unit is not in its group") for one in others))


def asks(record: Event, mode: str) -> bool:
    """Whether a record asks for a mode."""
    return getattr(record.modes, mode, None) is not None


def _rank(record: Event) -> tuple[bool, primacy.Rank]:
    return isinstance(record, messages.Control), primacy.rank(record)


def _reason(one: _One) -> Reason:
    verdict, why = next((verdict, why) for verdict, holds, why in TABLE if holds(one))
    return Reason(one.record, verdict, why(one))


def _ended(one: _One) -> str:
    state = one.record.status if isinstance(one.record, messages.Control) else None
    said = {2: "cancelled", 3: "cancelled", 4: "superseded", 5: "completed"}
    reason = f": {state.reason}" if state and state.reason else ""
    return f"its owner says that it is {said.get(state.currentStatus if state else 2, 'over')}{reason}"


def _outranked(one: _One) -> str:
    """Say by what the holder is stronger."""
    winner, record = one.holder, one.record
    if winner is None:
        return "nothing is planned for it"
    name = f"{type(winner).__name__.lower()} {winner.mRID or primacy.key(winner)}"
    if isinstance(record, messages.Default) and isinstance(winner, messages.Control):
        return f"a default gives way to any control, here {name}"
    if _number(record) != _number(winner):
        return f"primacy {_number(record)} against {_number(winner)} of {name}"
    if primacy.made(record) != primacy.made(winner):
        return f"older than {name} of the same primacy"
    return f"the same primacy and age as {name}, whose mRID is higher"


def _number(record: Event) -> int:
    return primacy.UNRANKED if record.primacy is None else record.primacy


TABLE: tuple[Row, ...] = (
    (
        Verdict.holds,
        lambda one: one.record is one.holder,
        lambda one: (
            "no control asks for it"
            if isinstance(one.record, messages.Default)
            else "the strongest that runs"
        ),
    ),
    (Verdict.withdrawn, lambda one: primacy.withdrawn(one.record), _ended),
    (
        Verdict.closed,
        lambda one: closed(one.words),
        lambda one: f"the unit is done with it: it answered {', '.join(map(str, one.words))}",
    ),
    (Verdict.beyond, lambda one: one.limit is not None, lambda one: one.limit or ""),
    (
        Verdict.early,
        lambda one: one.view.at < timeline.window(one.record)[0],
        lambda _: "it has not begun",
    ),
    (
        Verdict.over,
        lambda one: one.view.at >= timeline.window(one.record)[1],
        lambda _: "its window is over",
    ),
    (Verdict.outranked, lambda _: True, _outranked),
)
