"""A client of the 61850 endpoint for tests: association, seals and link of the real parts.

It seals what it asks, believes no answer that is not bound to its question, and keeps what it is told.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Any, Protocol, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.app.endpoint import seals
from bridge.iec61850 import sealing, unit
from bridge.iec61850.client import Client, Event, Sent
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.sealing import MEDIA
from bridge.transports.post import Denied, Incoming
from bridge.trust import folder, seal, verify
from bridge.trust.header import LIVES, Message
from bridge.trust.refusal import Reason, Refused
from bridge.trust.replay import Levels, Nonces
from bridge.trust.ring import Ring
from bridge.trust.verify import Question, Verifier
from bridge.xmpp.letter import Letter
from models.mms import names, services

T = TypeVar("T")
PATIENCE = 30.0


class Carrier(Protocol):
    """A link, or whatever stands in its place."""

    async def send(self, to: str, how: str, what: Letter) -> Letter | None:
        """Send, and give the answer of an iq."""


def ders(path: Path) -> list[bytes]:
    return [one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(path.read_bytes())]


@dataclass
class Customer:
    """One association, sealed or in clear."""

    files: folder.Client
    bridge: str
    """Address of the endpoint."""
    other: str
    """LFDI of the bridge."""
    certificate: Path
    """The bridge's."""
    root: Path
    link: Carrier | None = None
    sealing: bool = True
    client: Client = field(default_factory=lambda: Client("001"))
    told: list[Event] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    """What was not believed, and why."""
    came: asyncio.Event = field(default_factory=asyncio.Event)
    sequence: int = 0

    def __post_init__(self) -> None:
        held = Ring(ders(self.root), [ders(self.certificate)])
        self.verifier = Verifier(
            frozenset({self.files.lfdi}), held, lambda *_: False, Nonces(), Levels(),
            lambda _: seals.PROVED, lives={name: LIVES[name] for name in ("response", "notice")},
        )  # fmt: skip
        self.key = seals.key(self.files.key.read_bytes())

    def message(self, payload: bytes, **changes: Any) -> Message:
        """What is to be sealed."""
        now = int(time.time())
        self.sequence = max(self.sequence + 1, time.time_ns() // 1_000)
        service, reference = sealing.subject(unit.read(payload))
        made = Message(
            self.files.lfdi, self.other, "request", token_hex(8), now, now + 300,
            seal.nonce(token_bytes(16)), self.sequence, MEDIA, payload, service=service, reference=reference,
        )  # fmt: skip
        return made._replace(**changes)

    async def say(self, sent: Sent) -> bytes | None:
        """Send one unit, and give the unit that answers it, or raise why there is none."""
        assert self.link is not None
        if not self.sealing:
            answer = await self.link.send(self.bridge, sent.how, Letter(sent.payload))
            return answer.octets if answer else None
        message = self.message(sent.payload)
        text = seal.seal(message, self.key)
        assoc = unit.read(sent.payload).assoc
        answer = await self.link.send(self.bridge, sent.how, Letter(sealing.covered(assoc, text)))
        if answer is None:
            return None
        found = sealing.found(answer.octets)
        if found is None:
            self.turned.append("clear")
            raise Refused(Reason.FORM)
        proved = await self.proved(found.text, Question(message, text))
        return sealing.opened(found, proved)

    async def proved(self, text: str, question: Question | None = None) -> Message:
        try:
            return (await verify.verify(text, self.verifier, int(time.time()), question)).message
        except Refused as refused:
            self.turned.append(str(refused.reason))
            raise

    async def carry(self) -> list[Event]:
        """Send all that may be sent, and give what became of it."""
        events: list[Event] = []
        while self.client.out:
            sent = self.client.out.popleft()
            try:
                payload = await self.say(sent)
            except Denied as denied:
                events += self.client.failed(sent.number, denied.condition, time.time())
                continue
            if payload is not None:
                events += self.client.receive(payload, time.time())
        return events

    async def heard(self, said: Incoming) -> Letter | None:
        """Take what the bridge tells unasked."""
        found = sealing.found(said.letter.octets)
        if self.sealing and found is None:
            self.turned.append("clear")
            return None
        try:
            payload = sealing.opened(found, await self.proved(found.text)) if found else said.letter.octets
        except Refused:
            return None
        self.told += self.client.receive(payload, time.time())
        self.client.out.clear()
        self.came.set()
        return None

    async def open(self) -> list[Event]:
        self.client.open(time.time())
        return await self.carry()

    async def ask(self, service: Any) -> Event:
        """One request to its end."""
        self.client.ask(service, time.time())
        (event,) = await self.carry()
        return event

    def unsaid(self) -> bytes:
        """A request that is not sent by this."""
        self.client.ask(services.ConfirmedServiceRequest_identify(value=names.Null()), time.time())
        return self.client.out.popleft().payload

    async def talk(self, talk: Generator[Any, Any, T]) -> T:
        """A conversation to its end."""
        try:
            request = next(talk)
            while True:
                if isinstance(request, tuple):
                    request = talk.send([await self.told_by(each) for each in request])
                elif isinstance(answer := await self.told_by(request), Refusal):
                    request = talk.throw(answer)
                else:
                    request = talk.send(answer)
        except StopIteration as end:
            found: T = end.value
            return found

    async def told_by(self, service: Any) -> Any:
        """What a request is answered with: a response, or a refusal."""
        event = await self.ask(service)
        if event.what == "answered":
            return event.content
        refused = event.content.errorClass.choice
        return Refusal(refused.tag, int(refused.value))

    async def until(self, count: int) -> list[Event]:
        """Wait until so much was told."""
        async with asyncio.timeout(PATIENCE):
            while len(self.told) < count:
                self.came.clear()
                await self.came.wait()
        return self.told
