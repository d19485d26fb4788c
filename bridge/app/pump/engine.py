"""The pump in its installation: put together from store, carriers and configuration, run, and stopped.

Worker 0 alone has it, and only where there is a carrier. When it stops, orders on their way get a few
seconds; what is cut off then is found again by the next start. Once an hour what is dead for too long goes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from functools import partial
from random import SystemRandom
from secrets import token_hex

from bridge.app import chores, journal
from bridge.app.config import Config
from bridge.app.pump.books import DOOR, Books
from bridge.app.pump.porter import Porter
from bridge.app.pump.pump import GRACE, Pump
from bridge.app.pump.rows import DEAD
from bridge.app.pump.section import Pump as Section
from bridge.app.site import Site
from bridge.core.delivery import Habit
from bridge.sep2 import ours
from bridge.sep2.shelf import HIDDEN, Change, Row, Who
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store
from models.der import messages

DAY, HOUR = 86_400, 3_600
SEED = f"{HIDDEN}seed"


@asynccontextmanager
async def running(site: Site, config: Config) -> AsyncIterator[Pump]:
    """Run it as long as the context lasts."""
    pump, stop = made(site, config, await seed(site.store, site.now())), asyncio.Event()
    site.store.listen(pump.topics)
    pump.listen()
    tasks = [asyncio.create_task(chores.steady("pump", partial(pump.run, stop)))]
    if config.pump.dead:
        forgetting = partial(forget, site, config.pump.dead * DAY)
        tasks.append(asyncio.create_task(chores.steady("pump", forgetting)))
    journal.logger(part="pump").info("pumping", carriers=len(pump.carriers))
    try:
        yield pump
    finally:
        stop.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(tasks[0]), GRACE + 1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def made(site: Site, config: Config, seed: bytes) -> Pump:
    """Put it together."""
    said = config.pump
    books = Books(site.store, lambda: site.policy, site.now, seed)
    porter = Porter(
        books,
        habit(said),
        said.patience,
        now,
        SystemRandom().random,
        lambda outcome: site.meter.orders.labels(outcome).inc(),
        partial(_spoken, site),
    )
    return Pump(books, porter, tuple(site.carriers), now, said.together)


def habit(said: Section) -> Habit:
    """How persistent [pump] wants whoever tells units something."""
    return Habit(said.first, said.longest, said.tries, said.trip, said.rest)


def _spoken(site: Site, word: messages.Outcome) -> None:
    """Tell whoever wants to know what was said for a unit."""
    for each in site.spoken:
        each(word)


async def seed(store: Store, now: int) -> bytes:
    """Give what the random part of events is drawn from: made once, and kept."""
    row = await store.get(SEED)
    if row is None:
        row = Row(SEED, HIDDEN.rstrip("/"), "Seed", ours.body({"seed": token_hex(16)}))
        await store.commit([Change(SEED, row, expect=0)], Who("core", DOOR, now))
    return bytes.fromhex(ours.read(row)["seed"])


def now() -> Decimal:
    """Seconds since 1970."""
    return Decimal(time.time_ns() // 1_000_000).scaleb(-3)


async def forget(site: Site, age: int) -> None:
    """Remove dead letters that are too old, again and again."""
    while True:
        with suppress(Unavailable):
            await swept(site, age)
        await asyncio.sleep(HOUR)


async def swept(site: Site, age: int) -> int:
    """Remove dead letters that are too old; how many."""
    moment, count = site.now(), 0
    while gone := await site.store.expire(DEAD, moment - age, Who("core", DOOR, moment)):
        count += gone
    return count
