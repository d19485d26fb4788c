"""Who plays a scenario at a real server: a unit of the light model for each name, and who speaks for it.

Certificates are issued where they are missing, and laid where the bridge reads those of its parties. Before
the scenario begins nobody has an age, so that no fault is early. Here is only who there is, nothing they do.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from bridge.app.fault import Fault
from bridge.app.sim import script, sense
from bridge.app.sim.clock import Clock
from bridge.app.sim.enrol import Newcomer
from bridge.app.sim.holder import Holder
from bridge.app.sim.inverter import fleet
from bridge.app.sim.inverter.faults import Faults
from bridge.app.sim.inverter.identity import Identity
from bridge.app.sim.inverter.inverter import Inverter
from bridge.app.sim.joining import joined
from bridge.app.sim.outstation.plant import plant
from bridge.app.sim.physics.light import Light
from bridge.app.sim.scene import Inverters, Scene
from bridge.app.sim.way import Way
from bridge.sep2.client.plant import Options

UNBORN = -1e-9
"""Age of those whose time has not begun."""
BEAT = 0.5
"""Seconds between two looks of a 61850 unit at its physics."""


def _nowhere() -> Way:
    raise Fault("--relay", "61850 needs the relay: name it as HOST:PORT, or a folder with --site")


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
    relay: Callable[[], Way] = _nowhere
    """The way to the bridge over its relay; asked where somebody speaks 61850."""
    told: Callable[[str], None] = lambda _text: None
    """Told what a person should know."""

    def who(self, name: str, role: str = "device") -> Identity:
        """The certificate of a name."""
        (found,) = fleet.whos(self.pki, name, 1, role)
        return found


@dataclass(slots=True)
class Age:
    """Seconds since a scenario began."""

    clock: Clock
    since: float | None = field(default=None)

    def begin(self) -> float:
        """Count from now on; gives the moment."""
        self.since = self.clock.now()
        return self.since

    def __call__(self) -> float:
        """How many they are."""
        return UNBORN if self.since is None else self.clock.now() - self.since


class Party(NamedTuple):
    """A unit, and what has it speak."""

    name: str
    kind: Inverters
    light: Light
    faults: Faults
    lfdi: str
    address: str
    """Where it speaks at the relay, if it does."""
    run: Callable[[], Coroutine[Any, Any, None]]
    minded: Callable[[], bool] = lambda: True
    """Whether the bridge has looked at what it can be told."""

    def newcomer(self, scene: Scene, holders: Mapping[str, Identity]) -> Newcomer:
        """The unit as its operator registers it."""
        holder = next((who.lfdi for name, who in holders.items() if self.name in sense.held(scene, name)), "")
        return Newcomer(self.name, self.lfdi, self.address, holder.upper())


@asynccontextmanager
async def troupe(scene: Scene, place: Place, clock: Clock, age: Age) -> AsyncIterator[dict[str, Party]]:
    """Everybody, who does not run yet."""
    _introduced(scene, place)
    chance, found = Random(scene.seed), dict[str, Party]()  # noqa: S311 - a simulated draw
    async with AsyncExitStack() as stack:
        for kind in scene.inverters:
            for name in kind.names():
                light = Light(script.build(kind, scene.grid.hertz, chance.random()))
                who = place.who(f"sim-{name}")
                if kind.protocol == "61850":
                    made = _behind(kind, light, who, (place, clock, age))
                    found[name] = await stack.enter_async_context(made)
                else:
                    found[name] = _polling(scene, kind, light, who, (place, clock, age))
                found[name] = found[name]._replace(name=name)
        yield found


def _introduced(scene: Scene, place: Place) -> None:
    """Lay the certificates of those who speak 61850 where the bridge finds them."""
    behind = [name for kind in scene.inverters if kind.protocol == "61850" for name in kind.names()]
    roles = dict.fromkeys(behind, "device") | {one.name: "aggregator" for one in scene.aggregators}
    if roles:
        whos = [place.who(f"sim-{name}", role) for name, role in roles.items()]
        fresh = place.relay().introduce(whos)
        if fresh:
            place.told(f"new among the bridge's parties, which it reads at SIGHUP: {', '.join(fresh)}")


How = tuple[Place, Clock, Age]


def _polling(scene: Scene, kind: Inverters, light: Light, who: Identity, how: How) -> Party:
    """A unit that speaks 2030.5."""
    place, clock, age = how
    options = Options(
        profile=place.profile, most=place.poll, post_rate=place.poll, patience=scene.patience,
        seed=str(scene.seed), enrol=False,
    )  # fmt: skip
    faults = script.faults(kind)
    made = Inverter(
        light, clock.now, who, place.server, options, faults=faults, look=1.0, named=place.named, aged=age,
        modes=script.followed(kind),
    )  # fmt: skip
    return Party("", kind, light, faults, who.lfdi, "", made.run)


@asynccontextmanager
async def _behind(kind: Inverters, light: Light, who: Identity, how: How) -> AsyncIterator[Party]:
    """A unit that speaks 61850 behind the relay."""
    place, clock, age = how
    way, faults = place.relay(), script.faults(kind)
    door = way.door(who)
    async with plant(
        way.papers(who), light, door, faults, (clock.now, age), modes=script.followed(kind)
    ) as made:
        made.made.beat = BEAT
        yield Party("", kind, light, faults, who.lfdi, door.address, made.run, lambda: made.minded)


@asynccontextmanager
async def holder(scene: Scene, name: str, place: Place, clock: Clock) -> AsyncIterator[Holder]:
    """An aggregator at the relay."""
    way, who = place.relay(), place.who(f"sim-{name}", "aggregator")
    async with joined(way, who, clock.now) as hand:
        made = Holder(name, hand, scene)
        try:
            yield made
        finally:
            await made.close()
