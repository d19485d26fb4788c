"""A scenario at a real server: its units are 2030.5 clients over mutual TLS, its head-end an operator.

Time goes by as the server's does. The units have the light model in the scenario's grid, and the clients are
those of `derbridge sim inverter`; certificates are issued where they are missing. What is expected is watched
as it is without a network, and responses are read from the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bridge.app.fault import Fault
from bridge.app.sim import script
from bridge.app.sim.clock import Clock
from bridge.app.sim.headend import Headend
from bridge.app.sim.inverter import fleet
from bridge.app.sim.inverter.identity import Identity
from bridge.app.sim.inverter.inverter import Inverter
from bridge.app.sim.physics.grid import Grid
from bridge.app.sim.physics.light import Light
from bridge.app.sim.scene import Inverters, Scene
from bridge.app.sim.stage import Played, Seen, Weather, weather
from bridge.app.sim.unit import Output
from bridge.app.sim.verdict import Responses, Watch, watches
from bridge.sdk.client import Client
from bridge.sep2.client.plant import Options

RARELY = 1.0
"""Seconds between two reads of the responses, at least."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scenario is played."""

    server: str
    """Address of DeviceCapability."""
    pki: Path
    """Folder of certificates."""
    profile: str = "csip"
    poll: float = 5.0
    """Seconds between two reads of anything, at most."""
    named: bool = True


@dataclass(slots=True)
class Party:
    """A unit and the client that speaks for it."""

    kind: Inverters
    light: Light
    inverter: Inverter


async def play(scene: Scene, folder: Path, place: Place, site: Client, seen: Seen) -> Played:
    """Play it to its end, and leave the server as it was."""
    _possible(scene)
    headend, clock = Headend(site, scene), Clock()
    parties = _parties(scene, place, clock)
    tasks: list[asyncio.Task[None]] = []
    try:
        members = {name: (one.inverter.identity.lfdi, one.kind.group) for name, one in parties.items()}
        await headend.enter(members)
        tasks = [asyncio.create_task(one.inverter.run()) for one in parties.values()]
        return await _acts(scene, headend, parties, weather(scene, folder), (clock, seen))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await headend.leave()


def _possible(scene: Scene) -> None:
    """Refuse what only a scenario without a network can do."""
    if any(kind.protocol != "2030.5" for kind in scene.inverters):
        raise Fault(scene.name, 'at a server every kind of inverter says protocol = "2030.5"')
    if any(kind.model != "light" for kind in scene.inverters):
        raise Fault(
            scene.name, "OpenDER has one time step for all of its units: at a server the model is light"
        )
    if any(step.do in {"cut", "mend"} for step in scene.story):
        raise Fault(scene.name, "a server is not cut off: give its units a fault of silence")


def _parties(scene: Scene, place: Place, clock: Clock) -> dict[str, Party]:
    """Everybody, with a certificate each."""
    chance = Random(scene.seed)  # noqa: S311 - a simulated draw
    options = Options(
        profile=place.profile, most=place.poll, post_rate=place.poll, patience=scene.patience,
        seed=str(scene.seed), enrol=False,
    )  # fmt: skip
    found: dict[str, Party] = {}
    for kind in scene.inverters:
        for name in kind.names():
            (who,) = fleet.whos(place.pki, f"sim-{name}", 1)
            light = Light(script.build(kind, scene.grid.hertz, chance.random()))
            found[name] = Party(kind, light, _inverter(kind, light, who, (place, options, clock)))
    return found


def _inverter(kind: Inverters, light: Light, who: Identity, how: tuple[Place, Options, Clock]) -> Inverter:
    place, options, clock = how
    return Inverter(
        light, clock.now, who, place.server, options, faults=script.faults(kind), look=1.0, named=place.named,
    )  # fmt: skip


async def _acts(
    scene: Scene, headend: Headend, parties: Mapping[str, Party], sky: Weather, how: tuple[Clock, Seen]
) -> Played:
    """Let time go by, look by look."""
    clock, seen = how
    story, watched = sorted(scene.story, key=lambda one: one.at), watches(scene)
    begin, t, last, asked = clock.now(), 0.0, 0.0, -RARELY
    outputs: dict[str, Output] = {}
    responses: Responses = {}
    while t <= scene.lasts:
        while story and story[0].at <= t:
            await headend.do(story.pop(0))
        grid, sun = sky.at(t), sky.sun(t)
        outputs = {name: _stepped(one, grid, sun, t - last) for name, one in parties.items()}
        if t - asked >= RARELY and any(_near(one, t) for one in watched):
            responses, asked = await headend.responses(), t
        for watch in watched:
            watch.look(t, outputs, responses)
        seen(t, outputs)
        await clock.sleep(begin + t + scene.step - clock.now())
        last, t = t, clock.now() - begin
    return Played(tuple(one.row() for one in watched), outputs, await headend.responses())


def _near(watch: Watch, t: float) -> bool:
    """Whether responses are looked at now."""
    one = watch.expect
    return one.control is not None and one.at <= t <= one.at + one.within + one.lasts + RARELY


def _stepped(party: Party, grid: Grid, sun: float, seconds: float) -> Output:
    kind = party.kind
    sunny = kind.wh == 0 if kind.sunny is None else kind.sunny
    return party.light.step(grid, sun * kind.watts if sunny else 0.0, seconds)
