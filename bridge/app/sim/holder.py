"""An aggregator of a scenario: it commands devices as the story says, and keeps what it hears of each.

Each command is a task, since its end may be long in coming; what one device is told waits for what it was
told before. A device that is not shown yet is waited for. It knows nothing of what units do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.app import chores
from bridge.app.facility import line
from bridge.app.office import modes as figures
from bridge.app.sim import command, script
from bridge.app.sim.aggregator import Aggregator
from bridge.app.sim.command import Wanted
from bridge.app.sim.heard import Heard
from bridge.app.sim.scene import Scene, Step
from bridge.iec61850.carrying.survey import Survey
from bridge.iec61850.discovery import Excess
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.shape import Mismatch, OutOfRange
from bridge.ports import Away, Order

SHOWN = 30.0
"""Seconds that a device has to be shown."""
PAUSE = 0.5


@dataclass(slots=True)
class Holder:
    """One aggregator, with what it has commanded."""

    name: str
    hand: Aggregator
    scene: Scene
    heard: dict[str, dict[str, Heard]] = field(default_factory=dict)
    _surveys: dict[str, Survey] = field(default_factory=dict)
    _orders: dict[tuple[str, str], Order] = field(default_factory=dict)
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _number: int = 0

    async def ready(self, domains: Mapping[str, object]) -> None:
        """Find out what devices have, before they are commanded in earnest."""
        for domain in domains:
            await self._device(domain)

    def begin(self, step: Step, domains: Mapping[str, tuple[str, ...]]) -> None:
        """Begin a step at devices, each with the units that it stands for."""
        for domain, units in domains.items():
            task = asyncio.create_task(self._told(step, domain, units))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Wait for nothing any more."""
        for task in tuple(self._tasks):
            await chores.cancelled(task)

    async def _told(self, step: Step, domain: str, units: tuple[str, ...]) -> None:
        async with self._turns.setdefault(domain, asyncio.Lock()):
            try:
                said = await self._done(step, domain)
            except (Away, line.Away) as away:
                said = Heard("nothing", why=str(away))
            except (Refusal, Excess, Mismatch, OutOfRange) as error:
                said = Heard("refused", why=str(error))
        if step.do != "cancel" or said.word != "done":
            rows = self.heard.setdefault(script.mrid(step.name or ""), {})
            rows.update(dict.fromkeys(units, said))

    async def _done(self, step: Step, domain: str) -> Heard:
        device = await self._device(domain)
        if device is None:
            return Heard("nothing", why=f"{domain} is not shown")
        key = (step.name or "", domain)
        if step.do == "cancel":
            held = self._orders.get(key)
            if held is None:
                return Heard("nothing", why="it was never commanded")
            return await command.leave(self.hand, held, device, scheduled=self._scheduled(step))
        self._number += 2
        self._orders[key] = command.order(self.hand, self._wanted(step), self._number)
        return await command.take(self.hand, self._orders[key], device, scheduled=step.do == "schedule")

    def _scheduled(self, step: Step) -> bool:
        """Whether what is cancelled was written as a schedule."""
        return any(one.name == step.name and one.do == "schedule" for one in self.scene.story)

    def _wanted(self, step: Step) -> Wanted:
        modes = script.drawn(self.scene, figures.said(step.modes))
        return Wanted(script.mrid(step.name or ""), modes, self.hand.clock() + step.after, step.lasts)

    async def _device(self, domain: str) -> Survey | None:
        """What a device has, looked at once; None where it is not shown in time."""
        if domain in self._surveys:
            return self._surveys[domain]
        for _ in range(int(SHOWN / PAUSE)):
            if domain in await self.hand.devices():
                self._surveys[domain] = await self.hand.survey(domain)
                return self._surveys[domain]
            await asyncio.sleep(PAUSE)
        return None
