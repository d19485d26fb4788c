"""Parties of a bridge that is killed: 2030.5 inverters that poll or subscribe, 61850 units behind the relay.

They live in this process and go on while there is no bridge, as real ones would. Each notes what it follows,
one after the other. What anybody asks of them is not known here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from bridge.app import chores
from bridge.app.sim.inverter import fleet, identity
from bridge.app.sim.inverter.inverter import Inverter
from bridge.app.sim.inverter.listener import Listener, listening
from bridge.app.sim.outstation.station import Papers, outstation
from bridge.sep2.client.call import Call, Reply
from bridge.sep2.client.plant import Options
from bridge.transports.stream import Door
from bridge.trust.folder import Client
from tests.app.wreck.bridge import Bridge
from tests.app.wreck.panel import FEW, NOTHING, PROFILE, Panel
from tests.served import DOMAIN

POLLING, SUBSCRIBING, UNITS = ("pv-1", "pv-2"), ("pv-3",), ("unit-1", "unit-2")
MUTE = UNITS[1]
"""Its schedules cannot bear whose they are, so that it is commanded."""
QUICK = Options(profile=PROFILE, most=1.0, post_rate=1.0, first=0.2, longest=1.0, enrol=False)
HOST = "127.0.0.1"
BEAT = 0.5


@dataclass
class Parties:
    """All of them, by name."""

    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever somebody does something."""
    panels: dict[str, Panel] = field(default_factory=dict)
    lfdis: dict[str, str] = field(default_factory=dict)
    doors: dict[str, Door] = field(default_factory=dict)
    """Where those behind the relay log in."""
    lives: list[Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def begin(self) -> None:
        """Have all of them speak."""
        self.tasks = [asyncio.create_task(life()) for life in self.lives]

    def heard(self, call: Call, reply: Reply | None) -> None:
        """Take note that an inverter has told something."""
        if reply is not None and call.method != "GET":
            self.stirred.set()

    def sound(self) -> None:
        """Raise what has ended any of them."""
        for task in self.tasks:
            if task.done():
                task.result()

    def panel(self, name: str, client: Client) -> Panel:
        """Make somebody."""
        self.lfdis[name] = client.lfdi
        self.panels[name] = Panel(self.stirred.set)
        return self.panels[name]

    def told(self) -> dict[str, list[str]]:
        """What each has followed; a command that runs out leaves nothing until the default is told."""
        return {
            name: [one for one, _ in groupby(said for said in panel.told if said != NOTHING)]
            for name, panel in self.panels.items()
        }


@asynccontextmanager
async def gathered(bridge: Bridge) -> AsyncIterator[Parties]:
    """Make all of them, who have not begun, and end them when the context ends."""
    made = Parties()
    async with AsyncExitStack() as stack:
        ear = await stack.enter_async_context(listening(fleet.ear(bridge.site.pki.path, HOST), HOST))
        for name in POLLING + SUBSCRIBING:
            _inverter(bridge, made, name, ear)
        for name in UNITS:
            await _unit(bridge, made, name, stack)
        try:
            yield made
        finally:
            for task in made.tasks:
                await chores.cancelled(task)


def _inverter(bridge: Bridge, made: Parties, name: str, ear: Listener) -> None:
    client = bridge.site.pki.client(name, "device")
    who = identity.read(client.certificate, client.key, client.root)
    subscribes = name in SUBSCRIBING
    options = replace(QUICK, most=float("inf"), notify=ear.url(name)) if subscribes else QUICK
    one = Inverter(
        made.panel(name, client), time.time, who, f"{bridge.site.url}/dcap", options, look=BEAT,
        heard=made.heard,
    )  # fmt: skip
    ear.takers[name] = one.notified
    made.lives.append(one.run)


async def _unit(bridge: Bridge, made: Parties, name: str, stack: AsyncExitStack) -> None:
    pki = bridge.site.pki
    client, roots = pki.client(name, "device"), pki.path / "roots"
    believed = roots / "service.pem", roots / "serca.pem", pki.certificate
    papers = Papers(client.lfdi, client.certificate, client.key, *believed)
    panel = made.panel(name, client)
    one = await stack.enter_async_context(outstation(papers, panel, time.time, FEW))
    one.beat, one.desk.described = BEAT, name != MUTE
    address = f"{client.lfdi.lower()}@{DOMAIN}/IEC"
    made.doors[name] = Door(address, HOST, bridge.site.ports["direct"], direct=True)

    async def life() -> None:
        """Log in, and go on."""
        await one.live(made.doors[name])
        await one.run()

    made.lives.append(life)
