"""Orders over the administration API: shown, brought again, dropped; and explanations, of any unit.

The pump that makes the orders is a real one on the office's own store; its units are those of its tests.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bridge.ports import Reach
from tests.app.office.bureau import Bureau, bureau, seen
from tests.app.pump import town as towns
from tests.app.pump.town import AHEAD, DIRECT, NOW, UNITS, Town
from tests.core.unit import Fake

UNIT = UNITS[0]


@dataclass
class Both:
    """An office and a town on one store."""

    office: Bureau
    town: Town

    async def at(self, *moments: int) -> None:
        for one in moments:
            self.office.moment = NOW + one
            await self.town.at(one)

    async def orders(self, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.office.get("/orders", **query))["items"]
        return found

    async def explain(self, mode: str = "maxLimW", unit: str = UNIT, **query: Any) -> Any:
        return await self.office.get(f"/orders/{unit}/explain/{mode}", **query)


@pytest.fixture(params=[AHEAD, DIRECT], ids=["ahead", "direct"])
async def both(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Both]:
    reach: Reach = request.param
    async with bureau(tmp_path) as office:
        town = towns.make(office.store, towns.Street({UNIT: Fake(reach)}))
        await town.settle(UNITS[:2])
        async with towns.running(town):
            yield Both(office, town)


async def dead(both: Both, status: int = 10) -> dict[str, Any]:
    """A control whose order was given up."""
    both.town.street.away.add(UNIT)
    await both.town.control("0A", 1, 1_000)
    await both.at(0, 1, 2, 4, 8, 16, 32, 64)
    (found,) = await both.orders(dead="true")
    assert (await both.town.said("0A"))[-1] == status
    return found


async def test_an_order_is_seen_on_its_way_and_called_back_by_cancelling(both: Both) -> None:
    both.town.street.away.add(UNIT)
    row = await both.town.control("0A", 1, 1_000)
    await both.at(1)
    (one,) = await both.orders()
    assert (one["kind"], one["record"], one["modes"], one["dead"]) == ("take", "0A" * 16, ["maxLimW"], False)
    assert (one["reason"], one["tries"], one["end"]) == ("nobody there", 1, NOW + 1_001)
    assert await both.office.get(f"/orders/{UNIT}/{one['number']}") == one
    assert await both.orders(dead="true") == []
    for how, path in (("DELETE", ""), ("POST", "/again")):
        answer = await both.office.ask(how, f"/orders/{UNIT}/{one['number']}{path}")
        assert (answer.status, "on its way" in await answer.text()) == (409, True)
    await both.town.cancel(row.href)
    both.town.street.away.clear()
    both.town.street.present(UNIT)
    await both.town.quiet()
    assert await both.orders() == []
    assert both.town.holds() == set()


async def test_a_dead_letter_is_brought_again(both: Both) -> None:
    one = await dead(both)
    both.town.street.away.clear()
    both.town.street.present(UNIT)
    await both.town.quiet()
    assert both.town.holds() == set()
    answer = await both.office.ask("POST", f"/orders/{UNIT}/{one['number']}/again")
    assert answer.status == 204, await answer.text()
    await both.town.quiet()
    assert both.town.holds() == {"0A"}
    assert await both.orders() == []


async def test_a_dead_letter_is_dropped_or_too_late(both: Both) -> None:
    one = await dead(both)
    both.office.moment = NOW + 2_000
    answer = await both.office.ask("POST", f"/orders/{UNIT}/{one['number']}/again")
    assert (answer.status, "window is over" in await answer.text()) == (409, True)
    assert (await both.office.ask("DELETE", f"/orders/{UNIT}/{one['number']}")).status == 204
    assert await both.orders(dead="true") == []
    assert (await both.office.ask("GET", f"/orders/{UNIT}/{one['number']}")).status == 404


async def test_a_leave_that_was_given_up_is_brought_again(both: Both) -> None:
    row = await both.town.control("0A", 1, 1_000)
    await both.at(1)
    assert both.town.holds() == {"0A"}
    both.town.street.away.add(UNIT)
    await both.town.cancel(row.href)
    await both.at(2, 4, 8, 16, 32, 64)
    (one,) = await both.orders(dead="true")
    assert one["kind"] == "leave"
    both.town.street.away.clear()
    both.town.street.present(UNIT)
    answer = await both.office.ask("POST", f"/orders/{UNIT}/{one['number']}/again")
    assert answer.status == 204, await answer.text()
    await both.town.quiet()
    assert (both.town.holds(), await both.orders()) == (set(), [])


async def test_why_a_mode_is_held(both: Both) -> None:
    first = both.town.programme
    group = await both.office.store.get(first)
    assert group
    await both.town.control("0A", 1, 1_000)
    both.town.programme = (await both.town.lay(group.grp, primacy=1)).href
    await both.town.control("0B", 1, 500)
    await both.at(1, 6)
    said = await both.explain()
    assert (said["holder"], said["until"], said["carried"]) == ("0B" * 16, NOW + 501, True)
    strong, weak = said["candidates"]
    assert (strong["verdict"], strong["primacy"], strong["told"]) == ("holds", 1, "yes")
    assert [one["status"] for one in strong["answers"]] == [1, 2]
    assert (weak["verdict"], weak["why"]) == ("outranked", f"primacy 2 against 1 of control {'0B' * 16}")
    assert (strong["party"], strong["door"]) == (towns.OPERATOR, "operator")
    assert said["drawing"][0] == f"maxLimW  {'.' * 5}{'A' * 25}{'B' * 25}{'.' * 5}"
    assert said["drawing"][3:] == [
        f"A  {'0B' * 16}: maxLimW from 08:00:01 to 08:08:21",
        f"B  {'0A' * 16}: maxLimW from 08:08:21 to 08:16:41",
    ]
    assert await both.explain("opModMaxLimW") == said
    later = await both.explain(at=NOW + 600)
    assert (later["holder"], later["until"]) == ("0A" * 16, NOW + 1_001)


async def test_a_unit_that_comes_by_itself_is_explained_by_its_own_answers(both: Both) -> None:
    """One of the group that no carrier reaches: what it posted decides."""
    unit = UNITS[1]
    await both.town.control("0A", 1, 1_000)
    await both.at(2)
    said = await both.explain(unit=unit)
    assert (said["holder"], said["carried"]) == ("0A" * 16, False)
    body = (
        '<DERControlResponse xmlns="urn:ieee:std:2030.5:ns"><createdDateTime>1800000002</createdDateTime>'
        f"<endDeviceLFDI>{unit}</endDeviceLFDI><status>4</status><subject>{'0A' * 16}</subject>"
        "</DERControlResponse>"
    )
    answer = await seen(both.office, "/rsps/1/rsp", unit, "POST", body)
    assert answer.status == 201, answer.body
    said = await both.explain(unit=unit)
    assert (said["holder"], said["candidates"][0]["verdict"]) == (None, "closed")
    assert said["candidates"][0]["answers"][0]["meaning"] == "opted out"
    back = body.replace(">4<", ">5<").replace("1800000002", "1800000003")
    answer = await seen(both.office, "/rsps/1/rsp", unit, "POST", back)
    assert (answer.status, (await both.explain(unit=unit))["holder"]) == (201, "0A" * 16)


async def test_what_cannot_be_explained_is_refused(both: Both) -> None:
    for path in (f"/orders/{UNIT}/explain/opModNothing", f"/orders/{'A' * 40}/explain/maxLimW"):
        assert (await both.office.ask("GET", path)).status == 404
    assert (await both.explain("targetW"))["candidates"] == []
    assert Decimal(NOW) == both.town.moment
