"""An installation in this process, and a hostile relay between its endpoint and honest clients.

Endpoint, server, seals, store, roll and decision log are the real ones; the relay is a function that is given
each stanza on its way, to the bridge and back, and lets through what it likes. The plant takes commands.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from bridge.app.config import Config
from bridge.app.endpoint import station
from bridge.app.endpoint.office import Takes
from bridge.app.endpoint.section import Iec61850
from bridge.app.endpoint.station import Station
from bridge.app.loading import placed
from bridge.iec61850.command import Command
from bridge.iec61850.peer import Peer
from bridge.iec61850.plant import Pending
from bridge.iec61850.shape import Value
from bridge.transports.post import Denied, Incoming
from bridge.transports.store.decisions import Wish
from bridge.trust import folder
from bridge.xmpp.letter import Letter
from models.mms.codes import AddCause, DataAccessError
from tests.app.endpoint import asks
from tests.app.endpoint.customer import Customer
from tests.app.office.bureau import Bureau, bureau, seen
from tests.served import certified

DEVICE = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"
DOMAIN = f"derbridgeD{DEVICE}"
AT = "relay.example"


class Stanza(NamedTuple):
    """What passes the relay."""

    sender: str
    to: str
    how: str
    """get, set, message, result or error."""
    letter: Letter


Route = Callable[["Stanza", "Relay"], Awaitable["Stanza | None"]]


async def honest(stanza: Stanza, relay: Relay) -> Stanza | None:
    """Let everything through as it is."""
    del relay
    return stanza


@dataclass
class Plant:
    """A plant that takes all, and remembers what it did."""

    done: list[tuple[str, Any]] = field(default_factory=list)

    def hindered(self, command: Command, check: int) -> bool:
        del command, check
        return False

    def judge(self, command: Command) -> AddCause | None:
        del command
        return None

    def arm(self, command: Command) -> AddCause | None:
        del command
        return None

    def operate(self, command: Command) -> AddCause | Pending | None:
        self.done.append((command.peer.lfdi, command.target))
        return None

    def abort(self, command: Command, cause: AddCause) -> None:
        del command, cause

    def take(self, peer: Peer, domain: str, item: str, value: Value, now: float) -> DataAccessError | None:
        """Take a setting."""
        del now
        self.done.append((peer.lfdi, (domain, item, value)))
        return None


@dataclass
class Relay:
    """Between the endpoint and clients; `route` sees every stanza."""

    office: Bureau
    station: Station
    plant: Plant
    route: Route = honest
    clients: dict[str, Customer] = field(default_factory=dict)
    seen: list[Stanza] = field(default_factory=list)

    async def ask(self, sender: str, how: str, letter: Letter) -> Letter | None:
        """Bring something to the bridge, as if from somebody, and give its answer."""
        incoming = Incoming(sender, how, letter, "q1")
        return await self.station.endpoint.receive(incoming)

    async def up(self, sender: str, to: str, how: str, letter: Letter) -> Letter | None:
        """What a client sends, on its way, and the answer on its way back."""
        self.seen.append(Stanza(sender, to, how, letter))
        found = await self.route(self.seen[-1], self)
        if found is None:
            raise Denied("service-unavailable", "dropped")
        answer = await self.ask(found.sender, found.how, found.letter)
        if answer is None:
            return None
        self.seen.append(Stanza(to, sender, "result", answer))
        back = await self.route(self.seen[-1], self)
        return back.letter if back else None

    async def send(self, to: str, how: str, what: Letter, *, within: float | None = None) -> Letter | None:
        """What the bridge tells."""
        del within
        found = await self.route(Stanza("bridge", to, how, what), self)
        if found is not None and found.to in self.clients:
            await self.clients[found.to].heard(Incoming("bridge", how, found.letter, "m1"))
        return None

    def greet(self, to: str) -> None:
        """Take no note."""

    def part(self, to: str) -> None:
        """The same."""

    async def log(self) -> list[str]:
        """Why things were turned back, by the decision log of this door, the first one first."""
        decisions = self.office.store.decisions
        await decisions.flush()
        entries = await decisions.find(Wish(hop="iec61850", allowed=False), 1_000)
        return [json.loads(one.body)["facts"].get("reason", "") for one in reversed(entries)]


@dataclass
class Wire:
    """One client's side of the relay."""

    relay: Relay
    address: str

    async def send(self, to: str, how: str, what: Letter) -> Letter | None:
        return await self.relay.up(self.address, to, how, what)


def client(relay: Relay, files: folder.Client, pki: folder.Folder) -> Customer:
    """A client at the relay."""
    bridge = pki.known("../server").lfdi
    address = f"{files.lfdi.lower()}@{AT}/IEC"
    made = Customer(files, "bridge", bridge, pki.certificate, pki.path / "roots" / "serca.pem")
    made.link = Wire(relay, address)
    relay.clients[address] = made
    return made


@asynccontextmanager
async def stage(place: Path) -> AsyncIterator[tuple[Relay, Customer, Customer]]:
    """A relay with an operator and another at it, each with an association."""
    made = certified(place)
    (place / "parties").mkdir()
    both = [made.client(name, "operator") for name in ("boss", "rival")]
    for one in both:
        shutil.copy(one.certificate, place / "parties" / one.certificate.name)
    config = placed(Config(iec61850=Iec61850(enabled=True)), place)
    plant = Plant()
    async with bureau(place) as office, AsyncExitStack() as stack:
        await office.device(DEVICE)
        answer = await seen(office, "/edev/1/der/1/dercap", DEVICE, "PUT", asks.CAPABILITY)
        assert answer.status == 204, answer
        site: Any = office
        relay = Relay(office, await station.made(site, config, stack, Takes(plant, plant.take)), plant)
        relay.station.endpoint.link = relay
        clients = [client(relay, one, made) for one in both]
        for each in clients:
            assert [event.what for event in await each.open()] == ["opened"]
        relay.seen.clear()
        yield relay, clients[0], clients[1]
