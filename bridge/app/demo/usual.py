"""The chapters in which all goes well: everybody comes, and a limit for all.

What an inverter must do follows from the words of a control and its own plate; what it does comes from its
physics. Nothing goes wrong here on purpose.
"""

from __future__ import annotations

import time
from decimal import Decimal

from bridge.app.demo.board import Chapter
from bridge.app.demo.scene import AGGREGATOR, Actor, Late, Scene
from bridge.app.demo.telling import DEFAULT, LIMIT, LONG, Asked, answered, asks, cancel, gives, post
from bridge.sdk.forms import facility, fleet, grid, groups
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
    await api.access.create(fleet.AccessNew(lfdi=holder, role="aggregator"))
    for actor in scene.actors.values():
        await _enrol(scene, actor, holder)
        await scene.connect(actor)
    for actor in scene.actors.values():
        took = await seen(scene, actor)
        chapter.took[f"{actor.name} known"] = took
        chapter.seen.append(("head-end", f"{actor.name} told its nameplate and status within {took:.1f} s"))
    for actor in scene.actors.values():
        chapter.seen.append((actor.name, f"{await gives(scene, actor, DEFAULT)} by default"))


async def _enrol(scene: Scene, actor: Actor, holder: str) -> None:
    api, lfdi = scene.town.api, actor.client.lfdi
    said = {"lfdi": lfdi, "name": actor.name, "groups": (scene.numbers["group"],), "profile": "2018"}
    await api.devices.create(fleet.DeviceNew.model_validate({**said, "aggregator": holder}))
    if actor.protocol == "61850":
        where = facility.FacilitySet(address=scene.town.door(actor.client).address)
        await api.facility.add(lfdi, where)


async def seen(scene: Scene, actor: Actor) -> float:
    """Wait until the head-end reads capability and status of an inverter."""
    began = time.monotonic()
    while True:
        ders = await scene.town.api.devices.ders(actor.client.lfdi)
        if ders and ders[0].capability and ders[0].status:
            return time.monotonic() - began
        if time.monotonic() - began > scene.patience:
            raise Late(f"{actor.name} has not told what it can do")
        await scene.pause()


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
