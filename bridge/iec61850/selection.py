"""Variables as requests name them, and items of the picture: one to the other.

An element of an array has no name of its own on the wire (ISO 9506-2 alternate access, as IEC 61850-8-1 uses
it): it is the array with an index, and a component below it. Ranges, all elements and several selections at
once are not served. Never reads a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from bridge.iec61850.image import Member
from models.mms import access, names

_ELEMENT = re.compile(r"\(([0-9]+)\)\$?")


class Unserved(Exception):
    """A kind of access that is not served: object-access-unsupported."""


def named(said: names.ObjectName) -> Member | None:
    """Domain and item of a name; nothing for one that belongs to the whole device or an association."""
    held = said.choice.value
    return (held.domainId, held.itemId) if isinstance(held, names.DomainSpecific) else None


def chosen(item: access.VariableItem) -> Member | None:
    """Domain and item that a request selects; None for a name of no domain."""
    found = named(item.variableSpecification.name)
    if found is None or item.alternateAccess is None:
        return found
    return found[0], found[1] + _path(item.alternateAccess)


def _path(said: access.AlternateAccess) -> str:
    """What an alternate access puts behind the name of the variable."""
    if len(said.CHOICE) != 1 or said.CHOICE[0].choice.tag != "unnamed":
        raise Unserved
    selection: Any = said.CHOICE[0].choice.value.choice
    if selection.tag == "selectAccess":
        return _step(selection.value)
    return _step(selection.value.accessSelection) + _path(selection.value.alternateAccess)


def _step(said: access.AccessSelection) -> str:
    if said.choice.tag == "index":
        return f"({said.choice.value})"
    if said.choice.tag == "component":
        return f"${said.choice.value}"
    raise Unserved


def variable(domain: str, item: str) -> access.VariableItem:
    """How an item is named on the wire."""
    base, *rest = _ELEMENT.split(item)
    held = names.DomainSpecific(domainId=domain, itemId=base)
    name = names.ObjectName(choice=names.ObjectName_domain_specific(value=held))
    return access.VariableItem(
        variableSpecification=access.VariableSpecification(name=name),
        alternateAccess=_access(_steps(rest)) if rest else None,
    )


def variables(members: Iterable[Member]) -> access.VariableItemList:
    """Items as a list of variables."""
    return access.VariableItemList(SEQUENCE=tuple(variable(domain, item) for domain, item in members))


def _steps(rest: list[str]) -> list[access.AccessSelection]:
    """Indexes and components by turns; a component may be missing at the end."""
    found = []
    for place, text in enumerate(rest):
        if place % 2 == 0:
            choice: Any = access.AccessSelection_index(value=int(text))
        elif text:
            choice = access.AccessSelection_component(value=text)
        else:
            continue
        found.append(access.AccessSelection(choice=choice))
    return found


def _access(steps: list[access.AccessSelection]) -> access.AlternateAccess:
    first, *others = steps
    selection: Any = access.AlternateAccessSelection_selectAccess(value=first)
    if others:
        inner = access.SelectAlternateAccess(accessSelection=first, alternateAccess=_access(others))
        selection = access.AlternateAccessSelection_selectAlternateAccess(value=inner)
    unnamed = access.AlternateAccessItem_unnamed(value=access.AlternateAccessSelection(choice=selection))
    return access.AlternateAccess(CHOICE=(access.AlternateAccessItem(choice=unnamed),))
