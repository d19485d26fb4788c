"""The client's end of one association: requests out, answers in, each by its number and in its time.

ISO 9506-2 over the 8-2 shape, sans-IO. No more requests are outstanding than was agreed; the others wait. An
answer that nobody asked for, or of another service, is rejected; one that does not come has expired, which is
never taken for success. It retries nothing.
"""

from __future__ import annotations

from collections import deque
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from bridge.iec61850 import refusing, unit
from bridge.iec61850.association import caller
from bridge.iec61850.calling import State, Untimely, after
from bridge.iec61850.refusing import Reason
from bridge.iec61850.table import ALWAYS, BITS, SERVICES
from bridge.iec61850.terms import BLOCKS, VERSION, Terms
from bridge.mapping.xml import Refused
from models.mms import mms_ours, names, pdu, services

ITSELF = 0
"""The number of the opening and the closing; requests count from 1."""
CALLING = "".join("1" if place in ALWAYS else "0" for place in range(BITS))
OF_ITSELF = MappingProxyType({
    "initiate-ResponsePDU": "opened",
    "initiate-ErrorPDU": "refused",
    "conclude-ResponsePDU": "closed",
    "conclude-ErrorPDU": "refused",
})  # fmt: skip
"""What the peer's answers to opening and closing mean."""
USUAL = Terms()
PATIENCE = 30.0


class TooLong(ValueError):
    """A request beyond the size that was agreed."""


class Sent(NamedTuple):
    """What is to be sent; an iq's error comes back by the number."""

    how: str
    payload: bytes
    number: int = ITSELF
    context: mms_ours.Context | None = None
    """What the payload says, where that is known."""


class Event(NamedTuple):
    """What has happened: opened, refused, answered, failed, rejected, expired, lost, reported or closed.

    `content` is the response, the error, the reason or the report; `number` that of the request.
    """

    what: str
    number: int = ITSELF
    content: Any = None


class Asked(NamedTuple):
    """A request that waits for its answer."""

    tag: str
    until: float


