"""One logical device for each unit and each group: its name, its domain, and records turned into its values.

A name is the server's own with `D` and the LFDI of a unit, or `G` and the mRID of a programme: it never
changes, and two never meet (7-2: letters, digits, underscore; 8-2: at most 64). A record's points come from
the mapping's table; each state gets its quality and time. Puts nothing into a picture itself.
"""

from __future__ import annotations

import math
import re
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple, cast

from bridge.iec61850 import able, draft, event, roster
from bridge.iec61850.draft import Draft
from bridge.iec61850.first import GOOD, INVALID, Birth, Plate, own
from bridge.iec61850.image import Domain
from bridge.iec61850.outline import Kind, Outline, read
from bridge.iec61850.panel import blocks
from bridge.iec61850.shape import Value, default
from bridge.iec61850.sorts import DBPOS, NAN, quality, stamp
from bridge.iec61850.tree import LONGEST, Shape, founded
from bridge.mapping.bases import Bases, Unrepresentable
from bridge.mapping.iec61850 import to_points
from bridge.mapping.nodes import EQUIPMENT
from bridge.mapping.nodes import read as table
from bridge.mapping.points import Point
from models import kit
from models.der import messages

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
IED = "derbridge"
"""What the bridge is called as a device of a substation; a site may choose another name."""
LOST = quality("invalid oldData")
ON, OFF = 1, 5
STATES = ("ST", "MX")
AGAIN = ("units", "xUnits", "yUnits")
"""Attributes that are told with a setting: where a record does not repeat them they are as at first."""
RATED: Mapping[str, str] = MappingProxyType({
    "DGEN1.WMax": "DGEN1.WMaxRtg",
    "DGEN1.VMax": "DGEN1.VMaxRtg",
    "DSTO1.ChaWMax": "DSTO1.ChaWMaxRtg",
    "DINV1.WRtg": "DGEN1.WMaxRtg",
    "DINV1.VARtg": "DGEN1.VAMaxRtg",
})  # fmt: skip
"""What a class demands and the nameplate can say."""
AS_RATED = "as rated"
COMMANDS = frozenset({"CO", "SR"})


class Misnamed(ValueError):
    """A name that a logical device may not have."""


class Shown(NamedTuple):
    """The values of leaves that a record gives, and points that have no object here, with the reason."""

    values: Mapping[str, Value]
    apart: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Device:
    """A logical device, with what is needed to turn records into its values."""

    outline: Outline
    domain: Domain
    draft: Draft
    first: Mapping[str, Value]
    bases: Bases
    able: tuple[str, ...]
    """The modes it has nodes for."""
    held: dict[str, Value] = field(default_factory=dict)
    """Qualities from before the device was lost."""
    told: set[str] = field(default_factory=set)
    """Leaves that a client has written: what stands there is meant, nought and false as well."""

    @property
    def name(self) -> str:
        """The name of its domain."""
        return self.domain.name


def instance(kind: str, identity: str) -> str:
    """The name of a device within its server: `D` and an LFDI, `G` and an mRID."""
    return f"{kind}{identity.upper()}"


def named(ied: str, inst: str) -> str:
    """The name of a domain: its server's, then its own."""
    name = f"{ied}{inst}"
    if not NAME.fullmatch(name) or len(name) > LONGEST:
        raise Misnamed(f"{name}: a letter, then letters, digits and underscores, at most {LONGEST} in all")
    return name


def unit(
    lfdi: str,
    capability: messages.Capability,
    bases: Bases,
    now: float,
    *,
    plate: Plate | None = None,
    ied: str = IED,
) -> Device:
    """The logical device of a unit."""
    modes, birth = able.modes(capability), _birth("D", lfdi, plate, now, ied)
    drawn = draft.unit(modes, storing=able.stores(capability))
    made = _made(birth, drawn, bases, modes)
    made.domain.leaves.update(show(made, capability, now).values)
    made.domain.leaves.update(_rated(made))
    return made


def group(
    mrid: str,
    modes: Iterable[str],
    bases: Bases,
    now: float,
    *,
    storing: bool = False,
    plate: Plate | None = None,
    ied: str = IED,
) -> Device:
    """The logical device of a programme: every mode that one of its members has."""
    found = tuple(dict.fromkeys(modes))
    return _made(_birth("G", mrid, plate, now, ied), draft.group(found, storing=storing), bases, found)


def _birth(kind: str, identity: str, plate: Plate | None, now: float, ied: str) -> Birth:
    inst = instance(kind, identity)
    return Birth(named(ied, inst), inst, plate or Plate(serial=identity), now)


def _made(birth: Birth, drawn: Draft, bases: Bases, modes: tuple[str, ...]) -> Device:
    outline = Outline(birth.inst, drawn.nodes, drawn.sets, blocks(birth.name, drawn.sets))
    birth = birth._replace(revision=drawn.revision)
    said = ((leaf[0], own(leaf, birth)) for leaf in drawn.personal)
    mine = {item: value for item, value in said if value is not None}
    made = founded(birth.name, outline, mine, Shape(drawn.type, drawn.triggers, drawn.base))
    return Device(
        outline,
        made,
        drawn,
        ChainMap(mine, cast("dict[str, Value]", drawn.first)),
        replace(bases, ld=birth.name),
        modes,
    )


def _rated(device: Device) -> Iterator[tuple[str, Value]]:
    """What must be there and no setting has told yet: as the nameplate has it."""
    leaves = device.domain.leaves
    for setting, rating in RATED.items():
        item, source = (item_of(f"{each}.setMag.f", "SP") for each in (setting, rating))
        if item in leaves and not math.isnan(cast("float", leaves.get(source, NAN))):
            yield item, leaves[source]
            yield item_of(f"{setting}.d", "DC"), AS_RATED


