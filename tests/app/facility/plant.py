"""What is behind a unit's server in the tests of carrying: works that obey, and a clock that goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from bridge.iec61850.control import Controls
from bridge.iec61850.server import Server
from tests.app.facility.inverter import Inverter
from tests.iec61850.carrying.works import Works

TICK = 0.05


@asynccontextmanager
async def worked(unit: Inverter) -> AsyncIterator[Works]:
    """Have a unit take commands and settings, and run its schedules."""
    works = Works(unit.image, unit.domain)
    works.now = time.time()
    controls = Controls(unit.image, works)
    floor = replace(unit.endpoint.server.floor, controls=controls, written=works.write)
    unit.endpoint.server = Server(floor)
    ticking = asyncio.create_task(_ticking(unit, works))
    try:
        yield works
    finally:
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)


async def _ticking(unit: Inverter, works: Works) -> None:
    while True:
        works.run(time.time())
        unit.endpoint.stir()
        await asyncio.sleep(TICK)
