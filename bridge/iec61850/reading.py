"""Read: variables, parts of them, elements of arrays and data sets, each with a value or a code of its own.

ISO 9506-2 read, IEC 61850-7-2 GetDataValues, GetDataSetValues and the select of normal security, which is a
read of `$SBO`. Results stand in the order of the request. Never refuses the whole for one variable.
"""

from __future__ import annotations

from functools import partial

from bridge.iec61850 import selection, text
from bridge.iec61850.floor import Floor
from bridge.iec61850.hooks import Call
from bridge.iec61850.image import Member, Unknown, constraint
from bridge.iec61850.lists import members
from bridge.iec61850.selection import Unserved
from bridge.iec61850.unit import Ready
from models.mms import access, codes, variables

Wanted = Member | codes.DataAccessError
Code = codes.DataAccessError


def read(floor: Floor, call: Call) -> Ready:
    """Each variable of the request, read."""
    request: variables.Read_Request = call.request
    asked = request.variableAccessSpecification
    results = [_result(floor, call, wanted) for wanted in each(floor, call, "read", asked)]
    return text.read(asked if request.specificationWithResult else None, results)


def each(
    floor: Floor, call: Call, service: str, asked: access.VariableAccessSpecification
) -> tuple[Wanted, ...]:
    """The items that a request means, or for one that names none the code that says why."""
    if isinstance(asked.choice, access.VariableAccessSpecification_variableListName):
        return members(floor, call, service, asked.choice.value)
    return tuple(_wanted(item) for item in asked.choice.value.SEQUENCE)


def _wanted(item: access.VariableItem) -> Wanted:
    try:
        return selection.chosen(item) or Code.object_non_existent
    except Unserved:
        return Code.object_access_unsupported


def _result(floor: Floor, call: Call, wanted: Wanted) -> str:
    found = wanted if isinstance(wanted, Code) else _value(floor, call, *wanted)
    return text.failure(found) if isinstance(found, Code) else text.success(found)


def _value(floor: Floor, call: Call, domain: str, item: str) -> str | Code:
    """What an item holds, as this peer may see it."""
    try:
        of = floor.image.type(domain, item)
    except Unknown:
        return Code.object_non_existent
    if not floor.may(call.peer, "read", f"{domain}/{item}"):
        return Code.object_access_denied
    held = floor.image.domains[domain]
    how = text.plan(held.index, item)
    if how.depth > call.nesting:
        return Code.object_access_unsupported
    if floor.controls is not None and constraint(item) == "CO" and item.endswith("$SBO"):
        if not floor.covered(call.peer, "select", sealed=call.sealed):
            return Code.object_access_denied
        return text.value(of, floor.controls.read_sbo(call.peer, domain, item, call.now))
    return text.filled(how, held.leaves, partial(floor.leaf, call.peer, domain))
