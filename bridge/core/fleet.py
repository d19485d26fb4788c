"""The picture: who is in the fleet, what units last said, what is asked of them, and the plans that follow.

A picture is a value: a change gives a new one and leaves the old one as it was, so a reader keeps a
consistent view as long as it likes and the step can compare before with after. Plans are the only derived
part; they always equal what `timeline.plan` says of the records. Never reads a clock, and forgets only what
ended more than a day ago.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import TypeVar

from bridge.core import limits, primacy, timeline
from models.der import messages

K = TypeVar("K")
V = TypeVar("V")
Event = messages.Control | messages.Default
Address = tuple[str, str]
"""Whom a record is for: ("device", its LFDI) or ("group", the programme's name)."""

DAY = Decimal(86_400)
OPTED_OUT = 4
CLOSED = frozenset({3, 6, 7, 8, 9, 10, 13, 14, 252, 253, 254})
"""Response statuses (2030.5-2018 table 27) after which a unit does not come back to an event."""


def frozen(pairs: Mapping[K, V]) -> Mapping[K, V]:
    """Give a mapping that nobody can change."""
    return MappingProxyType(dict(pairs))


def put(held: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """Give the mapping with one entry set."""
    return MappingProxyType({**held, key: value})


def drop(held: Mapping[K, V], key: K) -> Mapping[K, V]:
    """Give the mapping without one entry."""
    return MappingProxyType({name: value for name, value in held.items() if name != key})


@dataclass(frozen=True, slots=True)
class Device:
    """A unit and the last of what it said."""

    enrolment: messages.Enrolment
    capability: messages.Capability | None = None
    setting: messages.Setting | None = None
    operation: messages.Operation | None = None
    availability: messages.Availability | None = None
    following: messages.Status | None = None
    series: Mapping[str, messages.Series] = field(default_factory=lambda: frozen({}))
    points: Mapping[str, messages.UsagePoint] = field(default_factory=lambda: frozen({}))
    alarms: tuple[messages.Alarm, ...] = ()

    @property
    def joined(self) -> bool:
        """Whether the unit is in the fleet now; a unit that left is remembered by its last enrolment."""
        return self.enrolment.joined and self.enrolment.kind == "device"

    @property
    def ratings(self) -> tuple[messages.Ratings, ...]:
        """What bounds the unit: setting and nameplate, as far as they are known."""
        return tuple(one.ratings for one in (self.setting, self.capability) if one is not None)


@dataclass(frozen=True, slots=True)
class Picture:
    """All that the step knows; `own` is the identity the bridge itself speaks under."""

    own: str
    devices: Mapping[str, Device] = field(default_factory=lambda: frozen({}))
    groups: Mapping[str, frozenset[str]] = field(default_factory=lambda: frozen({}))
    controls: Mapping[str, messages.Control] = field(default_factory=lambda: frozen({}))
    defaults: Mapping[str, messages.Default] = field(default_factory=lambda: frozen({}))
    queues: Mapping[Address, frozenset[str]] = field(default_factory=lambda: frozen({}))
    outcomes: Mapping[str, Mapping[str, messages.Outcome]] = field(default_factory=lambda: frozen({}))
    prices: Mapping[str, messages.Price] = field(default_factory=lambda: frozen({}))
    notices: Mapping[str, messages.Notice] = field(default_factory=lambda: frozen({}))
    plans: Mapping[str, timeline.Plan] = field(default_factory=lambda: frozen({}))


def addresses(target: messages.Target) -> frozenset[Address]:
    """Give the addresses that a target names."""
    devices = {("device", primacy.folded(one)) for one in target.device}
    return frozenset(devices | {("group", one) for one in target.group})


def reached(picture: Picture, target: messages.Target) -> tuple[str, ...]:
    """Give the units of the fleet that a target means, each once, in order."""
    named = {one for one in map(primacy.folded, target.device) if is_joined(picture, one)}
    return tuple(sorted(named.union(*(picture.groups.get(one, frozenset()) for one in target.group))))


def is_joined(picture: Picture, name: str) -> bool:
    """Whether a unit is in the fleet."""
    held = picture.devices.get(name)
    return held is not None and held.joined


def asked(picture: Picture, name: str) -> tuple[tuple[messages.Control, ...], tuple[messages.Default, ...]]:
    """Give the controls and the defaults that are for a unit, whatever became of them."""
    if not is_joined(picture, name):
        return (), ()
    groups = picture.devices[name].enrolment.programme
    spots: list[Address] = [("device", name), *(("group", one) for one in groups)]
    keys = sorted(frozenset[str]().union(*(picture.queues.get(spot, frozenset()) for spot in spots)))
    controls = tuple(picture.controls[one] for one in keys if one in picture.controls)
    return controls, tuple(picture.defaults[one] for one in keys if one in picture.defaults)


def closed(picture: Picture, name: str, record: Event) -> bool:
    """Whether a unit said that it is done with an event, or that its owner keeps it out."""
    last = picture.outcomes.get(primacy.key(record), {}).get(name)
    return last is not None and (last.status in CLOSED or last.status == OPTED_OUT)


def admitted(picture: Picture, name: str) -> tuple[Event, ...]:
    """Give the records that a unit's plan is made of: not withdrawn, not closed, within its limits."""
    controls, defaults = asked(picture, name)
    every: tuple[Event, ...] = (*controls, *defaults)
    live = [one for one in every if not (primacy.withdrawn(one) or closed(picture, name, one))]
    return tuple(one for one in live if limits.beyond(one.modes, picture.devices[name].ratings) is None)


def replanned(picture: Picture, names: Iterable[str]) -> Picture:
    """Give the picture with these units' plans made anew; units with the same records share one plan."""
    made: dict[tuple[str, ...], timeline.Plan] = {}
    plans = dict(picture.plans)
    for name in names:
        records = admitted(picture, name)
        same = tuple(map(primacy.key, records))
        if same not in made:
            controls = [one for one in records if isinstance(one, messages.Control)]
            made[same] = frozen(
                timeline.plan(controls, [one for one in records if isinstance(one, messages.Default)])
            )
        plans[name] = made[same]
    return replace(
        picture, plans=frozen({name: one for name, one in plans.items() if is_joined(picture, name)})
    )


def held(picture: Picture, name: str) -> Event | None:
    """Give the control or default of a name."""
    return picture.controls.get(name) or picture.defaults.get(name)


def hold(picture: Picture, record: Event, now: Decimal) -> Picture:
    """Give the picture with a record in place of its earlier edition, and without what ended long ago.

    A new edition is a new question: what ended the earlier one for a unit does not end it, an opt-out does.
    """
    name = primacy.key(record)
    bare = without(picture, name)
    if name in bare.outcomes:
        kept = {unit: one for unit, one in bare.outcomes[name].items() if one.status not in CLOSED}
        bare = replace(bare, outcomes=put(bare.outcomes, name, frozen(kept)))
    spots = addresses(record.target)
    queues = {**bare.queues, **{spot: bare.queues.get(spot, frozenset()) | {name} for spot in spots}}
    if isinstance(record, messages.Default):
        return replace(bare, queues=frozen(queues), defaults=put(bare.defaults, name, record))
    full = replace(bare, queues=frozen(queues), controls=put(bare.controls, name, record))
    old = [one for spot in spots for one in queues[spot] if one != name and _long_over(full, one, now)]
    for one in old:
        full = without(full, one)
        full = replace(full, outcomes=drop(full.outcomes, one))
    return full


def heard(picture: Picture, record: Event, name: str, outcome: messages.Outcome) -> Picture:
    """Give the picture with what a unit said of a record; an end, once said, stays said."""
    key = primacy.key(record)
    row = picture.outcomes.get(key, {})
    if outcome.status is None or (name in row and row[name].status in CLOSED):
        return picture
    return replace(picture, outcomes=put(picture.outcomes, key, put(row, name, outcome)))


def without(picture: Picture, name: str) -> Picture:
    """Give the picture without a control or default; what units said of it stays."""
    record = held(picture, name)
    if record is None:
        return picture
    queues = dict(picture.queues)
    for spot in addresses(record.target):
        left = queues.pop(spot, frozenset()) - {name}
        queues.update({spot: left} if left else {})
    if isinstance(record, messages.Default):
        return replace(picture, queues=frozen(queues), defaults=drop(picture.defaults, name))
    return replace(picture, queues=frozen(queues), controls=drop(picture.controls, name))


def _long_over(picture: Picture, name: str, now: Decimal) -> bool:
    record = picture.controls.get(name)
    return record is not None and timeline.window(record)[1] + DAY < now
