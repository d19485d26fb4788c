"""Programmes as logical devices: sums of their members on a real store, who is in them, who may see them."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import Any

import pytest

from bridge.app.endpoint import crowd
from bridge.core.access.target import within
from bridge.iec61850.device import LOST
from bridge.iec61850.first import GOOD, INVALID
from bridge.iec61850.image import Change
from bridge.iec61850.sorts import quality
from tests.app.endpoint import asks
from tests.app.endpoint.scene import DEVICE, DOMAIN, HOME, LONG, Scene, scene
from tests.app.endpoint.test_meters import kind, series
from tests.app.office.bureau import NOW
from tests.sep2.metered import point, reading, value

OTHER = "AB" * 20
HOLDER, STRANGER = "C1" * 20, "C2" * 20
MARK = "0F" * 16
GROUP = f"derbridgeG{MARK}"
POWER = "MMXU1$MX$TotW"
BIG = asks.CAPABILITY.replace("5000", "7000")


async def furnished(one: Scene, *lfdis: str, parent: str = "") -> dict[str, Any]:
    """A programme in a group of some devices; of a group above it where there is one."""
    if OTHER in lfdis:
        await one.office.device(OTHER)
    group = await one.office.post("/groups", {"name": "feeder", **({"parent": parent} if parent else {})})
    for lfdi in lfdis:
        await one.office.ask("PUT", f"/devices/{lfdi}/groups", {"groups": [group["id"]]})
    made = await one.office.post("/programmes", {"primacy": 1, "group": group["id"], "mrid": MARK})
    await one.settled()
    return {"group": group["id"], "programme": made["id"]}


async def metered(one: Scene, lfdi: str, number: int, mark: str) -> str:
    """What a device feeds in, mirrored by itself."""
    mirror = await one.ask(
        "POST", "/mup",
        point(series(mark, kind(38, kind=37)), mark=f"{mark[:2]}{'00' * 15}", device=lfdi), lfdi,
    )  # fmt: skip
    await told(one, lfdi, mirror, reading(mark, value(number)))
    return mirror


async def told(one: Scene, lfdi: str, mirror: str, said: str) -> None:
    await one.ask("POST", mirror, said, lfdi)
    one.fleet.crowd.settle()


async def test_a_programme_is_there_with_the_first_unit_of_its_group(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        found = await furnished(one, DEVICE)
        assert list(one.fleet.estate.image.domains) == []
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        assert sorted(one.fleet.estate.image.domains) == [DOMAIN, GROUP]
        assert one.leaf("LPHD1$ST$Proxy$stVal", GROUP) is True
        assert one.leaf("LPHD1$DC$PhyNam$serNum", GROUP) == MARK
        assert one.leaf("LPHD1$DC$PhyNam$model", GROUP) == "feeder"
        assert one.neighbour.said == ["+23E5", "+0F0F"]
        assert list(one.fleet.crowd.programmes) == [MARK]
        del found


async def test_groups_rest_after_a_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(tmp_path) as one:
        found = one.fleet.crowd
        await furnished(one, DEVICE)
        monkeypatch.setattr(crowd, "REST", math.inf)
        monkeypatch.setattr(crowd, "PAUSE", LONG)
        one.fleet.hear(frozenset({"/derp/1"}))
        async with asyncio.timeout(60):
            await one.settled()
        found.changed = True
        assert not found.due


async def test_ratings_add_up_and_say_who_is_missing(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await furnished(one, DEVICE, OTHER)
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        assert one.leaf("DGEN1$SP$WMaxRtg$setMag$f", GROUP) == 5000.0
        assert one.leaf("DGEN1$DC$WMaxRtg$d", GROUP) == ""
        await one.put("/edev/2/der/1/dercap", BIG, OTHER)
        assert one.leaf("DGEN1$SP$WMaxRtg$setMag$f", GROUP) == 12000.0
        assert math.isnan(float(str(one.leaf("DGEN1$SP$VMaxRtg$setMag$f", GROUP))))
        assert one.leaf("DGEN1$DC$VAMaxRtg$d", GROUP) == "not told by the device"
        more = BIG.replace(
            "<rtgMaxW>", "<rtgMaxVA><multiplier>0</multiplier><value>8000</value></rtgMaxVA><rtgMaxW>"
        )
        await one.put("/edev/2/der/1/dercap", more, OTHER)
        assert one.leaf("DGEN1$SP$VAMaxRtg$setMag$f", GROUP) == 8000.0
        assert one.leaf("DGEN1$DC$VAMaxRtg$d", GROUP) == "of 1 of 2 units"


async def test_measurements_add_up_with_their_quality_and_the_youngest_time(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await furnished(one, DEVICE, OTHER)
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        await one.put("/edev/2/der/1/dercap", BIG, OTHER)
        assert one.leaf(f"{POWER}$q", GROUP) == INVALID
        await metered(one, DEVICE, 100, "A1" * 16)
        assert (one.leaf(f"{POWER}$mag$f", GROUP), one.leaf(f"{POWER}$q", GROUP)) == (
            100.0,
            quality("questionable"),
        )
        mirror = await metered(one, OTHER, 50, "A2" * 16)
        assert (one.leaf(f"{POWER}$mag$f", GROUP), one.leaf(f"{POWER}$q", GROUP)) == (150.0, GOOD)
        await told(one, OTHER, mirror, reading("A2" * 16, value(20, NOW + 60)))
        assert one.leaf(f"{POWER}$mag$f", GROUP) == 120.0
        assert one.leaf(f"{POWER}$t", GROUP) == one.leaf(f"{POWER}$t", f"derbridgeD{OTHER}")


async def test_a_sum_with_a_lost_member_is_questionable_and_of_lost_ones_old(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await furnished(one, DEVICE, OTHER)
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        await metered(one, DEVICE, 100, "A1" * 16)
        one.office.moment = NOW + 500
        await one.put("/edev/2/der/1/dercap", BIG, OTHER)
        await metered(one, OTHER, 50, "A2" * 16)
        one.moment = NOW + LONG
        one.fleet.silence.look()
        one.fleet.crowd.settle()
        assert one.leaf(f"{POWER}$q") == LOST
        assert one.leaf(f"{POWER}$mag$f", GROUP) == 150.0
        assert one.leaf(f"{POWER}$q", GROUP) == quality("questionable")
        one.moment = NOW + LONG + 500
        one.fleet.silence.look()
        one.fleet.crowd.settle()
        assert (one.leaf(f"{POWER}$mag$f", GROUP), one.leaf(f"{POWER}$q", GROUP)) == (150.0, LOST)


async def test_what_only_stores_have_is_summed_over_stores(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await furnished(one, DEVICE, OTHER)
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        await one.put("/edev/2/der/1/dercap", BIG.replace("<type>4<", "<type>80<"), OTHER)
        assert one.leaf("DSTO1$MX$AvlChaW$q", GROUP) == INVALID
        await metered(one, DEVICE, 100, "A1" * 16)
        assert one.leaf(f"{POWER}$mag$f", GROUP) == 100.0


async def test_sums_follow_by_themselves(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await furnished(one, DEVICE)
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        summed = asyncio.Event()

        def look(changes: tuple[Change, ...], now: float) -> None:
            del now
            if any((each.domain, each.item, each.new) == (GROUP, f"{POWER}$mag$f", 7.0) for each in changes):
                summed.set()

        one.fleet.estate.image.watchers.append(look)
        mirror = await one.ask("POST", "/mup", point(series("A1" * 16, kind(38, kind=37)), device=DEVICE))
        await one.ask("POST", mirror, reading("A1" * 16, value(7)))
        async with asyncio.timeout(30):
            await summed.wait()


async def test_members_are_named_and_told_of_no_more_where_they_have_left(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        found = await furnished(one, DEVICE, OTHER)
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        await one.put("/edev/2/der/1/dercap", BIG, OTHER)
        sets = one.fleet.estate.image.domains[GROUP].sets
        assert [domain for domain, _ in sets["LLN0$Members"].members] == [DOMAIN, f"derbridgeD{OTHER}"]
        assert one.fleet.rights.places[GROUP].places[0].devices == ((DEVICE, ""), (OTHER, ""))
        one.neighbour.said.clear()
        await one.office.ask("PUT", f"/devices/{OTHER}/groups", {"groups": []})
        await one.settled()
        sets = one.fleet.estate.image.domains[GROUP].sets
        assert [domain for domain, _ in sets["LLN0$Members"].members] == [DOMAIN]
        assert one.leaf("DGEN1$SP$WMaxRtg$setMag$f", GROUP) == 5000.0
        assert {"-0F0F", "+0F0F"} <= set(one.neighbour.said)
        del found


async def test_units_of_groups_below_belong_to_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        above = await one.office.post("/groups", {"name": "substation"})
        made = {"primacy": 1, "group": above["id"], "mrid": "0E" * 16}
        await one.office.post("/programmes", made)
        await furnished(one, DEVICE, parent=above["id"])
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        assert sorted(one.fleet.estate.image.domains) == [DOMAIN, f"derbridgeG{'0E' * 16}", GROUP]


async def test_who_holds_all_its_devices_may_see_a_group_and_who_holds_some_may_not(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        for lfdi in (HOLDER, STRANGER):
            await one.office.post("/access", {"lfdi": lfdi, "role": "aggregator"})
        await furnished(one, DEVICE, OTHER)
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        for lfdi, holder in ((DEVICE, HOLDER), (OTHER, HOLDER)):
            answer = await one.office.ask("PATCH", f"/devices/{lfdi}", {"aggregator": holder})
            assert answer.status < 300, await answer.text()
        await one.settled()
        where = one.fleet.rights.places[GROUP]
        assert within("held", HOLDER, where)
        assert not within("held", STRANGER, where)
        await one.office.ask("PATCH", f"/devices/{OTHER}", {"aggregator": STRANGER})
        await one.settled()
        where = one.fleet.rights.places[GROUP]
        assert not within("held", HOLDER, where)
        assert not within("held", STRANGER, where)


async def test_a_programme_that_is_removed_is_gone(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        found = await furnished(one, DEVICE)
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        answer = await one.office.ask("DELETE", f"/programmes/{found['programme']}")
        assert answer.status == 204
        await one.settled()
        assert list(one.fleet.estate.image.domains) == [DOMAIN]
        assert one.fleet.crowd.programmes == {}
        assert GROUP not in one.fleet.rights.places


async def test_the_last_unit_that_goes_takes_the_group_along(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await furnished(one, DEVICE)
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        assert (await one.office.ask("DELETE", f"/devices/{DEVICE}")).status == 204
        await one.settled()
        assert one.fleet.estate.image.domains == {}


@pytest.mark.parametrize("text", [asks.CAPABILITY, asks.SITED])
async def test_a_group_has_every_mode_of_its_members(tmp_path: Path, text: str) -> None:
    async with scene(tmp_path) as one:
        await furnished(one, DEVICE)
        await one.put(f"{HOME}/dercap", text)
        unit, group = (one.fleet.estate.devices[each] for each in (DEVICE, MARK))
        assert group.able == tuple(sorted(unit.able))
        schedules = {node.name for node in group.outline.nodes if node.cls in {"FSCH", "FSCC"}}
        assert schedules == {node.name for node in unit.outline.nodes if node.cls in {"FSCH", "FSCC"}}
