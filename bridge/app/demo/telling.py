"""What the chapters of the demonstration have in common: to post, to wait for what must follow, to note it.

What an inverter must do follows from the words of the control and its own plate; what it does comes from its
physics. Nothing here knows a story.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from bridge.app.demo import mapped
from bridge.app.demo.board import Chapter
from bridge.app.demo.scene import Actor, Late, Scene
from bridge.app.sim.answers import answers, statuses
from bridge.sdk.forms import grid
from bridge.sdk.forms.modes import Modes

WITHIN = 0.01
"""Part of the rating by which an inverter may miss what is demanded."""
LONG = 600
"""Seconds that a control is posted for which is ended when it was looked at."""
LIMIT = 50
"""Percent of the rating while a control holds."""


def near(actor: Actor, watts: float) -> bool:
    """Whether an inverter gives so much active power."""
    return abs(actor.output.w - watts) <= WITHIN * actor.plate.watts


def expect(chapter: Chapter, what: str, holds: object) -> None:
    """Note that something is not as it should be."""
    if not holds:
        chapter.wrong.append(what)


async def post(scene: Scene, percent: int, seconds: int) -> tuple[grid.Control, float]:
    """Have the head-end limit all of them; gives the control, and when it was posted."""
    said = grid.ControlNew(
        modes=Modes(opModMaxLimW=Decimal(percent)), duration=seconds, offset=2, response_required=7
    )
    posted = time.time()
    made = await scene.town.api.controls.create(scene.numbers["programme"], said)
    scene.say("head-end", f"posts a limit of {percent} % for {seconds} s, {made.mrid}")
    scene.board.mapped = await mapped.control(scene.town, made.href, "head-end")
    return made, posted


async def cancel(scene: Scene, made: grid.Control) -> None:
    """Have the head-end end a control."""
    scene.say("head-end", f"cancels {made.mrid}")
    await scene.town.api.controls.cancel(scene.numbers["programme"], made.id, grid.Cancel(reason="seen"))


async def gives(scene: Scene, actor: Actor, percent: int) -> str:
    """Wait until an inverter gives what a limit leaves it, and say so."""
    watts = min(percent / 100 * actor.plate.watts, actor.free)
    await scene.until(f"{actor.name} gives {watts:,.0f} W", partial(near, actor, watts))
    return f"gives {actor.output.w:,.0f} W of {watts:,.0f} W"


class Asked(NamedTuple):
    """A control that the head-end waits for answers to."""

    mrid: str
    posted: float
    wanted: tuple[int, ...]
    """Statuses, in order."""


async def answered(scene: Scene, chapter: Chapter, asked: Asked, who: Iterable[Actor]) -> None:
    """Wait until the head-end reads the responses of all, each once and in order."""
    names = {actor.client.lfdi: actor.name for actor in who}
    began = time.monotonic()
    while True:
        said = await answers(scene.town.api, (asked.mrid,))
        told = {name: said.get(lfdi.upper(), ()) for lfdi, name in names.items()}
        lists = {name: [*statuses(each)] for name, each in told.items()}
        if all(each == list(asked.wanted) for each in lists.values()):
            break
        if time.monotonic() - began > scene.patience:
            raise Late(f"responses to {asked.mrid}: {lists}, not {list(asked.wanted)} of each")
        await scene.pause()
    for name, each in told.items():
        chapter.took |= {f"{name}: {one.status}": one.received - asked.posted for one in each}
        times = ", ".join(f"{one.status} after {max(0.0, one.received - asked.posted):.0f} s" for one in each)
        chapter.seen.append(("head-end", f"reads of {name}: {times}"))
