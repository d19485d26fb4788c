"""The chapters in which something goes wrong: a surge, a stolen key, a cut line; each ends as it should.

What each party must see follows from the standards: a trip and its alarm on both sides (IEEE 1547, 2030.5
10.10.4), an end of all trust at once, a control that goes on without communication, and the default after it.
"""

from __future__ import annotations

import time
from functools import partial

from bridge.app.demo.board import Chapter
from bridge.app.demo.scene import AGGREGATOR, DEFAULT, Actor, Scene, asks, joined
from bridge.app.demo.telling import (
    LIMIT,
    LONG,
    Asked,
    answered,
    cancel,
    expect,
    gives,
    near,
    post,
)
from bridge.iec61850 import shape
from bridge.iec61850.device import IED
from bridge.sdk.forms import records, revocation

SURGE, OVERVOLTAGE = 1.25, 1 << 1
CUT = ("pv-1", "pv-5")
SHORT, SPARE = 20, 3
"""Seconds that a control lasts at least, and how much longer than everybody needed to follow one."""
ALARM = "CALH1$ST$GrAlm$stVal"
BOOLEAN = shape.Basic("boolean")


async def surge(scene: Scene, chapter: Chapter) -> None:
    """The voltage at one inverter rises until it trips; the head-end sees it, and sees it come back."""
    actor = scene.actors["pv-2"]
    actor.grid = actor.grid._replace(v=SURGE)
    await scene.until("pv-2 trips", partial(near, actor, 0.0))
    chapter.seen.append(("pv-2", f"gives {actor.output.w:,.0f} W at {SURGE} of its voltage"))
    took = await scene.until("the head-end reads the alarm", partial(_alarm, scene, actor, OVERVOLTAGE))
    chapter.took["head-end reads the alarm"] = took
    chapter.seen.append(("head-end", f"reads over-voltage of pv-2 {took:.1f} s later"))
    async with joined(scene) as eye:
        shown = await eye.read(f"{IED}D{actor.client.lfdi}", ALARM)
    answer = shown[0].choice
    alarmed = answer.tag == "success" and shape.decode(BOOLEAN, answer.value) is True
    expect(chapter, "the aggregator reads a grouped alarm of pv-2", alarmed)
    chapter.seen.append((AGGREGATOR, f"reads {ALARM} of pv-2 over IEC 61850: {alarmed}"))
    events = await scene.town.api.logs.list(records.Window(device=actor.client.lfdi)).all()
    expect(chapter, "a LogEvent tells of the alarm", events)
    actor.grid = actor.grid._replace(v=1.0)
    await scene.until("the alarm goes", partial(_alarm, scene, actor, 0))
    chapter.seen.append(
        ("head-end", f"reads that the alarm is gone, in {len(events)} log events and the status")
    )


async def _alarm(scene: Scene, actor: Actor, wanted: int) -> bool:
    """Whether the head-end reads just these alarms of an inverter."""
    (der, *_) = await scene.town.api.devices.ders(actor.client.lfdi)
    said = der.status.document.get("alarmStatus", "0") if der.status else "0"
    return int(str(said), 16) == wanted


async def stolen(scene: Scene, chapter: Chapter) -> None:
    """A key is lost: its certificate is revoked, and nobody listens to it from that moment on."""
    actor, began = scene.actors["pv-3"], time.monotonic()
    before = len(actor.changes)
    await scene.town.api.revocation.revoke(
        revocation.WordNew(lfdi=actor.client.lfdi, reason="key-compromise")
    )
    await scene.until("pv-3 is turned away", lambda: actor.tile.link != "up")
    actor.tile.link = "revoked"
    took = chapter.took["pv-3 turned away"] = time.monotonic() - began
    chapter.seen.append(("pv-3", f"is turned away {took:.1f} s after the revocation"))
    made, posted = await post(scene, LIMIT, LONG)
    others = [one for one in scene.actors.values() if one is not actor]
    await answered(scene, chapter, Asked(made.mrid, posted, (1, 2)), others)
    await cancel(scene, made)
    await answered(scene, chapter, Asked(made.mrid, posted, (1, 2, 6)), others)
    heard = await scene.town.api.responses.list(records.ResponseQuery(subject=made.mrid)).all()
    expect(chapter, "nothing comes of pv-3", all(one.device != actor.client.lfdi for one in heard))
    told = [modes for _, modes in actor.changes[before:] if asks(modes, LIMIT)]
    expect(chapter, "pv-3 is told nothing", not told)


async def silence(scene: Scene, chapter: Chapter) -> None:
    """Two lines are cut during a control: the inverters go on with it, end it in time, tell of it later."""
    actors, seconds = [scene.actors[name] for name in CUT], max(SHORT, int(scene.pace * SPARE))
    made, posted = await post(scene, LIMIT, seconds)
    for actor in actors:
        await gives(scene, actor, LIMIT)
    await answered(scene, chapter, Asked(made.mrid, posted, (1, 2)), actors)
    for actor in actors:
        await scene.cut(actor)
        scene.say(actor.name, "hears nothing any more")
        done = await gives(scene, actor, LIMIT)
        chapter.seen.append((actor.name, f"hears nothing, and {done} by the control that it has"))
    expect(chapter, "the control goes on when the lines are cut", time.time() < posted + seconds)
    for actor in actors:
        done = await gives(scene, actor, DEFAULT)
        expect(chapter, f"{actor.name} ends at the end", time.time() >= posted + seconds)
        chapter.seen.append((actor.name, f"hears nothing, and {done} by default once the control is over"))
    for actor in actors:
        await scene.connect(actor)
    await answered(scene, chapter, Asked(made.mrid, posted, (1, 2, 3)), scene.actors.values())
