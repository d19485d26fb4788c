"""One association with a unit over the link: requests out, sealed; answers and reports in, proved.

8-2 shape over XMPP, sealed as docs/sealed-messages.md says: a request for the unit alone, an answer bound to
it, a report as a notice. What does not hold is in the decision log and has no effect. An answer waits until
what the unit told before it is dealt with. Whoever does not answer is lost; nothing is asked twice here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from secrets import token_hex
from typing import Any, TypeVar

from bridge.app.facility import astray
from bridge.app.facility.ground import Ground
from bridge.app.facility.unit import Unit
from bridge.iec61850 import sealing, unit
from bridge.iec61850.calling import Untimely
from bridge.iec61850.client import ITSELF, Client, Event, Sent, TooLong
from bridge.iec61850.discovery import Conversation, Request
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.refusing import Reason
from bridge.iec61850.sealing import Misplaced
from bridge.transports.post import Closed, Denied, Incoming, Late, Uncertain
from bridge.trust.refusal import Reason as Why
from bridge.trust.refusal import Refused
from bridge.trust.verify import Question
from bridge.xmpp.letter import Letter
from models.mms import codes, faults, pdu

T = TypeVar("T")
NOT_DONE = frozenset(
    {"bad-request", "not-acceptable", "not-allowed", "policy-violation", "resource-constraint"}
)
"""Conditions that say of one request that it was not done; any other one says that the unit is not there."""
LAST = 5.0
"""Seconds for the answer to the last word."""
FAILED = Refusal("vmd-state", codes.ErrorVmdState.vmd_operational_problem)
TOO_LONG = Refusal("service", codes.ErrorService.pdu_size)


class Away(Exception):
    """The unit cannot be reached, or was lost before it answered."""


class Line:
    """An association; `lost` is done with the reason when it is over."""

    def __init__(self, ground: Ground, to: Unit, told: Callable[[pdu.Unconfirmed_PDU], None]) -> None:
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.strange: Callable[[str], None] | None = None
        """Told of an answer by which the unit is not made as it is taken to be."""
        self._ground, self._unit, self._told = ground, to, told
        self._client = Client(f"F{token_hex(4)}", patience=ground.patience.answer)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Ask for the association; Away or Refusal where there is none."""
        self._client.open(self._now())
        await self._answer(ITSELF)

    async def ask(self, service: Request) -> Any:  # noqa: ANN401 - any response
        """Ask something, and give the response; Refusal where it is refused, Away where nobody answers."""
        try:
            number = self._client.ask(service, self._now())
        except Untimely as untimely:
            raise Away(str(untimely)) from None
        except TooLong:
            raise TOO_LONG from None
        answer = await self._answer(number)
        if self.strange is not None and (why := astray.found(answer)):
            self.strange(why)
            raise Away(why)
        return answer

    async def converse(self, talk: Conversation[T]) -> T:
        """Drive a conversation to its end; a refusal is thrown into it, Away ends it.

        Of several requests as many are under way at once as the association has room for.
        """
        try:
            request = next(talk)
            while True:
                try:
                    answer = await self._asked(request)
                except Refusal as refused:
                    request = talk.throw(refused)
                else:
                    request = talk.send(answer)
        except StopIteration as end:
            found: T = end.value
            return found
        finally:
            talk.close()

    async def _asked(self, request: Request | tuple[Request, ...]) -> Any:  # noqa: ANN401 - any response
        if not isinstance(request, tuple):
            return await self.ask(request)
        answers = await asyncio.gather(*map(self.ask, request), return_exceptions=True)
        for each in answers:
            if isinstance(each, BaseException) and not isinstance(each, Refusal):
                raise each
        return answers

    async def hear(self, said: Incoming) -> None:
        """Take what the unit tells unasked; whoever calls holds its turn."""
        payload = await self._proved(said.letter.octets, None)
        if payload is not None:
            self._happen(self._client.receive(payload, self._now()))

    def lose(self, why: str) -> None:
        """Take that the unit is lost, or that we go."""
        if not self.lost.done():
            self.lost.set_result(why)
        self._happen(self._client.lost())

    async def close(self) -> None:
        """Conclude in order where that can be, and go."""
        try:
            async with asyncio.timeout(LAST):
                if not self.lost.done():
                    self._client.close(self._now())
                    await self._answer(ITSELF)
        except (Untimely, Away, Refusal, TimeoutError):
            pass
        finally:
            self.lose("closed")
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # ----------------------------------------------------------------------------------------------- sending

    async def _answer(self, number: int) -> Any:  # noqa: ANN401 - the response of any service
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            self._flow()
            return await future
        finally:
            self._waiting.pop(number, None)

    def _flow(self) -> None:
        """Send all that may be sent."""
        while self._client.out:
            task = asyncio.ensure_future(self._carry(self._client.out.popleft()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, sent: Sent) -> None:
        """Send one unit, and take what becomes of it."""
        link = self._ground.endpoint.link
        if link is None:
            self.lose("there is no link")
            return
        payload, question = self._sealed(sent)
        within = self._ground.patience.answer
        try:
            answer = await link.send(self._unit.address, sent.how, Letter(payload), within=within)
        except Denied as denied:
            if sent.how != "message":  # nobody waits for what becomes of a reject
                self._denied(sent.number, denied)
        except (Late, Uncertain, Closed) as error:
            self.lose(str(error) or type(error).__name__)
        else:
            if sent.how != "message":
                await self._answered(sent.number, answer, question)

    def _sealed(self, sent: Sent) -> tuple[bytes, Question | None]:
        if not self._unit.sealed:
            return sent.payload, None
        seals, now = self._ground.endpoint.seals, int(self._now())
        assoc = (sent.context or unit.read(sent.payload)).assoc
        if sent.how == "message":
            return sealing.covered(assoc, seals.notice(self._unit.lfdi, sent.payload, now)), None
        question = seals.request(self._unit.lfdi, sent.payload, now, sent.context)
        return sealing.covered(assoc, question.text), question

    def _denied(self, number: int, denied: Denied) -> None:
        if denied.condition in NOT_DONE:
            self._happen(self._client.failed(number, str(denied), self._now()))
        else:
            self.lose(str(denied))

    async def _answered(self, number: int, answer: Letter | None, question: Question | None) -> None:
        """Take an answer, after all that was told before it."""
        async with self._ground.endpoint.turn(self._unit.address):
            payload = await self._proved(answer.octets, question) if answer else None
            events = self._client.receive(payload, self._now()) if payload is not None else []
        self._happen(events)
        if all(event.number != number for event in events):
            self.lose("what came is no answer of the unit's own")  # so nobody knows what became of it

    # --------------------------------------------------------------------------------------------- believing

    async def _proved(self, octets: bytes, question: Question | None) -> bytes | None:
        """What the unit itself did say; None, and a line in the decision log, for everything else."""
        rights, to = self._ground.endpoint.rights, self._unit
        try:
            return await self._opened(octets, question)
        except Refused as refused:
            rights.refused(refused.sender or to.lfdi, "told", octets, str(refused.reason), to.address)
        except Misplaced as misplaced:
            rights.refused(to.lfdi, "told", octets, f"misplaced: {misplaced}", to.address)
        return None

    async def _opened(self, octets: bytes, question: Question | None) -> bytes:
        house, found = self._ground.endpoint.house, sealing.found(octets)
        if not house.standing(house.known(self._unit.lfdi)):
            raise Refused(Why.REVOKED, self._unit.lfdi)
        if (found is not None) is not self._unit.sealed:
            raise Misplaced("sealed" if found else "in clear")
        if found is None:
            return octets
        message = await self._ground.endpoint.seals.told(found.text, int(self._now()), question)
        if message.sender != self._unit.lfdi:
            raise Refused(Why.SENDER, message.sender)
        return sealing.opened(found, message)

    # --------------------------------------------------------------------------------------------- happening

    def _happen(self, events: list[Event]) -> None:
        for event in events:
            HAPPENS[event.what](self, event)
        self._flow()

    def _good(self, event: Event) -> None:
        future = self._waiting.get(event.number)
        if future is not None and not future.done():
            future.set_result(event.content)

    def _bad(self, event: Event) -> None:
        future = self._waiting.get(event.number)
        if future is not None and not future.done():
            future.set_exception(refusal(event.content))

    def _over(self, event: Event) -> None:
        """A request, or the whole association, has ended with the loss of the unit."""
        if event.what == "closed" and not self.lost.done():
            self.lost.set_result("the association has ended")
        why = self.lost.result() if self.lost.done() else "lost"
        gone = list(self._waiting.values()) if event.what == "closed" else [self._waiting.get(event.number)]
        for future in gone:
            if future is not None and not future.done():
                future.set_exception(Away(why))

    def _report(self, event: Event) -> None:
        self._told(event.content)

    def _now(self) -> float:
        return self._ground.endpoint.house.clock()


HAPPENS: dict[str, Callable[[Line, Event], None]] = {
    "opened": Line._good,  # noqa: SLF001 - its own table
    "answered": Line._good,  # noqa: SLF001 - the same
    "refused": Line._bad,  # noqa: SLF001 - the same
    "failed": Line._bad,  # noqa: SLF001 - the same
    "rejected": Line._bad,  # noqa: SLF001 - the same
    "expired": Line._over,  # noqa: SLF001 - the same
    "lost": Line._over,  # noqa: SLF001 - the same
    "closed": Line._over,  # noqa: SLF001 - the same
    "reported": Line._report,  # noqa: SLF001 - the same
}


def refusal(content: object) -> Refusal:
    """What a peer's no is: a service error, a reject, or a stanza's condition."""
    if isinstance(content, faults.ServiceError):
        found = content.errorClass.choice
        return Refusal(found.tag, int(found.value))
    if isinstance(content, Reason):
        return Refusal(content.family, content.code)
    return Refusal(FAILED.family, FAILED.code, str(content)[:200])
