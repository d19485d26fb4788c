"""Peer pump: a bridge killed with SIGKILL at random points while it tells units what to do, then begun again.

Each story is lived through twice, undisturbed and with kills; what the units held after each step, the orders
that they heard and the statuses that a head-end reads are the same.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from pathlib import Path

from peers.table import share
from tests.app.pump import killing

ODDS = 0.2
"""Of a kill at each point."""


async def _stories(kills: int) -> Counter[str]:
    total: Counter[str] = Counter()
    seed = 0
    while total["kills"] < kills:
        with tempfile.TemporaryDirectory() as place:
            urls = [f"sqlite:///{place}/{name}.db" for name in ("calm", "wild")]
            total += await killing.compared(Path(place), urls, seed, ODDS)
        seed += 1
    total["stories"] = seed
    return total


def run(kills: str) -> dict[str, object]:
    """At least so many kills, or the share of them that is asked for."""
    return {"ok": True, **asyncio.run(_stories(share(int(kills))))}
