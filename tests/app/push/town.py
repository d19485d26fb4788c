"""A feed and a postman on an office's own store, whose clock is the test's; the endpoint is a real server.

What it is posted is proved as a receiver proves it, and counted by what it would have done. The server can be
shut and opened again on its port, as one that is down and comes back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from bridge.app.push import claims, register
from bridge.app.push.feed import Feed
from bridge.app.push.legs import Legs
from bridge.app.push.postman import Postman
from bridge.app.push.signing import Signer, unasked
from bridge.core.delivery import Habit
from bridge.core.push import notice
from bridge.core.push.notice import Notice
from bridge.core.push.seen import Seen
from bridge.core.push.states import Event
from bridge.sep2.talk import Answer, Ask, Peer
from bridge.transports import tls
from bridge.transports.exchange import Exchange, Terms
from bridge.trust import identity, verify
from bridge.trust.folder import load
from bridge.trust.header import LIVES
from bridge.trust.replay import Levels, Nonces
from bridge.trust.ring import Ring
from bridge.trust.verify import Verifier
from tests.app.office.bureau import Bureau, bureau
from tests.transports.receiver import context
from tests.transports.site import pki

HOUSE, PARTY, DEVICE, ELSEWHERE = "A0" * 20, "B0" * 20, "C0" * 20, "D0" * 20
HABIT = Habit(first=1.0, longest=300.0, tries=10_000, trip=5, rest=60.0)
LIFE = 86_400
HOSTS = frozenset({"localhost"})


@dataclass
class Door:
    """An endpoint: a server that may be down."""

    port: int = 0
    status: int = 204
    bad: bytes = b""
    """What is answered 503, if it has this in it."""
    got: list[bytes] = field(default_factory=list)
    tries: int = 0
    """Requests that came, answered well or not."""
    _server: Any = None
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        found = web.Server(self._answer)
        self._server = await loop.create_server(found, "127.0.0.1", self.port, ssl=context())
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def came(self, count: int) -> None:
        """Wait until so many were taken."""
        while len(self.got) < count:
            self._more.clear()
            await self._more.wait()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.tries += 1
        data = await request.read()
        status = 503 if self.bad and self.bad in data else self.status
        if status == 204:
            self.got.append(data)
            self._more.set()
        found = web.Response(status=status)
        found.force_close()
        return found


@dataclass
class Town:
    """All of it."""

    office: Bureau
    door: Door
    feed: Feed
    postman: Postman
    signer: Signer
    outcomes: list[str]
    seen: Seen = field(default_factory=Seen)
    effects: list[Notice] = field(default_factory=list)
    endpoint: int = 0

    async def at(self, *steps: int) -> None:
        """Let the clock go on, and do what is due at each moment."""
        for step in steps:
            self.office.moment += step
            self.office.store.current()
            while await self.feed.round():
                pass
            await self.postman.round()
            await self.postman.settled()

    def notices(self) -> list[Notice]:
        """What came, proved as a receiver proves it."""
        ring = Ring(tls.ders((pki().roots,)), [tls.ders((pki().certificate,))])
        judge = Verifier(
            frozenset({PARTY}), ring, lambda *_: False, Nonces(), Levels(), unasked,
            lives={"claim": LIVES["claim"]}, skew=10_000_000,
        )  # fmt: skip
        texts = [data.decode() for data in self.door.got]
        return [notice.read(verify.prove(text, judge, self.office.moment).message.payload) for text in texts]

    def dealt(self) -> list[Notice]:
        """What has an effect of all that came."""
        seen, effects = Seen(), []
        for one in self.notices():
            if seen.new(one):
                effects.append(one)
                seen.take(one)
        return effects

    async def pick(self, path: str, lfdi: str = PARTY, method: str = "GET", **more: Any) -> Answer:
        """Ask at the door of claims."""
        where, _, query = path.partition("?")
        pairs = tuple((a, b) for a, _, b in (part.partition("=") for part in query.split("&") if part))
        ask = Ask(method, where, Peer(lfdi, identity.sfdi(lfdi)), self.office.moment, pairs, **more)
        return await claims.answer(self.office, ask)  # type: ignore[arg-type]

    async def bulletin(self, title: str = "Market Closed", **more: Any) -> Any:
        return await self.office.post("/bulletins", {"market": "DAM", "title": title, **more})


async def registered(town: Town, **more: Any) -> int:
    """An endpoint of the house that was proved and is active."""
    office = town.office
    body = {
        "organisation": HOUSE, "leg": "https", "address": f"https://localhost:{town.door.port}/told",
        "recipient": PARTY, **more,
    }  # fmt: skip
    body["certificate"] = None
    made = await office.ask("POST", "/endpoints", {**body, "leg": "notification"})
    assert made.status == 201, await made.text()
    number = int((await made.json())["id"])
    for event in (Event.challenge, Event.echo, Event.check):
        fields = {"leg": body["leg"]} if event is Event.check else {}
        assert await register.happened(office.store, number, event, office.moment, **fields)
    await office.post(f"/endpoints/{number}/activate", None, 200)
    return number


@asynccontextmanager
async def towns(folder: Path, **more: Any) -> AsyncIterator[Town]:
    """One, with an organisation, its account and its endpoint."""
    here, door = pki(), Door()
    await door.open()
    named = lambda: tls.client([here.roots], here.certificate, here.key)  # noqa: E731 - one word
    terms = Terms(HOSTS, frozenset({door.port}), 5.0)
    key = load(here.certificate, here.key).key
    signer = Signer(identity.lfdi(tls.ders((here.certificate,))[0]), key)
    async with bureau(folder, doors=terms) as office, Exchange(terms, named, named) as exchange:
        outcomes: list[str] = []
        legs = Legs(exchange, signer)
        feed = Feed(office.store, lambda: office.policy, office.now, LIFE)
        postman = Postman(
            office.store, legs, more.pop("habit", HABIT), office.now, lambda: 0.5,
            more.pop("patience", 1_000_000), counted=outcomes.append,
        )  # fmt: skip
        office.store.listen(postman.hear)
        town = Town(office, door, feed, postman, signer, outcomes)
        await office.post("/aggregators", {"lfdi": HOUSE, "name": "house"})
        await office.post("/accounts", {"organisation": HOUSE, "party": PARTY})
        town.endpoint = await registered(town, **more)
        try:
            yield town
        finally:
            await door.shut()
