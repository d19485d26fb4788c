"""The devices of the endpoint as the store has them: come, told, changed, lost, back, regrouped, gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bridge.app.endpoint.fleet import Fleet
from bridge.app.endpoint.rights import Rights
from bridge.iec61850.device import LOST
from bridge.iec61850.estate import Estate
from bridge.iec61850.first import GOOD
from bridge.iec61850.image import Image
from tests.app.endpoint import asks
from tests.app.office.bureau import NOW, Bureau, bureau, seen

DEVICE = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"
DOMAIN = f"derbridgeD{DEVICE}"
HOME = "/edev/1/der/1"
STATE = "DGEN1$ST$DEROpSt"
LONG = 900.0


@dataclass
class Neighbour:
    """What was joined and left."""

    said: list[str] = field(default_factory=list)

    def join(self, domain: str, now: float) -> None:
        del now
        self.said.append(f"+{domain[-4:]}")

    def leave(self, domain: str) -> None:
        self.said.append(f"-{domain[-4:]}")


@dataclass
class Scene:
    """A fleet on a store, and its clock."""

    office: Bureau
    fleet: Fleet
    neighbour: Neighbour
    moment: float = NOW

    async def put(self, path: str, text: str, lfdi: str = DEVICE) -> None:
        answer = await seen(self.office, path, lfdi, "PUT", text)
        assert answer.status == 204, answer
        await self.settled()

    async def settled(self) -> None:
        """Wait until what was heard is read."""
        self.office.store.current()
        if self.fleet.reading is not None:
            await self.fleet.reading

    def leaf(self, item: str) -> object:
        return self.fleet.estate.image.domains[DOMAIN].leaves[item]


@asynccontextmanager
async def scene(place: Path, lost: float = LONG) -> AsyncIterator[Scene]:
    async with bureau(place) as office:
        image, neighbour = Image(), Neighbour()
        rights = Rights(image, lambda: office.policy)
        made: list[Scene] = []
        fleet = Fleet(office.store, Estate(image), rights, (neighbour,), lambda: made[0].moment, lost)
        made.append(Scene(office, fleet, neighbour))
        await office.device(DEVICE)
        await fleet.open()
        try:
            yield made[0]
        finally:
            await fleet.close()


async def test_a_device_is_there_when_it_says_what_it_can(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        assert one.fleet.estate.image.domains == {}
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        assert list(one.fleet.estate.image.domains) == [DOMAIN]
        assert one.leaf("DGEN1$SP$WMaxRtg$setMag$f") == 5000.0
        assert one.neighbour.said == ["+23E5"]


async def test_what_it_tells_is_shown_at_once(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        await one.put(f"{HOME}/ders", asks.status(7, NOW))
        assert one.leaf(f"{STATE}$stVal") == 6
        await one.put(f"{HOME}/ders", asks.status(1, NOW))
        assert one.leaf(f"{STATE}$stVal") != 6
        assert one.neighbour.said == ["+23E5"]


async def test_who_can_do_more_is_a_new_device_with_what_it_told(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        await one.put(f"{HOME}/ders", asks.status(7, NOW))
        before = len(one.fleet.estate.image.domains[DOMAIN].leaves)
        await one.put(f"{HOME}/dercap", asks.MORE)
        assert len(one.fleet.estate.image.domains[DOMAIN].leaves) > before
        assert one.leaf(f"{STATE}$stVal") == 6
        assert one.neighbour.said == ["+23E5", "-23E5", "+23E5"]


async def test_what_there_was_before_is_read_at_the_start(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        await one.put(f"{HOME}/ders", asks.status(7, NOW))
        image = Image()
        rights = Rights(image, lambda: one.office.policy)
        again = Fleet(one.office.store, Estate(image), rights, (), lambda: one.moment, 0.0)
        await again.open()
        assert image.domains[DOMAIN].leaves[f"{STATE}$stVal"] == 6
        await again.close()


async def test_who_is_silent_is_lost_until_the_next_word(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        await one.put(f"{HOME}/ders", asks.status(7, NOW))
        one.moment = NOW + LONG - 1
        one.fleet.look()
        assert one.leaf(f"{STATE}$q") == GOOD
        one.moment = NOW + LONG
        one.fleet.look()
        assert one.leaf(f"{STATE}$q") == LOST
        one.office.moment = NOW + 1_000
        one.moment = NOW + 1_000.0
        await one.put(f"{HOME}/ders", asks.status(7, NOW))
        assert one.leaf(f"{STATE}$q") == GOOD
        assert one.neighbour.said == ["+23E5"]


async def test_nobody_is_lost_where_none_is_to_be(tmp_path: Path) -> None:
    async with scene(tmp_path, lost=0.0) as one:
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        await one.put(f"{HOME}/ders", asks.status(7, NOW))
        one.moment = NOW * 2.0
        one.fleet.look()
        assert one.leaf(f"{STATE}$q") != LOST


async def test_a_device_in_another_group_is_left_by_who_was_told_of_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        before = one.fleet.rights.places[DOMAIN]
        group = await one.office.post("/groups", {"name": "feeder"})
        answer = await one.office.ask("PUT", f"/devices/{DEVICE}/groups", {"groups": [group["id"]]})
        if answer.status >= 400:
            pytest.fail(await answer.text())
        await one.settled()
        assert one.fleet.rights.places[DOMAIN] != before
        assert one.neighbour.said == ["+23E5", "-23E5", "+23E5"]


async def test_a_removed_device_is_gone(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        answer = await one.office.ask("DELETE", f"/devices/{DEVICE}")
        assert answer.status == 204, await answer.text()
        await one.settled()
        assert one.fleet.estate.image.domains == {}
        assert one.fleet.rights.places == {}
        assert one.neighbour.said == ["+23E5", "-23E5"]
