"""The devices of the endpoint as the store has them: come, told, changed, lost, back, regrouped, gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.app.endpoint.fleet import Fleet
from bridge.app.endpoint.rights import Rights
from bridge.iec61850.buffer import Memory
from bridge.iec61850.device import LOST
from bridge.iec61850.estate import Estate
from bridge.iec61850.first import GOOD
from bridge.iec61850.image import Image
from bridge.iec61850.report import Reports
from tests.app.endpoint import asks
from tests.app.endpoint.scene import DEVICE, DOMAIN, HOME, LONG, STATE, scene
from tests.app.office.bureau import NOW

OTHER = "AB" * 20


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
        one.fleet.silence.look()
        assert one.leaf(f"{STATE}$q") == GOOD
        one.moment = NOW + LONG
        one.fleet.silence.look()
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
        one.fleet.silence.look()
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


async def test_each_further_der_is_a_logical_device_of_its_own(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        made = await one.ask("POST", "/edev/1/der", f"<DER {asks.NS}/>")
        number = made.rpartition("/")[2]
        other = f"{DOMAIN}_{number}"
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        await one.put(f"{made}/dercap", asks.MORE.replace("5000", "7000"))
        await one.put(f"{made}/ders", asks.status(7, NOW))
        assert sorted(one.fleet.estate.image.domains) == [DOMAIN, other]
        assert one.leaf("DGEN1$SP$WMaxRtg$setMag$f", other) == 7000.0
        assert one.leaf("DGEN1$SP$WMaxRtg$setMag$f") == 5000.0
        assert one.leaf(f"{STATE}$stVal", other) == 6
        assert one.leaf(f"{STATE}$stVal") != 6
        assert one.leaf("LPHD1$DC$PhyNam$serNum", other) == DEVICE
        assert one.fleet.rights.places[other] == one.fleet.rights.places[DOMAIN]


async def test_a_further_der_that_is_removed_is_gone_alone(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        made = await one.ask("POST", "/edev/1/der", f"<DER {asks.NS}/>")
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        await one.put(f"{made}/dercap", asks.CAPABILITY)
        await one.ask("DELETE", made)
        assert list(one.fleet.estate.image.domains) == [DOMAIN]
        assert list(one.fleet.rights.places) == [DOMAIN]


async def test_all_ders_of_a_silent_device_are_lost_and_come_back(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        made = await one.ask("POST", "/edev/1/der", f"<DER {asks.NS}/>")
        other = f"{DOMAIN}_{made.rpartition('/')[2]}"
        for place in (HOME, made):
            await one.put(f"{place}/dercap", asks.CAPABILITY)
            await one.put(f"{place}/ders", asks.status(7, NOW))
        one.moment = NOW + LONG
        one.fleet.silence.look()
        assert {one.leaf(f"{STATE}$q", each) for each in (DOMAIN, other)} == {LOST}
        one.office.moment, one.moment = NOW + 1_000, NOW + 1_000.0
        await one.put(f"{HOME}/ders", asks.status(7, NOW))
        assert {one.leaf(f"{STATE}$q", each) for each in (DOMAIN, other)} == {GOOD}


async def test_what_is_kept_of_a_device_that_is_gone_is_forgotten(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as one:
        buffer = Memory()
        reports = Reports(one.fleet.estate.image, buffer, lambda _: 65_000)
        one.fleet.neighbours, one.fleet.crowd.neighbours = (reports,), (reports,)
        one.fleet.gone = reports.retain
        await one.office.device(OTHER)
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        await one.put("/edev/2/der/1/dercap", asks.CAPABILITY, OTHER)
        for home, lfdi in ((HOME, DEVICE), ("/edev/2/der/1", OTHER)):
            await one.put(f"{home}/ders", asks.status(7, NOW), lfdi)
            await one.put(f"{home}/ders", asks.status(1, NOW), lfdi)
        for each in reports.tick(one.moment + 1):
            pytest.fail(str(each))
        mine, theirs = (f"derbridgeD{lfdi}/LLN0$BR$brcbStates01" for lfdi in (DEVICE, OTHER))
        before = buffer.kept(mine)
        assert buffer.after(mine, 0, 9)
        assert buffer.after(theirs, 0, 9)
        assert (await one.office.ask("DELETE", f"/devices/{DEVICE}")).status == 204
        await one.settled()
        assert not buffer.after(mine, 0, 9)
        assert buffer.kept(mine) == before
        assert buffer.after(theirs, 0, 9)
