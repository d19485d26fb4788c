"""A simulated aggregator: a 61850 client at the relay, which reads and commands what the bridge serves.

Its link, seals, association and way of carrying orders are those that the bridge has as a client (facility);
it believes what the bridge has sealed for it, and nobody else. It decides nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
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
from bridge.iec61850 import discovery
from bridge.iec61850.carrying import doing, survey
from bridge.iec61850.carrying.deed import Author
from bridge.iec61850.carrying.doing import Done
from bridge.iec61850.carrying.fault import Fault
from bridge.iec61850.carrying.line import Talk, reading
from bridge.iec61850.carrying.survey import Survey
from bridge.iec61850.discovery import Found
from bridge.iec61850.floor import Floor
from bridge.iec61850.image import Image
from bridge.iec61850.server import Server
from bridge.mapping.bases import Bases
from bridge.ports import Order
from bridge.transports import link
from bridge.transports.post import Ears, Incoming
from bridge.transports.stream import Door
from models.mms import data, variables

ANSWER = 30.0
REMOTE = 3
"""Originator category: a remote control."""
T = TypeVar("T")


@dataclass(slots=True)
class Aggregator:
    """One association with the bridge."""

    endpoint: Endpoint
    line: Line
    clock: Callable[[], float]
    held: Tended
    """Itself, as its conversations have it: reports of controls wait there."""

    async def read(self, domain: str, *items: str) -> tuple[data.AccessResult, ...]:
        """Read items."""
        answer: variables.Read_Response = await self.line.ask(reading(domain, items))
        return tuple(answer.listOfAccessResult.AccessResult)

    async def survey(self, domain: str) -> Survey:
        """Find out what a device has, and how it is commanded."""
        found = Found()
        found.domains[domain] = await self.line.converse(discovery.device(domain, found))
        return await self._talk(survey.survey(found, domain, self.clock()))

    async def carry(self, order: Order, device: Survey, bases: Bases) -> Done | Fault:
        """Have a device follow an order; Away where the bridge says nothing in time."""
        author = Author((REMOTE, self.held.lfdi.encode()), order.number)
        return await self._talk(doing.carry(order, device, bases, author, self.clock()))

    async def _talk(self, talk: Talk[T]) -> T:
        return await talking.driven(talk, self.line.ask, self.held, self.clock)

    # ------------------------------------------------------------------------- as the endpoint needs it

    async def hear(self, said: Incoming) -> bool:
        """Take what the bridge tells unasked."""
        await self.line.hear(said)
        return True

    def presence(self, address: str, *, there: bool) -> None:
        """Take that the bridge has gone."""
        del address
        if not there:
            self.line.lose("it has gone")

    def begun(self) -> None:
        """Take that the link is new: what was open over the one before is lost."""
        self.line.lose("the link was cut")

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
        unit = Unit(station.masters(papers), address)
        held = Tended(papers.lfdi)
        made = Aggregator(point, Line(ground, unit, held.hear), clock, held)
        point.units = made
        await made.line.open()
        try:
            yield made
        finally:
            await made.line.close()
            await point.close()
