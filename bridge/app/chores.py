"""What one worker alone does for all: the courier, the keeper, the fetcher of revocation lists, discovery.

Each runs until the worker stops; notifications on their way are brought to their end first. What fails is
logged by whoever does it, and does not end the server. Every worker shows its own figures.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from importlib import import_module
from random import SystemRandom
from typing import Any

from bridge.app import journal, sockets
from bridge.app.config import Config
from bridge.app.courier import Courier
from bridge.app.fetcher import Fetcher
from bridge.app.keeper import Keeper
from bridge.app.site import Site
from bridge.app.sockets import Held
from bridge.app.warden import Warden
from bridge.sep2.shelf import OUTGOING, Cut, Parcel, Shelf
from bridge.transports import tls
from bridge.transports.calls import Bounds, Calls
from bridge.transports.pages import EVERY

AGAIN = 5.0
"""Seconds before something that broke off begins again."""
STIRRING = frozenset({OUTGOING, EVERY})
FUNCTIONS = ("bill", "derp", "dr", "edev", "file", "msg", "mup", "ppy", "rsps", "sdev", "tm", "tp", "upt")
SUBTYPES = {name: f"/{name}" for name in FUNCTIONS}
"""Function sets by the names of IEEE 2030.5-2018 table 17."""


@asynccontextmanager
async def running(site: Site, config: Config, held: Held) -> AsyncIterator[None]:
    """Do them as long as the context lasts."""
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        calls = await stack.enter_async_context(_calls(site, config))
        courier = Courier(
            site.store, calls, site.policy, clock=time.time, chance=SystemRandom(), heard=_heard(site)
        )
        if config.discovery.enabled:
            await stack.enter_async_context(_discovery(site, config, held))
        tasks = _tasks(site, config, partial(courier.run, stop))
        site.store.listen(lambda topics: courier.stir() if topics & STIRRING else None)
        try:
            yield
        finally:
            stop.set()
            for task in tasks[1:]:
                task.cancel()
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(tasks[0]), config.notify.timeout)
            tasks[0].cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _tasks(site: Site, config: Config, courier: Callable[[], Awaitable[None]]) -> list[asyncio.Task[None]]:
    """What runs until the worker stops, the courier first."""
    public = tls.public(config.trust.outgoing)
    warden = Warden(site)
    site.store.listen(warden.hear)
    works = {
        "courier": courier,
        "keeper": Keeper(site, config.keep).run,
        "revocation": Fetcher(site, config.revocation, public, SystemRandom().random).run,
        "outages": warden.run,
    }
    return [asyncio.create_task(steady(name, work)) for name, work in works.items()]


async def cancelled(task: asyncio.Task[None]) -> None:
    """End a task, and wait until it has ended."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def steady(part: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do something that has no end; what breaks it is logged, and it begins again."""
    while True:
        try:
            return await work()
        except Exception:  # noqa: BLE001 - whatever broke it must not end the server
            journal.logger(part=part).exception("broken off")
            await asyncio.sleep(AGAIN)


def _calls(site: Site, config: Config) -> Calls:
    """Outgoing calls, with our own certificate, to servers below the roots of their own list."""
    own = config.https
    context = partial(tls.client, config.trust.outgoing, own.certificate, own.key)
    nameless = partial(context, named=False)
    return Calls(site.policy, context(), Bounds(whole=config.notify.timeout), nameless=nameless)


def _heard(site: Site) -> Any:  # noqa: ANN401 - a function as the courier wants it
    log = journal.logger(part="courier")

    def heard(outcome: str, parcel: Parcel, why: str) -> None:
        """Note what became of a notification."""
        site.meter.notices.labels(outcome).inc()
        say = log.debug if outcome == "sent" else log.warning
        say("notification", outcome=outcome, subscription=parcel.subscription, url=parcel.url, reason=why)

    return heard


@asynccontextmanager
async def _discovery(site: Site, config: Config, held: Held) -> AsyncIterator[None]:
    """Answer DNS-SD; its library is an extra, so it is imported only here."""
    multicast, discovery = (import_module(f"bridge.transports.{name}") for name in ("multicast", "discovery"))
    wanted = config.discovery
    hosts, https = sockets.where(held["https"])
    plain = sockets.where(held["plain"])[1] if "plain" in held else https
    everywhere = any(host in sockets.ANY for host in hosts)
    advert = discovery.Advert(
        wanted.instance, https, plain, level=wanted.level, subtypes=SUBTYPES,
        among=frozenset() if everywhere else frozenset(hosts),
    )  # fmt: skip
    log = journal.logger(part="discovery")

    find = partial(located, site.store)
    async with multicast.answering(advert, find, wanted.transports, wanted.interfaces) as refused:
        for one in refused:
            log.warning("not answering", where=one)
        log.info("answering", instance=wanted.instance, transports=wanted.transports)
        yield


async def located(shelf: Shelf, sfdi: int) -> str:
    """Give the path of the EndDevice of an SFDI, by which the list is ordered; '' where there is none."""
    wanted = f"{sfdi:020d}"
    low, high = 0, (await shelf.children("/edev", Cut(limit=0))).total
    while low < high:
        middle = (low + high) // 2
        rows = (await shelf.children("/edev", Cut(start=middle, limit=1))).rows
        if rows and rows[0].rank == wanted:
            return rows[0].href
        low, high = (middle + 1, high) if rows and rows[0].rank < wanted else (low, middle)
    return ""
