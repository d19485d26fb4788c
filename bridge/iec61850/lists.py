"""Data sets: named variable lists of a domain, which stay, and of an association, which end with it.

IEC 61850-7-2 clause on data sets over ISO 9506-2 named variable lists: define, read back, delete. A list of a
domain is named `LLN0$name`. What a list may hold is data, no control and no control block. One that was
configured, or that a control block uses, is not deleted.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from functools import lru_cache

from bridge.iec61850 import selection
from bridge.iec61850.floor import Floor
from bridge.iec61850.hooks import Call, Refusal
from bridge.iec61850.image import KINDS_OF_TYPES, DataSet, Domain, Member, Unknown, constraint, laid
from bridge.iec61850.selection import Unserved
from bridge.iec61850.shape import Structure
from models.mms import access, codes, names, services, variables

NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,31}")
"""The name of a data set itself."""
FOREIGN = frozenset({"CO", "RP", "BR", "LG", "GO", "MS", "US", "SE", "XX", ""})
"""Constraints of what is no data, and a whole logical node, which has none."""
MEMBERS = 512
LISTS = 64
OWN = 16
BLOCKS = frozenset({"RP", "BR", "LG"})
Sets = MutableMapping[str, DataSet]
Place = tuple[Sets, str, str]
"""Where a list is kept, its name there, and its domain if it has one."""


def define(floor: Floor, call: Call) -> services.ConfirmedServiceResponse_defineNamedVariableList:
    """Define a list: refused whole where a member is none."""
    request: variables.DefineNamedVariableList_Request = call.request
    sets, name, domain = _place(floor, call, request.variableListName)
    _may(floor, call, "defineNamedVariableList", f"{domain}/{name}")
    if name in sets:
        raise Refusal("definition", codes.ErrorDefinition.object_exists)
    if not _proper(floor, domain, name):
        raise Refusal("definition", codes.ErrorDefinition.object_attribute_inconsistent, "name")
    if len(sets) >= (LISTS if domain else OWN) or len(request.listOfVariable.SEQUENCE) > MEMBERS:
        raise Refusal("resource", codes.ErrorResource.capability_unavailable)
    held = tuple(_member(floor, call, item) for item in request.listOfVariable.SEQUENCE)
    sets[name] = DataSet(held, deletable=True)
    _told(floor, domain, name, sets[name])
    return services.ConfirmedServiceResponse_defineNamedVariableList(value=names.Null())


def attributes(floor: Floor, call: Call) -> services.ConfirmedServiceResponse_getNamedVariableListAttributes:
    """The members of a list."""
    found = _found(floor, call, "getNamedVariableListAttributes", call.request)
    response = variables.GetNamedVariableListAttributes_Response(
        mmsDeletable=found.deletable, listOfVariable=selection.variables(found.members)
    )
    return services.ConfirmedServiceResponse_getNamedVariableListAttributes(value=response)


def members(floor: Floor, call: Call, service: str, name: names.ObjectName) -> tuple[Member, ...]:
    """The members of a list that a read or a write names."""
    return _found(floor, call, service, name).members


def members_of(floor: Floor, call: Call, reference: str) -> tuple[Member, ...]:
    """The members of the list that a control block names: `domain/LLN0$name`, or `@name`."""
    domain, slash, name = reference.partition("/")
    held = floor.image.domains.get(domain)
    found = (held.sets.get(name) if held else None) if slash else call.sets.get(reference.removeprefix("@"))
    return found.members if found else ()


def _found(floor: Floor, call: Call, service: str, said: names.ObjectName) -> DataSet:
    sets, name, domain = _place(floor, call, said)
    found = sets.get(name)
    if found is None:
        raise Refusal("access", codes.ErrorAccess.object_non_existent)
    _may(floor, call, service, f"{domain}/{name}")
    return found


def _may(floor: Floor, call: Call, service: str, reference: str) -> None:
    if not floor.may(call.peer, service, reference):
        raise Refusal("access", codes.ErrorAccess.object_access_denied)


def _place(floor: Floor, call: Call, said: names.ObjectName) -> Place:
    """Where a list of this name is, or would be."""
    found = selection.named(said)
    if found is None:
        if said.choice.tag == "aa-specific":
            return call.sets, str(said.choice.value), ""
        raise Refusal("access", codes.ErrorAccess.object_access_unsupported)
    domain, name = found
    if domain not in floor.image.domains:
        raise Refusal("access", codes.ErrorAccess.object_non_existent)
    return floor.image.domains[domain].sets, name, domain


def _proper(floor: Floor, domain: str, name: str) -> bool:
    """Whether a list may be called so."""
    node, dollar, own = name.rpartition("$")
    if not domain:
        return not dollar and NAME.fullmatch(name) is not None
    known = node in floor.image.domains[domain].index.types and "$" not in node
    return known and NAME.fullmatch(own) is not None


def _member(floor: Floor, call: Call, item: access.VariableItem) -> Member:
    """A member, if it is data that is there and that this peer may read."""
    try:
        found = selection.chosen(item)
        if found is None or constraint(found[1]) in FOREIGN:
            raise Refusal("definition", codes.ErrorDefinition.object_attribute_inconsistent, "member")
        floor.image.type(*found)
        _may(floor, call, "read", "/".join(found))
    except (Unknown, Unserved):
        raise Refusal("definition", codes.ErrorDefinition.object_undefined, "member") from None
    return found


def delete(floor: Floor, call: Call) -> services.ConfirmedServiceResponse_deleteNamedVariableList:
    """Delete the lists that are meant and may go; the answer counts both."""
    meant = [(sets, name, domain) for sets, name, domain in _meant(floor, call) if name in sets]
    gone = 0
    for sets, name, domain in meant:
        if sets[name].deletable and not _used(floor, call, domain, name):
            del sets[name]
            _told(floor, domain, name, None)
            gone += 1
    response = variables.DeleteNamedVariableList_Response(numberMatched=len(meant), numberDeleted=gone)
    return services.ConfirmedServiceResponse_deleteNamedVariableList(value=response)


def _meant(floor: Floor, call: Call) -> list[Place]:
    """The lists that a deletion is for, each once; refused where one may not be deleted by this peer."""
    request: variables.DeleteNamedVariableList_Request = call.request
    scope = request.scopeOfDelete or codes.ScopeOfDelete.specific
    if scope is codes.ScopeOfDelete.specific:
        said = request.listOfVariableListName.ObjectName if request.listOfVariableListName else ()
        found = [_place(floor, call, name) for name in said]
    elif scope is codes.ScopeOfDelete.aa_specific:
        found = [(call.sets, name, "") for name in call.sets]
    else:
        found = [
            (held.sets, name, held.name) for held in _domains(floor, request, scope) for name in held.sets
        ]
    for _, name, domain in found:
        _may(floor, call, "deleteNamedVariableList", f"{domain}/{name}")
    return list({(domain, name): (sets, name, domain) for sets, name, domain in found}.values())


def _domains(
    floor: Floor, request: variables.DeleteNamedVariableList_Request, scope: codes.ScopeOfDelete
) -> list[Domain]:
    if scope is codes.ScopeOfDelete.vmd:
        return list(floor.image.domains.values())
    found = floor.image.domains.get(request.domainName or "")
    if found is None:
        raise Refusal("access", codes.ErrorAccess.object_non_existent)
    return [found]


def _used(floor: Floor, call: Call, domain: str, name: str) -> bool:
    """Whether a control block holds the list."""
    reference = f"{domain}/{name}" if domain else f"@{name}"
    for place in (domain,) if domain else tuple(floor.image.domains):
        for item in blocks(floor.image.domains[place].type):
            if floor.leaf(call.peer, place, item) == reference:
                return True
    return False


@lru_cache(maxsize=KINDS_OF_TYPES)
def blocks(of: Structure) -> tuple[str, ...]:
    """The attributes of control blocks that name a data set, in a domain of this type."""
    held = (item for item in laid(of).leaves if item.endswith("$DatSet"))
    return tuple(item for item in held if constraint(item) in BLOCKS)


def _told(floor: Floor, domain: str, name: str, held: DataSet | None) -> None:
    """Tell of a list that stays, so that it can be kept."""
    if domain and floor.defined is not None:
        floor.defined(domain, name, held)
