"""The ground a measurement stands on: an installed server on one core, and what it holds.

One aggregator with its devices, ten controls, and as many further devices as are asked for. Nothing is
switched off but the line that the log gets for each request, which nginx does not write either.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

from bridge.sep2 import enrol
from bridge.sep2.shelf import Who
from bridge.sep2.talk import Ask, Peer
from bridge.sep2.work import Caller, Policy, Trace, Work
from bridge.transports.store import opening
from bridge.trust import folder as trust
from tests.served import Served, served

CORE, OTHER = "0", "1"
"""The server's core, and that of the load."""
HELD = 64
"""Devices of the aggregator, one for each connection that writes."""
CONTROLS = 10
BATCH = 500
OPEN: dict[str, dict[str, Any]] = {
    "limits": {"peer": 20_000, "address": 40_000, "connections": 40_000, "idle": 900.0},
    "log": {"requests": False, "level": "info"},
    "keep": {"every": 3_600.0},
}


@dataclass(frozen=True)
class Ground:
    """A server that runs, and where things are."""

    folder: Path
    site: Served
    client: trust.Client
    devices: tuple[int, ...]
    """Numbers of the aggregator's EndDevices."""
    programme: str

    @property
    def pki(self) -> Path:
        """Its certificates."""
        return self.site.pki.path

    @property
    def port(self) -> int:
        """Its port."""
        return self.site.ports["https"]

    @property
    def process(self) -> int:
        """The one process that serves."""
        root = self.site.process.pid if self.site.process else 0
        below = Path(f"/proc/{root}/task/{root}/children").read_text("ascii").split()
        return int(below[0]) if below else root


@contextmanager
def ground(folder: Path, others: int = 0) -> Iterator[Ground]:
    """Make it, with so many devices beside the aggregator's."""
    with alone(CORE), served(folder, **OPEN) as site:
        client = site.pki.client("aggregator", "aggregator")
        devices, programme = asyncio.run(settled(site, client.lfdi))
        if others:
            site.stop()
            asyncio.run(crowded(f"sqlite:///{folder / 'derbridge.db'}", others))
            site.start()
        yield Ground(folder, site, client, devices, programme)


@contextmanager
def alone(core: str) -> Iterator[None]:
    """Have what is started here run on one core, as this process does meanwhile."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {int(core)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


async def settled(site: Served, aggregator: str) -> tuple[tuple[int, ...], str]:
    """Make an aggregator with its devices, and a programme with controls, as an operator would."""

    async def post(path: str, said: object) -> dict[str, Any]:
        status, value = await site.admin.post(f"/api/v1{path}", said)
        if status != HTTPStatus.CREATED:
            raise RuntimeError(f"{path}: {status} {value}")
        return dict(value)

    await post("/aggregators", {"lfdi": aggregator})
    group = (await post("/groups", {"name": "all"}))["id"]
    held = {"aggregator": aggregator, "groups": [group]}
    devices = [await post("/devices", {"lfdi": lfdi(number), **held}) for number in range(HELD)]
    programme = await post("/programmes", {"group": group, "primacy": 1})
    for number in range(CONTROLS):
        said = {"modes": {"opModMaxLimW": 50}, "offset": 86_400 + 600 * number, "duration": 600}
        await post(f"/programmes/{programme['id']}/controls", said)
    return tuple(one["id"] for one in devices), programme["href"]


async def crowded(url: str, others: int) -> None:
    """Register many devices at once, by the server's own functions, while it is not running."""
    peer = Peer("00" * 20, 0, frozenset({"operator"}))
    ask = Ask("POST", "/edev", peer, int(time.time()))
    async with opening.open(url) as store:
        for start in range(0, others, BATCH):
            work = Work(ask, Caller(peer.lfdi, peer.sfdi, "operator"), Policy(), Trace(store))
            for number in range(start, min(start + BATCH, others)):
                await enrol.enrolled(work, lfdi(HELD + number))
            await store.commit(work.changes, Who(peer.lfdi, "admin", work.now))


def lfdi(number: int) -> str:
    """The LFDI of a device that never connects itself."""
    return sha256(f"bench {number}".encode()).hexdigest()[:40].upper()
