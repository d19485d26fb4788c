"""Which settings of a device a client may write, and what becomes of each: one table, by node and object.

What a schedule says waits for its EnaReq, what a function's node says for its Mod or its set point; what a
DefaultDERControl carries (IEEE 2030.5 10.10.4.4) takes effect at once. Nameplate, ratings and connection
points are the device's own to tell. Values are kept as plain JSON. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

from bridge.iec61850.device import Device
from bridge.iec61850.image import constraint, scattered
from bridge.iec61850.outline import Enumeration
from bridge.iec61850.roster import running
from bridge.iec61850.shape import Value, fault
from bridge.mapping.nodes import EQUIPMENT, place, read
from models.mms.codes import DataAccessError


class Fate(Enum):
    """What becomes of a setting."""

    SCHEDULE = "is read when its schedule is enabled"
    DEFAULT = "becomes the device's DefaultDERControl"
    NODE = "is read when its node is put on or operated"


class Setting(NamedTuple):
    """A row of the table."""

    fits: Callable[[str], bool]
    """Whether it is about an object, as `DVVR1.VVArCrv`."""
    fate: Fate | None
    """None for what no client may write."""


FIXED = frozenset({"ORG"})
"""Classes of what the bridge itself points at: connection points, controlled objects, schedules."""


@cache
def _defaults() -> frozenset[str]:
    return frozenset(row.iec61850 for row in read().rows["GridEntry"])


@cache
def _functions() -> frozenset[str]:
    """The nodes that modes run on."""
    nodes = (name for row in read().rows["Modes"] if row.how != "each" for name in running(row))
    return frozenset(name for name in nodes if place(name).node not in EQUIPMENT)


def _plain(ref: str) -> str:
    return ref.partition("$")[0]


TABLE: tuple[Setting, ...] = (
    Setting(lambda ref: place(_plain(ref)).cdc in FIXED, None),
    Setting(lambda ref: ref.startswith("FSCH"), Fate.SCHEDULE),
    Setting(lambda ref: ref in _defaults(), Fate.DEFAULT),
    Setting(lambda ref: ref.partition(".")[0] in _functions(), Fate.NODE),
)


@cache
def fate(ref: str) -> Fate | None:
    """Say what becomes of an object's settings; None where no client may write them."""
    return next((row.fate for row in TABLE if row.fits(_plain(ref))), None)


def leaves(device: Device, item: str, value: Value) -> Mapping[str, Value]:
    """Give the leaves of a value that is written."""
    return dict(scattered(device.domain.index.types[item], item, value))


def fates(device: Device, items: Mapping[str, Value]) -> frozenset[Fate | None]:
    """Say what becomes of leaves."""
    return frozenset(fate(device.draft.of[item]) if constraint(item) == "SP" else None for item in items)


def wrong(device: Device, items: Mapping[str, Value]) -> DataAccessError | None:
    """Say why a value cannot be one: no literal of its enumeration, more points than there is room for."""
    for item, value in items.items():
        kind = device.draft.kinds[item]
        listed = isinstance(kind, Enumeration) and all(value != number for number, _ in kind.literals)
        if listed or (item.endswith("$numPts") and not _room(device, item, value)):
            return DataAccessError.object_value_invalid
    return None


def _room(device: Device, item: str, value: Value) -> bool:
    most = device.domain.leaves[item.replace("$SP$", "$CF$").replace("$numPts", "$maxPts")]
    return isinstance(value, int) and isinstance(most, int) and 0 <= value <= most


# ------------------------------------------------------------------------------------------ as they are kept


def kept(items: Mapping[str, Value]) -> dict[str, Any]:
    """Give values as JSON has them."""
    return {item: {"x": value.hex()} if isinstance(value, bytes) else value for item, value in items.items()}


def restored(device: Device, said: Mapping[str, Any]) -> dict[str, Value]:
    """Give the values that were kept, of leaves that the device still has and that still fit."""
    found = {
        item: bytes.fromhex(value["x"]) if isinstance(value, dict) else value for item, value in said.items()
    }
    types = device.domain.index.types
    return {item: value for item, value in found.items() if item in types and not fault(types[item], value)}
