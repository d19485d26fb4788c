"""`/healthz`, `/readyz`, `/metrics`: whether the process works, whether it may be sent requests, its figures.

Healthy is a process that answers; ready is one whose store can be reached and that is not stopping. That the
revocation data are too old for commands is said beside it: reads go on. Plain text, no name, no address:
whoever may reach the port may know this.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from bridge.app import meter
from bridge.app.site import Site
from bridge.transports.store.fault import Unavailable

PATIENCE = 2.0
"""Seconds for the store to say that it is there."""


def routes(application: web.Application, site: Site) -> web.Application:
    """The application with the probes in it."""

    async def healthz(_: web.Request) -> web.Response:
        """Say that the process works."""
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        """Say whether requests can be answered."""
        reason = await unready(site)
        said = filter(None, (reason or "ok", site.revoked.closed()))
        return web.Response(text="".join(f"{one}\n" for one in said), status=503 if reason else 200)

    async def metrics(_: web.Request) -> web.Response:
        """Tell the figures."""
        site.figures()
        return web.Response(body=site.meter.text(), headers={"Content-Type": meter.MEDIA})

    for handler in (healthz, readyz, metrics):
        application.router.add_get(f"/{handler.__name__}", handler)
    return application


async def unready(site: Site) -> str:
    """Why no request should come; nothing where one may."""
    if site.stopping:
        return "stopping"
    try:
        async with asyncio.timeout(PATIENCE):
            await site.store.engine.pulse()
    except (Unavailable, TimeoutError):
        return "the store cannot be reached"
    return ""
