"""A scenario at a real server: units of both protocols, a head-end that is its operator, and aggregators.

Time goes by as the server's does. The units have the light model in the scenario's grid; 2030.5 clients are
those of `derbridge sim inverter`, 61850 units those of `derbridge sim outstation`. What is expected is
watched as it is without a network, and responses are read from the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bridge.app import chores
from bridge.app.fault import Fault
from bridge.app.sim.clock import Clock
from bridge.app.sim.headend import Headend
from bridge.app.sim.holder import Holder
from bridge.app.sim.outstation import plant
from bridge.app.sim.physics.grid import Grid
from bridge.app.sim.scene import Scene, Step
from bridge.app.sim.stage import Played, Seen, Weather, weather
from bridge.app.sim.troupe import Age, Party, Place, holder, troupe
from bridge.app.sim.unit import Output
from bridge.app.sim.verdict import Hearings, Responses, Watch, watches
from bridge.sdk.client import Client

RARELY = 1.0
"""Seconds between two reads of the responses, at least."""
PATIENCE = 90.0
"""Seconds that the bridge has to look at them."""
BEHIND = "61850"


@dataclass(slots=True)
class Venue:
    """A scenario on its way."""

    scene: Scene
    headend: Headend
    parties: Mapping[str, Party]
    clock: Clock
    age: Age
    holders: dict[str, Holder] = field(default_factory=dict)
    meant: dict[int, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Which devices a step of an aggregator is for, and whom they stand for, by its number."""

    async def gather(self) -> None:
        """Have everybody known, and what is to be commanded looked at, before time is counted."""
        waits = self.scene.aggregators
        await self.headend.known(
            name for name, one in self.parties.items() if waits or one.kind.protocol == BEHIND
        )
        await self._minded()
        for number, step in enumerate(self.scene.story):
            if step.by is not None and step.do != "cancel":
                self.meant[number] = await self.headend.meant(step)
                await self.holders[step.by].ready(self.meant[number])

    async def _minded(self) -> None:
        """Wait until the bridge knows what the units behind its relay can be told."""
        until = self.clock.now() + PATIENCE
        while missing := [name for name, one in self.parties.items() if not one.minded()]:
            if self.clock.now() > until:
                raise Fault(missing[0], f"was not looked at by the bridge within {PATIENCE:.0f} s")
            await self.clock.sleep(self.scene.step)

    async def act(self, number: int) -> None:
        """Have a step of the story done."""
        step = self.scene.story[number]
        if step.by is None:
            await self.headend.do(step)
            return
        if step.do != "cancel":
            await self.headend.expect(step)
        self.holders[step.by].begin(step, self.meant[self._made(step, number)])

    def _made(self, step: Step, number: int) -> int:
        """The step that a cancellation is of, or the step itself."""
        if step.do != "cancel":
            return number
        return next(at for at in self.meant if self.scene.story[at].name == step.name)

    def hearings(self) -> Hearings:
        """What all aggregators have heard."""
        return {name: rows for one in self.holders.values() for name, rows in one.heard.items()}


async def play(scene: Scene, folder: Path, place: Place, site: Client, seen: Seen) -> Played:
    """Play it to its end, and leave the server as it was."""
    if all(kind.protocol == "none" for kind in scene.inverters):
        raise Fault(scene.name, "at a server every kind of inverter speaks a protocol")
    headend, clock = Headend(site, scene), Clock()
    age = Age(clock)
    try:
        async with troupe(scene, place, clock, age) as parties:
            holders = {one.name: place.who(f"sim-{one.name}", "aggregator") for one in scene.aggregators}
            await headend.enter(
                {name: (one.newcomer(scene, holders), one.kind.group) for name, one in parties.items()},
                (who.lfdi for who in holders.values()),
            )
            venue = Venue(scene, headend, parties, clock, age)
            async with _joined(venue, place), _running(parties.values()):
                await venue.gather()
                return await _acts(venue, weather(scene, folder), seen)
    finally:
        await headend.leave()


@asynccontextmanager
async def _joined(venue: Venue, place: Place) -> AsyncIterator[None]:
    """Have the aggregators at the relay."""
    async with AsyncExitStack() as stack:
        for one in venue.scene.aggregators:
            made = await stack.enter_async_context(holder(venue.scene, one.name, place, venue.clock))
            venue.holders[one.name] = made
        yield


@asynccontextmanager
async def _running(parties: Iterable[Party]) -> AsyncIterator[None]:
    """Have all units run."""
    tasks = [asyncio.create_task(one.run()) for one in parties]
    try:
        yield
    finally:
        for task in tasks:
            await chores.cancelled(task)


async def _acts(venue: Venue, sky: Weather, seen: Seen) -> Played:
    """Let time go by, look by look."""
    scene, watched, clock = venue.scene, watches(venue.scene), venue.clock
    story = sorted(range(len(scene.story)), key=lambda number: scene.story[number].at)
    begin, t, last, asked = venue.age.begin(), 0.0, 0.0, -RARELY
    outputs: dict[str, Output] = {}
    responses: Responses = {}
    while t <= scene.lasts:
        while story and scene.story[story[0]].at <= t:
            await venue.act(story.pop(0))
        grid, sun = sky.at(t), sky.sun(t)
        outputs = {name: _stepped(one, grid, sun, (t, t - last)) for name, one in venue.parties.items()}
        if t - asked >= RARELY and any(_near(one, t) for one in watched):
            responses, asked = await venue.headend.responses(), t
        for watch in watched:
            watch.look(t, outputs, responses, venue.hearings())
        seen(t, outputs)
        await clock.sleep(begin + t + scene.step - clock.now())
        last, t = t, clock.now() - begin
    return Played(tuple(one.row() for one in watched), outputs, await venue.headend.responses())


def _near(watch: Watch, t: float) -> bool:
    """Whether responses are looked at now."""
    one = watch.expect
    return bool(one.responses) and one.at <= t <= one.at + one.within + one.lasts + RARELY


def _stepped(party: Party, grid: Grid, sun: float, when: tuple[float, float]) -> Output:
    """Let time go by for a unit, and give what its meter says."""
    kind, (t, seconds) = party.kind, when
    sunny = kind.wh == 0 if kind.sunny is None else kind.sunny
    found = party.light.step(grid, sun * kind.watts if sunny else 0.0, seconds)
    return plant.warped(found, party.faults, t)
