"""One confirmed request to the bytes of its answer: rights, handler, size.

ISO 9506-2 confirmed service, with the answer as an iq result. What a handler refuses becomes a confirmed
error; so does an answer that would not fit, and our own failure, which is noted. Never raises, keeps nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from bridge.iec61850 import browse, lists, reading, refusing, unit, writing
from bridge.iec61850.floor import Floor, Note
from bridge.iec61850.hooks import Call, Refusal
from models.mms import codes, mms_ours, pdu

FAILED = Refusal("vmd-state", codes.ErrorVmdState.vmd_operational_problem)
DENIED = Refusal("access", codes.ErrorAccess.object_access_denied)
UNCOVERED = Refusal("access", codes.ErrorAccess.object_access_denied, "sealed only")
TOO_LONG = Refusal("service", codes.ErrorService.pdu_size)
OWN: Mapping[str, Callable[[Floor, Call], Any]] = MappingProxyType({
    "status": browse.status,
    "getNameList": browse.listed,
    "identify": browse.identify,
    "read": reading.read,
    "write": writing.write,
    "getVariableAccessAttributes": browse.attributes,
    "defineNamedVariableList": lists.define,
    "getNamedVariableListAttributes": lists.attributes,
    "deleteNamedVariableList": lists.delete,
})  # fmt: skip
"""The services that every server has; the others are given to it."""
Answer = Callable[[Call], Any]
"""A service's response, as a model or as text already."""
WHOLE = frozenset({"status", "identify", "readJournal", "fileOpen", "fileDelete", "fileDirectory"})
"""Services that name no variable: the right to them is asked for as such."""


def handlers(floor: Floor) -> Mapping[str, Answer]:
    """All services of a server by name."""
    own = {name: _bound(floor, handler) for name, handler in OWN.items()}
    return {**own, **(floor.services or {})}


def _bound(floor: Floor, handler: Callable[[Floor, Call], Any]) -> Answer:
    return lambda call: handler(floor, call)


def served(floor: Floor, handler: Answer, name: str, number: int, call: Call) -> bytes:
    """The answer to a request, whatever becomes of it."""

    def work() -> bytes:
        if not floor.covered(call.peer, name, sealed=call.sealed):
            raise UNCOVERED
        if name in WHOLE and not floor.may(call.peer, name, ""):
            raise DENIED
        return unit.finished(call.peer.assoc, number, handler(call))

    return _guarded(floor, call, number, work)


def extended(floor: Floor, number: int, call: Call) -> bytes:
    """The answer to our own list of names."""

    def work() -> bytes:
        if not floor.covered(call.peer, "getNameList", sealed=call.sealed):
            raise UNCOVERED
        held = mms_ours.Extended_Response(invokeID=number, extendedGetNameList=browse.begun(floor, call))
        return unit.write(call.peer.assoc, "extended-ResponsePDU", held)

    return _guarded(floor, call, number, work)


def _guarded(floor: Floor, call: Call, number: int, work: Callable[[], bytes]) -> bytes:
    try:
        payload = work()
        return payload if len(payload) <= call.room else refused(call, number, TOO_LONG)
    except Refusal as refusal:
        return refused(call, number, refusal)
    except Exception as trouble:  # noqa: BLE001  one request's failure is no other's; it is noted and told
        floor.note(Note(call.peer, "failed", repr(trouble)[:200]))
        return refused(call, number, FAILED)


def refused(call: Call, number: int, refusal: Refusal) -> bytes:
    """A confirmed error."""
    held = pdu.Confirmed_ErrorPDU(invokeID=number, serviceError=refusing.error(refusal))
    return unit.write(call.peer.assoc, "confirmed-ErrorPDU", held)
