"""A client finds out what a server has: devices, types, data sets, as a conversation by question and answer.

IEC 61850-7-2 GetServerDirectory, GetLogicalDeviceDirectory, GetDataDefinition, GetDataSetDirectory over MMS.
Each step yields a request and is sent its response, or has the refusal thrown into it. A type that does not
fit into a unit is asked for part by part. Bounded; it sends nothing and keeps no association.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bridge.iec61850 import selection, shape
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.image import DataSet, Domain
from bridge.iec61850.selection import Unserved
from bridge.iec61850.shape import Mismatch, Structure, Type
from models.mms import access, names, services, variables

T = TypeVar("T")
Conversation = Generator[services.ConfirmedServiceRequest_choice, Any, T]
PAGES = 1_000
NAMES = 100_000
"""Pages and names of one list at most."""


class Excess(Exception):
    """A server that tells more than anybody could have, or the same again and again."""


@dataclass(slots=True)
class Found:
    """What a server has. `loose` names items whose parts are known and the order of these is not.

    Those must not be read or written whole: their type did not fit, so it was put together from their parts.
    `untold` are data sets whose members the server would not tell, or could not within a unit.
    """

    domains: dict[str, Domain] = field(default_factory=dict)
    loose: set[tuple[str, str]] = field(default_factory=set)
    untold: set[tuple[str, str]] = field(default_factory=set)


def server() -> Conversation[Found]:
    """All devices of a server that it shows to us."""
    found = Found()
    for domain in (yield from listed("domain", None)):
        found.domains[domain] = yield from device(domain, found)
    return found


def device(domain: str, found: Found) -> Conversation[Domain]:
    """One device: its type and its data sets; what is loose or untold of it is put down in `found`."""
    held = yield from listed("namedVariable", domain)
    children = _children(held)
    loose: set[str] = set()
    of = yield from _parts(domain, children.get("", []), children, loose)
    if _leaves(of) > NAMES:
        raise Excess(f"values of {domain}")
    sets = {}
    for name in (yield from listed("namedVariableList", domain)):
        try:
            sets[name] = yield from _set(domain, name)
        except Refusal:
            found.untold.add((domain, name))
    found.loose |= {(domain, item) for item in loose}
    return Domain(domain, of, sets=sets)


def listed(family: str, domain: str | None) -> Conversation[tuple[str, ...]]:
    """All names of a class, page by page."""
    found: list[str] = []
    for _ in range(PAGES):
        page: names.GetNameList_Response = yield _page(family, domain, found[-1] if found else None)
        found.extend(page.listOfIdentifier.Identifier)
        if page.moreFollows is False:
            return tuple(found)
        if not page.listOfIdentifier.Identifier or len(found) > NAMES:
            break
    raise Excess(f"names of {domain or 'the server'}")


def _page(family: str, domain: str | None, after: str | None) -> services.ConfirmedServiceRequest_getNameList:
    scope: Any = names.ObjectScope_vmdSpecific(value=names.Null())
    if domain is not None:
        scope = names.ObjectScope_domainSpecific(value=domain)
    request = names.GetNameList_Request(
        objectClass=names.ObjectClass(choice=_CLASSES[family](value=names.Null())),
        objectScope=names.ObjectScope(choice=scope),
        continueAfter=after,
    )
    return services.ConfirmedServiceRequest_getNameList(value=request)


def _type(domain: str, item: str, children: dict[str, list[str]], loose: set[str]) -> Conversation[Type]:
    """The type of an item, whole if it is told so, else from its parts."""
    name = selection.variable(domain, item).variableSpecification.name
    request = variables.GetVariableAccessAttributes_Request(name=name)
    try:
        told = yield services.ConfirmedServiceRequest_getVariableAccessAttributes(value=request)
    except Refusal:
        if item not in children:
            raise
    else:
        return shape.described(told.typeDescription)
    loose.add(item)
    return (yield from _parts(domain, children[item], children, loose))


def _parts(
    domain: str, items: list[str], children: dict[str, list[str]], loose: set[str]
) -> Conversation[Structure]:
    fields: list[tuple[str, Type]] = []
    for item in items:
        of = yield from _type(domain, item, children, loose)
        fields.append((item.rpartition("$")[2], of))
    return Structure(tuple(fields))


def _leaves(of: Type) -> int:
    """How many values there are in a type, without laying them out."""
    if isinstance(of, shape.Array):
        return of.count * _leaves(of.of)
    return sum(_leaves(part) for _, part in of.fields) if isinstance(of, Structure) else 1


def _children(held: tuple[str, ...]) -> dict[str, list[str]]:
    """The items right below each item; the nodes are below nothing."""
    found: dict[str, list[str]] = {}
    for item in dict.fromkeys(held):
        found.setdefault(item.rpartition("$")[0], []).append(item)
    return found


def _set(domain: str, name: str) -> Conversation[DataSet]:
    """The members of a data set."""
    held = names.DomainSpecific(domainId=domain, itemId=name)
    wanted = names.ObjectName(choice=names.ObjectName_domain_specific(value=held))
    request = services.ConfirmedServiceRequest_getNamedVariableListAttributes(value=wanted)
    told: variables.GetNamedVariableListAttributes_Response = yield request
    members = tuple(_member(item) for item in told.listOfVariable.SEQUENCE)
    return DataSet(members, deletable=told.mmsDeletable)


def _member(item: access.VariableItem) -> tuple[str, str]:
    try:
        found = selection.chosen(item)
    except Unserved:
        found = None
    if found is None:
        raise Mismatch("a member of a data set that is no variable of a device")
    return found


_CLASSES: dict[str, Any] = {
    "domain": names.ObjectClass_domain,
    "namedVariable": names.ObjectClass_namedVariable,
    "namedVariableList": names.ObjectClass_namedVariableList,
    "journal": names.ObjectClass_journal,
}
