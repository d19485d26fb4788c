"""The chapter of the aggregator: a volt-var curve for the whole group, commanded over IEC 61850.

The voltage is high meanwhile, so that each inverter, of either protocol, has to absorb what the curve says;
what it does comes from its physics. That the command is done the aggregator hears from the bridge, and then
ends it. Nothing goes wrong here on purpose.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from decimal import Decimal
from functools import partial

from bridge.app.demo import mapped
from bridge.app.demo.board import Chapter
from bridge.app.demo.scene import AGGREGATOR, Actor, Late, Scene, joined
from bridge.app.demo.telling import LONG, WITHIN, Asked, answered
from bridge.app.sim import command
from bridge.app.sim.command import Wanted
from bridge.app.sim.heard import Heard
from bridge.iec61850.device import IED, instance, named
from bridge.sdk.forms.grid import Control, ControlQuery
from models.der import messages

HIGH = 1.04
"""The voltage meanwhile, per unit."""
POINTS = ((96, 100), (98, 0), (102, 0), (106, -100))
"""Percent of the voltage, percent of the greatest reactive power."""
ABSORBED = 0.5
"""Part of its reactive power that the curve demands of an inverter at that voltage."""
KIND, OF = 11, "setMaxVar"


async def curve(scene: Scene, chapter: Chapter) -> None:
    """The aggregator commands a curve; every inverter follows it, and leaves it when told to."""
    async with joined(scene) as hand, _voltage(scene, HIGH):
        device = await hand.survey(named(IED, instance("G", scene.programme)))
        order = command.order(hand, _wanted(scene), 1)
        scene.say(AGGREGATOR, f"commands a volt-var curve of {len(POINTS)} points over IEC 61850")
        await _carried(chapter, "take", command.take(hand, order, device, scheduled=False))
        control = await _control(scene)
        scene.board.mapped = await mapped.control(scene.town, control.href, AGGREGATOR)
        await _absorbing(scene, chapter, ABSORBED)
        scene.say(AGGREGATOR, "switches the mode off")
        await _carried(chapter, "leave", command.leave(hand, order, device, scheduled=False))
        await _absorbing(scene, chapter, 0.0)
    asked = Asked(control.mrid, float(order.start), (1, 2, 6))
    await answered(scene, chapter, asked, scene.actors.values())


@asynccontextmanager
async def _voltage(scene: Scene, volts: float) -> AsyncIterator[None]:
    """Have another voltage everywhere."""
    for actor in scene.actors.values():
        actor.grid = actor.grid._replace(v=volts)
    try:
        yield
    finally:
        for actor in scene.actors.values():
            actor.grid = actor.grid._replace(v=1.0)


def _wanted(scene: Scene) -> Wanted:
    """What the aggregator wants."""
    points = tuple(messages.Point(x=Decimal(x), y=Decimal(y)) for x, y in POINTS)
    use = messages.CurveUse(curve=messages.Curve(kind=KIND, yOf=OF, point=points))
    return Wanted(scene.programme, messages.Modes(voltVar=use), time.time(), LONG)


async def _carried(chapter: Chapter, what: str, carrying: Awaitable[Heard]) -> None:
    """Have an order carried out, and note what the bridge says to it."""
    began = time.monotonic()
    heard = await carrying
    if heard.word != "done":
        raise Late(f"the aggregator's command: {heard}")
    took = time.monotonic() - began
    chapter.took[f"{AGGREGATOR}: {what}"] = took
    chapter.seen.append((AGGREGATOR, f"hears that its command to {what} is done after {took:.1f} s"))


async def _control(scene: Scene) -> Control:
    """The control that its command has become."""
    rows = await scene.town.api.controls.list(ControlQuery(programme=scene.numbers["programme"])).all()
    return max(rows, key=lambda one: one.id)


async def _absorbing(scene: Scene, chapter: Chapter, part: float) -> None:
    """Wait until everybody absorbs a part of what it can."""
    for actor in scene.actors.values():
        wanted = 0.0 - part * actor.plate.var
        took = await scene.until(f"{actor.name} gives {wanted:,.0f} var", partial(_near, actor, wanted))
        chapter.took[f"{actor.name} at {wanted:.0f} var"] = took
        chapter.seen.append((actor.name, f"gives {actor.output.var:z,.0f} var of {wanted:,.0f} var"))


def _near(actor: Actor, var: float) -> bool:
    return abs(actor.output.var - var) <= WITHIN * actor.plate.var
