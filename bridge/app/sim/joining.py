"""Having an aggregator join a bridge over its relay, again and again until it is taken or patience is over.

A certificate that is new to the bridge is turned away until the bridge has read its parties again, so that
the first word may have to wait. What does not come about is a Fault with the last reason.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from bridge.app.facility import line
from bridge.app.fault import Fault
from bridge.app.sim.aggregator import Aggregator, aggregator
from bridge.app.sim.inverter.identity import Identity
from bridge.app.sim.way import Way
from bridge.iec61850.hooks import Refusal
from bridge.transports.ending import Cut, Refused

PATIENCE = 60.0
PAUSE = 1.0
AWAY = (line.Away, Refusal, Cut, Refused, OSError)


@asynccontextmanager
async def joined(
    way: Way, who: Identity, clock: Callable[[], float], patience: float = PATIENCE
) -> AsyncIterator[Aggregator]:
    """Have one joined."""
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        while True:
            try:
                made = aggregator(way.papers(who), way.door(who), way.address, clock)
                hand = await stack.enter_async_context(made)
                break
            except AWAY as error:
                if time.monotonic() - began > patience:
                    why = str(error) or type(error).__name__
                    raise Fault(who.certificate.stem, f"is not taken by the bridge: {why}") from error
            await asyncio.sleep(PAUSE)
        yield hand
