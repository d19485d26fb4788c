"""Interface versions at the doors: who is served which, told of its end, or sent on; what is configured.

The 2030.5 listener and the administration API tell it by header fields, and say 410 once a version is
retired; the 8-2 endpoint says a service error. A door that asks `used` counts the use as well. The
bridge's own units speak by no listener and meet no retirement.
"""

from __future__ import annotations

from typing import Protocol

from bridge.app.announced import announced
from bridge.app.census import Census
from bridge.app.lives import Lives
from bridge.app.section import Lifecycle
from bridge.app.site import Site
from bridge.core import lifecycle
from bridge.core.lifecycle import ALIVE, TABLE, Life
from bridge.sep2 import interfaces, server
from bridge.sep2.shelf import Who
from bridge.sep2.talk import Answer, Ask, Peer, Told
from bridge.sep2.work import Caller, Trace, Work
from bridge.transports.store.store import Store

CONFIGURED = "configuration"
DOOR = "core"
MMS = "iec61850-8-2"


class Counts(Protocol):
    """Who keeps the lives of versions, and counts their uses."""

    @property
    def census(self) -> Census:
        """Who counts."""
        ...

    @property
    def lives(self) -> Lives:
        """Who keeps."""
        ...


async def native(site: Site, ask: Ask) -> Answer:
    """Answer a request of 2030.5 by the life of the version that its client is served."""
    name, life = "", ALIVE

    async def met(caller: Caller) -> None:
        """Tell 410 who is served a version that is retired."""
        nonlocal name, life
        name = f"{lifecycle.NATIVE}{caller.profile}"
        site.census.met(name, caller.lfdi)
        life = await site.lives.of(name)
        if life.retired(ask.now):
            raise Told(410, lifecycle.gone(name, life), headers=lifecycle.fields(life))

    answer = await server.answer(ask, site.store, site.policy, met)
    return answer if life.retired(ask.now) else _marked(answer, name, life)


def _marked(answer: Answer, name: str, life: Life) -> Answer:
    """An answer that tells of its version's end, and is kept no longer than what it tells holds."""
    until = answer.until
    if life.sunset and (until is None or life.sunset < until):
        until = life.sunset
    topics = answer.topics | {interfaces.href(name)} if answer.topics else answer.topics
    return answer._replace(headers=(*answer.headers, *lifecycle.fields(life)), topics=topics, until=until)


async def used(counts: Counts, name: str, lfdi: str) -> Life:
    """Give the life of a version that somebody uses.

    The use of what is retired is counted, too: who still asks for it is who has to be told.
    """
    if lfdi:
        counts.census.used(name, lfdi)
    return await counts.lives.of(name)


async def spoken(site: Site, lfdi: str) -> bool:
    """Whether the 8-2 endpoint is retired."""
    return (await used(site, MMS, lfdi)).retired(site.now())


# ------------------------------------------------------------------------------------------- configuration


async def settle(store: Store, site: Site, said: Lifecycle) -> None:
    """Have the store say what the configuration announces, and no more what it once announced."""
    wanted = announced(said)
    work = _work(store, site)
    for name in TABLE:
        row = await store.get(interfaces.href(name))
        ours = row is not None and interfaces.by(row) == CONFIGURED
        if name in wanted and (not ours or interfaces.read(row) != wanted[name]):
            await interfaces.declare(work, name, wanted[name], by=CONFIGURED)
        elif name not in wanted and ours:
            await interfaces.restore(work, name)
    if work.changes:
        await store.commit(work.changes, Who(work.caller.lfdi, DOOR, work.now))


def _work(store: Store, site: Site) -> Work:
    own, policy = site.policy.lfdi or "00", site.policy
    ask = Ask("PUT", "/", Peer(own, 0), site.now())
    return Work(ask, Caller(own, 0, "operator", profile=policy.profile), policy, Trace(store), door=DOOR)
