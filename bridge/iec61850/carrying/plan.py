"""What an order means for one unit: settings, commands and schedules, made before anything is written.

The mapping turns the record into points; each point is held against the unit's own model. What the unit has
no place for, or no room, is a refusal here, while nothing is done yet. A window that is over is refused
(2030.5 response 254); one that has begun is shortened to what is left. Asks the unit nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from bridge.iec61850.carrying import fitting, ways
from bridge.iec61850.carrying.fault import BAD, PAST, UNABLE, Fault
from bridge.iec61850.carrying.survey import Survey
from bridge.iec61850.command import Target
from bridge.iec61850.device import item_of
from bridge.iec61850.shape import Value
from bridge.mapping.bases import Bases
from bridge.mapping.iec61850 import to_points
from bridge.mapping.nodes import Row, place, read
from bridge.mapping.points import Point, Scalar
from bridge.mapping.table import Unrepresentable
from bridge.ports import ENTRY, Order
from models.der import messages

STANDING = frozenset({"InEcpRef", "RvrtTms", "WinTms", "RmpTms"})
"""Objects of a node that go with any mode; a unit may lack them."""
CONFIGURED = frozenset({"maxPts", "ctlModel"})
"""What a unit is made with, and nobody tells it."""
SOFT = frozenset({"DC"})
"""Constraints of what only explains: a unit that does not take it is told all the same."""
BESIDE = frozenset({ways.RAMP, ENTRY})
"""What stands among an order's modes and is none."""
AXES = ("xUnits", "yUnits", "zUnits")
MODE = "Mod"
CLASSES: Mapping[str, str] = {"ValASG1": "APC", "ValENG1": "ENC", "ValSPG1": "SPC"}
"""By what a schedule holds its value in, a class that it may control."""
LEAD = 1
"""Seconds from now until a schedule may begin: none starts in the past."""


class Booking(NamedTuple):
    """One object under a schedule: what it is told, from when until when, at which rank."""

    entity: str
    cdc: str
    value: Scalar
    start: Decimal
    end: Decimal
    priority: int | None


class Command(NamedTuple):
    """One control object and what it is told."""

    target: Target
    value: Scalar

    @property
    def ref(self) -> str:
        """Its reference within the device."""
        return f"{self.target.node}.{self.target.object}"


class Plan(NamedTuple):
    """All that an order comes to: settings first, then commands with Mod last, and schedules."""

    settings: Mapping[str, Value]
    commands: tuple[Command, ...] = ()
    bookings: tuple[Booking, ...] = ()
    apart: tuple[str, ...] = ()
    """What of the record's settings the unit has no object for."""


def planned(order: Order, survey: Survey, bases: Bases, now: float) -> Plan:
    """What an order comes to; raises the refusal of what cannot be."""
    if order.end <= Decimal(repr(now)):
        raise Fault("window", "is over", PAST)
    bases = ways.suited(survey, bases)
    rows = {row.canonical: row for row in read().rows["Modes"]}
    chosen = sorted(order.modes - BESIDE)
    found = [_way(order, survey, bases, rows[name]) for name in chosen]
    booked = {each.mode: each for each in found if each.slots and bounded(order)}
    direct = [each.mode for each in found if each.mode not in booked]
    held = points(narrowed(order, booked, order.start), bases) if booked else ()
    lasts = _whole(order)
    told = points(narrowed(order, direct, _begun(order, now), lasts), bases) if direct else ()
    entry, apart = _entry(order, survey, bases)
    settings = _settings((*_standing(held), *(each for each in told if not _scheduling(each))), survey)
    return Plan(
        _endless(told, survey, lasts) | settings | entry,
        tuple(_commands(told, survey)),
        tuple(sorted(_bookings(held, survey, order, lasting(order, booked.values())), key=_figured)),
        apart,
    )


def narrowed(
    order: Order, modes: Iterable[str], start: Decimal, end: Decimal | None = None
) -> messages.Control | messages.Default:
    """The record with these modes alone, and the window of the order for its own."""
    given = {name: getattr(order.record.modes, name) for name in modes}
    given[ways.RAMP] = order.record.modes.rampTms
    record, chosen = order.record, messages.Modes(**given)
    if isinstance(record, messages.Default):
        return record.model_copy(update={"modes": chosen, "entry": messages.GridEntry()})
    if not order.end.is_finite():
        common = {name: getattr(record, name) for name in messages.Message.model_fields}
        return messages.Default(**common, modes=chosen, entry=messages.GridEntry())
    window: dict[str, Any] = {"start": start, "duration": (end or order.end) - start, "status": None}
    drawn = {"randomizeStart": None, "randomizeDuration": None}
    return record.model_copy(update={"modes": chosen, **window, **drawn})


