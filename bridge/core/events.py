"""The life of a control as a function of the clock: a table, read from the top, whose first true row decides.

The values are those of EventStatus.currentStatus, IEEE 2030.5-2018 and -2023. Nothing here is stored: a read
computes the state for the moment of the read, so no timer has to fire for it to be true. Never reads a clock.

    ended       its source says so, at or before its end       2, 3, 4 or 5, as the source says
    superseded  stronger controls took the rest of its time    4 (at once where they took all of it and run)
    scheduled   it has not begun                               0
    active      it runs                                        1
    completed   it is over                                     5 (2030.5-2023; older editions drop the event)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple

from bridge.core import primacy, timeline
from models.der import messages


class State(IntEnum):
    """The values of currentStatus."""

    SCHEDULED = 0
    ACTIVE = 1
    CANCELLED = 2
    CANCELLED_RANDOMISED = 3
    SUPERSEDED = 4
    COMPLETED = 5


class Facts(NamedTuple):
    """What the table asks: window, end of what the plan leaves, the source's last word, the moment."""

    start: Decimal
    end: Decimal
    until: Decimal
    said: int | None
    said_at: Decimal
    now: Decimal


def _said(code: State) -> Callable[[Facts], bool]:
    return lambda facts: facts.said == code and facts.said_at <= min(facts.now, facts.end)


TABLE: tuple[tuple[State, Callable[[Facts], bool], Callable[[Facts], Decimal]], ...] = (
    (State.CANCELLED, _said(State.CANCELLED), lambda facts: facts.said_at),
    (State.CANCELLED_RANDOMISED, _said(State.CANCELLED_RANDOMISED), lambda facts: facts.said_at),
    (State.SUPERSEDED, _said(State.SUPERSEDED), lambda facts: facts.said_at),
    (State.COMPLETED, _said(State.COMPLETED), lambda facts: facts.said_at),
    (
        State.SUPERSEDED,
        lambda facts: facts.until < facts.end and facts.until <= facts.now,
        lambda facts: facts.until,
    ),
    (State.SCHEDULED, lambda facts: facts.now < facts.start, lambda facts: facts.said_at),
    (State.ACTIVE, lambda facts: facts.now < facts.end, lambda facts: facts.start),
    (State.COMPLETED, lambda _facts: True, lambda facts: facts.end),
)
"""State, when it holds, and since when."""


def status(control: messages.Control, plan: timeline.Plan, now: Decimal) -> messages.EventState:
    """Give what EventStatus says of a control at a moment, given the plan it stands in."""
    facts = _facts(control, plan, now)
    code, since = next((state, moment(facts)) for state, holds, moment in TABLE if holds(facts))
    loses = _loses(control, plan)
    return messages.EventState(
        currentStatus=int(code),
        at=since,
        potentiallySuperseded=loses is not None,
        potentiallySupersededAt=loses,
    )


def state(control: messages.Control, plan: timeline.Plan, now: Decimal) -> State:
    """Give the bare state of a control at a moment."""
    facts = _facts(control, plan, now)
    return next(state for state, holds, _ in TABLE if holds(facts))


def _facts(control: messages.Control, plan: timeline.Plan, now: Decimal) -> Facts:
    start, end = timeline.window(control)
    said = control.status
    kept = end if primacy.withdrawn(control) else timeline.until(plan, control)
    return Facts(
        start,
        end,
        until=min((span.start for span in _rivals(control, plan)), default=start) if kept is None else kept,
        said=None if said is None else said.currentStatus,
        said_at=primacy.made(control) if said is None else said.at,
        now=now,
    )


def _loses(control: messages.Control, plan: timeline.Plan) -> Decimal | None:
    """Give the first moment at which a stronger control has one of its modes."""
    start, _ = timeline.window(control)
    return min((max(span.start, start) for span in _rivals(control, plan)), default=None)


def _rivals(control: messages.Control, plan: timeline.Plan) -> Iterator[timeline.Span]:
    """Give what stronger controls have of its modes within its window."""
    start, end = timeline.window(control)
    name = primacy.key(control)
    for mode in timeline.named(control.modes):
        for span in plan.get(mode, ()):
            if span.source != name and not span.default and span.start < end and start < span.end:
                yield span
