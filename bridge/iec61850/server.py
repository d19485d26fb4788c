"""A 61850 server: units in, units out, by the table of associations and the table of services.

8-2 shape over ISO 9506. Each unit is answered at once, so that no request is ever outstanding when the next
one is read; an iq always gets exactly one result or error, and what cannot be read is rejected by message.
Nothing raises out of here. It asks no clock and owns no connection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from bridge.iec61850 import association, refusing, serving, unit
from bridge.iec61850.association import Association, called, caller
from bridge.iec61850.floor import Floor, Note
from bridge.iec61850.hooks import Call, Refusal
from bridge.iec61850.peer import Out, Peer, Report
from bridge.iec61850.refusing import Fault
from bridge.iec61850.table import SERVICES, supported
from bridge.iec61850.terms import Terms, agreed
from bridge.mapping.xml import Refused
from models.mms import codes, mms_ours, names, pdu

SEQUENCE = Refusal("service", codes.ErrorService.primitives_out_of_sequence)
FULL = Refusal("resource", codes.ErrorResource.capability_unavailable)
UNNAMED = Refusal("initiate", codes.ErrorInitiate.other)
EACH = 4
ALL = 4_096
"""Associations of one account, and of all."""
RETIRED = Refusal("resource", codes.ErrorResource.capability_unavailable)
"""What is answered while this version of the protocol is served no more."""
NOWHERE = "000:000"
"""The association of a reject that answers a unit which could not be read."""
USUAL = Terms()


class Said(NamedTuple):
    """A unit that was read: from which association, what, in which stanza, and whether under a seal."""

    peer: Peer
    tag: str
    content: Any
    how: str
    sealed: bool


class Server:
    """All associations with one picture."""

    def __init__(self, floor: Floor, terms: Terms = USUAL) -> None:
        self.floor = floor
        self.terms = terms
        self.retired = False
        """Whether this version is served no more: every request gets a service error."""
        self._handlers = serving.handlers(floor)
        self._open: dict[Peer, Association] = {}
        self._count = 0
        self.steps: dict[str, Callable[[Said, float], list[Out]]] = {
            "open": self._begin, "close": self._close, "serve": self._serve,
            "extend": self._extend, "cancel": self._cancel, "unopened": self._unopened,
            "ignore": self._ignore, "turn": self._turn,
        }  # fmt: skip

    @property
    def deadline(self) -> float | None:
        """When `tick` is next worth calling."""
        return min(
            (due for party in self.floor.acting() if (due := party.deadline) is not None), default=None
        )

    def receive(self, peer: Peer, payload: bytes, how: str, now: float, *, sealed: bool = False) -> list[Out]:
        """What a unit leads to; `how` is the stanza it came in: get or set of an iq, or message.

        A unit that came sealed is given as it was sealed, and its seal has been proved (sealing.py).
        """
        peer = peer._replace(assoc="")
        try:
            outs = self._received(peer, payload, how, now, sealed=sealed)
        except Exception as trouble:  # noqa: BLE001  the next unit must be served; it is noted and told
            self._note(peer, "failed", repr(trouble)[:200])
            outs = _iq(peer, how, "internal-server-error")
        return [*outs, *self.tick(now)]

    def gone(self, peer: Peer, now: float) -> None:
        """The peer is lost: its associations end, all of them."""
        for held in [held for held in self._open.values() if held.peer.jid == peer.jid]:
            self._end(held, now, "lost")

    def tick(self, now: float) -> list[Out]:
        """What is due by now, of whoever acts by itself."""
        outs: list[Out] = []
        for party in self.floor.acting():
            try:
                outs.extend(_message(report) for report in party.tick(now) if report.peer in self._open)
            except Exception as trouble:  # noqa: BLE001  the others' reports must go out; it is noted
                self._note(Peer(""), "failed", repr(trouble)[:200])
        return outs

    def room(self, peer: Peer) -> int:
        """The bytes that a unit to this association may have; none where there is no such association."""
        held = self._open.get(peer)
        return held.room if held else 0

    def _received(self, peer: Peer, payload: bytes, how: str, now: float, *, sealed: bool) -> list[Out]:
        if len(payload) > self.terms.detail:
            return self._rejected(
                peer, how, Fault(refusing.INVALID, "too long", condition="policy-violation")
            )
        try:
            context = unit.read(payload)
        except Refused as found:
            assoc, number = refusing.traces(payload)
            fault = Fault(refusing.reason(found), str(found), number)
            return self._rejected(peer._replace(assoc=assoc), how, fault)
        here = peer._replace(assoc=context.assoc)
        said = Said(here, context.choice.tag, context.choice.value, how, sealed)
        row = association.TABLE[said.tag]
        if how not in row.carried:
            return self._rejected(here, how, Fault(refusing.MISCARRIED, f"{said.tag} in {how}"))
        return self.steps[row.opened if here in self._open else row.absent](said, now)

    def _begin(self, said: Said, now: float) -> list[Out]:
        """Open an association, in place of one that its caller has lost."""
        try:
            reply = self._granted(said.peer, said.content, now)
        except Refusal as refusal:
            self._note(said.peer, "refused", str(refusal))
            return [_result(said.peer, "initiate-ErrorPDU", refusing.error(refusal))]
        self._count += 1
        here = said.peer._replace(assoc=f"{caller(said.peer.assoc)}:{self._count:03d}")
        level = reply.negotiatedDataStructureNestingLevel or self.terms.nesting
        self._open[here] = Association(here, reply.localDetailCalled or self.terms.detail, level)
        self._note(here, "opened", "")
        return [_result(here, "initiate-ResponsePDU", reply)]

    def _granted(self, peer: Peer, asked: pdu.Initiate_RequestPDU, now: float) -> pdu.Initiate_ResponsePDU:
        """The terms of a new association, or Refusal."""
        if self.retired:
            raise RETIRED
        if called(peer.assoc) != association.UNCALLED:
            raise UNNAMED
        if not self.floor.may(peer, "initiate", ""):
            raise serving.DENIED
        reply = agreed(asked, self.terms, supported(self._handlers))
        mine = [held for held in self._open.values() if held.peer.jid == peer.jid]
        for held in mine:
            if caller(held.peer.assoc) == caller(peer.assoc):
                self._end(held, now, "renewed")
                mine.remove(held)
                break
        if len(mine) >= EACH or len(self._open) >= ALL:
            raise FULL
        return reply

    def _close(self, said: Said, now: float) -> list[Out]:
        self._end(self._open[said.peer], now, "concluded")
        return [_result(said.peer, "conclude-ResponsePDU", names.Null())]

    def _end(self, held: Association, now: float, why: str) -> None:
        del self._open[held.peer]
        self._note(held.peer, "ended", why)
        for party in self.floor.acting():
            try:
                party.gone(held.peer, now)
            except Exception as trouble:  # noqa: BLE001  the others must hear of it too; it is noted
                self._note(held.peer, "failed", repr(trouble)[:200])

    def _serve(self, said: Said, now: float) -> list[Out]:
        request: pdu.Confirmed_RequestPDU = said.content
        service = request.ConfirmedServiceRequest.choice
        if self.retired:
            return self._refused(said, request.invokeID)
        handler = self._handlers.get(service.tag)
        if handler is None:
            return self._rejected(
                said.peer, said.how, Fault(refusing.SERVICE, f"no {service.tag} here", request.invokeID)
            )
        if SERVICES[service.tag].how != said.how:
            fault = Fault(refusing.MISCARRIED, f"{service.tag} in {said.how}", request.invokeID)
            return self._rejected(said.peer, said.how, fault)
        call = self._call(said, service.value, now)
        answer = serving.served(self.floor, handler, service.tag, request.invokeID, call)
        return [*(_message(report) for report in call.before), Out(said.peer, "result", answer)]

    def _extend(self, said: Said, now: float) -> list[Out]:
        request: mms_ours.Extended_Request = said.content
        if self.retired:
            return self._refused(said, request.invokeID)
        call = self._call(said, request.extendedGetNameList, now)
        return [Out(said.peer, "result", serving.extended(self.floor, request.invokeID, call))]

    def _refused(self, said: Said, number: int) -> list[Out]:
        """The service error of a version that is retired."""
        self._note(said.peer, "refused", "retired")
        content = pdu.Confirmed_ErrorPDU(invokeID=number, serviceError=refusing.error(RETIRED))
        return [_result(said.peer, "confirmed-ErrorPDU", content)]

    def _call(self, said: Said, request: Any, now: float) -> Call:  # noqa: ANN401  the content of any service
        held = self._open[said.peer]
        return Call(said.peer, request, now, held.room, held.nesting, held.sets, said.sealed)

    def _cancel(self, said: Said, _now: float) -> list[Out]:
        """Each request has been answered before the next unit is read: none is left to be withdrawn."""
        why = Refusal("cancel", codes.ErrorCancel.invoke_id_unknown)
        held = pdu.Cancel_ErrorPDU(originalInvokeID=said.content, serviceError=refusing.error(why))
        return [_result(said.peer, "cancel-ErrorPDU", held)]

    def _unopened(self, said: Said, _now: float) -> list[Out]:
        """A request of an association that is not there."""
        self._note(said.peer, "refused", f"{said.tag} without association")
        error = refusing.error(SEQUENCE)
        held: Any = said.content
        if said.tag == "conclude-RequestPDU":
            return [_result(said.peer, "conclude-ErrorPDU", error)]
        if said.tag == "cancel-RequestPDU":
            content: Any = pdu.Cancel_ErrorPDU(originalInvokeID=held, serviceError=error)
            return [_result(said.peer, "cancel-ErrorPDU", content)]
        content = pdu.Confirmed_ErrorPDU(invokeID=held.invokeID, serviceError=error)
        return [_result(said.peer, "confirmed-ErrorPDU", content)]

    def _ignore(self, said: Said, _now: float) -> list[Out]:
        """A reject is never answered by another; an iq that bears one still gets its error."""
        self._note(said.peer, "heard", "a reject")
        return _iq(said.peer, said.how, "bad-request")

    def _turn(self, said: Said, _now: float) -> list[Out]:
        """A unit that answers something, or reports: no server has asked for it."""
        tag = said.tag
        return self._rejected(
            said.peer, said.how, Fault(refusing.TURNED.get(tag, refusing.INVALID), f"{tag} unasked")
        )

    def _rejected(self, peer: Peer, how: str, fault: Fault) -> list[Out]:
        """A reject by message, and the error that an iq needs."""
        self._note(peer, "rejected", fault.words)
        held = refusing.reject(fault.reason, fault.number)
        payload = unit.write(peer.assoc or NOWHERE, "rejectPDU", held)
        return [Out(peer, "message", payload), *_iq(peer, how, fault.condition)]

    def _note(self, peer: Peer, what: str, why: str) -> None:
        self.floor.note(Note(peer, what, why))


def _result(peer: Peer, tag: str, content: Any) -> Out:  # noqa: ANN401  the content of any unit
    return Out(peer, "result", unit.write(peer.assoc, tag, content))


def _message(report: Report) -> Out:
    return Out(report.peer, "message", unit.write(report.peer.assoc, "unconfirmed-PDU", report.unit))


def _iq(peer: Peer, how: str, condition: str) -> list[Out]:
    """The error of an iq; a message needs none."""
    return [Out(peer, "error", condition.encode())] if how in association.IQ else []
