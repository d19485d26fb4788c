"""The legs that a notice goes by: a Notification without a body, a sealed XMPP message, a sealed POST.

One function for each, from a letter to its fate; which one is what the endpoint registered. A Notification
of IEEE 2030.5 has room for an address alone, so the notice is the query of the claim's address. An XMPP iq
is taken when it is answered by whom it went to, not when a server has it. Keeps nothing, tries once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bridge.app.push.rows import Endpoint
from bridge.app.push.signing import SEALED, Signer
from bridge.core.push import notice, trying
from bridge.core.push.notice import CHALLENGES, Notice
from bridge.core.push.trying import Fate
from bridge.sep2 import document
from bridge.sep2.talk import MEDIA
from bridge.transports.calls import Failed, Forbidden
from bridge.transports.exchange import Exchange
from bridge.transports.post import Closed, Denied, Late, Uncertain
from bridge.trust.verify import Question
from bridge.xmpp.letter import Letter

PROFILE = "2018"
REFUSED = frozenset({"bad-request", "feature-not-implemented", "not-acceptable"})
"""Conditions of XMPP that say no to the notice itself."""


class Carrier(Protocol):
    """A session with an XMPP server."""

    async def send(self, to: str, how: str, what: Letter, *, within: float | None = None) -> Letter | None:
        """Ask, and give the answer."""


class Outcome(NamedTuple):
    """What became of one try."""

    fate: Fate
    why: str = ""
    answer: bytes = b""


@dataclass(slots=True)
class Legs:
    """What they go by."""

    exchange: Exchange
    signer: Signer
    link: Callable[[], Carrier | None] = lambda: None
    patience: float = 10.0

    async def tell(self, one: Endpoint, said: Notice, now: int) -> Outcome:
        """Tell an endpoint of something."""
        return await LEGS[one.leg](self, one, said, now)

    async def ask(self, one: Endpoint, question: Question) -> Outcome:
        """Challenge an endpoint over its own leg; a Notification has the nonce in the address to be read."""
        if one.leg == "notification":
            href = f"{CHALLENGES}/{one.nonce}"
            return await self._posted(one, notified(href, one.href), MEDIA)
        if one.leg == "xmpp":
            return await self._sent(one, question.text)
        return await self._posted(one, question.text.encode(), SEALED)

    async def notification(self, one: Endpoint, said: Notice, now: int) -> Outcome:
        """By a Notification of IEEE 2030.5 that leaves the resource out."""
        del now
        return await self._posted(one, notified(notice.address(said), one.href), MEDIA)

    async def xmpp(self, one: Endpoint, said: Notice, now: int) -> Outcome:
        """By a sealed message over XMPP."""
        return await self._sent(one, self.signer.notice(said, one.recipient, now))

    async def https(self, one: Endpoint, said: Notice, now: int) -> Outcome:
        """By a sealed message that is posted."""
        return await self._posted(one, self.signer.notice(said, one.recipient, now).encode(), SEALED)

    async def _posted(self, one: Endpoint, body: bytes, media: str) -> Outcome:
        try:
            reply = await self.exchange.post(one.address, body, media, one.identity)
        except (Failed, Forbidden) as error:
            return Outcome(Fate.failed, str(error)[:200])
        return Outcome(trying.fate(reply.status), f"answered {reply.status}", reply.body)

    async def _sent(self, one: Endpoint, text: str) -> Outcome:
        link = self.link()
        if link is None:
            return Outcome(Fate.failed, "there is no session with an XMPP server")
        try:
            answer = await link.send(one.address, "set", Letter(text.encode()), within=self.patience)
        except Denied as denied:
            fate = Fate.refused if denied.condition in REFUSED else Fate.failed
            return Outcome(fate, str(denied)[:200])
        except (Late, Uncertain, Closed) as error:
            return Outcome(Fate.failed, str(error)[:200])
        return Outcome(Fate.taken, "answered", answer.octets if answer else b"")


def notified(href: str, subscription: str) -> bytes:
    """Give a Notification that says where something is to be read, and nothing of what."""
    fields = {"subscribedResource": href, "status": 0, "subscriptionURI": subscription}
    return document.written(document.made(PROFILE, "Notification", **fields), "Notification", PROFILE)


LEGS: Mapping[str, Callable[[Legs, Endpoint, Notice, int], Awaitable[Outcome]]] = {
    "notification": Legs.notification,
    "xmpp": Legs.xmpp,
    "https": Legs.https,
}
