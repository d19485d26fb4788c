"""The cast of the demonstration: inverters with OpenDER's physics, a head-end, an aggregator, and the grid.

Each inverter is a party of its own with its own certificate; what it is asked to do, and what it does, it
notes on the board. The grid and the sun are moved by the story. Nothing here knows what should come out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from math import inf

from bridge.app import chores
from bridge.app.demo.board import Board, Hold, Moment, Tile
from bridge.app.demo.town import Town
from bridge.app.sim.aggregator import Aggregator, aggregator
from bridge.app.sim.inverter import identity
from bridge.app.sim.inverter.faults import Faults
from bridge.app.sim.inverter.inverter import SOUND, Inverter
from bridge.app.sim.outstation import station
from bridge.app.sim.outstation.station import Outstation, Papers, outstation
from bridge.app.sim.physics.grid import Build, Grid
from bridge.app.sim.physics.guard import Guard, levels
from bridge.app.sim.physics.referee import Referee
from bridge.app.sim.unit import Output, Plate
from bridge.sep2.client.call import Call, Reply
from bridge.sep2.client.plant import Options
from bridge.trust.folder import Client
from models.der import messages

PV = Plate(10_000.0, 12_000.0, 5_280.0)
STORE = Plate(5_000.0, 6_000.0, 2_640.0, charge=5_000.0, wh=13_500.0)
CAST = {
    "pv-1": ("2030.5", PV),
    "pv-2": ("2030.5", PV),
    "pv-3": ("2030.5", PV),
    "pv-4": ("61850", PV),
    "pv-5": ("61850", PV),
    "storage": ("61850", STORE),
}
"""The inverters, what they speak, and their ratings."""
AGGREGATOR = "aggregator"
MODES = frozenset({"connect", "energize", "maxLimW", "fixedVar", "voltVar", "voltWatt", "freqDroop"})
"""What the inverters follow: what OpenDER has a function for."""
SUN = 9_500.0
OWN = {"fixedW": messages.Amount(value=Decimal(100), unit=messages.Unit.percent, of="setMaxW")}
"""What the storage does by itself: it gives all that it may."""
BEAT = 0.2
BARS = 40
"""Bars of a timeline that are kept."""
RESPONSE = 1.0
"""Seconds to nine tenths of a change."""
QUICK = Options(profile="2018", most=1.0, post_rate=1.0, first=0.2, longest=1.0, patience=8.0, enrol=False)
PATIENCE = 90.0
REVOKED = 403
DEFAULT = 90
"""Percent of the rating while no control holds."""
SILENT = Faults(silence=((0.0, float("inf")),))
PARTIES = {**dict.fromkeys(CAST, "device"), AGGREGATOR: "aggregator"}


class Late(Exception):
    """Something did not come about in time."""


@dataclass(slots=True)
class Actor:
    """An inverter: its certificate, its physics, its tile."""

    name: str
    client: Client
    protocol: str
    physics: Referee
    tile: Tile
    board: Board
    guard: Guard
    """What looks at the grid for alarms; OpenDER tells none."""
    grid: Grid = Grid()  # noqa: RUF009 - it is immutable
    modes: messages.Modes = field(default_factory=messages.Modes)
    changes: list[tuple[float, messages.Modes]] = field(default_factory=list)
    """When what was in force changed."""
    outstation: Outstation | None = None
    inverter: Inverter | None = None

    @property
    def plate(self) -> Plate:
        """Its ratings."""
        return self.physics.plate

    @property
    def output(self) -> Output:
        """What it does now."""
        return self.physics.output._replace(alarms=self.guard.alarms)

    @property
    def free(self) -> float:
        """What it gives where nothing is asked of it."""
        return self.plate.watts if self.physics.build.stores else SUN

    def demand(self, modes: messages.Modes, entry: messages.GridEntry) -> None:
        """Do what is asked, and say so on the board."""
        self.physics.demand(modes.model_copy(update=OWN if self.physics.build.stores else {}), entry)
        if modes == self.modes:
            return  # something beside the modes was told
        now = time.time()
        self.modes = modes
        self.changes.append((now, modes))
        self.tile.holds = held(self.tile.holds, modes, now, self.name)
        self.tile.doing = station.words(modes).removeprefix("nothing")
        self.board.say(now, self.name, f"follows {station.words(modes)}")

    async def run(self) -> None:
        """Speak, measure and follow, as long as it is not cancelled."""
        if self.outstation is not None:
            await self.outstation.run()
        if self.inverter is not None:
            await self.inverter.run()

    def step(self, seconds: float) -> None:
        """Let time go by."""
        self.guard.judge(self.grid, seconds)
        found = self.physics.step(self.grid, 0.0 if self.physics.build.stores else SUN, seconds)
        self.tile.moments.append(Moment(time.time(), found.w, found.var, found.v, found.hz))
        self.tile.soc, self.tile.connected = found.soc, found.connected and found.operating

    def heard(self, call: Call, reply: Reply | None) -> None:
        """Note whether the server answers."""
        del call
        self.tile.link = "down" if reply is None or reply.status == REVOKED else "up"


def asks(modes: messages.Modes, percent: int) -> bool:
    """Whether modes limit an inverter to so much."""
    return modes.maxLimW is not None and modes.maxLimW.value == percent


def held(before: tuple[Hold, ...], modes: messages.Modes, now: float, name: str) -> tuple[Hold, ...]:
    """What an inverter follows and has followed, now that these modes are in force."""
    said = {
        mode: station.words(messages.Modes(**{mode: value})).removeprefix(f"{mode} ")
        for mode, value in modes
        if value is not None
    }
    kept = tuple(
        one if one.end <= now or said.get(one.mode) == one.text else one._replace(end=now) for one in before
    )
    going = {one.mode for one in kept if one.end > now}
    usual = asks(modes, DEFAULT)
    begun = (
        Hold(mode, now, inf, text, name, default=usual and mode == "maxLimW")
        for mode, text in said.items()
        if mode not in going
    )
    return (*kept, *begun)[-BARS:]


@dataclass(slots=True)
class Scene:
    """Everybody."""

    town: Town
    board: Board
    actors: dict[str, Actor]
    numbers: dict[str, int] = field(default_factory=dict)
    """Numbers of groups and programmes that the head-end has made, by name."""
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def say(self, who: str, text: str) -> None:
        """Note what somebody saw."""
        self.board.say(time.time(), who, text)

    patience: float = PATIENCE
    pace: float = 0.0
    """Seconds until everybody followed a control and had said so: what this machine needs."""
    programme: str = ""
    """mRID of the head-end's programme."""

    async def pause(self) -> None:
        """Give others time."""
        await asyncio.sleep(BEAT)

    async def until(self, what: str, holds: Callable[[], bool | Awaitable[bool]]) -> float:
        """Wait until something holds; gives the seconds that it took, Late where it does not come."""
        began = time.monotonic()
        while True:
            found = holds()
            if await found if isinstance(found, Awaitable) else found:
                return time.monotonic() - began
            if time.monotonic() - began > self.patience:
                raise Late(f"after {self.patience:.0f} s still not: {what}")
            await asyncio.sleep(BEAT / 2)

    async def beat(self) -> None:
        """Let the physics of all of them run, as long as it is not cancelled."""
        last = time.monotonic()
        while True:
            await asyncio.sleep(BEAT)
            now = time.monotonic()
            for actor in self.actors.values():
                actor.step(now - last)
            self.board.now, last = time.time(), now
            one = next(iter(self.actors.values()))
            self.board.grid = (one.grid.v, one.grid.hz)

    # ----------------------------------------------------------------------------------- coming and going

    async def connect(self, actor: Actor) -> None:
        """Have an inverter speak, or speak again."""
        if actor.outstation is not None:
            await actor.outstation.live(self.town.door(actor.client))
            actor.tile.link = "up"
        if actor.inverter is not None:
            actor.inverter.faults = SOUND
        if actor.name not in self.running:
            self.running[actor.name] = asyncio.create_task(actor.run())

    async def cut(self, actor: Actor) -> None:
        """Have nobody hear of it, and it of nobody, while it goes on."""
        if actor.outstation is not None:
            await actor.outstation.silent()
        if actor.inverter is not None:
            actor.inverter.faults = SILENT
        actor.tile.link = "down"


