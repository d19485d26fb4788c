"""The services of a controllable object as attributes under CO: select, select with value, operate, cancel.

IEC 61850-8-1 Annex E and the 8-1 name space: the value, the moment to operate at, the originator, the
command's number and time, test and check; a cancel has no check. What a control then does is the business of
the controls, not of this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from bridge.iec61850.outline import Attribute, Enumeration, Group, Kind
from models.der.enums_nz import OriginatorCategoryKind

CO = "CO"
SERVICES: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        1: ("Oper", "Cancel"),
        2: ("SBO", "Oper", "Cancel"),
        3: ("Oper", "Cancel"),
        4: ("SBOw", "Oper", "Cancel"),
    }
)
"""By control model. A direct control can be cancelled too, since it may be told to operate at a time."""


def literals(of: type[IntEnum]) -> Enumeration:
    """An enumeration of the models, with its literals as SCL writes them."""
    return Enumeration(of.__name__, tuple((item.value, item.name.rstrip("_")) for item in of))


ORIGIN = Group((Attribute("orCat", literals(OriginatorCategoryKind)), Attribute("orIdent", "Octet64")))


def services(value: Kind, model: int) -> tuple[Attribute, ...]:
    """The service attributes of an object whose command is of a kind, by its control model."""
    head = (
        Attribute("ctlVal", value),
        Attribute("operTm", "Timestamp"),
        Attribute("origin", ORIGIN),
        Attribute("ctlNum", "INT8U"),
        Attribute("T", "Timestamp"),
        Attribute("Test", "BOOLEAN"),
    )
    whole, less = Group((*head, Attribute("Check", "Check"))), Group(head)
    kinds: Mapping[str, Kind] = {"SBO": "ObjRef", "SBOw": whole, "Oper": whole, "Cancel": less}
    return tuple(Attribute(name, kinds[name], CO) for name in SERVICES[model])
