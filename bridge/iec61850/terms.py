"""What two ends agree on when an association opens: size of units, outstanding requests, nesting, bits.

ISO 9506-2 initiate, with the floors of the accounts of 8-2: a unit of 8,192 octets and five levels must be
possible. The called side takes the lower of both offers and refuses what it cannot work with. Sizes count the
bytes of a unit in its context. Never keeps an association.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.iec61850.hooks import Refusal
from models.mms import codes, pdu

VERSION = 1
BLOCKS = "11110001000"
"""Parameter building blocks: arrays, structures, named variables, alternate access, variable lists."""
NEEDED = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class Terms:
    """The most that a server grants, and the least that it works with.

    The members of the longest data set of a device that can do everything fit into `detail`; so does that,
    sealed, into a stanza of 256 KB.
    """

    detail: int = 131_072
    least: int = 2_048
    calling: int = 5
    called: int = 5
    nesting: int = 10
    shallowest: int = 5


def agreed(asked: pdu.Initiate_RequestPDU, terms: Terms, services: str) -> pdu.Initiate_ResponsePDU:
    """The terms of an association, or Refusal with the reason of the class `initiate`."""
    why = _wanting(asked, terms)
    if why is not None:
        raise Refusal("initiate", why)
    blocks = asked.initRequestDetail.proposedParameterCBB.ljust(len(BLOCKS), "0")
    return pdu.Initiate_ResponsePDU(
        localDetailCalled=min(_detail(asked, terms), terms.detail),
        negotiatedMaxServOutstandingCalling=min(asked.proposedMaxServOutstandingCalling, terms.calling),
        negotiatedMaxServOutstandingCalled=min(asked.proposedMaxServOutstandingCalled, terms.called),
        negotiatedDataStructureNestingLevel=min(_nesting(asked, terms), terms.nesting),
        initResponseDetail=pdu.InitResponseDetail(
            negotiatedVersionNumber=VERSION,
            negotiatedParameterCBB="".join(min(pair) for pair in zip(blocks, BLOCKS, strict=False)),
            servicesSupportedCalled=services,
        ),
    )


def _wanting(asked: pdu.Initiate_RequestPDU, terms: Terms) -> codes.ErrorInitiate | None:
    """The first offer that is below what a server works with."""
    blocks = asked.initRequestDetail.proposedParameterCBB
    rows = (
        (asked.initRequestDetail.proposedVersionNumber >= VERSION, codes.ErrorInitiate.version_incompatible),
        (_detail(asked, terms) >= terms.least, codes.ErrorInitiate.max_segment_insufficient),
        (
            asked.proposedMaxServOutstandingCalling >= 1,
            codes.ErrorInitiate.max_services_outstanding_calling_insufficient,
        ),
        (
            asked.proposedMaxServOutstandingCalled >= 0,
            codes.ErrorInitiate.max_services_outstanding_called_insufficient,
        ),
        (
            all(blocks[place : place + 1] == "1" for place in NEEDED),
            codes.ErrorInitiate.parameter_CBB_insufficient,
        ),
        (_nesting(asked, terms) >= terms.shallowest, codes.ErrorInitiate.nesting_level_insufficient),
    )
    return next((code for fine, code in rows if not fine), None)


def _detail(asked: pdu.Initiate_RequestPDU, terms: Terms) -> int:
    return terms.detail if asked.localDetailCalling is None else asked.localDetailCalling


def _nesting(asked: pdu.Initiate_RequestPDU, terms: Terms) -> int:
    said = asked.proposedDataStructureNestingLevel
    return terms.nesting if said is None else said
