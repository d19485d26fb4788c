"""Peer scenario: the whole bridge killed with SIGKILL at random points of a scenario, then begun again.

The process is that of `derbridge run` with its endpoint, pump and relay, its store on disk; inverters of both
protocols and the head-end live on. The scenario is lived through undisturbed as well: what each party
followed, the responses and what is left undone are the same. Two bridges at a time.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import structlog

from peers.table import share
from tests.app.wreck import wreck

MOST = 12
"""Kills in one run of the scenario."""
TOGETHER = 2

Run = tuple[dict[str, Any], Counter[str]]


async def _run(seed: int, kills: int) -> Run:
    with tempfile.TemporaryDirectory() as place:
        return await wreck.lived(Path(place), seed, kills)


async def _runs(kills: int) -> Counter[str]:
    calm, total, seed = None, Counter[str](), 0
    while total["kills"] < kills:
        left = kills - total["kills"]
        wild = [min(MOST, left)] * (TOGETHER if calm else TOGETHER - 1)
        several = [0] * (not calm) + wild
        found: list[Run] = await asyncio.gather(*(_run(seed + at, most) for at, most in enumerate(several)))
        calm = calm or found[0][0]
        for at, (outcome, figures) in enumerate(found):
            if outcome != calm:
                raise AssertionError(f"seed {seed + at}: {wreck.differences(calm, outcome)}")
            total += figures
        seed += len(several)
    return total


def run(kills: str) -> dict[str, object]:
    """At least so many kills, or the share of them that is asked for."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    begun = time.monotonic()
    found = asyncio.run(_runs(share(int(kills))))
    return {"ok": True, **found, "seconds": round(time.monotonic() - begun, 1)}
