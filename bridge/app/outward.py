"""What one worker alone does towards those who do not come to the listeners, in the order it is opened.

The relay, our own endpoint behind it, adapters of other protocols, what prices and messages ask for, orders
to units, notices to the endpoints of others. Each has its own room; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from bridge.app.adapter import station as adapters
from bridge.app.config import Config
from bridge.app.endpoint import station as endpoint
from bridge.app.market import engine as market
from bridge.app.pump import engine as pump
from bridge.app.push import engine as push
from bridge.app.relay import station as relay
from bridge.app.site import Site
from bridge.app.sockets import Held


@asynccontextmanager
async def running(site: Site, config: Config, held: Held, folder: Path) -> AsyncIterator[None]:
    """Do it as long as the context lasts; `folder` is where relative paths begin."""
    link = push.unlinked
    async with AsyncExitStack() as stack:
        if config.relay.enabled:
            forwarding = await stack.enter_async_context(relay.running(site, config, held))
            site.renewing.append(forwarding.renew)
        if config.iec61850.enabled:
            served = await stack.enter_async_context(endpoint.running(site, config, held))
            site.renewing.append(served.renew)
            link = partial(getattr, served.endpoint, "link")
        if config.adapters.named:
            others = await stack.enter_async_context(adapters.running(site, config, folder))
            site.renewing.append(others.renew)
        await stack.enter_async_context(market.running(site, config.pump))
        if site.carriers:
            await stack.enter_async_context(pump.running(site, config))
        pushing = await stack.enter_async_context(push.running(site, config, link))
        if pushing is not None:
            site.renewing.append(pushing.renew)
        yield