# ---------------------------------------------------------------------------------------- records shown


def show(
    device: Device, record: kit.Model, now: float, curves: Mapping[str, messages.Curve] | None = None
) -> Shown:
    """The values that a record gives; a record that cannot be written at all gives none, and says why."""
    try:
        points = tuple(_points(device, record, now, curves))
    except Unrepresentable as error:
        return Shown({}, ((type(record).__name__, str(error)),))
    return placed(device, points, now)


def placed(device: Device, points: Iterable[Point], now: float) -> Shown:
    """The values of points under the device's own names; a state without quality is good, and of now."""
    values: dict[str, Value] = {}
    apart: list[tuple[str, str]] = []
    for ref, fc, value in points:
        item = item_of(ref, fc)
        if item in device.draft.kinds:
            values[item] = valued(device.draft.kinds[item], value)
        else:
            apart.append((ref, "the device has no such object"))
    return Shown(_whole(device, values, now), tuple(apart))


def _points(
    device: Device, record: kit.Model, now: float, curves: Mapping[str, messages.Curve] | None
) -> Iterator[Point]:
    """The points of a record without those that only ask for something, under the device's own names."""
    told = to_points(record, device.bases, curves).points
    plain = [Point(point.ref.removeprefix(f"{device.name}/"), point.fc, point.value) for point in told]
    if isinstance(record, messages.Control):
        at = Decimal(repr(now))
        plain += event.scheduled(plain, record, at, (device.name, device.domain.leaves))
        plain += event.current(record, replace(device.bases, ld=""), at)
    if isinstance(record, messages.Setting):
        plain += _modes(device, record)
    yield from (point for point in plain if point.fc not in COMMANDS)


def _modes(device: Device, setting: messages.Setting) -> Iterator[Point]:
    """Whether the node of each mode is on, as its bit says, where it serves that mode alone."""
    rows = {row.canonical: row for row in table().rows["Modes"]}
    for mode, on in event.enabled(setting, device.able, able.BITS):
        for name in () if rows[mode].shared else roster.running(rows[mode]):
            if name.rstrip("0123456789") not in EQUIPMENT:
                yield Point(f"{name}.Mod.stVal", "ST", ON if on else OFF)
                yield Point(f"{name}.Beh.stVal", "ST", ON if on else OFF)


def item_of(ref: str, fc: str) -> str:
    """The item of a point: `DWMX1.WMaxSptPct.mxVal.f` under MX is `DWMX1$MX$WMaxSptPct$mxVal$f`."""
    node, _, rest = ref.partition(".")
    return f"{node}${fc}${rest.replace('.', '$')}"


def valued(kind: Kind, value: bool | float | str) -> Value:  # noqa: FBT001 - the value of a point
    """The value of a point, as its attribute holds it."""
    if isinstance(value, str):
        return read(kind, value)
    if kind == "Dbpos":
        return DBPOS[int(value)]
    return float(value) if kind == "FLOAT32" else value


def _whole(device: Device, values: dict[str, Value], now: float) -> dict[str, Value]:
    """Complete what was told of each object: a state's quality and time, what a setting no longer says."""
    found: dict[str, Value] = {}
    for ref in dict.fromkeys(device.draft.of[item] for item in values):
        told = [item for item in device.draft.objects[ref] if item in values]
        found |= _again(device, ref) if any(item.split("$")[1] == "SP" for item in told) else {}
        fc = next((each for item in told if (each := item.split("$")[1]) in STATES), "")
        if fc:
            node, _, path = ref.partition(".")
            said = f"{node}${fc}${path}$"
            found |= {each: value for each, value in ((f"{said}q", GOOD), (f"{said}t", stamp(now)))
                      if each in device.draft.kinds}  # fmt: skip
    return found | values


def _again(device: Device, ref: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for item in device.draft.objects[ref]:
        _, fc, _, tail = item.split("$", 3)
        if tail == "d":
            found[item] = ""
        elif fc == "SP" or tail.partition("$")[0] in AGAIN:
            found[item] = device.first.get(item, default(device.domain.index.types[item]))
    return found


# ------------------------------------------------------------------------------ loss and return of a unit


def aged(device: Device, now: float) -> dict[str, Value]:
    """The qualities and times of a device that is lost: what it told before is old and not to be used."""
    found: dict[str, Value] = {}
    for item in device.draft.qualities:
        if item not in device.held:
            device.held[item] = device.domain.leaves[item]
            found |= _stamped(item, LOST, now)
    return found


def returned(device: Device, now: float) -> dict[str, Value]:
    """The qualities of a device that is back; what was told meanwhile keeps its own."""
    found: dict[str, Value] = {}
    for item, value in device.held.items():
        if device.domain.leaves[item] == LOST:
            found |= _stamped(item, value, now)
    device.held.clear()
    return found


def doubted(device: Device, ref: str, now: float) -> dict[str, Value]:
    """The quality and time of an object that nobody tells any more, `MMXU1.PhV.phsA`."""
    node, _, path = ref.partition(".")
    items = device.draft.objects.get(f"{node}.{path.replace('.', '$')}", ())
    return {
        each: value
        for item in items
        if device.draft.kinds[item] == "Quality"
        for each, value in _stamped(item, INVALID, now).items()
    }


def _stamped(item: str, value: Value, now: float) -> dict[str, Value]:
    return {item: value, f"{item[:-1]}t": stamp(now)}
