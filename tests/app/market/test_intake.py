"""A request is durable when it is acknowledged, has one effect however often it comes, outlives a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.app.market import asked, intake, registry, state
from bridge.app.market.reading import Refused
from bridge.sep2 import audience
from bridge.sep2.shelf import Cut
from bridge.transports.store import opening
from models.meter import meter
from tests.app.market.stall import NOW, Stall, esiid, lfdi, price, stall, text


async def count(site: Stall, type_: str) -> int:
    return len([row for row in await site.store.beneath("/-/request") if row.type == type_])


async def test_it_is_durable_when_it_is_acknowledged(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        name = await intake.accept(site, "REP", price((1, 2)), NOW)
    async with opening.open(f"sqlite:///{tmp_path / 'market.db'}") as store:
        again = Stall(store)
        while await again.counter.step():
            pass
        assert len(await again.intervals(2)) == 1
        assert await intake.accept(again, "REP", price((1, 2)), NOW + 60) == name


async def test_the_same_again_has_no_second_effect(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        first = await site.send(price())
        assert await site.send(price()) == first
        named = {"RequestID": "A-1"}
        assert await site.send(text(about=named)) == "A-1"
        assert await site.send(text(about=named)) == "A-1"
        assert await count(site, "Request") == 2
        assert await count(site, audience.TYPE) == 2


async def test_a_name_or_number_that_was_something_else_is_refused(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        await site.send(price(about={"RequestID": "A-1"}))
        with pytest.raises(Refused, match="A-1 was another request"):
            await site.send(price(IssuerEventID=2, about={"RequestID": "A-1"}))
        with pytest.raises(Refused, match="7001 was something else"):
            await site.send(price(Price=1))
        assert await site.send(price(about={"RequestID": "A-1"}), "OTHER") == "A-1"


async def test_the_same_price_for_more_addresses_adds_these(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        first = await site.send(price((1,)))
        assert await site.send(price((2,))) != first
        one, two = await site.intervals(1), await site.intervals(2)
        assert [each.get("href") for each in one] == [each.get("href") for each in two]
        assert len(one) == 1


async def test_nobody_to_send_it_to_is_refused(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        with pytest.raises(Refused, match="nobody"):
            await site.send(price(()))


async def test_a_set_of_meters_is_addressed_by_its_name(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        rows = [registry.row(registry.Meter(esiid(at), (lfdi(at),), group="north")) for at in (1, 3)]
        await site.put(*rows)
        block = meter.AddressBlock(GroupID="north")
        await site.send(text(about={"AddressBlock": block}))
        assert [len(await site.texts(at)) for at in (1, 2, 3)] == [1, 0, 1]


async def test_a_meter_of_somebody_else_is_as_unknown_as_none(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        await site.put(registry.row(registry.Meter(esiid(1), (lfdi(1),), entities=("OTHER",))))
        await site.send(text((1, 8)))
        found = [await registry.found(site.store, at, "REP") for at in await _to(site)]
        assert len(set(found)) == 1


async def _to(site: Stall) -> tuple:  # type: ignore[type-arg]
    row = await site.store.get((await site.state()).request)
    assert row
    return asked.read(row).to


@pytest.mark.parametrize(("said", "known", "found"), [("0", "77", 1), ("77", "77", 1), ("78", "77", 0)])
async def test_a_serial_number_that_is_given_must_be_the_registered_one(
    tmp_path: Path, said: str, known: str, found: int
) -> None:
    async with stall(tmp_path) as site:
        await site.put(registry.row(registry.Meter(esiid(1), (lfdi(1),), serial=known)))
        listed = meter.AddressList(Address=(meter.Address(ESIID=esiid(1), MeterSerialNumber=said),))
        await site.send(text(about={"AddressBlock": meter.AddressBlock(AddressList=listed)}))
        assert len(await site.texts()) == found


async def test_the_urgent_goes_first(tmp_path: Path) -> None:
    async with stall(tmp_path, together=1) as site:
        await intake.accept(site, "REP", text((1, 2, 3)), NOW)
        await site.counter.step()
        await site.counter.step()
        urgent = {"RequestPriority": meter.Priority.H}
        await intake.accept(site, "REP", text((1, 2), urgent, MessageID=2), NOW)
        for _ in range(3):
            await site.counter.step()
        late, early = await site.state(0), await site.state(1)
        assert (early.next, late.next) == (2, 1)


async def test_a_crash_between_any_two_steps_serves_each_address_once(tmp_path: Path) -> None:
    async with stall(tmp_path, 7, together=2) as site:
        await intake.accept(site, "REP", text((1, 2, 3, 4, 5, 6, 7)), NOW)
        while await site.counter.step():
            site.fresh()
        rows = [row for row in await site.store.beneath("/-/request") if row.type == audience.TYPE]
        assert sorted(row.owner for row in rows) == [lfdi(at) for at in range(1, 8)]
        assert {row.version for row in rows} == {1}
        assert (await site.store.children(state.WAITING, Cut(limit=10))).rows == ()
