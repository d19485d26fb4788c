"""What leads where: the table of links that a client follows, from DeviceCapability to a control's curve.

IEEE 2030.5-2018 clause 4.4, CSIP 2.1 5.2: nothing is assumed of a server's addresses, every one is found by
its link. What a client does not need is not read. Knows no state and asks for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from bridge.core import timeline
from models.der import messages

Thing = Any
"""An object of one of the models, of whichever edition is spoken."""


class Lead(NamedTuple):
    """A link of a type, and the type behind it."""

    link: str
    type: str


LEADS: Mapping[str, tuple[Lead, ...]] = MappingProxyType(
    {
        "DeviceCapability": (Lead("TimeLink", "Time"), Lead("EndDeviceListLink", "EndDeviceList")),
        "EndDevice": (
            Lead("FunctionSetAssignmentsListLink", "FunctionSetAssignmentsList"),
            Lead("DERListLink", "DERList"),
        ),
        "FunctionSetAssignments": (Lead("DERProgramListLink", "DERProgramList"),),
        "DERProgram": (
            Lead("DefaultDERControlLink", "DefaultDERControl"),
            Lead("DERControlListLink", "DERControlList"),
        ),
    }
)
MEMBERS: Mapping[str, str] = MappingProxyType(
    {
        "EndDeviceList": "EndDevice",
        "FunctionSetAssignmentsList": "FunctionSetAssignments",
        "DERProgramList": "DERProgram",
        "DERControlList": "DERControl",
        "DERList": "DER",
    }
)
"""Lists that are read, with the name of what they hold."""
SUBSCRIBED = frozenset(
    {
        "EndDeviceList",
        "FunctionSetAssignmentsList",
        "DERProgramList",
        "DERControlList",
        "DefaultDERControl",
    }
)
"""What a client subscribes to where it may (CSIP 2.1 5.3: aggregators)."""
RULING = frozenset({"FunctionSetAssignmentsList", "DERProgramList", "DERControlList", "DefaultDERControl"})
"""Types whose change may change what is in force."""
CURVE = "DERCurve"
SUBSCRIBABLE = frozenset({1, 3})
"""Values of `subscribable` that allow a subscription without a condition."""


def members(obj: Thing, type_: str) -> tuple[Thing, ...]:
    """Give the members of a list; an object that is none stands for itself."""
    name = MEMBERS.get(type_)
    return (obj,) if name is None else tuple(getattr(obj, name))


def links(obj: Thing, type_: str) -> Iterator[tuple[str, str]]:
    """Give type and address of everything that an object leads to."""
    for lead in LEADS.get(type_, ()):
        link = getattr(obj, lead.link, None)
        if link is not None:
            yield lead.type, link.href
    base = getattr(obj, "DERControlBase", None)
    if base is not None:
        for href in curves(base):
            yield CURVE, href


def curves(base: Thing) -> Iterator[str]:
    """Give the addresses of the curves that a control or default names."""
    for name in type(base).model_fields:
        link = getattr(base, name, None)
        href = getattr(link, "href", None)
        if isinstance(href, str):
            yield href


def uses(modes: messages.Modes) -> Iterator[tuple[str, messages.CurveUse]]:
    """Give the modes that follow a curve, with how they name it."""
    for mode in timeline.named(modes):
        use = getattr(modes, mode)
        if isinstance(use, messages.CurveUse):
            yield mode, use
