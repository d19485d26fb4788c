"""Many devices and meters in the store of an installation that is not running; how to wait for a request."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

from bridge.app import loading
from bridge.transports.store import opening
from tests.app.market.stall import Stall
from tests.served import Served

BLOCK = 1_000
PATIENCE = 300.0


async def stocked(site: Served, count: int) -> None:
    """Register devices 1 to `count`, each behind a meter of its own; the server must not run."""
    loaded = loading.load(site.folder, os.environ)
    assert loaded.config is not None
    async with opening.open(loaded.config.store.url) as store:
        made = Stall(store)
        for start in range(1, count + 1, BLOCK):
            await made.open(min(BLOCK, count + 1 - start), 1_000_000 + start)


async def shown(site: Served, request: int) -> Any:
    """How far a request has got."""
    status, said = await site.admin.get(f"/api/v1/requests/{request}")
    assert status == 200, said
    return said


async def until(site: Served, request: int, served: int) -> Any:
    """Wait until so many addresses of a request are served."""
    deadline = time.monotonic() + PATIENCE
    while (said := await shown(site, request))["served"] < served:
        assert said["state"] == "waiting", said
        assert time.monotonic() < deadline, said
        await asyncio.sleep(0.05)
    return said


async def results(site: Served, request: int) -> list[Any]:
    """What became of each address."""
    found: list[Any] = []
    cursor = ""
    while True:
        path = f"/api/v1/requests/{request}/addresses?limit=500&cursor={cursor}"
        status, said = await site.admin.get(path)
        assert status == 200, said
        found += said["items"]
        cursor = said["next"]
        if not cursor:
            return found
