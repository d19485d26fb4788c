"""What a client writes to a unit's device, as canonical records: a command, a schedule, settings.

The table that writes a record's points reads them back: an operated object with the settings of its node, a
schedule with what it controls, the settings of the whole unit. Whether the client may, and what then happens,
is decided elsewhere, on the record. A value that says nothing by itself makes no record.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple, cast

from bridge.iec61850.device import AGAIN, Device
from bridge.iec61850.outline import Enumeration, written
from bridge.iec61850.shape import Value
from bridge.iec61850.sorts import ACCURACY, DBPOS
from bridge.mapping.iec61850 import from_points
from bridge.mapping.nodes import place, read
from bridge.mapping.points import Point
from bridge.mapping.schedule import arbiter
from bridge.mapping.sep2 import Envelope
from models.der import messages

TOLD = (*AGAIN, "maxPts")
DESCRIBED = ("xD", "yD")
IDLE = 0
"""Control model of what is only there because its class demands it; the mapping tells modes by it."""
FIGURES = ("ASG", "ING")
ASKED = {"EnaReq": True, "DsaReq": True}


class Operated(NamedTuple):
    """An object that a client operates, `DWMX1.WMaxSptPct`, and the value."""

    object: str
    value: Value


def command(device: Device, said: Operated, envelope: Envelope) -> messages.Control | None:
    """The control that an operated object means; None where it says nothing without another one."""
    node, _, do = said.object.partition(".")
    if node.startswith("FSCH"):
        if do not in ASKED:
            return None
        found = schedule(device, node, do, envelope)
    else:
        points = [*_settings(device, node), *_companions(device, said.object), _asked(said)]
        found = _record(device, "Control", points, envelope)
    return found if found.modes != messages.Modes() else None


def schedule(
    device: Device, node: str, request: str, envelope: Envelope, beside: Iterable[Operated] = ()
) -> messages.Control:
    """The control that a schedule means which a client enables or disables; one of a node's Mod has no modes.

    But for a node whose Mod is all that its mode is commanded by. `beside`: what else its node is to do.
    """
    points = [*_settings(device, node), *_settings(device, arbiter(node))]
    points += _settings(device, entity(device, node).partition(".")[0])
    points += [_asked(each) for each in beside if each.object != entity(device, node)]
    return _record(
        device, "Control", [*points, Point(f"{node}.{request}.ctlVal", "CO", value=True)], envelope
    )


def window(device: Device, schedule: str, envelope: Envelope) -> tuple[Decimal, Decimal]:
    """When a schedule begins and ends, whatever it is to do."""
    own = (each for each in _settings(device, schedule) if not each.ref.startswith(f"{schedule}.Val"))
    found = _record(device, "Control", list(own), envelope)
    return found.start, found.start + found.duration


def entity(device: Device, schedule: str) -> str:
    """The object that a schedule controls, as `DWMX1.WMaxSptPct`."""
    return str(device.domain.leaves[f"{arbiter(schedule)}$SP$CtlEnt$setSrcRef"]).partition("/")[2]


def settings(device: Device, envelope: Envelope) -> messages.Setting:
    """The settings of a unit, as its device holds them."""
    names = {ref.partition(".")[0] for kind in ("SettingRatings", "GridEntry") for ref in _refs(kind)}
    wanted = {".".join(ref.split(".")[:2]) for kind in ("SettingRatings", "GridEntry") for ref in _refs(kind)}
    points = [
        point
        for name in sorted(names & {node.name for node in device.outline.nodes})
        for point in _settings(device, name)
        if ".".join(point.ref.split(".")[:2]) in wanted
    ]
    found = from_points(_full(device, points), "Setting", device.bases, envelope=envelope)
    return cast("messages.Setting", found.model_copy(update={"kept": (), "updated": envelope.issued}))


def entry(device: Device, envelope: Envelope) -> messages.GridEntry:
    """The settings of a default control that clients have written: how the unit comes back to the grid."""
    found = settings(device, envelope).entry
    told = {device.draft.of[item] for item in device.told}
    rows = (row for row in read().rows["GridEntry"] if row.iec61850 not in told)
    return found.model_copy(update={row.canonical: None for row in rows})


def _refs(kind: str) -> Iterator[str]:
    for row in read().rows[kind]:
        yield from (ref for ref in (row.iec61850, *row.also.values()) if ref)


def _record(device: Device, kind: str, points: list[Point], envelope: Envelope) -> messages.Control:
    found = from_points(_full(device, points), kind, device.bases, envelope=envelope)
    return cast("messages.Control", found.model_copy(update={"kept": ()}))


def _full(device: Device, points: list[Point]) -> Iterator[Point]:
    return (Point(f"{device.name}/{ref}", fc, value) for ref, fc, value in points)


def _settings(device: Device, node: str) -> Iterator[Point]:
    """The settings of a node that somebody has told: no figure is at nought before it is written."""
    for item, kind in device.draft.kinds.items():
        if not item.startswith(f"{node}$"):
            continue
        _, fc, do, tail = item.split("$", 3)
        value, head = device.domain.leaves[item], tail.partition("$")[0]
        ours = fc == "SP" or head in TOLD or head in DESCRIBED or (head == "ctlModel" and value == IDLE)
        if ours and not _untold(device, node, do, item):
            yield Point(f"{node}.{do}.{tail.replace('$', '.')}", fc, _scalar(kind, value))


def _untold(device: Device, node: str, do: str, item: str) -> bool:
    value = device.domain.leaves[item]
    if isinstance(value, float) and math.isnan(value):
        return True
    if value in ("", 0) and item not in device.first and item.endswith("$SIUnit"):
        return True
    cdc = place(f"{node}.{do}").cdc
    if cdc == "SPG":
        return value is False and item not in device.told
    alone = item.split("$", 3)[3] in ("setVal", "setMag$f")
    if alone and cdc in FIGURES:
        return value == device.first.get(item, 0) and item not in device.told
    if cdc == "CSG":
        count = device.domain.leaves[f"{node}$SP${do}$numPts"]
        return not count or _beyond(item, count)
    return value == ""


def _beyond(item: str, count: Value) -> bool:
    """Whether an element of a curve lies behind its last point."""
    _, opened, rest = item.partition("(")
    return bool(opened) and isinstance(count, int) and int(rest.partition(")")[0]) >= count


def _companions(device: Device, ref: str) -> Iterator[Point]:
    """What one mode says together with this object, as it is; a node's mode takes its set points."""
    node, _, do = ref.partition(".")
    rows = [row for row in read().rows["Modes"] if _with(row.iec61850, tuple(row.also.values()), ref, do)]
    others = (each for row in rows for each in (row.iec61850, *row.also.values()) if each)
    for other in dict.fromkeys(others):
        if other != ref and other.startswith(f"{node}."):
            yield from _standing(device, other)


