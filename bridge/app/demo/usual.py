"""The chapters in which all goes well: everybody comes, and a limit for all.

What an inverter must do follows from the words of a control and its own plate; what it does comes from its
physics. Nothing goes wrong here on purpose.
"""

from __future__ import annotations

import time
from decimal import Decimal

from bridge.app.demo.board import Chapter
from bridge.app.demo.scene import AGGREGATOR, DEFAULT, Actor, Late, Scene, asks
from bridge.app.demo.telling import LIMIT, LONG, Asked, answered, cancel, gives, post
from bridge.app.fault import Fault
from bridge.app.sim import enrol
from bridge.app.sim.enrol import Newcomer
from bridge.sdk.forms import grid, groups
from bridge.sdk.forms.modes import Modes

FEEDER = "feeder-7"


async def gather(scene: Scene, chapter: Chapter) -> None:
    """Enrol all, let them log in, and wait until the head-end sees what each says of itself."""
    api = scene.town.api
    group = await api.groups.create(groups.GroupNew(name=FEEDER))
    programme = await api.programmes.create(grid.ProgrammeNew(primacy=5, group=group.id, description=FEEDER))
    scene.numbers |= {"group": group.id, "programme": programme.id}
    scene.programme = programme.mrid
    await api.defaults.set(programme.id, grid.DefaultSet(modes=Modes(opModMaxLimW=Decimal(DEFAULT))))
    holder = scene.town.folder.known(AGGREGATOR).lfdi
    await enrol.aggregator(api, holder)
    for actor in scene.actors.values():
        await enrol.enter(api, _newcomer(scene, actor, holder), group.id)
        await scene.connect(actor)
    for actor in scene.actors.values():
        took = await seen(scene, actor)
        chapter.took[f"{actor.name} known"] = took
        chapter.seen.append(("head-end", f"{actor.name} told its nameplate and status within {took:.1f} s"))
    for actor in scene.actors.values():
        chapter.seen.append((actor.name, f"{await gives(scene, actor, DEFAULT)} by default"))


def _newcomer(scene: Scene, actor: Actor, holder: str = "") -> Newcomer:
    """An inverter as its operator registers it."""
    speaks = actor.protocol == "61850"
    address = scene.town.door(actor.client).address if speaks else ""
    return Newcomer(actor.name, actor.client.lfdi, address, holder, profile="2018")


async def seen(scene: Scene, actor: Actor) -> float:
    """Wait until the head-end reads capability and status of an inverter."""
    try:
        return await enrol.known(scene.town.api, _newcomer(scene, actor), scene.patience)
    except Fault as fault:
        raise Late(str(fault)) from None


async def limit(scene: Scene, chapter: Chapter) -> None:
    """A limit from the head-end, for everybody, of both protocols, until the head-end ends it."""
    made, posted = await post(scene, LIMIT, LONG)
    for actor in scene.actors.values():
        done = await gives(scene, actor, LIMIT)
        took = chapter.took[f"{actor.name} told"] = _after(actor, posted)
        chapter.seen.append((actor.name, f"{done}, told {took:.1f} s after the post"))
    await answered(scene, chapter, Asked(made.mrid, posted, (1, 2)), scene.actors.values())
    scene.pace = time.time() - posted
    await cancel(scene, made)
    for actor in scene.actors.values():
        chapter.seen.append((actor.name, f"{await gives(scene, actor, DEFAULT)} by the default"))
    await answered(scene, chapter, Asked(made.mrid, posted, (1, 2, 6)), scene.actors.values())


def _after(actor: Actor, posted: float) -> float:
    """How long after the post an inverter was told."""
    return next(at for at, modes in actor.changes if at >= posted and asks(modes, LIMIT)) - posted
