"""Which schedule of an object an order stands in: kept by the unit itself, so that a repeated order finds it.

A schedule bears our mark in a description that the unit lets us write (the `d` of one of its settings): whose
record, and for which window. Where there is none, window and rank say it. A schedule of somebody else's that
is in use is never touched; our own that is superseded in its window gives way where no other is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from bridge.core import primacy
from bridge.iec61850.carrying import fitting, ways
from bridge.iec61850.carrying.fault import Later
from bridge.iec61850.carrying.line import Line, Talk
from bridge.iec61850.carrying.survey import Survey, described, instant
from bridge.iec61850.shape import Type, Value
from models.der import messages
from models.mms.codes import DataAccessError

NOT_READY, START_REQUIRED, READY, RUNNING = 1, 2, 3, 4
ENABLED = frozenset({READY, RUNNING})
OURS = "derbridge"
LONGEST = 40
"""Characters of a key."""
NEAR = Decimal("0.01")
"""Seconds within which two moments are one: a timestamp has fractions of its own."""


class Mark(NamedTuple):
    """Whose a schedule is."""

    key: str
    start: Decimal
    end: Decimal

    @property
    def text(self) -> str:
        """As it stands in a description."""
        return f"{OURS} {self.key} {self.start} {self.end}"


class Slot(NamedTuple):
    """A schedule as it was read: its state, its window and rank, whose it is."""

    node: str
    state: int
    start: Decimal
    end: Decimal
    priority: int | None
    mark: Mark | None = None
    marked: str = ""
    """The item that bears the mark; none where there is no such description."""

    @property
    def enabled(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ENABLED


def marking(record: messages.Control | messages.Default, start: Decimal, end: Decimal) -> Mark:
    """The mark of an order: by its record's key, or by a digest of one that is too long."""
    key = primacy.key(record)
    return Mark(key if len(key) <= LONGEST else sha256(key.encode()).hexdigest()[:32], start, end)


def marked(text: object) -> Mark | None:
    """The mark that a description bears."""
    parts = text.split(" ") if isinstance(text, str) else []
    if len(parts) != 4 or parts[0] != OURS:  # noqa: PLR2004 - ours, key, start, end
        return None
    try:
        return Mark(parts[1], Decimal(parts[2]), Decimal(parts[3]))
    except ArithmeticError:
        return None


def items(survey: Survey, schedule: str) -> dict[str, str]:
    """The items of a schedule by what they say."""
    found = {
        "state": f"{schedule}$ST$SchdSt$stVal",
        "fault": f"{schedule}$ST$SchdEnaErr$stVal",
        "interval": f"{schedule}$SP$SchdIntv$setVal",
        "entries": f"{schedule}$SP$NumEntr$setVal",
        "priority": f"{schedule}$SP$SchdPrio$setVal",
        "reuse": f"{schedule}$SP$SchdReuse$setVal",
        "start": ways.first(survey, schedule, "StrTm", "setTm") or "",
        "mark": described(survey, schedule),
    }
    return {name: item for name, item in found.items() if item in survey.types}


def look(line: Line, survey: Survey, schedules: Sequence[str]) -> Talk[tuple[Slot, ...]]:
    """Read schedules."""
    named = {schedule: items(survey, schedule) for schedule in schedules}
    wanted: dict[str, Type] = {item: survey.types[item] for each in named.values() for item in each.values()}
    told = yield from line.read(wanted)
    return tuple(_slot(survey, node, each, told) for node, each in named.items())


def _slot(survey: Survey, node: str, named: dict[str, str], told: dict[str, Value | DataAccessError]) -> Slot:
    said = {name: told[item] for name, item in named.items()}
    number = {name: value for name, value in said.items() if type(value) is int}
    begun = said.get("start")
    start = instant(begun) if isinstance(begun, bytes) else Decimal(0)
    length = number.get("interval", 0) * number.get("entries", 0) * tick(survey, node)
    rank = number.get("priority")
    return Slot(
        node,
        number.get("state", NOT_READY),
        start,
        start + length,
        rank,
        marked(said.get("mark")),
        named.get("mark", ""),
    )


def tick(survey: Survey, schedule: str) -> Decimal:
    """Seconds that a schedule's interval counts in."""
    _, power = fitting.units_of(survey.values, f"{schedule}$CF$SchdIntv")
    return Decimal(1).scaleb(power)


def mine(slot: Slot, mark: Mark, priority: int | None) -> bool:
    """Whether a schedule is that of an order's record: by its mark, or by end and rank without one."""
    if slot.mark is not None:
        return slot.mark.key == mark.key
    ends = abs(slot.end - mark.end) < NEAR
    return slot.enabled and ends and slot.priority == priority


def spare(slots: Sequence[Slot]) -> Slot | None:
    """A schedule that nobody uses, one without a mark first."""
    free = [each for each in slots if not each.enabled]
    return min(free, key=lambda one: one.mark is not None, default=None)


def choose(slots: Sequence[Slot], mark: Mark, priority: int | None, now: Decimal) -> Slot:
    """The schedule that an order is to stand in; Later where all are in use."""
    rows = (
        [each for each in slots if mine(each, mark, priority)],
        [each for each in slots if not each.enabled and each.mark is None],
        [each for each in slots if not each.enabled],
        [each for each in slots if each.mark and (each.mark.end <= now or len(slots) == 1)],
    )
    found = next((row[0] for row in rows if row), None)
    if found is None:
        raise Later(f"every schedule is in use: {', '.join(each.node for each in slots)}")
    return found