def papers(town: Town, who: Client) -> Papers:
    """What a party behind the relay shows and believes."""
    roots = town.folder.path / "roots"
    return Papers(
        who.lfdi, who.certificate, who.key, roots / "service.pem", roots / "serca.pem",
        town.folder.certificate,
    )  # fmt: skip


@asynccontextmanager
async def scene(town: Town, board: Board, names: Iterable[str] = CAST) -> AsyncIterator[Scene]:
    """Make everybody, or some of the cast; nobody is connected yet."""
    async with AsyncExitStack() as stack:
        actors = {name: await _actor(town, board, name, stack) for name in names}
        made = Scene(town, board, actors)
        beating = asyncio.create_task(made.beat())
        stack.push_async_callback(_ended, made, beating)
        yield made


async def _actor(town: Town, board: Board, name: str, stack: AsyncExitStack) -> Actor:
    protocol, plate = CAST[name]
    client = town.folder.known(name)
    kind = "storage" if plate.wh else "photovoltaic"
    tile = board.tiles[name] = Tile(name, client.lfdi, protocol, kind, plate.watts)
    physics = Referee(Build(plate, response=RESPONSE))
    guard = Guard(levels(messages.Modes(), physics.build))
    actor = Actor(name, client, protocol, physics, tile, board, guard)
    if protocol == "61850":
        actor.outstation = await stack.enter_async_context(
            outstation(papers(town, client), actor, time.time, MODES)
        )
        actor.outstation.beat = BEAT * 2
    else:
        who = identity.read(client.certificate, client.key, client.root)
        actor.inverter = Inverter(
            actor, time.time, who, f"{town.url}/dcap", QUICK, look=BEAT, heard=actor.heard,
            modes=MODES,
        )  # fmt: skip
    return actor


async def _ended(made: Scene, beating: asyncio.Task[None]) -> None:
    for task in (beating, *made.running.values()):
        await chores.cancelled(task)


@asynccontextmanager
async def joined(made: Scene) -> AsyncIterator[Aggregator]:
    """Have the aggregator at the relay."""
    town = made.town
    who = town.folder.known(AGGREGATOR)
    async with aggregator(papers(town, who), town.door(who), town.address, time.time) as found:
        yield found
