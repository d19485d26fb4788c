"""Orders to units that do not come for them, and why a record holds a mode of a unit.

An order is shown while it is on its way, or dead. An explanation is made anew for each question, for any
unit. Moments are whole seconds; what has no beginning or no end has none.
"""

from __future__ import annotations

from typing import Literal

from bridge.sdk.forms.kinds import Asked, Given, Moment, Shown
from bridge.sdk.forms.records import Which


class OrderQuery(Asked):
    """Which orders."""

    device: Which | None = None
    """By number or LFDI."""
    dead: bool | None = None
    """Only dead letters, or only what is on its way; both where nothing is said."""


class Order(Shown):
    """What a unit is told, once."""

    device: str
    """LFDI of the unit."""
    number: int
    """Of the order, among those of its unit."""
    kind: Literal["take", "leave"]
    record: str
    """mRID of the control or default."""
    modes: tuple[str, ...]
    """Canonical names of the modes that are taken or left."""
    start: int | None = None
    end: int | None = None
    made: int
    """When it was made."""
    tries: int
    due: int
    """When it is tried next."""
    reason: str = ""
    """Why the last try came to nothing."""
    dead: bool = False
    """Whether it was given up."""


class ExplainQuery(Given):
    """When."""

    at: Moment | None = None
    """The moment that is asked about; now where nothing is said."""


class Answer(Shown):
    """What was said of a record for the unit."""

    status: int
    """Response status."""
    meaning: str = ""
    at: int
    """When."""
    cause: int | None = None
    """AddCause of IEC 61850, where the unit gave one."""
    reason: str = ""


class Candidate(Shown):
    """A record that asks for the mode, and why it holds it or does not."""

    record: str
    """mRID."""
    kind: Literal["control", "default"]
    href: str = ""
    verdict: Literal["holds", "outranked", "withdrawn", "closed", "beyond", "early", "over", "stranger"]
    why: str
    value: str
    """What it asks for, as the canonical record has it."""
    primacy: int | None = None
    created: int
    start: int | None = None
    end: int | None = None
    party: str
    """LFDI of who issued it."""
    door: str
    """By which door it came: sep2, operator, iec61850."""
    correlation: str = ""
    """What the request is called in every log."""
    told: Literal["no", "on its way", "dead", "yes"] = "no"
    """Whether the unit was told, where it does not come for it by itself."""
    answers: tuple[Answer, ...] = ()
    """What the unit, or the bridge for it, has said of it, the oldest first."""


class Explanation(Shown):
    """Which record holds a mode of a unit at a moment, and why."""

    device: str
    """LFDI of the unit."""
    mode: str
    """Canonical name of the mode."""
    at: int
    """The moment."""
    holder: str | None = None
    """mRID of the record that holds it; none where nobody asks for anything."""
    until: int | None = None
    """When that changes, by what is known now."""
    carried: bool = False
    """Whether the unit is told by orders; else it comes for its controls by itself."""
    adapter: str = ""
    """The adapter that reaches it, where one does, and the agreement by which; or why there is none."""
    candidates: tuple[Candidate, ...] = ()
    """All records that ask for the mode, the strongest first."""
    drawing: tuple[str, ...] = ()
    """The plan of the mode around the moment, as lines of text; times are of UTC."""
