"""Says recorded units to the bridge as somebody who speaks 61850: sealed anew, over a link of its own.

What is answered has to be bound to what was asked; what is told unasked waits until it is looked for. Whether
any of it is right is not decided here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from bridge.app.endpoint.endpoint import Endpoint
from bridge.app.fault import Fault
from bridge.app.sim.outstation import station
from bridge.app.sim.outstation.station import Judge, Papers
from bridge.iec61850 import sealing, unit
from bridge.iec61850.floor import Floor
from bridge.iec61850.image import Image
from bridge.iec61850.server import Server
from bridge.transports import link
from bridge.transports.post import Denied, Ears, Incoming
from bridge.transports.stream import Door
from bridge.trust.refusal import Refused
from bridge.trust.verify import Question
from bridge.xmpp.letter import Letter

PATIENCE = 30.0
Answer = dict[str, str]


@dataclass(slots=True)
class Envoy:
    """One who is at the relay."""

    endpoint: Endpoint
    bridge: str
    """LFDI of the bridge."""
    address: str
    """Its address."""
    waiting: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    """What was told unasked."""

    async def ask(self, how: str, pdu: str) -> Answer | None:
        """Say a unit, and give what it is answered."""
        payload, seals = pdu.encode(), self.endpoint.seals
        question = seals.request(self.bridge, payload, int(time.time()))
        said = Letter(sealing.covered(unit.read(payload).assoc, question.text))
        if self.endpoint.link is None:
            raise Fault(self.address, "the relay has ended the session")
        try:
            answer = await self.endpoint.link.send(self.address, how, said, within=PATIENCE)
        except Denied as denied:
            return {"how": "error", "pdu": denied.condition}
        return None if answer is None else {"how": "result", "pdu": await self._opened(answer, question)}

    async def told(self) -> str:
        """The next unit that was told unasked; nothing where none comes."""
        try:
            return await asyncio.wait_for(self.waiting.get(), PATIENCE)
        except TimeoutError:
            return ""

    async def _opened(self, letter: Letter, question: Question | None) -> str:
        found = sealing.found(letter.octets)
        if found is None:
            return letter.octets.decode()
        message = await self.endpoint.seals.told(found.text, int(time.time()), question)
        return sealing.opened(found, message).decode()

    # ------------------------------------------------------------------------- as the endpoint needs it

    async def hear(self, said: Incoming) -> bool:
        """Keep what the bridge tells unasked; what it has not sealed is left aside."""
        with suppress(Refused, sealing.Misplaced):
            self.waiting.put_nowait(await self._opened(said.letter, None))
        return True

    def presence(self, address: str, *, there: bool) -> None:
        """Take that somebody comes or goes."""

    def begun(self) -> None:
        """Take that the link is new."""

    def sweep(self) -> None:
        """Nobody is revoked here."""


@asynccontextmanager
async def envoy(papers: Papers, door: Door, address: str) -> AsyncIterator[Envoy]:
    """Log in, and let the bridge at an address notice it."""
    point = station.endpoint(papers, Judge(frozenset({station.masters(papers)})), time.time)
    point.server = Server(Floor(Image()))
    made = Envoy(point, station.masters(papers), address)
    point.units = made
    ears = Ears(point.receive, point.presence, point.bounced, point.told)
    async with link.Link(door, lambda: station.secured(papers), ears) as session:
        point.link = session
        point.greet(address)
        try:
            yield made
        finally:
            await point.close()