def points(record: messages.Control | messages.Default, bases: Bases) -> tuple[Point, ...]:
    """The points of a record, under the unit's names but without the device's."""
    try:
        told = to_points(record, bases).points
    except Unrepresentable as error:
        raise Fault(error.path or "record", error.reason, BAD) from None
    return tuple(each._replace(ref=each.ref.removeprefix(f"{bases.ld}/")) for each in told)


def _way(order: Order, survey: Survey, bases: Bases, row: Row) -> ways.Way:
    """How a mode goes; a mode that says nothing, or that the unit has no place for, is refused."""
    found = ways.way(survey, bases, row)
    if getattr(order.record.modes, row.canonical) is None:
        raise Fault(row.canonical, "the record does not ask for it", BAD)
    if not found.able:
        raise Fault(row.canonical, f"the unit has no {found.lacks} that takes commands", UNABLE)
    alone = points(narrowed(order, [row.canonical], max(order.start, Decimal(0))), bases)
    if not any(each.fc in ("CO", "SP") for each in alone):
        raise Fault(row.canonical, "nothing of it can be said to a unit: its curve is not known", BAD)
    entities = [each.entity for each in _bookings(alone, survey, order, order.end)] if found.slots else []
    free = all(ways.arbiter(survey, each, place_of(bases, each)) for each in entities)
    return found if free and entities else found._replace(slots=0)


def place_of(bases: Bases, entity: str) -> str:
    """The class of an object of the unit."""
    node, _, rest = entity.partition(".")
    return place(f"{ways.tabled(bases, node)}.{rest}").cdc


def bounded(order: Order) -> bool:
    """Whether an order is of a control with a window, which a schedule can hold."""
    return isinstance(order.record, messages.Control) and order.end.is_finite() and order.start.is_finite()


def _begun(order: Order, now: float) -> Decimal:
    """When the order's window begins, or now where it has begun."""
    return max(order.start, Decimal(int(now))) if order.start.is_finite() else Decimal(int(now))


def _scheduling(point: Point) -> bool:
    return "FSCH" in point.ref.partition(".")[0] or "FSCC" in point.ref.partition(".")[0]


def _standing(held: Iterable[Point]) -> Iterator[Point]:
    """What is set at once for modes that go by schedules: the connection point and the ramp."""
    for each in held:
        if not _scheduling(each) and each.fc != "CO" and each.ref.split(".")[1] != "RvrtTms":
            yield each


def _settings(told: Iterable[Point], survey: Survey) -> dict[str, Value]:
    """The settings among points, as the unit's own values."""
    listed = [each for each in told if each.fc not in ("CO", "SR")]
    said = {item_of(each.ref, each.fc): each.value for each in listed if each.fc == "CF"}
    found: dict[str, Value] = {}
    for each in listed:
        if not _passed(each, survey):
            item = item_of(each.ref, each.fc)
            found[item] = fitting.fitted(survey.types[item], _figure(each, survey, said), each.ref)
    return found


def _endless(told: Iterable[Point], survey: Survey, lasts: Decimal) -> dict[str, Value]:
    """No reversion time for what nothing ends: one that a control before it has left would end it."""
    if lasts.is_finite():
        return {}
    nodes = dict.fromkeys(each.ref.partition(".")[0] for each in told if each.fc == "CO")
    items = (f"{node}$SP$RvrtTms$setVal" for node in nodes)
    return {item: 0 for item in items if item in survey.types}


def _passed(point: Point, survey: Survey) -> bool:
    """Whether a point is not for this unit; one that it should have and has not is refused."""
    name, _, rest = point.ref.partition(".")[2].partition(".")
    tail = rest.split(".")
    if (point.fc == "CF" and tail[0] not in AXES) or tail[0] in CONFIGURED:
        return True
    if item_of(point.ref, point.fc) in survey.types:
        return name == "InEcpRef" and not survey.has(str(point.value).removeprefix(f"{survey.domain}/"))
    if name in STANDING or point.fc in (*SOFT, "CF") or (tail[0].startswith("crvPts") and not point.value):
        return True
    raise Fault(point.ref, "the unit has no such object", UNABLE)


