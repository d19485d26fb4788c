"""A simulated unit that speaks IEC 61850 behind a relay: link, seals, server, desk and physics put together.

The link, the endpoint and the seals are those of the bridge itself; who asks must have sealed with a
certificate that the unit holds. Once each beat the physics is asked what it does, and that is shown and
reported. Faults: a silent unit has no link, one that refuses says so with its cause.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import structlog

from bridge.app import bases, chores
from bridge.app.endpoint import seals
from bridge.app.endpoint.endpoint import Endpoint
from bridge.app.endpoint.house import House
from bridge.app.endpoint.seals import Seals
from bridge.app.sim.inverter.face import Face
from bridge.app.sim.outstation.board import Board
from bridge.app.sim.outstation.desk import Desk
from bridge.app.sim.outstation.letterbox import Letterbox
from bridge.app.sim.outstation.meter import Meter
from bridge.app.sim.unit import Unit
from bridge.iec61850 import device, intake
from bridge.iec61850.buffer import Memory
from bridge.iec61850.control import Controls
from bridge.iec61850.estate import Estate
from bridge.iec61850.first import Plate
from bridge.iec61850.floor import Floor
from bridge.iec61850.image import Image
from bridge.iec61850.peer import Peer
from bridge.iec61850.report import Reports
from bridge.iec61850.server import Server
from bridge.iec61850.shape import Value
from bridge.mapping.table import Unrepresentable
from bridge.sep2 import talk
from bridge.transports import link, tls
from bridge.transports.post import Ears
from bridge.transports.stream import Door
from bridge.trust import identity
from bridge.trust.replay import Levels
from bridge.trust.ring import Ring
from models.der import messages

if TYPE_CHECKING:
    import ssl

    from bridge.sep2.shelf import Shelf

IED = "sim"
BEAT = 1.0
IEC = 1
"""PFSign: the sign of a power factor is that of active power."""
NO_STORE = cast("Shelf", None)
"""A unit has none, and its judge asks none."""
LOG = structlog.get_logger("derbridge")


@dataclass(frozen=True, slots=True)
class Papers:
    """Whose unit it is, by its certificate, and whom it believes."""

    lfdi: str
    certificate: Path
    key: Path
    service: Path
    """Root of the relay's certificate."""
    devices: Path
    """Root of devices, and of the bridge."""
    bridge: Path
    """The bridge's certificate: whoever holds its key may read and command."""


@dataclass(slots=True)
class Judge:
    """Lets those who are held to have sealed do everything, and nobody else anything."""

    masters: frozenset[str]
    asker: Any = None
    refusals: list[str] = field(default_factory=list)

    def allowed(self, peer: Peer, service: str, reference: str, value: Value | None) -> bool:
        """Whether somebody may have a service."""
        del service, reference, value
        return peer.lfdi in self.masters

    async def know(self, *said: object) -> None:
        """Look nothing up: a seal that holds says all."""

    def refused(self, sender: str, what: str, unit: bytes, reason: str, target: str = "") -> None:
        """Note that something was turned back."""
        del unit
        self.refusals.append(reason)
        LOG.info("turned back", part="sim", sender=sender, what=what, reason=reason, target=target)


@dataclass(slots=True)
class Outstation:
    """One unit."""

    papers: Papers
    unit: Unit
    clock: Callable[[], float]
    estate: Estate
    endpoint: Endpoint
    reports: Reports
    desk: Desk
    judge: Judge
    face: Face
    """What it tells of itself: the same that it would tell over 2030.5."""
    box: Letterbox
    """Where prices and texts come in; its board shows them."""
    meter: Meter = field(default_factory=Meter)
    beat: float = BEAT
    demanded: messages.Modes | None = None
    entry: messages.GridEntry = field(default_factory=messages.GridEntry)
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)
    _life: asyncio.Task[None] | None = None

    @property
    def domain(self) -> str:
        """Name of its logical device."""
        return self.desk.device.name

    async def run(self) -> None:
        """Measure and follow, as long as it is not cancelled."""
        while True:
            due = self.step()
            wait = self.beat if due is None else max(min(self.beat, due - self.clock()), 0.01)
            self._stirred.clear()
            try:
                await asyncio.wait_for(self._stirred.wait(), wait)
            except TimeoutError:
                continue

    def stir(self) -> None:
        """Look at once what is in force."""
        self._stirred.set()

    def step(self) -> float | None:
        """Follow what is in force, and show what the unit does; gives when that changes by itself."""
        now = self.clock()
        modes, due = self.desk.modes(now)
        entry = self._settings(now)
        if modes != self.demanded or entry != self.entry:
            self.demanded, self.entry = modes, entry
            self.unit.demand(modes, entry)
        output, lfdi = self.unit.output, self.papers.lfdi
        for said in (self.face.status(int(now)), self.face.availability(int(now))):
            self.estate.show(lfdi, said, now)
        self.estate.image.update(self.domain, self.meter.read(self.desk.device, output, now), now)
        self.endpoint.stir()
        self.box.board.look(Decimal(repr(now)))
        return due

    def _settings(self, now: float) -> messages.GridEntry:
        """Limits of the grid for its return to service, as somebody wrote them."""
        if not self.desk.settled:
            return self.entry
        self.desk.settled = False
        try:
            return intake.settings(self.desk.device, self.desk.envelope("setting", now)).entry
        except Unrepresentable:
            return self.entry

    # ---------------------------------------------------------------------------------------- its link

    async def live(self, door: Door) -> None:
        """Have a link from now on, again and again where it is cut."""
        await self.silent()
        self._life = asyncio.create_task(chores.steady("sim", partial(self._log_in, door)))

    async def silent(self) -> None:
        """Have no link: the unit goes on by itself, and nobody hears of it."""
        if self._life is not None:
            await chores.cancelled(self._life)
            self._life = None

    async def _log_in(self, door: Door) -> None:
        point, papers = self.endpoint, self.papers
        context = partial(secured, papers)
        ears = Ears(self.box.receive, point.presence, point.bounced, point.told)
        async with link.Link(door, context, ears) as session:
            point.link = session
            try:
                raise await session.ended or ConnectionError("the link has ended")
            finally:
                point.link = None


