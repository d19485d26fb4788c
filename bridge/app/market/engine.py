"""Counter and crier in their installation: put together from store and configuration, run, and stopped.

Worker 0 alone has them. When they stop, the step that they are in is left to the next start. Once an hour
requests that are too old go, with all that became of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from random import SystemRandom

from bridge.app import chores
from bridge.app.market.asked import KEY, TYPE
from bridge.app.market.counter import DOOR, WHO, Counter
from bridge.app.market.crier import Crier
from bridge.app.market.desk import Desk
from bridge.app.pump import engine as pump
from bridge.app.pump.section import Pump
from bridge.app.site import Site
from bridge.sep2.shelf import Who
from bridge.transports.store.fault import Unavailable

DAY, HOUR = 86_400, 3_600
GRACE = 5.0
"""Seconds that a step has when the counter is to stop."""


@asynccontextmanager
async def running(site: Site, habit: Pump) -> AsyncIterator[Counter]:
    """Run it as long as the context lasts."""
    counter = Counter(site.store, lambda: site.policy, site.market, site.now, lambda: site.reporting)
    stop = asyncio.Event()
    crier = cried(site, habit, counter)
    for each in (counter.topics, crier.topics):
        site.store.listen(each)
    tasks = [asyncio.create_task(chores.steady("market", partial(counter.run, stop)))]
    tasks.append(asyncio.create_task(chores.steady("market", crier.run)))
    if site.market.keep:
        tasks.append(asyncio.create_task(chores.steady("market", partial(forget, site))))
    try:
        yield counter
    finally:
        stop.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(tasks[0]), GRACE)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def cried(site: Site, said: Pump, counter: Counter) -> Crier:
    """Put together what tells units behind the relay, as persistently as they are brought orders."""
    desk = Desk(
        site.store, lambda: site.policy, site.market, site.now,
        lambda lfdi: site.revoked.index.reason((), lfdi), counter.heard,
    )  # fmt: skip
    chance = SystemRandom().random
    return Crier(desk, site.teller, pump.habit(said), said.patience, pump.now, chance, said.together)


async def forget(site: Site) -> None:
    """Remove requests that are too old, again and again."""
    while True:
        with suppress(Unavailable):
            await swept(site)
        await asyncio.sleep(HOUR)


async def swept(site: Site) -> int:
    """Remove requests that are too old, with what they are known by; how many rows of either."""
    moment, count = site.now(), 0
    for type_ in (TYPE, KEY):
        while gone := await site.store.expire(type_, moment - site.market.keep * DAY, Who(WHO, DOOR, moment)):
            count += gone
    return count
