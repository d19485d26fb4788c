"""One protocol data unit in its association context: bytes to model and back.

The context is ours (mms-ours.xsd, grade C), the unit within has the 8-2 shape (mms.xsd); both are read by the
strict profile, which refuses every foreign name. A unit's length is counted as it stands in the stanza, with
its context: that is what the negotiated detail of an association bounds. Never decides what a unit means.
"""

from __future__ import annotations

from typing import Any, cast

from bridge.iec61850.cases import cases
from bridge.mapping import profile, xml
from models.mms import mms_ours, pdu, services

LONGEST = f"{'0' * 16}:{'0' * 16}"
"""The longest name that an association may have."""
GREATEST = 2**32 - 1
_MMS = profile.load("mms")
_CASES = cases(mms_ours, "Context")


def read(payload: bytes) -> mms_ours.Context:
    """The unit in its context; `xml.Refused` where it is none."""
    return cast("mms_ours.Context", xml.read(payload, _MMS, expect=mms_ours.Context))


def write(assoc: str, tag: str, content: Any) -> bytes:  # noqa: ANN401  the content of any unit, by its tag
    """The bytes of a unit of an association; `xml.Unwritable` where a value cannot be written."""
    return xml.write(mms_ours.Context(choice=_CASES[tag](value=content), assoc=assoc), _MMS)


def length(report: pdu.Unconfirmed_PDU) -> int:
    """The bytes that a report has in its context, however long the association's name."""
    return len(write(LONGEST, "unconfirmed-PDU", report))


def answered(number: int, case: Any) -> pdu.Confirmed_ResponsePDU:  # noqa: ANN401  any response of a service
    """The response to a request of a number."""
    held = services.ConfirmedServiceResponse(choice=case)
    return pdu.Confirmed_ResponsePDU(invokeID=number, ConfirmedServiceResponse=held)


def extent(case: Any) -> int:  # noqa: ANN401  any response of a service
    """The bytes that a response has in its context, whatever its number and its association."""
    return len(write(LONGEST, "confirmed-ResponsePDU", answered(GREATEST, case)))
