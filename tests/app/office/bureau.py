"""An office on a real SQLite store, asked over a real socket; the caller is whoever a test says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bridge.app.census import Census
from bridge.app.lives import Lives
from bridge.app.market.section import Market
from bridge.app.meter import Meter
from bridge.app.office.application import application
from bridge.app.office.call import Terms
from bridge.app.roll import Roll
from bridge.sep2 import server
from bridge.sep2.talk import Answer, Ask, Peer
from bridge.sep2.work import Policy, unrecorded
from bridge.transports.store import opening
from bridge.transports.store.store import Store
from bridge.trust import identity
from bridge.trust.listing import Pool

NOW = 1_800_000_000
ADMIN = "AD" * 20
LFDI = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"
OTHER = "AB" * 20
THIRD = "C0" * 20


@dataclass
class Bureau:
    """An office, and what a test does with it."""

    store: Store
    policy: Policy = field(default_factory=Policy)
    moment: int = NOW
    caller: str = ADMIN
    roles: frozenset[str] = frozenset({"operator"})
    web: Any = None
    meter: Meter = field(default_factory=Meter)
    revoked: Any = None
    tape: Any = None
    census: Any = None
    lives: Any = None
    spoken: Any = ()
    teller: Any = None
    market: Market = field(default_factory=Market)

    @property
    def shelf(self) -> Store:
        return self.store

    def now(self) -> int:
        return self.moment

    def known(self, request: web.Request) -> Peer | None:
        del request
        return Peer(self.caller, identity.sfdi(self.caller), self.roles) if self.caller else None

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> ClientResponse:
        """Ask, and read the answer to its end."""
        given = {"json": body} if body is not None else {}
        response: ClientResponse = await self.web.request(method, f"/api/v1{path}", **given, **more)
        await response.read()
        return response

    async def get(self, path: str, **query: Any) -> Any:
        response = await self.ask("GET", path, params=query)
        assert response.status == 200, await response.text()
        return await response.json()

    async def get_as(self, lfdi: str, path: str) -> Any:
        """The same for another caller."""
        before, self.caller = self.caller, lfdi
        try:
            return await self.get(path)
        finally:
            self.caller = before

    async def post(self, path: str, body: Any = None, status: int = 201) -> Any:
        response = await self.ask("POST", path, {} if body is None and status == 201 else body)
        assert response.status == status, await response.text()
        return await response.json()

    async def device(self, lfdi: str = LFDI, **more: Any) -> Any:
        return await self.post("/devices", {"lfdi": lfdi, **more})

    async def programme(self, **more: Any) -> Any:
        """A programme in a group, with both made."""
        group = await self.post("/groups", {"name": "feeder"})
        return await self.post("/programmes", {"primacy": 1, "group": group["id"], **more})


@asynccontextmanager
async def bureau(folder: Path, policy: Policy | None = None, **terms: Any) -> AsyncIterator[Bureau]:
    """Open one on a new store."""
    async with opening.open(f"sqlite:///{folder / 'office.db'}") as store:
        said = policy or Policy()
        if said.access.record is unrecorded:
            said = replace(said, access=replace(said.access, record=store.decisions.note))
        made = Bureau(store, said)
        made.census, made.lives = Census(store, made.now), Lives(store)
        made.revoked = Roll(store, Pool(()), made.now)
        made.web = TestClient(TestServer(application(made, known=made.known, terms=Terms(**terms))))
        async with made.web:
            yield made


async def seen(office: Bureau, path: str, lfdi: str = LFDI, method: str = "GET", body: str = "") -> Answer:
    """What a 2030.5 client of an LFDI gets."""
    peer = Peer(lfdi, identity.sfdi(lfdi))
    query = (("l", "99"),)
    ask = Ask(method, path, peer, office.moment, query, body.encode(), "application/sep+xml")
    return await server.answer(ask, office.store, office.policy)
