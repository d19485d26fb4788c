"""A price that was sent is read by the devices it was for, and by no others, as the standard has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.app.market import registry
from bridge.app.market.reading import Refused
from tests.app.market.stall import NOW, esiid, lfdi, link, price, said, stall


async def test_a_price_is_read_as_tariff_intervals(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        await site.send(price((1, 2), Duration=55, PriceTier=2))
        (profile,) = await site.items("/tp")
        assert said(profile, "currency") == "840"
        assert said(profile, "pricePowerOfTenMultiplier") == "-3"
        assert said(profile, "rateCode") == "Rate Label1"
        assert said(profile, "primacy") == "1"
        (component,) = await site.items(link(profile, "RateComponentListLink"))
        kind = await site.get(link(component, "ReadingTypeLink"))
        assert (said(kind, "uom"), said(kind, "powerOfTenMultiplier")) == ("72", "3")
        assert said(kind, "flowDirection") == "1"
        (interval,) = await site.items(link(component, "TimeTariffIntervalListLink"))
        assert said(interval, "interval", "start") == str(NOW)
        assert said(interval, "interval", "duration") == "3300"
        assert said(interval, "touTier") == "2"
        assert said(interval, "EventStatus", "currentStatus") == "1"
        (cost,) = await site.items(link(interval, "ConsumptionTariffIntervalListLink"))
        assert (said(cost, "price"), said(cost, "startValue")) == ("12777", "0")


async def test_it_is_assigned_to_the_device(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        await site.send(price())
        (assignment,) = await site.items("/edev/1/fsa")
        found = await site.intervals(1, link(assignment, "TariffProfileListLink"))
        assert [said(one, "interval", "duration") for one in found] == ["3300"]


async def test_who_was_not_addressed_sees_nothing(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        await site.send(price((1,)))
        await site.send(price((1, 2), IssuerEventID=7002, StartTime="2027-06-01T00:00:00"))
        (first,) = [one for one in await site.intervals(1) if said(one, "interval", "start") == str(NOW)]
        assert len(await site.intervals(1)) == 2
        assert len(await site.intervals(2)) == 1
        assert await site.items("/tp", 3) == []
        assert (await site.ask(first.get("href", ""), 2)).status == 404
        assert (await site.ask(link(first, "ConsumptionTariffIntervalListLink"), 2)).status == 404
        assert (await site.ask(first.get("href", ""), 3)).status == 404


async def test_generation_is_a_component_of_reverse_flow(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        await site.send(price(GenerationPrice=12111))
        (profile,) = await site.items("/tp")
        found = {}
        for component in await site.items(link(profile, "RateComponentListLink")):
            kind = await site.get(link(component, "ReadingTypeLink"))
            (interval,) = await site.items(link(component, "TimeTariffIntervalListLink"))
            (cost,) = await site.items(link(interval, "ConsumptionTariffIntervalListLink"))
            found[said(kind, "flowDirection")] = said(cost, "price")
        assert found == {"1": "12777", "19": "12111"}


async def test_an_environmental_cost_is_told_in_grams(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        block: dict[str, Any] = {
            "AlternateCostDelivered": 1111,
            "AlternateCostUnit": 1,
            "AlternateCostTrailingDigit": 2,
        }
        await site.send(price(**block))
        (interval,) = await site.intervals()
        (cost,) = await site.items(link(interval, "ConsumptionTariffIntervalListLink"))
        assert said(cost, "EnvironmentalCost", "amount") == "11110"
        assert said(cost, "EnvironmentalCost", "costKind") == "0"


async def test_the_larger_number_counts_for_the_same_time_whatever_came_in_first(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        await site.send(price(IssuerEventID=7002, Price=2))
        site.moment += 5
        await site.send(price(IssuerEventID=7001, Price=1, StartTime="2027-01-15T02:00:00", Duration=60))
        states = {}
        for one in await site.intervals():
            (cost,) = await site.items(link(one, "ConsumptionTariffIntervalListLink"))
            states[said(cost, "price")] = said(one, "EventStatus", "currentStatus")
        assert states == {"2": "1", "1": "4"}


async def test_a_newer_price_for_some_leaves_the_others_theirs(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        await site.send(price((1, 2), IssuerEventID=7001))
        await site.send(price((1,), IssuerEventID=7002))

        def states(found: list) -> list[str]:  # type: ignore[type-arg]
            return sorted(said(one, "EventStatus", "currentStatus") for one in found)

        assert states(await site.intervals(1)) == ["1", "4"]
        assert states(await site.intervals(2)) == ["1"]


async def test_a_finer_price_changes_no_other(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        await site.send(price(Price=12777, PriceTrailingDigit=3))
        await site.send(price(IssuerEventID=7002, StartTime="2027-06-01T00:00:00", Price=131111,
                              PriceTrailingDigit=4))  # fmt: skip
        (profile,) = await site.items("/tp")
        assert said(profile, "pricePowerOfTenMultiplier") == "-4"
        costs = [
            said((await site.items(link(one, "ConsumptionTariffIntervalListLink")))[0], "price")
            for one in await site.intervals()
        ]
        assert sorted(costs) == ["127770", "131111"]


async def test_a_price_that_its_tariff_cannot_hold_serves_nobody_and_says_so(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        await site.send(price(Price=2_000_000_000))
        await site.send(price(IssuerEventID=7002, Price=1, PriceTrailingDigit=4))
        failed = await site.state(1)
        assert "cannot be written" in failed.reason
        assert len(await site.intervals()) == 1


async def test_one_sender_cannot_take_the_place_of_anothers_price(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        await site.send(price(IssuerEventID=1), "REP")
        await site.send(price(IssuerEventID=2), "OTHER")
        assert [said(one, "EventStatus", "currentStatus") for one in await site.intervals()] == ["1", "1"]
        assert len(await site.items("/tp")) == 2


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ({"Duration": 0}, "duration of 0"),
        ({"Currency": "QQQ"}, "currency"),
        ({"UOM": 9}, "unit"),
        ({"Price": 4_000_000_000}, "more than a price"),
        ({"StartTime": "2027-01-14T02:00:00"}, "over already"),
        ({"AlternateCostDelivered": 1, "AlternateCostUnit": 7}, "unit 7"),
        ({"StartTime": "2027-03-14T02:30:00"}, "does not exist"),
        ({"StartTime": "2027-11-07T01:30:00"}, "occurs twice"),
    ],
)
async def test_what_can_have_no_effect_is_refused(tmp_path: Path, block: dict, why: str) -> None:  # type: ignore[type-arg]
    async with stall(tmp_path) as site:
        with pytest.raises(Refused, match=why):
            await site.send(price(**block))
        assert [row.type for row in await site.store.beneath("/-/request")] == []


async def test_a_meter_may_have_several_devices_and_a_register_with_conditions(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        whole = registry.Meter(esiid(9), (lfdi(1), lfdi(2)), serial="60333057", entities=("REP",))
        await site.put(registry.row(whole))
        await site.send(price((9,)))
        assert len(await site.intervals(1)) == len(await site.intervals(2)) == 1
