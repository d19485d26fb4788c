"""The life of a control at a device as a table: from which phase, when, to which, and with which response.

IEEE 2030.5-2018 10.2.3 (event rules) and Table 27 of response types; 15 is of 2023. The rows of a phase are
read from the top and the first true one decides; rows are gone through until none is true. The table says
every status that is due; which of them were asked for, the control says. No clock, no plan.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from bridge.core.events import State


class Phase(IntEnum):
    """Where a control stands at a device."""

    NEW = 0
    WAITING = 1
    RUNNING = 2
    IDLE = 3
    """It would run, had its user not opted out."""
    AWAY = 4
    """Another has taken its place, and it may come back (2030.5-2023)."""
    OVER = 5


class Facts(NamedTuple):
    """What the table asks."""

    verdict: int = 0
    said: int | None = None
    """How its source ended it, where it did."""
    gone: bool = False
    """Whether its list does not have it any more, before its end."""
    began: bool = False
    ended: bool = False
    cut: bool = False
    """Whether its end is that of a cancellation with spread."""
    holds: bool = False
    """Whether it has one of its modes now."""
    beaten: int = 0
    """7 or 14 where stronger events have taken all of it."""
    returns: bool = False
    """Whether it will have something again."""
    out: bool = False
    """Whether its user has opted out."""
    started: bool = False
    paused: bool = False
    """Whether its user ever opted out of it."""


Test = Callable[[Facts], bool]
Status = Callable[[Facts], tuple[int, ...]]


class Row(NamedTuple):
    """From one of these phases, when this is so, to that phase, with these statuses."""

    phases: frozenset[Phase]
    when: Test
    then: Phase
    says: Status


def _row(phases: set[Phase], when: Test, then: Phase, says: Status | int = 0) -> Row:
    told = says if callable(says) else _always(says)
    return Row(frozenset(phases), when, then, told)


def _always(status: int) -> Status:
    return lambda _facts: (status,) if status else ()


N, W, R, I, A, O = Phase  # noqa: E741 - one letter a phase, so that the table can be read
LIVE = {N, W, R, I}
CANCELLED = frozenset({State.CANCELLED, State.CANCELLED_RANDOMISED})


def _finish(facts: Facts) -> tuple[int, ...]:
    """How an event that ran ends."""
    if facts.cut:
        return (6,)
    return (9,) if facts.paused else (3,)


def _idle_end(facts: Facts) -> tuple[int, ...]:
    if facts.cut:
        return (6,)
    return (8,) if facts.started else (10,)


def _resumed(facts: Facts) -> tuple[int, ...]:
    """What is said when the user opts in again; an event that had not started starts now."""
    return (5,) if facts.started else (5, 2)


def _beaten(facts: Facts) -> tuple[int, ...]:
    return (facts.beaten,)


TABLE: tuple[Row, ...] = (
    _row({N}, lambda f: f.ended and f.said not in CANCELLED and not f.cut, O, 254),
    _row({N}, lambda f: bool(f.verdict), O, lambda f: (f.verdict,)),
    _row({A}, lambda f: f.said is not None or f.gone or f.ended, O),
    _row(LIVE, lambda f: f.said in CANCELLED, O, 6),
    _row(LIVE, lambda f: f.said == State.SUPERSEDED, O, lambda f: (f.beaten or 7,)),
    _row({R}, lambda f: f.said == State.COMPLETED, O, _finish),
    _row(LIVE, lambda f: f.said == State.COMPLETED, O),
    _row({N}, lambda _: True, W, 1),
    _row({W, R, I}, lambda f: f.gone, O, 6),
    _row({R}, lambda f: f.ended, O, _finish),
    _row({I}, lambda f: f.ended, O, _idle_end),
    _row({W}, lambda f: f.ended and f.cut, O, 6),
    _row({W}, lambda f: f.ended, O, 254),
    _row({W, R, I}, lambda f: bool(f.beaten) and not f.holds and f.returns, A, _beaten),
    _row({W, R, I}, lambda f: bool(f.beaten) and not f.holds, O, _beaten),
    _row({W, R}, lambda f: f.began and f.out, I, 4),
    _row({W}, lambda f: f.holds, R, 2),
    _row({I}, lambda f: f.holds and not f.out, R, _resumed),
    _row({A}, lambda f: f.holds, R, lambda f: (15,) if f.started else (2,)),
)


class Turn(NamedTuple):
    """One step of a life."""

    phase: Phase
    says: tuple[int, ...]


def turn(phase: Phase, facts: Facts) -> Turn | None:
    """Give the next step; None where everything stays as it is."""
    for row in TABLE:
        if phase in row.phases and row.when(facts):
            return Turn(row.then, row.says(facts))
    return None
