"""`derbridge relay`: the relay in a process of its own, with no server of IEEE 2030.5 beside it.

Its store holds what is known of revoked certificates, and its own decision log, signed with its own key; it
fetches lists as the server does. In a folder that a server runs in as well they share one store, so a word of
the operator reaches both at once. There are no clients of IEEE 2030.5 here, and no administration.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from functools import partial
from random import SystemRandom

from bridge.app import bylaws, chores, crew, journal, loading, wire
from bridge.app.config import Config
from bridge.app.desks import Desks
from bridge.app.fetcher import Fetcher
from bridge.app.keeper import Keeper
from bridge.app.papers import Pair
from bridge.app.relay import station
from bridge.app.relay.station import Station
from bridge.app.site import Site
from bridge.app.wire import Start
from bridge.transports import tls
from bridge.transports.store.fault import Unavailable


async def opened(start: Start, stack: AsyncExitStack) -> Site:
    """Put everything together, from the store up."""
    config = start.config
    site = await wire.found(start, stack, pair(config))
    fetcher = Fetcher(site, config.revocation, tls.public(config.trust.outgoing), SystemRandom().random)
    keeper = Keeper(site, config.keep)
    for part, work in (("revocation", fetcher.run), ("keeper", keeper.run)):
        stack.push_async_callback(chores.cancelled, asyncio.create_task(chores.steady(part, work)))
    relay = await stack.enter_async_context(station.running(site, config, start.held))
    desks = Desks(site, {name: held for name, held in start.held.items() if name == "probe"})
    stack.push_async_callback(desks.close)
    await desks.open(config)
    stack.callback(partial(setattr, site, "stopping", True))
    reloading = asyncio.create_task(_reloading(start, site, relay))
    stack.push_async_callback(chores.cancelled, reloading)
    return site


def pair(config: Config) -> Pair:
    """What its decision log is signed with."""
    return Pair(config.relay.certificate, config.relay.key)


async def _reloading(start: Start, site: Site, relay: Station) -> None:
    """Reload at each SIGHUP; what cannot be used stays as it was."""
    again, log = asyncio.Event(), journal.logger(part="relay")
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, again.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, crew.LATER)
    while await again.wait():
        again.clear()
        found = loading.load(start.loaded.place, os.environ)
        if found.config is None:
            log.error("not reloaded", problems=[str(one) for one in found.problems])
            continue
        try:
            await _reload(site, relay, found.config)
        except (OSError, ValueError, Unavailable):
            log.exception("not reloaded")
        else:
            journal.begin(found.config.log)
            log.info("reloaded", edition=relay.guard.edition)


async def _reload(site: Site, relay: Station, config: Config) -> None:
    """Take a configuration in anew."""
    pool = wire.pool(config, pair(config))
    bylaws.engine(config)
    relay.renew(config)
    site.revoked.pool = pool
    await site.scribe.renew(wire.signer(pair(config)))
