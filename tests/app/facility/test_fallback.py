"""Simulated units behind the embedded relay that lack something: buffered blocks, any blocks, seals.

One installation for all of them. What a unit lacks is taken from it before it logs in; the bridge is told
nothing of it but what stands in the unit's row.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bridge.app.endpoint.seals import Seals
from bridge.app.sim.outstation.station import Outstation, masters, outstation
from bridge.iec61850 import device, panel
from bridge.iec61850.image import Change
from bridge.iec61850.server import Server
from bridge.trust.replay import Levels
from bridge.trust.ring import Ring
from tests.app.facility.test_relay import PATIENCE, until
from tests.app.pump.test_relayed import grouped, limited
from tests.app.sim.test_outstation import Panel, door, papers
from tests.served import DOMAIN, RELAY, Served, certified, served

NAMES = ("unbuffered", "blockless", "clear")
LIMIT = 50.0
SAID: dict[str, Any] = {"enabled": True, "again": 1.0, "refresh": 3600.0, "poll": 1.0}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("fallback")
    made = certified(place, DOMAIN)
    (place / "parties").mkdir()
    for name in NAMES:
        shutil.copy(made.client(name, "device").certificate, place / "parties" / f"{name}.pem")
    with served(place, relay=RELAY, iec61850=SAID) as found:
        yield found


@dataclass
class Plant:
    """A unit, and what the bridge says of it."""

    site: Served
    unit: Outstation
    panel: Panel

    @property
    def lfdi(self) -> str:
        return self.unit.papers.lfdi

    async def add(self, **row: Any) -> None:
        """Put its row, anew."""
        said = {"address": f"{self.lfdi.lower()}@{DOMAIN}", **row}
        status, why = await self.site.admin.put(f"/api/v1/facilities/{self.lfdi}", said)
        assert status == 200, why

    async def shown(self) -> dict[str, Any]:
        status, said = await self.site.admin.get(f"/api/v1/facilities/{self.lfdi}")
        assert status == 200, said
        found: dict[str, Any] = said
        return found

    async def there(self) -> list[str]:
        """Wait until it is there and its telemetry runs, and give the blocks that report."""
        found = await until(self.shown, lambda it: it["there"] and it["device"])
        await until(self.read, lambda it: it)
        return list(found["blocks"])

    async def read(self) -> set[float]:
        """The powers that were read of it."""
        status, page = await self.site.admin.get(f"/api/v1/readings?device={self.lfdi}&limit=500&uom=38")
        assert status == 200, page
        return {each["value"] for each in page["items"]}

    async def measured(self, watts: float) -> None:
        """Measure a power, and wait until it was read."""
        self.panel.output = self.panel.output._replace(w=watts)
        await until(self.read, lambda it: watts in it)


@asynccontextmanager
async def plant(site: Served, name: str) -> AsyncIterator[Plant]:
    """A unit that is registered and has no row yet."""
    measures = Panel()
    async with outstation(papers(site, name), measures, time.time) as made:
        status, said = await site.admin.post("/api/v1/devices", {"lfdi": made.papers.lfdi})
        assert status == 201, said
        await made.live(door(site, made.papers.lfdi))
        running = asyncio.create_task(made.run())
        yield Plant(site, made, measures)
        running.cancel()


def only(monkeypatch: pytest.MonkeyPatch, *kinds: str) -> None:
    """Have units made with report blocks of some kinds alone."""

    def blocks(name: str, of: Any) -> tuple[Any, ...]:
        return tuple(each for each in panel.blocks(name, of) if each.fc in kinds)

    monkeypatch.setattr(device, "blocks", blocks)


async def test_without_a_buffered_block_an_unbuffered_one_reports(
    site: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "RP")
    async with plant(site, "unbuffered") as found:
        await found.add()
        blocks = await found.there()
        assert {name.split("$")[1] for name in blocks} == {"RP"}
        await found.measured(7_000.0)
        await found.unit.silent()
        await until(found.shown, lambda it: not it["there"])
        await found.unit.live(door(site, found.lfdi))
        assert await found.there() == blocks
        await found.measured(3_000.0)


async def test_without_any_block_what_lives_is_asked_for_again(
    site: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch)
    async with plant(site, "blockless") as found:
        await found.add()
        assert await found.there() == []
        await found.measured(7_000.0)
        await found.measured(3_000.0)


async def test_in_clear_is_spoken_where_its_row_says_so_and_nowhere_else(site: Served) -> None:
    """The unit can open no seal, and makes none: it goes by the address that the relay says."""
    async with plant(site, "clear") as found:
        point, bridge = found.unit.endpoint, masters(found.unit.papers)
        point.house.clear = {f"{bridge.lower()}@{DOMAIN}": bridge}
        point.seals = Seals(found.lfdi, point.seals.key, Ring([], []), lambda *_: False, Levels())
        point.server = Server(replace(point.server.floor, clear=lambda *_: True))
        await found.add()
        said = await until(found.shown, lambda it: "forbidden" in it["why"])
        assert (said["there"], await found.read()) == (False, set())
        sealed = len(found.unit.judge.refusals)
        assert sealed
        await found.add(sealed=False)
        assert {name.split("$")[1] for name in await found.there()} == {"BR"}
        await found.measured(7_000.0)
        scheduled = asyncio.Event()

        def seen(changes: tuple[Change, ...], _: float) -> None:
            if any(each.item.startswith("FSCH") and each.new == LIMIT for each in changes):
                scheduled.set()

        found.unit.estate.image.watchers.append(seen)
        await limited(site, await grouped(site, found.lfdi), int(LIMIT), 600)
        await asyncio.wait_for(scheduled.wait(), PATIENCE)
        assert len(found.unit.judge.refusals) == sealed