class Client:
    """One association with a server, from the caller's side."""

    def __init__(self, name: str, terms: Terms = USUAL, patience: float = PATIENCE) -> None:
        self.terms = terms
        self.state = State.CLOSED
        self.room = 0
        self.out: deque[Sent] = deque()
        """What may be sent now; whoever sends it takes it off."""
        self._assoc = f"{name}:000"
        self._caller, self._patience = name, patience
        self._most, self._count = 0, ITSELF
        self._waiting: deque[tuple[int, str, Sent]] = deque()
        self._asked: dict[int, Asked] = {}

    @property
    def deadline(self) -> float | None:
        """When `tick` is next worth calling."""
        return min((asked.until for asked in self._asked.values()), default=None)

    def open(self, now: float) -> None:
        """Ask for the association."""
        self._step("open")
        self._assoc = f"{self._caller}:000"
        detail = pdu.InitRequestDetail(
            proposedVersionNumber=VERSION, proposedParameterCBB=BLOCKS, servicesSupportedCalling=CALLING
        )
        asked = pdu.Initiate_RequestPDU(
            localDetailCalling=self.terms.detail,
            proposedMaxServOutstandingCalling=self.terms.calling,
            proposedMaxServOutstandingCalled=self.terms.called,
            proposedDataStructureNestingLevel=self.terms.nesting,
            initRequestDetail=detail,
        )
        self._itself("initiate-RequestPDU", asked, now)

    def close(self, now: float) -> None:
        """Conclude in order; what waits or is outstanding is still answered."""
        self._step("close")
        self._itself("conclude-RequestPDU", names.Null(), now)

    def ask(self, service: services.ConfirmedServiceRequest_choice, now: float) -> int:
        """Send a request as soon as it may be sent; its number."""
        self._step("ask")
        number = self._next()
        asked = services.ConfirmedServiceRequest(choice=service)
        request = pdu.Confirmed_RequestPDU(invokeID=number, ConfirmedServiceRequest=asked)
        held = unit.context(self._assoc, "confirmed-RequestPDU", request)
        sent = Sent(SERVICES[service.tag].how, unit.text(held), number, held)
        return self._queue(number, service.tag, sent, now)

    def begins(self, wanted: mms_ours.ExtendedGetNameList_Request, now: float) -> int:
        """Ask for names by their beginning, as only a server of ours can be asked."""
        self._step("ask")
        number = self._next()
        request = mms_ours.Extended_Request(invokeID=number, extendedGetNameList=wanted)
        payload = unit.write(self._assoc, "extended-RequestPDU", request)
        return self._queue(number, "extendedGetNameList", Sent("get", payload, number), now)

    def receive(self, payload: bytes, now: float) -> list[Event]:
        """What a unit of the peer says, in a result or a message."""
        try:
            context = unit.read(payload)
        except Refused:
            self._turned(Reason("pdu-error", 1))
            return []
        tag, content = context.choice.tag, context.choice.value
        if tag == "rejectPDU":
            return self._rejected(cast("pdu.RejectPDU", content), now)
        event = self._meant(tag, content) if self._ours(tag, context.assoc) else None
        if event is None:
            self._turned(refusing.TURNED.get(tag, refusing.INVALID))
            return []
        return self._heard(event, tag, context.assoc, now)

    def failed(self, number: int, condition: str, now: float) -> list[Event]:
        """The iq of a request, or of the association itself, came back as an error."""
        if number not in self._asked:
            return []
        return [Event("failed", number, condition), *self._done(number, "failed", now)]

    def lost(self) -> list[Event]:
        """The peer is lost: so is all that was asked of it."""
        return self._ended("lost")

    def tick(self, now: float) -> list[Event]:
        """What has expired by now."""
        late = [number for number, asked in self._asked.items() if asked.until <= now]
        events: list[Event] = []
        for number in late:
            if number in self._asked:
                events += [Event("expired", number), *self._done(number, "expired", now)]
        return events

    def _done(self, number: int, event: str, now: float) -> list[Event]:
        """A request has come to its end without an answer; with that of the association all others end."""
        del self._asked[number]
        if number == ITSELF:
            return self._ended(event)
        self._flow(now)
        return []

    def _ended(self, event: str) -> list[Event]:
        numbers = [*self._asked, *(number for number, _, _ in self._waiting)]
        self._step(event)
        self._asked.clear()
        self._waiting.clear()
        self.out.clear()
        return [Event("lost", number) for number in numbers if number != ITSELF] + [Event("closed")]

    def _step(self, event: str) -> None:
        follows = after(self.state, event)
        if follows is None:
            raise Untimely(f"{event} while {self.state.value}")
        self.state = follows

    def _itself(self, tag: str, content: Any, now: float) -> None:  # noqa: ANN401  the content of any unit
        self._asked[ITSELF] = Asked(tag, now + self._patience)
        self.out.append(Sent("set", unit.write(self._assoc, tag, content)))

    def _next(self) -> int:
        self._count = self._count % unit.GREATEST + 1
        return self._count

    def _queue(self, number: int, tag: str, sent: Sent, now: float) -> int:
        if len(sent.payload) > self.room:
            raise TooLong(f"{len(sent.payload)} bytes where {self.room} are agreed")
        self._waiting.append((number, tag, sent))
        self._flow(now)
        return number

    def _flow(self, now: float) -> None:
        """Send what waits, as far as that was agreed."""
        while self._waiting and len(self._asked.keys() - {ITSELF}) < self._most:
            number, tag, sent = self._waiting.popleft()
            self._asked[number] = Asked(tag, now + self._patience)
            self.out.append(sent)

    def _ours(self, tag: str, assoc: str) -> bool:
        """Whether a unit has a place now, in this association or as what gives it its name."""
        named = tag == "initiate-ResponsePDU" and caller(assoc) == self._caller
        return after(self.state, tag) is not None and (named or assoc == self._assoc)

    def _turned(self, reason: Reason) -> None:
        """Reject a unit that nobody asked for."""
        payload = unit.write(self._assoc, "rejectPDU", refusing.reject(reason))
        self.out.append(Sent("message", payload))

    def _rejected(self, content: pdu.RejectPDU, now: float) -> list[Event]:
        number = content.originalInvokeID
        reason = content.rejectReason.choice
        if number is None or number == ITSELF or number not in self._asked:
            return []
        del self._asked[number]
        self._flow(now)
        return [Event("rejected", number, Reason(reason.tag, int(reason.value)))]

    def _heard(self, event: Event, tag: str, assoc: str, now: float) -> list[Event]:
        """Let an event happen that has its place."""
        if event.what == "closed":
            return self._ended("lost")
        self._step(tag)
        if event.what != "reported":
            del self._asked[event.number]
        if event.what == "opened":
            self._agreed(event.content, assoc)
        self._flow(now)
        return [event]

    def _agreed(self, content: pdu.Initiate_ResponsePDU, assoc: str) -> None:
        self._assoc = assoc
        self.room = min(content.localDetailCalled or self.terms.detail, self.terms.detail)
        self._most = max(1, min(content.negotiatedMaxServOutstandingCalling, self.terms.calling))

    def _meant(self, tag: str, content: Any) -> Event | None:  # noqa: ANN401  the content of any unit
        """What a unit says that has a place in this state; None where it answers nothing of ours."""
        if tag in OF_ITSELF:
            return Event(OF_ITSELF[tag], ITSELF, content)
        if tag == "unconfirmed-PDU":
            return Event("reported", ITSELF, content)
        asked = self._asked.get(content.invokeID)
        if asked is None or content.invokeID == ITSELF:
            return None
        if tag == "confirmed-ErrorPDU":
            return Event("failed", content.invokeID, content.serviceError)
        extended = tag == "extended-ResponsePDU"
        found = content.extendedGetNameList if extended else content.ConfirmedServiceResponse.choice
        name = "extendedGetNameList" if extended else found.tag
        return (
            Event("answered", content.invokeID, found if extended else found.value)
            if name == asked.tag
            else None
        )