def secured(papers: Papers) -> ssl.SSLContext:
    """What the link presents and trusts."""
    return link.context((papers.service,), papers.certificate, papers.key)


def words(modes: messages.Modes) -> str:
    """The modes in force, for people."""
    said = modes.model_dump(exclude_none=True)
    return ", ".join(f"{mode} {_word(value)}".rstrip() for mode, value in said.items()) or "nothing"


def _word(value: object) -> str:
    if not isinstance(value, dict):
        return str(value)
    if "curve" in value:
        points = value["curve"]["point"]
        return f"along {len(points)} points"
    parts = (value.get("value"), value.get("unit"), value.get("of") and f"of {value['of']}")
    return " ".join(str(part) for part in parts if part)


@asynccontextmanager
async def outstation(
    papers: Papers, unit: Unit, clock: Callable[[], float], modes: frozenset[str] = frozenset()
) -> AsyncIterator[Outstation]:
    """Make a unit that is not running yet, and has no link; it follows all modes, if none is named."""
    image, judge = Image(), Judge(frozenset({masters(papers)}))
    point = endpoint(papers, judge, clock)
    reports = Reports(image, Memory(), point.room)
    estate = Estate(image)
    desk = Desk(estate, papers.lfdi, clock)
    floor = Floor(
        image, judge.allowed, desk.written, reports=reports, controls=Controls(image, desk),
        note=point.note, clear=_sealed,
    )  # fmt: skip
    point.server = Server(floor)
    box = Letterbox(papers.lfdi, masters(papers), point, Board())
    face = Face(unit, papers.lfdi, since=int(clock()), modes=modes)
    made = Outstation(papers, unit, clock, estate, point, reports, desk, judge, face, box)
    desk.moved = made.stir
    _founded(made, clock())
    image.watchers.append(desk.changed)
    try:
        yield made
    finally:
        await made.silent()
        await point.close()


def endpoint(papers: Papers, judge: Judge, clock: Callable[[], float]) -> Endpoint:
    """What speaks over a link: sealed, and with the bridge alone."""
    house = House(NO_STORE, _fresh, lambda _: True, _known, {}, clock)
    ring = Ring(tls.ders((papers.devices,)), [tls.ders((papers.bridge,))])
    sealing = Seals(papers.lfdi, seals.key(papers.key.read_bytes()), ring, lambda *_: False, Levels())
    return Endpoint(house, sealing, judge)


def _founded(made: Outstation, now: float) -> None:
    """Make the logical device of what the unit can do and how it is set."""
    lfdi, face = made.papers.lfdi, made.face
    able, set_ = face.capability(int(now)), face.setting(int(now))
    own = Plate(maker="derbridge", model="simulated inverter", serial=lfdi)
    drawn = device.unit(lfdi, able, bases.bases((able, set_), ()), now, plate=own, ied=IED)
    made.estate.add(lfdi, drawn)
    made.reports.join(drawn.name, now)
    made.estate.show(lfdi, set_, now)
    signs = {item: IEC for item in drawn.domain.leaves if item.endswith("$SP$PFSign$setVal")}
    made.estate.image.update(drawn.name, dict(signs), now)


def masters(papers: Papers) -> str:
    """Whose word counts: the bridge's."""
    return identity.lfdi(tls.ders((papers.bridge,))[0])


def _known(lfdi: str) -> talk.Peer:
    return talk.Peer(lfdi, identity.sfdi(lfdi))


def _sealed(peer: Peer, service: str) -> bool:
    """Take nothing in clear."""
    del peer, service
    return False


async def _fresh() -> None:
    """Read nothing anew."""
