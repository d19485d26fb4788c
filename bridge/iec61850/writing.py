"""Write: who may change what, by functional constraint; each variable with success or a code of its own.

IEC 61850-7-2 SetDataValues and SetDataSetValues, IEC 61850-7-3 for the constraints: settings, set points,
substitution, configuration, description and blocking are put; controls and control blocks go to their owner;
whatever the process tells (ST, MX) is not writable. Never puts what its type or the application refuses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from bridge.iec61850 import lists, shape
from bridge.iec61850.floor import Floor, Note
from bridge.iec61850.hooks import Answer, Call, Refusal
from bridge.iec61850.image import Unknown, constraint, scattered
from bridge.iec61850.reading import Wanted, each
from bridge.iec61850.shape import Mismatch, OutOfRange, Type, Value
from models.mms import codes, data, names, services, variables

Code = codes.DataAccessError
ENABLING = ("RptEna", "LogEna")
Route = Callable[[Floor, Call, str, str, Value], Answer]


def write(floor: Floor, call: Call) -> services.ConfirmedServiceResponse_write:
    """Each variable of the request, written in order."""
    request: variables.Write_Request = call.request
    wanted = each(floor, call, "write", request.variableAccessSpecification)
    given = request.listOfData.Data
    if len(wanted) != len(given):
        raise Refusal("service", codes.ErrorService.object_constraint_conflict, "as many values as variables")
    answers = [_written(floor, call, item, said) for item, said in zip(wanted, given, strict=True)]
    response = variables.Write_Response(CHOICE=tuple(_result(answer) for answer in answers))
    call.before.extend(report for answer in answers for report in answer.before)
    return services.ConfirmedServiceResponse_write(value=response)


def _result(answer: Answer) -> data.WriteResult:
    if answer.error is None:
        return data.WriteResult(choice=data.WriteResult_success(value=names.Null()))
    return data.WriteResult(choice=data.WriteResult_failure(value=answer.error))


def _written(floor: Floor, call: Call, wanted: Wanted, said: data.Data) -> Answer:
    """What becomes of one variable."""
    if isinstance(wanted, Code):
        return Answer(wanted)
    domain, item = wanted
    try:
        of = floor.image.type(domain, item)
    except Unknown:
        return Answer(Code.object_non_existent)
    route = ROUTES.get(constraint(item))
    if route is None:
        floor.note(Note(call.peer, "denied", f"write {domain}/{item}"))
        return Answer(Code.object_access_denied)
    value = _value(of, said)
    if isinstance(value, Code):
        return Answer(value)
    may = floor.may(call.peer, "write", f"{domain}/{item}", value)
    return (route if may else _unentitled)(floor, call, domain, item, value)


def _value(of: Type, said: data.Data) -> Value | Code:
    """The value that a peer gives, or the code that says why it is none."""
    try:
        value = shape.decode(of, said)
    except Mismatch:
        return Code.type_inconsistent
    except OutOfRange:
        return Code.object_value_invalid
    return value if _finite(value) else Code.object_value_invalid


def _finite(value: Value) -> bool:
    """Whether no number in it is infinite or none at all: such a set point means nothing."""
    if isinstance(value, tuple):
        return all(_finite(part) for part in value)
    return not isinstance(value, float) or math.isfinite(value)


def _put(floor: Floor, call: Call, domain: str, item: str, value: Value) -> Answer:
    refused = floor.written(call.peer, domain, item, value, call.now) if floor.written else None
    if refused is None:
        floor.image.put(domain, item, value, call.now)
    return Answer(refused)


def _block(floor: Floor, call: Call, domain: str, item: str, value: Value) -> Answer:
    owner = floor.blocks(item)
    if owner is None or not _readable(floor, call, domain, item, value):
        return Answer(Code.object_access_denied)
    return Answer(owner.write(call.peer, domain, item, value, call.now))


def _readable(floor: Floor, call: Call, domain: str, item: str, value: Value) -> bool:
    """Whether a peer that switches a block on may read all that it would be told of by it."""
    given = dict(scattered(floor.image.type(domain, item), item, value))
    block = "$".join(item.split("$")[:3])
    if not any(given.get(f"{block}${name}") for name in ENABLING):
        return True
    place = f"{block}$DatSet"
    reference = given[place] if place in given else floor.leaf(call.peer, domain, place)
    told = lists.members_of(floor, call, str(reference))
    return all(floor.may(call.peer, "read", f"{one}/{member}") for one, member in told)


def _control(floor: Floor, call: Call, domain: str, item: str, value: Value) -> Answer:
    if floor.controls is None:
        return Answer(Code.object_access_denied)
    return floor.controls.write(call.peer, domain, item, value, call.now)


def _unentitled(floor: Floor, call: Call, domain: str, item: str, value: Value) -> Answer:
    """What a peer may not write: a control says so in LastApplError, too."""
    if constraint(item) != "CO" or floor.controls is None:
        return Answer(Code.object_access_denied)
    return floor.controls.refuse(call.peer, domain, item, value, codes.AddCause.no_access_authority)


ROUTES: Mapping[str, Route] = MappingProxyType({
    **dict.fromkeys(("SP", "SV", "CF", "DC", "BL"), _put),
    **dict.fromkeys(("RP", "BR", "LG"), _block),
    "CO": _control,
})  # fmt: skip
"""What a write to an item under each functional constraint does; under any other nothing is writable."""
