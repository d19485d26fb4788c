"""Browsing: lists of names in pages that fit, types of variables, and what the server says of itself.

ISO 9506-2 getNameList, getVariableAccessAttributes, identify and status; our own list of names by their
beginning. Names come in the order of their characters; a page ends where the negotiated size does, and the
next one continues after its last name. Shows a domain only to a peer that may see it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from bridge.iec61850 import selection, text, unit
from bridge.iec61850.floor import Floor
from bridge.iec61850.hooks import Call, Refusal
from bridge.iec61850.image import Unknown
from bridge.iec61850.unit import Ready
from models.mms import codes, mms_ours, names, services, variables

EACH = len("<mms:Identifier></mms:Identifier>")


def listed(floor: Floor, call: Call) -> services.ConfirmedServiceResponse_getNameList:
    """A page of names."""
    request: names.GetNameList_Request = call.request
    held = _after(_names(floor, call, request), request.continueAfter)
    return services.ConfirmedServiceResponse_getNameList(value=_page(held, call.room))


def begun(floor: Floor, call: Call) -> names.GetNameList_Response:
    """A page of the names that begin in a given way."""
    request: mms_ours.ExtendedGetNameList_Request = call.request
    held = _names(floor, call, request)
    found = [name for name in held if name.startswith(request.beginsWith)]
    return _page(_after(found, request.continueAfter), call.room, request.atMost)


def _page(held: Sequence[str], room: int, most: int | None = None) -> names.GetNameList_Response:
    left = room - unit.extent(services.ConfirmedServiceResponse_getNameList(value=_response((), more=False)))
    count = 0
    for name in held[:most]:
        left -= EACH + len(name)
        if left < 0:
            break
        count += 1
    if held and not count:
        raise Refusal("service", codes.ErrorService.pdu_size)
    return _response(held[:count], more=count < len(held))


def _response(held: Sequence[str], *, more: bool) -> names.GetNameList_Response:
    return names.GetNameList_Response(
        listOfIdentifier=names.IdentifierList(Identifier=tuple(held)), moreFollows=more
    )


def _after(held: Sequence[str], name: str | None) -> Sequence[str]:
    """What follows a name in a sorted list."""
    if name is None:
        return held
    place = bisect_left(held, name)
    if held[place : place + 1] != [name] and tuple(held[place : place + 1]) != (name,):
        raise Refusal("service", codes.ErrorService.continuation_invalid)
    return held[place + 1 :]


def _names(
    floor: Floor, call: Call, request: names.GetNameList_Request | mms_ours.ExtendedGetNameList_Request
) -> Sequence[str]:
    """All names of a class in a scope, sorted."""
    scope = request.objectScope.choice
    source = _SOURCES.get((request.objectClass.choice.tag, scope.tag))
    if source is None:
        raise Refusal("access", codes.ErrorAccess.object_access_unsupported)
    domain = scope.value if isinstance(scope.value, str) else ""
    if domain and domain not in floor.image.domains:
        raise Refusal("access", codes.ErrorAccess.object_non_existent)
    if domain and not floor.may(call.peer, "getNameList", domain):
        raise Refusal("access", codes.ErrorAccess.object_access_denied)
    return source(floor, call, domain)


def _domains(floor: Floor, call: Call, _domain: str) -> Sequence[str]:
    return [
        name for name in sorted(floor.image.domains) if floor.allowed(call.peer, "getNameList", name, None)
    ]


def _journals(floor: Floor, _call: Call, domain: str) -> Sequence[str]:
    return sorted(floor.journals(domain)) if floor.journals else ()


_SOURCES: Mapping[tuple[str, str], Callable[[Floor, Call, str], Sequence[str]]] = MappingProxyType({
    ("domain", "vmdSpecific"): _domains,
    ("namedVariable", "domainSpecific"): lambda floor, _, domain: floor.image.domains[domain].index.names,
    ("namedVariableList", "domainSpecific"): lambda floor, _, name: sorted(floor.image.domains[name].sets),
    ("namedVariableList", "aaSpecific"): lambda _, call, __: sorted(call.sets),
    ("journal", "domainSpecific"): _journals,
    ("namedVariable", "vmdSpecific"): lambda *_: (),
    ("namedVariableList", "vmdSpecific"): lambda *_: (),
    ("journal", "vmdSpecific"): lambda *_: (),
    ("namedVariable", "aaSpecific"): lambda *_: (),
    ("journal", "aaSpecific"): lambda *_: (),
})  # fmt: skip
"""Names of a class in a scope; a class that has no objects in a scope has no names there."""


def attributes(floor: Floor, call: Call) -> Ready:
    """The type of a variable."""
    request: variables.GetVariableAccessAttributes_Request = call.request
    found = selection.named(request.name)
    try:
        of = floor.image.type(*found) if found else None
    except Unknown:
        of = None
    if of is None or found is None:
        raise Refusal("access", codes.ErrorAccess.object_non_existent)
    if not floor.may(call.peer, "getVariableAccessAttributes", "/".join(found)):
        raise Refusal("access", codes.ErrorAccess.object_access_denied)
    return text.attributes(of)


def identify(floor: Floor, _call: Call) -> services.ConfirmedServiceResponse_identify:
    """Vendor, model and revision."""
    vendor, model, revision = floor.identity
    response = services.Identify_Response(vendorName=vendor, modelName=model, revision=revision)
    return services.ConfirmedServiceResponse_identify(value=response)


def status(_floor: Floor, _call: Call) -> services.ConfirmedServiceResponse_status:
    """That the server works: one that does not gives no answer."""
    response = services.Status_Response(
        vmdLogicalStatus=codes.LogicalStatus.state_changes_allowed,
        vmdPhysicalStatus=codes.PhysicalStatus.operational,
    )
    return services.ConfirmedServiceResponse_status(value=response)
