"""A simulated unit's door for prices and texts: sealed documents proved, put on its board, and answered.

docs/sealed-messages.md: class `request`, sealed by the bridge for this unit, in the order in which they came;
what does not hold is refused with its reason and has no effect. Everything else is the endpoint's.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bridge.app.endpoint.endpoint import Endpoint
from bridge.app.endpoint.seals import Document
from bridge.app.facility.teller import MEDIA, PROFILE
from bridge.app.sim.outstation.board import Board, Word
from bridge.iec61850 import sealing
from bridge.mapping import xml
from bridge.mapping.profile import load
from bridge.transports.post import Closed, Denied, Incoming, Late, Uncertain
from bridge.trust.refusal import Refused
from bridge.trust.verify import Verified
from bridge.xmpp.letter import Letter
from models.der import messages

LOST = (Denied, Refused, Late, Uncertain, Closed, ConnectionError)
CONFIRMED = 11
"""What a person has confirmed (IEEE 2030.5-2018 table 27)."""


@dataclass(slots=True)
class Letterbox:
    """Of one unit."""

    lfdi: str
    master: str
    """LFDI of the bridge, whose word counts."""
    endpoint: Endpoint
    board: Board
    bridge: str = ""
    """Where the bridge spoke from last."""

    async def receive(self, said: Incoming) -> Letter | None:
        """Deal with what somebody sent: one sender's after each other."""
        text = sealing.bare(said.letter.octets)
        if not text or said.how == "message":
            return await self.endpoint.receive(said)
        async with self.endpoint.turn(said.sender):
            now = self.endpoint.house.clock()
            proved = await self._proved(said, text, int(now))
            word = self._word(said, proved)
            self.bridge = said.sender
            status = self.board.take(word, Decimal(repr(now)))
            octets = xml.write(self._outcome(word, status, int(now)), load(PROFILE))
            return Letter(self.endpoint.seals.answer(proved, octets, int(now), MEDIA).encode())

    async def confirm(self, word: Word) -> None:
        """Tell the bridge that a person has confirmed; raises one of LOST where it is not taken."""
        link, now = self.endpoint.link, int(self.endpoint.house.clock())
        if link is None:
            raise ConnectionError("there is no link")
        octets = xml.write(self._outcome(word, CONFIRMED, now), load(PROFILE))
        question = self.endpoint.seals.document(self.master, Document(MEDIA, octets), now)
        answer = await link.send(self.bridge, "set", Letter(question.text.encode()))
        text = answer.octets.decode("ascii", "replace") if answer else ""
        await self.endpoint.seals.told(text, int(self.endpoint.house.clock()), question)

    async def _proved(self, said: Incoming, text: str, now: int) -> Verified:
        try:
            found = await self.endpoint.seals.proved(text, now)
        except Refused as no:
            raise self._no(said, no.sender, str(no.reason), "forbidden") from no
        if found.message.sender != self.master:
            raise self._no(said, found.message.sender, "sender", "forbidden")
        return found

    def _word(self, said: Incoming, proved: Verified) -> Word:
        """The price or text for this unit that a document is."""
        message = proved.message
        try:
            found = xml.read(message.payload, load(PROFILE)) if message.media == MEDIA else None
        except xml.Refused:
            found = None
        if not isinstance(found, Word) or found.target.device != (self.lfdi,):
            raise self._no(said, message.sender, "payload", "bad-request")
        return found

    def _no(self, said: Incoming, sender: str, reason: str, condition: str) -> Denied:
        self.endpoint.rights.refused(sender, said.how, said.letter.octets, reason, said.sender)
        return Denied(condition, reason)

    def _outcome(self, word: Word, status: int, now: int) -> messages.Outcome:
        return messages.Outcome(
            id=f"{self.lfdi}/{word.mRID}/{status}@{now}",
            origin=messages.Origin(party=self.lfdi, door=messages.Door.iec61850),
            target=messages.Target(device=(self.master,)), issued=Decimal(now), created=Decimal(now),
            correlation=word.correlation, device=self.lfdi, subject=word.mRID or "", status=status,
        )  # fmt: skip
