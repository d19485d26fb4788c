"""Schedules that say no mode by themselves: that a node is on, or on which side a power factor is.

Such a schedule (`FSCH87` of `DWMX1.Mod`) goes with that of a set point of its node (`FSCH86`): a control of
IEEE 2030.5 has all of its mode in one window. It is enabled before or after that one, runs while that runs,
and ends with it. That it is enabled stands in its SchdSt (IEC 61850-7-4), which is kept. Asks no store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import NamedTuple, cast

from bridge.iec61850 import device as devices
from bridge.iec61850 import event, intake
from bridge.iec61850.device import Device
from bridge.iec61850.first import GOOD
from bridge.iec61850.intake import Operated
from bridge.iec61850.roster import SCHEDULED, SLOTS
from bridge.iec61850.shape import Value
from bridge.mapping.nodes import place, read
from bridge.mapping.points import Point, Scalar
from bridge.mapping.schedule import named
from bridge.mapping.sep2 import Envelope
from bridge.mapping.table import Unrepresentable
from models.der import messages

MODE = "Mod"
SLACK = Decimal(10)
"""Seconds by which it may begin later than its set point, or than now: it is written after that one."""
ORIGIN = messages.Origin(party="00", door=messages.Door.iec61850)
CANCELLED = 2


class Span(NamedTuple):
    """The window of a schedule; its end is not in it."""

    start: Decimal
    end: Decimal


Spans = Mapping[str, Span]
"""The windows of schedules that have a control, by name."""


class Found(NamedTuple):
    """What a device has of them: states to be shown, when they change by the clock, and what has ended."""

    values: Mapping[str, Value] = MappingProxyType({})
    edges: tuple[Decimal, ...] = ()
    ended: tuple[str, ...] = ()


@cache
def objects() -> frozenset[str]:
    """The objects of such schedules."""
    rows = read().rows["Modes"]
    main, also = {row.iec61850 for row in rows}, {ref for row in rows for ref in row.also.values()}
    valued = {ref.partition(".")[0] for ref in read().entities if not ref.endswith(f".{MODE}")}
    modes = {f"{node}.{MODE}" for node in valued}
    return frozenset((also - main) | modes) & read().entities.keys()


@cache
def beside(node: str) -> tuple[str, ...]:
    """Give the schedules of all objects of a node."""
    numbers = (number for ref, number in read().entities.items() if ref.startswith(f"{node}."))
    return tuple(named(number, slot) for number in numbers for slot in range(SLOTS))


@cache
def _every() -> tuple[str, ...]:
    return tuple(named(read().entities[ref], slot) for ref in sorted(objects()) for slot in range(SLOTS))


def enabled(device: Device, schedule: str) -> bool:
    """Whether a schedule shows that it is ready or runs."""
    return device.domain.leaves.get(f"{schedule}$ST$SchdSt$stVal") in (event.READY, event.RUNNING)


def told(schedule: str, *, on: bool) -> dict[str, Value]:
    """Give the values that say whether a schedule is enabled, to be kept."""
    state = f"{schedule}$ST$SchdSt$"
    return {f"{state}stVal": event.READY if on else event.NOT_READY, f"{state}q": GOOD}


def operated(device: Device, schedule: str) -> Operated | None:
    """Give what a schedule has its object do; None where nothing was written."""
    ref = intake.entity(device, schedule)
    item = f"{schedule}$SP${SCHEDULED[place(ref).cdc][0]}$setVal"
    return Operated(ref, device.domain.leaves[item]) if item in device.told else None


def meets(node: str, window: Span, spans: Spans) -> list[Span]:
    """Give the windows of schedules of a node that have something in common with one."""
    found = (spans[name] for name in beside(node) if name in spans)
    return [one for one in found if one.start < window.end and window.start < one.end]


def covers(window: Span, other: Span, now: Decimal) -> bool:
    """Whether what holds in a window holds in all of another one, as far as that is to come."""
    return window.start <= max(other.start, now) + SLACK and window.end >= other.end


def waiting(device: Device, node: str, other: Span, now: Decimal) -> Iterator[Operated]:
    """Give what else a node is to do in a window, by schedules that wait for their set point."""
    for schedule in beside(node):
        if schedule in _every() and enabled(device, schedule):
            own, said = window(device, schedule, now), operated(device, schedule)
            if own and said and covers(own, other, now):
                yield said


def window(device: Device, schedule: str, now: Decimal) -> Span | None:
    """Give what is written of a schedule; None where that means nothing any more."""
    about = Envelope(f"{device.name}/{schedule}", ORIGIN, messages.Target(), now)
    try:
        return Span(*intake.window(device, schedule, about))
    except Unrepresentable:
        return None


# ------------------------------------------------------------------------------------------ as they are shown


def found(device: Device, spans: Spans, over: Iterable[Span], now: float) -> Found:
    """Give all that are enabled: each is as what it goes with, ends with that, or waits by the clock."""
    values: dict[str, Value] = {}
    edges: list[Decimal] = []
    gone: list[str] = []
    at, ended = Decimal(repr(now)), tuple(over)
    for schedule in _every():
        if enabled(device, schedule) and schedule not in spans:
            span = _shown(device, schedule, spans, ended, at)
            values |= _states(device, schedule, span, at)
            edges += span or ()
            gone += [] if span and at < span.end else [schedule]
    return Found(values, tuple(one for one in edges if one > at), tuple(gone))


def _shown(device: Device, schedule: str, spans: Spans, over: tuple[Span, ...], at: Decimal) -> Span | None:
    """The window that a schedule is shown by; None where it has ended."""
    own = window(device, schedule, at)
    if own is None:
        return None
    met = meets(intake.entity(device, schedule).partition(".")[0], own, spans)
    alone = None if any(one.start < own.end and own.start < one.end for one in over) else own
    return min(met, default=alone)


def _states(device: Device, schedule: str, span: Span | None, at: Decimal) -> Mapping[str, Value]:
    start, end = span or (at, at)
    state = messages.EventState(currentStatus=0 if span else CANCELLED, at=at, potentiallySuperseded=False)
    control = messages.Control(
        id="00", origin=ORIGIN, target=messages.Target(), issued=at, status=state,
        start=start, duration=end - start, modes=messages.Modes(),
    )  # fmt: skip
    held = device.domain.leaves
    points = event.scheduled(_written(device, schedule), control, at, (device.name, held))
    return devices.placed(device, points, float(at)).values


def _written(device: Device, schedule: str) -> Iterator[Point]:
    """What is written of a schedule, as points."""
    head = f"{schedule}$SP$"
    for item, value in device.domain.leaves.items():
        if item.startswith(head):
            ref = f"{schedule}.{item.removeprefix(head).replace('$', '.')}"
            yield Point(ref, "SP", cast("Scalar", value))
