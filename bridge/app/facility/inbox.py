"""What a unit behind the relay says of a price or a text later on: that a person has confirmed it.

A sealed message of class `request` beside every association, with an Outcome in it. It becomes the response
of IEEE 2030.5 that the unit would post: rights, order and what was asked for are those of every device. It is
answered by the same Outcome, bound to it. All else that comes is the endpoint's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.app.endpoint.endpoint import Endpoint
from bridge.app.facility.facilities import Facilities
from bridge.app.facility.teller import MEDIA, PROFILE
from bridge.iec61850 import sealing
from bridge.mapping import xml
from bridge.mapping.profile import load
from bridge.sep2 import audience, draft, response, server, talk
from bridge.sep2.shelf import Shelf
from bridge.sep2.work import Policy
from bridge.transports import marks
from bridge.transports.post import Denied, Incoming
from bridge.trust.refusal import Refused
from bridge.trust.verify import Verified
from bridge.xmpp.letter import Letter
from models.der import messages

GOOD = range(200, 300)


@dataclass(slots=True)
class Inbox:
    """Of the bridge."""

    endpoint: Endpoint
    facilities: Facilities
    shelf: Shelf
    policy: Callable[[], Policy]

    async def receive(self, said: Incoming) -> Letter | None:
        """Deal with what somebody sent: one sender's after each other."""
        text = sealing.bare(said.letter.octets) if said.how == "set" else ""
        if not text:
            return await self.endpoint.receive(said)
        async with self.endpoint.turn(said.sender):
            now = int(self.endpoint.house.clock())
            proved = await self._proved(said, text, now)
            await self._posted(self._outcome(said, proved), now)
            octets = self.endpoint.seals.answer(proved, proved.message.payload, now, MEDIA)
            return Letter(octets.encode(), said.letter.opaque)

    async def _proved(self, said: Incoming, text: str, now: int) -> Verified:
        """The message of a unit that may go on."""
        house = self.endpoint.house
        await house.fresh()
        try:
            proved = await self.endpoint.seals.proved(text, now)
        except Refused as no:
            raise self._no(said, no.sender, str(no.reason)) from no
        sender = proved.message.sender
        if not house.standing(house.known(sender)):
            raise self._no(said, sender, "revoked")
        if self.facilities.session(sender) is None:
            raise self._no(said, sender, "sender")
        return proved

    def _outcome(self, said: Incoming, proved: Verified) -> messages.Outcome:
        """What the unit says of itself."""
        message = proved.message
        try:
            found = xml.read(message.payload, load(PROFILE)) if message.media == MEDIA else None
        except xml.Refused:
            found = None
        if not isinstance(found, messages.Outcome) or found.device != message.sender:
            raise self._no(said, message.sender, "payload", "bad-request")
        return found

    def _no(self, said: Incoming, sender: str, reason: str, condition: str = "forbidden") -> Denied:
        self.endpoint.rights.refused(sender, said.how, said.letter.octets, reason, said.sender)
        return Denied(condition, reason)

    async def _posted(self, outcome: messages.Outcome, now: int) -> None:
        """Post the response that says it."""
        mark = outcome.subject.upper()
        if not [row for type_ in audience.EVENTS for row in await self.shelf.marked(type_, mark)]:
            raise Denied("not-acceptable", "there is no such price or text")
        fields = {"endDeviceLFDI": outcome.device, "status": outcome.status, "subject": mark}
        document = draft.body("Response", {"createdDateTime": now, **fields})
        ask = talk.Ask(
            "POST", f"{response.FIRST}/rsp", self.endpoint.house.known(outcome.device), now,
            body=document.data, media=talk.MEDIA, correlation=marks.fresh(),
        )  # fmt: skip
        answer = await server.answer(ask, self.shelf, self.policy())
        if answer.status not in GOOD:
            raise Denied("not-acceptable", answer.reason)
