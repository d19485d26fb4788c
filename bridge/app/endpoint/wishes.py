"""What a command of a 61850 client means: a control, the end of one, or a part that waits for its set point.

Read by what is commanded: EnaReq and DsaReq of a schedule, Mod of a node, any other object that a mode names.
What it cannot mean is a Fault, with the AddCause (IEC 61850-7-2) and, of a schedule, the reason for its
SchdEnaErr (7-4). Pure: looks at a device as it is, and changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from bridge.app.endpoint import drafts, parts
from bridge.app.endpoint.parts import Span, Spans
from bridge.core import limits
from bridge.iec61850 import intake
from bridge.iec61850.command import Command
from bridge.iec61850.device import Device
from bridge.iec61850.first import GOOD
from bridge.iec61850.intake import Operated
from bridge.iec61850.shape import Value
from bridge.mapping.nodes import read
from bridge.mapping.sep2 import Envelope
from bridge.mapping.table import Unrepresentable
from models.der import messages
from models.mms.codes import AddCause

ON, OFF = 1, 5
SCHEDULE = "FSCH"
FAULTLESS, ENTRIES, INTERVAL, VALUES, START, OTHER = 1, 2, 3, 4, 6, 99
"""ScheduleEnablingErrorKind."""
DECADE = 315_360_000
"""No control is longer, in seconds: a whole number of 32 bits has room for it in every edition."""


class Fault(Exception):
    """A command that is refused."""

    def __init__(self, cause: AddCause, why: str, schedule: int = OTHER) -> None:
        super().__init__(why)
        self.cause = cause
        self.schedule = schedule


class Begin(NamedTuple):
    """A control is to begin."""

    about: str
    """What was commanded, as `DWMX1.WMaxSptPct`, or the schedule, as `FSCH86`."""
    control: messages.Control


class End(NamedTuple):
    """What was begun of an object, a schedule or a node is to end."""

    about: str


class Keep(NamedTuple):
    """What makes no control: a part of a mode, kept until the set point is commanded; a node's schedule."""

    values: Mapping[str, Value]


