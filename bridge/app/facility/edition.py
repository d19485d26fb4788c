"""What a unit says it is: maker, product, revision of its model; by that two units have the same model.

IEC 61850-7-3 LPL and DPL: configRev of LLN0 is another one whenever the model of its logical device changes.
So names that agree in all of it say the same model, within one issuer of certificates: whose word it is that
a unit is of its maker. A unit that tells no configRev is of no edition. Values of settings are none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from bridge.iec61850 import selection, shape
from bridge.iec61850.discovery import Conversation
from bridge.iec61850.hooks import Refusal
from models.mms import access, data, services, variables

LONGEST = 255


class Edition(NamedTuple):
    """Of one kind of unit."""

    issuer: bytes
    """Who issued the certificate, as a revocation list names it."""
    revision: str
    told: tuple[str, ...]
    """The rest of what it is called, in the order of PLATES."""


REVISION = "LLN0$DC$NamPlt$configRev"
PLATES = (
    "LLN0$DC$NamPlt$vendor",
    "LLN0$DC$NamPlt$swRev",
    "LLN0$EX$NamPlt$ldNs",
    "LPHD1$DC$PhyNam$vendor",
    "LPHD1$DC$PhyNam$model",
    "LPHD1$DC$PhyNam$hwRev",
    "LPHD1$DC$PhyNam$swRev",
)
"""paramRev and valRev are not among them: they count settings, and two units are never set alike."""


def told(device: str, issuer: bytes) -> Conversation[Edition | None]:
    """The edition of a unit; None where it tells none."""
    if not issuer:
        return None
    listed = selection.variables((device, item) for item in (REVISION, *PLATES))
    choice = access.VariableAccessSpecification_listOfVariable(value=listed)
    asked = variables.Read_Request(
        variableAccessSpecification=access.VariableAccessSpecification(choice=choice)
    )
    try:
        answer: variables.Read_Response = yield services.ConfirmedServiceRequest_read(value=asked)
    except Refusal:
        return None
    results = answer.listOfAccessResult.AccessResult
    if len(results) != len(PLATES) + 1:
        return None
    revision, *others = _texts(results)
    return Edition(issuer, revision, tuple(others)) if revision else None


def _texts(results: tuple[data.AccessResult, ...]) -> Iterator[str]:
    """What is text among some values; nothing instead of what is none."""
    for each in results:
        said: Any = (
            shape.free(each.choice.value) if isinstance(each.choice, data.AccessResult_success) else ""
        )
        yield said[:LONGEST] if isinstance(said, str) else ""
