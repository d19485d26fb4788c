"""Whether a request keeps within the limits of a rule: one row for each limit.

Held against a native request, and again against the canonical command that it became. What cannot be shown
to keep a limit does not keep it: no ramp is beyond a least ramp, no end beyond a longest duration, devices of
unknown power beyond any power. Time of day is that of the wall clock in the zone, both times an hour repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

from bridge.core.access.figures import Figures
from bridge.core.access.roles import Grant
from bridge.core.access.rules import Limits, Rule

MINUTE = 60


class Case(NamedTuple):
    """What a limit is held against, besides the figures."""

    now: int
    zone: tzinfo
    grant: Grant
    devices: int | None = None
    """How many the request touches; None where nobody counted, since no rule asks."""
    power: Decimal | None = None
    """Aggregate power of these; None where that of one of them is unknown."""
    today: int = 0
    """Commands of the subject before this one, on this day, under this rule."""


def _no_more(limit: Decimal, figure: Decimal | None) -> bool:
    return figure is None or figure <= limit


Check = Callable[[Limits, Figures, Case], bool]
FIGURES: Mapping[str, Check] = {
    "watts": lambda limits, said, _: _no_more(limits.watts, said.watts),  # type: ignore[arg-type]
    "vars": lambda limits, said, _: _no_more(limits.vars, said.vars),  # type: ignore[arg-type]
    "percent": lambda limits, said, _: _no_more(limits.percent, said.percent),  # type: ignore[arg-type]
    "least": lambda limits, said, _: said.least is None or said.least >= (limits.least or 0),
    "modes": lambda limits, said, _: said.modes <= (limits.modes or frozenset()),
    "ramp": lambda limits, said, _: said.ramp is not None and said.ramp >= (limits.ramp or 0),
    "duration": lambda limits, said, _: said.duration is not None and said.duration <= (limits.duration or 0),
    "lead": lambda limits, said, case: (said.start or 0) - case.now >= (limits.lead or 0),
}
"""Limits of what a command demands."""
CASES: Mapping[str, Callable[[Limits, Case], bool]] = {
    "devices": lambda limits, case: case.devices is not None and case.devices <= (limits.devices or 0),
    "daily": lambda limits, case: case.today < (limits.daily or 0),
    "hours": lambda limits, case: any(_within(text, case) for text in limits.hours),
    "boxed": lambda limits, case: boxed(case.grant, limits.boxed or 0),
}
"""Limits of when, by whom and to how many."""


def beyond(limits: Limits, figures: Figures | None, case: Case) -> tuple[str, ...]:
    """Name the limits that are not kept; those of figures only where there are figures."""
    said = limits.model_fields_set
    if not said:
        return ()
    found = [name for name, check in CASES.items() if name in said and not check(limits, case)]
    if figures is not None:
        found += [
            name for name, check in FIGURES.items() if name in said and not check(limits, figures, case)
        ]
    return tuple(found)


def doubled(limits: Limits, case: Case) -> bool:
    """Whether another subject has to approve."""
    return limits.second is not None and (case.power is None or case.power > limits.second)


def boxed(grant: Grant, longest: int) -> bool:
    """Whether a role was given for a while only."""
    return grant.until > 0 and grant.until - grant.since <= longest


def _within(text: str, case: Case) -> bool:
    """Whether the clock on the wall is between two times; a span may go over midnight."""
    wall = datetime.fromtimestamp(case.now, case.zone).strftime("%H:%M")
    start, _, end = text.partition("-")
    return start <= wall < end if start < end else wall >= start or wall < end


def fleeting(rule: Rule) -> bool:
    """Whether what a rule says changes by the clock alone."""
    return bool(rule.limits.hours)


def day(now: int, zone: tzinfo) -> str:
    """Give the day that a moment is in, as a daily count is kept by."""
    return datetime.fromtimestamp(now, zone).date().isoformat()


def minute(now: int) -> int:
    """Give the next full minute, at which hours may begin or end."""
    return now - now % MINUTE + MINUTE
