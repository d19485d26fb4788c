"""One unit and all that is asked of it, as a picture of its own: what orders and explanations are read off.

Made from what the store holds, by the functions that the step is made of, so that one rule decides
whatever door a record came in by: `primacy`, `limits`, `fleet`. Nothing is remembered between two cases.
Reads no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from bridge.core import course, facts, fleet, limits, primacy, spread, timeline
from bridge.core.orders import Mark
from bridge.ports import Kind, Reach
from models.der import messages

Event = messages.Control | messages.Default
Said = Mapping[str, tuple[int, ...]]
"""Response statuses that were given for a unit, by subject, the oldest first."""
NOTHING: Said = MappingProxyType({})
OPTED_OUT, OPTED_IN = 4, 5


class Case(NamedTuple):
    """A unit at a moment: what is asked of it, what it can do, what it was told, what was said for it."""

    picture: fleet.Picture
    unit: str
    reach: Reach
    marks: frozenset[Mark] = frozenset()
    queued: frozenset[tuple[Kind, str]] = frozenset()
    """Orders on their way: what they ask, and the names of their records."""
    said: Said = NOTHING
    since: Decimal = Decimal(0)
    """When the unit came to be ours to tell: what was over by then is none of its business."""
    seed: bytes = b""
    """What the random part of events is drawn from."""

    @property
    def planned(self) -> timeline.Plan:
        """Who is to hold what, when, the random part of events left aside."""
        return self.picture.plans.get(self.unit, MappingProxyType({}))

    @property
    def plan(self) -> timeline.Plan:
        """Who holds what, when, at this unit: with the random part of each event in it."""
        controls, defaults = fleet.asked(self.picture, self.unit)
        if not any(one.randomizeStart or one.randomizeDuration for one in controls):
            return self.planned
        live = [one for one in controls if self._live(one)]
        return course.course(live, [one for one in defaults if self._live(one)], self.unit, self.seed)

    def _live(self, record: Event) -> bool:
        """Whether a record may hold something: one that ends with random spread does until it has ended."""
        state = record.status if isinstance(record, messages.Control) else None
        fading = state is not None and state.currentStatus == spread.RANDOMLY
        if fleet.closed(self.picture, self.unit, record) or (primacy.withdrawn(record) and not fading):
            return False
        return limits.beyond(record.modes, self.picture.devices[self.unit].ratings) is None

    def window(self, record: Event) -> tuple[Decimal, Decimal]:
        """Give the window of a record at this unit."""
        if isinstance(record, messages.Control):
            return spread.window(record, self.unit, self.seed)
        return timeline.window(record)

    @property
    def records(self) -> Mapping[str, Event]:
        """What is asked of the unit, by name, whatever became of it."""
        return {primacy.key(one): one for row in fleet.asked(self.picture, self.unit) for one in row}


def subject(record: Event) -> str:
    """Give the name that statuses are kept under: each edition of a default is a new question."""
    key = primacy.key(record)
    return f"{key}.{record.version or 0}" if isinstance(record, messages.Default) else key


def closed(statuses: Iterable[int]) -> bool:
    """Whether a unit is done with an event, or kept out of it, after it said these one after another."""
    said = tuple(statuses)
    opted = [one for one in said if one in {OPTED_OUT, OPTED_IN}]
    return any(one in fleet.CLOSED for one in said) or opted[-1:] == [OPTED_OUT]


def pictured(
    enrolment: messages.Enrolment,
    told: Iterable[facts.Fact],
    records: Iterable[Event],
    said: Said,
    now: Decimal,
) -> fleet.Picture:
    """Give the picture of one unit, with its plan."""
    name = primacy.folded(enrolment.device)
    picture = facts.enrolled(fleet.Picture(name), enrolment)
    device = picture.devices[name]
    for one in told:
        device = facts.told(device, one)
    picture = replace(picture, devices=fleet.put(picture.devices, name, device))
    for record in records:
        picture = fleet.hold(picture, record, now)
        if closed(said.get(subject(record), ())):
            picture = _closed(picture, name, record)
    return fleet.replanned(picture, (name,))


def _closed(picture: fleet.Picture, name: str, record: Event) -> fleet.Picture:
    """Give the picture in which a unit has said that it is done with a record."""
    word = messages.Outcome(
        id=f"{name}/{primacy.key(record)}",
        origin=messages.Origin(party=name, door=messages.Door.core),
        target=messages.Target(),
        issued=Decimal(0),
        device=name,
        subject=primacy.key(record),
        status=OPTED_OUT,
    )
    return fleet.heard(picture, record, name, word)
