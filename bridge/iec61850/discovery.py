"""A client finds out what a server has: devices, types, data sets, as a conversation by question and answer.

IEC 61850-7-2 GetServerDirectory, GetLogicalDeviceDirectory, GetDataDefinition, GetDataSetDirectory over MMS.
Each step yields a request and is sent its response, or has the refusal thrown into it; or it yields several
that need not wait for each other, and is sent what became of each. A type that does not fit into a unit is
asked for part by part. Bounded; it sends nothing and keeps no association.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bridge.iec61850 import selection, shape
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.image import DataSet, Domain
from bridge.iec61850.selection import Unserved
from bridge.iec61850.shape import Mismatch, Structure, Type
from models.mms import access, names, services, variables

T = TypeVar("T")
Request = services.ConfirmedServiceRequest_choice
Conversation = Generator[Request | tuple[Request, ...], Any, T]
PAGES = 1_000
NAMES = 100_000
"""Pages and names of one list at most."""
TOGETHER = 64
"""Requests that are put together; how many of them are under way at once is for the association to say."""


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
    found.loose |= {(domain, item) for item in loose}
    return Domain(domain, of, sets=(yield from sets(domain, found)))


def sets(domain: str, found: Found) -> Conversation[dict[str, DataSet]]:
    """The data sets of a device; those whose members are untold are put down in `found`."""
    named = yield from listed("namedVariableList", domain)
    told = zip(named, (yield from several(_set(domain, name) for name in named)), strict=True)
    held = {name: _members(answer) for name, answer in told if not isinstance(answer, Refusal)}
    found.untold |= {(domain, name) for name in named if name not in held}
    return held


def several(requests: Iterable[Request]) -> Conversation[list[Any]]:
    """Ask several things, and give the answers in their order; a refusal stands where it came."""
    found: list[Any] = []
    left = list(requests)
    for start in range(0, len(left), TOGETHER):
        found += yield tuple(left[start : start + TOGETHER])
    return found


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


def _typed(domain: str, item: str) -> Request:
    """The request for the type of an item."""
    name = selection.variable(domain, item).variableSpecification.name
    request = variables.GetVariableAccessAttributes_Request(name=name)
    return services.ConfirmedServiceRequest_getVariableAccessAttributes(value=request)


def _parts(
    domain: str, items: list[str], children: dict[str, list[str]], loose: set[str]
) -> Conversation[Structure]:
    """What some items are together: the type of each, whole if it is told so, else from its parts."""
    fields: list[tuple[str, Type]] = []
    answers = yield from several(_typed(domain, item) for item in items)
    for item, told in zip(items, answers, strict=True):
        of: Type
        if not isinstance(told, Refusal):
            of = shape.described(told.typeDescription)
        elif item in children:
            loose.add(item)
            of = yield from _parts(domain, children[item], children, loose)
        else:
            raise told
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


def _set(domain: str, name: str) -> Request:
    """The request for the members of a data set."""
    held = names.DomainSpecific(domainId=domain, itemId=name)
    wanted = names.ObjectName(choice=names.ObjectName_domain_specific(value=held))
    return services.ConfirmedServiceRequest_getNamedVariableListAttributes(value=wanted)


def _members(told: variables.GetNamedVariableListAttributes_Response) -> DataSet:
    return DataSet(tuple(map(_member, told.listOfVariable.SEQUENCE)), deletable=told.mmsDeletable)


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
