"""One protocol data unit in its association context: bytes to model and back.

The context is ours (mms-ours.xsd, grade C), the unit within has the 8-2 shape (mms.xsd); both are read by the
strict profile, which refuses every foreign name. A unit's length is counted as it stands in the stanza, with
its context: that is what the negotiated detail of an association bounds. Never decides what a unit means.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, NamedTuple, cast

from bridge.iec61850.cases import cases
from bridge.mapping import profile, xml
from bridge.mapping.writing import quoted, writing
from models.mms import mms_ours, names, pdu, services

LONGEST = f"{'0' * 16}:{'0' * 16}"
"""The longest name that an association may have."""
GREATEST = 2**32 - 1
_MMS = profile.load("mms")
_CASES = cases(mms_ours, "Context")


@lru_cache(maxsize=16)
def read(payload: bytes) -> mms_ours.Context:
    """The unit in its context; `xml.Refused` where it is none. Seal, association and server read the same."""
    return cast("mms_ours.Context", xml.read(payload, _MMS, expect=mms_ours.Context))


def write(assoc: str, tag: str, content: Any) -> bytes:  # noqa: ANN401  the content of any unit, by its tag
    """The bytes of a unit of an association; `xml.Unwritable` where a value cannot be written."""
    return text(context(assoc, tag, content))


def context(assoc: str, tag: str, content: Any) -> mms_ours.Context:  # noqa: ANN401  the same
    """A unit in the context of an association."""
    return mms_ours.Context(choice=_CASES[tag](value=content), assoc=assoc)


def text(held: mms_ours.Context) -> bytes:
    """The bytes of a unit in its context."""
    return xml.write(held, _MMS)


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


# ----------------------------------------------------------------------------- what is text before it is sent


class Ready(NamedTuple):
    """The response of a service as the text of its element."""

    text: str


@cache
def name(local: str) -> str:
    """The name of an element of a unit, as it is written."""
    return writing(_MMS).name(_MMS.model, local)


def tag(local: str, inner: str) -> str:
    """An element of a unit."""
    held = name(local)
    return f"<{held}>{inner}</{held}>" if inner else f"<{held}/>"


def finished(assoc: str, number: int, case: Any) -> bytes:  # noqa: ANN401  any response of a service
    """The bytes of the response to a request, whether it is text already or not."""
    if isinstance(case, Ready):
        head, middle, end, tail = _frame()
        return f"{head}{quoted(assoc)}{middle}{number}{end}{case.text}{tail}".encode()
    return write(assoc, "confirmed-ResponsePDU", answered(number, case))


def inner(case: Any) -> str:  # noqa: ANN401  any response of a service
    """The text of the element of a response's service."""
    head, middle, end, tail = _frame()
    text = write(LONGEST, "confirmed-ResponsePDU", answered(GREATEST, case)).decode()
    return text.removeprefix(f"{head}{LONGEST}{middle}{GREATEST}{end}").removesuffix(tail)


@cache
def _frame() -> tuple[str, str, str, str]:
    """What stands around an association's name, a number, and the service of a response."""
    held = services.ConfirmedServiceResponse_defineNamedVariableList(value=names.Null())
    text = write(LONGEST, "confirmed-ResponsePDU", answered(GREATEST, held)).decode()
    head, _, rest = text.partition(LONGEST)
    middle, _, rest = rest.partition(str(GREATEST))
    end, _, tail = rest.partition(tag("defineNamedVariableList", ""))
    return head, middle, end, tail