Wish = Begin | End | Keep


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed where a client does not say it."""

    hold: int
    """Seconds that a direct control lasts."""
    primacy: int
    """Rank of direct controls."""
    ratings: tuple[messages.Ratings, ...] = ()
    """What the device is built for and set to."""
    spans: Spans = field(default_factory=dict)
    """The schedules of the device that have a control."""


def meant(device: Device, command: Command, about: Envelope, terms: Terms) -> Wish:
    """Say what a command means, or Fault."""
    _, node, name = command.target
    try:
        wish = WAYS.get(name, _operated)(device, command, about, terms)
    except Unrepresentable as error:
        raise Fault(AddCause.inconsistent_parameters, str(error), VALUES) from error
    if isinstance(wish, Begin):
        _able(device, wish.control.modes)
        _said(wish.control)
        if why := limits.beyond(wish.control.modes, terms.ratings):
            raise Fault(AddCause.invalid_position, why, VALUES)
        if wish.control.start + wish.control.duration <= about.issued:
            raise Fault(AddCause.time_limit_over, f"{node}: this is over already", START)
    return wish


def _said(control: messages.Control) -> None:
    """Refuse what no edition of IEEE 2030.5 can say."""
    try:
        drafts.tried(control)
    except Unrepresentable as error:
        raise Fault(AddCause.not_supported, str(error), VALUES) from error


def _able(device: Device, modes: messages.Modes) -> None:
    """Refuse a mode that the device does not have."""
    asked = [name for name in type(modes).model_fields if getattr(modes, name) is not None]
    wrong = [name for name in asked if name not in (*device.able, "rampTms")]
    if wrong:
        raise Fault(AddCause.not_supported, f"the device has no {wrong[0]}", VALUES)


# ------------------------------------------------------------------------------------------- direct controls


def _operated(device: Device, command: Command, about: Envelope, terms: Terms) -> Wish:
    """An object of a function is operated: a control from now on, or from the moment that is said."""
    _, node, name = command.target
    if f"{node}.{name}" in _parts():
        return Keep({f"{node}$ST${name}$stVal": command.value, f"{node}$ST${name}$q": GOOD})
    return _direct(device, command, about, terms)


def _direct(device: Device, command: Command, about: Envelope, terms: Terms) -> Begin:
    _, node, name = command.target
    said = f"{node}.{name}"
    found = intake.command(device, Operated(said, command.value), about)
    if found is None:
        why = f"{said} says nothing without another value of its node"
        raise Fault(AddCause.inconsistent_parameters, why)
    start = about.issued // 1 if command.at is None else Decimal(math.ceil(command.at))
    duration = -(-found.duration // 1) or Decimal(terms.hold)
    fields = {"start": start, "duration": _bounded(duration), "primacy": terms.primacy}
    return Begin(said, found.model_copy(update=fields))


def _bounded(duration: Decimal) -> Decimal:
    if duration > DECADE:
        raise Fault(AddCause.inconsistent_parameters, f"{duration} s is longer than ten years", INTERVAL)
    return duration


def _moded(device: Device, command: Command, about: Envelope, terms: Terms) -> Wish:
    """A node is put on, with what was set for it, or off."""
    if command.value == OFF:
        return End(command.target.node)
    if command.value != ON:
        raise Fault(AddCause.not_supported, "a node is on or off here")
    return _direct(device, command, about, terms)


@cache
def _parts() -> frozenset[str]:
    """The objects that only say of a power factor on which side it is."""
    return frozenset(row.also["quad"] for row in read().rows["Modes"] if "quad" in row.also)


# ------------------------------------------------------------------------------------------------- schedules


def _enabled(device: Device, command: Command, about: Envelope, terms: Terms) -> Wish:
    """A schedule is asked to run: all that was written to it at once."""
    node = command.target.node
    for name, error in WANTED.items():
        value = device.domain.leaves.get(f"{node}$SP${name}")
        if not value or (isinstance(value, bytes) and not any(value[:4])) or _negative(value):
            raise Fault(AddCause.inconsistent_parameters, f"{node}.{name} is not said", error)
    window = parts.window(device, node, about.issued)
    waits = parts.waiting(device, _of(device, node), window, about.issued) if window else ()
    found = intake.schedule(device, node, "EnaReq", about, tuple(waits))
    duration = _bounded(-(-found.duration // 1))
    found = found.model_copy(update={"start": found.start // 1, "duration": duration})
    if found.modes != messages.Modes():
        return Begin(node, found)
    if intake.entity(device, node) not in parts.objects():
        raise Fault(AddCause.inconsistent_parameters, f"{node} has no value", VALUES)
    return _parted(device, node, found, about, terms)


def _of(device: Device, schedule: str) -> str:
    """The node that a schedule is about."""
    return node(intake.entity(device, schedule))


def _parted(device: Device, schedule: str, found: messages.Control, about: Envelope, terms: Terms) -> Wish:
    """A part of a mode is to hold in a window: with a set point that is scheduled there, or that stands."""
    said = parts.operated(device, schedule)
    if said is None:
        raise Fault(AddCause.inconsistent_parameters, f"{schedule} has no value", VALUES)
    switch = said.object.endswith(f".{parts.MODE}")
    if switch and said.value != ON:
        raise Fault(AddCause.not_supported, f"{schedule} puts {said.object} on, or nothing", VALUES)
    if schedule not in terms.spans and parts.enabled(device, schedule):
        raise Fault(AddCause.already_in_execution, f"{schedule} is enabled")
    window, now = Span(found.start, found.start + found.duration), about.issued
    if window.end <= now:
        raise Fault(AddCause.time_limit_over, f"{schedule}: this is over already", START)
    met = parts.meets(node(said.object), window, terms.spans)
    if met and not any(parts.covers(window, one, now) for one in met):
        raise Fault(AddCause.inconsistent_parameters, f"{said.object}: a part of its set point", INTERVAL)
    stands = intake.command(device, said, about) if switch and not met else None
    if stands is None:
        return Keep(parts.told(schedule, on=True))
    fields = {name: getattr(found, name) for name in ("start", "duration", "primacy")}
    return Begin(schedule, stands.model_copy(update=fields))


def _negative(value: Value) -> bool:
    return isinstance(value, int) and value < 0


WANTED: Mapping[str, int] = MappingProxyType(
    {"NumEntr$setVal": ENTRIES, "SchdIntv$setVal": INTERVAL, "StrTm1$setTm": START}
)
"""What a schedule has to say, and its SchdEnaErr where it does not."""


def _disabled(device: Device, command: Command, _about: Envelope, terms: Terms) -> Wish:
    """A schedule is asked to stop."""
    schedule = command.target.node
    if schedule not in terms.spans and parts.enabled(device, schedule):
        return Keep(parts.told(schedule, on=False))
    return End(schedule)


Way = Callable[[Device, Command, Envelope, Terms], Wish]
WAYS: Mapping[str, Way] = MappingProxyType({"EnaReq": _enabled, "DsaReq": _disabled, "Mod": _moded})
"""How a command is read, by the name of its object; any other is operated."""


def scheduled(about: str) -> bool:
    """Whether what was commanded is a schedule."""
    return about.startswith(SCHEDULE)


def node(about: str) -> str:
    """The node that something commanded stands on."""
    return about.partition(".")[0]
