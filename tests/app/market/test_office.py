"""An operator registers meters, sends prices and texts to them, and reads what became of each address."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bridge.app.market.counter import Counter
from tests.app.market.stall import esiid
from tests.app.office.bureau import LFDI, OTHER, THIRD, Bureau, bureau, seen


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[Bureau]:
    async with bureau(folder) as made:
        for lfdi in (LFDI, OTHER):
            await made.device(lfdi)
        yield made


async def served(made: Bureau) -> None:
    """Let everything that waits be served."""
    counter = Counter(made.store, lambda: made.policy, made.market, made.now, lambda: None)
    while await counter.step():
        pass


async def meter(made: Bureau, number: int, **more: Any) -> Any:
    response = await made.ask("PUT", f"/meters/{esiid(number)}", more)
    assert response.status == 200, await response.text()
    return await response.json()


async def test_meters_are_registered_shown_and_forgotten(tmp_path: Path) -> None:
    async with office(tmp_path) as made:
        first = await meter(made, 1, devices=[LFDI.lower()], serial="77", set="north", entities=["REP"])
        assert first["devices"] == [LFDI]
        await meter(made, 2, devices=[OTHER])
        assert (await made.get("/meters", device=LFDI))["items"] == [first]
        assert (await made.get("/meters"))["total"] == 2
        assert (await made.ask("DELETE", f"/meters/{esiid(1)}")).status == 204
        assert (await made.ask("GET", f"/meters/{esiid(1)}")).status == 404


async def loaded(made: Bureau, table: str, media: str = "text/csv") -> tuple[int, Any]:
    """Send a table of meters."""
    headers = {"Content-Type": media}
    response = await made.ask("POST", "/meters", data=table.encode(), headers=headers)
    return response.status, await response.json()


async def test_many_meters_are_registered_by_one_table(tmp_path: Path) -> None:
    async with office(tmp_path) as made:
        await meter(made, 1, devices=[OTHER], serial="1")
        lines = [f"{esiid(at)},,north,{LFDI} {OTHER},REP_A REP_B" for at in range(1, 3_001)]
        table = "\ufeffesiid,serial,set,devices,entities\r\n" + "\r\n".join(lines)
        assert await loaded(made, table) == (200, {"meters": 3_000})
        assert (await made.get("/meters"))["total"] == 3_000
        first = await made.get(f"/meters/{esiid(1)}")
        assert (first["devices"], first["serial"], first["set"]) == ([LFDI, OTHER], "", "north")
        assert first["entities"] == ["REP_A", "REP_B"]
        assert (await loaded(made, f"esiid\n{esiid(9_999)}\n", "application/octet-stream"))[0] == 200


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("serial\n7\n", "the first line names the columns"),
        ("esiid,colour\n1,red\n", "the first line names the columns"),
        ("esiid\n", "1 to 50000 meters, not 0"),
        (f"esiid,serial\n{esiid(1)},7\n{esiid(2)},7,8\n", "line 3: more values than columns"),
        (f"esiid\n{esiid(1)}\n77\n", "line 3: "),
        (f"esiid,devices\n{esiid(1)},XYZ\n", "line 2: devices.0"),
    ],
)
async def test_a_table_that_is_wrong_anywhere_registers_nobody(tmp_path: Path, table: str, told: str) -> None:
    async with office(tmp_path) as made:
        status, said = await loaded(made, table)
        assert status == 422
        assert told in json.dumps(said)
        assert (await made.get("/meters"))["total"] == 0


async def test_a_price_goes_to_meters_devices_sets_and_groups(tmp_path: Path) -> None:
    async with office(tmp_path) as made:
        await meter(made, 1, devices=[LFDI], set="north")
        group = await made.post("/groups", {"name": "feeder"})
        assert (await made.ask("PUT", f"/groups/{group['id']}/members/{OTHER}")).status == 200
        form = {"number": 1, "price": 0.12, "duration": 3600, "label": "TOU", "set": "north"}
        whom = {"members_of": group["id"], "devices": [THIRD], "meters": [esiid(9)]}
        sent = await made.post("/prices", {**form, **whom})
        assert (sent["state"], sent["addresses"]) == ("waiting", 4)
        await served(made)
        shown = await made.get(f"/requests/{sent['id']}")
        assert (shown["state"], shown["served"]) == ("served", 4)
        results = (await made.get(f"/requests/{sent['id']}/addresses"))["items"]
        found = {each["esiid"] or each["device"]: each["verdict"] for each in results}
        assert found == {esiid(9): "unknown", esiid(1): "accepted", THIRD: "failed", OTHER: "accepted"}
        price = f"{shown['resources'][0]}/cti"
        for lfdi in (LFDI, OTHER):
            assert b"<price>12</price>" in (await seen(made, price, lfdi)).body
        assert (await seen(made, price, THIRD)).status == 404


async def test_results_are_sought_by_verdict_and_come_in_pages(tmp_path: Path) -> None:
    async with office(tmp_path) as made:
        await meter(made, 1, devices=[LFDI])
        form = {"number": 1, "text": "hello", "duration": 60, "meters": [esiid(at) for at in range(1, 5)]}
        sent = await made.post("/notices", form)
        await served(made)
        place = f"/requests/{sent['id']}/addresses"
        assert (await made.get(place, verdict="accepted"))["total"] == 1
        page = await made.get(place, verdict="unknown", limit=2)
        assert len(page["items"]) == 2
        assert len((await made.get(place, verdict="unknown", limit=2, cursor=page["next"]))["items"]) == 1


async def test_the_same_again_is_the_same_request(tmp_path: Path) -> None:
    async with office(tmp_path) as made:
        form = {"number": 1, "text": "hello", "duration": 60, "devices": [LFDI], "name": "A-1"}
        first = await made.post("/notices", form)
        assert (await made.post("/notices", form))["id"] == first["id"]
        assert (await made.get("/requests", name="A-1"))["items"] == [first]
        other = await made.ask("POST", "/notices", {**form, "text": "else"})
        assert other.status == 422
        assert "was another request" in await other.text()


async def test_nobody_to_send_it_to_is_refused(tmp_path: Path) -> None:
    async with office(tmp_path) as made:
        response = await made.ask("POST", "/notices", {"number": 1, "text": "hello", "duration": 60})
        assert response.status == 422
        assert "nobody is addressed" in await response.text()


async def test_a_currency_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    async with office(tmp_path) as made:
        form = {"number": 1, "price": 1, "duration": 60, "devices": [LFDI], "currency": "QQQ"}
        response = await made.ask("POST", "/prices", form)
        assert response.status == 422
