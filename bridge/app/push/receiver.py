"""A receiver of notices: proves each, picks up its body with its own certificate, and deals with it once.

The other end of docs/push.md, for tests and for whoever writes one: it takes Notifications, sealed messages
that are posted to it, sealed messages over XMPP, and asks for what it missed. A notice that is not above the
last of its subject has no effect; one whose body could not be had is asked for again by not being taken.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any, NamedTuple

import aiohttp
from cryptography.hazmat.primitives.asymmetric import ec

from bridge.app.push.signing import CHALLENGE, CLAIM, REQUEST, unasked
from bridge.app.scribe import micros
from bridge.core.push import notice
from bridge.core.push.notice import CHALLENGES, CLAIMS, Notice, Unfit
from bridge.core.push.seen import Seen
from bridge.mapping import xml
from bridge.mapping.profile import load
from bridge.trust import seal, verify
from bridge.trust.header import LIVES
from bridge.trust.refusal import Refused
from bridge.trust.replay import Levels, Nonces
from bridge.trust.ring import Ring
from bridge.trust.verify import Proved, Verifier

OK, PARTIAL, LAST = 200, 206, frozenset({403, 404, 410})
"""Statuses of a pick-up; the last say that it would come to the same again."""
PAGE = 100


class Unavailable(Exception):
    """The bridge could not be asked: what it told is not taken, so that it tells it again."""


class Taken(NamedTuple):
    """A notice that was dealt with."""

    notice: Notice
    status: int
    """Of its pick-up."""
    media: str = ""
    body: bytes = b""

    def shown(self) -> dict[str, Any]:
        """Give it as it is printed."""
        text = self.body.decode("utf-8", "replace")
        said = json.loads(text) if "json" in self.media else text
        return {**notice.said(self.notice), "status": self.status, "media": self.media, "body": said}


def _never(*_: object) -> bool:
    """Nothing is known to be revoked, here."""
    return False


@dataclass(slots=True)
class Receiver:
    """One at work."""

    lfdi: str
    key: ec.EllipticCurvePrivateKey
    bridge: str
    """URL of the 2030.5 listener."""
    teller: str
    """LFDI of the bridge."""
    ring: Ring
    """Holds the bridge's certificate."""
    session: aiohttp.ClientSession
    """Shows our certificate."""
    done: Callable[[Taken], Awaitable[None]]
    clock: Callable[[], int]
    seen: Seen = field(default_factory=Seen)
    count: int = 0
    """Notices that were dealt with."""
    repeats: int = 0
    """Notices that said nothing new."""
    _nonces: Nonces = field(default_factory=Nonces)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def sealed(self, text: str) -> str:
        """Take a sealed message, and give the answer to a challenge; Refused or Unfit where it is none."""
        judge = Verifier(
            frozenset({self.lfdi}), self.ring, _never, self._nonces, Levels(), unasked,
            lives={name: LIVES[name] for name in (CLAIM, REQUEST)},
        )  # fmt: skip
        proved = verify.prove(text.strip(), judge, self.clock())
        if proved.message.kind == REQUEST:
            return self._echo(proved)
        await self.take(notice.read(proved.message.payload))
        return ""

    def _echo(self, asked: Proved) -> str:
        """Seal the echo of a challenge."""
        said = seal.answer(
            asked.message, asked.text, self.lfdi, payload=asked.message.payload, media=CHALLENGE,
            created=self.clock(), nonce=seal.nonce(token_bytes(16)), sequence=micros(),
        )  # fmt: skip
        return seal.seal(said, self.key)

    async def notified(self, body: bytes) -> None:
        """Take a Notification of IEEE 2030.5 that has no resource in it; Unfit where it is none."""
        try:
            href = str(getattr(xml.read(body, load("2018")), "subscribedResource", ""))
        except xml.Refused as error:
            raise Unfit("this is no Notification") from error
        if href.startswith(f"{CHALLENGES}/"):
            await self._get(href)
            return
        await self.take(notice.found(href))

    async def take(self, one: Notice) -> None:
        """Deal with a notice, unless that was done before."""
        async with self._turn:
            if not self.seen.new(one):
                self.repeats += 1
                return
            found = await self._picked(one)
            self.seen.take(one)
            self.count += 1
            await self.done(found)

    async def missed(self) -> int:
        """Ask for the notices behind those that were listed before, and deal with them; how many came."""
        count = 0
        while True:
            status, _, data = await self._get(f"{CLAIMS}?since={self.seen.listed}&limit={PAGE}")
            if status != OK:
                raise Unavailable(f"changes since {self.seen.listed}: {status}")
            page = json.loads(data)
            for item in page["items"]:
                await self.take(notice.read(json.dumps({**item, "media": ""}).encode()))
                count += 1
            self.seen.listed = page["latest"]
            if not page["more"]:
                return count

    async def _picked(self, one: Notice) -> Taken:
        """Pick a body up, and see that it is the one that was claimed."""
        status, media, data = await self._get(one.href)
        if status in LAST:
            return Taken(one, status)
        if status != OK:
            raise Unavailable(f"{one.href}: {status}")
        if sha256(data).hexdigest() != one.digest:
            raise Unavailable(f"{one.href}: another body than the one that was told")
        return Taken(one, status, media, data)

    async def _get(self, href: str) -> tuple[int, str, bytes]:
        try:
            async with self.session.get(self.bridge + href, allow_redirects=False) as answer:
                return answer.status, answer.content_type, await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{href}: {error}") from error


__all__ = ["Receiver", "Refused", "Taken", "Unavailable", "Unfit"]
