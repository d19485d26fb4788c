"""What a unit was told in a test, and what it holds of it, as points of the mapping."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bridge.iec61850.carrying.doing import Done, carry
from bridge.iec61850.carrying.fault import Fault
from bridge.iec61850.device import item_of
from bridge.iec61850.shape import Value
from bridge.iec61850.sorts import when
from bridge.mapping.bases import Bases
from bridge.mapping.iec61850 import to_points
from bridge.mapping.points import Point
from bridge.ports import Order
from tests.iec61850.carrying.real import AUTHOR, NAME, Unit
from tests.mapping.fitting import BASES

BARE = replace(BASES, ld=NAME)


def done(unit: Unit, order: Order, bases: Bases = BASES) -> Done:
    """Have an order carried out, which the unit does not refuse."""
    found = unit.talk(carry(order, unit.look(), bases, AUTHOR, unit.now))
    assert isinstance(found, Done), found
    return found


def refused(unit: Unit, order: Order, bases: Bases = BASES) -> Fault:
    """Have an order carried out that the unit refuses, whole: it is as it was before."""
    seen, before = unit.look(), unit.leaves()
    found = unit.talk(carry(order, seen, bases, AUTHOR, unit.now))
    assert isinstance(found, Fault), found
    after = unit.leaves()
    assert {item: after[item] for item in after if after[item] != before[item]} == {}, found
    return found


def held(unit: Unit, ref: str) -> Any:
    """The state of a control object, as it would be commanded."""
    node, name = ref.split(".")[:2]
    items = (f"{node}${tail}" for tail in (f"MX${name}$mxVal$f", f"ST${name}$stVal"))
    found = next(unit.leaves()[item] for item in items if item in unit.leaves())
    return {"01": False, "10": True}.get(found, found) if isinstance(found, str) else found


def points(unit: Unit, record: Any, *, commanded: bool, bases: Bases = BARE) -> tuple[Point, ...]:
    """What the unit holds in every place that a record is told in: as commands, or as schedules."""
    found = []
    for each in to_points(record, bases).points:
        bare = each.ref.removeprefix(f"{NAME}/")
        if each.fc != "CO":
            item = item_of(bare, each.fc)
            if item in unit.image.domains[NAME].leaves and (not commanded or not bare.startswith("FSC")):
                found.append(each._replace(value=_plain(unit.read(item))))
        elif commanded and not bare.startswith("FSC"):
            found.append(each._replace(value=held(unit, bare)))
    return tuple(found)


def _plain(value: Value) -> Any:
    return when(value) if isinstance(value, bytes) else value
