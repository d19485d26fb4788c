"""What a device's objects hold before any record has told of them: never a figure that nobody has said.

A state or measurement is invalid until it is told; a setting that nobody told is no number, and its
description says so; an enumeration says that it is not known where it has a word for that. What the bridge
itself knows (its own nodes are on, it stands for another device) is good. Reads no record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from bridge.iec61850.classes import POINTS
from bridge.iec61850.outline import Enumeration, Kind, Node, leaves
from bridge.iec61850.roster import POWERS, Roster, Wanted, running
from bridge.iec61850.shape import Value
from bridge.iec61850.sorts import NAN, quality, stamp
from bridge.mapping.nodes import read
from bridge.mapping.points import UNITS
from bridge.mapping.schedule import named

GOOD, INVALID = quality("good"), quality("invalid")
UNTOLD = "not told by the device"
UNKNOWN = (98, 0)
"""Numbers that say of an enumeration that its value is not known, the first that there is."""
NONE = 1
"""SIUnit of what has no dimension."""
OWN: Mapping[str, Value] = MappingProxyType({"Proxy": True, "Beh": 1, "Mod": 1})
"""States that are the bridge's own knowledge: it stands for a device, and its nodes are on."""
HEALTHY = "LLN0.Health"
PLATES = ("NamPlt", "PhyNam")
SPACE = "IEC 61850-7-420:2019A4"
ECP = "DECP1"
"""The unit's own connection point, which 2030.5 does not name."""
OURS = "urn:derbridge:der:extension"
SELECTED, OPERATED = 30_000, 60_000
"""Milliseconds that a selection is kept, and that a control may take."""


@dataclass(frozen=True, slots=True)
class Plate:
    """Who made the server and what a device calls itself; texts of at most 255 printable characters."""

    vendor: str = "derbridge"
    version: str = ""
    maker: str = ""
    model: str = ""
    serial: str = ""


class Birth(NamedTuple):
    """A device that comes to be: its domain's name, its own, its nameplate, when that is, its model."""

    name: str
    inst: str
    plate: Plate
    at: float
    revision: str = ""
    """configRev: another one for every other model."""


def common(nodes: tuple[Node, ...], roster: Roster) -> dict[str, Value]:
    """The values at first, where not those of the type, that all devices with these nodes have alike."""
    found: dict[str, Value] = {}
    for node in nodes:
        for item, ref, kind, _ in leaves(node):
            wanted = roster[node.name].get(ref.partition(".")[2].partition("$")[0], Wanted())
            value = _value(_tail(item, ref), ref, kind, wanted)
            if value is not None:
                found[item] = value
    return found


def _tail(item: str, ref: str) -> str:
    """What an item is of its object: `q` of `MMXU1$MX$PhV$phsA$q`."""
    return item.split("$", 3 + ref.count("$"))[-1]


def personal(nodes: tuple[Node, ...]) -> tuple[tuple[str, str], ...]:
    """The leaves, each with its object, whose values at first are a device's own."""
    found = (each[:2] for node in nodes for each in leaves(node))
    return tuple((item, ref) for item, ref in found if _personal(item.split("$", 3)[3], ref))


def _personal(tail: str, ref: str) -> bool:
    return tail == "setSrcRef" or ref.rpartition(".")[2] in PLATES or (tail == "t" and owned(ref))


def own(leaf: tuple[str, str], birth: Birth) -> Value | None:
    """The value at first of a leaf that is a device's own."""
    item, ref = leaf
    node, _, do = ref.partition(".")
    tail = item.split("$", 3)[3]
    if do in PLATES:
        return _plate(do, tail, birth)
    return stamp(birth.at) if tail == "t" else _reference(birth.name, node, do)


def owned(ref: str) -> bool:
    """Whether an object's state is the bridge's own knowledge, which no loss of a device makes doubtful."""
    return ref.rpartition(".")[2] in OWN or ref == HEALTHY


def _value(tail: str, ref: str, kind: Kind, wanted: Wanted) -> Value | None:
    if owned(ref) and tail in ("stVal", "q"):
        return GOOD if tail == "q" else OWN.get(ref.rpartition(".")[2], NONE)
    if tail in ATTRIBUTES:
        return ATTRIBUTES[tail]
    return WANTED[tail](wanted, ref, kind) if tail in WANTED else None


def _setting(_: Wanted, ref: str, kind: Kind) -> Value | None:
    if isinstance(kind, Enumeration):
        numbers = [number for number, _ in kind.literals]
        return next((number for number in UNKNOWN if number in numbers), None)
    return True if ref.endswith(".RefFrm") else None


ATTRIBUTES: Mapping[str, Value] = MappingProxyType({
    "q": INVALID,
    "sboTimeout": SELECTED,
    "operTimeout": OPERATED,
    "maxPts": POINTS,
    "setMag$f": NAN,
    "d": UNTOLD,
    "pulsQty": 1.0,
})  # fmt: skip
WANTED: Mapping[str, Callable[[Wanted, str, Kind], Value | None]] = MappingProxyType({
    "ctlModel": lambda wanted, _, __: wanted.model,
    "units$SIUnit": lambda wanted, _, __: wanted.unit or NONE,
    "units$multiplier": lambda wanted, _, __: wanted.power,
    "xUnits$SIUnit": lambda wanted, _, __: UNITS.get(wanted.axes[0], (NONE,))[0],
    "yUnits$SIUnit": lambda wanted, _, __: UNITS.get(wanted.axes[1], (NONE,))[0],
    "xUnits$multiplier": lambda wanted, _, __: POWERS.get(wanted.axes[0], 0),
    "yUnits$multiplier": lambda wanted, _, __: POWERS.get(wanted.axes[1], 0),
    "setVal": _setting,
})  # fmt: skip


def _plate(do: str, tail: str, birth: Birth) -> Value | None:
    plate = birth.plate
    if do == "PhyNam":
        return {"vendor": plate.maker, "model": plate.model, "serNum": plate.serial}.get(tail)
    told = {
        "vendor": plate.vendor, "swRev": plate.version, "configRev": birth.revision, "ldNs": SPACE,
        "lnNs": OURS,
    }  # fmt: skip
    return told.get(tail)


def _reference(name: str, node: str, do: str) -> Value:
    """What an object points at: the connection point of its mode, the unit, its battery, its schedule."""
    number = node[4:]
    if do.startswith("Schd"):
        return f"{name}/{named(int(number), int(do[4:]) - 1)}"
    found = {
        "InEcpRef": _connection().get(node, ECP),
        "OutEcpRef": ECP,
        "DERRef": "DGEN1",
        "EqSto": "DBAT1",
        "CtlEnt": _controlled().get(number, ""),
    }.get(do)
    return f"{name}/{found}" if found else ""


@cache
def _connection() -> Mapping[str, str]:
    """The connection point of each node that a mode runs on."""
    return {node: row.ecp for row in read().rows["Modes"] if row.ecp for node in running(row)}


@cache
def _controlled() -> Mapping[str, str]:
    """What the schedule of a number controls."""
    return {str(number): name for name, number in read().entities.items()}
