"""A fleet of the endpoint on a real store, with its clock and a neighbour that notes who comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bridge.app.endpoint.fleet import Fleet
from bridge.app.endpoint.rights import Rights
from bridge.iec61850.estate import Estate
from bridge.iec61850.image import Image
from tests.app.office.bureau import NOW, Bureau, bureau, seen

DEVICE = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"
DOMAIN = f"derbridgeD{DEVICE}"
HOME = "/edev/1/der/1"
STATE = "DGEN1$ST$DEROpSt"
LONG = 900.0


@dataclass
class Neighbour:
    """What was joined and left."""

    said: list[str] = field(default_factory=list)

    def join(self, domain: str, now: float) -> None:
        del now
        self.said.append(f"+{domain[-4:]}")

    def leave(self, domain: str) -> None:
        self.said.append(f"-{domain[-4:]}")


@dataclass
class Scene:
    """A fleet on a store, and its clock."""

    office: Bureau
    fleet: Fleet
    neighbour: Neighbour
    moment: float = NOW

    async def put(self, path: str, text: str, lfdi: str = DEVICE) -> None:
        answer = await seen(self.office, path, lfdi, "PUT", text)
        assert answer.status == 204, answer
        await self.settled()

    async def settled(self) -> None:
        """Wait until what was heard is read."""
        self.office.store.current()
        while self.fleet.reading is not None and (not self.fleet.reading.done() or self.fleet.crowd.changed):
            await self.fleet.reading
            await asyncio.sleep(0.001)

    def leaf(self, item: str, domain: str = DOMAIN) -> object:
        return self.fleet.estate.image.domains[domain].leaves[item]

    async def ask(self, method: str, path: str, text: str = "", lfdi: str = DEVICE) -> str:
        """Ask as a 2030.5 client, wait until it is shown, and give where what was made is."""
        answer = await seen(self.office, path, lfdi, method, text)
        assert answer.status < 300, (answer.status, answer.reason)
        await self.settled()
        return answer.location or ""


@asynccontextmanager
async def scene(place: Path, lost: float = LONG) -> AsyncIterator[Scene]:
    async with bureau(place) as office:
        image, neighbour = Image(), Neighbour()
        rights = Rights(image, lambda: office.policy)
        made: list[Scene] = []
        fleet = Fleet(office.store, Estate(image), rights, (neighbour,), lambda: made[0].moment, lost)
        made.append(Scene(office, fleet, neighbour))
        await office.device(DEVICE)
        await fleet.open()
        try:
            yield made[0]
        finally:
            await fleet.close()
