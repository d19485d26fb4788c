"""How a server says no: confirmed errors by class and code, and rejects by what could not be read.

ISO 9506-2 ServiceError and RejectPDU. The reason of a reject follows from the place and the kind of the first
fault that the binding found; number and association are looked for in what could be parsed. Never repeats
what a peer wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from bridge.iec61850.cases import cases
from bridge.iec61850.hooks import Refusal
from bridge.mapping import guard, profile
from bridge.mapping.guard import Refused
from models import kit
from models.mms import faults, pdu

_CLASSES = cases(faults, "ErrorClass")
_REASONS = cases(faults, "RejectReason")
_CAPS = profile.load("mms").caps
_NUMBER = "{http://www.iec.ch/61850/2018/SCSM_8_2}invokeID"
_DIGITS = re.compile("[0-9]{1,10}")
_NAMED = re.compile("[0-9A-Za-z]{1,16}:[0-9A-Za-z]{1,16}")
HIGHEST = 2**32
DEEP = (2, 3)
"""Steps below the context of a field of a unit, and of the service in a request."""


class Reason(NamedTuple):
    """The element and the number of a reason to reject a unit."""

    family: str
    code: int


class Fault(NamedTuple):
    """A unit that is rejected: the reason, words for the log, its number, and the error of an iq."""

    reason: Reason
    words: str
    number: int | None = None
    condition: str = "bad-request"


UNKNOWN = Reason("pdu-error", 0)
INVALID = Reason("pdu-error", 1)
MISCARRIED = Reason("pdu-error", 2)
NUMBER = Reason("confirmed-requestPDU", 3)
SERVICE = Reason("confirmed-requestPDU", 1)
ARGUMENT = Reason("confirmed-requestPDU", 4)
_REQUEST: Mapping[str, Reason] = MappingProxyType({
    "value": Reason("confirmed-requestPDU", 9),
    "depth": Reason("confirmed-requestPDU", 8),
})  # fmt: skip
TURNED: Mapping[str, Reason] = MappingProxyType({
    "confirmed-ResponsePDU": Reason("confirmed-responsePDU", 2),
    "confirmed-ErrorPDU": Reason("confirmed-errorPDU", 2),
    "unconfirmed-PDU": Reason("unconfirmedPDU", 1),
    "cancel-ResponsePDU": Reason("cancel-responsePDU", 1),
    "cancel-ErrorPDU": Reason("cancel-errorPDU", 1),
    "conclude-ResponsePDU": Reason("conclude-responsePDU", 1),
    "conclude-ErrorPDU": Reason("conclude-errorPDU", 0),
    "sealed": UNKNOWN,
})  # fmt: skip
"""Why a server turns back a unit that only an answer to it could be; any other is invalid."""


def error(refusal: Refusal) -> faults.ServiceError:
    """A refusal as class and code, with its words for whoever reads them."""
    choice = _CLASSES[refusal.family](value=_value(_CLASSES[refusal.family], refusal.code))
    return faults.ServiceError(
        errorClass=faults.ErrorClass(choice=choice), additionalDescription=refusal.text or None
    )


def reject(reason: Reason, number: int | None = None) -> pdu.RejectPDU:
    """A reject for a reason, with the number of the request where it is known."""
    case = _REASONS[reason.family]
    choice = case(value=_value(case, reason.code))
    return pdu.RejectPDU(originalInvokeID=number, rejectReason=faults.RejectReason(choice=choice))


def reason(found: Refused) -> Reason:
    """Why a unit is rejected that the binding refused."""
    steps = found.path.split("/")[2:]
    if len(steps) < DEEP[0]:
        return UNKNOWN if found.kind == "unknown" else INVALID
    if steps[0] != "confirmed-RequestPDU":
        return INVALID
    if steps[1] == "invokeID":
        return NUMBER
    if found.kind in {"unknown", "missing"} and len(steps) <= DEEP[1]:
        return SERVICE
    return _REQUEST.get(found.kind, ARGUMENT)


def traces(payload: bytes) -> tuple[str, int | None]:
    """The association and the number of a unit that was refused, as far as they can be found in it."""
    try:
        root = guard.parse(payload, _CAPS)
    except Refused:
        return "", None
    assoc, said = root.get("assoc", ""), root.findtext(f"*/{_NUMBER}") or ""
    found = int(said) if _DIGITS.fullmatch(said) and int(said) < HIGHEST else None
    return assoc if _NAMED.fullmatch(assoc) else "", found


def _value(case: type[kit.Case], code: int) -> object:
    """A code as the generated class wants it."""
    wanted = case.model_fields["value"].annotation
    return wanted(code) if isinstance(wanted, type) else code
