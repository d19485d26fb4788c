"""Peer killed: `derbridge run` killed again and again while a buffered block of its 61850 endpoint fills.

An inverter mirrors readings over mutual TLS as fast as they are taken, 76 values in four documents at once; a
client behind the relay goes on after its last EntryID each time. No entry is missing, none is doubled.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path

import structlog

from peers.table import share
from tests.app.endpoint.filling import QUALIFIERS, TYPES, Reader, away, filled, judged, lanes, life, rest
from tests.served import Served

EACH, ALONE = 20, 5
"""Reports of a life with a client; lists of each lane in one without."""


async def _lived(site: Served, kills: int) -> dict[str, object]:
    reader, posting, seconds, values = Reader(site), await lanes(site), 0.0, 0
    for turn in range(kills):
        if turn % 3 == 2:  # noqa: PLR2004 - every third time nobody listens
            await away(posting, reader, ALONE)
            continue
        before = sum(lane.taken for lane in posting)
        seconds += await life(posting, reader, EACH)
        values += (sum(lane.taken for lane in posting) - before) * len(TYPES)
    await rest(posting, reader)
    judged(reader)
    rate, series = round(values / seconds), len(QUALIFIERS) * len(TYPES)
    return {
        "ok": True,
        "kills": kills,
        "entries": len(reader.seen),
        "values_a_second": rate,
        "series": series,
    }


def run(kills: str) -> dict[str, object]:
    """Kill it so often, or the share that is asked for; an error tells what is missing or doubled."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="killed-") as place, filled(Path(place)) as site:
        return asyncio.run(_lived(site, share(int(kills))))
