"""Sealed units: what stands in the seal, what the seal must agree with, and what has to come sealed.

A sealed unit is a context that holds the text of a sealed message (docs/sealed-messages.md). Its payload is
the unit in its own context, so that a relay cannot move it to another association; service and object that
the header names are those of the unit. Never judges a seal: `bridge.trust.verify` does, before.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from bridge.iec61850 import selection, unit
from bridge.iec61850.peer import Peer
from bridge.iec61850.table import SERVICES
from bridge.mapping import profile
from bridge.mapping.xml import Refused
from bridge.trust.header import Message
from models.mms import access, mms_ours, names

MEDIA = "application/vnd.derbridge.mms+xml"
"""Media type of a unit in its context."""


ASSOC = "[0-9A-Za-z]{1,16}:[0-9A-Za-z]{1,16}"
"""The name of an association, where it is made of nothing but letters and digits."""
TEXT = r"[0-9A-Za-z_-]+[.][0-9A-Za-z_-]+[.][0-9A-Za-z_-]+"
"""A sealed message."""
LONGEST = profile.load("mms").caps.text
"""Bytes of a context in which no text is too long."""


class Misplaced(Exception):
    """A seal that holds, on something else than it is said to be."""


class Sealed(NamedTuple):
    """A context that holds a sealed message."""

    assoc: str
    text: str


def found(payload: bytes) -> Sealed | None:
    """The sealed message that a context holds; None for a unit in clear, and for what cannot be read."""
    if b"sealed" not in payload:
        return None
    if len(payload) <= LONGEST and (plain := _plain().fullmatch(payload)):
        return Sealed(plain["assoc"].decode(), plain["text"].decode())
    try:
        context = unit.read(payload)
    except Refused:
        return None
    held = context.choice
    return Sealed(context.assoc, held.value) if isinstance(held, mms_ours.Context_sealed) else None


@cache
def _plain() -> re.Pattern[bytes]:
    """A context as we write it ourselves, in which nothing needs to be read letter by letter."""
    assoc, text = "0:000", "0.0.0"
    shape = re.escape(covered(assoc, text).decode())
    shape = shape.replace(re.escape(assoc), f"(?P<assoc>{ASSOC})").replace(
        re.escape(text), f"(?P<text>{TEXT})"
    )
    return re.compile(shape.encode())


def bare(octets: bytes) -> str:
    """The sealed message that stands alone, without a context; nothing for everything else."""
    return octets.decode() if re.fullmatch(TEXT.encode(), octets) else ""


def opened(said: Sealed, message: Message) -> bytes:
    """The unit in a message whose seal was proved; Misplaced where header, context and unit do not agree."""
    if message.media != MEDIA:
        raise Misplaced("media type")
    try:
        context = unit.read(message.payload)
    except Refused:
        raise Misplaced("payload") from None
    if isinstance(context.choice, mms_ours.Context_sealed):
        raise Misplaced("a seal within a seal")
    if context.assoc != said.assoc:
        raise Misplaced("association")
    if message.service and (message.service, message.reference) != subject(context):
        raise Misplaced("service or object")
    return message.payload


def covered(assoc: str, text: str) -> bytes:
    """The context of a sealed message."""
    return unit.write(assoc, "sealed", text)


def subject(context: mms_ours.Context) -> tuple[str, str]:
    """Service and object for the header of a request: the first object it names, or nothing for both."""
    held = context.choice
    if not isinstance(held, mms_ours.Context_confirmed_RequestPDU):
        return "", ""
    service = held.value.ConfirmedServiceRequest.choice
    reference = _reference(getattr(service.value, "variableAccessSpecification", None))
    return (service.tag, reference) if reference else ("", "")


def _reference(asked: access.VariableAccessSpecification | None) -> str:
    if asked is None:
        return ""
    choice = asked.choice
    if isinstance(choice, access.VariableAccessSpecification_variableListName):
        name: names.ObjectName = choice.value
    else:
        name = choice.value.SEQUENCE[0].variableSpecification.name
    return "/".join(selection.named(name) or ())


def anything(_peer: Peer, _service: str) -> bool:
    """Take every service in clear: for an association whose path is trusted."""
    return True


def reads(_peer: Peer, service: str) -> bool:
    """Take in clear what changes nothing; writes and controls, the select by reading too, come sealed."""
    row = SERVICES.get(service)
    return row is not None and row.how == "get"