def _figure(point: Point, survey: Survey, said: Mapping[str, Scalar]) -> Scalar:
    """The value of a setting in the unit's own units; a curve's stand beside it and are told with it."""
    node, _, path = point.ref.partition(".")
    name, _, rest = path.partition(".")
    if point.fc != "SP" or rest.partition(".")[0] not in ("setMag", "setVal"):
        return point.value
    return fitting.moved(survey, node, name, point.value, _said(node, name, said))


def _said(node: str, name: str, said: Mapping[str, Scalar]) -> tuple[int | None, int]:
    """The units that the mapping has written a figure in."""
    item = f"{node}$CF${name}"
    told: Mapping[str, Value] = said if f"{item}$units$multiplier" in said else fitting.usual()
    return fitting.units_of(told, item)


def _commands(told: Iterable[Point], survey: Survey) -> Iterator[Command]:
    """The commands among points, each for an object that takes it; a side before its figure, Mod last."""
    listed = [each for each in told if each.fc == "CO" and not _scheduling(each)]
    for each in sorted(listed, key=_late):
        node, name = each.ref.split(".")[:2]
        target = survey.target(f"{node}.{name}")
        if not survey.model(target):
            if name == MODE:
                continue
            raise Fault(f"{node}.{name}", "the unit has no such object that takes commands", UNABLE)
        value = fitting.moved(survey, node, name, each.value, _said(node, name, {}))
        form = dict(getattr(survey.services(target).get("Oper"), "fields", ()))
        if "ctlVal" not in form:
            raise Fault(f"{node}.{name}", "its command has no value", UNABLE)
        fitting.commanded(form["ctlVal"], value, f"{node}.{name}")
        yield Command(target, value)


def _late(told: Point) -> tuple[bool, bool]:
    return told.ref.split(".")[1] == MODE, not isinstance(told.value, bool)


def _figured(booking: Booking) -> bool:
    """Whether a booking is a figure: what says how one is meant, as its side, goes before it."""
    return booking.cdc == CLASSES["ValASG1"]


def lasting(order: Order, found: Iterable[ways.Way]) -> Decimal:
    """Until when a schedule lasts: what can only be told at its time lasts as long as its record.

    Whoever ordered it ends it by another order, and may find before that it is not to end so soon.
    """
    return _whole(order) if any(each.slots < ways.AHEAD for each in found) else order.end


def _whole(order: Order) -> Decimal:
    """The end of an order's record, or of the order where that is later."""
    record = order.record
    own = record.start + record.duration if isinstance(record, messages.Control) else order.end
    return max(order.end, own)


def _bookings(held: Iterable[Point], survey: Survey, order: Order, end: Decimal) -> Iterator[Booking]:
    """The schedules among points, whichever of the unit's own they will stand in."""
    told = {each.ref: each.value for each in held}
    for ref, entity in told.items():
        if not ref.endswith(".CtlEnt.setSrcRef"):
            continue
        number = ref.partition(".")[0].replace("FSCC", "FSCH")
        name = next(each for each in CLASSES if f"{number}.{each}." in " ".join(told))
        value = next(value for each, value in told.items() if each.startswith(f"{number}.{name}."))
        bare = str(entity).removeprefix(f"{survey.domain}/")
        node, _, do = bare.partition(".")
        rank = told.get(f"{number}.SchdPrio.setVal")
        yield Booking(
            bare,
            CLASSES[name],
            fitting.moved(survey, node, do, value, _said(node, do, {})),
            order.start,
            end,
            rank if isinstance(rank, int) else None,
        )


def _entry(order: Order, survey: Survey, bases: Bases) -> tuple[dict[str, Value], tuple[str, ...]]:
    """The settings that a default bears beside its modes, and those the unit has no object for."""
    record = order.record
    if not isinstance(record, messages.Default) or ENTRY not in order.modes:
        return {}, ()
    alone = record.model_copy(update={"modes": messages.Modes()})
    found = points(alone, bases)
    there = [each for each in found if each.fc == "CF" or item_of(each.ref, each.fc) in survey.types]
    apart = (each.ref for each in found if each.fc == "SP" and each not in there)
    return _settings(there, survey), tuple(apart)
