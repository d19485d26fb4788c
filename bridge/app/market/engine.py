"""The counter in its installation: put together from store and configuration, run, and stopped.

Worker 0 alone has it. When it stops, the step that it is in is left to the next start. Once an hour requests
that are too old go, with all that became of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from bridge.app import chores
from bridge.app.market.asked import KEY, TYPE
from bridge.app.market.counter import DOOR, WHO, Counter
from bridge.app.site import Site
from bridge.sep2.shelf import Who
from bridge.transports.store.fault import Unavailable

DAY, HOUR = 86_400, 3_600
GRACE = 5.0
"""Seconds that a step has when the counter is to stop."""


@asynccontextmanager
async def running(site: Site) -> AsyncIterator[Counter]:
    """Run it as long as the context lasts."""
    counter = Counter(site.store, lambda: site.policy, site.market, site.now, lambda: site.reporting)
    stop = asyncio.Event()
    site.store.listen(counter.topics)
    tasks = [asyncio.create_task(chores.steady("market", partial(counter.run, stop)))]
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
