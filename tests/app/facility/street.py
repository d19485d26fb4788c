"""An installation in this process and units at the other end of a street, which a test may block or bend.

Endpoint, facilities, seals, store, roll and decision log are the real ones; the street is a function that is
given each stanza on its way, in both directions, and lets through what it likes.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from bridge.app.config import Config
from bridge.app.endpoint import station
from bridge.app.endpoint.endpoint import Endpoint
from bridge.app.endpoint.section import Iec61850
from bridge.app.endpoint.station import Station
from bridge.app.facility import unit
from bridge.app.facility.session import Session
from bridge.app.facility.unit import Unit
from bridge.app.loading import placed
from bridge.sep2.shelf import Change, Who
from bridge.transports.post import Denied, Incoming
from bridge.transports.store.decisions import Wish
from bridge.xmpp.letter import Letter
from tests.app.facility.inverter import Inverter, inverter
from tests.app.office.bureau import Bureau, bureau
from tests.iec61850 import units
from tests.served import certified

AT = "relay.example"
BRIDGE = f"bridge@{AT}/IEC"
PATIENCE = 30.0


class Stanza(NamedTuple):
    """What passes the street."""

    sender: str
    to: str
    how: str
    letter: Letter


Route = Callable[["Stanza"], Awaitable["Stanza | None"]]


async def honest(stanza: Stanza) -> Stanza | None:
    return stanza


@dataclass
class Street:
    """Between the bridge and units."""

    office: Bureau
    station: Any = None
    route: Route = honest
    ends: dict[str, Endpoint] = field(default_factory=dict)
    seen: list[Stanza] = field(default_factory=list)

    async def carry(self, said: Stanza) -> Letter | None:
        """Bring something to its end, and the answer back."""
        self.seen.append(said)
        found = await self.route(said)
        end = self.ends.get(found.to) if found else None
        if found is None or end is None:
            raise Denied("service-unavailable", "nobody there")
        answer = await end.receive(Incoming(found.sender, found.how, found.letter, "q1"))
        if answer is None:
            return None
        back = await self.route(Stanza(said.to, said.sender, "result", answer))
        return back.letter if back else None

    def join(self, address: str, endpoint: Endpoint) -> None:
        """Be there."""
        self.ends[address] = endpoint
        endpoint.link = Way(self, address)

    def leave(self, address: str) -> None:
        """Be there no longer; everybody notices."""
        self.ends.pop(address).link = None
        for each in self.ends.values():
            each.presence(address, there=False)

    async def log(self) -> list[str]:
        """Why things were turned back, by the decision log, the first one first."""
        decisions = self.office.store.decisions
        await decisions.flush()
        entries = await decisions.find(Wish(hop="iec61850", allowed=False), 1_000)
        return [json.loads(one.body)["facts"].get("reason", "") for one in reversed(entries)]

    async def add(self, made: Unit) -> None:
        """Put a unit's row into the store."""
        was = await self.office.store.get(unit.href(made.lfdi))
        change = Change(unit.href(made.lfdi), unit.row(made), expect=was.version if was else 0)
        await self.office.store.commit([change], Who("test", "test", 1))
        self.office.store.current()
        await settled(self.station)


@dataclass
class Way:
    """One end's way to the others."""

    street: Street
    address: str

    async def send(self, to: str, how: str, what: Letter, *, within: float | None = None) -> Letter | None:
        del within
        return await self.street.carry(Stanza(self.address, to, how, what))

    def greet(self, to: str) -> None:
        del to

    def part(self, to: str) -> None:
        del to


async def settled(one: Station) -> None:
    """Wait until what is in the store is known to the facilities."""
    while (reading := one.facilities._reading) is not None and not reading.done():  # noqa: SLF001
        await asyncio.wait({reading})


def address(one: Inverter) -> str:
    return f"{one.lfdi.lower()}@{AT}/IEC"


@asynccontextmanager
async def street(place: Path, count: int = 1) -> AsyncIterator[tuple[Street, list[Inverter]]]:
    """A street with units that are there, registered, and have no row yet."""
    made = certified(place)
    (place / "parties").mkdir()
    clients = [made.client(f"unit{number}", "device") for number in range(count)]
    for one in clients:
        shutil.copy(one.certificate, place / "parties" / one.certificate.name)
    config = placed(Config(iec61850=Iec61850(enabled=True, again=1.0)), place)
    async with bureau(place) as office, AsyncExitStack() as stack:
        found = Street(office)
        for one in clients:
            await office.device(one.lfdi)
        site: Any = office
        found.station = await station.made(site, config, stack)
        found.join(BRIDGE, found.station.endpoint)
        plants = [
            await stack.enter_async_context(inverter(one, made, place, units.capability())) for one in clients
        ]
        for each in plants:
            found.join(address(each), each.endpoint)
        yield found, plants


async def there(one: Station, lfdi: str, *, wanted: bool = True) -> Session:
    """Wait until a unit is there, or away."""
    async with asyncio.timeout(PATIENCE):
        while (session := one.facilities.session(lfdi)) is None or session.there is not wanted:
            turned = asyncio.Event()
            one.facilities.listen(lambda *_, turned=turned: turned.set())
            if (session := one.facilities.session(lfdi)) is None or session.there is not wanted:
                await turned.wait()
    return session
