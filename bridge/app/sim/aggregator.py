"""A simulated aggregator: a 61850 client at the relay, which reads and commands what the bridge serves.

Its link, seals, association and way of carrying orders are those that the bridge has as a client (facility);
it believes what the bridge has sealed for it, and nobody else. It decides nothing. Several devices may be
commanded at once, one device by one conversation at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import random
from typing import TypeVar

from bridge.app.endpoint.endpoint import Endpoint
from bridge.app.facility import talking
from bridge.app.facility.ground import Ground, Patience
from bridge.app.facility.line import Line
from bridge.app.facility.tending import Tended
from bridge.app.facility.unit import Unit
from bridge.app.sim.outstation import station
from bridge.app.sim.outstation.station import Judge, Papers
from bridge.iec61850 import discovery, termination
from bridge.iec61850.carrying import doing, survey
from bridge.iec61850.carrying.deed import Author
from bridge.iec61850.carrying.doing import Done
from bridge.iec61850.carrying.fault import Fault
from bridge.iec61850.carrying.line import Talk, reading
from bridge.iec61850.carrying.survey import Survey
from bridge.iec61850.discovery import Conversation, Found
from bridge.iec61850.floor import Floor
from bridge.iec61850.image import Domain, Image
from bridge.iec61850.server import Server
from bridge.iec61850.termination import Ended
from bridge.mapping.bases import Bases
from bridge.ports import Order
from bridge.transports import link
from bridge.transports.post import Ears, Incoming
from bridge.transports.stream import Door
from models.mms import data, pdu, variables

ANSWER = 30.0
REMOTE = 3
"""Originator category: a remote control."""
NUMBERS = 256
"""ctlNum is an INT8U."""
T = TypeVar("T")


def _unheard(_said: object) -> None:
    """Let it go."""


@dataclass(slots=True)
class Aggregator:
    """One association with the bridge."""

    endpoint: Endpoint
    lfdi: str
    clock: Callable[[], float]
    line: Line = field(init=False)
    ended: Callable[[Ended], None] = _unheard
    """Told each LastApplError and each CommandTermination."""
    reported: Callable[[pdu.Unconfirmed_PDU], None] = _unheard
    """Told each report of a report block."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the bridge has gone, or the link."""
    _held: dict[str, Tended] = field(default_factory=dict)
    """Its conversations, by device: reports of controls wait there."""
    _failures: dict[str, Ended] = field(default_factory=dict)

    async def devices(self) -> tuple[str, ...]:
        """The devices that it is shown."""
        return await self.line.converse(discovery.listed("domain", None))

    async def read(self, domain: str, *items: str) -> tuple[data.AccessResult, ...]:
        """Read items."""
        answer: variables.Read_Response = await self.line.ask(reading(domain, items))
        return tuple(answer.listOfAccessResult.AccessResult)

    async def model(self, domain: str) -> tuple[Found, Domain]:
        """Find out what a device has."""
        found = Found()
        found.domains[domain] = await self.line.converse(discovery.device(domain, found))
        return found, found.domains[domain]

    async def survey(self, domain: str, found: Found | None = None) -> Survey:
        """Find out how a device is commanded, and what it has where that is not known."""
        if found is None:
            found, _ = await self.model(domain)
        return await self._talk(survey.survey(found, domain, self.clock()), domain)

    async def carry(self, order: Order, device: Survey, bases: Bases) -> Done | Fault:
        """Have a device follow an order; Away where the bridge says nothing in time."""
        author = Author((REMOTE, self.lfdi.encode()), order.number % NUMBERS)
        self._failures.pop(device.domain, None)
        return await self._talk(doing.carry(order, device, bases, author, self.clock()), device.domain)

    async def converse(self, talk: Conversation[T]) -> T:
        """Drive a conversation that waits for no report."""
        return await self.line.converse(talk)

    def failure(self, domain: str) -> Ended | None:
        """What went wrong first with the order that a device was given last."""
        return self._failures.get(domain)

    async def _talk(self, talk: Talk[T], domain: str) -> T:
        return await talking.driven(talk, self.line.ask, self._tended(domain), self.clock)

    def _tended(self, domain: str) -> Tended:
        return self._held.setdefault(domain, Tended(self.lfdi))

    def told(self, report: pdu.Unconfirmed_PDU) -> None:
        """Take a report: of a control for the conversation with its device, any other for who listens."""
        said = termination.read(report)
        if said is None:
            self.reported(report)
            return
        domain = said.reference.partition("/")[0]
        if said.failed is not None:
            self._failures.setdefault(domain, said)
        self._tended(domain).hear(report)
        self.ended(said)

    # ------------------------------------------------------------------------- as the endpoint needs it

    async def hear(self, said: Incoming) -> bool:
        """Take what the bridge tells unasked."""
        await self.line.hear(said)
        return True

    def presence(self, address: str, *, there: bool) -> None:
        """Take that the bridge has gone."""
        del address
        if not there:
            self._lose("it has gone")

    def begun(self) -> None:
        """Take that the link is new: what was open over the one before is lost."""
        self._lose("the link was cut")

    def _lose(self, why: str) -> None:
        self.line.lose(why)
        self.gone.set()

    def sweep(self) -> None:
        """Nobody is revoked here."""


@asynccontextmanager
async def aggregator(
    papers: Papers, door: Door, address: str, clock: Callable[[], float]
) -> AsyncIterator[Aggregator]:
    """Log in, and open an association with the bridge at an address."""
    judge = Judge(frozenset({station.masters(papers)}))
    point = station.endpoint(papers, judge, clock)
    point.server = Server(Floor(Image()))
    ears = Ears(point.receive, point.presence, point.bounced, point.told)
    async with link.Link(door, lambda: station.secured(papers), ears) as session:
        point.link = session
        ground = Ground(point, random, Patience(answer=ANSWER))
        made = Aggregator(point, papers.lfdi, clock)
        made.line = Line(ground, Unit(station.masters(papers), address), made.told)
        point.units = made
        await made.line.open()
        try:
            yield made
        finally:
            await made.line.close()
            await point.close()