def _with(main: str, also: tuple[str, ...], ref: str, do: str) -> bool:
    node = ref.partition(".")[0]
    return any(each.startswith(f"{node}.") if do == "Mod" else each == ref for each in (main, *also) if each)


def _standing(device: Device, ref: str) -> Iterator[Point]:
    node, _, do = ref.partition(".")
    for fc, state, asked in (("MX", "mxVal$f", "ctlVal.f"), ("ST", "stVal", "ctlVal")):
        item, kept = f"{node}${fc}${do}${state}", f"{node}${fc}${do}$q"
        if item in device.draft.kinds and not str(device.domain.leaves[kept]).startswith("01"):
            yield Point(f"{ref}.{asked}", "CO", _scalar(device.draft.kinds[item], device.domain.leaves[item]))


def _asked(said: Operated) -> Point:
    if isinstance(said.value, tuple):
        return Point(f"{said.object}.ctlVal.f", "CO", cast("float", said.value[0]))
    return Point(f"{said.object}.ctlVal", "CO", cast("bool", said.value))


def _scalar(kind: object, value: Value) -> bool | int | float | str:
    """A leaf's value, as a point has it."""
    if kind == "Dbpos":
        return DBPOS.index(str(value))
    if kind == "Timestamp" and isinstance(value, bytes):
        value = value[:-1] + bytes((ACCURACY,))  # a client may say what it likes of its clock
    if isinstance(kind, str) and isinstance(value, bytes | str):
        return written(kind, value)
    return cast("float", value) if isinstance(kind, Enumeration | str) else 0
