"""The trial of an endpoint: challenged over its own leg, then its TLS and certificates are looked at.

Who echoes the nonce, sealed by the recipient's own key, has the address and the key; over a Notification the
echo is the reading of the nonce's address with the recipient's certificate. An active endpoint is suspended
when its recipient is revoked, or when a certificate is about to end and no newer one is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from cryptography import x509

from bridge.app.push import feed, register, signing
from bridge.app.push.legs import Legs
from bridge.app.push.rows import Endpoint
from bridge.core.push.states import Event, State
from bridge.core.push.trying import Fate
from bridge.sep2 import ours
from bridge.sep2.work import Trace
from bridge.transports.calls import Failed, Forbidden
from bridge.transports.pages import EVERY
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store
from bridge.trust import credential, identity
from bridge.trust.header import LIVES
from bridge.trust.refusal import Refused
from bridge.trust.ring import Ring
from bridge.trust.verify import Question, Revoked

DAY, LONGEST = 86_400, 30.0
"""Seconds of a day, and between two looks at all endpoints that nothing happened to."""
WAIT = LIVES["request"]
"""Seconds that the echo of a challenge may take."""


class Found(NamedTuple):
    """What was seen of an endpoint: when its certificates end, what TLS was agreed on; or what is wrong."""

    ends: int = 0
    tls: str = ""
    wrong: str = ""


@dataclass(slots=True)
class Trial:
    """One at work; `run` it until it is to stop."""

    store: Store
    legs: Legs
    roots: Callable[[], tuple[bytes, ...]]
    """Roots that recipients' certificates are judged by."""
    revoked: Revoked
    now: Callable[[], int]
    margin: int
    """Seconds before the end of a certificate at which its endpoint is suspended."""
    _asked: set[str] = field(default_factory=set)
    """Nonces that are on their way."""
    _watched: dict[int, int] = field(default_factory=dict)
    """When an active endpoint was last looked at."""
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, topics: frozenset[str]) -> None:
        """Take note of what has changed in the store."""
        if EVERY in topics or f"{ours.ENDPOINTS}/" in topics:
            self._stirred.set()

    def stir(self) -> None:
        """Look at everybody now: somebody was revoked."""
        self._watched.clear()
        self._stirred.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._stirred.clear()
            with suppress(Unavailable):
                await self.round()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), 1.0)

    async def round(self) -> None:
        """Do what is next for each endpoint."""
        found = await feed.endpoints(Trace(self.store))
        await asyncio.gather(*(DEEDS[one.state](self, one) for one in found if one.state in DEEDS))

    async def challenge(self, one: Endpoint) -> None:
        """Send the nonce and take its echo; or see that none has come in time."""
        if one.nonce in self._asked:
            if self.now() - one.since > WAIT:
                self._asked.discard(one.nonce)
                await self._failed(one, "no echo came in time")
            return
        self._asked.add(one.nonce)
        question = self.legs.signer.challenge(one.nonce, one.recipient, self.now())
        outcome = await self.legs.ask(one, question)
        if outcome.fate is not Fate.taken:
            await self._failed(one, outcome.why)
        elif one.leg != "notification":
            await self._echoed(one, question, outcome.answer)

    async def _echoed(self, one: Endpoint, question: Question, answer: bytes) -> None:
        """Take the sealed echo of a challenge."""
        ring, text = Ring(self.roots(), [signing.chain(one.certificate)]), answer.decode("ascii", "replace")
        try:
            signing.echoed(text.strip(), question, one.nonce, ring, self.revoked, self.now())
        except (Refused, ValueError) as error:
            await self._failed(one, f"the echo is none: {error}")
        else:
            await register.happened(self.store, one.number, Event.echo, self.now(), one.nonce, nonce="")

    async def _failed(self, one: Endpoint, why: str) -> None:
        await register.happened(
            self.store, one.number, Event.fail, self.now(), one.nonce, nonce="", why=why[:200]
        )

    async def check(self, one: Endpoint) -> None:
        """Look at TLS and certificates once the nonce was echoed."""
        found = await self.look(one)
        if found.wrong:
            await register.happened(
                self.store, one.number, Event.fail, self.now(), one.nonce, why=found.wrong[:200]
            )
        else:
            await register.happened(
                self.store, one.number, Event.check, self.now(), one.nonce, ends=found.ends, tls=found.tls
            )

    async def look(self, one: Endpoint) -> Found:
        """See what an endpoint shows: its recipient's certificate, and that of the server at its URL."""
        ends, wrong = self._held(one)
        if wrong or one.leg == "xmpp":
            return self._timely(Found(ends, wrong=wrong))
        try:
            seen = await self.legs.exchange.glance(one.address, one.identity)
        except (Failed, Forbidden) as error:
            return Found(ends, wrong=str(error))
        shown = [x509.load_der_x509_certificate(each) for each in seen.chain]
        if self.revoked(identity.lfdi(seen.chain[0]), credential.serials(shown)):
            return Found(ends, wrong="the server's certificate is revoked")
        last = min(int(each.not_valid_after_utc.timestamp()) for each in shown)
        return self._timely(Found(min(ends or last, last), f"{seen.version} {seen.suite}"))

    def _held(self, one: Endpoint) -> tuple[int, str]:
        """When the recipient's certificate ends, and what is wrong with it."""
        held = signing.held(one.certificate, self.roots()) if one.certificate else None
        if held is not None and held.fault:
            return 0, f"the recipient's certificate: {held.fault}"
        if self.revoked(one.recipient, held.serials if held else ()):
            return 0, "the recipient is revoked"
        return (held.until, "") if held else (0, "")

    def _timely(self, found: Found) -> Found:
        if not found.wrong and found.ends and found.ends - self.now() < self.margin:
            return found._replace(wrong=f"a certificate ends at {found.ends}")
        return found

    async def watch(self, one: Endpoint) -> None:
        """See that an active endpoint may stay so; the server at its URL is asked only where it has to be."""
        ending = bool(one.ends) and one.ends - self.now() < self.margin
        if self.now() - self._watched.get(one.number, 0) < LONGEST:
            return
        self._watched[one.number] = self.now()
        _, wrong = self._held(one)
        if not wrong and ending:
            found = await self.look(one)
            wrong = found.wrong
        if wrong:
            await register.happened(self.store, one.number, Event.suspend, self.now(), why=wrong[:200])


DEEDS = {State.challenged: Trial.challenge, State.echoed: Trial.check, State.active: Trial.watch}
