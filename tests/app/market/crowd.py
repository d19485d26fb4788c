"""Many devices and meters in the store of an installation that is not running; how to wait for a request."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

from bridge.app import loading
from bridge.sep2.shelf import Change, Who
from bridge.transports.store import opening
from tests.app.market.stall import Stall, device
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


async def devices(site: Served, first: int, count: int, holder: str) -> None:
    """Register devices, every other one for an aggregator; the server must not run."""
    loaded = loading.load(site.folder, os.environ)
    assert loaded.config is not None
    async with opening.open(loaded.config.store.url) as store:
        for start in range(first, first + count, BLOCK):
            numbers = range(start, min(start + BLOCK, first + count))
            rows = [device(at)._replace(grp=holder if at % 2 else "") for at in numbers]
            await store.commit([Change(row.href, row) for row in rows], Who("test", "test", 1))


async def shown(site: Served, request: int) -> Any:
    """How far a request has got."""
    status, said = await site.admin.get(f"/api/v1/requests/{request}")
    assert status == 200, said
    return said


async def entries(site: Served, type_: str) -> list[Any]:
    """All that the archive has of a type: each edition of each row."""
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        status, page = await site.admin.get(f"/api/v1/archive?type={type_}&limit=500&cursor={cursor}")
        assert status == 200, page
        found += page["items"]
        cursor = page["next"]
    return found


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
